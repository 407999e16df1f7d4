//! What can happen at a checkout, each with what must come of it.

use crate::changes;
use crate::stage::{REFERENCE, Stage, WEBHOOK_SECRET};
use crate::vendor::{Scene, Vendor};
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::{CallKind, Fault, Matcher, When};
use std::time::{Duration, Instant};

/// A story: its name, what it tells, how many times faster than in life people and devices are, at which vendors it can
/// happen, and what happens.
pub struct Story {
    pub name: &'static str,
    pub tells: &'static str,
    pub speed: u64,
    pub vendors: &'static [Vendor],
    pub play: fn(&Stage) -> Result<(), String>,
}

const ALL: &[Vendor] = &Vendor::ALL;
/// What hangs on one vendor's own ways.
const PAYJUNCTION: &[Vendor] = &[Vendor::PayJunction];
/// Where a tip may be changed after the payment, and money reserved now and taken later.
const WITH_TIPS: &[Vendor] = &[Vendor::PayJunction, Vendor::Ebizcharge];
const WITH_HOLD: &[Vendor] = WITH_TIPS;
const WITHOUT_BOTH: &[Vendor] = &[Vendor::Justifi];
/// Where the till can call a payment off.
const WITH_CANCEL: &[Vendor] = &[Vendor::PayJunction, Vendor::Ebizcharge];

// What `checkout.c` ends with.
pub const DONE: i32 = 0;
const NO_MONEY: i32 = 1;
pub const MISTAKE: i32 = 2;
const NOT_KNOWN: i32 = 3;
const IN_PART: i32 = 4;

const fn story(name: &'static str, tells: &'static str, speed: u64, play: fn(&Stage) -> Result<(), String>) -> Story {
    Story { name, tells, speed, vendors: ALL, play }
}

impl Story {
    const fn only(self, vendors: &'static [Vendor]) -> Story {
        Story { vendors, ..self }
    }
}

pub const STORIES: &[Story] = &[
    story("approve", "a card, an approval, a receipt", 1, |s| approved(s, Scene::Approve, s.amount)),
    story("decline", "the bank declines", 4, |s| ends(s, Scene::Decline, "DECLINED")),
    story("cancel", "the cashier cancels while the terminal waits for a card", 4, cancel).only(WITH_CANCEL),
    story("customer-cancel", "the customer presses the red key", 4, |s| ends(s, Scene::CustomerCancel, "CANCELED")),
    story("cancel-there", "the cashier cancels where only the terminal can", 4, cancel_there).only(&[Vendor::Justifi]),
    story("nobody", "no card comes, and the terminal gives up", 20, nobody),
    story("busy", "another till is using the terminal", 4, busy),
    story("offline", "the terminal has no power", 8, offline),
    story("second-card", "the first card is declined, the next one approved", 4, |s| {
        approved(s, Scene::DeclineThenApprove, s.amount)
    }),
    story("tip", "the customer adds a tip of 4.00", 4, |s| approved(s, Scene::Tip(400), s.amount + 400))
        .only(PAYJUNCTION),
    story("partial", "the card has only half of it", 4, partial).only(PAYJUNCTION),
    story("slow-receipt", "approved while the receipt is still on the screen", 4, |s| {
        approved(s, Scene::SlowReceipt, s.amount)
    }),
    story("lost-answer", "the answer to the request is lost, and the payment is found again", 4, lost_answer),
    story("bad-road", "several calls fail while the customer pays", 4, bad_road),
    story("no-road", "the vendor cannot be reached", 4, no_road),
    story("wrong-server", "somebody else answers in the vendor's place", 4, wrong_server),
    story("wrong-login", "the password is wrong", 4, wrong_login),
    story("twice", "the same reference again: charged once", 4, twice),
    story("power-cut", "killed in mid-payment; the next run picks the payment up", 2, power_cut),
    story(
        "power-cut-early",
        "killed before the answer came; the next run searches for the payment",
        2,
        power_cut_early,
    ),
    story("late", "reported as failed, then paid after all", 1, late).only(PAYJUNCTION),
    story("unknown", "nobody can tell, until a person has looked", 4, unknown).only(PAYJUNCTION),
    story(
        "lost-request",
        "the request itself is lost; a person has looked, and it is asked for again",
        4,
        lost_request,
    ),
    story("refund", "a part of a payment is given back", 4, changes::refund),
    story("void", "a payment is undone on the same day", 4, changes::void),
    story("reverse", "a payment is undone: nothing is settled yet, so it is voided", 4, changes::reverse),
    story(
        "reverse-settled",
        "a payment is undone: it is settled, so the money is given back",
        4,
        changes::reverse_settled,
    ),
    story("tip-adjust", "the customer writes a tip of 4.00 on the slip", 4, changes::tip_adjust).only(WITH_TIPS),
    story("capture-later", "the money is reserved, and taken when the order leaves", 4, changes::capture_later)
        .only(WITH_HOLD),
    story("no-tip-adjust", "the vendor has no tips: refused before anything is sent", 4, changes::no_tip_adjust)
        .only(WITHOUT_BOTH),
    story(
        "no-capture-later",
        "the vendor cannot reserve: refused before anything is sent",
        4,
        changes::no_capture_later,
    )
    .only(WITHOUT_BOTH),
    story("lost-void", "the answer to a void is lost, and the payment is read", 4, changes::lost_void),
    story(
        "lost-void-before",
        "a void never arrives, is read as not done, and goes again",
        4,
        changes::lost_void_before,
    ),
    story("lost-refund", "the answer to a refund is lost; a second equal one is another", 4, changes::lost_refund),
    story("webhook", "the vendor tells a till that asks only once a minute", 1, webhook).only(PAYJUNCTION),
    story("forged-webhook", "somebody else posts: nothing comes of it, and the till asks as ever", 4, forged_webhook)
        .only(PAYJUNCTION),
    story(
        "power-cut-refund",
        "killed while a refund is on its way; the next run finds it",
        4,
        changes::power_cut_refund,
    ),
];

/// A payment that ends well, with so many cents.
pub fn approved(s: &Stage, scene: Scene, cents: i64) -> Result<(), String> {
    s.script(scene);
    s.pay(&[])?.ends(DONE)?.shows("PJ_STATE_APPROVED")?.shows("PJ_MONEY_MOVED")?;
    s.ended("APPROVED", cents)
}

/// A payment that ends without money.
fn ends(s: &Stage, scene: Scene, state: &str) -> Result<(), String> {
    s.script(scene);
    s.pay(&[])?.ends(NO_MONEY)?.shows("PJ_MONEY_NOT_MOVED")?;
    s.ended(state, 0)
}

fn cancel(s: &Stage) -> Result<(), String> {
    s.script(Scene::Touch);
    s.pay(&["--cancel"])?.ends(NO_MONEY)?.shows("PJ_MONEY_NOT_MOVED")?;
    s.ended("CANCELED", 0)
}

/// The library says so, and goes on watching; the customer presses the key.
fn cancel_there(s: &Stage) -> Result<(), String> {
    s.script(Scene::CustomerCancel);
    s.pay(&["--cancel"])?.ends(NO_MONEY)?.shows("Cancel at the terminal, please")?.shows("PJ_MONEY_NOT_MOVED")?;
    s.ended("CANCELED", 0)
}

/// What nobody pays has no money moved; whether it was called off or ran out of time, the vendors say differently.
fn nobody(s: &Stage) -> Result<(), String> {
    let state = if s.vendor == Vendor::Ebizcharge { "TIMED_OUT" } else { "CANCELED" };
    ends(s, Scene::Nobody, state)
}

fn busy(s: &Stage) -> Result<(), String> {
    s.pay(&["--terminal", s.vendor.busy_terminal()])?.ends(NO_MONEY)?.shows("PJ_ADVICE_RETRY")?;
    s.ended("FAILED", 0)
}

fn offline(s: &Stage) -> Result<(), String> {
    s.pay(&["--terminal", s.vendor.offline_terminal()])?.ends(NO_MONEY)?.shows("PJ_MONEY_NOT_MOVED")?;
    s.ended("FAILED", 0)
}

fn partial(s: &Stage) -> Result<(), String> {
    s.server.with(|cloud| cloud.switches.partial_approvals = true);
    s.script(Scene::Partial(s.amount / 2));
    s.pay(&[])?.ends(IN_PART)?.shows("PJ_MONEY_MOVED")?;
    s.ended("APPROVED", s.amount / 2)
}

fn lost_answer(s: &Stage) -> Result<(), String> {
    s.fail_next(CallKind::Submit, When::After, Fault::Reset);
    approved(s, Scene::Approve, s.amount)
}

fn bad_road(s: &Stage) -> Result<(), String> {
    s.fail_next(Matcher::from(CallKind::Poll).nth(2), When::After, Fault::Reset);
    s.fail_next(Matcher::from(CallKind::Poll).nth(3), When::Before, Fault::BadGateway);
    s.fail_next(CallKind::GetTransaction, When::After, Fault::HalfBody);
    approved(s, Scene::Approve, s.amount)
}

fn no_road(s: &Stage) -> Result<(), String> {
    s.pay(&["--base-url", "https://127.0.0.1:1"])?.ends(NO_MONEY)?.shows("PJ_MONEY_NOT_MOVED")?;
    nothing_sent(s)
}

fn wrong_server(s: &Stage) -> Result<(), String> {
    s.pay(&["--tls-roots", "bundled"])?.ends(NO_MONEY)?.shows("PJ_MONEY_NOT_MOVED")?;
    nothing_sent(s)
}

fn nothing_sent(s: &Stage) -> Result<(), String> {
    let (_, calls) = s.vendor.extent(&s.server);
    if calls == 0 { s.ended("FAILED", 0) } else { Err(format!("{calls} calls arrived, and none should have")) }
}

fn wrong_login(s: &Stage) -> Result<(), String> {
    let secrets = s.vendor.secrets();
    let (_, option, _) = secrets.last().ok_or("no secrets")?;
    s.pay(&[option, "wrong"])?.ends(NO_MONEY)?.shows("PJ_ADVICE_FIX_SETUP")?;
    s.ended("FAILED", 0)
}

fn twice(s: &Stage) -> Result<(), String> {
    approved(s, Scene::Approve, s.amount)?;
    s.pay(&[])?.ends(DONE)?.hides("pending")?.shows("PJ_ERR_DUPLICATE_REFERENCE")?.shows("PJ_STATE_APPROVED")?;
    s.ended("APPROVED", s.amount)
}

fn power_cut(s: &Stage) -> Result<(), String> {
    s.script(Scene::Approve);
    s.pay_until("PJ_STATE_AT_TERMINAL")?;
    s.run(&[])?.ends(DONE)?.shows("pending, 1 of 1")?.shows(REFERENCE)?.shows("PJ_STATE_APPROVED")?;
    s.ended("APPROVED", s.amount)?;
    s.run(&[])?.ends(DONE)?.hides("pending")?;
    s.say("  (nothing is pending)");
    s.ended("APPROVED", s.amount)
}

fn power_cut_early(s: &Stage) -> Result<(), String> {
    s.fail_next(CallKind::Submit, When::After, Fault::Delay(20_000));
    s.script(Scene::Approve);
    s.pay_until("PJ_STATE_SENDING")?;
    s.run(&[])?.ends(DONE)?.shows("pending, 1 of 1")?.shows("PJ_STATE_APPROVED")?;
    s.ended("APPROVED", s.amount)
}

/// The terminal is reported as unreachable and is reached after all. The next run looks once more, by itself.
fn late(s: &Stage) -> Result<(), String> {
    s.script(Scene::OfflineThenSuccess);
    s.pay(&[])?.ends(NO_MONEY)?;
    s.ended("FAILED", 0)?;
    s.say("  (the checkout is closed; the terminal comes back, and the customer pays)");
    let idle = |s: &Stage| s.server.with(|cloud| cloud.terminals()[0].screen == pj::Screen::Idle);
    let left = |s: &Stage| s.vendor.moved_cents(&s.server) > 0 && idle(s);
    s.wait_for("a late charge", left)?;
    s.script(Scene::Approve);
    let amount = s.amount.to_string();
    s.run(&["--reference", "lane1-4712", "--amount", &amount])?.ends(DONE)?.shows("after it had been reported")?;
    s.booked("lane1-4712", "APPROVED", s.amount)?;
    s.booked(REFERENCE, "APPROVED", s.amount)?;
    s.moved(2 * s.amount)
}

fn unknown(s: &Stage) -> Result<(), String> {
    s.server.with(|cloud| cloud.switches.forbidden = vec![CallKind::Search]);
    s.script(Scene::UnplugAfterCard);
    s.pay(&["--deadline", "3"])?.ends(NOT_KNOWN)?.shows("PJ_STATE_UNKNOWN")?;
    s.run(&["--paid", REFERENCE])?.ends(DONE)?.shows("PJ_STATE_APPROVED")?;
    s.ended("APPROVED", s.amount)
}

fn lost_request(s: &Stage) -> Result<(), String> {
    s.fail_next(CallKind::Submit, When::Before, Fault::Reset);
    s.pay(&["--deadline", "3"])?.ends(NOT_KNOWN)?.shows("PJ_STATE_UNKNOWN")?;
    s.run(&["--unpaid", REFERENCE])?.ends(NO_MONEY)?.shows("PJ_STATE_FAILED")?;
    s.ended("FAILED", 0)?;
    approved(s, Scene::Approve, s.amount)
}

/// The terminal is read a second after the start, and then not before half a minute: what comes sooner came by webhook.
fn webhook(s: &Stage) -> Result<(), String> {
    s.script(Scene::Approve);
    let began = Instant::now();
    s.receive(WEBHOOK_SECRET, &["--poll-interval-ms", "60000"])?
        .ends(DONE)?
        .shows("PJ_STATE_APPROVED")?
        .shows("webhook: 200 OK")?
        .hides("webhook: 4")?;
    let took = began.elapsed();
    s.say(&format!("  ({} events, and {:.1} s in all)", s.server.posted().len(), took.as_secs_f32()));
    if took > Duration::from_secs(20) {
        return Err(format!("the payment was told after {} s only", took.as_secs()));
    }
    s.moved(s.amount)
}

fn forged_webhook(s: &Stage) -> Result<(), String> {
    s.script(Scene::Approve);
    s.receive("a guess", &[])?.ends(DONE)?.shows("PJ_STATE_APPROVED")?.shows("webhook: 401")?.hides("webhook: 200")?;
    s.moved(s.amount)
}
