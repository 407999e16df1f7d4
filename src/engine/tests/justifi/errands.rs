//! Terminals and the check, against JustiFi's cloud.

use super::{JustiFi, world, world_where};
use crate::engine::tests::world::{Road, World};
use crate::payment::Kind;
use crate::payment::snapshot::{Advice, Detail, MoneyMoved, Snapshot, State};
use crate::status::Status;
use posjunction_simulator::justifi as jf;
use posjunction_simulator::{CallKind, Fault, Matcher, When};

fn run(world: &mut JustiFi, kind: Kind, texts: &[(&str, &str)]) -> Snapshot {
    let asked = world.ask(kind, texts, &[]);
    let request = asked.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()));
    world.finish(&request, 130_000)
}

fn text(snapshot: &Snapshot, key: &str) -> String {
    match snapshot.details.get(key) {
        Some(Detail::Text(text)) => text.clone(),
        Some(Detail::Int(number)) => number.to_string(),
        _ => String::from("(none)"),
    }
}

#[track_caller]
fn is_done(result: &Snapshot) {
    assert_eq!((result.state, result.status), (State::Completed, Status::Ok), "{}", result.message);
    assert_eq!((result.money, result.advice), (MoneyMoved::NotMoved, Advice::Done));
}

fn terminal<'a>(world: &'a JustiFi, id: &str) -> &'a jf::Terminal {
    world.cloud.terminals().iter().find(|terminal| terminal.id == id).expect("the terminal is there")
}

#[test]
fn the_terminals_of_all_pages_are_listed() {
    let mut setup = jf::Setup::default();
    let first = setup.terminals[0].clone();
    setup.terminals.extend((7..230).map(|n| jf::TerminalSetup {
        id: format!("trm_{n:022}"),
        nickname: format!("Lane {n}"),
        ..first.clone()
    }));
    let (count, last) = (setup.terminals.len(), format!("Lane {}", 229));
    let mut world = World::of(jf::Cloud::new(setup), &[]);
    let result = run(&mut world, Kind::ListTerminals, &[]);
    is_done(&result);
    assert_eq!(text(&result, "terminals.count"), count.to_string());
    let names: Vec<String> = (0..count).map(|n| text(&result, &format!("terminals.{n}.name"))).collect();
    assert!(names.contains(&last) && !names.contains(&"(none)".to_owned()), "{names:?}");
    assert_eq!(text(&result, "terminals.0.model"), "e285");
    assert_ne!(text(&result, "terminals.0.serial"), "(none)");
    assert_eq!(world.cloud.count(CallKind::ListTerminals), 3);
    world.cloud.fail_next(Matcher::from(CallKind::ListTerminals).nth(2), When::After, Fault::HalfBody);
    let again = run(&mut world, Kind::ListTerminals, &[]);
    assert_eq!(text(&again, "terminals.count"), count.to_string(), "a broken page is no short list");
    world.assert_polite();
}

#[test]
fn one_terminal_is_read_and_asked_for_its_state() {
    for (id, word) in
        [(jf::TERMINAL_ID, "connected"), (jf::BUSY_TERMINAL_ID, "active"), (jf::OFFLINE_TERMINAL_ID, "disconnected")]
    {
        let mut world = world();
        let result = run(&mut world, Kind::FetchTerminal, &[("terminal", id)]);
        is_done(&result);
        assert_eq!((text(&result, "terminal.id").as_str(), text(&result, "terminal.status").as_str()), (id, word));
        world.assert_polite();
    }
    let mut world = world();
    let unknown = run(&mut world, Kind::FetchTerminal, &[("terminal", "trm_nobody")]);
    assert_eq!(
        (unknown.state, unknown.status, unknown.advice),
        (State::Failed, Status::UnknownDevice, Advice::FixSetup)
    );
}

#[test]
fn a_terminal_gets_another_name_and_shows_it() {
    let mut world = world();
    world.cloud.fail_next(CallKind::ChangeTerminal, When::After, Fault::Reset);
    is_done(&run(&mut world, Kind::SetTerminal, &[("name", "Front desk")]));
    assert_eq!(world.cloud.count(CallKind::ChangeTerminal), 2, "repeating it is harmless");
    assert_eq!(terminal(&world, jf::TERMINAL_ID).nickname, "Front desk");
    is_done(&run(&mut world, Kind::IdentifyTerminal, &[]));
    assert_eq!(terminal(&world, jf::TERMINAL_ID).screen, jf::Screen::Name("Front desk".into()));
    world.assert_polite();
    for texts in
        [&[][..], &[("settings.notify_update_next", "soon")], &[("name", "a"), ("settings.notify_update_next", "b")]]
    {
        let Err((status, ..)) = world.ask(Kind::SetTerminal, texts, &[]) else { panic!("must be refused") };
        assert!(matches!(status, Status::MissingField | Status::Unsupported));
    }
    let Err((status, ..)) = world.ask(Kind::SetTerminal, &[("name", "a")], &[("reconnect", 1)]) else {
        panic!("refused")
    };
    assert_eq!(status, Status::Unsupported);
}

#[test]
fn a_check_tells_login_clock_and_terminal() {
    let mut world = world();
    let good = run(&mut world, Kind::SelfCheck, &[]);
    is_done(&good);
    assert_eq!(
        (text(&good, "check.terminal_known").as_str(), text(&good, "check.terminal_status").as_str()),
        ("1", "connected")
    );
    let apart = (1_790_000_000_000 - jf::DEFAULT_EPOCH_MS as i64) / 1_000;
    assert_eq!(text(&good, "check.clock_ahead_seconds"), apart.to_string());
    let unknown = run(&mut world, Kind::SelfCheck, &[("terminal", "trm_nobody")]);
    assert_eq!((unknown.state, unknown.status), (State::Failed, Status::UnknownDevice));
    assert_eq!(text(&unknown, "check.terminal_known"), "0");
    world.assert_polite();
    world.road = Road::Closed;
    assert_eq!(run(&mut world, Kind::SelfCheck, &[]).status, Status::Connect);
    let mut world = super::world();
    world.configure("client_secret", "wrong");
    world.power_cut(0);
    let refused = run(&mut world, Kind::SelfCheck, &[]);
    assert_eq!(
        (refused.state, refused.status, refused.advice),
        (State::Failed, Status::Unauthorized, Advice::FixSetup)
    );
}

/// A token that is not taken any more is renewed, once; a second refusal is the vendor's word.
#[test]
fn an_old_token_is_renewed_once() {
    let mut world = world();
    is_done(&run(&mut world, Kind::SelfCheck, &[]));
    world.cloud.revoke_tokens();
    is_done(&run(&mut world, Kind::ListTerminals, &[]));
    assert_eq!(world.cloud.count(CallKind::Authenticate), 2);
    let body = r#"{"error":{"code":"not_authenticated","message":"Not Authenticated"}}"#;
    for _ in 0..20 {
        world.forge(CallKind::ListTerminals, When::Before, 401, body);
    }
    let refused = run(&mut world, Kind::ListTerminals, &[]);
    assert_eq!((refused.state, refused.status), (State::Failed, Status::Unauthorized));
    assert!(world.cloud.count(CallKind::Authenticate) <= 4, "not in a loop");
}

/// The oldest document's terminals say nothing of themselves; the list still has them.
#[test]
fn terminals_of_few_words_are_listed_too() {
    let mut world = world_where(|switches| switches.seed_replies = true);
    let result = run(&mut world, Kind::ListTerminals, &[]);
    is_done(&result);
    assert_eq!(
        (text(&result, "terminals.5.id").as_str(), text(&result, "terminals.0.name").as_str()),
        (jf::TERMINAL_ID, "(none)")
    );
}

#[test]
fn what_justifi_cannot_do_is_refused_before_anything_is_sent() {
    let mut world = world();
    for (kind, texts) in [
        (Kind::PairTerminal, &[("name", "Bar")][..]),
        (Kind::UnpairTerminal, &[("terminal", jf::TERMINAL_ID)]),
        (Kind::FetchReceipt, &[("transaction", "py_1")]),
        (Kind::SendReceipt, &[("transaction", "py_1"), ("email", "a@b.example")]),
        (Kind::FetchSignature, &[("transaction", "py_1")]),
        (Kind::Signature, &[("terms", "I agree.")]),
        (Kind::Prompt, &[("text", "Tea?"), ("buttons", "Yes")]),
        (Kind::Input, &[]),
        (Kind::CardRead, &[]),
    ] {
        let Err((status, ..)) = world.ask(kind, texts, &[]) else { panic!("{kind:?} must be refused") };
        assert_eq!(status, Status::Unsupported, "{kind:?}");
    }
    assert_eq!(world.cloud.calls().len(), 0);
}
