//! Calls on their way to the vendor, and what their replies mean.

use super::core::{Core, Effect};
use super::gate::Priority;
use super::kinship::AfterLoad;
use super::lane::Flight;
use super::session::Admittance;
use crate::http::{Delivery, HttpReply, RoadError};
use crate::payment::fact::{Action, Failure};
use crate::payment::plan::{self, Plan, Step};
use crate::payment::report::TransactionReport;
use crate::payment::{Fact, Kind, Payment, cardmask};
use crate::status::Status;
use crate::transport::Report;
use crate::vendors::{Account, Known, Search};

/// Pause before a submit that did not leave is tried again, within its shelf life.
const UNSENT_PAUSES_MS: [u32; 4] = [500, 1_000, 2_000, 4_000];

impl Core {
    /// Puts a payment's call in the queue at the gate.
    pub(super) fn queue_call(&mut self, payment: u64, step: &Step) {
        if self.is_shut_for(payment) {
            return;
        }
        let Some(lane) = self.lanes.get_mut(&payment) else { return };
        let waited_for = lane.lookup_wanted_since.is_some();
        let ended = lane.payment.is_final() && !lane.payment.is_confirming();
        let nobody_waits = ended || lane.payment.kind() == Kind::Reconcile;
        let priority = Priority::of(step, nobody_waits && !waited_for);
        match lane.at_gate {
            Some((known, _)) if known == priority => {}
            place => {
                if let Some(key) = place {
                    self.gate.leave(key);
                }
                let key = self.gate.join(priority, payment);
                if let Some(lane) = self.lanes.get_mut(&payment) {
                    lane.at_gate = Some(key);
                    lane.wanted_at = Some(lane.wanted_at.map_or(self.now, |time| time.min(self.now)));
                }
            }
        }
        // A submit's shelf life goes on while it waits, and while what it needs first waits, and the time for what moves no
        // money.
        let held = &self.lanes[&payment].payment;
        let expires = match step {
            Step::Submit(Action::Hold) => Some(held.hold_expires(&self.rules)),
            // What a policy has promised has no shelf life.
            Step::Submit(_) if held.is_confirming() => None,
            step if matches!(step, Step::Submit(_)) || comes_first(held, step) => {
                Some(held.asked_at + self.rules.send_within_ms)
            }
            _ => plan::gives_up_at(held, &self.rules),
        };
        let expires = expires.filter(|expires| *expires > self.now);
        // And the till is told when its patience is over, however long the queue is.
        let word = plan::next_word(held, &self.rules).map(|(time, _)| time);
        // A word that is due already is the plan's business when it is asked next; an alarm in the past would ring for ever.
        let word = word.filter(|time| *time > self.now);
        self.schedule_at(payment, [expires, word].into_iter().flatten().min());
    }

    /// The vendor takes no call of this account for a long time: what has not begun ends here, unsent.
    fn is_shut_for(&mut self, payment: u64) -> bool {
        let Some((failure, _)) = self.shut.clone().filter(|(_, until)| self.now < *until) else { return false };
        let begun = |payment: &Payment| payment.may_be_executed() || payment.is_final();
        if self.lanes.get(&payment).is_none_or(|lane| begun(&lane.payment)) {
            return false;
        }
        self.leave_gate(payment);
        self.record(payment, Fact::NotSent { failure, again: false, pause_ms: 0 });
        self.ready.insert(payment);
        true
    }

    pub(super) fn leave_gate(&mut self, payment: u64) {
        if let Some(key) = self.lanes.get_mut(&payment).and_then(|lane| lane.at_gate.take()) {
            self.gate.leave(key);
        }
    }

    /// Sends what may go. The plan is asked once more, because much can have happened in the queue.
    pub(super) fn open_gate(&mut self) {
        while let Some((priority, payment)) = self.gate.next(self.now) {
            let Some(lane) = self.lanes.get_mut(&payment) else { continue };
            lane.at_gate = None;
            if lane.flight.is_some() || lane.is_held(self.now) {
                self.ready.insert(payment);
                continue;
            }
            match self.plan(payment) {
                Plan::Call(step) => match self.session_admits() {
                    Admittance::Go => self.send(payment, step, priority),
                    Admittance::Wait => self.queue_call(payment, &step),
                    Admittance::Fail(failure, pause) => self.without_session(payment, &step, failure, pause),
                },
                _ => {
                    self.ready.insert(payment);
                }
            }
        }
    }

    fn send(&mut self, payment: u64, step: Step, priority: Priority) {
        let (now, call) = (self.now, self.next_call);
        let Some(lane) = self.lanes.get_mut(&payment) else { return };
        let search = lane.search.get_or_insert_with(|| Search { began_ms: now, ..Search::default() });
        let account = Account { session: self.session.held(), entropy: (self.entropy)() };
        let mut request = match self.vendor.request(&step, &lane.payment, search, &account) {
            Ok(request) => request,
            Err(failure) => return self.unsendable(payment, &step, failure),
        };
        if matches!(step, Step::Submit(_)) {
            lane.payment.note_handed_over();
            // A repetition has no shelf life: its first send is still in question.
            if step == Step::Submit(Action::Hold) {
                request.leave_by_ms = lane.payment.hold_expires(&self.rules);
            } else if lane.payment.is_confirming() {
                // It is asked for anew after that, as long as it is wanted.
                request.leave_by_ms = now + self.rules.send_within_ms;
            } else if lane.payment.lost_at.is_none() {
                request.leave_by_ms = lane.payment.asked_at + self.rules.send_within_ms;
            }
        }
        if matches!(step, Step::Errand) && lane.payment.is_sent_once() {
            request.leave_by_ms = lane.payment.asked_at + self.rules.send_within_ms;
        }
        if comes_first(&lane.payment, &step) {
            // Its answer is of no use when the shelf life is over.
            let left = (lane.payment.asked_at + self.rules.send_within_ms).saturating_sub(now).max(1);
            request.timeout_ms = request.timeout_ms.min(u32::try_from(left).unwrap_or(u32::MAX));
        }
        if let Some(free_at) = self.readings.too_early(&request, self.vendor.same_read_gap_ms(), now) {
            return self.schedule_at(payment, Some(free_at));
        }
        self.next_call += 1;
        self.log.debug(|| format!("payment {payment}: {} {}", request.method.as_str(), path_only(&request.path)));
        let wanted_at = lane.wanted_at.take().unwrap_or(now);
        let allowed_at = self.gate.sent(priority, call, now).max(wanted_at);
        lane.flight = Some(Flight {
            call,
            step,
            session: self.session.number,
            began: now,
            wanted_at,
            allowed_at,
            departed_at: None,
        });
        self.calls.insert(call, payment);
        let word = plan::next_word(&self.lanes[&payment].payment, &self.rules).map(|(time, _)| time);
        self.schedule_at(payment, word);
        self.effects.push(Effect::Send { call, request });
    }

    /// The vendor's module cannot write this request: a defect of ours, and nothing was sent.
    fn unsendable(&mut self, payment: u64, step: &Step, failure: Failure) {
        self.log.error(|| format!("payment {payment}: {step:?} cannot be written: {}", failure.text));
        if let Some(lane) = self.lanes.get_mut(&payment) {
            lane.search = None;
        }
        if matches!(step, Step::Submit(_)) || comes_first(&self.lanes[&payment].payment, step) {
            self.record(payment, Fact::NotSent { failure, again: false, pause_ms: 0 });
        } else {
            self.failed_read(payment, step, failure, 60_000);
        }
        self.ready.insert(payment);
    }

    pub(super) fn transport_report(&mut self, report: Report) {
        match report {
            Report::Departed { id } => self.departed(id),
            Report::Finished { id, delivery } => {
                self.gate.departed(id, self.now);
                if self.session_answered(id, &delivery) {
                    return;
                }
                if let Some(payment) = self.calls.remove(&id) {
                    self.finished(payment, id, delivery);
                }
            }
        }
    }

    fn departed(&mut self, call: u64) {
        self.gate.departed(call, self.now);
        let lane = self.calls.get(&call).and_then(|payment| self.lanes.get_mut(payment));
        if let Some(flight) = lane.and_then(|lane| lane.flight.as_mut()) {
            flight.departed_at = Some(self.now);
        }
    }

    fn finished(&mut self, payment: u64, call: u64, delivery: Delivery) {
        let Some(lane) = self.lanes.get_mut(&payment) else { return };
        let Some(flight) = lane.flight.take_if(|flight| flight.call == call) else { return };
        let search = lane.search.take().unwrap_or_default();
        // What set out before the machine slept tells how things were before.
        let outdated = lane.payment.unread_since.is_some_and(|since| flight.began < since);
        let took = self.now - flight.began;
        self.ready.insert(payment);
        self.asked_at = Some(flight.began);
        match delivery {
            Delivery::Reply(reply) => {
                self.log.debug(|| {
                    let (status, late, trace) = (reply.status, flight.lateness(), trace(&reply));
                    format!("payment {payment}: HTTP {status} after {took} ms, sent {late}{trace}")
                });
                if reply.status == 429 {
                    let pause = reply.header("retry-after").and_then(|t| t.trim().parse::<u64>().ok()).unwrap_or(1);
                    self.gate.pause(self.now + pause.min(3_600) * 1_000);
                }
                self.compare_clocks(&flight, &reply);
                self.replied(payment, &flight, search, &reply);
                self.looked(payment, &flight);
                if outdated {
                    self.note(payment, Fact::Resumed { restart: false });
                }
            }
            Delivery::NotSent(error) => {
                self.log.warning(|| format!("payment {payment}: not sent: {}", error.text));
                self.not_sent(payment, &flight.step, &error);
            }
            Delivery::Lost(error) => {
                let sent = error.sent_bytes;
                self.log.warning(|| format!("payment {payment}: lost after {sent} bytes: {}", error.text));
                self.lost(payment, &flight.step, &error);
            }
        }
        self.asked_at = None;
    }

    fn replied(&mut self, payment: u64, flight: &Flight, search: Search, reply: &HttpReply) {
        let step = &flight.step;
        let Some(lane) = self.lanes.get(&payment) else { return };
        let search_began = search.began_ms;
        let known = Known {
            claimed: &self.claimed,
            landmark: self.landmark_of(lane.payment.account()),
            handed_on: self.handed_on(&lane.payment),
        };
        let reading = self.vendor.read(step, &lane.payment, search, reply, &known).masked();
        if reading.session_over {
            self.session_over(flight.session);
        }
        self.gate.pace().learn(reading.minute, reading.day, self.now);
        if reading.pause_ms > 0 {
            self.gate.pause(self.now + u64::from(reading.pause_ms));
        }
        if let Some(failure) = reading.shut {
            self.shut = Some((failure, self.now + u64::from(reading.pause_ms)));
            self.ready.extend(self.lanes.iter().filter(|(_, lane)| lane.at_gate.is_some()).map(|(id, _)| *id));
        }
        if let Some(next) = reading.next {
            if let Some(lane) = self.lanes.get_mut(&payment) {
                lane.search = Some(next);
            }
            return;
        }
        if let Some(listed) = reading.books {
            return self.compare(payment, listed, search_began);
        }
        self.take_values(payment, flight, reply, reading.volatile);
        for (other, report) in reading.elsewhere {
            self.found_elsewhere(other, report);
        }
        for fact in reading.facts {
            if let Fact::ReadFailed { failure, pause_ms } = fact {
                self.failed_read(payment, step, failure, pause_ms);
            } else {
                self.record(payment, fact);
            }
        }
    }

    /// A search for one payment came upon the transaction of another one.
    pub(super) fn found_elsewhere(&mut self, payment: u64, report: TransactionReport) {
        if !self.lanes.contains_key(&payment) {
            return self.load_for(payment, AfterLoad::Found(Box::new(report)));
        }
        let report = Box::new(TransactionReport { ownership: crate::payment::report::Ownership::Ours, ..report });
        self.record(payment, Fact::TransactionRead { report });
        self.ready.insert(payment);
    }

    fn not_sent(&mut self, payment: u64, step: &Step, error: &RoadError) {
        let failure = road_failure(error);
        if !matches!(step, Step::Submit(_)) {
            return self.failed_read(payment, step, failure, 0);
        }
        let Some(lane) = self.lanes.get_mut(&payment) else { return };
        let pause_ms = UNSENT_PAUSES_MS[(lane.tries_unsent as usize).min(UNSENT_PAUSES_MS.len() - 1)];
        lane.tries_unsent += 1;
        // The road may heal within the shelf life; a certificate, a proxy's refusal or a setting does not.
        let again = matches!(error.status, Status::Dns | Status::Connect | Status::Timeout | Status::ConnectionLost);
        self.record(payment, Fact::NotSent { failure, again, pause_ms });
    }

    fn lost(&mut self, payment: u64, step: &Step, error: &RoadError) {
        let failure = road_failure(error);
        match step {
            Step::Submit(_) => self.record(payment, Fact::Unclear { failure }),
            Step::Cancel => self.record(payment, Fact::CancelUnclear { failure }),
            Step::Errand if self.is_sent_once(payment) => self.record(payment, Fact::Unclear { failure }),
            _ => self.failed_read(payment, step, failure, 0),
        }
    }

    pub(super) fn failed_read(&mut self, payment: u64, step: &Step, failure: Failure, pause_ms: u32) {
        let now = self.now;
        if let Some(lane) = self.lanes.get_mut(&payment) {
            lane.payment.note_failed_read(step, now, pause_ms);
            lane.search = None;
        }
        self.record(payment, Fact::ReadFailed { failure, pause_ms });
    }
}

/// Whether a call makes or reads what a submit needs first: nothing of the payment has left so far.
pub(super) fn comes_first(payment: &Payment, step: &Step) -> bool {
    matches!(step, Step::Prepare | Step::Baseline | Step::TerminalStatus) && !payment.may_be_executed()
}

fn road_failure(error: &RoadError) -> Failure {
    Failure::new(error.status, cardmask::excerpt(&error.text, 200))
}

/// The path without the query, which may carry the till's own texts.
fn path_only(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

/// What the vendor's support asks for.
fn trace(reply: &HttpReply) -> String {
    let wanted = ["x-pj-request-id", "request-id", "cf-ray", "date"];
    wanted.iter().filter_map(|name| Some(format!(" {name}={}", reply.header(name)?))).collect()
}
