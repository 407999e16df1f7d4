//! Any rows, as the journal's facts of one payment: they fold without a word, the same twice; the plan comes to rest; and
//! an intent of an earlier run is never sent at a terminal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posjunction::payment::plan::{Plan, Step, next};
use posjunction::payment::rules::{Context, Rules};
use posjunction::payment::{Entry, Fact, Payment, face};
use posjunction_fuzz::{entry, subjects};

/// So many conclusions in a row are a plan that never comes to rest.
const MOST_RECORDS: usize = 60;
const RUN: u32 = 3;

fuzz_target!(|text: &str| {
    let mut entries: Vec<Entry> = text.lines().zip(1..).map(|(line, number)| row(line, number)).collect();
    entries.truncate(60);
    let Some(payment) = Payment::fold(1, RUN, 10_000, &entries) else { return };
    assert!(Payment::fold(1, RUN, 10_000, &entries).as_ref() == Some(&payment), "folded differently");
    for fact in entries.iter().map(|entry| &entry.fact).filter(|fact| **fact != Fact::Unreadable) {
        assert_eq!(Fact::from_json(1, &fact.to_json()), *fact, "the journal does not give it back");
    }
    for subject in subjects() {
        let policy = subject.vendor.policy();
        let rules = Rules {
            ways: policy.ways,
            first_read_ms: policy.first_read_ms,
            read_floor_ms: policy.read_floor_ms,
            absence_after_ms: policy.absence_after_ms,
            resend_on_original: policy.resend_on_original,
            refund_absence_ms: policy.refund_absence_ms,
            send_within_ms: 15_000,
            deadline_ms: policy.deadline_ms,
            poll_interval_ms: 1_000,
            terminal_shared: true,
            confirm: None,
        };
        for now in [10_000, 11_000, 100_000, 10_000_000] {
            rest(payment.clone(), &rules, now);
        }
    }
});

/// A digit before the JSON is the run that wrote it: those before this one, this one, and a later version of the library.
fn row(line: &str, number: u64) -> Entry {
    let (run, body) = line.split_at(line.find('{').unwrap_or(line.len()));
    match run.trim().parse() {
        Ok(9) => entry(number, RUN, Fact::from_json(2, body)),
        Ok(run) if run <= RUN => entry(number, run, Fact::from_json(1, body)),
        _ => entry(number, 1, Fact::from_json(1, body)),
    }
}

fn context(now: u64) -> Context {
    Context {
        now,
        read_every_ms: 1_000,
        lookup_wanted_since: None,
        look_wanted: false,
        done_by_other: false,
        explained: false,
        quiet_until: 0,
    }
}

fn rest(mut payment: Payment, rules: &Rules, now: u64) {
    let old = payment.asked_earlier;
    for number in 1000.. {
        let shown = face::of(&payment, true);
        assert!(shown.message.len() < 10_000);
        match next(&payment, rules, context(now)) {
            Plan::Record(fact) => payment.apply(&Entry { at_ms: now, asked_ms: now, ..entry(number, RUN, fact) }),
            // Its policy's capture or void is the one exception.
            Plan::Call(Step::Submit(_)) if payment.is_confirming() => break,
            Plan::Call(Step::Submit(_)) if old && payment.kind().is_card_present() => panic!("an old intent is sent"),
            _ => break,
        }
        assert!(number < 1000 + MOST_RECORDS as u64, "the plan never comes to rest: {payment:?}");
    }
}
