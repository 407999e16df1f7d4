//! What holds for every row of every table.

use crate::payment::snapshot::Advice;
use crate::status::Status;
use crate::vendors::FAILURES;
use crate::vendors::codes::{
    self, Call, Code, DECLINED, DEFAULTS, Meaning, NOT_UNDERSTOOD, Place, Row, Section, Table, foreign, say,
};
use crate::vendors::{ebizcharge, justifi, payjunction};

fn sections() -> impl Iterator<Item = (&'static Table, &'static Section)> {
    FAILURES.iter().flat_map(|table| table.sections.iter().map(move |section| (*table, section)))
}

fn rows() -> impl Iterator<Item = (String, &'static Row)> {
    sections().flat_map(|(table, section)| {
        section.rows.iter().map(move |row| (format!("{} {} {:?}", table.vendor, section.title, row.code), row))
    })
}

/// Whether two codes of one place could answer to the same words. Classes stand behind the codes that are named.
fn collide(one: Code, other: Code) -> bool {
    match (one, other) {
        (Code::Is(one), Code::Is(other)) => one.eq_ignore_ascii_case(other),
        (Code::Range(from, to), Code::Range(other_from, other_to)) => from <= other_to && other_from <= to,
        (Code::Is(_), _) | (_, Code::Is(_)) => false,
        _ => one == other,
    }
}

fn meet(one: &Section, other: &Section) -> bool {
    // In an error body the HTTP status tells them apart.
    let same_http = || {
        let overlaps = |(from, to): &(u16, u16)| other.http.iter().any(|(least, most)| from <= most && least <= to);
        one.http.iter().any(overlaps)
    };
    let shared = |place: &&Place| other.places.contains(place) && (**place != Place::Body || same_http());
    let place = one.places.iter().find(shared).is_some();
    let everywhere = one.calls.is_empty() || other.calls.is_empty();
    place && (everywhere || one.calls.iter().any(|call| other.calls.contains(call)))
}

#[test]
fn no_code_stands_twice_in_a_vendors_table() {
    for table in FAILURES {
        let all: Vec<(&Section, &Row)> =
            table.sections.iter().flat_map(|s| s.rows.iter().map(move |r| (s, r))).collect();
        for (at, (section, row)) in all.iter().enumerate() {
            for (other_section, other) in &all[at + 1..] {
                let twice = meet(section, other_section) && collide(row.code, other.code);
                assert!(!twice, "{}: {:?} and {:?}", table.vendor, row, other);
            }
        }
    }
}

#[test]
fn every_row_says_something_to_people() {
    for (name, row) in rows().chain(DEFAULTS.iter().map(|row| ("default".to_owned(), row))) {
        assert!(row.help.ends_with('.') && row.help.len() > 5, "{name}: {}", row.help);
        assert!(row.sentence().ends_with(['.', '?']), "{name}: {}", row.sentence());
        assert!(row.help.chars().chain(row.sentence().chars()).all(|c| c.is_ascii() && !c.is_control()), "{name}");
        assert!(!row.help.contains("  "), "{name}");
    }
    assert!(rows().count() > 280, "{} rows", rows().count());
}

/// The advice that a status can have, once it is known that no money moved.
fn fitting(status: Status) -> &'static [Advice] {
    use Advice::*;
    match status {
        Status::Ok => &[Done],
        Status::Declined => &[NewCard, Retry],
        Status::DuplicateSuspected => &[Resolve],
        Status::Rejected => &[FixRequest, FixSetup, CallSupport, Done],
        Status::Unauthorized | Status::Forbidden | Status::LockedOut | Status::Config => &[FixSetup],
        Status::NoDevice | Status::UnknownDevice => &[FixSetup],
        Status::NotFound | Status::RequestClosed => &[FixRequest],
        Status::AlreadyProcessed => &[Done],
        Status::RequestIdRequired => &[CallSupport],
        Status::Unavailable => &[Retry, CallSupport],
        Status::Canceled | Status::RequestTimedOut | Status::RateLimited | Status::Vendor => &[Retry],
        Status::PosDeviceOffline | Status::DeviceOffline | Status::DeviceBusy | Status::BatteryLow => &[Retry],
        _ => &[],
    }
}

#[test]
fn every_advice_fits_its_status() {
    for (name, row) in rows().chain(DEFAULTS.iter().map(|row| ("default".to_owned(), row))) {
        if row.means == Meaning::Unclear || row.code == Code::Is("signature capture error") {
            assert_eq!(row.advice, Advice::Resolve, "{name}: money may have moved");
        } else {
            assert!(fitting(row.status).contains(&row.advice), "{name}: {:?} and {:?}", row.status, row.advice);
        }
        assert_eq!(row.status == Status::Ok, row.means == Meaning::Success, "{name}");
        let about_a_card = matches!(row.status, Status::Declined);
        assert!(!about_a_card || row.means == Meaning::Declined, "{name}");
        let again = about_a_card && row.advice == Advice::Retry;
        assert_eq!(again, row.sentence == say::BANK_AWAY, "{name}: again only where the bank was away");
    }
}

/// Promise 4 and the rule of refusals: step, HTTP status and code are in the table, and no breakdown is a refusal.
#[test]
fn nothing_is_refused_for_a_breakdown_or_without_a_call_and_an_http_status() {
    for (table, section) in sections() {
        for row in section.rows.iter().filter(|row| !matches!(row.means, Meaning::Unclear | Meaning::Success)) {
            let name = format!("{} {} {:?}", table.vendor, section.title, row.code);
            if section.places.contains(&Place::Body) {
                assert!(!section.calls.is_empty() && !section.http.is_empty(), "{name}");
                for never in [408, 500, 502, 503, 504, 520, 599] {
                    assert!(!section.http.iter().any(|(from, to)| (*from..=*to).contains(&never)), "{name}: {never}");
                }
            }
            if section.places.contains(&Place::Http) {
                assert!(
                    ["400", "401", "403", "404", "405", "406", "429"].iter().any(|h| row.code == Code::Is(h)),
                    "{name}"
                );
            }
        }
    }
    for table in FAILURES {
        for call in Call::ALL {
            for http in [200, 201, 302, 408, 409, 418, 425, 500, 502, 503, 504, 520, 599] {
                for code in ["", "-", "no_such_code", "99999999999", "123"] {
                    let row = table.reply(*call, http, code);
                    assert_eq!(row.means, Meaning::Unclear, "{} {call:?} {http} {code}: {row:?}", table.vendor);
                }
            }
        }
    }
}

/// What is not the vendor's own answer proves nothing.
#[test]
fn an_answer_of_somebody_else_is_never_a_refusal() {
    for http in 100..=599 {
        let row = foreign(http);
        assert_eq!((row.means, row.verdict()), (Meaning::Unclear, None), "{http}");
    }
    assert_eq!(foreign(429).status, Status::RateLimited);
    assert_eq!(foreign(502).status, Status::Unavailable);
    assert_eq!(foreign(403).status, Status::BadReply);
}

#[test]
fn what_the_original_decides_lets_a_reverse_go_on() {
    for (name, row) in rows().filter(|(_, row)| row.means == Meaning::ReadOriginal) {
        assert!(matches!(row.status, Status::Rejected | Status::AlreadyProcessed), "{name}");
        assert_eq!(row.verdict(), None, "{name}: the original decides, not the row");
    }
}

#[test]
fn a_lock_out_pauses_and_ends_nothing() {
    for call in Call::ALL {
        for http in [200, 401, 403] {
            let row = ebizcharge::codes::TABLE.reply(*call, http, "10140");
            assert_eq!((row.status, row.means), (Status::LockedOut, Meaning::Pause));
        }
    }
}

#[test]
fn a_first_copy_that_still_runs_is_no_refusal() {
    for call in [Call::Start, Call::Change, Call::Refund] {
        let row = ebizcharge::codes::TABLE.reply(call, 200, "93");
        assert_eq!((row.means, row.advice), (Meaning::Unclear, Advice::Resolve));
        let row = justifi::codes::TABLE.reply(call, 409, "idempotency_request_in_progress");
        assert_eq!((row.means, row.advice), (Meaning::Unclear, Advice::Resolve));
    }
}

#[test]
fn numbers_of_the_terminals_range_that_no_document_names_pass_through() {
    let table = &ebizcharge::codes::TABLE;
    for code in ["21107", "21120", "21122", "21142", "21147", "21199"] {
        let row = table.reply(Call::Start, 409, code);
        assert_eq!((row.status, row.means), (Status::Vendor, Meaning::Refused), "{code}");
        let failure = row.failure(409, code, "Request failed (Printer out of paper)".to_owned());
        assert_eq!((failure.vendor_code.to_string().as_str(), failure.http_status), (code, 409));
        assert_eq!(failure.text, "Request failed (Printer out of paper)");
        for (call, http) in [(Call::Start, 500), (Call::Start, 408), (Call::Refund, 409)] {
            assert_eq!(table.reply(call, http, code).means, Meaning::Unclear, "{code} {call:?} {http}");
        }
    }
    for code in ["21099", "21200", "2110", "211070", "sa_21107"] {
        assert_eq!(table.reply(Call::Start, 409, code).means, Meaning::Unclear, "{code}");
    }
}

/// A number that is listed is what its row says, and never one of the unlisted.
#[test]
fn a_listed_number_is_not_taken_for_an_unlisted_one() {
    static LISTED: Row = Row { code: Code::Is("21104"), ..NOT_UNDERSTOOD };
    static UNLISTED: Row = Row { code: Code::Range(21100, 21199), means: Meaning::Refused, ..NOT_UNDERSTOOD };
    const fn section(calls: &'static [Call], rows: &'static [Row]) -> Section {
        Section { title: "", places: &[Place::Body], calls, http: &[(400, 499)], source: "", rows }
    }
    static TABLE: Table = Table {
        vendor: "",
        title: "",
        sections: &[
            section(&[Call::Start], std::slice::from_ref(&UNLISTED)),
            section(&[Call::Read], std::slice::from_ref(&LISTED)),
        ],
    };
    assert_eq!(TABLE.reply(Call::Start, 404, "21105").means, Meaning::Refused);
    assert_eq!(TABLE.reply(Call::Start, 404, "21104").means, Meaning::Unclear);
}

#[test]
fn a_code_that_is_in_no_table_is_a_plain_decline_with_its_number() {
    for table in FAILURES {
        for code in ["", "no_such_code", "999999", "?"] {
            assert_eq!(table.response(code), &DECLINED, "{} {code}", table.vendor);
            assert_eq!(table.network(code), &DECLINED);
        }
        let reason = table.reason("999999");
        assert_eq!((reason.status, reason.advice, reason.vendor_code), (Status::Declined, Advice::NewCard, 999_999));
        assert_eq!(reason.sentence, "", "the vendor's own text stands");
        assert_eq!(table.word("SOMETHING NEW"), None, "an unknown word means that it is still running");
    }
    assert_eq!(codes::number("10127"), 10127);
    assert_eq!(codes::number("card_declined"), 0);
    assert_eq!(codes::number("99999999999"), 0);
}

/// An approval's code beside a decline does not turn it into one, nor into PJ_OK.
#[test]
fn a_code_of_success_is_no_reason_for_a_decline() {
    for (table, code) in [(&payjunction::codes::TABLE, "00"), (&ebizcharge::codes::TABLE, "00000")] {
        assert_eq!(table.response(code).means, Meaning::Success);
        assert_eq!(table.reason(code).status, Status::Declined);
    }
}

#[test]
fn codes_are_found_whatever_their_case_and_blanks() {
    let justifi = &justifi::codes::TABLE;
    assert_eq!(justifi.word("ACTIVE").map(|row| row.status), Some(Status::DeviceBusy));
    assert_eq!(justifi.word("connected"), None);
    assert_eq!(justifi.response(" Insufficient_Funds ").sentence, say::NO_MONEY);
    assert_eq!(ebizcharge::codes::TABLE.word("Timeout").map(|row| row.status), Some(Status::RequestTimedOut));
    assert_eq!(justifi.network("005").help, "Do not honor.", "leading zeros count");
    assert_eq!(justifi.network("5"), &DECLINED);
}

#[test]
fn cards_to_be_kept_are_told_without_a_fight() {
    let kept: Vec<String> = rows().filter(|(_, row)| row.sentence == say::KEEP).map(|(name, _)| name).collect();
    assert_eq!(kept.len(), 6, "{kept:#?}");
    assert!(say::KEEP.contains("keep") && say::KEEP.contains("Do not confront"));
}
