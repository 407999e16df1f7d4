//! The table of configuration keys.

use super::Vendor::{self, Ebizcharge, Justifi, Payjunction, Usaepay};
use crate::payment::fields::row::Charset::{Ascii, Currency, Line, Token};
use crate::payment::fields::row::Rule::{self, Choice, Flag, Int, Text};

/// One row of the table.
pub struct Row {
    pub key: &'static str,
    pub rule: Rule,
    /// As it would be written, or empty when there is none.
    pub default: &'static str,
    /// The vendors that know the key.
    pub vendors: &'static [Vendor],
    /// Of these vendors, those that cannot do without it.
    pub required: &'static [Vendor],
    /// The value must reach no message, log or page.
    pub secret: bool,
    /// One sentence.
    pub meaning: &'static str,
}

impl Row {
    const fn default(self, default: &'static str) -> Row {
        Row { default, ..self }
    }

    const fn of(self, vendors: &'static [Vendor]) -> Row {
        Row { vendors, ..self }
    }

    const fn required(self, required: &'static [Vendor]) -> Row {
        Row { required, ..self }
    }

    const fn secret(self) -> Row {
        Row { secret: true, ..self }
    }
}

const fn row(key: &'static str, rule: Rule, meaning: &'static str) -> Row {
    Row { key, rule, default: "", vendors: Vendor::ALL, required: &[], secret: false, meaning }
}

/// Some rows that belong together.
pub struct Section {
    pub title: &'static str,
    pub rows: &'static [Row],
}

/// The whole table.
pub const TABLE: &[Section] = &[
    Section { title: "Account", rows: ACCOUNT },
    Section { title: "Defaults for every request", rows: DEFAULTS },
    Section { title: "Behavior", rows: BEHAVIOR },
    Section { title: "Network", rows: NETWORK },
    Section { title: "Records", rows: RECORDS },
];

/// Every row.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    TABLE.iter().flat_map(|section| section.rows)
}

const CREDENTIAL: Rule = Text { max: 256, charset: Ascii };
const USAEPAY: &[Vendor] = &[Ebizcharge, Usaepay];

const ACCOUNT: &[Row] = &[
    row("vendor", Choice(&["payjunction", "ebizcharge", "usaepay", "justifi"]), "Whose cloud the terminals belong to.").required(Vendor::ALL),
    row("environment", Choice(&["production", "sandbox"]), "Which of the vendor's servers. Set either this or base_url.").default("production"),
    row("base_url", Text { max: 512, charset: Token }, "Another server: scheme, host, port and, if need be, a path that all paths begin with. https, or http to this machine."),
    row("login", CREDENTIAL, "The API login.").of(&[Payjunction]).required(&[Payjunction]).secret(),
    row("password", CREDENTIAL, "The API password.").of(&[Payjunction]).required(&[Payjunction]).secret(),
    row("application_key", Text { max: 128, charset: Token }, "The application key of your program. Production and sandbox have different ones.").of(&[Payjunction]).required(&[Payjunction]).secret(),
    row("api_version", Text { max: 10, charset: Token }, "The version of the vendor's interface, a date. Another one than the default is at your own risk.").default("2023-05-16").of(&[Payjunction]),
    row("api_key", CREDENTIAL, "The API key, also called source key.").of(USAEPAY).required(USAEPAY).secret(),
    row("pin", CREDENTIAL, "The PIN of the API key.").of(USAEPAY).required(USAEPAY).secret(),
    row("endpoint_key", Text { max: 128, charset: Token }, "Your developer endpoint key, which has rate limits of its own.").default("v2").of(USAEPAY),
    row("client_id", CREDENTIAL, "The client id of the key pair.").of(&[Justifi]).required(&[Justifi]).secret(),
    row("client_secret", CREDENTIAL, "The secret of the key pair.").of(&[Justifi]).required(&[Justifi]).secret(),
    row("sub_account", Text { max: 128, charset: Token }, "The merchant's sub account.").of(&[Justifi]).required(&[Justifi]),
    row("flow", Choice(&["checkout", "payment_intent"]), "Which of the vendor's two ways to pay.").default("checkout").of(&[Justifi]),
    row("account_change", Flag, "1: the journal may belong to another account. Its requests stay visible; nothing read from this account decides them.").default("0"),
];

const DEFAULTS: &[Row] = &[
    row("terminal", Text { max: 63, charset: Token }, "The card terminal of requests that name none."),
    row(
        "merchant_terminal",
        Text { max: 63, charset: Token },
        "The merchant account of requests that name none (PayJunction terminalId).",
    ),
    row("currency", Text { max: 3, charset: Currency }, "ISO 4217 code of requests that name none.").default("USD"),
    row("software", Text { max: 64, charset: Line }, "Name and version of your program."),
];

const BEHAVIOR: &[Row] = &[
    row("send_within", Int { min: 1, max: 600 }, "Seconds in which a request must leave; afterwards it has failed, and nothing is sent.").default("15"),
    row("deadline", Int { min: 1, max: 3600 }, "Seconds until a request is marked OVERDUE. After twice as many it is UNKNOWN. The library goes on looking. Absent: 90, 120 for JustiFi, and 150 for EBizCharge and USAePay, whose terminals wait longer."),
    row("poll_interval_ms", Int { min: 500, max: 60_000 }, "Milliseconds between two looks at a running request.").default("1000"),
    row("rate_share", Int { min: 1, max: 100 }, "How many tills share the vendor's rate limit: this one uses one part in so many.").default("1"),
    row("terminal_shared", Flag, "0: no other till or program uses this account's terminals, so that a cancel may reset one even when an answer was lost.").default("1"),
    row("confirm", Choice(&["off", "on_acknowledge"]), "`on_acknowledge`: a payment only reserves the money, and pj_acknowledge, which says that the sale is stored, takes it. Only at vendors with PJ_CAN_CAPTURE_LATER or PJ_CAN_HOLD_AFTER. A payment whose `capture` is \"later\" is not part of it.").default("off"),
    row("confirm_within", Int { min: 60, max: 86_400 }, "Seconds from the result of a payment, or from a start of the library or a wake-up of the machine, in which it must be acknowledged. Only with confirm.").default("300"),
    row("on_silence", Choice(&["void", "keep"]), "What becomes of a payment that is not acknowledged within confirm_within: `void` undoes it; `keep` leaves the money reserved, for pj_capture or pj_void. Only with confirm.").default("void"),
    row("webhook_secret", CREDENTIAL, "The secret with which the vendor signs its webhooks. Without it pj_webhook takes none.").secret(),
];

const NETWORK: &[Row] = &[
    row("max_connections", Int { min: 1, max: 64 }, "Calls that may run at the same time.").default("8"),
    row("connect_timeout_ms", Int { min: 100, max: 120_000 }, "Milliseconds for the name lookup, and again for the connection.").default("10000"),
    row("call_timeout_ms", Int { min: 100, max: 600_000 }, "Milliseconds for a whole call.").default("30000"),
    row("tls_roots", Text { max: 1024, charset: Line }, "Whom to trust: `bundled` (the certificates in the library), `system` (the operating system's), or the path of a PEM file.").default("bundled"),
    row("proxy", Text { max: 1024, charset: Token }, "`none`, `env` (HTTPS_PROXY and its kin), or http://[user:password@]host[:port].").default("none").secret(),
];

const RECORDS: &[Row] = &[
    row(
        "journal",
        Text { max: 1024, charset: Line },
        "Path of the journal's file, or `memory` for tests. Absent: a file of this account in the user's directory for such data.",
    ),
    row("retention_days", Int { min: 1, max: 36_500 }, "Days that finished and acknowledged requests are kept.")
        .default("400"),
    row("log_file", Text { max: 1024, charset: Line }, "Path of a log file. Absent: none."),
    row("log_level", Choice(&["off", "error", "warn", "info", "debug", "trace"]), "How much the log file tells.")
        .default("info"),
];
