//! A request that has passed the checks, as the journal keeps it.

use super::{Bag, Defaults};
use crate::payment::Kind;
use crate::payment::money::Currency;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A request whose fields fit the table. What was not set and has no default is `None`, false or empty.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Checked {
    pub kind: Kind,
    /// Empty for work that moves no money and was given none.
    pub reference: String,
    /// Minor units. `None` for a refund or capture means the rest of the original.
    pub amount: Option<i64>,
    pub currency: Currency,
    #[serde(default)]
    pub parts: Parts,
    #[serde(default)]
    pub terminal: String,
    #[serde(default)]
    pub merchant_terminal: String,
    /// The money is only reserved, until a capture.
    #[serde(default)]
    pub capture_later: bool,
    /// The reference of the payment to work on.
    pub original: Option<String>,
    /// The vendor's id of the transaction to work on.
    pub transaction: Option<String>,
    #[serde(default)]
    pub despite_unknown: bool,
    #[serde(default)]
    pub interrupt_busy: bool,
    #[serde(default)]
    pub wait_for_terminal: bool,
    pub prompt_tip: Option<bool>,
    pub prompt_receipt: Option<bool>,
    pub prompt_signature: Option<bool>,
    pub prompt_debit_credit: Option<bool>,
    #[serde(default)]
    pub allow_manual_entry: bool,
    #[serde(default)]
    pub allow_partial: bool,
    #[serde(default)]
    pub save_card: bool,
    #[serde(default)]
    pub ignore_duplicate: bool,
    /// Seconds that the terminal waits for the customer.
    pub timeout: Option<u32>,
    /// Everything else by key: `invoice`, `billing.city`, `custom.1`, `vendor.NAME`. Numbers and flags as decimals.
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
    /// The line items, each by its keys.
    #[serde(default)]
    pub items: Vec<BTreeMap<String, String>>,
    /// Other lists of groups by key: `fees`, `custom_options`.
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<BTreeMap<String, String>>>,
    #[serde(default)]
    pub buttons: Vec<String>,
}

/// What the amount consists of, in minor units. `None` is "not said", which differs from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Parts {
    pub tip: Option<i64>,
    pub tax: Option<i64>,
    pub shipping: Option<i64>,
    pub surcharge: Option<i64>,
    pub surcharge_tax: Option<i64>,
    pub discount: Option<i64>,
    pub duty: Option<i64>,
    pub subtotal: Option<i64>,
}

impl Parts {
    /// The keys and values that were set.
    fn iter(&self) -> impl Iterator<Item = (&'static str, i64)> {
        let all = [
            ("tip_amount", self.tip),
            ("tax_amount", self.tax),
            ("shipping_amount", self.shipping),
            ("surcharge_amount", self.surcharge),
            ("surcharge_tax_amount", self.surcharge_tax),
            ("discount_amount", self.discount),
            ("duty_amount", self.duty),
            ("subtotal_amount", self.subtotal),
        ];
        all.into_iter().filter_map(|(key, value)| Some((key, value?)))
    }
}

impl Checked {
    /// Takes the bag apart. What has no place of its own goes to `texts`.
    pub(super) fn new(kind: Kind, mut bag: Bag, defaults: &Defaults) -> Checked {
        let currency = bag.take_text("currency").and_then(|code| Currency::parse(&code));
        Checked {
            kind,
            reference: bag.take_text("reference").unwrap_or_default(),
            amount: bag.take_int("amount"),
            currency: currency.unwrap_or(defaults.currency),
            parts: Parts {
                tip: bag.take_int("tip_amount"),
                tax: bag.take_int("tax_amount"),
                shipping: bag.take_int("shipping_amount"),
                surcharge: bag.take_int("surcharge_amount"),
                surcharge_tax: bag.take_int("surcharge_tax_amount"),
                discount: bag.take_int("discount_amount"),
                duty: bag.take_int("duty_amount"),
                subtotal: bag.take_int("subtotal_amount"),
            },
            terminal: bag.take_text("terminal").unwrap_or_default(),
            merchant_terminal: bag.take_text("merchant_terminal").unwrap_or_default(),
            capture_later: bag.take_text("capture").is_some_and(|word| word == "later"),
            original: bag.take_text("original"),
            transaction: bag.take_text("transaction"),
            despite_unknown: bag.take_flag("despite_unknown"),
            interrupt_busy: bag.take_flag("interrupt_busy"),
            wait_for_terminal: bag.take_flag("wait_for_terminal"),
            prompt_tip: bag.take_choice("prompt_tip"),
            prompt_receipt: bag.take_choice("prompt_receipt"),
            prompt_signature: bag.take_choice("prompt_signature"),
            prompt_debit_credit: bag.take_choice("prompt_debit_credit"),
            allow_manual_entry: bag.take_flag("allow_manual_entry"),
            allow_partial: bag.take_flag("allow_partial"),
            save_card: bag.take_flag("save_card"),
            ignore_duplicate: bag.take_flag("ignore_duplicate"),
            timeout: bag.take_int("timeout").and_then(|seconds| u32::try_from(seconds).ok()),
            buttons: bag.take_texts("buttons"),
            items: bag.take_items("line_items"),
            groups: bag.take_groups(),
            texts: bag.rest(),
        }
    }

    /// The sum by which a repetition is told from another request of the same name: the amount, or the new tip.
    pub fn sum_asked(&self) -> i64 {
        let tip = self.parts.tip.filter(|_| self.kind == Kind::AdjustTip);
        self.amount.or(tip).unwrap_or(0)
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }

    /// True when the key was set to 1. Only for flags without a place of their own, such as `nontaxable`.
    pub fn flag(&self, key: &str) -> bool {
        self.text(key) == Some("1")
    }

    /// A customer who does not sign takes the payment back.
    pub fn signature_decides(&self) -> bool {
        self.text("custom_flow").is_some_and(|flow| flow.split(',').any(|screen| screen.trim() == "signature_required"))
    }

    /// The goods and whatever else is no part with a name of its own: never below 1 when there is an amount.
    pub fn base(&self) -> Option<i64> {
        let Parts { tip, tax, shipping, surcharge, surcharge_tax, duty, .. } = self.parts;
        let parts: i64 = [tip, tax, shipping, surcharge, surcharge_tax, duty].iter().flatten().sum();
        self.amount.map(|amount| amount - parts)
    }

    /// True when a request under the same reference asks for the same payment.
    pub fn is_same_payment(&self, other: &Checked) -> bool {
        let key = |c: &Checked| (c.kind, c.sum_asked(), c.currency, c.original.clone(), c.transaction.clone());
        key(self) == key(other)
    }

    /// The keys that say something: set, and not merely a flag that says no.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.parts.iter().map(|(key, _)| key.to_owned()).collect();
        let present = [
            ("reference", !self.reference.is_empty()),
            ("amount", self.amount.is_some()),
            ("terminal", !self.terminal.is_empty()),
            ("merchant_terminal", !self.merchant_terminal.is_empty()),
            ("capture", self.capture_later),
            ("original", self.original.is_some()),
            ("transaction", self.transaction.is_some()),
            ("despite_unknown", self.despite_unknown),
            ("interrupt_busy", self.interrupt_busy),
            ("wait_for_terminal", self.wait_for_terminal),
            ("prompt_tip", self.prompt_tip.is_some()),
            ("prompt_receipt", self.prompt_receipt.is_some()),
            ("prompt_signature", self.prompt_signature.is_some()),
            ("prompt_debit_credit", self.prompt_debit_credit.is_some()),
            ("allow_manual_entry", self.allow_manual_entry),
            ("allow_partial", self.allow_partial),
            ("save_card", self.save_card),
            ("ignore_duplicate", self.ignore_duplicate),
            ("timeout", self.timeout.is_some()),
            ("buttons", !self.buttons.is_empty()),
            ("line_items", !self.items.is_empty()),
        ];
        keys.extend(present.iter().filter(|(_, set)| *set).map(|(key, _)| (*key).to_owned()));
        keys.extend(self.texts.keys().chain(self.groups.keys()).cloned());
        keys
    }

    /// The first key that is not among those a vendor can carry out. `billing.*` stands for all that begin so.
    pub fn unsupported(&self, supported: &[&str]) -> Option<String> {
        let fits = |key: &str| {
            supported.iter().any(|s| match s.strip_suffix('*') {
                Some(start) => key.starts_with(start),
                None => *s == key,
            })
        };
        self.keys().into_iter().find(|key| !fits(key))
    }
}
