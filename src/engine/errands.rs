//! What a reply brought beside facts, on its way to the till.

use super::core::Core;
use super::lane::Flight;
use crate::http::{HttpReply, parse_date};
use crate::payment::{Kind, Volatile};

impl Core {
    /// The values of a reply. They live as long as the till holds the request.
    pub(super) fn take_values(&mut self, payment: u64, flight: &Flight, reply: &HttpReply, values: Volatile) {
        let now = self.now;
        let Some(lane) = self.lanes.get_mut(&payment) else { return };
        lane.volatile.extend(values);
        if lane.payment.kind() != Kind::SelfCheck {
            return;
        }
        let took = now.saturating_sub(flight.departed_at.unwrap_or(flight.began));
        lane.volatile.int("check.latency_ms", i64::try_from(took).unwrap_or(i64::MAX));
        if let Some(ahead) = self.clock_ahead_seconds.filter(|_| reply.header("date").and_then(parse_date).is_some()) {
            lane.volatile.int("check.clock_ahead_seconds", ahead);
        }
    }

    /// Every reply says what time it is at the vendor.
    pub(super) fn compare_clocks(&mut self, flight: &Flight, reply: &HttpReply) {
        let Some(theirs) = reply.header("date").and_then(parse_date) else { return };
        // Written half way back, and cut to the second.
        let took = self.now.saturating_sub(flight.departed_at.unwrap_or(flight.began));
        let ours = self.wall - i64::try_from(took / 2).unwrap_or(0);
        self.clock_ahead_seconds = Some((ours - theirs).div_euclid(1_000));
    }

    /// A lost answer ends it, for it must not be done twice.
    pub(super) fn is_sent_once(&self, payment: u64) -> bool {
        self.lanes.get(&payment).is_some_and(|lane| lane.payment.is_sent_once())
    }
}
