//! What can happen at a checkout, each with what must come of it.

use crate::stage::{REFERENCE, Stage, WEBHOOK_SECRET};
use posjunction_simulator::payjunction::{self as pj, Cloud, Scenario};
use posjunction_simulator::{CallKind, Fault, Matcher, When};
use std::time::{Duration, Instant};

/// A story: its name, what it tells, how many times faster than in life people and devices are, and what happens.
pub struct Story {
    pub name: &'static str,
    pub tells: &'static str,
    pub speed: u64,
    pub play: fn(&Stage) -> Result<(), String>,
}

// What `checkout.c` ends with.
const DONE: i32 = 0;
const NO_MONEY: i32 = 1;
const NOT_KNOWN: i32 = 3;
const IN_PART: i32 = 4;

const fn story(name: &'static str, tells: &'static str, speed: u64, play: fn(&Stage) -> Result<(), String>) -> Story {
    Story { name, tells, speed, play }
}

pub const STORIES: &[Story] = &[
    story("approve", "a card, an approval, a receipt", 1, |s| approved(s, Scenario::Approve, s.amount)),
    story("decline", "the bank declines", 4, |s| ends(s, Scenario::Decline(51), "DECLINED")),
    story("cancel", "the cashier cancels while the terminal waits for a card", 4, cancel),
    story("customer-cancel", "the customer presses the red key", 4, |s| ends(s, Scenario::CustomerCancel, "CANCELED")),
    story("nobody", "no card comes, and the terminal gives up", 20, |s| ends(s, Scenario::DeviceTimeout, "CANCELED")),
    story("busy", "another till is using the terminal", 4, busy),
    story("offline", "the terminal has no power", 8, offline),
    story("second-card", "the first card is declined, the next one approved", 4, |s| {
        approved(s, Scenario::DeclineThenApprove, s.amount)
    }),
    story("tip", "the customer adds a tip of 4.00", 4, |s| approved(s, Scenario::Tip(400), s.amount + 400)),
    story("partial", "the card has only half of it", 4, partial),
    story("slow-receipt", "approved while the receipt is still on the screen", 4, |s| {
        approved(s, Scenario::SlowReceipt, s.amount)
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
    story("late", "reported as failed, then paid after all", 1, late),
    story("unknown", "nobody can tell, until a person has looked", 4, unknown),
    story(
        "lost-request",
        "the request itself is lost; a person has looked, and it is asked for again",
        4,
        lost_request,
    ),
    story("refund", "a part of a payment is given back", 4, refund),
    story("void", "a payment is undone on the same day", 4, void),
    story("webhook", "the vendor tells a till that asks only once a minute", 1, webhook),
    story("forged-webhook", "somebody else posts: nothing comes of it, and the till asks as ever", 4, forged_webhook),
];

/// A payment that ends well, with so many cents.
fn approved(s: &Stage, scenario: Scenario, cents: i64) -> Result<(), String> {
    s.script(scenario);
    s.pay(&[])?.ends(DONE)?.shows("PJ_STATE_APPROVED")?.shows("PJ_MONEY_MOVED")?;
    s.ended("APPROVED", cents)
}

/// A payment that ends without money.
fn ends(s: &Stage, scenario: Scenario, state: &str) -> Result<(), String> {
    s.script(scenario);
    s.pay(&[])?.ends(NO_MONEY)?.shows("PJ_MONEY_NOT_MOVED")?;
    s.ended(state, 0)
}

fn cancel(s: &Stage) -> Result<(), String> {
    s.script(Scenario::Touch);
    s.pay(&["--cancel"])?.ends(NO_MONEY)?.shows("PJ_MONEY_NOT_MOVED")?;
    s.ended("CANCELED", 0)
}

fn busy(s: &Stage) -> Result<(), String> {
    s.pay(&["--terminal", pj::BUSY_SMART_TERMINAL_ID])?.ends(NO_MONEY)?.shows("PJ_ADVICE_RETRY")?;
    s.ended("FAILED", 0)
}

fn offline(s: &Stage) -> Result<(), String> {
    s.pay(&["--terminal", pj::OFFLINE_SMART_TERMINAL_ID])?.ends(NO_MONEY)?.shows("PJ_MONEY_NOT_MOVED")?;
    s.ended("FAILED", 0)
}

fn partial(s: &Stage) -> Result<(), String> {
    s.server.with(|cloud| cloud.switches.partial_approvals = true);
    s.script(Scenario::Partial(s.amount / 2));
    s.pay(&[])?.ends(IN_PART)?.shows("PJ_MONEY_MOVED")?;
    s.ended("APPROVED", s.amount / 2)
}

fn lost_answer(s: &Stage) -> Result<(), String> {
    s.server.with(|cloud| cloud.fail_next(CallKind::Submit, When::After, Fault::Reset));
    approved(s, Scenario::Approve, s.amount)
}

fn bad_road(s: &Stage) -> Result<(), String> {
    s.server.with(|cloud| {
        cloud.fail_next(Matcher::from(CallKind::Poll).nth(2), When::After, Fault::Reset);
        cloud.fail_next(Matcher::from(CallKind::Poll).nth(3), When::Before, Fault::BadGateway);
        cloud.fail_next(CallKind::GetTransaction, When::After, Fault::HalfBody);
    });
    approved(s, Scenario::Approve, s.amount)
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
    let calls = s.server.with(|cloud| cloud.calls().len());
    if calls == 0 { s.ended("FAILED", 0) } else { Err(format!("{calls} calls arrived, and none should have")) }
}

fn wrong_login(s: &Stage) -> Result<(), String> {
    s.pay(&["--password", "wrong"])?.ends(NO_MONEY)?.shows("PJ_ADVICE_FIX_SETUP")?;
    s.ended("FAILED", 0)
}

fn twice(s: &Stage) -> Result<(), String> {
    approved(s, Scenario::Approve, s.amount)?;
    s.pay(&[])?.ends(DONE)?.hides("pending")?.shows("PJ_ERR_DUPLICATE_REFERENCE")?.shows("PJ_STATE_APPROVED")?;
    s.ended("APPROVED", s.amount)
}

fn power_cut(s: &Stage) -> Result<(), String> {
    s.script(Scenario::Approve);
    s.pay_until("PJ_STATE_AT_TERMINAL")?;
    s.run(&[])?.ends(DONE)?.shows("pending, 1 of 1")?.shows(REFERENCE)?.shows("PJ_STATE_APPROVED")?;
    s.ended("APPROVED", s.amount)?;
    s.run(&[])?.ends(DONE)?.hides("pending")?;
    s.say("  (nothing is pending)");
    s.ended("APPROVED", s.amount)
}

fn power_cut_early(s: &Stage) -> Result<(), String> {
    s.server.with(|cloud| cloud.fail_next(CallKind::Submit, When::After, Fault::Delay(20_000)));
    s.script(Scenario::Approve);
    s.pay_until("PJ_STATE_SENDING")?;
    s.run(&[])?.ends(DONE)?.shows("pending, 1 of 1")?.shows("PJ_STATE_APPROVED")?;
    s.ended("APPROVED", s.amount)
}

/// The terminal is reported as unreachable and is reached after all. The next run looks once more, by itself.
fn late(s: &Stage) -> Result<(), String> {
    s.script(Scenario::OfflineThenSuccess);
    s.pay(&[])?.ends(NO_MONEY)?;
    s.ended("FAILED", 0)?;
    s.say("  (the checkout is closed; the terminal comes back, and the customer pays)");
    let left = |cloud: &Cloud| cloud.moved_cents() > 0 && cloud.terminals()[0].screen == pj::Screen::Idle;
    s.wait_for("a late charge", left)?;
    s.script(Scenario::Approve);
    let amount = s.amount.to_string();
    s.run(&["--reference", "lane1-4712", "--amount", &amount])?.ends(DONE)?.shows("after it had been reported")?;
    s.booked("lane1-4712", "APPROVED", s.amount)?;
    s.booked(REFERENCE, "APPROVED", s.amount)?;
    s.moved(2 * s.amount)
}

fn unknown(s: &Stage) -> Result<(), String> {
    s.server.with(|cloud| cloud.switches.forbidden = vec![CallKind::Search]);
    s.script(Scenario::UnplugAfterCard);
    s.pay(&["--deadline", "3"])?.ends(NOT_KNOWN)?.shows("PJ_STATE_UNKNOWN")?;
    s.run(&["--paid", REFERENCE])?.ends(DONE)?.shows("PJ_STATE_APPROVED")?;
    s.ended("APPROVED", s.amount)
}

fn lost_request(s: &Stage) -> Result<(), String> {
    s.server.with(|cloud| cloud.fail_next(CallKind::Submit, When::Before, Fault::Reset));
    s.pay(&["--deadline", "3"])?.ends(NOT_KNOWN)?.shows("PJ_STATE_UNKNOWN")?;
    s.run(&["--unpaid", REFERENCE])?.ends(NO_MONEY)?.shows("PJ_STATE_FAILED")?;
    s.ended("FAILED", 0)?;
    approved(s, Scenario::Approve, s.amount)
}

fn refund(s: &Stage) -> Result<(), String> {
    approved(s, Scenario::Approve, s.amount)?;
    s.server.with(|cloud| cloud.settle());
    let part = s.amount / 2;
    s.run(&["--reference", "lane1-4712", "--refund", REFERENCE, "--amount", &part.to_string()])?
        .ends(DONE)?
        .shows("PJ_STATE_APPROVED")?;
    s.booked("lane1-4712", "APPROVED", part)?;
    s.moved(s.amount - part)
}

fn void(s: &Stage) -> Result<(), String> {
    approved(s, Scenario::Approve, s.amount)?;
    s.run(&["--reference", "lane1-4712", "--void", REFERENCE])?.ends(DONE)?.shows("PJ_MONEY_REVERSED")?;
    s.moved(0)
}

/// The terminal is read a second after the start, and then not before half a minute: what comes sooner came by webhook.
fn webhook(s: &Stage) -> Result<(), String> {
    s.script(Scenario::Approve);
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
    s.script(Scenario::Approve);
    s.receive("a guess", &[])?.ends(DONE)?.shows("PJ_STATE_APPROVED")?.shows("webhook: 401")?.hides("webhook: 200")?;
    s.moved(s.amount)
}
