//! Cases that are hard to bring about in a vendor's cloud.

use super::*;
use crate::payment::Kind;
use crate::payment::money::Currency;
use crate::payment::snapshot::State;

const NOON: i64 = 1_763_640_000_000;
const SPAN: Span = Span { from: NOON - 3_600_000, until: NOON + 3_600_000 };

fn booked(payment: u64, id: &str) -> Booked {
    Booked {
        payment,
        reference: format!("r{payment}"),
        kind: Kind::Payment,
        state: State::Approved,
        standing: Standing::Moved,
        is_refund: false,
        key: Some(format!("key{payment}")),
        ids: vec![id.to_owned()],
        told_id: id.to_owned(),
        changed: None,
        voided: false,
        amount: 1_000,
        currency: Currency::USD,
        terminal: String::from("lane"),
        merchant_terminal: String::new(),
        card_last4: String::new(),
        created: iso(NOON),
        asked_wall: NOON,
        is_fresh: false,
    }
}

/// Not sent, or nothing came of it.
fn negative(payment: u64, standing: Standing) -> Booked {
    Booked { standing, ids: Vec::new(), told_id: String::new(), created: String::new(), ..booked(payment, "") }
}

fn listed(id: &str, verdict: Verdict) -> Listed {
    let report = TransactionReport {
        id: id.to_owned(),
        verdict,
        total: 1_000,
        currency: Some(Currency::USD),
        created: iso(NOON),
        ..TransactionReport::default()
    };
    Listed { report, terminal: String::new() }
}

fn keyed(id: &str, key: &str) -> Listed {
    let mut one = listed(id, Verdict::Approved);
    one.report.wire_key = key.to_owned();
    one
}

fn kinds(listed: &[Listed], booked: &[Booked]) -> Vec<&'static str> {
    compare(SPAN, "", listed, booked).differences.iter().map(|found| found.kind.name()).collect()
}

#[test]
fn each_side_is_held_against_the_other() {
    use Standing::{Moved, NotMoved, Reserved, Reversed, Running, Unknown};
    use Verdict::{Approved, Declined, Open, Voided};
    let state = &["state_differs"][..];
    for (standing, verdict, wanted) in [
        (Moved, Approved, &[][..]),
        (Moved, Voided, state),
        (Moved, Declined, state),
        (Moved, Open, &[]),
        // Given back by a refund: the charge still stands.
        (Reversed, Approved, &[]),
        (Reversed, Voided, &[]),
        (Reversed, Declined, state),
        (NotMoved, Approved, state),
        (NotMoved, Declined, &[]),
        (NotMoved, Voided, &[]),
        (Unknown, Approved, state),
        (Unknown, Declined, &[]),
        (Running, Approved, &[]),
        (Reserved, Approved, state),
    ] {
        let b = Booked { standing, ..booked(1, "a") };
        assert_eq!(kinds(&[listed("a", verdict)], &[b]), wanted, "{standing:?} {verdict:?}");
    }
    // Reserved on both sides is the same; taken by somebody is not.
    let mut reserved = listed("a", Approved);
    reserved.report.authorized_only = true;
    assert!(kinds(&[reserved.clone()], &[Booked { standing: Reserved, ..booked(1, "a") }]).is_empty());
    assert_eq!(kinds(&[reserved], &[booked(1, "a")]), state);
}

#[test]
fn sums_and_currencies_are_held_against_each_other() {
    let mut other = listed("a", Verdict::Approved);
    other.report.currency = Currency::parse("CAD");
    assert_eq!(kinds(&[other], &[booked(1, "a")]), ["amount_differs"]);
    let partial = Booked { amount: 999, ..booked(1, "a") };
    assert_eq!(kinds(&[listed("a", Verdict::Approved)], &[partial]), ["amount_differs"]);
}

/// A void that the till was told of, and the vendor shows the charge.
#[test]
fn a_void_that_the_vendor_does_not_show_is_a_difference() {
    let sale = Booked { standing: Standing::Reversed, ..booked(1, "a") };
    let void = Booked {
        kind: Kind::Void,
        changed: Some(String::from("a")),
        voided: true,
        standing: Standing::Reversed,
        ..negative(2, Standing::Reversed)
    };
    assert_eq!(kinds(&[listed("a", Verdict::Approved)], &[sale.clone(), void.clone()]), ["state_differs"]);
    assert!(kinds(&[listed("a", Verdict::Voided)], &[sale, void.clone()]).is_empty());
    // Of another program's charge only the change is this till's.
    assert_eq!(kinds(&[listed("a", Verdict::Approved)], std::slice::from_ref(&void)), ["state_differs"]);
    let capture = Booked { kind: Kind::Capture, voided: false, standing: Standing::Moved, ..void };
    assert!(kinds(&[listed("a", Verdict::Approved)], &[capture]).is_empty());
}

/// JustiFi's attempts of a reference share a checkout, and with it the key of the first.
#[test]
fn a_key_that_attempts_share_is_the_open_ones() {
    let first = negative(1, Standing::NotMoved);
    let second = Booked { reference: String::from("r1"), ..negative(2, Standing::Unknown) };
    let both = [first.clone(), second];
    let list = [keyed("a", "key1")];
    let found = compare(SPAN, "", &list, &both);
    assert_eq!(found.differences.len(), 1);
    assert_eq!(found.differences[0].booked.map(|b| b.payment), Some(2));
    // Not by its own key: nothing is read for it.
    assert!(found.to_read.is_empty());
    // The vendor's id goes before the key.
    let paid = Booked { reference: String::from("r1"), ..booked(3, "a") };
    assert!(kinds(&list, &[first, paid]).is_empty());
}

#[test]
fn what_is_read_anew_carries_the_key_of_an_unknown_payment() {
    let unknown = [negative(1, Standing::Unknown)];
    let list = [keyed("a", "key1")];
    assert_eq!(compare(SPAN, "", &list, &unknown).to_read, [(1, String::from("a"))]);
    // A refund may carry the key of the sale that it gives back: it is nobody's.
    let mut refund = keyed("a", "key1");
    refund.report.is_refund = true;
    let list = [refund];
    let found = compare(SPAN, "", &list, &unknown);
    assert!(found.to_read.is_empty() && found.differences[0].kind == Difference::ChargedUnknown);
}

#[test]
fn a_row_that_came_twice_counts_once() {
    let twice = [listed("a", Verdict::Approved), listed("a", Verdict::Approved)];
    let both = [booked(1, "a")];
    let found = compare(SPAN, "", &twice, &both);
    assert_eq!((found.matched, found.transactions.count, found.differences.len()), (1, 1, 0));
}

/// Books without a zone: what has no time of the vendor's own is placed by what stands on both sides.
#[test]
fn the_zone_of_the_books_is_learned_from_what_stands_on_both_sides() {
    let eight_hours = 8 * 3_600_000;
    let local = |id: &str, at: i64| {
        let mut one = listed(id, Verdict::Approved);
        one.report.created = iso(at - eight_hours + 7_000).replace('T', " ").replace('Z', "");
        one
    };
    let at = |payment, id: &str, at| Booked { created: String::new(), asked_wall: at, ..booked(payment, id) };
    let span = Span { from: NOON - eight_hours, until: NOON - eight_hours + 60_000 };
    let list = [local("a", NOON), local("b", NOON - 7_200_000)];
    let inside = at(3, "c", NOON + 30_000);
    let before = at(4, "d", NOON - 60_000);
    let both = [at(1, "a", NOON), at(2, "b", NOON - 7_200_000), inside, before];
    let found = compare(span, "", &list, &both);
    let missing: Vec<u64> = found.differences.iter().filter_map(|found| Some(found.booked?.payment)).collect();
    assert_eq!((missing, found.matched, found.payments.count), (vec![3], 1, 2));
}

/// The list was confined to one merchant account: what is on another one is not missing in it.
#[test]
fn a_payment_on_another_account_is_not_missed() {
    let other = Booked { merchant_terminal: String::from("2"), ..booked(1, "a") };
    let found = |account| compare(SPAN, account, &[], std::slice::from_ref(&other)).differences.len();
    assert_eq!((found("1"), found("2"), found("")), (0, 1, 1));
}

#[test]
fn the_till_reads_one_sentence() {
    let message = |listed: &[Listed], booked: &[Booked]| outcome(&compare(SPAN, "", listed, booked)).message;
    let approved = |id: &str| listed(id, Verdict::Approved);
    assert_eq!(message(&[], &[]), "Nothing to compare, and nothing differs.");
    assert_eq!(
        message(&[approved("a")], &[booked(1, "a")]),
        "The one transaction agrees with the payment service's record."
    );
    assert_eq!(
        message(&[approved("a"), approved("x")], &[booked(1, "a"), booked(2, "b")]),
        "2 differences: 1 charged and unknown here, 1 not at the payment service. 1 agrees."
    );
    let many: Vec<Listed> = (0..700).map(|n| approved(&format!("x{n}"))).collect();
    let values = values(&compare(SPAN, "", &many, &[]));
    use crate::payment::snapshot::Detail::Int;
    assert_eq!(values.get("differences.count"), Some(&Int(700)));
    assert!(values.get("differences.499.kind").is_some() && values.get("differences.500.kind").is_none());
}
