//! What the engine says of itself, for the diagnostics. In words for people; nothing reads it back.

use super::core::Core;
use super::lane::Lane;
use std::fmt::Write;

/// Of so many payments it tells where they stand.
const LANES: usize = 500;

impl Core {
    /// A few lines about clocks, pace and session, and one for each payment that the engine holds. No secrets, and no
    /// texts of the till beside references and terminals.
    pub(super) fn describe(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "run {}, which began {} s ago", self.run, (self.now - self.run_began) / 1_000);
        let ahead = self.clock_ahead_seconds.map(|seconds| match seconds {
            0 => String::from("in step with the vendor's"),
            1.. => format!("{seconds} s ahead of the vendor's"),
            _ => format!("{} s behind the vendor's", -seconds),
        });
        let _ = writeln!(text, "this PC's clock: {}", ahead.unwrap_or_else(|| String::from("not compared yet")));
        let _ = writeln!(text, "session: {}", self.session.describe(self.now));
        text.push_str(&self.gate.pace().describe(self.now));
        if let Some((failure, until)) = self.shut.as_ref().filter(|(_, until)| self.now < *until) {
            let left = (until - self.now) / 1_000;
            let _ = writeln!(text, "the vendor takes no calls for another {left} s: {}", failure.text);
        }
        let _ = writeln!(text, "calls under way: {}", self.calls.len());
        let (batches, rows) = (u32::from(self.awaits_journal()), self.flushing.backlog.rows.len());
        let _ = writeln!(text, "batches on their way to the disk: {batches}; rows that the disk did not take: {rows}");
        let mut payments: Vec<&Lane> = self.lanes.values().collect();
        payments.sort_by_key(|lane| lane.payment.id);
        let _ = writeln!(
            text,
            "payments in memory: {}, of which {} are read again and again",
            payments.len(),
            self.watched
        );
        // The newest are the ones that a person asks about.
        let left_out = payments.len().saturating_sub(LANES);
        payments.iter().skip(left_out).for_each(|lane| self.describe_lane(lane, &mut text));
        text
    }

    fn describe_lane(&self, lane: &Lane, text: &mut String) {
        let (payment, shown) = (&lane.payment, lane.request.snapshot());
        let request = &payment.intent.request;
        let kind = payment.kind().name();
        let _ = write!(text, "  payment {}: {kind} \"{}\" at \"{}\"", payment.id, request.reference, request.terminal);
        let _ = write!(text, ", {} {} {}", shown.state.name(), shown.money.name(), shown.status.name());
        if let Some(flight) = &lane.flight {
            let _ = write!(text, ", {:?} under way for {} ms", flight.step, self.now - flight.began);
        }
        if lane.at_gate.is_some() {
            text.push_str(", waits for its turn to call");
        }
        if lane.waits_for.is_some() {
            text.push_str(", waits for the disk");
        }
        if let Some(due) = lane.due {
            let _ = write!(text, ", next look in {} ms", due.saturating_sub(self.now));
        }
        if !lane.journaled {
            text.push_str(", not in the journal");
        }
        text.push('\n');
    }
}
