//! What a terminal asks without money: signature, prompt, input, card read.

use super::world::{World, own_error};
use crate::engine::Request;
use crate::payment::snapshot::{Advice, Detail, EventKind, MoneyMoved, Snapshot, State, flag};
use crate::payment::{Decision, Fact, Kind};
use crate::status::Status;
use posjunction_simulator::payjunction::{self as pj, RequestStatus, Scenario, Touch};
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

const BUTTONS: [&str; 3] = ["Yes", "No", "Later"];

/// Asks for a prompt with so many buttons at the terminal that waits for a hand.
fn prompt(world: &mut World, buttons: usize) -> Arc<Request> {
    let mut texts = vec![("terminal", pj::TOUCH_SMART_TERMINAL_ID), ("text", "Join our club?")];
    texts.extend(BUTTONS[..buttons].iter().map(|button| ("buttons", *button)));
    world.ask(Kind::Prompt, &texts, &[]).unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()))
}

fn ask(world: &mut World, kind: Kind) -> Arc<Request> {
    let texts: &[(&str, &str)] = match kind {
        Kind::Signature => &[("terms", "I agree.")],
        Kind::Prompt => &[("text", "Join our club?"), ("buttons", "Yes"), ("buttons", "No")],
        _ => &[],
    };
    world.ask(kind, texts, &[]).unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()))
}

const KINDS: [Kind; 4] = [Kind::Signature, Kind::Prompt, Kind::Input, Kind::CardRead];

fn text(snapshot: &Snapshot, key: &str) -> String {
    match snapshot.details.get(key) {
        Some(Detail::Text(text)) => text.clone(),
        Some(Detail::Private(text)) => text.reveal().to_owned(),
        Some(Detail::Int(number)) => number.to_string(),
        Some(Detail::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        None => String::from("(none)"),
    }
}

fn at_customer(world: &mut World, request: &Arc<Request>) {
    world.until_state(request, 10_000, State::AtTerminal);
}

#[test]
fn a_prompt_tells_which_of_its_buttons_was_pressed() {
    for buttons in 1..=3 {
        for (pressed, label) in BUTTONS[..buttons].iter().enumerate() {
            let mut world = World::new();
            let request = prompt(&mut world, buttons);
            at_customer(&mut world, &request);
            assert!(world.cloud.touch(pj::TOUCH_SMART_TERMINAL_ID, Touch::Button(pressed as u8)));
            let result = world.finish(&request, 5_000);
            assert_eq!((result.state, result.status), (State::Completed, Status::Ok));
            assert_eq!((result.money, result.advice), (MoneyMoved::NotMoved, Advice::Done));
            assert_eq!(text(&result, "prompt.button"), *label);
            assert_eq!(text(&result, "prompt.index"), pressed.to_string());
            world.run(1_000);
            assert!(request.snapshot().has(flag::TERMINAL_FREE));
            assert_eq!(world.news_of(request.payment), [EventKind::Result, EventKind::TerminalFree]);
            world.assert_polite();
        }
    }
}

#[test]
fn each_question_ends_with_its_answer() {
    let wanted: [&[(&str, &str)]; 4] = [
        &[("signature.content_type", "image/png")],
        &[("prompt.button", "Yes"), ("prompt.index", "0")],
        &[("input.value", "8006010230")],
        &[
            ("card_read.data", ";7090112233654321?"),
            ("card_read.track2", ";7090112233654321?"),
            ("card_read.track1", "(none)"),
        ],
    ];
    for (kind, values) in KINDS.into_iter().zip(wanted) {
        let mut world = World::new();
        let request = ask(&mut world, kind);
        let result = world.finish(&request, 20_000);
        assert_eq!((result.state, result.money), (State::Completed, MoneyMoved::NotMoved), "{kind:?}");
        for (key, value) in values {
            assert_eq!(text(&result, key), *value, "{kind:?} {key}");
        }
        if kind == Kind::Signature {
            assert_eq!(result.details.get("signature.image"), Some(&Detail::Bytes(pj::SIGNATURE_PNG.into())));
            assert_eq!(text(&result, "signature.id").len(), 32);
        }
        world.acknowledge(&request);
        world.run(5_000);
        let later = request.snapshot();
        assert_eq!(text(&later, values[0].0), values[0].1, "the answer stays readable until the handle is freed");
        assert_eq!(world.calls_of(CallKind::Action).len(), 1);
        assert!(world.pending().is_empty());
        world.assert_polite();
    }
}

/// Promise 12: what a card said, or a customer keyed in, is for the program only.
#[test]
fn no_answer_reaches_the_journal_the_json_or_a_printed_snapshot() {
    let canaries: [&[&str]; 4] =
        [&["PNG", "iVBOR"], &["\"Later\"", "Later\\"], &["8006010230", "6010230"], &["7090112233654321", "654321"]];
    for (kind, canaries) in KINDS.into_iter().zip(canaries) {
        let mut world = World::new();
        let request = match kind {
            Kind::Prompt => prompt(&mut world, 3),
            _ => ask(&mut world, kind),
        };
        if kind == Kind::Prompt {
            at_customer(&mut world, &request);
            assert!(world.cloud.touch(pj::TOUCH_SMART_TERMINAL_ID, Touch::Button(2)));
        }
        let result = world.finish(&request, 20_000);
        assert_eq!(result.state, State::Completed);
        world.run(1_000);
        let journal = world.story(request.payment);
        // The question is in the journal; its answer is not.
        let after_intent = journal.split_once('\n').expect("there is an intent").1;
        let json = text(&result, "json");
        let printed = format!("{result:?} {:?}", request);
        for canary in canaries {
            assert!(!after_intent.contains(canary), "{kind:?} in the journal: {journal}");
            assert!(!result.message.contains(canary), "{kind:?} in the message");
            if matches!(kind, Kind::Input | Kind::CardRead) {
                assert!(!json.contains(canary), "{kind:?} in the JSON: {json}");
                assert!(!printed.contains(canary), "{kind:?} printed: {printed}");
            }
        }
        if kind == Kind::Signature {
            assert!(json.contains("\"signature.image\":\"iVBORw0KGgo"), "{json}");
        }
    }
}

#[test]
fn the_red_x_and_the_screens_time_out_end_a_question_without_an_answer() {
    for (kind, touch) in KINDS.into_iter().flat_map(|kind| [(kind, true), (kind, false)]) {
        let mut world = World::new();
        world.cloud.script(Scenario::Touch);
        let request = ask(&mut world, kind);
        at_customer(&mut world, &request);
        if touch {
            assert!(world.cloud.touch(pj::SMART_TERMINAL_ID, Touch::Cancel));
        }
        let result = world.finish(&request, 100_000);
        assert_eq!((result.state, result.status), (State::Canceled, Status::Canceled), "{kind:?}");
        assert_eq!((result.money, result.advice), (MoneyMoved::NotMoved, Advice::Retry));
        world.run(500);
        assert!(request.snapshot().has(flag::TERMINAL_FREE));
        world.assert_polite();
    }
}

/// Rules of truth, section 8: `/main` acts on the whole device, so it goes out only while our request was just seen on it.
#[test]
fn the_till_cancels_a_question_at_the_terminal() {
    for (stays, longest) in [(false, 5_000), (true, 80_000)] {
        let mut world = World::new();
        if stays {
            world.canceled_stays_in_progress();
        }
        let request = prompt(&mut world, 2);
        at_customer(&mut world, &request);
        world.cancel(&request);
        let result = world.finish(&request, longest);
        assert_eq!((result.state, result.money), (State::Canceled, MoneyMoved::NotMoved));
        assert!(result.has(flag::CANCEL_REQUESTED));
        let mains = world.cloud.count(CallKind::Main);
        assert!((1..=5).contains(&mains) && (stays || mains == 1), "{mains} of them");
        world.assert_polite();
    }
}

#[test]
fn a_question_on_a_terminal_that_another_till_uses_is_never_cleared_away() {
    let mut world = World::new();
    let request = world.ask(Kind::Input, &[("terminal", pj::BUSY_SMART_TERMINAL_ID)], &[]).unwrap();
    world.cancel(&request);
    let result = world.finish(&request, 20_000);
    assert!(matches!(result.state, State::Canceled | State::Failed), "{:?}", result.state);
    assert_eq!(world.cloud.count(CallKind::Main), 0);
    world.assert_polite();
}

#[test]
fn an_answer_that_came_before_the_cancel_stands() {
    let mut world = World::new();
    let request = prompt(&mut world, 2);
    at_customer(&mut world, &request);
    assert!(world.cloud.touch(pj::TOUCH_SMART_TERMINAL_ID, Touch::Button(1)));
    world.cancel(&request);
    let result = world.finish(&request, 20_000);
    assert_eq!((result.state, text(&result, "prompt.button").as_str()), (State::Completed, "No"));
    assert!(world.cloud.count(CallKind::Main) <= 1, "once at most: it was ours a moment before");
}

#[test]
fn busy_offline_and_unknown_terminals_fail_a_question() {
    for (terminal, status, advice) in [
        (pj::BUSY_SMART_TERMINAL_ID, Status::DeviceBusy, Advice::Retry),
        (pj::OFFLINE_SMART_TERMINAL_ID, Status::DeviceOffline, Advice::Retry),
        ("99999999-9999-4999-8999-999999999999", Status::UnknownDevice, Advice::FixSetup),
    ] {
        let mut world = World::new();
        let request = world.ask(Kind::CardRead, &[("terminal", terminal)], &[]).unwrap();
        let result = world.finish(&request, 60_000);
        assert_eq!((result.state, result.status, result.advice), (State::Failed, status, advice));
        assert_eq!(result.money, MoneyMoved::NotMoved);
        world.run(500);
        assert!(request.snapshot().has(flag::TERMINAL_FREE));
        assert!(world.ask(Kind::CardRead, &[("terminal", terminal)], &[]).is_ok(), "the terminal is not held");
        world.assert_polite();
    }
}

#[test]
fn a_terminal_carries_one_request_whatever_it_asks() {
    let mut world = World::new();
    let question = ask(&mut world, Kind::Signature);
    let Err((status, _, existing)) = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 100)]) else {
        panic!("the terminal is in use");
    };
    assert_eq!((status, existing.map(|e| e.payment)), (Status::TerminalInUse, Some(question.payment)));
    world.finish(&question, 20_000);
    world.run(500);
    let sale = world.pay("4711", 100);
    let Err((status, ..)) = world.ask(Kind::Input, &[], &[]) else { panic!("the terminal is in use") };
    assert_eq!(status, Status::TerminalInUse);
    assert_eq!(world.finish(&sale, 60_000).state, State::Approved);
}

/// A reference names a question for pj_find; it guards no money and blocks no payment.
#[test]
fn a_reference_of_a_question_is_no_reference_of_a_payment() {
    let mut world = World::new();
    for _ in 0..2 {
        let question = world.ask(Kind::Input, &[("reference", "4711")], &[]).unwrap();
        assert_eq!(question.snapshot().reference, "4711");
        world.finish(&question, 20_000);
        assert_eq!(world.admission.find_question("4711"), Some(question.payment));
        world.acknowledge(&question);
        world.run(1_000);
    }
    let sale = world.pay("4711", 1234);
    assert_eq!(world.finish(&sale, 60_000).state, State::Approved);
    let newest = world.admission.find_question("4711");
    world.power_cut(100);
    assert_eq!(world.admission.find_question("4711"), newest, "and after a restart");
    assert_eq!(world.admission.find("4711").map(|attempt| attempt.payment), Some(sale.payment));
    world.assert_polite();
}

#[test]
fn a_question_goes_on_after_a_restart() {
    for kind in KINDS {
        let mut world = World::new();
        world.cloud.script(Scenario::Touch);
        let request = ask(&mut world, kind);
        at_customer(&mut world, &request);
        world.power_cut(2_000);
        let again = world.again(request.payment);
        at_customer(&mut world, &again);
        assert!(world.cloud.touch(pj::SMART_TERMINAL_ID, Touch::Tap));
        let result = world.finish(&again, 10_000);
        assert_eq!(result.state, State::Completed, "{kind:?}");
        assert!(result.details.keys().any(|key| key.contains('.') && !key.starts_with("candidates")), "{result:?}");
        assert_eq!(world.calls_of(CallKind::Action).len(), 1, "never sent again");
        world.assert_polite();
    }
}

#[test]
fn an_answer_from_before_a_restart_is_said_to_be_gone() {
    for kind in KINDS {
        let mut world = World::new();
        let request = ask(&mut world, kind);
        let before = world.finish(&request, 20_000);
        assert_eq!(before.state, State::Completed);
        assert!(!before.details.contains_key("answer_gone"));
        world.run(1_000);
        world.power_cut(2_000);
        let again = world.again(request.payment);
        let result = again.snapshot();
        assert_eq!((result.state, result.money), (State::Completed, MoneyMoved::NotMoved), "{kind:?}");
        assert_eq!(text(&result, "answer_gone"), "1");
        assert!(result.message.contains("gone"), "{}", result.message);
        for key in ["signature.image", "prompt.button", "input.value", "card_read.data", "card_read.track2"] {
            assert!(!result.details.contains_key(key), "{kind:?} {key}");
        }
        // The vendor's id of a signature is no answer: with it the image can be had again.
        let id = text(&result, "signature.id");
        if kind == Kind::Signature {
            let image = world.ask(Kind::FetchSignature, &[("signature", &id)], &[]).unwrap();
            let fetched = world.finish(&image, 10_000);
            assert_eq!(fetched.details.get("signature.image"), Some(&Detail::Bytes(pj::SIGNATURE_PNG.into())));
        }
        let calls = world.cloud.calls().len();
        world.run(7_200_000);
        assert_eq!(world.cloud.calls().len(), calls, "nothing is looked up again where no money is");
        world.assert_polite();
    }
}

/// The answer is on its way into the journal when the power goes: it is asked for again.
#[test]
fn a_power_cut_between_the_answer_and_the_disk_loses_nothing() {
    for kind in KINDS {
        let mut world = World::new();
        world.flush_ms = 400;
        let request = ask(&mut world, kind);
        world.run_cloud_until(20_000, "the customer has answered", |cloud| {
            cloud.requests().last().is_some_and(|r| r.status == RequestStatus::Complete)
        });
        let seen = |world: &World| {
            let polls = world.calls_of(CallKind::Poll);
            polls.last().is_some_and(|call| call.answer.contains("COMPLETE"))
        };
        world.run_until(5_000, "the poll has seen it", seen);
        world.run(100);
        world.power_cut(1_000);
        let again = world.again(request.payment);
        let result = world.finish(&again, 20_000);
        assert_eq!(result.state, State::Completed, "{kind:?}");
        assert!(!result.details.contains_key("answer_gone"), "{kind:?}: {result:?}");
        world.assert_polite();
    }
}

/// Nobody can ever read the answer of a request whose id is lost; and it is never asked twice.
#[test]
fn a_question_whose_answer_to_the_submit_is_lost_fails_and_is_not_sent_again() {
    for when in [When::Before, When::After] {
        let mut world = World::new();
        world.cloud.fail_next(CallKind::Action, when, Fault::Reset);
        let request = ask(&mut world, Kind::Prompt);
        let result = world.finish(&request, 5_000);
        assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved));
        assert_eq!(result.status, Status::ConnectionLost);
        assert!(result.message.contains("may be showing"), "{}", result.message);
        world.run(300_000);
        assert_eq!(world.calls_of(CallKind::Action).len(), 1);
        assert!(request.snapshot().has(flag::TERMINAL_FREE));
        world.assert_polite();
    }
}

/// Rules of truth, section 8: after a lost answer `/main` goes out only where the terminal is not shared.
#[test]
fn a_cancel_after_a_lost_answer_clears_the_terminal_only_where_nobody_shares_it() {
    for (shared, mains, state) in [(0, 1, State::Canceled), (1, 0, State::Failed)] {
        let mut world = World::with(pj::Setup::default(), &[("terminal_shared", shared)]);
        world.cloud.fail_next(CallKind::Action, When::After, Fault::Silence(30_000));
        let request = ask(&mut world, Kind::Prompt);
        world.run(2_000);
        world.cancel(&request);
        let result = world.finish(&request, 60_000);
        assert_eq!((result.state, result.money), (state, MoneyMoved::NotMoved));
        assert_eq!(world.cloud.count(CallKind::Main), mains);
        world.assert_polite();
    }
}

#[test]
fn a_power_cut_after_the_submit_ends_a_question_of_which_nothing_is_known() {
    let mut world = World::new();
    let request = ask(&mut world, Kind::Prompt);
    world.run_until(5_000, "the submit has arrived", |w| w.cloud.count(CallKind::Action) == 1);
    world.power_cut(1_000);
    let again = world.again(request.payment);
    let result = world.finish(&again, 5_000);
    assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved));
    world.run(100_000);
    assert_eq!(world.cloud.count(CallKind::Action), 1, "never sent again");
}

/// A terminal that lost its network says nothing for ever. No money hangs on it, and the till is told so.
#[test]
fn a_question_that_never_ends_is_unknown_without_money_and_a_person_can_end_it() {
    let mut world = World::new();
    world.cloud.script(Scenario::UnplugBeforeCard);
    let request = ask(&mut world, Kind::Signature);
    world.run_until(120_000, "overdue", |_| request.snapshot().has(flag::OVERDUE));
    let unknown = world.until_unknown(&request, 120_000);
    assert_eq!((unknown.money, unknown.advice), (MoneyMoved::NotMoved, Advice::Resolve));
    assert!(unknown.message.contains("No money"), "{}", unknown.message);
    assert!(world.ask(Kind::Input, &[], &[]).is_err(), "the terminal is held");
    world.resolve(&request, Decision::NotPaid);
    let result = world.finish(&request, 1_000);
    assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved));
    assert!(result.has(flag::RESOLVED));
    world.run(500);
    assert!(world.ask(Kind::Input, &[], &[]).is_ok(), "the terminal is free");
    world.assert_polite();
}

#[test]
fn a_late_answer_still_counts() {
    let mut world = World::new();
    world.cloud.script(Scenario::Stuck);
    let request = prompt(&mut world, 2);
    world.until_unknown(&request, 300_000);
    assert!(world.cloud.touch(pj::TOUCH_SMART_TERMINAL_ID, Touch::Button(0)));
    let result = world.finish(&request, 60_000);
    assert_eq!((result.state, text(&result, "prompt.button").as_str()), (State::Completed, "Yes"));
}

#[test]
fn a_request_that_the_vendor_has_forgotten_ends_the_question() {
    let mut world = World::new();
    world.cloud.script(Scenario::Stuck);
    let request = ask(&mut world, Kind::Prompt);
    at_customer(&mut world, &request);
    world.run(31_000);
    world.forge(CallKind::Poll, When::Before, 404, &own_error("404 Not Found"));
    let result = world.finish(&request, 5_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::RequestNotFound));
}

#[test]
fn an_unfamiliar_word_means_still_running() {
    let mut world = World::new();
    let request = prompt(&mut world, 2);
    at_customer(&mut world, &request);
    world.forge(CallKind::Poll, When::Before, 200, r#"{"status":"AWAITING_PEN","promptButton":"No"}"#);
    world.run(3_000);
    assert!(!request.snapshot().state.is_final());
    assert!(world.cloud.touch(pj::TOUCH_SMART_TERMINAL_ID, Touch::Button(0)));
    assert_eq!(text(&world.finish(&request, 5_000), "prompt.button"), "Yes");
}

#[test]
fn a_signature_whose_image_cannot_be_had_is_completed_with_its_id() {
    for (fault, longest) in [(Fault::Reset, 45_000), (Fault::ServerError, 45_000), (Fault::Forbidden, 45_000)] {
        let mut world = World::new();
        let matcher = posjunction_simulator::Matcher::from(CallKind::Signature).times(100);
        world.cloud.fail_next(matcher, When::Before, fault);
        let request = ask(&mut world, Kind::Signature);
        let result = world.finish(&request, longest);
        assert_eq!((result.state, result.status), (State::Completed, Status::Ok), "{fault:?}");
        assert_eq!(text(&result, "signature.id").len(), 32);
        assert!(!result.details.contains_key("signature.image") && result.message.contains("could not be fetched"));
        world.assert_polite();
    }
    // One failure costs a second, not the image.
    let mut world = World::new();
    world.cloud.fail_next(CallKind::Signature, When::After, Fault::HalfBody);
    let request = ask(&mut world, Kind::Signature);
    let result = world.finish(&request, 20_000);
    assert!(result.details.contains_key("signature.image"));
}

/// Promise 1, for a question too.
#[test]
fn nothing_of_a_question_leaves_before_its_intent_is_on_disk() {
    let mut world = World::new();
    world.disk_fails = true;
    let request = ask(&mut world, Kind::Prompt);
    let result = world.finish(&request, 20_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::Journal));
    assert_eq!(world.cloud.calls().len(), 0);
    let mut world = World::new();
    let request = ask(&mut world, Kind::Prompt);
    world.finish(&request, 20_000);
    assert!(world.has_fact(request.payment, |fact| matches!(fact, Fact::Dispatched { .. })));
}
