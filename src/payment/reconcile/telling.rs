//! A comparison, as the till gets it.

use super::{Comparison, Difference, Found};
use crate::payment::report::{Outcome, TransactionReport, Verdict};
use crate::payment::snapshot::{Advice, MoneyMoved, State};
use crate::payment::{Volatile, cardmask, wire};
use crate::status::Status;

/// So many differences are told one by one; all are counted.
const TOLD: usize = 500;

/// The values of the result.
pub fn values(comparison: &Comparison<'_>) -> Volatile {
    let mut values = Volatile::default();
    let count = |kind| comparison.differences.iter().filter(|found| found.kind == kind).count() as i64;
    values.int("differences.count", comparison.differences.len() as i64);
    for kind in KINDS {
        values.int(format!("differences.{}", kind.name()), count(kind));
    }
    for (name, sum) in [("transactions", comparison.transactions), ("payments", comparison.payments)] {
        values.int(format!("{name}.count"), sum.count);
        values.int(format!("{name}.amount"), sum.amount);
    }
    values.int("matched.count", comparison.matched);
    values.int("too_new.count", comparison.too_new);
    values.int("unknown.count", comparison.unknown);
    for (index, found) in comparison.differences.iter().take(TOLD).enumerate() {
        tell(&format!("differences.{index}"), found, &mut values);
    }
    values
}

const KINDS: [Difference; 4] =
    [Difference::ChargedUnknown, Difference::MissingAtVendor, Difference::AmountDiffers, Difference::StateDiffers];

fn tell(place: &str, found: &Found<'_>, values: &mut Volatile) {
    let (report, booked) = (found.listed.map(|one| &one.report), found.booked);
    let mut text = |name: &str, text: &str| values.text(format!("{place}.{name}"), text);
    let either = |listed: Option<&str>, booked: Option<&str>| -> String {
        [listed, booked].into_iter().flatten().find(|text| !text.is_empty()).unwrap_or_default().to_owned()
    };
    text("kind", found.kind.name());
    text("reference", booked.map_or("", |b| &b.reference));
    text("transaction_id", &either(report.map(|r| r.id.as_str()), booked.map(|b| b.told_id.as_str())));
    // Words of the vendor's and of other programs: nobody knows what somebody typed there.
    let mut words = |name: &str, word: &str| text(name, &cardmask::excerpt(word, 100));
    words("time", found.created());
    words("terminal", &either(found.listed.map(|one| one.terminal.as_str()), booked.map(|b| b.terminal.as_str())));
    let accounts = (report.map(|r| r.merchant_terminal.as_str()), booked.map(|b| b.merchant_terminal.as_str()));
    words("merchant_terminal", &either(accounts.0, accounts.1));
    words("invoice", report.map_or("", |r| &r.invoice));
    text("card_last4", &either(report.map(|r| r.card_last4.as_str()), booked.map(|b| b.card_last4.as_str())));
    let currency = report.and_then(|r| r.currency).or(booked.map(|b| b.currency));
    text("currency", currency.as_ref().map_or("", |c| c.code()));
    text("state", booked.map_or("", |b| b.state.name()));
    text("vendor_state", report.map_or("", vendor_state));
    let mut int = |name: &str, number: i64| values.int(format!("{place}.{name}"), number);
    if let Some(b) = booked {
        int("amount", b.amount);
    }
    if let Some(report) = report {
        int("vendor_amount", report.total);
        let other_till = found.kind == Difference::ChargedUnknown && booked.is_none() && wire::is_key(&report.wire_key);
        int("other_till", i64::from(other_till));
    }
    int("refund", i64::from(report.map_or_else(|| booked.is_some_and(|b| b.is_refund), |r| r.is_refund)));
}

/// What the vendor shows, in the library's words.
fn vendor_state(report: &TransactionReport) -> &'static str {
    match report.verdict {
        Verdict::Approved if report.authorized_only => "authorized",
        Verdict::Approved => "approved",
        Verdict::Voided => "voided",
        Verdict::Declined => "declined",
        Verdict::Open => "open",
    }
}

/// The final result.
pub fn outcome(comparison: &Comparison<'_>) -> Outcome {
    let clean = comparison.differences.is_empty();
    Outcome {
        state: State::Completed,
        status: Status::Ok,
        money: MoneyMoved::NotMoved,
        advice: if clean { Advice::Done } else { Advice::Resolve },
        flags: 0,
        vendor_code: 0,
        http_status: 0,
        message: message(comparison),
        report: None,
    }
}

/// One sentence that a cashier can read out.
fn message(comparison: &Comparison<'_>) -> String {
    let matched = comparison.matched;
    if comparison.differences.is_empty() {
        return match matched {
            0 => String::from("Nothing to compare, and nothing differs."),
            1 => String::from("The one transaction agrees with the payment service's record."),
            _ => format!("All {matched} transactions agree with the payment service's record."),
        };
    }
    let words = [
        (Difference::ChargedUnknown, "charged and unknown here"),
        (Difference::MissingAtVendor, "not at the payment service"),
        (Difference::AmountDiffers, "with another amount"),
        (Difference::StateDiffers, "with another outcome"),
    ];
    let parts = words.iter().filter_map(|(kind, word)| {
        let count = comparison.differences.iter().filter(|found| found.kind == *kind).count();
        (count > 0).then(|| format!("{count} {word}"))
    });
    let parts: Vec<String> = parts.collect();
    let count = comparison.differences.len();
    let (s, agree) = (if count == 1 { "" } else { "s" }, if matched == 1 { "agrees" } else { "agree" });
    format!("{count} difference{s}: {}. {matched} {agree}.", parts.join(", "))
}
