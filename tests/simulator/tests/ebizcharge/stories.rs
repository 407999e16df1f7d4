//! Every story an amount chooses.

use crate::bench::Bench;
use posjunction_simulator::ebizcharge::{self as ebc, AMOUNTS, Scenario, Touch};
use serde_json::{Value, json};

/// Plays a request for six minutes. Yields the words POST and GET told, in order, without repeats.
fn words(bench: &mut Bench, body: &Value) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let answer = bench.submit(body);
    if answer.status != 200 {
        return vec![answer.value()["errorcode"].to_string()];
    }
    let key = answer.value()["key"].as_str().unwrap_or_default().to_string();
    words.push(answer.value()["status"].as_str().unwrap_or_default().into());
    for _ in 0..280 {
        let poll = bench.poll(&key);
        let result = poll["transaction"]["result_code"].as_str().unwrap_or_default();
        let word = format!("{} {result}", poll["status"].as_str().unwrap_or_default());
        if words.last().map(String::as_str) != Some(word.trim()) {
            words.push(word.trim().into());
        }
    }
    words
}

fn expected(scenario: Scenario) -> (&'static [&'static str], i64) {
    const SENT: &str = "sent to device";
    const CARD: &str = "waiting for card dip";
    const BUSY: &str = "processing payment";
    const END: &str = "completing payment";
    const SIGN: &str = "capturing signature A";
    const PAID: &str = "transaction complete A";
    match scenario {
        Scenario::CustomerCancel => (&[SENT, CARD, "transaction canceled"], 0),
        Scenario::Timeout => (&[SENT, CARD, "timeout"], 0),
        Scenario::Busy => (&["21146"], 0),
        Scenario::BatteryLow => (&["21143"], 0),
        Scenario::Refuse(_) => (&["21119"], 0),
        Scenario::Offline => (&["sending to device", "timeout"], 0),
        Scenario::OfflineThenSuccess => (&["sending to device", CARD, BUSY, END, SIGN, PAID], 1),
        Scenario::ApproveAfterTimeout => (&[SENT, CARD, "timeout", BUSY, END, SIGN, PAID], 1),
        Scenario::DeclineThenApprove => (&[SENT, CARD, BUSY, CARD, BUSY, END, SIGN, PAID], 1),
        Scenario::Decline(_) => (&[SENT, CARD, BUSY, END, "transaction complete D"], 0),
        Scenario::Partial(_) => (&[SENT, CARD, BUSY, END, "capturing signature P", "transaction complete P"], 1),
        Scenario::UnplugBeforeCard => (&[SENT, CARD, "timeout"], 0),
        Scenario::UnplugAfterCard => (&[SENT, CARD, BUSY], 1),
        Scenario::GatewayError(_) => (&[SENT, CARD, BUSY, END, "error E"], 0),
        Scenario::SignatureCanceled => (&[SENT, CARD, BUSY, END, SIGN, "transaction canceled A"], 0),
        Scenario::SignatureError => (&[SENT, CARD, BUSY, END, SIGN, "signature capture error A"], 1),
        Scenario::UnknownStatus => (&[SENT, CARD, "selecting application", BUSY, END, SIGN, PAID], 1),
        Scenario::ChangeInterface => (&[SENT, CARD, "changing interfaces", BUSY, END, SIGN, PAID], 1),
        Scenario::PhoneTap => (&[SENT, CARD, "customer see phone and tap again", BUSY, END, SIGN, PAID], 1),
        Scenario::HiddenApproval => (&[SENT, CARD, BUSY, END, "capturing signature", "transaction complete"], 1),
        Scenario::GiveUp => (&[SENT, CARD, BUSY, "error"], 1),
        Scenario::Fail(_) => (&[SENT, CARD, "error"], 0),
        _ => (&[SENT, CARD, BUSY, END, SIGN, PAID], 1),
    }
}

#[test]
fn each_amount_plays_its_story() {
    for (cents, scenario, _) in AMOUNTS {
        let mut bench = Bench::new();
        let body = json!({
            "command": "sale", "amount": format!("{}.{:02}", cents / 100, cents % 100), "prompt_tip": true,
            "amount_detail": {"enable_partialauth": true}, "custom_flow": "payment,result,signature_required",
        });
        let (story, pays) = expected(scenario);
        // Slower polls would miss a word, faster ones break the limit.
        bench.pause = 1_400;
        assert_eq!(words(&mut bench, &body), story, "{scenario:?}");
        let total = match scenario {
            Scenario::Tip(tip) => cents + tip,
            Scenario::Partial(part) => part,
            _ => cents,
        };
        assert_eq!(bench.cloud.moved_cents(), pays * total, "{scenario:?}");
        bench.clean();
    }
}

#[test]
fn the_readme_has_every_amount() {
    let readme = include_str!("../../README.md");
    for (cents, _, text) in AMOUNTS {
        let row = format!("| {}.{:02} | {text} |", cents / 100, cents % 100);
        assert!(readme.contains(&row), "{row}");
    }
}

#[test]
fn amounts_below_a_dollar_choose_a_decline() {
    let mut bench = Bench::new();
    for (amount, code, text) in [("0.51", "10251", "Insufficient funds"), ("0.05", "10205", "Do not Honor")] {
        let done = bench.pay(&json!({"command": "sale", "amount": amount}));
        let t = &done["transaction"];
        assert_eq!((&t["result_code"], &t["error_code"], &t["error"]), (&json!("D"), &json!(code), &json!(text)));
        assert_eq!(t["auth_amount"], "0.00");
    }
    bench.cloud.script(Scenario::GatewayError(9001));
    let failed = bench.pay(&json!({"command": "sale", "amount": "1.00"}));
    assert_eq!(failed["transaction"]["error_code"], 9001, "a number");
}

#[test]
fn partial_only_when_asked_for() {
    let mut bench = Bench::new();
    let done = bench.pay(&json!({"command": "sale", "amount": "200.11"}));
    assert_eq!(done["transaction"]["error_code"], "10151");
    let body = json!({"command": "sale", "amount": "200.11", "amount_detail": {"enable_partialauth": "Y"}});
    let done = bench.pay(&body);
    let t = &done["transaction"];
    assert_eq!((&t["result_code"], &t["auth_amount"]), (&json!("P"), &json!("100.00")));
    bench.clean();
}

#[test]
fn a_tip_only_when_asked_for() {
    let mut bench = Bench::new();
    let done = bench.pay(&json!({"command": "sale", "amount": "200.09"}));
    assert_eq!(done["transaction"]["auth_amount"], "200.09");
    let done = bench.pay(&json!({"command": "sale", "amount": "200.09", "prompt_tip": true}));
    let t = &done["transaction"];
    assert_eq!((&t["auth_amount"], &t["amount_detail"]["tip"]), (&json!("240.09"), &json!("40.00")));
    assert_eq!(t["amount_detail"]["subtotal"], "200.09");
    bench.clean();
}

#[test]
fn canceled_before_the_card_and_too_late_after_it() {
    let mut bench = Bench::new();
    bench.cloud.script(Scenario::Timeout);
    let key = bench.sale("1.00");
    let target = format!("/paymentengine/payrequests/{key}");
    assert_eq!(bench.call("DELETE", &target, &Value::Null).value(), json!({"status": "success"}));
    let done = bench.poll(&key);
    assert_eq!((&done["status"], &done["complete"]), (&json!("canceled"), &json!(true)));
    assert_eq!(bench.call("DELETE", &target, &Value::Null).status, 404);
    let key = bench.sale("1.00");
    bench.poll_until(&key, |v| v["status"] == "processing payment");
    let target = format!("/paymentengine/payrequests/{key}");
    assert_eq!(bench.call("DELETE", &target, &Value::Null).status, 200);
    let done = bench.poll_until(&key, |v| v["complete"] == true);
    assert_eq!((&done["status"], bench.cloud.moved_cents()), (&json!("transaction complete"), 100));
    bench.clean();
}

#[test]
fn a_hand_at_the_device() {
    let mut bench = Bench::new();
    let body = json!({
        "devicekey": ebc::TOUCH_DEVICE_KEY, "command": "sale", "amount": "5.00", "prompt_tip": true,
        "custom_flow": "amount,payment,result,signature",
    });
    let key = bench.request(&body);
    bench.wait(1_000);
    assert!(!bench.cloud.touch(ebc::TOUCH_DEVICE_KEY, Touch::Sign));
    assert!(bench.cloud.touch(ebc::TOUCH_DEVICE_KEY, Touch::Tip(100)));
    assert!(bench.cloud.touch(ebc::TOUCH_DEVICE_KEY, Touch::TapDebit));
    let half = bench.poll_until(&key, |v| v["status"] == "capturing signature");
    assert_eq!((&half["complete"], &half["transaction"]["result_code"]), (&json!(false), &json!("A")));
    assert!(bench.cloud.touch(ebc::TOUCH_DEVICE_KEY, Touch::Sign));
    let done = bench.poll(&key);
    assert_eq!((&done["complete"], &done["transaction"]["auth_amount"]), (&json!(true), &json!("6.00")));
    assert_eq!(bench.cloud.ledger()[0].trantype().0, "D");
    bench.clean();
}

#[test]
fn a_cut_line_that_comes_back() {
    let mut bench = Bench::new();
    bench.cloud.script(Scenario::UnplugAfterCard);
    let key = bench.sale("7.00");
    bench.wait(60_000);
    assert_eq!((&bench.poll(&key)["status"], bench.cloud.moved_cents()), (&json!("processing payment"), 700));
    assert!(bench.cloud.touch(ebc::DEVICE_KEY, Touch::Plug));
    assert_eq!(bench.poll(&key)["transaction"]["result_code"], "A");
    bench.cloud.script(Scenario::UnplugBeforeCard);
    let key = bench.sale("8.00");
    bench.wait(60_000);
    bench.cloud.script(Scenario::Approve);
    assert!(bench.cloud.touch(ebc::DEVICE_KEY, Touch::Plug));
    bench.wait(1_000);
    assert_eq!(bench.poll(&key)["status"], "waiting for card dip");
    bench.clean();
}

#[test]
fn refund_and_authonly_at_the_device() {
    let mut bench = Bench::new();
    for (command, kind, moved) in [("refund", "C", -500), ("cc:credit", "C", -1_000), ("cc:authonly", "A", -1_000)] {
        let done = bench.pay(&json!({"command": command, "amount": "5.00"}));
        let key = done["transaction"]["key"].as_str().unwrap_or_default().to_string();
        assert_eq!(bench.get(&format!("/transactions/{key}"))["trantype_code"], kind);
        assert_eq!(bench.cloud.moved_cents(), moved);
    }
    let wrong = bench.submit(&json!({"command": "Sale", "amount": "5.00"}));
    assert_eq!((wrong.status, bench.cloud.violations().len()), (200, 1));
    let wrong = bench.submit(&json!({"command": "steal", "amount": "5.00"}));
    assert_eq!((wrong.status, &wrong.value()["errorcode"]), (400, &json!(20_019)));
}
