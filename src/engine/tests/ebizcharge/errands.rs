//! Receipts, devices and the check, against the Payment Engine.

use super::{Shop, shop, shop_with};
use crate::engine::Request;
use crate::payment::Kind;
use crate::payment::snapshot::{Advice, Detail, MoneyMoved, Snapshot, State};
use crate::status::Status;
use posjunction_simulator::ebizcharge as eb;
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

fn ask(shop: &mut Shop, kind: Kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Arc<Request> {
    shop.ask(kind, texts, numbers).unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()))
}

fn run(shop: &mut Shop, kind: Kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Snapshot {
    let request = ask(shop, kind, texts, numbers);
    shop.finish(&request, 160_000)
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
    assert_eq!((result.money, result.advice), (MoneyMoved::NotMoved, Advice::Done));
}

fn device(shop: &Shop, key: &str) -> eb::Device {
    shop.cloud.devices().iter().find(|device| device.key == key).expect("the device is there").clone()
}

#[test]
fn a_receipt_comes_as_html_and_goes_by_mail() {
    let mut shop = shop();
    let sale = shop.pay("4711", 1234);
    assert_eq!(shop.finish(&sale, 60_000).state, State::Approved);
    let receipt = run(&mut shop, Kind::FetchReceipt, &[("original", "4711")], &[]);
    is_done(&receipt);
    assert!(text(&receipt, "receipt").starts_with("<html>") && text(&receipt, "receipt").contains("12.34"));
    let mail = [("original", "4711"), ("email", "customer@example.com")];
    is_done(&run(&mut shop, Kind::SendReceipt, &mail, &[]));
    shop.cloud.fail_next(CallKind::SendReceipt, When::After, Fault::Reset);
    let lost = run(&mut shop, Kind::SendReceipt, &mail, &[]);
    assert_eq!(lost.state, State::Failed);
    assert!(lost.message.contains("may have been done"), "{}", lost.message);
    assert_eq!(shop.cloud.count(CallKind::SendReceipt), 2);
    let unknown = run(&mut shop, Kind::FetchReceipt, &[("transaction", "bnf17whjbqqpcz2")], &[]);
    assert_eq!((unknown.state, unknown.status), (State::Failed, Status::NotFound));
    shop.assert_polite();
}

/// The vendor's table says one path, the sample beside it another. Where there is no such path, nothing was done.
#[test]
fn a_receipt_goes_by_the_other_path_where_the_first_is_not_known() {
    let mut shop = shop_with(|switches| switches.receipts_by_email_path = true);
    let sale = shop.pay("4711", 1234);
    shop.finish(&sale, 60_000);
    let result = run(&mut shop, Kind::SendReceipt, &[("original", "4711"), ("email", "a@b.example")], &[]);
    is_done(&result);
    let calls = shop.cloud.calls().iter().filter(|call| call.kind == CallKind::SendReceipt);
    let ends: Vec<&str> = calls
        .filter_map(|call| call.path.split_once("/transactions/")?.1.split_once('/'))
        .map(|(_, end)| end)
        .collect();
    assert_eq!(ends, ["send", "receipts/email"]);
    shop.assert_polite();
}

#[test]
fn the_devices_are_listed_with_what_the_vendor_says_of_them() {
    let mut setup = eb::Setup::default();
    let first = setup.devices[0].clone();
    setup.devices.extend((7..130).map(|n| eb::DeviceSetup {
        key: format!("sa_{n:029}"),
        name: format!("Lane {n}"),
        ..first.clone()
    }));
    let mut shop = super::World::of(eb::Cloud::new(setup), &[]);
    let result = run(&mut shop, Kind::ListTerminals, &[], &[]);
    is_done(&result);
    assert_eq!(text(&result, "terminals.count"), "129");
    assert_eq!(text(&result, "terminals.0.id"), eb::DEVICE_KEY);
    assert_eq!(text(&result, "terminals.0.status"), "connected");
    assert_eq!(text(&result, "terminals.0.serial"), "011118170300198");
    assert_eq!(text(&result, "terminals.0.model"), "Castles VEGA3000");
    assert_eq!(text(&result, "terminals.2.status"), "offline");
    assert_eq!(text(&result, "terminals.128.name"), "Lane 129");
    assert_eq!(text(&result, "merchant_terminals.count"), "(none)");
    shop.assert_polite();
}

#[test]
fn one_device_is_read_with_its_settings() {
    let mut shop = shop();
    let result = run(&mut shop, Kind::FetchTerminal, &[("terminal", eb::BUSY_DEVICE_KEY)], &[]);
    is_done(&result);
    assert_eq!(text(&result, "terminal.id"), eb::BUSY_DEVICE_KEY);
    assert_eq!(text(&result, "terminal.status"), "processing transaction");
    assert_eq!(
        (text(&result, "settings.timeout").as_str(), text(&result, "settings.enable_emv").as_str()),
        ("30", "1")
    );
    assert_eq!(text(&result, "terminal.capabilities.printer"), "1");
    let unknown = run(&mut shop, Kind::FetchTerminal, &[("terminal", "sa_nobody")], &[]);
    assert_eq!((unknown.state, unknown.status, unknown.vendor_code), (State::Failed, Status::UnknownDevice, 21121));
}

#[test]
fn a_device_is_paired_by_the_code_that_the_till_shows() {
    for as_text in [false, true] {
        let mut shop = shop_with(|switches| switches.pairing_code_as_text = as_text);
        let texts = [("name", "Bar 2"), ("settings.notify_update_next", "soon")];
        let numbers = [("settings.timeout", 45), ("settings.enable_contactless", 0)];
        let result = run(&mut shop, Kind::PairTerminal, &texts, &numbers);
        is_done(&result);
        let (id, code) = (text(&result, "terminal.id"), text(&result, "pairing.code"));
        assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
        assert_ne!(text(&result, "pairing.expires"), "(none)");
        let made = device(&shop, &id);
        assert_eq!(
            (made.name.as_str(), made.pairing_code.map(|code| format!("{code:06}"))),
            ("Bar 2", Some(code.clone()))
        );
        assert_eq!((&made.settings["timeout"], &made.settings["notify_update_next"]), (&45.into(), &"soon".into()));
        assert_eq!(made.terminal_config["enable_contactless"], false);
        let read =
            |shop: &mut Shop| text(&run(shop, Kind::FetchTerminal, &[("terminal", &id)], &[]), "terminal.status");
        assert_eq!(read(&mut shop), "waiting for device pairing");
        assert!(shop.cloud.touch(&id, eb::Touch::Pair(code.parse().unwrap())));
        assert_eq!(read(&mut shop), "connected");
        is_done(&run(&mut shop, Kind::UnpairTerminal, &[("terminal", &id)], &[]));
        assert!(device(&shop, &id).deleted);
        shop.assert_polite();
    }
}

#[test]
fn what_must_not_be_done_twice_is_not() {
    for (kind, texts, numbers) in [
        (Kind::PairTerminal, &[("name", "Bar 2")][..], &[][..]),
        (Kind::UnpairTerminal, &[("terminal", eb::SECOND_DEVICE_KEY)], &[]),
        (Kind::SetTerminal, &[("terminal", eb::BUSY_DEVICE_KEY)], &[("reconnect", 1)]),
    ] {
        for (when, fault) in
            [(When::After, Fault::Reset), (When::After, Fault::BadGateway), (When::Before, Fault::Drop)]
        {
            let mut shop = shop();
            shop.cloud.fail_next(CallKind::ChangeTerminal, when, fault);
            let result = run(&mut shop, kind, texts, numbers);
            assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved), "{kind:?} {fault:?}");
            assert!(result.message.contains("may have been done"), "{}", result.message);
            shop.run(60_000);
            assert_eq!(shop.cloud.count(CallKind::ChangeTerminal), 1, "{kind:?} {fault:?}");
        }
    }
}

#[test]
fn settings_are_changed_one_by_one_and_repeating_that_is_harmless() {
    let mut shop = shop();
    shop.cloud.fail_next(CallKind::ChangeTerminal, When::After, Fault::Reset);
    let numbers = [("settings.timeout", 60), ("settings.share_device", 1), ("settings.enable_tip_adjust", 0)];
    is_done(&run(&mut shop, Kind::SetTerminal, &[("name", "Front desk")], &numbers));
    assert_eq!(shop.cloud.count(CallKind::ChangeTerminal), 2);
    let changed = device(&shop, eb::DEVICE_KEY);
    assert_eq!((changed.name.as_str(), &changed.settings["timeout"]), ("Front desk", &60.into()));
    assert_eq!(
        (&changed.settings["share_device"], &changed.settings["sleep_battery_device"]),
        (&true.into(), &5.into())
    );
    assert_eq!(
        (&changed.terminal_config["enable_tip_adjust"], &changed.terminal_config["enable_emv"]),
        (&false.into(), &true.into())
    );
    shop.assert_polite();
}

#[test]
fn reconnect_kicks_the_device() {
    let mut shop = shop();
    assert!(device(&shop, eb::BUSY_DEVICE_KEY).occupied);
    is_done(&run(&mut shop, Kind::SetTerminal, &[("terminal", eb::BUSY_DEVICE_KEY)], &[("reconnect", 1)]));
    shop.run(30_000);
    let kicked = device(&shop, eb::BUSY_DEVICE_KEY);
    assert!(!kicked.occupied && kicked.plugged);
    assert!(shop.cloud.calls().iter().any(|call| call.path.ends_with("/kick")));
    shop.assert_polite();
}

#[test]
fn what_the_vendor_would_strip_or_ignore_is_refused() {
    let mut shop = shop();
    let mut refused = |kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]| match shop.ask(kind, texts, numbers) {
        Ok(_) => panic!("must be refused"),
        Err((status, text, _)) => (status, text),
    };
    assert_eq!(refused(Kind::PairTerminal, &[("name", "Bar #2")], &[]).0, Status::InvalidText);
    assert_eq!(refused(Kind::SetTerminal, &[], &[]).0, Status::MissingField);
    assert_eq!(refused(Kind::SetTerminal, &[("name", "Bar")], &[("reconnect", 1)]).0, Status::InvalidField);
    assert_eq!(refused(Kind::FetchReceipt, &[("transaction", "1"), ("format", "thermal")], &[]).0, Status::Unsupported);
    let unpair = refused(Kind::UnpairTerminal, &[], &[]);
    assert_eq!(unpair.0, Status::MissingField, "the default terminal is never unpaired by leaving a key out");
    for kind in
        [Kind::Signature, Kind::Prompt, Kind::Input, Kind::CardRead, Kind::FetchSignature, Kind::IdentifyTerminal]
    {
        let can =
            (crate::vendors::ALL.iter().find(|v| v.name == "ebizcharge").unwrap().open)(&shop_config()).can_do(kind);
        assert!(!can, "{kind:?}");
    }
    assert_eq!(shop.cloud.calls().len(), 0);
}

fn shop_config() -> crate::config::Config {
    let mut fields = crate::payment::Fields::new();
    for (key, value) in
        [("vendor", "ebizcharge"), ("api_key", eb::API_KEY), ("pin", eb::PIN), ("environment", "sandbox")]
    {
        fields.set_text(key, value);
    }
    crate::config::Config::read(&fields).unwrap_or_else(|fault| panic!("{}", fault.text))
}

#[test]
fn a_check_tells_login_clock_and_terminal() {
    let mut shop = shop();
    let good = run(&mut shop, Kind::SelfCheck, &[], &[]);
    is_done(&good);
    assert_eq!(
        (text(&good, "check.terminal_known").as_str(), text(&good, "check.terminal_status").as_str()),
        ("1", "connected")
    );
    let apart = (1_790_000_000_000 - eb::DEFAULT_EPOCH_MS as i64) / 1_000;
    assert_eq!(text(&good, "check.clock_ahead_seconds"), apart.to_string());
    let unknown = run(&mut shop, Kind::SelfCheck, &[("terminal", "sa_nobody")], &[]);
    assert_eq!(
        (unknown.state, unknown.status, text(&unknown, "check.terminal_known").as_str()),
        (State::Failed, Status::UnknownDevice, "0")
    );
    shop.assert_polite();
}
