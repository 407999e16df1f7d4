//! The event PayJunction would post for a request, as bytes: a test hands it to the client, signed or not.

use crate::date;
use crate::payjunction::cloud::Cloud;

impl Cloud {
    /// The body of a SMARTTERMINAL_REQUEST event for the request as it stands now. Blanks and lines are as in the captured
    /// ones, because a signature covers the very bytes.
    pub fn webhook(&mut self, request_id: &str) -> Option<Vec<u8>> {
        let request = self.requests.iter().rev().find(|r| r.id == request_id)?;
        let mut data =
            format!("    \"requestId\" : \"{}\",\n    \"status\" : \"{}\"", request.id, request.status.word());
        if let Some(id) = request.transaction_id {
            data += &format!(",\n    \"transactionId\" : {id}");
        }
        if let Some((field, value)) = &request.result {
            data += &format!(",\n    \"{field}\" : {}", serde_json::json!(value));
        }
        let unix = self.setup.epoch_ms + self.now;
        let created = format!("{}.{:03}Z", date::iso(unix).trim_end_matches('Z'), unix % 1000);
        let id = self.rng.uuid();
        let head =
            format!("  \"id\" : \"{id}\",\n  \"created\" : \"{created}\",\n  \"type\" : \"SMARTTERMINAL_REQUEST\"");
        Some(format!("{{\n{head},\n  \"data\" : {{\n{data}\n  }}\n}}").into_bytes())
    }
}
