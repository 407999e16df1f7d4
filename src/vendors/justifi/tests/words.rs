//! What single words and codes mean: an open set.

use super::{CHECKOUT, apply, fixture};
use crate::payment::Fact;
use crate::payment::fact::{Action, Ending, Phase};
use crate::payment::plan::Step;
use crate::payment::report::Verdict;
use crate::status::Status;
use crate::vendors::codes::{Call, Meaning};
use crate::vendors::justifi::codes::TABLE;
use crate::vendors::justifi::judge::{Stand, completion};

const SUBMIT: Step = Step::Submit(Action::Start);

#[test]
fn the_words_of_a_completion() {
    for (status, payment_status, code, stand) in [
        ("succeeded", "succeeded", "", Stand::Approved),
        ("succeeded", "pending", "", Stand::Approved),
        ("succeeded", "failed", "", Stand::Running),
        ("processing", "pending", "", Stand::Running),
        ("failed", "failed", "card_declined", Stand::Declined),
        ("failed", "failed", "some_new_code", Stand::Declined),
        ("failed", "failed", "gateway_timeout_error", Stand::Declined),
        ("failed", "failed", "", Stand::Declined),
        ("failed", "canceled", "", Stand::Canceled),
        ("failed", "canceled", "terminal_timeout", Stand::TimedOut),
        ("failed", "failed", "canceled_on_terminal", Stand::Canceled),
        ("failed", "succeeded", "", Stand::Running),
        ("failed", "skipped", "", Stand::Running),
        ("selecting_application", "pending", "", Stand::Running),
        ("", "", "", Stand::Running),
    ] {
        assert_eq!(completion(status, payment_status, code), stand, "{status} {payment_status} {code}");
    }
}

/// Truth, section 1: refused only where the table lists it, and a conflict never.
#[test]
fn only_listed_words_of_the_vendor_refuse() {
    use Call::{Change, Read, Refund, Start};
    use Meaning::{Pause, ReadOriginal, Refused, Unclear};
    for (call, http, code, meaning) in [
        (Start, 404, "resource_not_found", Refused),
        (Read, 404, "resource_not_found", Refused),
        (Start, 422, "parameter_missing", Refused),
        (Start, 403, "not_authorized", Refused),
        (Start, 403, "something_new", Unclear),
        (Start, 422, "terminal_busy", Unclear),
        (Start, 408, "", Unclear),
        (Start, 409, "idempotency_concurrent_request", Unclear),
        (Refund, 422, "idempotency_params_mismatch", Unclear),
        (Refund, 422, "refund_error", Unclear),
        (Refund, 422, "refund_exceeds_amount_available", Refused),
        (Change, 422, "payment_outside_void_window", ReadOriginal),
        (Start, 429, "gateway_rate_limit_error", Pause),
        (Start, 500, "internal_server_error", Unclear),
        (Start, 500, "parameter_missing", Unclear),
    ] {
        assert_eq!(TABLE.reply(call, http, code).means, meaning, "{call:?} {http} {code}");
    }
}

#[test]
fn a_decline_in_place_of_the_session_is_unclear() {
    let facts = CHECKOUT.facts(&CHECKOUT.sale(), &SUBMIT, 402, "error_declined");
    assert!(matches!(facts[..], [Fact::Unclear { .. }]), "{facts:?}");
}

/// Truth, section 1: a 4xx without the vendor's own body is something that stands in between.
#[test]
fn a_refusal_that_is_not_the_vendor_s_is_unclear() {
    let sale = CHECKOUT.sale();
    for status in [400, 401, 403, 404, 407, 408, 409, 422, 429, 451, 500, 502, 503] {
        for body in ["", "<html>no</html>", "{}", "[]", "{\"error\":{}}", "{\"error\":null,\"errors\":[]}"] {
            let facts = CHECKOUT.read(&sale, &SUBMIT, status, body).facts;
            assert!(matches!(facts[..], [Fact::Unclear { .. }]), "{status} {body}: {facts:?}");
        }
    }
}

/// Failure of other connectors: HTTP 200 was taken for approved.
#[test]
fn success_without_the_session_is_unclear() {
    let sale = CHECKOUT.sale();
    for name in
        ["checkout", "checkout_completed", "payment", "terminal_status", "refund", "token", "intent", "error_declined"]
    {
        let facts = CHECKOUT.facts(&sale, &SUBMIT, 200, name);
        assert!(matches!(facts[..], [Fact::Unclear { .. }]), "{name}: {facts:?}");
    }
    for (from, to) in [("cho_abc123", "cho_other"), ("trm_abc123", "trm_other")] {
        let body = fixture("session")
            .replace("cho_abc123", "cho_xyz")
            .replace(from, to)
            .replace("cho_xyz", if from.starts_with("cho") { "cho_other" } else { "cho_xyz" });
        let facts = CHECKOUT.read(&sale, &SUBMIT, 201, &body).facts;
        assert!(matches!(facts[..], [Fact::Unclear { .. }]), "{to}: {facts:?}");
    }
}

#[test]
fn four_shapes_of_errors_are_the_vendor_s_own() {
    let sale = CHECKOUT.sale();
    for body in [
        r#"{"error":{"code":"not_authenticated","message":"Not Authenticated"}}"#,
        r#"{"error":"Not Authenticated"}"#,
        r#"{"message":"Not Authenticated"}"#,
        r#"{"errors":["Not Authenticated"]}"#,
    ] {
        let reading = CHECKOUT.read(&sale, &SUBMIT, 401, body);
        assert!(matches!(reading.facts[..], [Fact::NotSent { again: true, .. }]), "{body}: {:?}", reading.facts);
        assert!(reading.session_over, "{body}");
    }
}

/// Truth, section 9: only new attempts at our own terminal speak.
#[test]
fn old_attempts_and_other_terminals_do_not_speak() {
    let watch = |baseline: &[&str], body: &str| {
        let mut sale = CHECKOUT.sale();
        apply(&mut sale, Fact::Baseline { ids: baseline.iter().map(|id| (*id).to_owned()).collect() });
        CHECKOUT.read(&sale, &Step::Watch, 200, body).facts
    };
    let declined = fixture("checkout_attempted");
    let waiting = [Fact::TerminalShows { phase: Phase::Connecting }];
    assert_eq!(watch(&["chc_xyz"], declined), waiting);
    assert_eq!(watch(&[], &declined.replace("trm_abc123", "trm_other")), waiting);
    assert_eq!(watch(&[], &declined.replace("\"trm_abc123\"", "null")), waiting);
    assert!(matches!(watch(&[], declined)[..], [.., Fact::TerminalShows { phase: Phase::Ended }]));
    // They do not speak, but they are there: nothing is proven by silence.
    let facts = CHECKOUT.read(&CHECKOUT.sale(), &Step::Lookup, 200, &declined.replace("trm_abc123", "trm_other")).facts;
    assert!(matches!(&facts[..], [.., Fact::LookedUp(done)] if done.found == ["chc_xyz"]), "{facts:?}");
}

/// Truth, section 9: `completed` and its payment win over everything the log says.
#[test]
fn a_completed_checkout_wins_over_its_log() {
    for body in [
        fixture("checkout_completed").to_owned(),
        fixture("checkout_attempted")
            .replace("\"attempted\"", "\"COMPLETED\"")
            .replace("\"successful_payment_id\": null", "\"successful_payment_id\": \"py_xyz\""),
        fixture("checkout_expired")
            .replace("\"expired\"", "\"completed\"")
            .replace("\"successful_payment_id\": null", "\"successful_payment_id\": \"py_xyz\""),
    ] {
        let facts = CHECKOUT.read(&CHECKOUT.sale(), &Step::Watch, 200, &body).facts;
        assert_eq!(facts[0], Fact::TransactionSeen { id: "py_xyz".into() });
    }
    // Completed, and nobody says by what: still running.
    let nameless = fixture("checkout_expired").replace("\"expired\"", "\"completed\"");
    let facts = CHECKOUT.read(&CHECKOUT.sale(), &Step::Watch, 200, &nameless).facts;
    assert_eq!(facts, [Fact::UnknownWord { word: "completed".into() }]);
}

#[test]
fn an_attempt_without_a_log_or_with_an_entry_that_cannot_be_read_says_nothing() {
    for (from, to) in [("\"completions\"", "\"others\""), ("\"chc_xyz\"", "null"), ("\"cho_xyz\"", "\"cho_other\"")] {
        let body = fixture("checkout_attempted").replace(from, to);
        let facts = CHECKOUT.read(&CHECKOUT.sale(), &Step::Watch, 200, &body).facts;
        assert!(matches!(facts[..], [Fact::ReadFailed { .. }]), "{to}: {facts:?}");
    }
}

#[test]
fn the_end_of_an_attempt_without_a_payment() {
    let ended = |name: &str| match &CHECKOUT.facts(&CHECKOUT.sale(), &Step::Watch, 200, name)[..] {
        [Fact::RequestEnded { how, .. }] => *how,
        other => panic!("{other:?}"),
    };
    assert_eq!(ended("checkout_canceled"), Ending::Canceled);
    assert_eq!(ended("checkout_expired"), Ending::TimedOut);
}

#[test]
fn the_words_of_a_payment() {
    let verdict = |word: &str| {
        let body = fixture("payment").replace("\"succeeded\"", &format!("\"{word}\""));
        match &CHECKOUT.read(&CHECKOUT.sale(), &Step::Settle { id: "py_xyz".into() }, 200, &body).facts[..] {
            [Fact::TransactionRead { report }] => (report.verdict, report.authorized_only),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(verdict("succeeded"), (Verdict::Approved, false));
    assert_eq!(verdict("SUCCEEDED"), (Verdict::Approved, false));
    assert_eq!(verdict("authorized"), (Verdict::Approved, true));
    assert_eq!(verdict("partially_refunded"), (Verdict::Approved, false));
    assert_eq!(verdict("disputed"), (Verdict::Approved, false));
    assert_eq!(verdict("fully_refunded"), (Verdict::Voided, false));
    assert_eq!(verdict("canceled"), (Verdict::Voided, false));
    assert_eq!(verdict("failed"), (Verdict::Declined, false));
    assert_eq!(verdict("pending"), (Verdict::Open, false));
    assert_eq!(verdict("automatic"), (Verdict::Open, false));
}

#[test]
fn the_terminal_s_own_word() {
    let status = |word: &str| {
        let body = fixture("terminal_status").replace("CONNECTED", word);
        CHECKOUT.read(&CHECKOUT.sale(), &Step::TerminalStatus, 200, &body).facts
    };
    let told = |busy, word: &str| vec![Fact::TerminalStatus { busy, authorization_ms: None, word: word.into() }];
    assert_eq!(status("CONNECTED"), told(false, "connected"));
    assert_eq!(status("active"), told(true, "active"));
    assert_eq!(status("UNKNOWN"), told(false, "unknown"), "an unknown word forbids nothing");
    assert!(
        matches!(&status("DISCONNECTED")[..], [Fact::NotSent { failure, again: false, .. }] if failure.status == Status::DeviceOffline)
    );
    let mut sent = CHECKOUT.sale();
    apply(&mut sent, Fact::Dispatched { action: Action::Start });
    apply(&mut sent, Fact::Unclear { failure: crate::payment::fact::Failure::new(Status::Timeout, "") });
    let body = fixture("terminal_status").replace("CONNECTED", "DISCONNECTED");
    let facts = CHECKOUT.read(&sent, &Step::TerminalStatus, 200, &body).facts;
    assert_eq!(facts, told(false, "disconnected"), "what may have left is not ended by it");
}
