//! The pace of an account: how close together its calls may leave, and how many in a minute and in a day.
//!
//! Clients of this process that use the same account share it. What others at the same address use up is learned from the
//! vendor's own count.

use super::gate::Priority;
use crate::vendors::{Policy, Used};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The vendor's minute may begin at any second, and the road has its jitter.
const MINUTE_MS: u64 = 61_000;
/// In so many steps the journal hears of the calls that fill a minute.
const UNSPOKEN: u64 = 45;
const HOUR_MS: u64 = 3_600_000;
const HOURS: usize = 25;
/// What one sale needs: its submit, ten reads, and the reading of its transaction.
const PER_SALE: u32 = 12;
/// Another client's call is on its way to the vendor: look again after so long.
const PATIENCE_MS: u64 = 20;

/// The vendor's limits for the account, as far as they are this client's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    pub gap_ms: u64,
    /// 0: none.
    pub per_minute: u32,
    /// 0: none.
    pub per_day: u32,
    /// How many tills share the limits; this one takes one part.
    pub share: u32,
}

impl Limits {
    pub fn of(policy: &Policy, share: u32) -> Limits {
        let (per_minute, per_day) = (policy.calls_per_minute, policy.calls_per_day);
        Limits { gap_ms: policy.call_gap_ms, per_minute, per_day, share: share.max(1) }
    }
}

/// The pace of one account.
pub struct Pace {
    limits: Limits,
    inner: Mutex<Inner>,
}

struct Inner {
    opens_at: u64,
    /// The call whose first byte has not left yet, and whose it is. How long the road takes is not known before.
    departing: Option<(u64, u64)>,
    /// All calls so far.
    sent: u64,
    /// When the calls of the last minute left, and how important they were.
    minute: VecDeque<(u64, Priority)>,
    /// Calls by the hour, newest last: when the hour began, and how many.
    day: VecDeque<(u64, u32)>,
    /// What others have used up, and until when that is believed.
    others_in_minute: (u32, u64),
    others_in_day: (u32, u64),
    per_minute: u32,
    per_day: u32,
}

impl Pace {
    pub fn new(limits: Limits) -> Pace {
        Pace {
            inner: Mutex::new(Inner {
                opens_at: 0,
                departing: None,
                sent: 0,
                minute: VecDeque::new(),
                day: VecDeque::new(),
                others_in_minute: (0, 0),
                others_in_day: (0, 0),
                per_minute: limits.per_minute / limits.share,
                per_day: limits.per_day / limits.share,
            }),
            limits,
        }
    }

    /// The pace of an account, the same for all clients of the process. Made for the first of them.
    pub fn shared(account: &str, limits: Limits) -> Arc<Pace> {
        // Kept after the last client has closed: the next one may be opened a moment later.
        static ACCOUNTS: Mutex<Vec<(String, Arc<Pace>)>> = Mutex::new(Vec::new());
        let mut accounts = ACCOUNTS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pace)) = accounts.iter().find(|(name, pace)| name == account && pace.limits == limits) {
            return pace.clone();
        }
        // An account that is opened with other settings, or one of very many, starts anew when nobody uses the old one.
        accounts.retain(|(name, pace)| name != account || Arc::strong_count(pace) > 1);
        if accounts.len() >= 64 {
            accounts.retain(|(_, pace)| Arc::strong_count(pace) > 1);
        }
        let pace = Arc::new(Pace::new(limits));
        accounts.push((account.to_owned(), pace.clone()));
        pace
    }

    /// When a call of this importance may leave: now, or at the time returned.
    pub(super) fn opens_at(&self, priority: Priority, client: u64, now: u64) -> u64 {
        let mut inner = self.lock();
        inner.forget_old(now);
        match inner.departing {
            // Its own departure opens the gate.
            Some((owner, _)) if owner == client => u64::MAX,
            Some(_) => inner.opens_at.max(now + PATIENCE_MS),
            None => inner.opens_at.max(inner.budget_opens_at(priority, now)),
        }
    }

    /// A call goes through. Returns since when the gate was open.
    pub(super) fn sent(&self, priority: Priority, client: u64, call: u64, now: u64) -> u64 {
        let mut inner = self.lock();
        inner.departing = Some((client, call));
        inner.sent += 1;
        inner.minute.push_back((now, priority));
        match inner.day.back_mut() {
            Some((began, count)) if now < *began + HOUR_MS => *count += 1,
            _ => inner.day.push_back((now, 1)),
        }
        let opened_at = inner.opens_at;
        inner.opens_at = inner.opens_at.max(now + self.limits.gap_ms);
        opened_at
    }

    /// The call's first byte has left, or it is over.
    pub(super) fn departed(&self, client: u64, call: u64, now: u64) {
        let mut inner = self.lock();
        if inner.departing == Some((client, call)) {
            inner.departing = None;
            inner.opens_at = inner.opens_at.max(now + self.limits.gap_ms);
            if let Some(newest) = inner.minute.back_mut() {
                newest.0 = newest.0.max(now);
            }
        }
    }

    /// The client is gone, and with it what it had under way.
    pub(super) fn abandon(&self, client: u64) {
        let mut inner = self.lock();
        inner.departing = inner.departing.filter(|(owner, _)| *owner != client);
    }

    /// No call before this moment.
    pub(super) fn pause(&self, until: u64) {
        let mut inner = self.lock();
        inner.opens_at = inner.opens_at.max(until);
    }

    /// The vendor's own count: what it counts beyond our calls is the work of others at the same address.
    pub(super) fn learn(&self, minute: Option<Used>, day: Option<Used>, now: u64) {
        let mut inner = self.lock();
        inner.forget_old(now);
        let share = self.limits.share;
        if let Some(seen) = minute.filter(|seen| seen.limit > 0) {
            inner.per_minute = seen.limit / share;
            let own = u32::try_from(inner.minute.len()).unwrap_or(u32::MAX);
            // Tills that share the limit have their parts; only what goes beyond them is missing from ours.
            let parts_of_others = seen.limit - inner.per_minute;
            let beyond = seen.used.saturating_sub(own).saturating_sub(parts_of_others);
            inner.others_in_minute = (beyond, now + MINUTE_MS);
        }
        if let Some(seen) = day.filter(|seen| seen.limit > 0) {
            inner.per_day = seen.limit / share;
            let parts_of_others = seen.limit - inner.per_day;
            let beyond = seen.used.saturating_sub(inner.used_in_day()).saturating_sub(parts_of_others);
            inner.others_in_day = (beyond, now + 24 * HOUR_MS);
        }
    }

    /// When the calls left that the vendor counts in its minute, if so many have left since `known` calls that the journal
    /// should hear of them; and how many there are by now. `None` where the vendor does not count.
    pub(super) fn spent(&self, known: u64, at_least: u64, now: u64) -> Option<(u64, Vec<u64>)> {
        let mut inner = self.lock();
        inner.forget_old(now);
        let news = self.limits.per_minute > 0 && inner.sent >= known + at_least;
        news.then(|| (inner.sent, inner.minute.iter().map(|(at, _)| *at).collect()))
    }

    /// All calls of this process so far.
    pub(super) fn sent_so_far(&self) -> u64 {
        self.lock().sent
    }

    /// How many calls may go by before the journal hears of them.
    pub(super) fn unspoken(&self) -> u64 {
        u64::from(self.limits.per_minute).div_ceil(UNSPOKEN)
    }

    /// Calls of an earlier run of the program, which the vendor counts too. What this process has called, it knows.
    pub(super) fn recall(&self, mut earlier: Vec<u64>, now: u64) {
        let mut inner = self.lock();
        if !inner.minute.is_empty() || self.limits.per_minute == 0 {
            return;
        }
        earlier.sort_unstable();
        inner.minute = earlier.into_iter().map(|at| (at, Priority::Watch)).collect();
        inner.forget_old(now);
    }

    /// Whether the budgets hold one more sale beside those that run.
    pub fn admits_sale(&self, running: u32, now: u64) -> bool {
        let mut inner = self.lock();
        inner.forget_old(now);
        // Reads give way to what matters, so those of the last minute do not count.
        let firm = inner.minute.iter().filter(|(_, priority)| *priority < Priority::Watch).count();
        let firm = u32::try_from(firm).unwrap_or(u32::MAX);
        let minute = inner.per_minute == 0 || inner.per_minute >= firm + inner.others_in_minute.0 + PER_SALE;
        let wanted = PER_SALE.saturating_mul(running + 1);
        let day = inner.per_day == 0 || inner.day_left().saturating_sub(inner.per_day / 20) >= wanted;
        minute && day
    }

    /// How far apart the reads of one request must lie when so many are read.
    pub(super) fn read_every_ms(&self, watched: usize) -> u64 {
        let inner = self.lock();
        let watched = watched as u64;
        // Room for other calls is left: reads take at most five of six turns at the gate, and seven of ten of a budget.
        let by_gap = watched * self.limits.gap_ms * 6 / 5;
        let left = u64::from(inner.per_minute.saturating_sub(inner.others_in_minute.0).max(1));
        let by_minute = if inner.per_minute == 0 { 0 } else { watched * 60_000 * 10 / (left * 7) };
        by_gap.max(by_minute)
    }

    /// In words, for the diagnostics.
    pub(super) fn describe(&self, now: u64) -> String {
        let mut inner = self.lock();
        inner.forget_old(now);
        let limit = |limit: u32| if limit == 0 { String::from("no limit") } else { format!("of {limit}") };
        let (per_minute, per_day) = (limit(inner.per_minute), limit(inner.per_day));
        let pause = inner.opens_at.saturating_sub(now);
        format!(
            "pace: {} calls in this minute ({per_minute}, and {} by others), {} in this day ({per_day}, and {} by others)\n\
             pace: {} ms between calls, one part in {} of the limits, next call possible in {pause} ms\n",
            inner.minute.len(),
            inner.others_in_minute.0,
            inner.used_in_day(),
            inner.others_in_day.0,
            self.limits.gap_ms,
            self.limits.share,
        )
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn forget_old(&mut self, now: u64) {
        while self.minute.front().is_some_and(|(at, _)| *at + MINUTE_MS <= now) {
            self.minute.pop_front();
        }
        while self.day.front().is_some_and(|(began, _)| *began + HOURS as u64 * HOUR_MS <= now) {
            self.day.pop_front();
        }
        if self.others_in_minute.1 <= now {
            self.others_in_minute = (0, 0);
        }
        if self.others_in_day.1 <= now {
            self.others_in_day = (0, 0);
        }
    }

    fn used_in_day(&self) -> u32 {
        self.day.iter().map(|(_, count)| count).sum()
    }

    fn day_left(&self) -> u32 {
        self.per_day.saturating_sub(self.used_in_day() + self.others_in_day.0)
    }

    /// When the budgets let a call of this importance leave.
    fn budget_opens_at(&self, priority: Priority, now: u64) -> u64 {
        self.minute_opens_at(priority, now).max(self.day_opens_at(priority, now))
    }

    /// What matters more finds room in every minute: less important calls leave a part of it free.
    fn minute_opens_at(&self, priority: Priority, now: u64) -> u64 {
        if self.per_minute == 0 {
            return now;
        }
        let kept = match priority {
            Priority::Cancel => 0,
            Priority::Settle => 1,
            Priority::Submit => self.per_minute / 10,
            Priority::Watch => self.per_minute / 5,
            Priority::Background => self.per_minute / 2,
        };
        let (others, until) = self.others_in_minute;
        if others > 0 && kept + others >= self.per_minute {
            return until.max(now);
        }
        let room = self.per_minute.saturating_sub(kept + others).max(1) as usize;
        let by_all = nth_from_the_end(self.minute.iter().map(|(at, _)| *at), room);
        let own = self.minute.iter().filter(|(_, known)| *known == Priority::Background).map(|(at, _)| *at);
        let tenth = (self.per_minute / 10).max(1) as usize;
        let by_own = if priority == Priority::Background { nth_from_the_end(own, tenth) } else { None };
        by_all.max(by_own).map_or(now, |at| at + MINUTE_MS)
    }

    /// The last twentieth of the day is for what may have moved money.
    fn day_opens_at(&self, priority: Priority, now: u64) -> u64 {
        if self.per_day == 0 {
            return now;
        }
        let kept = if priority < Priority::Submit { 0 } else { self.per_day / 20 };
        if self.day_left() > kept {
            return now;
        }
        // The oldest hour falls out of the day, or what others used is forgotten.
        let oldest = self.day.front().map_or(now + HOUR_MS, |(began, _)| began + HOURS as u64 * HOUR_MS);
        oldest.clamp(now + 1, now + HOUR_MS)
    }
}

/// Of rising times, the one that must fall out of the window before another call fits into `room`.
fn nth_from_the_end(times: impl DoubleEndedIterator<Item = u64>, room: usize) -> Option<u64> {
    times.rev().nth(room - 1)
}
