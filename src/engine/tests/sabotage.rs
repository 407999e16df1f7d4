//! Deliberate bugs: the library with one rule broken, and the proof that its tests notice.
//!
//! A bug is put in at a border of the engine (the vendor's module, the journal, the road, the news), so that the code that
//! ships knows nothing of it. Each must be caught, either by the judge of the random world or by a story of its own.

use super::random::Who;
use super::world::World;
use super::{ebizcharge, justifi, keys, late, lost, random};
use crate::http::{Delivery, HttpReply, HttpRequest, RoadError};
use crate::journal::Row;
use crate::payment::fact::{Ending, Failure, Phase};
use crate::payment::fields::{Checked, Fault as Refusal};
use crate::payment::plan::Step;
use crate::payment::report::{Ownership, Verdict};
use crate::payment::snapshot::{EventKind, MoneyMoved};
use crate::payment::{Fact, Kind, Payment};
use crate::secret::Secret;
use crate::status::Status;
use crate::vendors::{Account, Feature, Known, Policy, Reading, Search, Session, Vendor};
use posjunction_simulator::{CallKind, Fault, Request as SimRequest, When};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

/// One rule that is broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bug {
    SendsAgainAfterATimeout,
    TakesNotFoundForFailure,
    ForgetsDispatched,
    ForgetsIntents,
    AcknowledgesBeforeTheFlush,
    IgnoresTheGapBetweenCalls,
    TellsResultsTwice,
    LosesLateApprovals,
    SubmitsAtRecovery,
    AdoptsByInvoice,
    ReadsEvery4xxAsRefused,
    RefundsAfterAnUnclearVoid,
    KeepsAnotherAccountsJournal,
    TakesTheDeadlineForFailure,
    TakesACancelForItsSuccess,
    TakesADeclineForTheEnd,
    TakesAnAcceptanceForApproval,
    RefundsWithoutABaseline,
    ExceedsThePollFloor,
    Takes401ForARefusal,
    PaysAgainWithAFreshKey,
    ForgetsItsCalls,
    LeavesHoles,
}

thread_local! {
    static ACTIVE: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Does something while a bug is in.
fn with<T>(bug: Bug, work: impl FnOnce() -> T) -> T {
    struct Out;
    impl Drop for Out {
        fn drop(&mut self) {
            ACTIVE.set(None);
        }
    }
    let _out = Out;
    ACTIVE.set(Some(bug));
    work()
}

fn active(bug: Bug) -> bool {
    ACTIVE.get() == Some(bug)
}

// The borders. Worlds pass everything through here; without a bug nothing changes.

/// The vendor's module.
pub fn vendor(inner: Box<dyn Vendor>) -> Box<dyn Vendor> {
    match ACTIVE.get() {
        Some(bug) => Box::new(Saboteur { inner, bug, fresh: AtomicU64::default() }),
        None => inner,
    }
}

/// The rows that a commit really writes.
pub fn forgets(row: &Row) -> bool {
    let fact = Fact::from_json(row.version, &row.body);
    match ACTIVE.get() {
        Some(Bug::ForgetsDispatched) => matches!(fact, Fact::Dispatched { .. }),
        // As if what follows a fact that could not be written did not wait behind it.
        Some(Bug::LeavesHoles) => matches!(fact, Fact::TransactionSeen { .. }) && row.payment % 7 == 3,
        Some(Bug::ForgetsIntents) => matches!(fact, Fact::Intent(_)) && row.payment % 7 == 3,
        _ => false,
    }
}

/// Whether the journal reports a commit before it is one.
pub fn reports_early() -> bool {
    active(Bug::AcknowledgesBeforeTheFlush)
}

/// The rows that a start-up reads.
pub fn recovered(rows: Vec<Row>, run: u32, now: u64) -> Vec<Row> {
    if !active(Bug::SubmitsAtRecovery) {
        return rows;
    }
    let sent = |row: &Row| matches!(Fact::from_json(row.version, &row.body), Fact::Dispatched { .. });
    let rows = rows.into_iter().filter(|row| !sent(row));
    rows.map(|row| Row { run, at_ms: now, ..row }).collect()
}

/// What a start-up finds beside the rows.
pub fn recalled(mut meta: Vec<(String, String)>) -> Vec<(String, String)> {
    if active(Bug::ForgetsItsCalls) {
        meta.retain(|(key, _)| key != "spent");
    }
    meta
}

/// How often news is told.
pub fn times_told(kind: EventKind) -> usize {
    if active(Bug::TellsResultsTwice) && kind == EventKind::Result { 2 } else { 1 }
}

/// What the engine hears of a call.
pub fn delivered(request: &SimRequest, delivery: Delivery) -> Delivery {
    let lost = matches!(delivery, Delivery::Lost(_));
    let submit = request.path.ends_with("/request-payment");
    let pay = request.path.ends_with("/terminals/pay");
    let void = request.method == "PUT" && request.body.starts_with(b"status=VOID");
    if active(Bug::SendsAgainAfterATimeout) && lost && submit {
        let text = "nothing was sent, says the bug".to_owned();
        return Delivery::NotSent(RoadError { status: Status::Timeout, text, sent_bytes: 0 });
    }
    if active(Bug::PaysAgainWithAFreshKey) && lost && pay {
        let text = "nothing was sent, says the bug".to_owned();
        return Delivery::NotSent(RoadError { status: Status::Timeout, text, sent_bytes: 0 });
    }
    if active(Bug::RefundsAfterAnUnclearVoid) && lost && void {
        let message = "Status can not be updated because the Transaction has been settled.";
        let body = serde_json::json!({"errors": [{"message": message, "parameter": "status", "type": "invalid"}]});
        return Delivery::Reply(HttpReply { status: 400, headers: Vec::new(), body: body.to_string().into_bytes() });
    }
    delivery
}

/// Under which account the journal is kept.
pub fn identity(identity: String) -> String {
    if active(Bug::KeepsAnotherAccountsJournal) { "whoever".to_owned() } else { identity }
}

/// A vendor's module with a bug in it.
struct Saboteur {
    inner: Box<dyn Vendor>,
    bug: Bug,
    /// Keys that were made up.
    fresh: AtomicU64,
}

impl Vendor for Saboteur {
    fn policy(&self) -> Policy {
        let mut policy = self.inner.policy();
        if self.bug == Bug::IgnoresTheGapBetweenCalls {
            policy.call_gap_ms = 0;
        }
        if self.bug == Bug::ExceedsThePollFloor {
            policy.read_floor_ms = 0;
            policy.first_read_ms = 0;
        }
        policy
    }

    fn same_read_gap_ms(&self) -> u64 {
        if self.bug == Bug::ExceedsThePollFloor { 0 } else { self.inner.same_read_gap_ms() }
    }

    fn can_do(&self, kind: Kind) -> bool {
        self.inner.can_do(kind)
    }

    fn key_field(&self) -> Option<&'static str> {
        self.inner.key_field()
    }

    fn has(&self, feature: Feature) -> bool {
        self.inner.has(feature)
    }

    fn admit(&self, request: &Checked) -> Result<(), Refusal> {
        self.inner.admit(request)
    }

    fn open_session(&self) -> Option<HttpRequest> {
        self.inner.open_session()
    }

    fn read_session(&self, reply: &HttpReply) -> Result<Session, Failure> {
        self.inner.read_session(reply)
    }

    fn request(
        &self,
        step: &Step,
        payment: &Payment,
        search: &Search,
        account: &Account,
    ) -> Result<HttpRequest, Failure> {
        let mut request = self.inner.request(step, payment, search, account)?;
        let own_key = request.headers.iter_mut().find(|(name, _)| *name == "Idempotency-Key");
        if let Some((_, key)) = own_key.filter(|_| self.bug == Bug::PaysAgainWithAFreshKey) {
            let number = self.fresh.fetch_add(1, Ordering::Relaxed);
            *key = Secret::new(format!("{}{number}", key.reveal()));
        }
        Ok(request)
    }

    fn read(&self, step: &Step, payment: &Payment, search: Search, reply: &HttpReply, known: &Known) -> Reading {
        let mut reading = self.inner.read(step, payment, search, reply, known);
        self.spoil(step, payment, reply, &mut reading);
        reading
    }
}

impl Saboteur {
    fn spoil(&self, step: &Step, payment: &Payment, reply: &HttpReply, reading: &mut Reading) {
        let facts = &mut reading.facts;
        let failed = |text: &str| Failure::new(Status::OutcomeUnknown, text);
        let ended = |how| Fact::RequestEnded { how, failure: failed("says the bug") };
        match self.bug {
            Bug::TakesNotFoundForFailure => {
                let empty =
                    |fact: &Fact| matches!(fact, Fact::LookedUp(done) if done.complete && done.found.is_empty());
                if payment.decided.is_none() && facts.iter().any(empty) {
                    facts.push(ended(Ending::Failed));
                }
            }
            Bug::LosesLateApprovals => {
                let late = payment.decided.as_ref().is_some_and(|d| d.outcome.money == MoneyMoved::NotMoved);
                facts.retain(|fact| !(late && matches!(fact, Fact::TransactionRead { .. })));
                reading.elsewhere.clear();
            }
            Bug::AdoptsByInvoice => {
                let ours = payment.intent.request.texts.get("invoice");
                for fact in facts {
                    if let Fact::TransactionRead { report } = fact
                        && ours.is_some_and(|invoice| *invoice == report.invoice)
                    {
                        report.ownership = Ownership::Ours;
                    }
                    if let Fact::LookedUp(done) = fact
                        && let Some(first) = done.candidates.first()
                    {
                        done.found.push(first.id.clone());
                    }
                }
                let candidate = known_candidate(reading);
                reading.facts.extend(candidate.map(|id| Fact::TransactionSeen { id }));
            }
            Bug::ReadsEvery4xxAsRefused if matches!(step, Step::Submit(_)) && (400..500).contains(&reply.status) => {
                let failure = Failure { http_status: i32::from(reply.status), ..failed("refused, says the bug") };
                *facts = vec![Fact::Refused { failure }];
            }
            Bug::Takes401ForARefusal if matches!(step, Step::Submit(_)) && reply.status == 401 => {
                *facts = vec![Fact::Refused { failure: failed("refused, says the bug") }];
            }
            // As if the refunds that are there already had not been looked at.
            Bug::RefundsWithoutABaseline => {
                for fact in facts {
                    if let Fact::Baseline { ids } = fact {
                        ids.clear();
                    }
                }
            }
            Bug::RefundsAfterAnUnclearVoid if payment.kind() == Kind::Reverse => {
                for fact in facts {
                    if let Fact::TransactionRead { report } = fact
                        && report.verdict == Verdict::Voided
                    {
                        report.verdict = Verdict::Approved;
                    }
                }
            }
            Bug::TakesTheDeadlineForFailure if payment.overdue && *step == Step::Watch => {
                facts.push(ended(Ending::Failed));
            }
            Bug::TakesACancelForItsSuccess if *step == Step::Cancel => facts.push(ended(Ending::Canceled)),
            Bug::TakesADeclineForTheEnd => {
                let declined = |fact: &Fact| matches!(fact, Fact::TransactionRead { report } if report.verdict == Verdict::Declined);
                if facts.iter().any(declined) {
                    facts.push(Fact::TerminalShows { phase: Phase::Ended });
                }
            }
            Bug::TakesAnAcceptanceForApproval if payment.kind().is_card_present() => {
                for fact in facts {
                    if let Fact::TransactionRead { report } = fact {
                        report.verdict = Verdict::Approved;
                    }
                }
            }
            _ => {}
        }
    }
}

/// The first look-alike that a search told.
fn known_candidate(reading: &Reading) -> Option<String> {
    reading.facts.iter().find_map(|fact| match fact {
        Fact::LookedUp(done) => done.candidates.first().map(|candidate| candidate.id.clone()),
        _ => None,
    })
}

/// How a bug is looked for.
enum Hunt {
    /// In so many random worlds of a vendor that keeps its word.
    Worlds(u64),
    /// The same at another vendor.
    WorldsOf(Who, u64),
    /// In a story that would pass without it.
    Story(fn()),
}

const HUNTS: &[(Bug, Hunt)] = &[
    (Bug::SendsAgainAfterATimeout, Hunt::Worlds(10)),
    (Bug::TakesNotFoundForFailure, Hunt::Worlds(60)),
    (Bug::ForgetsDispatched, Hunt::Worlds(10)),
    (Bug::ForgetsIntents, Hunt::Worlds(10)),
    (Bug::AcknowledgesBeforeTheFlush, Hunt::Worlds(20)),
    (Bug::IgnoresTheGapBetweenCalls, Hunt::Worlds(10)),
    (Bug::TellsResultsTwice, Hunt::Worlds(10)),
    (Bug::LosesLateApprovals, Hunt::Story(late::an_approval_that_turns_up_late_is_told_and_acknowledged_anew)),
    (Bug::SubmitsAtRecovery, Hunt::Worlds(20)),
    (Bug::AdoptsByInvoice, Hunt::Story(lost::a_look_alike_is_a_candidate_and_never_a_result)),
    (Bug::ReadsEvery4xxAsRefused, Hunt::Story(a_403_after_the_work_is_no_refusal)),
    (Bug::RefundsAfterAnUnclearVoid, Hunt::Story(a_lost_void_is_not_followed_by_a_refund)),
    (Bug::KeepsAnotherAccountsJournal, Hunt::Story(keys::another_account_sees_the_journal_and_decides_nothing_in_it)),
    // Elsewhere this does no harm: an end without a transaction is believed only when a search or the terminal agrees.
    (Bug::TakesTheDeadlineForFailure, Hunt::Worlds(10)),
    (Bug::TakesACancelForItsSuccess, Hunt::Worlds(20)),
    (Bug::TakesADeclineForTheEnd, Hunt::Worlds(20)),
    (Bug::TakesAnAcceptanceForApproval, Hunt::Worlds(10)),
    (Bug::TakesNotFoundForFailure, Hunt::WorldsOf(Who::EBizCharge, 20)),
    (Bug::ForgetsDispatched, Hunt::WorldsOf(Who::JustiFi, 20)),
    (Bug::ExceedsThePollFloor, Hunt::WorldsOf(Who::JustiFi, 20)),
    (Bug::PaysAgainWithAFreshKey, Hunt::WorldsOf(Who::JustiFi, 20)),
    (Bug::AdoptsByInvoice, Hunt::Story(ebizcharge::where_the_key_is_not_passed_through_a_lost_sale_is_a_candidate)),
    (Bug::ForgetsItsCalls, Hunt::Story(ebizcharge::what_an_earlier_run_has_called_counts_in_the_minute)),
    (Bug::LeavesHoles, Hunt::Worlds(20)),
    (Bug::RefundsWithoutABaseline, Hunt::Story(ebizcharge::two_equal_partial_refunds_are_told_apart)),
    (Bug::Takes401ForARefusal, Hunt::Story(justifi::a_submit_refused_for_its_token_is_sent_once_more_with_a_new_one)),
];

/// What notices the bug, if anything does.
fn caught(bug: Bug, hunt: &Hunt) -> Option<String> {
    let first_line = |text: &str| text.lines().next().unwrap_or_default().chars().take(160).collect::<String>();
    match hunt {
        Hunt::Worlds(count) => caught_in_worlds(bug, Who::PayJunction, *count),
        Hunt::WorldsOf(who, count) => caught_in_worlds(bug, *who, *count),
        Hunt::Story(story) => {
            story();
            let outcome = with(bug, || catch_unwind(AssertUnwindSafe(story)));
            let panic = outcome.err()?;
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Some(format!("story: {}", first_line(&text.unwrap_or_default())))
        }
    }
}

fn caught_in_worlds(bug: Bug, who: Who, count: u64) -> Option<String> {
    (0..count).map(|number| random::honest_seed(who, number)).find_map(|seed| {
        let wrong = with(bug, || random::goes_wrong(seed))?;
        Some(format!(
            "world {seed}: {}",
            wrong.lines().next().unwrap_or_default().chars().take(160).collect::<String>()
        ))
    })
}

/// Every rule that is broken on purpose is noticed.
#[test]
fn every_deliberate_bug_is_caught() {
    let mut missed = Vec::new();
    for (bug, hunt) in HUNTS {
        match caught(*bug, hunt) {
            Some(how) => println!("{bug:?}: {how}"),
            None => missed.push(bug),
        }
    }
    assert!(missed.is_empty(), "nobody noticed: {missed:?}");
}

/// A firewall's answer after the work was done says nothing about the work.
fn a_403_after_the_work_is_no_refusal() {
    let mut world = World::new();
    world.warm_up();
    world.cloud.fail_next(CallKind::Submit, When::After, Fault::Forbidden);
    let request = world.pay("4711", 1_234);
    world.run(200_000);
    assert_eq!(request.snapshot().money, MoneyMoved::Moved, "charged, and told as {:?}", request.snapshot().state);
}

/// The answer to the void of a reversal is lost: the void is looked for, and the money is given back once.
fn a_lost_void_is_not_followed_by_a_refund() {
    let mut world = World::new();
    let sale = world.pay("4711", 1_234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    world.cloud.fail_next(CallKind::Void, When::After, Fault::Reset);
    let texts = [("reference", "4712"), ("original", "4711")];
    let reverse = world.ask(Kind::Reverse, &texts, &[]).unwrap_or_else(|(_, text, _)| panic!("{text}"));
    world.finish(&reverse, 300_000);
    assert_eq!(world.cloud.count(CallKind::Refund), 0, "given back twice");
}
