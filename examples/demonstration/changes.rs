//! Work on an earlier payment: what gives money back, takes it later, or changes the tip.

use crate::stage::{REFERENCE, Stage};
use crate::stories::{DONE, MISTAKE, approved};
use crate::vendor::Scene;
use posjunction_simulator::{CallKind, Fault, When};

pub fn refund(s: &Stage) -> Result<(), String> {
    approved(s, Scene::Approve, s.amount)?;
    s.settle();
    let part = s.amount / 2;
    s.run(&["--reference", "lane1-4712", "--refund", REFERENCE, "--amount", &part.to_string()])?
        .ends(DONE)?
        .shows("PJ_STATE_APPROVED")?;
    s.booked("lane1-4712", "APPROVED", part)?;
    s.moved(s.amount - part)
}

pub fn void(s: &Stage) -> Result<(), String> {
    approved(s, Scene::Approve, s.amount)?;
    s.run(&["--reference", "lane1-4712", "--void", REFERENCE])?.ends(DONE)?.shows("PJ_MONEY_REVERSED")?;
    s.moved(0)
}

fn undo(s: &Stage, reference: &str, how: &str, more: &[&str]) -> Result<(), String> {
    let asked = [&["--reference", reference, how, REFERENCE], more].concat();
    s.run(&asked)?.ends(DONE)?.shows("PJ_STATE_APPROVED").map(drop)
}

pub fn reverse(s: &Stage) -> Result<(), String> {
    approved(s, Scene::Approve, s.amount)?;
    s.run(&["--reference", "lane1-4712", "--reverse", REFERENCE])?.ends(DONE)?.shows("PJ_MONEY_REVERSED")?;
    s.counts(CallKind::Refund, 0)?;
    s.moved(0)
}

pub fn reverse_settled(s: &Stage) -> Result<(), String> {
    approved(s, Scene::Approve, s.amount)?;
    s.settle();
    undo(s, "lane1-4712", "--reverse", &[])?;
    s.counts(CallKind::Refund, 1)?;
    s.moved(0)
}

pub fn tip_adjust(s: &Stage) -> Result<(), String> {
    approved(s, Scene::Approve, s.amount)?;
    s.run(&["--reference", "lane1-4712", "--tip", REFERENCE, "--amount", "400"])?
        .ends(DONE)?
        .shows("PJ_STATE_APPROVED")?;
    s.booked("lane1-4712", "APPROVED", s.amount + 400)?;
    s.moved(s.amount + 400)
}

pub fn capture_later(s: &Stage) -> Result<(), String> {
    s.script(Scene::Approve);
    s.pay(&["--hold"])?.ends(DONE)?.shows("PJ_MONEY_PENDING")?;
    s.booked(REFERENCE, "APPROVED", s.amount)?;
    s.moved(0)?;
    undo(s, "lane1-4712", "--capture", &[])?;
    s.booked("lane1-4712", "APPROVED", s.amount)?;
    s.moved(s.amount)
}

/// What the vendor cannot do is refused by the library alone, and the payment stays as it is.
fn unsupported(s: &Stage, asked: &[&str]) -> Result<(), String> {
    let calls = s.vendor.extent(&s.server).1;
    s.run(asked)?.ends(MISTAKE)?.shows("PJ_ERR_UNSUPPORTED")?;
    match s.vendor.extent(&s.server).1 {
        now if now == calls => Ok(()),
        now => Err(format!("{} calls were made for it", now - calls)),
    }
}

pub fn no_tip_adjust(s: &Stage) -> Result<(), String> {
    approved(s, Scene::Approve, s.amount)?;
    unsupported(s, &["--reference", "lane1-4712", "--tip", REFERENCE, "--amount", "400"])?;
    s.moved(s.amount)
}

pub fn no_capture_later(s: &Stage) -> Result<(), String> {
    unsupported(s, &["--reference", REFERENCE, "--amount", &s.amount.to_string(), "--hold"])?;
    s.moved(0)
}

pub fn lost_void(s: &Stage) -> Result<(), String> {
    approved(s, Scene::Approve, s.amount)?;
    s.fail_next(CallKind::Void, When::After, Fault::BadGateway);
    undo(s, "lane1-4712", "--void", &[])?;
    s.moved(0)
}

pub fn lost_void_before(s: &Stage) -> Result<(), String> {
    approved(s, Scene::Approve, s.amount)?;
    s.fail_next(CallKind::Void, When::Before, Fault::Reset);
    undo(s, "lane1-4712", "--void", &[])?;
    s.moved(0)
}

/// Two equal parts go back; the answer to the first is lost after it was done.
pub fn lost_refund(s: &Stage) -> Result<(), String> {
    approved(s, Scene::Approve, s.amount)?;
    s.settle();
    s.fail_next(CallKind::Refund, When::After, Fault::HalfBody);
    let part = (s.amount / 2).to_string();
    undo(s, "lane1-4712", "--refund", &["--amount", &part])?;
    s.moved(s.amount - s.amount / 2)?;
    undo(s, "lane1-4713", "--refund", &["--amount", &part])?;
    s.moved(s.amount - s.amount / 2 * 2)
}

pub fn power_cut_refund(s: &Stage) -> Result<(), String> {
    approved(s, Scene::Approve, s.amount)?;
    s.settle();
    s.fail_next(CallKind::Refund, When::After, Fault::Silence(20_000));
    s.kill_when(&["--reference", "lane1-4712", "--refund", REFERENCE], CallKind::Refund)?;
    s.run(&[])?.ends(DONE)?.shows("pending, 1 of 1")?.shows("lane1-4712")?.shows("PJ_STATE_APPROVED")?;
    s.booked("lane1-4712", "APPROVED", s.amount)?;
    s.moved(0)
}
