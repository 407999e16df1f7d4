//! How many calls an endpoint key has left, counted over the last minute and the last day.

use crate::ebizcharge::cloud::Cloud;
use crate::ebizcharge::envelope::refusal;
use crate::ebizcharge::setup::Endpoint;
use crate::http::Answer;
use std::collections::VecDeque;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 86_400_000;

/// The calls of one endpoint key within a day.
#[derive(Clone, Debug, Default)]
pub(super) struct Spent {
    /// When, and whether it was this client's.
    calls: VecDeque<(u64, bool)>,
}

impl Spent {
    /// Calls since `start`: everybody's, and this client's.
    fn since(&self, start: Option<u64>) -> (usize, usize) {
        let recent = || self.calls.iter().rev().take_while(|(at, _)| start.is_none_or(|start| *at > start));
        (recent().count(), recent().filter(|(_, own)| *own).count())
    }
}

impl Cloud {
    /// Counts the call, or turns it away. A call that is turned away does not count.
    pub(super) fn spend(&mut self, endpoint: &Endpoint, pace_ms: u64) -> Result<(), Answer> {
        self.pace = pace_ms;
        let tolerance = self.setup.tolerance_ms;
        let spent = self.spent.entry(endpoint.key.clone()).or_default();
        while spent.calls.front().is_some_and(|(at, _)| at + DAY_MS <= pace_ms) {
            spent.calls.pop_front();
        }
        let minute = spent.since((pace_ms + tolerance).checked_sub(MINUTE_MS));
        let day = spent.since((pace_ms + tolerance).checked_sub(DAY_MS));
        let full = minute.0 >= endpoint.per_minute || day.0 >= endpoint.per_day;
        if !full {
            spent.calls.push_back((pace_ms, true));
        }
        let counted = usize::from(!full);
        self.budget = format!(
            "{} of {}/min; {} of {}/day",
            minute.0 + counted,
            endpoint.per_minute,
            day.0 + counted,
            endpoint.per_day
        );
        if minute.1 >= endpoint.per_minute || day.1 >= endpoint.per_day {
            self.violate(format!("more calls than {}: {}", endpoint.key, self.budget));
        }
        if full { Err(refusal(429, 155)) } else { Ok(()) }
    }

    /// Others behind the same address spend so many calls of this endpoint key now.
    pub fn neighbors_call(&mut self, endpoint_key: &str, calls: usize) {
        let spent = self.spent.entry(endpoint_key.into()).or_default();
        spent.calls.extend(std::iter::repeat_n((self.pace, false), calls));
    }
}
