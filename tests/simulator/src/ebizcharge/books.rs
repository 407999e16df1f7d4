//! Reading the books: one transaction, the lists, receipts, and the result of a payment request.

use crate::ebizcharge::cloud::Cloud;
use crate::ebizcharge::envelope::refusal;
use crate::ebizcharge::params::Shape;
use crate::ebizcharge::payrequest::PayRequest;
use crate::ebizcharge::progress::success;
use crate::ebizcharge::switches::{SearchOrder, TokenPlace};
use crate::ebizcharge::transaction::{State, Transaction};
use crate::http::{Answer, Request};
use crate::money::money;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const PAGE: u64 = 20;
/// What the official kits send besides; the gateway ignores the filters.
const QUERY: [&str; 7] = ["limit", "offset", "fuzzy", "filters", "return_origin", "return_bin", "return_fraud"];

impl Cloud {
    fn entry_mode(&self) -> &'static str {
        if self.switches.entrymode_in_one_word { "entrymode" } else { "entry_mode" }
    }

    fn auth_amount(&self, cents: i64) -> Value {
        let bare = self.switches.bare_amounts && cents % 100 == 0;
        json!(if bare { (cents / 100).to_string() } else { money(cents) })
    }

    /// The `transaction` of a payment request.
    pub(super) fn result(&self, request: &PayRequest, t: &Transaction) -> Value {
        let mut body = t.head();
        if request.is_duplicate {
            body["is_duplicate"] = json!("Y");
        }
        body["trantype"] = json!(t.trantype().1);
        body["iccdata"] = json!("{\"8A\":\"3030\"}");
        body["proc_refnum"] = json!("");
        let approved = if t.verdict.is_approved() { t.amounts.total } else { 0 };
        body["auth_amount"] = self.auth_amount(approved);
        body["amount_detail"] = t.amounts.json();
        body["creditcard"] = t.creditcard(self.entry_mode());
        body["avs"] = json!({"result_code": "YYY", "result": "Address: Match & 5 Digit Zip: Match"});
        body["cvc"] = json!({"result_code": "P", "result": "Not Processed"});
        body["batch"] = json!({
            "type": "batch", "key": format!("ft1m9m5p9wgd{:04}", t.batch), "batchrefnum": 542_813 + t.batch,
            "sequence": t.batch.to_string(),
        });
        if let Some(invoice) = t.invoice() {
            body["invoice"] = json!(invoice);
        }
        if request.signs() {
            body["creditcard"]["signature"] = json!("iVBORw0KGgo=");
        }
        if t.saved_card && t.verdict.is_approved() {
            self.put_token(&mut body, t);
        }
        body
    }

    fn put_token(&self, body: &mut Value, t: &Transaction) {
        let token = format!("sim0-{}-{}-{}", &t.key[..4], &t.key[4..8], &t.key[8..12]);
        match self.switches.token_place {
            TokenPlace::SavedCard => {
                body["savedcard"] = json!({
                    "type": t.card.brand, "key": token, "cardnumber": t.card.masked, "expiration": "XXXX",
                });
            }
            TokenPlace::Transaction => body["token"] = json!(token),
            TokenPlace::CreditCard => body["creditcard"]["token"] = json!(token),
        }
    }

    /// A transaction as the books print it.
    pub(super) fn row(&self, t: &Transaction) -> Value {
        let mut body = t.head();
        let (code, word) = t.status();
        body["created"] = json!(self.local(t.created_ms));
        body["trantype_code"] = json!(t.trantype().0);
        body["trantype"] = json!(t.trantype().1);
        body["status_code"] = json!(code);
        body["status"] = json!(word);
        body["creditcard"] = t.creditcard(self.entry_mode());
        body["amount"] = json!(money(t.amounts.total));
        body["amount_detail"] = t.amounts.json();
        for name in ["invoice", "ponum", "description", "comments", "terminal", "clerk", "table", "customerid"] {
            body[name] = t.details.get(name).cloned().unwrap_or_else(|| json!(""));
        }
        body["orderid"] = json!(t.orderid.as_deref().unwrap_or_default());
        body["customer_email"] = t.details.get("email").cloned().unwrap_or_else(|| json!(""));
        for name in ["lineitems", "custom_fields"] {
            if let Some(value) = t.details.get(name) {
                body[name] = value.clone();
            }
        }
        body["source_name"] = json!("Simulator");
        body["batch"] = json!({"type": "batch", "batchrefnum": (542_813 + t.batch).to_string()});
        body["platform"] = json!({"name": "FDMS Nashville"});
        body["available_actions"] = json!(t.actions());
        body
    }

    /// The place of a transaction that the API already knows, by key or by number.
    pub(super) fn transaction_index(&self, id: &str) -> Option<usize> {
        let fresh = self.switches.fresh_transaction_404_ms;
        let place = self.transactions.iter().position(|t| t.key == id || t.refnum.to_string() == id)?;
        (self.now >= self.transactions[place].created_ms + fresh).then_some(place)
    }

    pub(super) fn get_transaction(&self, key: &str) -> Answer {
        match self.transaction_index(key) {
            Some(place) => Answer::json(200, &self.row(&self.transactions[place])),
            None => refusal(404, 20_001),
        }
    }

    pub(super) fn list_transactions(&mut self, request: &Request, open_batch: bool) -> Answer {
        let (lag, hidden, batch) = (self.switches.search_lag_ms, self.switches.search_hides_all, self.batch);
        let seen = |t: &&Transaction| !hidden && self.now >= t.created_ms + lag;
        let open = |t: &&Transaction| !open_batch || t.batch == batch && t.state != State::Settled;
        let mut found: Vec<Transaction> = self.transactions.iter().filter(seen).filter(open).cloned().collect();
        match self.switches.search_order {
            SearchOrder::Newest => found.reverse(),
            SearchOrder::Oldest => {}
            SearchOrder::Shuffled => self.rng.shuffle(&mut found),
        }
        let rows: Vec<Value> = found.iter().map(|t| self.row(t)).collect();
        let total = json!(rows.len().to_string());
        self.page(request, rows, total)
    }

    /// Cuts the rows to the page asked for. `total` comes as the list in question has it.
    pub(super) fn page(&mut self, request: &Request, rows: Vec<Value>, total: Value) -> Answer {
        let pairs = request.query_pairs();
        for (name, value) in &pairs {
            if !QUERY.contains(&name.as_str()) {
                self.violate(format!("unknown parameter {name}={value} in a list"));
            }
        }
        let limit = self.number(&pairs, "limit", PAGE);
        let offset = self.number(&pairs, "offset", 0);
        if limit == 0 {
            self.violate("a list with limit 0");
        }
        let limit = limit.clamp(1, self.setup.page_max);
        let data: Vec<Value> = rows.into_iter().skip(offset as usize).take(limit as usize).collect();
        Answer::json(200, &json!({"type": "list", "limit": limit, "offset": offset, "data": data, "total": total}))
    }

    fn number(&mut self, pairs: &[(String, String)], name: &str, default: u64) -> u64 {
        let Some((_, value)) = pairs.iter().find(|(n, _)| n == name) else {
            return default;
        };
        value.parse().unwrap_or_else(|_| {
            self.violate(format!("a list with {name} {value}"));
            default
        })
    }

    pub(super) fn send_receipt(&mut self, key: &str, request: &Request) -> Answer {
        let params = self.params(request, &[&[("toemail", Shape::Text(255))]]);
        if self.transaction_index(key).is_none() {
            return refusal(404, 20_001);
        }
        if !params.text("toemail").is_some_and(|address| address.contains('@')) {
            self.violate("a receipt without an address");
        }
        success()
    }

    /// The receipt: base64 of HTML as a JSON string.
    pub(super) fn get_receipt(&self, key: &str) -> Answer {
        let Some(place) = self.transaction_index(key) else {
            return refusal(404, 20_001);
        };
        let t = &self.transactions[place];
        let html = format!("<html><body>{} {}</body></html>", t.verdict.result, money(t.amounts.total));
        Answer::json(200, &json!(STANDARD.encode(html)))
    }
}
