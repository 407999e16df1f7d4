//! What a vendor and an account may or may not be able to do.

macro_rules! capabilities {
    ($($variant:ident = $number:literal, $name:literal, $doc:literal;)+) => {
        /// Something a program can ask for beforehand. Append-only: a number never changes its meaning.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(i32)]
        pub enum Capability { $(#[doc = $doc] $variant = $number,)+ }

        impl Capability {
            /// Every capability, in rising order.
            pub const ALL: &'static [Capability] = &[$(Capability::$variant,)+];

            /// The number of the header's constant.
            pub fn number(self) -> i32 {
                self as i32
            }

            /// The name of the header's constant.
            pub fn name(self) -> &'static str {
                match self { $(Capability::$variant => $name,)+ }
            }

            /// What it means, for the header.
            pub fn text(self) -> &'static str {
                match self { $(Capability::$variant => $doc,)+ }
            }

            /// The capability with this number, if there is one.
            pub fn from_number(number: i32) -> Option<Capability> {
                match number { $($number => Some(Capability::$variant),)+ _ => None }
            }
        }
    };
}

// build.rs reads this file too, so it uses nothing of the crate.
capabilities! {
    Payment = 1, "PJ_CAN_REQUEST_PAYMENT", "pj_request_payment.";
    TerminalRefund = 2, "PJ_CAN_REQUEST_REFUND", "pj_request_refund.";
    Signature = 3, "PJ_CAN_REQUEST_SIGNATURE", "pj_request_signature.";
    Prompt = 4, "PJ_CAN_REQUEST_PROMPT", "pj_request_prompt.";
    Input = 5, "PJ_CAN_REQUEST_INPUT", "pj_request_input.";
    CardRead = 6, "PJ_CAN_REQUEST_CARD_READ", "pj_request_card_read.";
    Capture = 7, "PJ_CAN_CAPTURE", "pj_capture.";
    Void = 8, "PJ_CAN_VOID", "pj_void.";
    Refund = 9, "PJ_CAN_REFUND", "pj_refund.";
    Reverse = 10, "PJ_CAN_REVERSE", "pj_reverse.";
    AdjustTip = 11, "PJ_CAN_ADJUST_TIP", "pj_adjust_tip.";
    FetchTransaction = 12, "PJ_CAN_FETCH_TRANSACTION", "pj_fetch_transaction.";
    FetchReceipt = 13, "PJ_CAN_FETCH_RECEIPT", "pj_fetch_receipt.";
    SendReceipt = 14, "PJ_CAN_SEND_RECEIPT", "pj_send_receipt.";
    FetchSignature = 15, "PJ_CAN_FETCH_SIGNATURE", "pj_fetch_signature.";
    Reconcile = 16, "PJ_CAN_RECONCILE", "pj_reconcile.";
    SelfCheck = 17, "PJ_CAN_SELF_CHECK", "pj_self_check.";
    ListTerminals = 18, "PJ_CAN_LIST_TERMINALS", "pj_list_terminals.";
    FetchTerminal = 19, "PJ_CAN_FETCH_TERMINAL", "pj_fetch_terminal.";
    PairTerminal = 20, "PJ_CAN_PAIR_TERMINAL", "pj_pair_terminal.";
    UnpairTerminal = 21, "PJ_CAN_UNPAIR_TERMINAL", "pj_unpair_terminal.";
    SetTerminal = 22, "PJ_CAN_SET_TERMINAL", "pj_set_terminal.";
    IdentifyTerminal = 23, "PJ_CAN_IDENTIFY_TERMINAL", "pj_identify_terminal.";
    Cancel = 40, "PJ_CAN_CANCEL", "pj_cancel reaches the terminal. Without it a payment ends only there, or by its own time.";
    Tips = 41, "PJ_CAN_TIPS", "The terminal can ask for a tip.";
    Partial = 42, "PJ_CAN_PARTIAL", "A part of the amount can be approved, if the request allows it.";
    Surcharge = 43, "PJ_CAN_SURCHARGE", "A surcharge can be added.";
    CaptureLater = 44, "PJ_CAN_CAPTURE_LATER", "A payment at the terminal can be authorized now and captured later.";
    ManualEntry = 45, "PJ_CAN_MANUAL_ENTRY", "The card number can be keyed in at the terminal.";
    SaveCard = 46, "PJ_CAN_SAVE_CARD", "The vendor can keep the card and give a token for it.";
    InterruptBusy = 47, "PJ_CAN_INTERRUPT_BUSY", "A request can interrupt what the terminal is doing.";
    WaitForTerminal = 48, "PJ_CAN_WAIT_FOR_TERMINAL", "A request can wait for a terminal that is not connected.";
    LineItems = 49, "PJ_CAN_LINE_ITEMS", "Line items can be sent.";
    Webhooks = 50, "PJ_CAN_WEBHOOKS", "pj_webhook understands this vendor's messages.";
    HoldAfter = 51, "PJ_CAN_HOLD_AFTER", "capture \"later\" charges the card and puts the charge on hold at once, in two steps. If the second step fails, the money is taken: PJ_MONEY_MOVED with PJ_FLAG_CAPTURED.";
}
