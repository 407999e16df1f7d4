//! The table of fields: what a request may say.

use super::contact;
use super::row::Charset::{Ascii, Currency, Email, Line, Lines, Time, Token, Word};
use super::row::Rule::{Amount, Choice, Decimal, Flag, Int, Items, Text, Texts};
use super::row::{Kinds, Row, row};
use crate::payment::Kind;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Some rows that belong together.
pub struct Section {
    pub title: &'static str,
    pub rows: &'static [Row],
}

/// The whole table.
pub const TABLE: &[Section] = &[
    Section { title: "What and where", rows: BASICS },
    Section { title: "Money", rows: MONEY },
    Section { title: "For the records", rows: RECORDS },
    Section { title: "At the terminal", rows: TERMINAL },
    Section { title: "Work on an existing transaction", rows: EXISTING },
    Section { title: "Signature, prompt and input", rows: QUESTIONS },
    Section { title: "Setting up terminals", rows: DEVICES },
    Section { title: "Billing address", rows: contact::BILLING },
    Section { title: "Shipping address", rows: contact::SHIPPING },
    Section { title: "Beyond the vocabulary", rows: BEYOND },
];

/// Every row.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    TABLE.iter().flat_map(|section| section.rows)
}

/// The row of a key. A till asks for it once in a while, with nothing of the table in the processor's caches: to walk
/// through all keys would be most of what it costs to start a payment.
pub fn find(key: &str) -> Option<&'static Row> {
    static BY_KEY: LazyLock<HashMap<&str, &Row>> =
        LazyLock::new(|| rows().filter(|row| row.fits(row.key)).map(|row| (row.key, row)).collect());
    BY_KEY.get(key).copied().or_else(|| rows().find(|row| row.fits(key)))
}

const PAYMENT: Kinds = Kinds::of(&[Kind::Payment]);
const AMOUNTS: Kinds = Kinds::CARD.and(Kinds::of(&[Kind::Capture, Kind::Refund]));
const ORIGINAL: Kinds = Kinds::CHANGE.and(Kinds::READ).and(Kinds::of(&[Kind::TerminalRefund]));
const CHECK: Kinds = Kinds::of(&[Kind::SelfCheck]);
const RECONCILE: Kinds = Kinds::of(&[Kind::Reconcile]);
const SETTABLE: Kinds = Kinds::of(&[Kind::PairTerminal, Kind::SetTerminal]);

const BASICS: &[Row] = &[
    row("reference", Text { max: 63, charset: Ascii }, Kinds::ALL, "Your name for this piece of work, unique in this journal. It names one payment (one tender, refund, void or capture), not a receipt.").required(Kinds::MONEY),
    row("terminal", Text { max: 63, charset: Token }, Kinds::AT_TERMINAL.and(Kinds::DEVICE).and(CHECK), "The vendor's id of the card terminal. The configuration may hold a default, which unpair_terminal does not use.").required(Kinds::AT_TERMINAL.and(Kinds::DEVICE)),
    row("merchant_terminal", Text { max: 63, charset: Token }, Kinds::AT_TERMINAL.and(Kinds::of(&[Kind::Refund, Kind::Reverse, Kind::Reconcile])).and(CHECK), "The merchant account that is charged, where the vendor tells it from the device (PayJunction terminalId). The configuration may hold a default."),
    row("despite_unknown", Flag, Kinds::MONEY.and(Kinds::AT_TERMINAL), "1: start although this terminal, or this original, has a request whose outcome is unknown."),
];

const MONEY: &[Row] = &[
    row("amount", Amount { min: 1 }, AMOUNTS, "The whole sum asked of the card, before what the customer adds at the terminal. For a refund or capture, absent means the rest of the original.").required(Kinds::CARD),
    row("currency", Text { max: 3, charset: Currency }, Kinds::MONEY, "ISO 4217 code. The configuration holds the default, which is USD."),
    row("subtotal_amount", Amount { min: 0 }, AMOUNTS, "The goods before discount, shipping, duty and tax. If set, amount = subtotal - discount + shipping + duty + tax + tip + surcharge must hold."),
    row("tax_amount", Amount { min: 0 }, AMOUNTS, "The part of the amount that is tax."),
    row("tip_amount", Amount { min: 0 }, AMOUNTS.and(Kinds::of(&[Kind::AdjustTip])), "The part of the amount that is tip. For adjust_tip: the new tip, not the difference.").required(Kinds::of(&[Kind::AdjustTip])),
    row("shipping_amount", Amount { min: 0 }, AMOUNTS, "The part of the amount that is shipping."),
    row("discount_amount", Amount { min: 0 }, AMOUNTS, "The discount that was given; already taken off the amount."),
    row("duty_amount", Amount { min: 0 }, AMOUNTS, "The part of the amount that is duty."),
    row("surcharge_amount", Amount { min: 0 }, AMOUNTS, "The part of the amount that is a surcharge of yours. 0 tells a surcharging account to add none."),
    row("surcharge_tax_amount", Amount { min: 0 }, AMOUNTS, "The part of the amount that is tax on the surcharge."),
    row("nontaxable", Flag, PAYMENT, "1: the sale is free of tax."),
    row("capture", Choice(&["now", "later"]), PAYMENT, "now (default) takes the money; later only reserves it, until pj_capture. Where the terminal can only charge, the charge is put on hold at once (PJ_CAN_HOLD_AFTER)."),
    row("allow_partial", Flag, PAYMENT, "1: accept an approval of less than the amount. The result says so with PARTIAL."),
    row("ignore_duplicate", Flag, PAYMENT, "1: skip the vendor's own check for duplicates."),
    row("line_items", Items { max_count: 500, keys: LINE_ITEM }, PAYMENT, "The goods, one group each (pj_fields_add_item)."),
    row("fees", Items { max_count: 10, keys: FEE }, Kinds::of(&[Kind::Payment, Kind::Refund]), "Fees of the platform that the vendor splits off, or gives back with a refund."),
    row("application_fee_amount", Amount { min: 0 }, PAYMENT, "The older form of fees: one amount for card payments."),
    row("expedited", Flag, PAYMENT, "1: ask for payout sooner than usual."),
];

const LINE_ITEM: &[Row] = &[
    item("sku", Text { max: 64, charset: Line }, "Article number."),
    item("name", Text { max: 255, charset: Line }, "Name."),
    item("description", Text { max: 255, charset: Line }, "Description."),
    item("cost", Amount { min: 0 }, "Price of one."),
    item("list_price", Amount { min: 0 }, "Price of one before discounts."),
    item("quantity", Decimal, "How many, such as 2 or 1.25."),
    item("unit", Text { max: 32, charset: Line }, "Unit of measure."),
    item("commodity_code", Text { max: 32, charset: Line }, "UNSPSC commodity code."),
    item("discount_amount", Amount { min: 0 }, "Discount on the line."),
    item("discount_rate", Decimal, "Discount in percent."),
    item("taxable", Flag, "1: taxable."),
    item("tax_amount", Amount { min: 0 }, "Tax on the line."),
    item("tax_class", Text { max: 32, charset: Line }, "Tax class."),
    item("tax_rate", Decimal, "Tax in percent."),
    item("category", Text { max: 64, charset: Line }, "Category."),
    item("manufacturer", Text { max: 64, charset: Line }, "Manufacturer."),
];

const FEE: &[Row] = &[
    item("type", Choice(&["processing_fee", "platform_fee"]), "Which fee.").required(Kinds::ALL),
    item("amount", Amount { min: 0 }, "How much.").required(Kinds::ALL),
];

/// A row inside a group: it belongs to whatever the group belongs to.
const fn item(key: &'static str, rule: super::row::Rule, meaning: &'static str) -> Row {
    row(key, rule, Kinds::ALL, meaning)
}

const RECORDS: &[Row] = &[
    row(
        "invoice",
        Text { max: 64, charset: Line },
        Kinds::MONEY,
        "Your invoice or receipt number. The vendor's check for duplicates may look at it.",
    ),
    row(
        "purchase_order",
        Text { max: 64, charset: Line },
        Kinds::MONEY,
        "The customer's purchase order number. Setting it costs PayJunction payments the key by which a lost answer is found again.",
    ),
    row(
        "order",
        Text { max: 64, charset: Line },
        Kinds::MONEY,
        "Your order number; it ties together the several payments of one order. Setting it costs EBizCharge payments the key by which a lost answer is found again.",
    ),
    row("description", Text { max: 255, charset: Line }, Kinds::MONEY, "What is paid for."),
    row("note", Text { max: 2048, charset: Lines }, Kinds::MONEY, "A note that only the merchant sees."),
    row("statement_descriptor", Text { max: 22, charset: Word }, PAYMENT, "What the cardholder's statement shows."),
    row("customer", Text { max: 64, charset: Line }, Kinds::MONEY, "Your id of the customer."),
    row(
        "email",
        Text { max: 254, charset: Email },
        Kinds::MONEY.and(Kinds::of(&[Kind::SendReceipt])),
        "The customer's e-mail address. Some vendors send a receipt of their own to it.",
    )
    .required(Kinds::of(&[Kind::SendReceipt])),
    row("clerk", Text { max: 64, charset: Line }, Kinds::MONEY, "The cashier or server."),
    row("table", Text { max: 64, charset: Line }, Kinds::MONEY, "The restaurant's table."),
    row("lane", Text { max: 64, charset: Line }, Kinds::MONEY, "The till or lane, as the vendor's reports show it."),
    row(
        "software",
        Text { max: 64, charset: Line },
        Kinds::MONEY,
        "Name and version of your program. The configuration may hold a default.",
    ),
    row("geolocation", Text { max: 64, charset: Line }, Kinds::MONEY, "Latitude and longitude of the sale."),
    row(
        "client_ip",
        Text { max: 45, charset: Token },
        Kinds::MONEY,
        "The customer's internet address, where there is one.",
    ),
    row("custom.N", Text { max: 255, charset: Line }, Kinds::MONEY, "A field of your own, custom.1 to custom.20."),
    row(
        "metadata.NAME",
        Text { max: 500, charset: Line },
        Kinds::MONEY,
        "A named value of your own, where the vendor keeps names.",
    ),
];

const TERMINAL: &[Row] = &[
    row("prompt_tip", Flag, PAYMENT, "1: ask the customer for a tip; 0: do not. Absent: as the terminal is set."),
    row("prompt_receipt", Flag, Kinds::CARD, "1: offer a receipt on the terminal; 0: do not."),
    row("prompt_signature", Flag, Kinds::CARD, "1: ask for a signature on the terminal; 0: do not."),
    row("prompt_debit_credit", Flag, Kinds::CARD, "1: let the customer choose between debit and credit; 0: do not."),
    row("prompt_cashback", Flag, PAYMENT, "1: offer cash back; 0: do not."),
    row("allow_manual_entry", Flag, Kinds::CARD, "1: the card number may be keyed on the terminal."),
    row("save_card", Flag, PAYMENT, "1: have the vendor keep the card; the result has its token."),
    row(
        "interrupt_busy",
        Flag,
        Kinds::AT_TERMINAL,
        "1: interrupt what the terminal is doing, even another till's payment.",
    ),
    row(
        "wait_for_terminal",
        Flag,
        Kinds::AT_TERMINAL,
        "1: if the terminal is offline, wait for it as long as timeout says. Absent: fail at once.",
    ),
    row("timeout", Int { min: 5, max: 900 }, Kinds::AT_TERMINAL, "Seconds that the terminal waits for the customer."),
    row(
        "custom_flow",
        Text { max: 255, charset: Line },
        PAYMENT,
        "The screens of the terminal in order, separated by commas.",
    ),
    row(
        "custom_options",
        Items { max_count: 20, keys: CUSTOM_OPTION },
        PAYMENT,
        "Choices that the terminal offers before the card is read; needs options in custom_flow.",
    ),
];

const CUSTOM_OPTION: &[Row] = &[
    item("display", Text { max: 255, charset: Line }, "What the screen says.").required(Kinds::ALL),
    item("type", Choice(&["AddOn", "Tip"]), "What the choice adds to.").required(Kinds::ALL),
    item("sku", Text { max: 64, charset: Line }, "Article number of an AddOn."),
    item("choice.N.display", Text { max: 64, charset: Line }, "The text of one button, choice.1 to choice.20."),
    item("choice.N.amount", Amount { min: 0 }, "The amount of one button."),
    item("choice.N.other", Flag, "1: this button lets the customer enter an amount."),
];

const EXISTING: &[Row] = &[
    row(
        "original",
        Text { max: 63, charset: Ascii },
        ORIGINAL,
        "Your reference of the payment to work on. Set either this or transaction.",
    ),
    row(
        "transaction",
        Text { max: 63, charset: Token },
        ORIGINAL,
        "The vendor's id of the transaction to work on. Set either this or original.",
    ),
    row(
        "reason",
        Choice(&["duplicate", "fraudulent", "customer_request"]),
        Kinds::of(&[Kind::Refund, Kind::Reverse]),
        "Why the money goes back.",
    ),
    row(
        "release_hold",
        Flag,
        Kinds::of(&[Kind::Void, Kind::Reverse]),
        "1: ask the issuer to release the held money at once.",
    ),
    row(
        "if_expired",
        Choice(&["error", "reauthorize", "override"]),
        Kinds::of(&[Kind::Capture]),
        "What to do when the authorization has lapsed.",
    ),
    row("format", Choice(&["thermal", "fullpage"]), Kinds::of(&[Kind::FetchReceipt]), "The paper the receipt is for."),
    row("unsigned", Flag, Kinds::of(&[Kind::FetchReceipt]), "1: the receipt without the signature."),
    row(
        "template",
        Text { max: 64, charset: Token },
        Kinds::of(&[Kind::FetchReceipt, Kind::SendReceipt]),
        "The vendor's receipt template.",
    ),
    row(
        "reply_to",
        Text { max: 254, charset: Email },
        Kinds::of(&[Kind::SendReceipt]),
        "The address that answers to the receipt go to.",
    ),
    row(
        "request_signature",
        Flag,
        Kinds::of(&[Kind::SendReceipt]),
        "1: the e-mail asks the customer to sign. Absent: it does not.",
    ),
    row(
        "signature",
        Text { max: 63, charset: Token },
        Kinds::of(&[Kind::FetchSignature]),
        "The vendor's id of a signature that belongs to no transaction.",
    ),
    row(
        "from",
        Text { max: 20, charset: Time },
        RECONCILE,
        "The first second to compare, as 2026-01-31T00:00:00Z: UTC, but at EBizCharge and USAePay the merchant account's own time, for their books have no other.",
    )
    .required(RECONCILE),
    row(
        "until",
        Text { max: 20, charset: Time },
        RECONCILE,
        "The last second to compare, as 2026-01-31T23:59:59Z, in the same time. At most 31 days after `from`.",
    )
    .required(RECONCILE),
];

const QUESTIONS: &[Row] = &[
    row("terms", Text { max: 10_000, charset: Lines }, Kinds::of(&[Kind::Signature]), "The text that is signed.")
        .required(Kinds::of(&[Kind::Signature])),
    row("text", Text { max: 10_000, charset: Lines }, Kinds::of(&[Kind::Prompt]), "The question.")
        .required(Kinds::of(&[Kind::Prompt])),
    row(
        "buttons",
        Texts { max_count: 3, max_len: 8 },
        Kinds::of(&[Kind::Prompt]),
        "The answers, one button each (pj_fields_add_text). They must differ, for the answer is the button's text.",
    ),
    row("input_type", Choice(&["phone"]), Kinds::of(&[Kind::Input]), "What is entered. Absent: phone."),
];

const DEVICES: &[Row] = &[
    row("name", Text { max: 64, charset: Line }, SETTABLE, "The terminal's name.")
        .required(Kinds::of(&[Kind::PairTerminal])),
    row(
        "terminal_type",
        Choice(&["standalone", "direct"]),
        Kinds::of(&[Kind::PairTerminal]),
        "How the terminal is connected. Absent: standalone.",
    ),
    row(
        "settings.timeout",
        Int { min: 1, max: 900 },
        SETTABLE,
        "Seconds that the terminal waits for the authorization.",
    ),
    row("settings.share_device", Flag, SETTABLE, "1: other merchants may use the terminal."),
    row("settings.enable_standalone", Flag, SETTABLE, "1: the terminal may start sales itself."),
    row("settings.notify_update", Flag, SETTABLE, "1: tell of updates."),
    row("settings.notify_update_next", Text { max: 32, charset: Line }, SETTABLE, "When to tell of the next update."),
    row(
        "settings.sleep_battery_device",
        Int { min: 0, max: 1440 },
        SETTABLE,
        "Minutes on battery until the terminal sleeps; 0 never.",
    ),
    row(
        "settings.sleep_battery_display",
        Int { min: 0, max: 1440 },
        SETTABLE,
        "Minutes on battery until the display sleeps; 0 never.",
    ),
    row(
        "settings.sleep_powered_device",
        Int { min: 0, max: 1440 },
        SETTABLE,
        "Minutes on mains until the terminal sleeps; 0 never.",
    ),
    row(
        "settings.sleep_powered_display",
        Int { min: 0, max: 1440 },
        SETTABLE,
        "Minutes on mains until the display sleeps; 0 never.",
    ),
    row("settings.enable_emv", Flag, SETTABLE, "1: read chips."),
    row("settings.enable_debit_msr", Flag, SETTABLE, "1: PIN debit with the stripe."),
    row(
        "settings.enable_tip_adjust",
        Flag,
        SETTABLE,
        "1: tips may be adjusted afterwards; this switches PIN entry off.",
    ),
    row("settings.enable_contactless", Flag, SETTABLE, "1: read contactless cards."),
    row(
        "reconnect",
        Flag,
        Kinds::of(&[Kind::SetTerminal]),
        "1: cut the terminal's connection to the vendor, so that it connects anew. Whatever it is doing is lost. Stands alone.",
    ),
];

const BEYOND: &[Row] = &[row(
    "vendor.NAME",
    Text { max: 2048, charset: Lines },
    Kinds::ALL,
    "A parameter of the vendor's own interface, sent as it is under NAME. For what this table has no key for.",
)];
