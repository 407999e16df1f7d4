//! How far the late watch over an ended attempt has come.

use super::Payment;
use crate::payment::fact::Entry;

/// Looks at an attempt that ended without money, after its end.
pub const LATE_WATCH_MS: [u64; 3] = [120_000, 600_000, 3_600_000];
pub const LATE_WATCH_AFTER_RESTART_MS: [u64; 3] = [0, 600_000, 3_600_000];
/// Looks of one run that lie closer together are one round of the late watch.
const LATE_LOOK_GAP_MS: u64 = 300_000;

impl Payment {
    /// A search over an ended attempt is done. One that only a new attempt wanted is no look of the late watch.
    pub(super) fn count_late_round(&mut self, entry: &Entry, current: bool) {
        let Some(decided) = &self.decided else { return };
        if decided.earlier_run && current {
            let since_start = entry.at_ms.saturating_sub(self.run_began);
            self.late_rounds_now +=
                u32::from(round_is_due(&LATE_WATCH_AFTER_RESTART_MS, self.late_rounds_now, since_start));
        } else if decided.run == entry.run {
            let since_end = entry.at_ms.saturating_sub(decided.run_at);
            self.late_rounds_then += u32::from(round_is_due(&LATE_WATCH_MS, self.late_rounds_then, since_end));
        } else if self.late_look.is_some_and(|(run, at_ms)| run == entry.run && entry.at_ms >= at_ms + LATE_LOOK_GAP_MS)
        {
            // Start-ups in quick succession are one look: only what follows the first look of a run counts.
            self.late_rounds_then += 1;
            self.late_look = Some((entry.run, entry.at_ms));
        } else if self.late_look.is_none_or(|(run, _)| run != entry.run) {
            self.late_look = Some((entry.run, entry.at_ms));
        }
    }
}

/// Whether the next look of the late watch is due so long after its beginning.
fn round_is_due(schedule: &[u64], rounds: u32, passed: u64) -> bool {
    schedule.get(rounds as usize).is_some_and(|due| passed >= *due)
}
