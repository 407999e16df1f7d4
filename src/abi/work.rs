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
///
/// With the configuration `confirm` = "on_acknowledge" the payment only reserves the money, PJ_STATE_APPROVED with
/// PJ_MONEY_PENDING, and pj_acknowledge takes it. If you do not call it within `confirm_within` seconds, the payment is
/// undone, PJ_STATE_CANCELED with PJ_MONEY_REVERSED, told as PJ_EVENT_REVERSED; with `on_silence` = "keep" nothing
/// happens. While either is under way, other work on the payment is PJ_ERR_TRANSACTION_IN_USE. A payment with `capture`
/// "later" is not part of it: capture that yourself.
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

/// Asks the customer to sign a text on a terminal. Required: `terminal`, `terms` (up to 10,000 characters).
/// `merchant_terminal` where the vendor wants one; `reference` is optional and need not be unique.
///
/// Ends COMPLETED with `signature.image` (bytes: pj_get_bytes), `signature.content_type` ("image/png") and `signature.id`.
/// If the image could not be had at once it is missing, and the message says so: pj_fetch_signature gets it by `signature.id`.
/// The image is kept in memory only, until the handle is given back. A later run of the program gets the same result with
/// `answer_gone` 1 and `signature.id`, but without the image.
///
/// This holds for all four questions: they occupy the terminal as a payment does, are followed, canceled and acknowledged
/// like one, and are in the pending list until then. They move no money: the result is COMPLETED, CANCELED (pj_cancel, the red
/// X, nobody came), FAILED (PJ_ERR_DEVICE_BUSY, PJ_ERR_DEVICE_OFFLINE, a lost answer: the terminal may be showing it), or
/// UNKNOWN with PJ_MONEY_NOT_MOVED when the terminal does not say for twice `deadline` what became of it; watching goes on, and
/// pj_resolve with PJ_DECISION_NOT_PAID gives it up. They are never sent twice.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_request_signature(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_request_signature, || start(Kind::Signature, client, fields, out))
}

/// Shows a text with buttons on a terminal. Required: `terminal`, `text` (up to 10,000 characters, lines end with a line
/// feed), and `buttons`: pj_fields_add_text once for each, one to three, up to 8 characters, all different.
///
/// Ends COMPLETED with `prompt.button`, the text of the button that was pressed, and `prompt.index`, its place counted from 0.
/// Both are kept in memory only: a later run of the program gets COMPLETED with `answer_gone` 1. The rest is as for
/// pj_request_signature.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_request_prompt(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_request_prompt, || start(Kind::Prompt, client, fields, out))
}

/// Asks the customer to key something in at a terminal. Required: `terminal`; `input_type` says what ("phone", a phone
/// number of ten digits, is all there is).
///
/// Ends COMPLETED with `input.value`. It is for your program only: pj_get_text and pj_get_bytes give it; it is in no JSON, no
/// log and no journal, and in memory only until the handle is given back. A later run of the program gets COMPLETED with
/// `answer_gone` 1. The rest is as for pj_request_signature.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_request_input(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_request_input, || start(Kind::Input, client, fields, out))
}

/// Reads the magnetic stripe of a card that is no payment card, such as a customer card. Required: `terminal`. The vendor
/// gives nothing of a payment card.
///
/// Ends COMPLETED with `card_read.data`, the stripe as the terminal read it, and, as far as its sentinels tell them apart,
/// `card_read.track1`, `card_read.track2`, `card_read.track3`, sentinels included. They are for your program only:
/// pj_get_text and pj_get_bytes give them; they are in no JSON, no log and no journal, and in memory only until the handle is
/// given back. A later run of the program gets COMPLETED with `answer_gone` 1. The rest is as for pj_request_signature.
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

/// Fetches the vendor's receipt of a transaction. Required: `original` or `transaction`. `format` is "thermal" (narrow, the
/// default) or "fullpage"; `unsigned` 1 leaves the signature out.
///
/// Ends COMPLETED with `receipt` (bytes of an HTML page: pj_get_bytes, or pj_get_text), `receipt.content_type`, which names
/// the characters' encoding where it is not UTF-8, and `receipt.format`.
///
/// This holds for all errands, that is for receipts, signatures that are fetched, terminals and the check: they move no
/// money, leave nothing in the journal, need no acknowledgment, and their values stay readable until the handle is given
/// back. They end COMPLETED, CANCELED, or FAILED, always with PJ_MONEY_NOT_MOVED. Reads are repeated for up to `deadline`
/// seconds while the network or the vendor fails; PJ_ERR_NOT_FOUND and the like end them at once. What must not be done
/// twice is sent once: when its answer is lost it is FAILED, and the message says that it may have been done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fetch_receipt(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_fetch_receipt, || start(Kind::FetchReceipt, client, fields, out))
}

/// Has the vendor send a receipt by e-mail. Required: `email`, and `original` or `transaction`; at PayJunction also
/// `reply_to`. `request_signature` 1 asks the customer to sign by e-mail, too; without it nobody is asked.
///
/// Ends COMPLETED when the vendor has taken it. It is sent once: see pj_fetch_receipt.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_send_receipt(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_send_receipt, || start(Kind::SendReceipt, client, fields, out))
}

/// Fetches a signature as an image. Required: one of `original`, `transaction`, and `signature`, the `signature.id` of a
/// pj_request_signature.
///
/// Ends COMPLETED with `signature.image` (bytes: pj_get_bytes) and `signature.content_type`. PJ_ERR_NOT_FOUND: nobody signed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fetch_signature(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_fetch_signature, || start(Kind::FetchSignature, client, fields, out))
}

/// Compares the vendor's books with the journal, for a day or another span: what is charged and unknown here, what is known
/// here and not at the vendor, and what differs. Required: `from` and `until`, such as 2026-01-31T00:00:00Z and
/// 2026-01-31T23:59:59Z, both included, at most 31 days apart. They are UTC, and are held against the vendor's times; at
/// EBizCharge and USAePay they are the merchant account's own time, whatever the Z says, because the books there have no
/// other. PayJunction reads the books of one `merchant_terminal` if the request or the configuration names one, else all that
/// the login sees.
///
/// It compares what this till was told with what the vendor shows now, and changes nothing. One thing follows from it: a
/// transaction that carries the key of a payment in PJ_STATE_UNKNOWN is read, and may settle that payment as any other news
/// does. The journal is this till's own: with several tills on an account, the others' payments are charged_unknown here,
/// with `other_till` 1 where the key tells. Other clocks are no matter, but for a PC whose date was wrong when it asked and is
/// right now.
///
/// Ends COMPLETED with PJ_OK, whether or not anything differs: the message counts the differences in one sentence for the
/// cashier, and the advice is PJ_ADVICE_DONE if there are none, PJ_ADVICE_RESOLVE if a person has to look. Values, amounts in
/// minor units: `differences.count`, and of each kind `differences.charged_unknown`, `.missing_at_vendor`, `.amount_differs`,
/// `.state_differs`; `matched.count`; `transactions.count` and `transactions.amount` (approved at the vendor, charges less
/// refunds), `payments.count` and `payments.amount` (the same by the journal); `too_new.count` (paid so shortly before that
/// the vendor's list may lack it), `unknown.count` (in PJ_STATE_UNKNOWN). For each difference, counted from 0, the first 500 in
/// order of time: `differences.0.kind` (one of the four words), `.transaction_id`, `.vendor_amount`, `.vendor_state`
/// ("approved", "authorized", "voided", "declined"), `.reference`, `.amount`, `.state` ("PJ_STATE_APPROVED") as this till was told,
/// `.currency`, `.time` (as the vendor writes it), `.terminal`, `.merchant_terminal`, `.card_last4`, `.invoice`, `.refund` (1
/// or 0), `.other_till` (1 or 0). What is not known has no value.
///
/// The vendor's list is read whole or not at all, a page at a time, in the background: of a limited number of calls it takes
/// at most a tenth, so that a long day at EBizCharge takes minutes. A page that cannot be read begins the list anew, and the
/// fourth such failure ends it FAILED; nothing is said about a part. PJ_ERR_REJECTED: the span holds more than 200 pages, or
/// the journal no longer keeps its facts (`retention_days`); the text says which. It is not kept: after a restart ask again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_reconcile(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_reconcile, || start(Kind::Reconcile, client, fields, out))
}

/// Checks an installation: name lookup, network, certificate, login, and the terminal and merchant account of the
/// configuration or of the fields `terminal` and `merchant_terminal`. For the installer and the support desk. One to a few
/// calls, without effect; it does not wait for a failure to heal.
///
/// Ends COMPLETED when all is well, else FAILED with the status, the message and the advice that say what is wrong. Values, as
/// far as it came: `check.latency_ms` (milliseconds from the last question to its answer), `check.clock_ahead_seconds` (this
/// computer's clock against the vendor's, negative when it is behind; a minute does no harm), `check.terminal_known` and
/// `check.merchant_terminal_known` (1 or 0, if one was to be looked for).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_self_check(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_self_check, || start(Kind::SelfCheck, client, fields, out))
}

/// Lists the account's terminals, all pages of them. Needs no fields.
///
/// Ends COMPLETED with `terminals.count` and for each, counted from 0: `terminals.0.id`, `terminals.0.name`,
/// `terminals.0.serial`, `terminals.0.model`, `terminals.0.created`, and `terminals.0.status` in the vendor's own words where it
/// tells one (PayJunction does not). PayJunction's merchant accounts stand beside them: `merchant_terminals.count`,
/// `merchant_terminals.0.id`, `.name`, `.type` ("CARD" or "ACH"), `.enabled` (1 or 0), `.account`, `.company`, `.legal_name`,
/// `.merchant_number`, `.surcharge.enabled` (1 or 0), `.surcharge.percentage` ("3.0"). What the vendor does not tell has no value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_list_terminals(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_list_terminals, || start(Kind::ListTerminals, client, fields, out))
}

/// Reads one terminal. Required: `terminal`.
///
/// Ends COMPLETED with `terminal.id`, `terminal.name`, and so on as in pj_list_terminals; at EBizCharge also its settings
/// under the keys that pj_set_terminal takes, such as `settings.timeout`; at JustiFi `terminal.status` is asked of the device
/// network now. PJ_ERR_UNKNOWN_DEVICE: the account has no such terminal.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fetch_terminal(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_fetch_terminal, || start(Kind::FetchTerminal, client, fields, out))
}

/// Pairs a new terminal with the account (EBizCharge). Required: `name`. Also `terminal_type` and `settings.*`.
///
/// Ends COMPLETED with `terminal.id`, `pairing.code` and `pairing.expires`. Show the code to the person at the terminal, who
/// keys it in there within a few minutes; pj_fetch_terminal tells when it is done. The code is a text of digits: leading
/// zeros are kept, and put back to six digits where the vendor has sent it as a number. It is sent once: see pj_fetch_receipt.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_pair_terminal(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_pair_terminal, || start(Kind::PairTerminal, client, fields, out))
}

/// Removes a terminal from the account (EBizCharge): it has to be paired again by somebody who stands before it. Required:
/// `terminal`, in the request itself: the configuration's default does not count here. It is sent once: see pj_fetch_receipt.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_unpair_terminal(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_unpair_terminal, || start(Kind::UnpairTerminal, client, fields, out))
}

/// Changes a terminal. Required: `terminal`, and what is to be changed: `name` (EBizCharge, JustiFi) or `settings.*`
/// (EBizCharge). What is not set stays as it is.
///
/// `reconnect` 1 (EBizCharge) changes nothing but cuts the terminal's connection to the vendor, so that it connects anew: for
/// a terminal that hangs. Whatever it is doing is lost, a payment too. It stands alone and is sent once: see pj_fetch_receipt.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_set_terminal(
    client: *mut pj_client,
    fields: *const pj_fields,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_set_terminal, || start(Kind::SetTerminal, client, fields, out))
}

/// Makes a terminal show its name, so that a person can find it (JustiFi, for 20 seconds). Required: `terminal`.
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
