//! Numbers of the header that are not in a table of the floors below, or whose meaning C must be told in its own words.
//!
//! The codes PJ_OK and PJ_ERR_* come from `status.rs`, PJ_CAN_* from `client/capability.rs`: build.rs writes them. A
//! test holds the rest to the enums they stand for.

/// Accepted by the library; on its way into the journal and to the vendor.
pub const PJ_STATE_QUEUED: i32 = 1;
/// Being sent to the vendor.
pub const PJ_STATE_SENDING: i32 = 2;
/// The vendor has taken the request.
pub const PJ_STATE_ACCEPTED: i32 = 3;
/// The vendor's cloud is connecting to the terminal.
pub const PJ_STATE_CONNECTING: i32 = 4;
/// The terminal shows the request to the customer.
pub const PJ_STATE_AT_TERMINAL: i32 = 5;
/// A transaction exists and is being read.
pub const PJ_STATE_PROCESSING: i32 = 6;
/// Final. Money moved as approved_amount says; that may be a part, or include a tip (see the flags).
pub const PJ_STATE_APPROVED: i32 = 10;
/// Final. A request that moves no money has its answer.
pub const PJ_STATE_COMPLETED: i32 = 11;
/// Final. Declined by the issuer or the vendor; no money moved.
pub const PJ_STATE_DECLINED: i32 = 12;
/// Final. Canceled; no money moved.
pub const PJ_STATE_CANCELED: i32 = 13;
/// Final. The terminal or the vendor gave up waiting; no money moved.
pub const PJ_STATE_TIMED_OUT: i32 = 14;
/// Final. Failed; no money moved.
pub const PJ_STATE_FAILED: i32 = 15;
/// Not final: it is not known yet whether money moved. The library goes on looking. Do not ask for the money again.
pub const PJ_STATE_UNKNOWN: i32 = 20;

/// Proven: no money moved.
pub const PJ_MONEY_NOT_MOVED: i32 = 1;
/// Money moved, by approved_amount.
pub const PJ_MONEY_MOVED: i32 = 2;
/// Money had moved, or was reserved, and was given back.
pub const PJ_MONEY_REVERSED: i32 = 3;
/// Not known.
pub const PJ_MONEY_UNKNOWN: i32 = 4;
/// Reserved on the card, not taken: an authorization that waits for pj_capture.
pub const PJ_MONEY_PENDING: i32 = 5;

/// Nothing yet: the request is running.
pub const PJ_ADVICE_WAIT: i32 = 1;
/// Settled one way or the other; nothing more to do.
pub const PJ_ADVICE_DONE: i32 = 2;
/// Try again, with the same reference: no money moved.
pub const PJ_ADVICE_RETRY: i32 = 3;
/// Ask for another card, or another way to pay.
pub const PJ_ADVICE_NEW_CARD: i32 = 4;
/// The program's request is wrong: correct it.
pub const PJ_ADVICE_FIX_REQUEST: i32 = 5;
/// The set-up is wrong: credentials, terminal, network.
pub const PJ_ADVICE_FIX_SETUP: i32 = 6;
/// A person looks at the terminal and at the vendor's record, then the program calls pj_resolve.
pub const PJ_ADVICE_RESOLVE: i32 = 7;
/// Call the vendor's or the integrator's support.
pub const PJ_ADVICE_CALL_SUPPORT: i32 = 8;

/// The request has ended; its result does not change silently any more.
pub const PJ_FLAG_FINAL: u32 = 1;
/// The terminal has finished with this request; the next one can start.
pub const PJ_FLAG_TERMINAL_FREE: u32 = 2;
/// Less than the requested amount was approved. Ask for the rest under another reference.
pub const PJ_FLAG_PARTIAL: u32 = 4;
/// The approved amount differs from what was asked, tip and surcharge considered.
pub const PJ_FLAG_AMOUNT_DIFFERS: u32 = 8;
/// The result was found by search after an answer was lost, or by a later run of the program than the one that asked.
pub const PJ_FLAG_RECOVERED: u32 = 16;
/// A cancel was asked for; the state says what became of it.
pub const PJ_FLAG_CANCEL_REQUESTED: u32 = 32;
/// It takes longer than `deadline` of the configuration.
pub const PJ_FLAG_OVERDUE: u32 = 64;
/// The vendor's duplicate check fired: this card may have been charged for this before. Look before you try again.
pub const PJ_FLAG_DUPLICATE_SUSPECTED: u32 = 128;
/// Not in the journal yet. A power cut now forgets the request, and nothing of it was sent.
pub const PJ_FLAG_NOT_DURABLE: u32 = 256;
/// Found approved after it had ended without money.
pub const PJ_FLAG_LATE: u32 = 512;
/// Decided by a person, with pj_resolve.
pub const PJ_FLAG_RESOLVED: u32 = 1024;
/// Declined, but the issuer may hold the amount on the card for some days.
pub const PJ_FLAG_HELD: u32 = 2048;
/// The money was taken: by pj_capture, by `confirm`, or although `capture` was "later" and it should only have been
/// reserved.
pub const PJ_FLAG_CAPTURED: u32 = 4096;

/// There is no event.
pub const PJ_EVENT_NONE: i32 = 0;
/// The running state, flags or message changed. Of these only the newest of each request is told.
pub const PJ_EVENT_STATE: i32 = 1;
/// The final result. Told again after a restart, until pj_acknowledge.
pub const PJ_EVENT_RESULT: i32 = 2;
/// A request that had ended without money was found approved: the customer has paid. Store that, acknowledge it anew.
pub const PJ_EVENT_LATE_APPROVAL: i32 = 3;
/// The vendor's record of a finished request changed: another amount, or declined after approval. Or what `confirm` does
/// to a payment could not be done: PJ_MONEY_PENDING. Store that, acknowledge it anew.
pub const PJ_EVENT_RESULT_CHANGED: i32 = 4;
/// The transaction of a finished request was voided or refunded. PJ_STATE_CANCELED: a payment was undone by `confirm`,
/// because you did not acknowledge it in time; acknowledge that.
pub const PJ_EVENT_REVERSED: i32 = 5;
/// The terminal has finished with a request whose result was told before.
pub const PJ_EVENT_TERMINAL_FREE: i32 = 6;
/// Another request of yours changed a finished payment: pj_adjust_tip its tip and with it the amount, pj_capture took its
/// money, or pj_void undid a refund of it. Or `confirm` took the money of a payment that you acknowledged. The result
/// shows the payment as it is now; nothing is acknowledged anew.
pub const PJ_EVENT_UPDATED: i32 = 7;

/// Callbacks run inside your pj_dispatch.
pub const PJ_DELIVER_ON_DISPATCH: i32 = 0;
/// Callbacks run on one thread of the library.
pub const PJ_DELIVER_ON_THREAD: i32 = 1;

/// The customer has paid.
pub const PJ_DECISION_PAID: i32 = 1;
/// The customer has not paid.
pub const PJ_DECISION_NOT_PAID: i32 = 2;
/// Not clear yet: look again now, and go on.
pub const PJ_DECISION_KEEP_LOOKING: i32 = 3;

/// No lines.
pub const PJ_LOG_NONE: i32 = 0;
/// What failed.
pub const PJ_LOG_ERROR: i32 = 1;
/// What may become a failure.
pub const PJ_LOG_WARN: i32 = 2;
/// What happened: one line for each step of a payment.
pub const PJ_LOG_INFO: i32 = 3;
/// What was said to the vendor and what it answered, redacted.
pub const PJ_LOG_DEBUG: i32 = 4;
/// Everything, for the library's own developers.
pub const PJ_LOG_TRACE: i32 = 5;

#[cfg(test)]
mod tests {
    use crate::client::Decision;
    use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, State, flag};

    /// Name and number of every constant above, as written.
    fn written() -> Vec<(&'static str, i64)> {
        let lines = include_str!("values.rs").lines().filter_map(|line| line.strip_prefix("pub const "));
        let parse = |line: &'static str| {
            let (name, rest) = line.split_once(": ")?;
            let number = rest.split_once("= ")?.1.strip_suffix(';')?;
            Some((name, number.parse().ok()?))
        };
        lines.map(|line| parse(line).expect(line)).collect()
    }

    #[test]
    fn every_number_is_the_one_the_library_uses() {
        let mut right: Vec<(String, i64)> = Vec::new();
        right.extend(State::ALL.iter().map(|s| (s.name().into(), s.number().into())));
        right.extend(MoneyMoved::ALL.iter().map(|m| (m.name().into(), m.number().into())));
        right.extend(Advice::ALL.iter().map(|a| (a.name().into(), a.number().into())));
        right.extend(EventKind::ALL.iter().map(|e| (e.name().into(), e.number().into())));
        for (prefix, count) in [("PJ_STATE_", 13), ("PJ_MONEY_", 5), ("PJ_ADVICE_", 8), ("PJ_EVENT_", 8)] {
            assert_eq!(written().iter().filter(|(name, _)| name.starts_with(prefix)).count(), count, "{prefix}");
        }
        right.extend(flags().map(|(name, bit)| (format!("PJ_FLAG_{name}"), bit.into())));
        right.push(("PJ_DECISION_PAID".into(), Decision::Paid as i64));
        right.push(("PJ_DECISION_NOT_PAID".into(), Decision::NotPaid as i64));
        right.push(("PJ_DECISION_KEEP_LOOKING".into(), Decision::KeepLooking as i64));
        for (name, number) in right {
            let found = written().iter().find(|(n, _)| *n == name).map(|(_, n)| *n);
            assert_eq!(found, Some(number), "{name}");
        }
    }

    fn flags() -> impl Iterator<Item = (&'static str, u32)> {
        [
            ("FINAL", flag::FINAL),
            ("TERMINAL_FREE", flag::TERMINAL_FREE),
            ("PARTIAL", flag::PARTIAL),
            ("AMOUNT_DIFFERS", flag::AMOUNT_DIFFERS),
            ("RECOVERED", flag::RECOVERED),
            ("CANCEL_REQUESTED", flag::CANCEL_REQUESTED),
            ("OVERDUE", flag::OVERDUE),
            ("DUPLICATE_SUSPECTED", flag::DUPLICATE_SUSPECTED),
            ("NOT_DURABLE", flag::NOT_DURABLE),
            ("LATE", flag::LATE),
            ("RESOLVED", flag::RESOLVED),
            ("HELD", flag::HELD),
            ("CAPTURED", flag::CAPTURED),
        ]
        .into_iter()
    }
}
