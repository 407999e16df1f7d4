//! Declines. Their numbers come from the processor's platform, so the same number range means one platform only.

use crate::payment::snapshot::Advice;
use crate::status::Status;
use crate::vendors::codes::{Code, Meaning, Row, declined, family, row, say};

pub(super) const DECLINES: &[Row] = &[
    row(Code::Is("00000"), Status::Ok, Meaning::Success, Advice::Done, "Approved. `result_code` decides."),
    declined("10127", say::ANOTHER_CARD, "Card declined."),
    declined("10139", say::ANOTHER_CARD, "Declined by the account's fraud rules."),
    declined("10151", say::NO_MONEY, "Insufficient funds; the issuer would have paid a part (see `allow_partial`)."),
    declined("10160", say::TOO_OFTEN, "The card was tried too many times."),
    declined("10204", say::KEEP, "First Data Nashville: pick up the card."),
    declined("10205", say::ASK_THE_BANK, "First Data Nashville: do not honor."),
    declined("10212", say::NOT_ALLOWED, "First Data Nashville: invalid transaction."),
    declined("10214", say::BAD_NUMBER, "First Data Nashville: invalid account number."),
    declined("10215", say::BAD_NUMBER, "First Data Nashville: invalid issuer."),
    declined("10225", say::NO_ACCOUNT, "First Data Nashville: unable to locate the record."),
    declined("10251", say::NO_MONEY, "First Data Nashville: insufficient funds."),
    declined("10255", say::WRONG_PIN, "First Data Nashville: invalid PIN."),
    declined("10257", say::NOT_ALLOWED, "First Data Nashville: transaction not permitted."),
    declined("10262", say::NOT_ALLOWED, "First Data Nashville: restricted card."),
    declined("10265", say::LIMIT, "First Data Nashville: excess withdrawal count."),
    declined("10275", say::PIN_BLOCKED, "First Data Nashville: allowable number of PIN tries exceeded."),
    declined("10278", say::NO_ACCOUNT, "First Data Nashville: no checking account."),
    declined("10282", say::SECURITY_CODE, "First Data Nashville: incorrect CVV."),
    declined("10293", say::NOT_ALLOWED, "First Data Nashville: violation of law."),
    declined("10297", say::SECURITY_CODE, "First Data Nashville: declined for CVV failure."),
    declined("15000", say::ANOTHER_CARD, "FDMS North: declined for a reason that is not mapped."),
    declined("15100", say::ANOTHER_CARD, "FDMS North: hard decline."),
    declined("50005", say::ASK_THE_BANK, "TSYS: do not honor."),
    declined("50051", say::NO_MONEY, "TSYS: insufficient funds."),
    declined("50055", say::WRONG_PIN, "TSYS: bad PIN."),
    declined("50127", say::ANOTHER_CARD, "TSYS: hard decline."),
];

pub(super) const PLATFORMS: &[Row] = &[
    family(Code::Range(10001, 10098), "First Data Nashville: a number of this platform."),
    family(Code::Range(10127, 10128), "First Data Nashville: a number of this platform."),
    family(Code::Range(10200, 10299), "First Data Nashville: 102 and the issuer's own code."),
    family(Code::Range(15000, 15100), "FDMS North: a number of this platform."),
    family(Code::Range(50000, 50099), "TSYS: a number of this platform."),
    family(Code::Range(56000, 59999), "TSYS: a number of this platform."),
    family(Code::Range(64000, 64999), "Vantiv: a number of this platform."),
    family(Code::Range(65000, 65999), "Paymentech: a number of this platform."),
    family(Code::Range(66000, 66999), "Vantiv: a number of this platform."),
    family(Code::Range(70000, 79999), "Planet Payment: a number of this platform."),
    family(Code::Range(80000, 81999), "RBS WorldPay: a number of this platform."),
    family(Code::Range(89000, 89999), "Global: a number of this platform."),
];
