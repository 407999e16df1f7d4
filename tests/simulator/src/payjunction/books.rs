//! Reading the books: one transaction, the search, and the pages of every list.

use crate::date;
use crate::http::{Answer, Request};
use crate::payjunction::auth::not_found;
use crate::payjunction::authorize::FIRST_TRANSACTION_ID;
use crate::payjunction::cloud::Cloud;
use crate::payjunction::rules::{Checked, Rule, Shape, optional};
use crate::payjunction::smart::errors;
use crate::payjunction::switches::SearchOrder;
use crate::payjunction::transaction::{Transaction, View};
use serde_json::{Value, json};

const PAGE_MAX: u64 = 50;
const OFFSET_MAX: u64 = 1 << 31;

const PAGING: [Rule; 2] = [optional("limit", Shape::Number), optional("offset", Shape::Number)];

const SEARCH: [Rule; 16] = [
    optional("status", Shape::OneOf(&["CAPTURE", "DECLINED", "HOLD", "REJECT", "VOID"])),
    optional("action", Shape::OneOf(&["CHARGE", "REFUND", "VERIFY"])),
    optional("service", Shape::OneOf(&SERVICES)),
    optional("billingFirstName", Shape::Text(16)),
    optional("billingLastName", Shape::Text(32)),
    optional("lastFour", Shape::Text(4)),
    optional("settlementId", Shape::Number),
    optional("terminalId", Shape::Number),
    optional("scheduleId", Shape::Number),
    optional("invoiceNumber", Shape::Text(32)),
    optional("purchaseOrderNumber", Shape::Text(32)),
    optional("amountTotal", Shape::Money),
    optional("startDate", Shape::Date),
    optional("endDate", Shape::Date),
    PAGING[0],
    PAGING[1],
];

const SERVICES: [&str; 7] =
    ["API", "INVOICE", "MOBILE", "QUICKSHOP", "RECURRING", "SMART_TERMINAL", "VIRTUAL_TERMINAL"];

impl Cloud {
    pub(super) fn view<'a>(&'a self, version: &'a str) -> View<'a> {
        View {
            version,
            epoch_ms: self.setup.epoch_ms,
            base_url: &self.setup.base_url,
            ids_as_strings: self.switches.ids_as_strings,
        }
    }

    pub(super) fn id_value(&self, id: u64) -> Value {
        self.view("").id(id)
    }

    /// The place of a transaction that the API already knows.
    pub(super) fn transaction_index(&self, id: &str) -> Option<usize> {
        let index = id.parse::<u64>().ok()?.checked_sub(FIRST_TRANSACTION_ID)? as usize;
        let fresh = self.switches.fresh_transaction_404_ms;
        self.transactions.get(index).is_some_and(|t| self.now >= t.created_ms + fresh).then_some(index)
    }

    pub(super) fn get_transaction(&self, id: &str, version: &str) -> Answer {
        match self.transaction_index(id) {
            Some(i) => Answer::json(200, &self.view(version).transaction(&self.transactions[i])),
            None => not_found(),
        }
    }

    pub(super) fn search(&mut self, request: &Request, version: &str) -> Answer {
        let filters = self.checked(request, &request.query_pairs(), &SEARCH);
        if !filters.errors.is_empty() {
            return errors(&filters);
        }
        let mut found: Vec<Transaction> =
            self.transactions.iter().filter(|t| self.matches(t, &filters)).cloned().collect();
        match self.switches.search_order {
            SearchOrder::Newest => found.reverse(),
            SearchOrder::Oldest => {}
            SearchOrder::Shuffled => self.rng.shuffle(&mut found),
        }
        let view = self.view(version);
        let rows = found.iter().map(|t| view.transaction(t)).collect();
        self.page(request, rows, &SEARCH)
    }

    fn matches(&self, t: &Transaction, filters: &Checked) -> bool {
        let same = |name: &str, value: Option<&str>| filters.text(name).is_none_or(|wanted| value == Some(wanted));
        let created = self.setup.epoch_ms + t.created_ms;
        let bound = |name: &str| filters.text(name).and_then(date::parse_iso);
        // The books know whole seconds.
        let second = created / 1000 * 1000;
        let start = bound("startDate").filter(|_| !self.switches.start_date_ignored);
        self.now >= t.created_ms + self.switches.search_lag_ms
            && !self.switches.search_hides_accounts.contains(&t.terminal_id)
            && same("status", Some(t.status.word()))
            && same("action", Some(t.action.word()))
            && same("service", Some(t.service()))
            && same("lastFour", Some(t.card.last_four))
            && same("invoiceNumber", t.invoice_number.as_deref())
            && same("purchaseOrderNumber", t.purchase_order_number.as_deref())
            && same("billingFirstName", None)
            && same("billingLastName", None)
            && same("scheduleId", None)
            && filters.number("settlementId").is_none_or(|id| id == t.settlement_id.unwrap_or(0))
            && filters.number("terminalId").is_none_or(|id| id == t.terminal_id)
            && filters.cents("amountTotal").is_none_or(|cents| cents == t.amounts.total())
            && start.is_none_or(|start| second >= start)
            && bound("endDate").is_none_or(|end| second <= end)
    }

    /// Cuts the rows to the page asked for; `next` is there when more follow.
    pub(super) fn page(&mut self, request: &Request, rows: Vec<Value>, rules: &[Rule]) -> Answer {
        // A search has been checked already; a second check would record its violations twice.
        let mut paging = if rules.is_empty() {
            self.checked(request, &request.query_pairs(), &PAGING)
        } else {
            Checked::new(&request.query_pairs(), rules)
        };
        let (limit, offset) = (paging.number("limit").unwrap_or(PAGE_MAX), paging.number("offset").unwrap_or(0));
        for (name, bad) in [("limit", limit == 0 || limit > PAGE_MAX), ("offset", offset > OFFSET_MAX)] {
            if bad {
                self.violate(format!("{name} out of range"));
                paging.refuse(name, "This field is invalid.", "invalid");
            }
        }
        if !paging.errors.is_empty() {
            return errors(&paging);
        }
        let total = rows.len() as u64;
        let results: Vec<Value> = rows.into_iter().skip(offset as usize).take(limit as usize).collect();
        let mut body = json!({"results": results});
        if offset + limit < total {
            body["next"] = json!(self.next_page(request, limit, offset + limit));
        }
        Answer::json(200, &body)
    }

    fn next_page(&self, request: &Request, limit: u64, offset: u64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(request.query_pairs().iter().filter(|(name, _)| name != "limit" && name != "offset"));
        query.append_pair("limit", &limit.to_string()).append_pair("offset", &offset.to_string());
        format!("{}{}?{}", self.setup.base_url, request.path, query.finish())
    }
}
