//! Lists: their filters, their order, their cursors.

use crate::date;
use crate::http::{Answer, Request};
use crate::justifi::cloud::Cloud;
use crate::justifi::switches::ListOrder;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const PAGE: usize = 25;
const PAGE_MAX: usize = 100;
const PAGING: [&str; 3] = ["limit", "after_cursor", "before_cursor"];

/// The filters of a list call.
#[derive(Clone, Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether this filter lets the value through. A filter takes several values, separated by commas.
    pub fn allows(&self, name: &str, value: Option<&str>) -> bool {
        self.get(name).is_none_or(|wanted| wanted.split(',').any(|one| Some(one) == value))
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether the filters of this name let the time through.
    pub fn allows_time(&self, name: &str, unix_ms: u64) -> bool {
        let bound = |end: &str| self.get(&format!("{name}_{end}")).and_then(date::parse_iso);
        bound("after").is_none_or(|after| unix_ms > after) && bound("before").is_none_or(|before| unix_ms < before)
    }
}

/// One row of a list: its place among its kind, its id, when it was made.
pub(super) type Row = (usize, String, u64);

impl Cloud {
    /// Reads the filters of a list; those the vendor does not have are recorded.
    pub(super) fn query(&mut self, request: &Request, known: &[&str]) -> Query {
        let pairs = request.query_pairs();
        for (name, value) in &pairs {
            let time = name.ends_with("_after") || name.ends_with("_before");
            if !known.contains(&name.as_str()) && !PAGING.contains(&name.as_str()) {
                self.violate(format!("GET {}: unknown filter {name}={value}", request.path));
            } else if time && date::parse_iso(value).is_none() {
                self.violate(format!("GET {}: {name}={value} is no time", request.path));
            }
        }
        Query(pairs)
    }

    /// What is known of a list's rows: not too new, and not hidden.
    pub(super) fn is_listed(&self, created_ms: u64) -> bool {
        !self.switches.lists_hide_all && self.now >= created_ms + self.switches.list_lag_ms
    }

    /// The page that is asked for. Rows come oldest first.
    pub(super) fn page(&mut self, query: &Query, mut rows: Vec<Row>, print: impl Fn(&Cloud, usize) -> Value) -> Answer {
        match self.switches.list_order {
            ListOrder::Newest => rows.reverse(),
            ListOrder::Oldest => {}
            ListOrder::Shuffled => self.rng.shuffle(&mut rows),
        }
        let limit = self.limit(query);
        let after = self.cursor(query, "after_cursor", &rows).map(|place| place + 1);
        let before = self.cursor(query, "before_cursor", &rows);
        let start = after.unwrap_or_else(|| before.map_or(0, |end| end.saturating_sub(limit)));
        let end = (start + limit).min(before.unwrap_or(rows.len())).max(start);
        let told = &rows[start.min(rows.len())..end.min(rows.len())];
        let data: Vec<Value> = told.iter().map(|(place, ..)| print(self, *place)).collect();
        let id = if self.switches.list_id_one || self.switches.seed_replies { json!(1) } else { Value::Null };
        let body = json!({
            "id": id,
            "type": "array",
            "data": data,
            "page_info": {
                "end_cursor": told.last().map(|row| self.cursor_of(row)),
                "has_next": end < rows.len(),
                "has_previous": start > 0,
                "start_cursor": told.first().map(|row| self.cursor_of(row)),
            },
        });
        Answer::json(200, &body)
    }

    /// A wrong limit silently becomes the default.
    fn limit(&mut self, query: &Query) -> usize {
        let Some(sent) = query.get("limit") else { return PAGE };
        let limit = sent.parse().ok().filter(|limit| (1..=PAGE_MAX).contains(limit));
        limit.unwrap_or_else(|| {
            self.violate(format!("a list with limit {sent}"));
            PAGE
        })
    }

    fn cursor_of(&self, (_, id, created_ms): &Row) -> String {
        let wall = self.time(*created_ms).replace('T', " ").trim_end_matches('Z').to_string();
        STANDARD.encode(json!([wall, id]).to_string())
    }

    /// The place of the row a cursor names. Only a cursor that the cloud gave names one.
    fn cursor(&mut self, query: &Query, name: &str, rows: &[Row]) -> Option<usize> {
        let sent = query.get(name)?;
        let read = STANDARD.decode(sent).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let place = read.and_then(|cursor| rows.iter().position(|(_, id, _)| cursor[1] == id.as_str()));
        if place.is_none() {
            self.violate(format!("{name}={sent} is no cursor of this list"));
        }
        place
    }
}
