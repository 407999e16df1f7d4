//! Every story an amount chooses.

use crate::bench::{Bench, code};
use posjunction_simulator::justifi::{self as jf, AMOUNTS, Progress, Scenario, Touch};
use serde_json::{Value, json};

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("-")
}

/// Plays a checkout for four minutes. Yields what GET told, in order, without repeats: the checkout's word, then each
/// completion's.
fn words(bench: &mut Bench, amount: i64) -> Vec<String> {
    let id = bench.checkout(amount, "wire");
    let answer = bench.pay(&id);
    if answer.status != 201 {
        return vec![code(&answer)];
    }
    let mut words: Vec<String> = Vec::new();
    for _ in 0..240 {
        let checkout = bench.poll(&id);
        let mut word = text(&checkout, "status").to_string();
        for completion in checkout["completions"].as_array().into_iter().flatten() {
            word += &format!(" {}/{}", text(completion, "status"), text(completion, "payment_status"));
        }
        if words.last() != Some(&word) {
            words.push(word);
        }
    }
    words
}

fn expected(scenario: Scenario) -> (&'static [&'static str], bool) {
    const BUSY: &str = "created processing/pending";
    const PAID: &str = "completed succeeded/succeeded";
    const OVER: &str = "attempted failed/canceled";
    match scenario {
        Scenario::CustomerCancel | Scenario::Timeout | Scenario::Offline => (&[BUSY, OVER], false),
        Scenario::UnplugBeforeCard | Scenario::Hang => (&[BUSY, OVER], false),
        Scenario::Busy => (&["terminal_busy"], false),
        Scenario::Refuse => (&["terminal_error"], false),
        Scenario::Decline(_) | Scenario::Fail => (&[BUSY, "attempted failed/failed"], false),
        Scenario::ApproveAfterTimeout => (
            &[
                BUSY,
                OVER,
                "attempted failed/canceled processing/pending",
                "completed failed/canceled succeeded/succeeded",
            ],
            true,
        ),
        Scenario::GiveUp => (&[BUSY, OVER, "completed failed/canceled"], true),
        Scenario::OnlyPaymentTells => (&[BUSY, OVER], true),
        Scenario::UnplugAfterCard => (&[BUSY], true),
        Scenario::UnknownStatus => (&[BUSY, "created selecting_application/pending", PAID], true),
        Scenario::HiddenApproval => (&[BUSY, "completed processing/pending"], true),
        Scenario::AuthorizeOnly => (&[BUSY, "completed succeeded/pending"], false),
        _ => (&[BUSY, PAID], true),
    }
}

#[test]
fn each_amount_plays_its_story() {
    for (cents, scenario, _) in AMOUNTS {
        let mut bench = Bench::new();
        let (story, pays) = expected(scenario);
        let told = words(&mut bench, cents);
        assert_eq!(told, story, "{scenario:?}");
        assert_eq!(bench.cloud.moved_cents(), if pays { cents } else { 0 }, "{scenario:?}");
        assert_eq!(bench.cloud.moved_of("wire"), bench.cloud.moved_cents(), "{scenario:?}");
        bench.clean();
    }
}

#[test]
fn the_readme_has_every_amount() {
    let readme = include_str!("../../README.md");
    let justifi = readme.split("# JustiFi").nth(1).unwrap_or_default();
    for (cents, _, text) in AMOUNTS {
        let row = format!("| {}.{:02} | {text} |", cents / 100, cents % 100);
        assert!(justifi.contains(&row), "{row}");
    }
}

#[test]
fn declines_have_their_codes() {
    let mut bench = Bench::new();
    for (cents, decline, network) in [(30_116, "insufficient_funds", "116"), (30_005, "do_not_honor", "005")] {
        let checkout = bench.play(cents, "w");
        let completion = &checkout["completions"][0];
        assert_eq!(completion["payment_error_code"], "card_declined");
        let error = &completion["payment_response"]["error"];
        assert_eq!((&error["decline_code"], &error["network_error_code"]), (&json!(decline), &json!(network)));
        assert_eq!((&completion["payment_id"], &checkout["successful_payment_id"]), (&Value::Null, &Value::Null));
    }
    let checkout = bench.play(20_014, "w");
    assert_eq!(checkout["completions"][0]["payment_error_code"], "gateway_error");
    let failed = &bench.cloud.ledger()[0];
    let row = failed.id.clone();
    let row = bench.data(&format!("/payments/{row}"));
    assert_eq!((&row["status"], &row["error_code"]), (&json!("failed"), &json!("card_declined")));
    assert_eq!(bench.cloud.moved_cents(), 0);
    bench.clean();
}

#[test]
fn a_checkout_is_tried_again_and_succeeds_once() {
    let mut bench = Bench::new();
    let id = bench.checkout(1_000, "w");
    bench.cloud.script(Scenario::Decline(116));
    assert_eq!(bench.pay(&id).status, 201);
    bench.wait(20_000);
    assert_eq!(bench.poll(&id)["status"], "attempted");
    assert_eq!(bench.pay(&id).status, 201);
    bench.wait(20_000);
    let done = bench.poll(&id);
    let words: Vec<&str> = done["completions"].as_array().into_iter().flatten().map(|c| text(c, "status")).collect();
    assert_eq!((text(&done, "status"), words), ("completed", vec!["failed", "succeeded"]));
    let again = bench.pay(&id);
    assert_eq!((again.status, code(&again)), (422, "payment_intent_unexpected_state".into()));
    assert_eq!(bench.cloud.charges("w").len(), 1);
    bench.clean();
}

#[test]
fn two_terminals_and_one_checkout() {
    let mut bench = Bench::new();
    let id = bench.checkout(1_000, "w");
    assert_eq!(bench.pay(&id).status, 201);
    assert_eq!(bench.pay_at(jf::SECOND_TERMINAL_ID, &id).status, 201);
    bench.wait(30_000);
    let done = bench.poll(&id);
    assert_eq!((text(&done, "status"), bench.cloud.moved_cents()), ("completed", 1_000));
    assert_eq!(done["completions"][1]["payment_error_code"], "payment_intent_unexpected_state");
    bench.clean();
}

#[test]
fn a_checkout_expires_after_a_week() {
    let mut bench = Bench::with(jf::Setup { token_life_ms: u64::MAX / 2, ..jf::Setup::default() });
    let (paid, open) = (bench.checkout(1_000, "a"), bench.checkout(2_000, "b"));
    bench.pay(&paid);
    bench.wait(7 * 86_400_000);
    assert_eq!((text(&bench.poll(&paid), "status"), text(&bench.poll(&open), "status")), ("completed", "expired"));
    assert_eq!(bench.pay(&open).status, 422);
    assert_eq!(bench.call("PATCH", &format!("/checkouts/{open}"), &json!({"amount": 500})).status, 422);
    bench.clean();
}

#[test]
fn a_changed_checkout() {
    let mut bench = Bench::new();
    let id = bench.checkout(1_000, "a");
    let body = json!({"amount": 1_500, "description": "new", "metadata": {"posjunction": "b"}});
    let changed = bench.call("PATCH", &format!("/checkouts/{id}"), &body).value();
    assert_eq!(
        (&changed["data"]["payment_amount"], &changed["data"]["payment_description"]),
        (&json!(1500), &json!("new"))
    );
    assert_eq!(changed["data"]["metadata"], json!({"posjunction": "b"}));
    bench.pay(&id);
    bench.wait(20_000);
    assert_eq!((bench.cloud.moved_of("a"), bench.cloud.moved_of("b")), (1_500, 1_500));
    bench.clean();
}

#[test]
fn a_hand_at_the_terminal() {
    let mut bench = Bench::new();
    let id = bench.checkout(1_234, "w");
    assert_eq!(bench.pay_at(jf::TOUCH_TERMINAL_ID, &id).status, 201);
    bench.wait(1_000);
    assert_eq!(bench.cloud.terminals()[4].screen.text(), "$12.34\nInsert, swipe or tap");
    assert!(bench.cloud.touch(jf::TOUCH_TERMINAL_ID, Touch::Cancel));
    assert!(!bench.cloud.touch(jf::TOUCH_TERMINAL_ID, Touch::Tap), "nobody is asked for a card");
    assert_eq!(bench.cloud.requests()[0].progress, Progress::Canceled);
    assert_eq!(bench.pay_at(jf::TOUCH_TERMINAL_ID, &id).status, 201);
    bench.wait(1_000);
    assert!(bench.cloud.touch(jf::TOUCH_TERMINAL_ID, Touch::Decline(208)));
    bench.wait(10_000);
    assert_eq!(bench.pay_at(jf::TOUCH_TERMINAL_ID, &id).status, 201);
    bench.wait(1_000);
    assert!(bench.cloud.touch(jf::TOUCH_TERMINAL_ID, Touch::TapOther));
    bench.wait(10_000);
    let done = bench.poll(&id);
    let method = &done["completions"][2]["payment_response"]["data"]["payment_method"]["card_present"];
    assert_eq!((&method["brand"], &method["last4"]), (&json!("mastercard"), &json!("0049")));
    assert_eq!(done["completions"][1]["payment_response"]["error"]["decline_code"], "lost_card");
    bench.clean();
}

#[test]
fn a_cut_line_that_comes_back() {
    let mut bench = Bench::new();
    bench.cloud.script(Scenario::UnplugAfterCard);
    let id = bench.checkout(700, "w");
    bench.pay(&id);
    bench.wait(120_000);
    assert_eq!(bench.poll(&id)["completions"][0]["status"], "processing");
    assert_eq!(bench.cloud.moved_cents(), 700);
    assert_eq!(bench.data(&format!("/terminals/{}/status", jf::TERMINAL_ID))["status"], "DISCONNECTED");
    assert!(bench.cloud.touch(jf::TERMINAL_ID, Touch::Plug));
    assert_eq!(bench.poll(&id)["status"], "completed");
    bench.wait(5_000);
    let id = bench.checkout(800, "x");
    bench.cloud.script(Scenario::Touch);
    bench.pay(&id);
    bench.wait(2_000);
    assert!(bench.cloud.touch(jf::TERMINAL_ID, Touch::Unplug) && bench.cloud.touch(jf::TERMINAL_ID, Touch::Plug));
    assert!(bench.cloud.touch(jf::TERMINAL_ID, Touch::Tap));
    bench.wait(5_000);
    assert_eq!((bench.poll(&id)["status"].as_str(), bench.cloud.moved_of("x")), (Some("completed"), 800));
    bench.clean();
}

#[test]
fn a_terminal_that_hangs_is_reset_by_the_x_key() {
    let mut bench = Bench::new();
    let status = format!("/terminals/{}/status", jf::TERMINAL_ID);
    bench.play(20_016, "w");
    assert_eq!(bench.data(&status)["status"], "ACTIVE");
    assert!(bench.cloud.touch(jf::TERMINAL_ID, Touch::Cancel));
    assert_eq!(bench.data(&status)["status"], "CONNECTED");
    bench.paid(500);
    bench.clean();
}

#[test]
fn a_terminal_stays_active_until_it_is_done() {
    let mut bench = Bench::new();
    let status = format!("/terminals/{}/status", jf::TERMINAL_ID);
    assert_eq!(bench.data(&status)["status"], "CONNECTED");
    let id = bench.checkout(900, "w");
    bench.pay(&id);
    assert_eq!(bench.data(&status)["status"], "ACTIVE");
    bench.wait(5_500);
    assert_eq!((text(&bench.poll(&id), "status"), text(&bench.data(&status), "status")), ("completed", "ACTIVE"));
    bench.wait(2_000);
    assert_eq!(bench.data(&status)["status"], "CONNECTED");
    bench.clean();
}
