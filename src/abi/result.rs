//! A snapshot as C sees it.

use super::memory::cut;
use super::types::pj_result;
use crate::os;
use crate::payment::snapshot::{Detail, Snapshot};
use std::ffi::c_char;

/// The C image of a snapshot.
pub fn image(snapshot: &Snapshot) -> pj_result {
    let mut result = EMPTY;
    draw(snapshot, &mut result);
    result
}

/// Draws the C image of a snapshot on an empty result.
pub fn draw(snapshot: &Snapshot, result: &mut pj_result) {
    result.state = snapshot.state.number();
    result.status = snapshot.status.number();
    result.money = snapshot.money.number();
    result.advice = snapshot.advice.number();
    result.flags = snapshot.flags;
    result.requested_amount = snapshot.requested_amount;
    result.approved_amount = snapshot.approved_amount;
    result.tip_amount = snapshot.tip_amount;
    result.surcharge_amount = snapshot.surcharge_amount;
    result.vendor_code = snapshot.vendor_code;
    result.http_status = snapshot.http_status;
    result.elapsed_ms = elapsed_ms(snapshot);
    result.event_number = snapshot.event_number;
    fill(&mut result.currency, snapshot.currency.as_ref().map_or("", |currency| currency.code()));
    fill(&mut result.card_last4, &snapshot.card_last4);
    fill(&mut result.card_brand, &snapshot.card_brand);
    fill(&mut result.entry_method, &snapshot.entry_method);
    fill(&mut result.authorization_code, &snapshot.authorization_code);
    fill(&mut result.response_code, &snapshot.response_code);
    fill(&mut result.reference, &snapshot.reference);
    fill(&mut result.request_id, &snapshot.request_id);
    fill(&mut result.transaction_id, &snapshot.transaction_id);
    fill(&mut result.terminal, &snapshot.terminal);
    fill(&mut result.message, &snapshot.message);
}

/// A result of nothing.
pub const EMPTY: pj_result = pj_result {
    struct_size: size_of::<pj_result>() as u32,
    state: 0,
    status: 0,
    money: 0,
    advice: 0,
    flags: 0,
    requested_amount: 0,
    approved_amount: 0,
    tip_amount: 0,
    surcharge_amount: 0,
    vendor_code: 0,
    http_status: 0,
    elapsed_ms: 0,
    event_number: 0,
    currency: [0; 8],
    card_last4: [0; 8],
    card_brand: [0; 20],
    entry_method: [0; 20],
    authorization_code: [0; 16],
    response_code: [0; 16],
    reference: [0; 64],
    request_id: [0; 64],
    transaction_id: [0; 64],
    terminal: [0; 64],
    message: [0; 256],
};

/// What the getters give for a key: the fields of pj_result by their names, then the details.
pub fn value_of(snapshot: &Snapshot, key: &str) -> Option<Detail> {
    let text = |text: &str| Some(Detail::Text(text.to_owned())).filter(|_| !text.is_empty());
    let number = |number: i64| Some(Detail::Int(number));
    match key {
        "state" => number(snapshot.state.number().into()),
        "status" => number(snapshot.status.number().into()),
        "money" => number(snapshot.money.number().into()),
        "advice" => number(snapshot.advice.number().into()),
        "flags" => number(snapshot.flags.into()),
        "requested_amount" => number(snapshot.requested_amount),
        "approved_amount" => number(snapshot.approved_amount),
        "tip_amount" => number(snapshot.tip_amount),
        "surcharge_amount" => number(snapshot.surcharge_amount),
        "vendor_code" => number(snapshot.vendor_code.into()),
        "http_status" => number(snapshot.http_status.into()),
        "elapsed_ms" => number(elapsed_ms(snapshot).into()),
        "event_number" => number(snapshot.event_number.into()),
        "currency" => text(snapshot.currency.as_ref()?.code()),
        "card_last4" => text(&snapshot.card_last4),
        "card_brand" => text(&snapshot.card_brand),
        "entry_method" => text(&snapshot.entry_method),
        "authorization_code" => text(&snapshot.authorization_code),
        "response_code" => text(&snapshot.response_code),
        "reference" => text(&snapshot.reference),
        "request_id" => text(&snapshot.request_id),
        "transaction_id" => text(&snapshot.transaction_id),
        "terminal" => text(&snapshot.terminal),
        "message" => text(&snapshot.message),
        _ => snapshot.details.get(key).cloned(),
    }
}

fn elapsed_ms(snapshot: &Snapshot) -> u32 {
    let end = snapshot.ended_ms.unwrap_or_else(os::elapsed_ms);
    u32::try_from(end.saturating_sub(snapshot.started_ms)).unwrap_or(u32::MAX)
}

/// Copies a text into a field of zeros, cut at a character so that a NUL remains.
fn fill(field: &mut [c_char], text: &str) {
    let text = cut(text, field.len() - 1);
    // SAFETY: the text is at least one byte shorter than the field, and both are ours.
    unsafe { std::ptr::copy_nonoverlapping(text.as_ptr(), field.as_mut_ptr().cast(), text.len()) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::news::tests::snapshot as snapshot_for_tests;
    use crate::payment::snapshot::State;

    #[test]
    fn the_layout_is_the_contract() {
        assert_eq!(size_of::<pj_result>(), 672);
        let offsets = [
            (std::mem::offset_of!(pj_result, requested_amount), 24),
            (std::mem::offset_of!(pj_result, vendor_code), 56),
            (std::mem::offset_of!(pj_result, currency), 72),
            (std::mem::offset_of!(pj_result, reference), 160),
            (std::mem::offset_of!(pj_result, message), 416),
        ];
        assert!(offsets.iter().all(|(is, right)| is == right), "{offsets:?}");
    }

    #[test]
    fn texts_are_cut_at_a_character_and_always_end() {
        for length in 0..70 {
            let mut field = [0; 64];
            fill(&mut field, &"\u{e9}".repeat(length));
            let used = field.iter().take_while(|c| **c != 0).count();
            assert_eq!(used, (length * 2).min(62));
        }
    }

    #[test]
    fn elapsed_time_stops_at_the_end_and_saturates() {
        let mut snapshot = snapshot_for_tests(State::Approved);
        snapshot.started_ms = 1000;
        snapshot.ended_ms = Some(3500);
        assert_eq!(image(&snapshot).elapsed_ms, 2500);
        snapshot.ended_ms = Some(u64::MAX);
        assert_eq!(image(&snapshot).elapsed_ms, u32::MAX);
        snapshot.ended_ms = Some(0);
        assert_eq!(image(&snapshot).elapsed_ms, 0);
    }

    #[test]
    fn an_image_takes_a_fraction_of_a_microsecond() {
        let mut snapshot = snapshot_for_tests(State::Approved);
        snapshot.ended_ms = Some(0);
        let start = std::time::Instant::now();
        for _ in 0..100_000 {
            std::hint::black_box(image(std::hint::black_box(&snapshot)));
        }
        let each = start.elapsed().as_nanos() / 100_000;
        println!("image: {each} ns");
        assert!(each < 20_000, "{each} ns");
    }
}
