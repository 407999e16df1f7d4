//! Every story an amount chooses, and every unknown played the other way.

mod common;

use common::Bench;
use posjunction_simulator::payjunction::{
    self as pj, AMOUNTS, CanceledRequest, MainReply, Scenario, SearchOrder, Setup,
};
use posjunction_simulator::{CallKind, Fault, FaultRates};
use serde_json::{Value, json};

/// Plays one amount for five minutes. Yields the words the poll told, in order, without repeats.
fn words(bench: &mut Bench, form: &[(&str, &str)]) -> (String, Vec<String>) {
    let id = bench.sale(form);
    let mut words: Vec<String> = Vec::new();
    for _ in 0..600 {
        let poll = bench.poll(&id);
        let tail = if poll["transactionId"].is_null() { "" } else { "+id" };
        let word = format!("{}{tail}", poll["status"].as_str().unwrap_or_default());
        if words.last() != Some(&word) {
            words.push(word);
        }
    }
    (id, words)
}

fn story(cents: i64) -> (Bench, Vec<String>) {
    let mut bench = Bench::new();
    let amount = format!("{}.{:02}", cents / 100, cents % 100);
    let (_, words) = words(&mut bench, &[("amountBase", &amount)]);
    bench.clean();
    (bench, words)
}

#[test]
fn each_amount_plays_its_story() {
    let paid = ["CONNECTING", "IN_PROGRESS", "IN_PROGRESS+id", "COMPLETE+id"].as_slice();
    let nothing = ["CONNECTING", "IN_PROGRESS", "COMPLETE"].as_slice();
    let endless = ["CONNECTING", "IN_PROGRESS"].as_slice();
    let offline = ["CONNECTING", "NO_CONNECTION"].as_slice();
    let returned = ["CONNECTING", "NO_CONNECTION", "IN_PROGRESS", "IN_PROGRESS+id", "COMPLETE+id"].as_slice();
    let unheard = ["CONNECTING", "IN_PROGRESS", "AWAITING_PIN", "IN_PROGRESS+id", "COMPLETE+id"].as_slice();
    for (cents, scenario, _) in AMOUNTS {
        let (expected, moved) = match scenario {
            Scenario::CustomerCancel | Scenario::DeviceTimeout => (nothing, 0),
            Scenario::HiddenApproval => (nothing, cents),
            Scenario::Busy => (["CONNECTING", "BUSY"].as_slice(), 0),
            Scenario::Offline => (offline, 0),
            Scenario::OfflineThenSuccess => (returned, cents),
            Scenario::Stuck | Scenario::UnplugBeforeCard => (endless, 0),
            Scenario::UnplugAfterCard => (endless, cents),
            Scenario::UnknownStatus => (unheard, cents),
            Scenario::Tip(tip) => (paid, cents + tip),
            Scenario::Surcharge(_) => (paid, cents + 600),
            Scenario::Decline(_) | Scenario::Partial(_) | Scenario::AvsDecline => (paid, 0),
            _ => (paid, cents),
        };
        let (bench, words) = story(cents);
        assert_eq!(words, expected, "{scenario:?}");
        assert_eq!(bench.cloud.moved_cents(), moved, "{scenario:?}");
    }
}

#[test]
fn the_readme_has_every_amount() {
    let readme = include_str!("../README.md");
    for (cents, _, text) in AMOUNTS {
        let row = format!("| {}.{:02} | {text} |", cents / 100, cents % 100);
        assert!(readme.contains(&row), "{row}");
    }
}

#[test]
fn a_held_authorization_says_so() {
    let mut bench = Bench::new();
    let sale = bench.pay(&[("amountBase", "200.14")]);
    assert_eq!(sale["status"], "DECLINED");
    assert_eq!(sale["response"]["approved"], false);
    assert_eq!(sale["response"]["processor"]["authorized"], true);
}

#[test]
fn the_request_tells_the_second_card_last() {
    let mut bench = Bench::new();
    let id = bench.sale(&[("amountBase", "200.08")]);
    let first = bench.poll_until(&id, |v| v["transactionId"].is_number());
    let done = bench.poll_until(&id, |v| v["status"] == "COMPLETE");
    assert_ne!(first["transactionId"], done["transactionId"]);
    let codes: Vec<&str> = bench.cloud.ledger().iter().map(|t| t.verdict.code.as_str()).collect();
    assert_eq!(codes, ["05", "00"]);
}

#[test]
fn main_ends_a_payment_until_the_card_is_in() {
    let path = format!("/smartterminals/{}/main", pj::SMART_TERMINAL_ID);
    for (wait, end) in
        [(1_000, json!({"status": "COMPLETE"})), (2_800, json!({"status": "COMPLETE", "transactionId": 8350}))]
    {
        let mut bench = Bench::new();
        let id = bench.sale(&[("amountBase", "5.00")]);
        bench.wait(wait);
        assert_eq!(bench.call("POST", &path, &[]).status, 200);
        bench.wait(10_000);
        assert_eq!(bench.poll(&id), end);
        bench.clean();
    }
    let mut bench = Bench::new();
    bench.cloud.switches.canceled_request = CanceledRequest::StaysInProgress;
    bench.cloud.switches.main_reply = MainReply::NoContent;
    let id = bench.sale(&[("amountBase", "200.16")]);
    bench.wait(1_000);
    assert_eq!(bench.call("POST", &path, &[]).status, 204);
    bench.wait(10_000);
    assert_eq!(bench.poll(&id), json!({"status": "IN_PROGRESS"}));
    assert_eq!(bench.pay(&[("amountBase", "5.00")])["amountTotal"], "5.00", "the device is free all the same");
}

#[test]
fn a_busy_terminal_and_the_interruption() {
    let mut bench = Bench::new();
    let first = bench.sale(&[("amountBase", "200.16")]);
    bench.wait(1_000);
    let second = bench.sale(&[("amountBase", "5.00"), ("interruptBusyTerminal", "false")]);
    bench.wait(1_000);
    assert_eq!(bench.poll(&second), json!({"status": "BUSY"}));
    let third = bench.sale(&[("amountBase", "5.00"), ("interruptBusyTerminal", "true")]);
    bench.wait(1_000);
    assert_eq!(bench.poll(&first), json!({"status": "COMPLETE"}));
    bench.poll_until(&third, |v| v["status"] == "COMPLETE");
    let occupied = bench.sale_at(pj::BUSY_SMART_TERMINAL_ID, &[("amountBase", "6.00")]);
    bench.wait(1_000);
    assert_eq!(bench.poll(&occupied), json!({"status": "BUSY"}));
    bench.clean();
}

#[test]
fn ids_live_for_a_day_and_may_be_born_late() {
    let mut bench = Bench::new();
    bench.cloud.switches.fresh_request_404_ms = 2_000;
    bench.cloud.switches.fresh_transaction_404_ms = 3_000;
    let id = bench.sale(&[("amountBase", "5.00")]);
    let path = format!("/smartterminals/requests/{id}");
    assert_eq!(bench.call("GET", &path, &[]).status, 404);
    bench.wait(2_000);
    bench.poll_until(&id, |v| v["transactionId"].is_number());
    assert_eq!(bench.call("GET", "/transactions/8350", &[]).status, 404);
    bench.wait(3_000);
    assert_eq!(bench.call("GET", "/transactions/8350", &[]).status, 200);
    bench.wait(86_400_000);
    assert_eq!(bench.call("GET", &path, &[]).status, 404);
    bench.clean();
}

fn invoices(found: &Value) -> Vec<&str> {
    found["results"].as_array().into_iter().flatten().filter_map(|t| t["invoiceNumber"].as_str()).collect()
}

#[test]
fn what_the_search_may_do() {
    let mut bench = Bench::new();
    for invoice in ["007", "8", "9"] {
        bench.pay(&[("amountBase", "5.00"), ("invoiceNumber", invoice)]);
    }
    assert_eq!(invoices(&bench.get("/transactions?service=SMART_TERMINAL")), ["9", "8", "007"]);
    bench.cloud.switches.search_order = SearchOrder::Oldest;
    assert_eq!(invoices(&bench.get("/transactions?action=CHARGE")), ["007", "8", "9"]);
    let future = "/transactions?startDate=2025-11-21T00:00:00Z";
    assert_eq!(invoices(&bench.get(future)).len(), 0);
    bench.cloud.switches.start_date_ignored = true;
    assert_eq!(invoices(&bench.get(future)).len(), 3);
    bench.cloud.switches.search_hides_accounts = vec![pj::MERCHANT_TERMINAL_ID];
    assert_eq!(invoices(&bench.get("/transactions")).len(), 0);
    assert_eq!(bench.get("/transactions/8350")["invoiceNumber"], "007");
    bench.cloud.switches.search_hides_accounts.clear();
    bench.cloud.switches.drops_leading_zeros = true;
    bench.cloud.switches.purchase_order_dropped = true;
    let form = [("amountBase", "6.00"), ("invoiceNumber", "0042"), ("purchaseOrderNumber", "PJ-9")];
    assert_eq!(bench.pay(&form)["invoiceNumber"], "42");
    assert_eq!(invoices(&bench.get("/transactions?purchaseOrderNumber=PJ-9")).len(), 0);
    assert_eq!(bench.cloud.charges("PJ-9").len(), 1);
    bench.clean();
}

#[test]
fn a_refund_at_the_terminal_needs_a_charge_first() {
    let refund = [("amountBase", "5.00"), ("action", "REFUND"), ("amountTip", "0.00")];
    let mut bench = Bench::new();
    assert_eq!(bench.pay(&refund)["status"], "DECLINED");
    bench.pay(&[("amountBase", "5.00")]);
    assert_eq!(bench.pay(&refund)["status"], "CAPTURE");
    assert_eq!(bench.cloud.moved_cents(), 0);
    let mut old_card = Bench::with(Setup { card_history_cents: 500, ..Setup::default() });
    assert_eq!(old_card.pay(&refund)["status"], "CAPTURE");
    bench.clean();
}

#[test]
fn surcharges_are_the_accounts_business() {
    let mut bench = Bench::new();
    let account = pj::SURCHARGE_MERCHANT_TERMINAL_ID.to_string();
    let path = format!("/smartterminals/{}/request-payment", pj::SMART_TERMINAL_ID);
    let form = [("amountBase", "100.00"), ("terminalId", account.as_str()), ("amountSurcharge", "1.00")];
    assert_eq!(bench.call("POST", &path, &form).value()["errors"][0]["parameter"], "amountSurcharge");
    assert_eq!(bench.call("POST", &path, &form[..2]).status, 200);
    bench.wait(10_000);
    let sale = bench.get("/transactions/8350");
    assert_eq!((sale["amountTotal"].as_str(), sale["amountSurcharge"].as_str()), (Some("103.00"), Some("3.00")));
    assert_eq!(sale["surcharge"], json!({"status": "APPLIED", "percentage": 3.0}));
    bench.clean();
}

#[test]
fn a_storm_of_faults_never_invents_a_charge() {
    let mut bench = Bench::with(Setup { seed: 11, ..Setup::default() });
    let faults = vec![Fault::Reset, Fault::Drop, Fault::HalfBody, Fault::BadGateway, Fault::Delay(5_000)];
    bench.cloud.fail_randomly(FaultRates { before_per_mille: 200, after_per_mille: 200, faults });
    for n in 0..40 {
        let (invoice, order) = (n.to_string(), format!("PJ-{n}"));
        bench.submit(&[("amountBase", "5.00"), ("invoiceNumber", &invoice), ("purchaseOrderNumber", &order)]);
        bench.wait(20_000);
        assert!(bench.cloud.charges(&order).len() <= bench.cloud.submits(&order));
    }
    assert_eq!(bench.cloud.count(CallKind::Submit), 40);
    let charged = bench.cloud.ledger().len();
    assert!((20..40).contains(&charged), "{charged}");
    bench.clean();
}

#[test]
fn what_is_not_a_payment() {
    let mut bench = Bench::new();
    let mut ask = |what: &str, form: &[(&str, &str)]| {
        let path = format!("/smartterminals/{}/request-{what}", pj::SMART_TERMINAL_ID);
        let form = [&[("terminalId", "12345")], form].concat();
        let id = bench.call("POST", &path, &form).value()["requestId"].as_str().unwrap_or_default().to_string();
        bench.poll_until(&id, |v| v["status"] == "COMPLETE")
    };
    let buttons = [("text", "Round up?"), ("buttons[]", "Yes"), ("buttons[]", "No")];
    assert_eq!(ask("prompt", &buttons), json!({"status": "COMPLETE", "promptButton": "Yes"}));
    assert_eq!(ask("input", &[("type", "PHONE")]), json!({"status": "COMPLETE", "inputValue": "8006010230"}));
    let signature = ask("signature", &[("terms", "I agree")]);
    assert_eq!(signature["signatureId"].as_str().map(str::len), Some(32));
    assert!(ask("read", &[])["readValue"].is_string());
    bench.cloud.script(Scenario::CustomerCancel);
    let path = format!("/smartterminals/{}/request-prompt", pj::SMART_TERMINAL_ID);
    let answer = bench.call("POST", &path, &[("terminalId", "12345"), ("text", "?")]).value();
    let id = answer["requestId"].as_str().unwrap_or_default().to_string();
    assert_eq!(bench.poll_until(&id, |v| v["status"] == "COMPLETE"), json!({"status": "COMPLETE"}));
    bench.clean();
    let wrong = bench.call("POST", &path.replace("prompt", "input"), &[("terminalId", "12345"), ("type", "MAIL")]);
    let error = json!({"message": "This field is invalid.", "parameter": "type", "type": "invalid"});
    assert_eq!(wrong.value(), json!({"errors": [error]}));
}

#[test]
fn the_event_of_a_request() {
    let mut bench = Bench::new();
    let id = bench.sale(&[("amountBase", "5.00")]);
    bench.wait(10_000);
    let body = bench.cloud.webhook(&id).unwrap_or_default();
    let event: Value = serde_json::from_slice(&body).unwrap_or_default();
    assert_eq!(event["type"], "SMARTTERMINAL_REQUEST");
    assert_eq!(event["created"], "2025-11-20T12:00:10.200Z");
    assert_eq!(event["data"], json!({"requestId": id, "status": "COMPLETE", "transactionId": 8350}));
    assert!(String::from_utf8_lossy(&body).contains("\n  \"type\" : "));
}

#[test]
fn a_tip_that_is_sent_with_a_charge_is_not_taken() {
    let mut bench = Bench::new();
    assert_eq!(bench.pay(&[("amountBase", "5.00"), ("amountTip", "1.00")])["amountTotal"], "5.00");
    assert_eq!(bench.cloud.violations().len(), 1);
}

fn kinds(events: &[posjunction_simulator::webhooks::Event]) -> Vec<&str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

#[test]
fn a_sale_is_told_step_by_step() {
    let mut bench = Bench::new();
    bench.cloud.subscribe(pj::EventKind::PRESENT);
    bench.sale(&[("amountBase", "5.00")]);
    bench.wait(10_000);
    let events = bench.cloud.take_events();
    let expected = [
        "SMARTTERMINAL_REQUEST",
        "SMARTTERMINAL_REQUEST",
        "TRANSACTION",
        "TRANSACTION_SIGNATURE",
        "SMARTTERMINAL_REQUEST",
    ];
    assert_eq!(kinds(&events), expected);
    let words: Vec<String> = events
        .iter()
        .map(|event| serde_json::from_slice::<serde_json::Value>(&event.body).unwrap()["data"].to_string())
        .filter_map(|data| ["CONNECTING", "IN_PROGRESS", "COMPLETE"].into_iter().find(|word| data.contains(word)))
        .map(String::from)
        .collect();
    assert_eq!(words, ["CONNECTING", "IN_PROGRESS", "COMPLETE"]);
    assert!(events.iter().all(|event| String::from_utf8_lossy(&event.body).contains(&event.id)));
    assert!(bench.cloud.take_events().is_empty(), "told once");
    bench.cloud.subscribe(&[pj::EventKind::SmartterminalTransaction]);
    bench.cloud.script(Scenario::Decline(51));
    bench.sale(&[("amountBase", "6.00")]);
    bench.wait(10_000);
    let events = bench.cloud.take_events();
    assert_eq!(kinds(&events), ["SMARTTERMINAL_TRANSACTION"]);
    let body: serde_json::Value = serde_json::from_slice(&events[0].body).unwrap();
    assert_eq!(body["data"]["smartTerminalId"], pj::SMART_TERMINAL_ID);
    assert_eq!(body["data"]["transactionId"], "8351");
}
