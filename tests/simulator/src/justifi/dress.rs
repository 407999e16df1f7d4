//! Envelopes, times and ids, and the last touches to an answer where samples disagree.

use crate::date;
use crate::http::Answer;
use crate::justifi::cloud::Cloud;
use crate::justifi::switches::{AmountType, ErrorShape};
use serde_json::{Value, json};

const ALPHABET: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ID_LETTERS: usize = 21;
const AMOUNTS: [&str; 9] = [
    "amount",
    "payment_amount",
    "amount_disputed",
    "amount_refunded",
    "amount_returned",
    "amount_refundable",
    "balance",
    "fee_amount",
    "refund_amount",
];
const LAST_FOUR: [&str; 2] = ["acct_last_four", "last4"];
/// What the client put in comes out as it was.
const KEPT: [&str; 2] = ["metadata", "sent_metadata"];

impl Cloud {
    /// A new id with its prefix.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        let letters: String = (0..ID_LETTERS).map(|_| char::from(ALPHABET[self.rng.below(62) as usize])).collect();
        format!("{prefix}_{letters}")
    }

    pub(super) fn time(&self, ms: u64) -> String {
        let unix = self.setup.epoch_ms + ms;
        let text = date::iso(unix);
        if !self.switches.times_with_ms {
            return text;
        }
        format!("{}.{:03}Z", text.trim_end_matches('Z'), unix % 1000)
    }

    /// The envelope of a single object.
    pub(super) fn envelope(&self, kind: &str, data: Value) -> Value {
        let (id, page_info) =
            if self.switches.seed_replies { (json!(1), json!("string")) } else { (data["id"].clone(), Value::Null) };
        json!({"id": id, "type": kind, "data": data, "page_info": page_info})
    }

    pub(super) fn single(&self, status: u16, kind: &str, data: Value) -> Answer {
        Answer::json(status, &self.envelope(kind, data))
    }

    /// Changes the answer to the shape the switches ask for.
    pub(super) fn dress(&self, answer: &mut Answer) {
        let switches = &self.switches;
        let plain = switches.amounts == AmountType::Integer && !switches.last_four_as_number;
        let as_is = answer.status < 400 || switches.error_shape == ErrorShape::Object;
        if plain && as_is {
            return;
        }
        let mut body = answer.value();
        if body.is_null() {
            return;
        }
        if body["error"]["code"].is_string() && answer.status >= 400 {
            body = self.reshaped(&body);
        }
        self.flip(&mut body);
        answer.body = body.to_string().into_bytes();
    }

    fn reshaped(&self, body: &Value) -> Value {
        let message = &body["error"]["message"];
        match self.switches.error_shape {
            ErrorShape::Object => body.clone(),
            ErrorShape::Text => json!({"error": message}),
            ErrorShape::Message => json!({"message": message}),
            ErrorShape::List => json!({"errors": [message]}),
        }
    }

    fn flip(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.flip(item)),
            Value::Object(members) => {
                for (name, member) in members.iter_mut().filter(|(name, _)| !KEPT.contains(&name.as_str())) {
                    if AMOUNTS.contains(&name.as_str()) && member.is_i64() {
                        *member = self.amount(member);
                    } else if LAST_FOUR.contains(&name.as_str()) && self.switches.last_four_as_number {
                        *member = json!(member.as_str().and_then(|digits| digits.parse::<u64>().ok()));
                    } else {
                        self.flip(member);
                    }
                }
            }
            _ => {}
        }
    }

    fn amount(&self, cents: &Value) -> Value {
        match self.switches.amounts {
            AmountType::Integer => cents.clone(),
            AmountType::Text => json!(cents.to_string()),
            AmountType::Decimal => json!(cents.as_f64()),
        }
    }
}
