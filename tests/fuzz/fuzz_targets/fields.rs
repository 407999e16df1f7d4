//! Any bag, as the fields of any kind of work: what passes the checks holds no card number, comes back from the journal as
//! it was, and makes requests that are HTTP.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posjunction::payment::fact::{Action, Intent};
use posjunction::payment::fields::row::EVERY;
use posjunction::payment::fields::{self, Checked, Defaults};
use posjunction::payment::plan::Step;
use posjunction::payment::{Fact, Payment, cardmask, wire};
use posjunction::vendors::{Account, Search};
use posjunction_fuzz::{bag, entry, subjects};
use serde_json::Value;

fuzz_target!(|text: &str| {
    let (kind, lines) = text.split_once('\n').unwrap_or((text, ""));
    let kind = EVERY.into_iter().find(|one| one.name() == kind).unwrap_or(EVERY[0]);
    let bag = bag(lines);
    let checked = match fields::check(kind, &bag, &Defaults::default()) {
        Ok(checked) => checked,
        Err(fault) => {
            assert!(!cardmask::holds_card_number(&fault.text), "the fault shows it: {}", fault.text);
            return;
        }
    };
    assert!(!shows_card(&serde_json::to_value(&checked).expect("JSON")), "it passed: {checked:?}");
    assert_eq!(fields::check(kind, &bag, &Defaults::default()).as_ref(), Ok(&checked), "checked differently");
    let written = Fact::Intent(Box::new(intent(checked.clone())));
    assert_eq!(Fact::from_json(1, &written.to_json()), written, "the journal does not give it back");
    let payment = Payment::fold(1, 1, 0, &[entry(1, 1, written)]).expect("an intent");
    for subject in subjects().iter().filter(|subject| subject.vendor.can_do(kind)) {
        if subject.vendor.admit(&checked).is_ok() {
            let account = Account { session: None, entropy: [3; 20] };
            let step = Step::Submit(Action::Start);
            let Ok(request) = subject.vendor.request(&step, &payment, &Search::default(), &account) else { continue };
            let body = String::from_utf8(request.body).expect("bodies are text");
            assert!(request.path.starts_with('/') && request.path.bytes().all(|b| b.is_ascii_graphic() && b != b'#'));
            let json = serde_json::from_str::<Value>(&body).is_ok();
            assert!(json || body.is_ascii(), "what is no ASCII is encoded in a form: {body}");
        }
    }
});

fn intent(request: Checked) -> Intent {
    Intent {
        original_id: request.transaction.clone(),
        request,
        wire_key: wire::key(&[7; 20]),
        key_on_wire: true,
        attempt: 1,
        earlier: Vec::new(),
        identity: String::new(),
        given_back: 0,
        reserved: false,
        confirm: None,
        landmark: None,
    }
}

fn shows_card(value: &Value) -> bool {
    match value {
        Value::String(text) => cardmask::holds_card_number(text),
        Value::Array(list) => list.iter().any(shows_card),
        Value::Object(map) => map.iter().any(|(key, one)| cardmask::holds_card_number(key) || shows_card(one)),
        _ => false,
    }
}
