//! The one table of exported functions: since which version, may it wait, may it be called in a callback.
//!
//! It is the last line of each function's comment in the header, the check at run time, and the test of the exports.
//! build.rs reads this file too, so it uses nothing of the crate.

/// One row of the table.
pub struct Row {
    /// As it is exported.
    pub name: &'static str,
    /// The first version that has the function.
    pub since: &'static str,
    /// May wait for something.
    pub waits: bool,
    /// May be called inside a callback of the same client.
    pub in_callback: bool,
}

impl Row {
    /// What the header says about it.
    #[allow(dead_code)] // build.rs calls it, the library does not
    pub fn line(&self) -> String {
        let waits = if self.waits { "May wait" } else { "Never waits" };
        let callback = if self.in_callback { "allowed in a callback" } else { "PJ_ERR_REENTRANT in a callback" };
        format!("Since {}. {waits}; {callback}.", self.since)
    }
}

macro_rules! functions {
    ($($name:ident, $since:literal, $waits:literal, $in_callback:literal;)+) => {
        /// An exported function.
        #[allow(non_camel_case_types, dead_code)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Function { $(#[doc = "Its row of the table."] $name,)+ }

        /// Every exported function, in the order of the header.
        pub const TABLE: &[Row] =
            &[$(Row { name: stringify!($name), since: $since, waits: $waits, in_callback: $in_callback },)+];
    };
}

functions! {
    // name, since, waits, in_callback
    pj_version, "0.1", false, true;
    pj_version_text, "0.1", false, true;
    pj_status_name, "0.1", false, true;
    pj_status_text, "0.1", false, true;
    pj_state_name, "0.1", false, true;
    pj_money_name, "0.1", false, true;
    pj_advice_name, "0.1", false, true;
    pj_event_name, "0.1", false, true;
    pj_last_error, "0.1", false, true;

    pj_fields_new, "0.1", false, true;
    pj_fields_set_text, "0.1", false, true;
    pj_fields_set_int, "0.1", false, true;
    pj_fields_add_text, "0.1", false, true;
    pj_fields_add_item, "0.1", false, true;
    pj_fields_free, "0.1", false, true;

    pj_client_open, "0.1", true, true;
    pj_client_close, "0.1", true, false;
    pj_capable, "0.1", false, true;

    pj_on_event, "0.1", false, true;
    pj_dispatch, "0.1", true, false;
    pj_next_event, "0.1", true, false;
    pj_wakeup_fd, "0.1", false, true;
    pj_wakeup_window, "0.1", false, true;
    pj_on_log, "0.1", false, true;

    pj_request_payment, "0.1", false, true;
    pj_request_refund, "0.1", false, true;
    pj_request_signature, "0.1", false, true;
    pj_request_prompt, "0.1", false, true;
    pj_request_input, "0.1", false, true;
    pj_request_card_read, "0.1", false, true;
    pj_capture, "0.1", false, true;
    pj_void, "0.1", false, true;
    pj_refund, "0.1", false, true;
    pj_reverse, "0.1", false, true;
    pj_adjust_tip, "0.1", false, true;
    pj_fetch_transaction, "0.1", false, true;
    pj_fetch_receipt, "0.1", false, true;
    pj_send_receipt, "0.1", false, true;
    pj_fetch_signature, "0.1", false, true;
    pj_reconcile, "0.1", false, true;
    pj_self_check, "0.1", false, true;
    pj_list_terminals, "0.1", false, true;
    pj_fetch_terminal, "0.1", false, true;
    pj_pair_terminal, "0.1", false, true;
    pj_unpair_terminal, "0.1", false, true;
    pj_set_terminal, "0.1", false, true;
    pj_identify_terminal, "0.1", false, true;

    pj_poll, "0.1", false, true;
    pj_wait, "0.1", true, false;
    pj_cancel, "0.1", false, true;
    pj_acknowledge, "0.1", false, true;
    pj_resolve, "0.1", false, true;
    pj_request_free, "0.1", false, true;
    pj_pending_count, "0.1", false, true;
    pj_pending_at, "0.1", false, true;
    pj_find, "0.1", false, true;
    pj_get_text, "0.1", false, true;
    pj_get_int, "0.1", false, true;
    pj_get_bytes, "0.1", false, true;
    pj_get_json, "0.1", false, true;

    pj_webhook, "0.1", false, true;
    pj_diagnostics, "0.1", true, true;
}

impl Function {
    /// What the table says of it.
    #[allow(dead_code)] // the library calls it, build.rs does not
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}
