//! Errands: receipts, signatures, lists of terminals, the check of an installation.

use super::world::{Road, World};
use crate::engine::Request;
use crate::payment::snapshot::{Advice, Detail, MoneyMoved, Snapshot, State};
use crate::payment::{Decision, Kind};
use crate::status::Status;
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::{CallKind, Fault, Matcher, When};
use std::sync::Arc;

fn ask(world: &mut World, kind: Kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Arc<Request> {
    world.ask(kind, texts, numbers).unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()))
}

fn run(world: &mut World, kind: Kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Snapshot {
    let request = ask(world, kind, texts, numbers);
    world.finish(&request, 100_000)
}

fn text(snapshot: &Snapshot, key: &str) -> String {
    match snapshot.details.get(key) {
        Some(Detail::Text(text)) => text.clone(),
        Some(Detail::Int(number)) => number.to_string(),
        Some(Detail::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        Some(Detail::Private(_)) | None => String::from("(none)"),
    }
}

#[track_caller]
fn is_done(result: &Snapshot) {
    assert_eq!((result.state, result.status), (State::Completed, Status::Ok), "{}", result.message);
    assert_eq!((result.money, result.advice, result.flags & !1), (MoneyMoved::NotMoved, Advice::Done, 0));
}

/// A world with a signed sale under 4711.
fn sold() -> World {
    let mut world = World::new();
    let sale =
        world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234), ("prompt_signature", 1)]).unwrap();
    assert_eq!(world.finish(&sale, 60_000).state, State::Approved);
    world.run(5_000);
    world.acknowledge(&sale);
    world.run(1_000);
    world
}

#[test]
fn a_receipt_comes_as_html_on_either_paper_signed_and_unsigned() {
    let mut world = sold();
    for (format, paper) in [("", "narrow"), ("thermal", "narrow"), ("fullpage", "page")] {
        for unsigned in [0, 1] {
            let texts = [("original", "4711"), ("format", format)];
            let result = run(&mut world, Kind::FetchReceipt, &texts, &[("unsigned", unsigned)]);
            is_done(&result);
            let receipt = text(&result, "receipt");
            assert!(
                receipt.starts_with("<!DOCTYPE html>") && receipt.contains(&format!("class=\"{paper}\"")),
                "{receipt}"
            );
            assert_eq!(receipt.contains("Signed"), unsigned == 0, "{receipt}");
            assert_eq!(text(&result, "receipt.format"), if paper == "page" { "fullpage" } else { "thermal" });
            assert!(text(&result, "receipt.content_type").starts_with("text/html"));
        }
    }
    let id = world.cloud.ledger()[0].id.to_string();
    is_done(&run(&mut world, Kind::FetchReceipt, &[("transaction", &id)], &[]));
    world.assert_polite();
}

#[test]
fn a_receipt_is_sent_once_and_asks_for_no_signature_unless_told_to() {
    let mut world = sold();
    let texts = [("original", "4711"), ("email", "customer@example.com"), ("reply_to", "store@example.com")];
    is_done(&run(&mut world, Kind::SendReceipt, &texts, &[]));
    is_done(&run(&mut world, Kind::SendReceipt, &texts, &[("request_signature", 1)]));
    let emails = world.cloud.emails();
    assert_eq!(emails.iter().map(|e| e.request_signature).collect::<Vec<_>>(), [false, true]);
    assert!(emails.iter().all(|e| e.to == "customer@example.com" && e.reply_to == "store@example.com"));
    world.assert_polite();
}

#[test]
fn a_receipt_whose_sending_is_unclear_is_never_sent_again() {
    for (when, fault, sent) in [
        (When::Before, Fault::Reset, 0),
        (When::After, Fault::Reset, 1),
        (When::After, Fault::BadGateway, 1),
        (When::After, Fault::ServerError, 1),
        (When::After, Fault::Silence(30_000), 1),
    ] {
        let mut world = sold();
        world.cloud.fail_next(CallKind::SendReceipt, when, fault);
        let texts = [("original", "4711"), ("email", "a@b.example"), ("reply_to", "c@d.example")];
        let result = run(&mut world, Kind::SendReceipt, &texts, &[]);
        assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved));
        assert!(result.message.contains("may have been done"), "{}", result.message);
        world.run(120_000);
        assert_eq!((world.cloud.emails().len(), world.cloud.count(CallKind::SendReceipt)), (sent, 1), "{fault:?}");
    }
}

/// Proof that it was not executed lets it go again.
#[test]
fn a_receipt_that_did_not_leave_is_sent_when_the_road_opens() {
    let texts = [("original", "4711"), ("email", "a@b.example"), ("reply_to", "c@d.example")];
    let mut world = sold();
    world.cloud.fail_next(CallKind::SendReceipt, When::Before, Fault::RateLimited(None));
    is_done(&run(&mut world, Kind::SendReceipt, &texts, &[]));
    world.road = Road::Closed;
    let request = ask(&mut world, Kind::SendReceipt, &texts, &[]);
    world.run(3_000);
    world.road = Road::Open;
    is_done(&world.finish(&request, 20_000));
    assert_eq!(world.cloud.emails().len(), 2);
    // It has a shelf life, as a payment has.
    world.road = Road::Closed;
    let result = run(&mut world, Kind::SendReceipt, &texts, &[]);
    assert_eq!((result.state, result.status), (State::Failed, Status::Connect));
    assert!(!result.message.contains("may have been done"), "{}", result.message);
}

#[test]
fn the_vendors_word_on_an_address_is_passed_on() {
    let mut world = sold();
    let texts = [("transaction", "999999"), ("email", "a@b.example"), ("reply_to", "c@d.example")];
    let result = run(&mut world, Kind::SendReceipt, &texts, &[]);
    assert_eq!((result.state, result.status), (State::Failed, Status::NotFound));
    let Err((status, text, _)) = world.ask(Kind::SendReceipt, &texts[..2], &[]) else { panic!("reply_to is missing") };
    assert_eq!((status, text.as_str()), (Status::MissingField, "reply_to: is required at payjunction"));
}

#[test]
fn the_signature_of_a_sale_comes_as_an_image_and_a_missing_one_does_not() {
    let mut world = sold();
    let result = run(&mut world, Kind::FetchSignature, &[("original", "4711")], &[]);
    is_done(&result);
    assert_eq!(result.details.get("signature.image"), Some(&Detail::Bytes(pj::SIGNATURE_PNG.into())));
    assert_eq!(text(&result, "signature.content_type"), "image/png");
    let unsigned = world.pay("4712", 500);
    world.finish(&unsigned, 60_000);
    for texts in [[("original", "4712")], [("signature", "00000000000000000000000000000000")]] {
        let result = run(&mut world, Kind::FetchSignature, &texts, &[]);
        assert_eq!((result.state, result.status, result.advice), (State::Failed, Status::NotFound, Advice::FixRequest));
    }
    world.assert_polite();
}

#[test]
fn reads_are_repeated_while_there_is_time() {
    for (when, fault) in [
        (When::Before, Fault::Reset),
        (When::After, Fault::HalfBody),
        (When::After, Fault::BadGateway),
        (When::Before, Fault::ServerError),
        (When::Before, Fault::RateLimited(Some(5))),
        (When::After, Fault::Silence(30_000)),
    ] {
        let mut world = sold();
        world.cloud.fail_next(Matcher::from(CallKind::Receipt).times(2), when, fault);
        is_done(&run(&mut world, Kind::FetchReceipt, &[("original", "4711")], &[]));
        assert_eq!(world.cloud.count(CallKind::Receipt), 3, "{fault:?}");
    }
    let mut world = sold();
    world.cloud.fail_next(Matcher::from(CallKind::Receipt).times(100), When::Before, Fault::ServerError);
    let before = world.now;
    let result = run(&mut world, Kind::FetchReceipt, &[("original", "4711")], &[]);
    assert_eq!((result.state, result.status, result.advice), (State::Failed, Status::Unavailable, Advice::Retry));
    assert!((89_000..100_000).contains(&(world.now - before)), "after {} ms", world.now - before);
    assert!(world.cloud.count(CallKind::Receipt) < 15, "not in a frenzy");
    world.assert_polite();
}

/// A page of something else is no receipt and no image.
#[test]
fn what_is_no_receipt_is_not_taken_for_one() {
    let mut world = sold();
    let request = ask(&mut world, Kind::FetchReceipt, &[("original", "4711")], &[]);
    world.run(0);
    world.cloud.fail_next(CallKind::Receipt, When::After, Fault::Forbidden);
    let result = world.finish(&request, 100_000);
    is_done(&result);
    assert!(text(&result, "receipt").contains("Simulated Store"));
}

#[test]
fn a_list_has_every_terminal_and_every_account_of_all_pages() {
    let mut setup = pj::Setup::default();
    let (device, account) = (setup.terminals[0].clone(), setup.accounts[0].clone());
    setup.terminals.extend((5..120).map(|n| pj::TerminalSetup {
        id: format!("aaaaaaaa-0000-4000-8000-{n:012}"),
        nick_name: format!("Lane {n}"),
        ..device.clone()
    }));
    setup.accounts.extend((3..60).map(|n| pj::Account { terminal_id: 20_000 + n, ..account.clone() }));
    let mut world = World::with(setup, &[]);
    let result = run(&mut world, Kind::ListTerminals, &[], &[]);
    is_done(&result);
    assert_eq!(
        (text(&result, "terminals.count").as_str(), text(&result, "merchant_terminals.count").as_str()),
        ("120", "60")
    );
    assert_eq!(text(&result, "terminals.0.id"), pj::SMART_TERMINAL_ID);
    assert_eq!(
        (text(&result, "terminals.0.name").as_str(), text(&result, "terminals.0.serial").as_str()),
        ("Lane 1", "SIM00001")
    );
    assert_eq!(text(&result, "terminals.0.status"), "(none)", "PayJunction does not tell");
    assert_eq!(text(&result, "terminals.119.name"), "Lane 119");
    assert_eq!(text(&result, "merchant_terminals.0.id"), "12345");
    assert_eq!(text(&result, "merchant_terminals.0.surcharge.enabled"), "0");
    assert_eq!(text(&result, "merchant_terminals.1.surcharge.enabled"), "1");
    assert_eq!(text(&result, "merchant_terminals.1.surcharge.percentage"), "3.0");
    assert_eq!(text(&result, "merchant_terminals.2.type"), "ACH");
    assert_eq!((world.cloud.count(CallKind::ListTerminals), world.cloud.count(CallKind::ListAccounts)), (3, 2));
    let lost = world.now;
    world.cloud.fail_next(Matcher::from(CallKind::ListTerminals).nth(2), When::After, Fault::Reset);
    let again = run(&mut world, Kind::ListTerminals, &[], &[]);
    assert_eq!(text(&again, "terminals.count"), "120", "a broken page is no short list, {} ms later", world.now - lost);
    assert_eq!(text(&again, "json").matches(".serial").count(), 120);
    world.assert_polite();
}

#[test]
fn an_account_without_terminals_has_a_count_of_none() {
    let setup = pj::Setup { terminals: Vec::new(), ..pj::Setup::default() };
    let mut world = World::with(setup, &[]);
    let result = run(&mut world, Kind::ListTerminals, &[], &[]);
    is_done(&result);
    assert_eq!(
        (text(&result, "terminals.count").as_str(), text(&result, "merchant_terminals.count").as_str()),
        ("0", "3")
    );
}

#[test]
fn one_terminal_is_found_on_whatever_page_it_stands() {
    let mut setup = pj::Setup::default();
    let device = setup.terminals[0].clone();
    setup.terminals.extend((5..70).map(|n| pj::TerminalSetup {
        id: format!("id-{n}"),
        nick_name: format!("Lane {n}"),
        ..device.clone()
    }));
    let mut world = World::with(setup, &[]);
    let result = run(&mut world, Kind::FetchTerminal, &[("terminal", "id-66")], &[]);
    is_done(&result);
    assert_eq!((text(&result, "terminal.id").as_str(), text(&result, "terminal.name").as_str()), ("id-66", "Lane 66"));
    let default = run(&mut world, Kind::FetchTerminal, &[], &[]);
    assert_eq!(text(&default, "terminal.name"), "Lane 1");
    let unknown = run(&mut world, Kind::FetchTerminal, &[("terminal", "nobody")], &[]);
    assert_eq!(
        (unknown.state, unknown.status, unknown.advice),
        (State::Failed, Status::UnknownDevice, Advice::FixSetup)
    );
    world.assert_polite();
}

#[test]
fn a_check_of_a_good_installation_tells_clock_and_road() {
    let mut world = World::new();
    let result = run(&mut world, Kind::SelfCheck, &[], &[]);
    is_done(&result);
    assert_eq!(
        (text(&result, "check.terminal_known").as_str(), text(&result, "check.merchant_terminal_known").as_str()),
        ("1", "1")
    );
    // The world's wall clock and the cloud's are this far apart.
    let apart = (1_790_000_000_000 - pj::DEFAULT_EPOCH_MS as i64) / 1_000;
    assert_eq!(text(&result, "check.clock_ahead_seconds"), apart.to_string());
    assert!((20..60).contains(&text(&result, "check.latency_ms").parse::<i64>().unwrap()));
    world.assert_polite();
}

#[test]
fn a_check_says_what_is_wrong_and_does_not_wait_for_it_to_heal() {
    let failed = |world: &mut World, texts: &[(&str, &str)]| {
        let before = world.now;
        let result = run(world, Kind::SelfCheck, texts, &[]);
        assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved));
        assert!(world.now - before < 2_000, "after {} ms", world.now - before);
        result
    };
    let mut world = World::new();
    let result = failed(&mut world, &[("terminal", "nobody")]);
    assert_eq!((result.status, text(&result, "check.terminal_known").as_str()), (Status::UnknownDevice, "0"));
    assert!(result.message.contains("terminal:"), "{}", result.message);
    let result = failed(&mut world, &[("merchant_terminal", "12347")]);
    assert_eq!((result.status, text(&result, "check.merchant_terminal_known").as_str()), (Status::NotFound, "0"));
    assert!(result.message.contains("merchant_terminal:"), "{}", result.message);
    world.cloud.fail_next(CallKind::ListTerminals, When::Before, Fault::BadGateway);
    assert_eq!(failed(&mut world, &[]).status, Status::Unavailable);
    world.road = Road::Closed;
    assert_eq!(failed(&mut world, &[]).status, Status::Connect);
    let mut world = World::new();
    world.change_login("nobody");
    world.power_cut(0);
    let result = failed(&mut world, &[]);
    assert_eq!((result.status, result.advice, result.http_status), (Status::Unauthorized, Advice::FixSetup, 401));
}

/// A check on a till in which nothing is set up but the login.
#[test]
fn a_check_without_a_terminal_only_looks_whether_the_login_is_taken() {
    let mut world = World::new();
    world.configure("terminal", "");
    world.configure("merchant_terminal", "");
    world.power_cut(0);
    is_done(&run(&mut world, Kind::SelfCheck, &[], &[]));
    assert_eq!((world.cloud.count(CallKind::ListAccounts), world.cloud.calls().len()), (1, 1));
    assert!(world.cloud.calls()[0].query.contains("limit=1&"));
}

#[test]
fn an_errand_leaves_nothing_behind() {
    let mut world = sold();
    let errand = ask(&mut world, Kind::FetchReceipt, &[("original", "4711")], &[]);
    let result = world.finish(&errand, 10_000);
    world.run(1_000);
    assert!(world.facts(errand.payment).is_empty() && world.pending().is_empty());
    assert!(!world.core.lanes.contains_key(&errand.payment), "the engine has forgotten it");
    assert_eq!(*errand.snapshot(), result, "and the till still has it");
    world.acknowledge(&errand);
    world.power_cut(10);
    assert!(world.pending().is_empty());
}

#[test]
fn an_errand_can_be_canceled_and_is_given_up_even_at_a_closed_gate() {
    let mut world = sold();
    world.road = Road::Closed;
    let errand = ask(&mut world, Kind::ListTerminals, &[], &[]);
    world.run(5_000);
    world.cancel(&errand);
    let result = world.finish(&errand, 1_000);
    assert_eq!((result.state, result.money), (State::Canceled, MoneyMoved::NotMoved));
    // The vendor asks everybody to wait for an hour: the till does not.
    world.road = Road::Open;
    world.cloud.fail_next(CallKind::ListTerminals, When::Before, Fault::RateLimited(Some(3_600)));
    let errand = ask(&mut world, Kind::ListTerminals, &[], &[]);
    let result = world.finish(&errand, 95_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::RateLimited));
    // Nor does one that never gets as far as the road.
    let errand = ask(&mut world, Kind::ListTerminals, &[], &[]);
    let result = world.finish(&errand, 95_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::Timeout));
    world.assert_polite();
}

#[test]
fn an_errand_for_a_payment_without_a_transaction_fails_at_once() {
    let mut world = World::new();
    world.lose_next_submit();
    let sale = world.pay("4711", 1234);
    world.until_unknown(&sale, 200_000);
    world.resolve(&sale, Decision::Paid);
    world.finish(&sale, 1_000);
    let result = run(&mut world, Kind::FetchReceipt, &[("original", "4711")], &[]);
    assert_eq!((result.state, result.status), (State::Failed, Status::NotFound));
    assert_eq!(world.cloud.count(CallKind::Receipt), 0);
}
