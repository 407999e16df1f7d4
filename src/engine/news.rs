//! News on its way from the engine to the till: a queue that remembers what was told, and the bells that call for it.

use super::Request;
use crate::os::{Wakeup, WindowBell};
use crate::payment::snapshot::{EventKind, Snapshot};
use crate::status::Error;
use crate::status::Status;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Log lines kept for a till that does not fetch them. What is beyond is counted, not kept.
const LOG_LINES: usize = 1000;

/// One piece of news: the whole state of a request at that moment.
#[derive(Clone)]
pub struct Event {
    pub kind: EventKind,
    pub number: u32,
    pub request: Arc<Request>,
    pub snapshot: Arc<Snapshot>,
}

/// What a till can be told.
pub enum Item {
    /// An event, and the ticket with which [`News::told`] says that it arrived.
    Event(u64, Event),
    /// A log line: level and text. It counts as told when it is taken.
    Log(i32, String),
}

/// What a reader of the queue asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Want {
    pub events: bool,
    pub log: bool,
}

impl Want {
    pub const EVENTS: Want = Want { events: true, log: false };
}

/// The queue of a client.
#[derive(Default)]
pub struct News {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

#[derive(Default)]
struct Queue {
    /// Untold events by ticket; tickets rise, so the first is the oldest.
    events: BTreeMap<u64, Event>,
    /// The tickets of each payment's untold events.
    tickets: HashMap<u64, Vec<u64>>,
    log: VecDeque<(u64, i32, String)>,
    /// Lines up to this level are kept; 0 keeps none.
    log_level: i32,
    log_dropped: u64,
    last_ticket: u64,
    waiters: u32,
    closed: bool,
    wakeup: Option<Wakeup>,
    window: Option<WindowBell>,
}

impl News {
    pub fn new() -> News {
        News::default()
    }

    /// Queues an event. Of the untold `State` events of a request only the newest stays; the others are never merged.
    pub fn push(&self, event: Event) {
        let mut queue = self.lock();
        if queue.closed {
            return;
        }
        if event.kind == EventKind::State {
            queue.drop_state(event.request.payment);
        }
        let ticket = queue.ticket();
        queue.tickets.entry(event.request.payment).or_default().push(ticket);
        queue.events.insert(ticket, event);
        self.ring(queue);
    }

    /// The till has stored the result of this payment: what it was not told of its course it need not hear.
    ///
    /// A late approval, a change or a reversal stays. It may have arrived a moment ago, and then it is not what the till
    /// acknowledged.
    pub fn forget(&self, payment: u64) {
        let mut queue = self.lock();
        for ticket in queue.tickets.get(&payment).cloned().unwrap_or_default() {
            let kind = queue.events.get(&ticket).map(|event| event.kind);
            if matches!(kind, Some(EventKind::State | EventKind::Result | EventKind::TerminalFree)) {
                queue.remove(ticket);
            }
        }
        queue.hush();
    }

    /// Queues a log line for a till that asked for lines of this level.
    pub fn push_log(&self, level: i32, line: String) {
        let mut queue = self.lock();
        if queue.closed || level > queue.log_level {
            return;
        }
        if queue.log.len() >= LOG_LINES {
            queue.log_dropped += 1;
            return;
        }
        let ticket = queue.ticket();
        queue.log.push_back((ticket, level, line));
        self.ring(queue);
    }

    /// The level up to which log lines are kept; 0, the start, keeps none.
    pub fn keep_log(&self, level: i32) {
        let mut queue = self.lock();
        queue.log_level = level;
        queue.log.retain(|(_, line, _)| *line <= level);
        queue.hush();
    }

    pub fn log_level(&self) -> i32 {
        self.lock().log_level
    }

    /// The ticket of the newest news: a dispatch delivers up to the one it found when it began.
    pub fn newest(&self) -> u64 {
        self.lock().last_ticket
    }

    /// Waits until there is news of the wanted kind. `Ok(false)` when the time ran out; a negative time never does.
    pub fn wait(&self, want: Want, timeout_ms: i32) -> Result<bool, Error> {
        let deadline = u64::try_from(timeout_ms).ok().map(|ms| Instant::now() + Duration::from_millis(ms));
        let mut queue = self.lock();
        loop {
            if queue.closed {
                return Err(closed());
            }
            if queue.has(want) {
                return Ok(true);
            }
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Ok(false);
            }
            queue.waiters += 1;
            queue = match left {
                Some(left) => self.arrived.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0,
                None => self.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner),
            };
            queue.waiters -= 1;
        }
    }

    /// The oldest news not beyond a ticket. An event stays queued until [`News::told`]: if the callback does not come
    /// back, the event comes again.
    pub fn take(&self, want: Want, up_to: u64) -> Result<Option<Item>, Error> {
        let mut queue = self.lock();
        if queue.closed {
            return Err(closed());
        }
        let event = queue.events.first_key_value().map(|(ticket, _)| *ticket).filter(|t| want.events && *t <= up_to);
        let line = queue.log.front().map(|(ticket, _, _)| *ticket).filter(|t| want.log && *t <= up_to);
        match (event, line) {
            (Some(event), Some(line)) if line < event => Ok(queue.take_line()),
            (Some(ticket), _) => Ok(queue.events.get(&ticket).cloned().map(|event| Item::Event(ticket, event))),
            (None, Some(_)) => Ok(queue.take_line()),
            (None, None) => Ok(None),
        }
    }

    /// The event of this ticket arrived.
    pub fn told(&self, ticket: u64) {
        let mut queue = self.lock();
        queue.remove(ticket);
        queue.hush();
    }

    /// The next event, told by this very call. `Ok(None)` when the time ran out.
    pub fn next(&self, timeout_ms: i32) -> Result<Option<Event>, Error> {
        if !self.wait(Want::EVENTS, timeout_ms)? {
            return Ok(None);
        }
        match self.take(Want::EVENTS, u64::MAX)? {
            Some(Item::Event(ticket, event)) => {
                self.told(ticket);
                Ok(Some(event))
            }
            _ => Ok(None),
        }
    }

    /// A descriptor that is readable while there is news. Always the same one.
    pub fn wakeup_fd(&self) -> std::io::Result<i32> {
        let mut queue = self.lock();
        if queue.wakeup.is_none() {
            queue.wakeup = Some(Wakeup::new()?);
        }
        queue.ring_bells();
        Ok(queue.wakeup.as_ref().map_or(-1, Wakeup::fd))
    }

    /// Posts a message to this window whenever there is news. A later window replaces an earlier one.
    pub fn wakeup_window(&self, bell: Option<WindowBell>) {
        let mut queue = self.lock();
        queue.window = bell;
        queue.ring_bells();
    }

    /// The till came to fetch: the posted message is used up.
    ///
    /// If news is there the next message goes out now, not at the end: an exception that leaves a callback skips the
    /// end, and what was not told must still call for the till. A dispatch that finds nothing posts nothing.
    pub fn heard(&self) {
        let mut queue = self.lock();
        if let Some(window) = &mut queue.window {
            window.heard();
        }
        queue.hush();
        queue.ring_bells();
    }

    /// Nothing is told from now on; whoever waits gets `Closed`.
    pub fn close(&self) {
        let mut queue = self.lock();
        queue.closed = true;
        queue.window = None;
        self.arrived.notify_all();
    }

    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn ring(&self, mut queue: MutexGuard<'_, Queue>) {
        queue.ring_bells();
        let waiters = queue.waiters;
        drop(queue);
        if waiters > 0 {
            self.arrived.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn ticket(&mut self) -> u64 {
        self.last_ticket += 1;
        self.last_ticket
    }

    fn has(&self, want: Want) -> bool {
        (want.events && !self.events.is_empty()) || (want.log && !self.log.is_empty())
    }

    fn is_empty(&self) -> bool {
        self.events.is_empty() && self.log.is_empty()
    }

    fn drop_state(&mut self, payment: u64) {
        let tickets = self.tickets.get(&payment).map_or(&[][..], Vec::as_slice);
        let is_state = |ticket: &&u64| self.events.get(ticket).is_some_and(|event| event.kind == EventKind::State);
        if let Some(ticket) = tickets.iter().find(is_state).copied() {
            self.remove(ticket);
        }
    }

    fn remove(&mut self, ticket: u64) {
        let Some(event) = self.events.remove(&ticket) else { return };
        if let Some(tickets) = self.tickets.get_mut(&event.request.payment) {
            tickets.retain(|t| *t != ticket);
            if tickets.is_empty() {
                self.tickets.remove(&event.request.payment);
            }
        }
    }

    /// The oldest log line; before it, once, how many were dropped for want of room.
    fn take_line(&mut self) -> Option<Item> {
        if self.log_dropped > 0 {
            let dropped = std::mem::take(&mut self.log_dropped);
            return Some(Item::Log(2, format!("{dropped} log lines were dropped; they were not fetched in time")));
        }
        let (_, level, line) = self.log.pop_front()?;
        self.hush();
        Some(Item::Log(level, line))
    }

    /// The descriptor is readable exactly while something is untold; that also holds when a callback never returned.
    fn ring_bells(&mut self) {
        if self.is_empty() {
            return;
        }
        if let Some(wakeup) = &mut self.wakeup {
            wakeup.ring();
        }
        if let Some(window) = &mut self.window {
            window.ring();
        }
    }

    fn hush(&mut self) {
        if self.is_empty()
            && let Some(wakeup) = &mut self.wakeup
        {
            wakeup.drain();
        }
    }
}

fn closed() -> Error {
    Error::new(Status::Closed, "the client was closed")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::payment::snapshot::{Advice, MoneyMoved, State};

    pub(crate) fn snapshot(state: State) -> Snapshot {
        Snapshot {
            state,
            status: Status::Ok,
            money: MoneyMoved::NotMoved,
            advice: Advice::Wait,
            flags: 0,
            requested_amount: 1234,
            approved_amount: 0,
            tip_amount: 0,
            surcharge_amount: 0,
            currency: None,
            vendor_code: 0,
            http_status: 0,
            started_ms: 0,
            ended_ms: None,
            event_number: 1,
            card_last4: String::new(),
            card_brand: String::new(),
            entry_method: String::new(),
            authorization_code: String::new(),
            response_code: String::new(),
            reference: "4711".into(),
            request_id: String::new(),
            transaction_id: String::new(),
            terminal: String::new(),
            message: String::new(),
            details: BTreeMap::new(),
        }
    }

    fn event(kind: EventKind, number: u32, payment: u64) -> Event {
        let request = Arc::new(Request::new(payment, snapshot(State::Queued)));
        let snapshot = request.snapshot();
        Event { kind, number, request, snapshot }
    }

    fn told(news: &News) -> Vec<u32> {
        std::iter::from_fn(|| news.next(0).unwrap().map(|event| event.number)).collect()
    }

    #[test]
    fn of_untold_states_only_the_newest_stays_and_nothing_else_is_merged() {
        let news = News::new();
        news.push(event(EventKind::State, 1, 1));
        news.push(event(EventKind::State, 2, 2));
        news.push(event(EventKind::State, 3, 1));
        for (number, kind) in
            [EventKind::Result, EventKind::LateApproval, EventKind::ResultChanged, EventKind::Reversed]
                .iter()
                .enumerate()
        {
            news.push(event(*kind, 4 + number as u32, 1));
            news.push(event(*kind, 14 + number as u32, 1));
        }
        news.push(event(EventKind::State, 30, 1));
        assert_eq!(told(&news), [2, 4, 14, 5, 15, 6, 16, 7, 17, 30]);
    }

    #[test]
    fn an_event_that_was_not_told_comes_again_and_a_newer_state_takes_its_place() {
        let news = News::new();
        news.push(event(EventKind::State, 1, 1));
        let Some(Item::Event(first, _)) = news.take(Want::EVENTS, u64::MAX).unwrap() else { panic!() };
        let Some(Item::Event(again, _)) = news.take(Want::EVENTS, u64::MAX).unwrap() else { panic!() };
        assert_eq!(first, again);
        news.push(event(EventKind::State, 2, 1));
        assert!(news.take(Want::EVENTS, first).unwrap().is_none(), "the newer one belongs to the next dispatch");
        news.told(first);
        assert_eq!(told(&news), [2]);
    }

    #[test]
    fn a_till_that_only_polls_does_not_grow() {
        let news = News::new();
        for payment in 0..1000 {
            for number in 0..20 {
                news.push(event(EventKind::State, number, payment));
            }
            news.push(event(EventKind::Result, 20, payment));
            news.forget(payment);
        }
        let queue = news.lock();
        assert!(queue.events.is_empty() && queue.tickets.is_empty());
    }

    #[test]
    fn acknowledging_an_old_result_does_not_swallow_a_late_approval() {
        let news = News::new();
        news.push(event(EventKind::Result, 1, 1));
        news.push(event(EventKind::LateApproval, 2, 1));
        news.forget(1);
        assert_eq!(told(&news), [2]);
    }

    #[test]
    fn log_lines_are_bounded_and_the_dropped_ones_counted() {
        let news = News::new();
        news.push_log(1, "nobody asked".into());
        news.keep_log(3);
        for number in 0..LOG_LINES + 7 {
            news.push_log(3, number.to_string());
        }
        news.push_log(4, "too fine".into());
        let want = Want { events: true, log: true };
        let Some(Item::Log(2, first)) = news.take(want, u64::MAX).unwrap() else { panic!() };
        assert!(first.starts_with("7 log lines"));
        let mut lines = 0;
        while let Some(Item::Log(3, _)) = news.take(want, u64::MAX).unwrap() {
            lines += 1;
        }
        assert_eq!(lines, LOG_LINES);
    }

    #[test]
    fn closing_wakes_whoever_waits() {
        let news = Arc::new(News::new());
        let waiter = std::thread::spawn({
            let news = news.clone();
            move || news.next(-1).err().map(|error| error.status)
        });
        while news.lock().waiters == 0 {
            std::thread::yield_now();
        }
        news.close();
        assert_eq!(waiter.join().unwrap(), Some(Status::Closed));
        news.push(event(EventKind::Result, 1, 1));
        assert!(news.is_closed() && news.take(Want::EVENTS, u64::MAX).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_descriptor_is_readable_exactly_while_something_is_untold() {
        let news = News::new();
        let fd = news.wakeup_fd().unwrap();
        assert_eq!(news.wakeup_fd().unwrap(), fd);
        assert!(!crate::os::is_readable(fd));
        news.push(event(EventKind::Result, 1, 1));
        news.push(event(EventKind::Result, 2, 2));
        news.heard();
        assert!(crate::os::is_readable(fd));
        news.next(0).unwrap();
        assert!(crate::os::is_readable(fd));
        news.forget(2);
        assert!(!crate::os::is_readable(fd));
    }
}
