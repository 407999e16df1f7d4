//! Work: every function starts one kind of it and returns at once.

use super::guard::{self, Fault, Outcome};
use super::handles;
use super::memory::refuse_null;
use super::request::give;
use super::table::Function;
use super::types::{pj_client, pj_fields, pj_request, pj_status};
use crate::payment::{Fields, Kind};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// Asks for a payment at a terminal: the customer presents a card there.
///
/// Required: `amount` (the whole sum, in minor units), `reference`, and `terminal` unless the configuration names one.
/// Often: `currency`, `tip_amount` or `prompt_tip`, `tax_amount`, `invoice`, `order`, `clerk`, `capture` ("now" or "later"),
/// `allow_partial`, `prompt_receipt`, `prompt_signature`, `wait_for_terminal`, `line_items`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_request_payment(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_request_payment, || start(Kind::Payment, client, fields, out))
}

/// Asks for a refund at a terminal: the customer presents the card. Required: `amount`, `reference`, `terminal`.
/// To give back a payment that this library made, pj_refund or pj_reverse is better: no card is needed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_request_refund(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_request_refund, || start(Kind::TerminalRefund, client, fields, out))
}

/// Asks the customer to sign a text on a terminal. Required: `terminal`, `terms`. Ends COMPLETED; pj_get_bytes has the image. It is
/// kept in memory only: after a restart the result says that it is gone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_request_signature(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_request_signature, || start(Kind::Signature, client, fields, out))
}

/// Shows a text with buttons on a terminal. Required: `terminal`, `text`, and `buttons` (pj_fields_add_text, once for
/// each). Ends COMPLETED; pj_get_text tells the button pressed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_request_prompt(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_request_prompt, || start(Kind::Prompt, client, fields, out))
}

/// Asks the customer to key something in at a terminal. Required: `terminal`; `input_type` says what. Ends COMPLETED; pj_get_text has
/// the answer, in memory only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_request_input(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_request_input, || start(Kind::Input, client, fields, out))
}

/// Reads a card at a terminal without charging it. Required: `terminal`. Ends COMPLETED; never with a whole card number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_request_card_read(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_request_card_read, || start(Kind::CardRead, client, fields, out))
}

/// Takes the money of a payment that was only authorized (`capture` "later"). Required: `reference`, and `original` or
/// `transaction`. `amount` captures less than was authorized. The payment itself, which was PJ_MONEY_PENDING, then shows
/// PJ_MONEY_MOVED and tells it with PJ_EVENT_UPDATED. PJ_FLAG_AMOUNT_DIFFERS: another sum was taken than you asked for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_capture(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_capture, || start(Kind::Capture, client, fields, out))
}

/// Undoes a payment before it is settled, as a whole; the customer never sees it. Required: `reference`, and `original`
/// or `transaction`. After settlement the vendor refuses it: pj_refund, or pj_reverse, which tries both.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_void(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_void, || start(Kind::Void, client, fields, out))
}

/// Gives back a settled payment, or a part of it, without the card. Required: `reference`, and `original` or
/// `transaction`; `amount` for a part.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_refund(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_refund, || start(Kind::Refund, client, fields, out))
}

/// Gives a payment back by whichever of void and refund the vendor still allows. Required: `reference`, and `original` or
/// `transaction`. It refunds only after the vendor has refused the void, never after a lost answer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_reverse(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_reverse, || start(Kind::Reverse, client, fields, out))
}

/// Sets the tip of a payment that is not settled yet. Required: `reference`, `tip_amount` (the whole tip, not a
/// difference), and `original` or `transaction`. The result has the new whole in `approved_amount`; the payment itself
/// shows it too, and tells it with PJ_EVENT_UPDATED. Needs PJ_CAN_ADJUST_TIP.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_adjust_tip(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_adjust_tip, || start(Kind::AdjustTip, client, fields, out))
}

/// Reads a transaction from the vendor. Required: `original` or `transaction`. Ends COMPLETED with its values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fetch_transaction(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_fetch_transaction, || start(Kind::FetchTransaction, client, fields, out))
}

/// Fetches the vendor's receipt of a transaction. Required: `original` or `transaction`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fetch_receipt(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_fetch_receipt, || start(Kind::FetchReceipt, client, fields, out))
}

/// Has the vendor send a receipt. Required: `original` or `transaction`, and `email` or `phone`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_send_receipt(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_send_receipt, || start(Kind::SendReceipt, client, fields, out))
}

/// Fetches the signature of a transaction as an image. Required: `original` or `transaction`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fetch_signature(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_fetch_signature, || start(Kind::FetchSignature, client, fields, out))
}

/// Compares the journal with the vendor's record of a day: lists what is missing on either side.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_reconcile(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_reconcile, || start(Kind::Reconcile, client, fields, out))
}

/// Checks network, certificate, credentials, clock and the default terminal, and says in words what is wrong. For the
/// installer, and for the support desk.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_self_check(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_self_check, || start(Kind::SelfCheck, client, fields, out))
}

/// Lists the account's terminals: `terminals.count`, `terminals.0.id`, `terminals.0.name` ...
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_list_terminals(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_list_terminals, || start(Kind::ListTerminals, client, fields, out))
}

/// Reads one terminal and its state. Required: `terminal`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fetch_terminal(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_fetch_terminal, || start(Kind::FetchTerminal, client, fields, out))
}

/// Pairs a new terminal with the account. Ends COMPLETED with its id and, where the vendor works so, with the code that
/// is keyed in at the terminal.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_pair_terminal(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_pair_terminal, || start(Kind::PairTerminal, client, fields, out))
}

/// Removes a terminal from the account. Required: `terminal`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_unpair_terminal(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_unpair_terminal, || start(Kind::UnpairTerminal, client, fields, out))
}

/// Changes settings of a terminal, such as its name. Required: `terminal`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_set_terminal(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_set_terminal, || start(Kind::SetTerminal, client, fields, out))
}

/// Makes a terminal show its name, so that a person can find it. Required: `terminal`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_identify_terminal(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_identify_terminal, || start(Kind::IdentifyTerminal, client, fields, out))
}

/// Starts a request and gives its handle out; of a refusal, the handle of the request that stands in the way.
fn start(kind: Kind, client: *mut pj_client, fields: *const pj_fields, out: *mut *mut pj_request) -> Outcome {
    refuse_null(out, "out")?;
    let cell = handles::client(client)?;
    let bag = if fields.is_null() { None } else { Some(handles::fields(fields, "fields")?) };
    // Before the start: a payment without a handle would run unseen.
    handles::has_room()?;
    cell.started.store(true, Ordering::Release);
    let started = match &bag {
        Some(bag) => cell.client.start(kind, &bag.lock().unwrap_or_else(PoisonError::into_inner)),
        None => cell.client.start(kind, &Fields::new()),
    };
    match started {
        Ok(request) => give(&cell, request, out),
        Err(refusal) => {
            if let Some(existing) = refusal.existing {
                give(&cell, existing, out)?;
            }
            Err(Fault::from(refusal.error))
        }
    }
}
