//! The numbers and ways by which the plan and the verdict judge, and the calls that the plan can ask for.

use super::Payment;
use super::confirm::Confirm;
use super::fact::Action;

/// One call to the vendor.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// Starts or does what was asked. The only step that can move money.
    Submit(Action),
    /// Reads where the terminal stands with the request.
    Watch,
    /// Reads one transaction.
    Settle { id: String },
    /// Ends the request at the terminal, or sends the terminal back to its idle screen.
    Cancel,
    /// Searches for the submit's trace by our key, then for candidates.
    Lookup,
    /// Searches for the charge that made the vendor's duplicate check fire.
    SearchDuplicate,
    /// Makes at the vendor what a payment needs before it can start. Moves no money; doing it twice harms nobody.
    Prepare,
    /// Reads what is there before the submit: none of it can be the submit's doing.
    Baseline,
    /// Reads what the terminal is doing.
    TerminalStatus,
    /// Reads the rest of an answer that the request only names, such as the image of a signature.
    FetchAnswer { id: String },
    /// The call, or one of the few calls, of an errand.
    Errand,
}

/// How it is proven that a submit whose answer was lost will not reach the customer any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Absence {
    /// Only by a word about the terminal: it was sent back to its idle screen, or has taken a later request of ours.
    Cleared,
    /// By time, for the terminal waits for a card no longer than it was told, and by a terminal that is idle after that.
    Time,
}

/// What a cancel from the till acts on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CancelScope {
    /// Whatever the terminal is doing.
    Terminal,
    /// The one request, by the vendor's id of it.
    Request,
    /// There is no cancel.
    Nothing,
}

/// How things go at a vendor, as far as the plan must know.
#[derive(Clone, PartialEq, Debug)]
pub struct Ways {
    pub absence: Absence,
    pub cancel: CancelScope,
    /// A payment at the terminal needs [`Step::Prepare`] before its submit.
    pub prepare: bool,
    /// A payment at the terminal needs [`Step::Baseline`] before its submit.
    pub baseline: bool,
    /// Money that is to be captured later is charged and then put on hold: the terminal cannot reserve it.
    pub hold_after: bool,
    /// A refund of an earlier transaction needs [`Step::Baseline`] before its submit.
    pub refund_baseline: bool,
    /// The terminal is asked before the submit, and nothing is sent to a busy one.
    pub status_first: bool,
    /// An accepted request that leads to nothing may be judged by its absence too; otherwise only a lost one.
    pub absence_after_acceptance: bool,
    /// What ended without a transaction stays so. Otherwise an end is believed when the terminal is idle after it, and goes
    /// on being read.
    pub ends_for_good: bool,
    /// How long the terminal waits for the customer when the request does not say. Part of the time in which a payment can
    /// still turn up, where absence is proven by time.
    pub customer_ms: u64,
}

/// Numbers of the vendor and the till that the plan needs.
#[derive(Clone, PartialEq, Debug)]
pub struct Rules {
    pub ways: Ways,
    /// From acceptance to the first read of the request.
    pub first_read_ms: u64,
    /// Never read one request faster than this.
    pub read_floor_ms: u64,
    /// How long after the proof that the terminal is clear, or after the terminal gave up, an unseen transaction can
    /// still turn up.
    pub absence_after_ms: u64,
    /// Void, capture and adjust may be sent again once a read shows that they are not done.
    pub resend_on_original: bool,
    /// A refund found by nobody this long after its answer was lost did not happen.
    pub refund_absence_ms: u64,
    /// From the till's settings.
    pub send_within_ms: u64,
    pub deadline_ms: u64,
    pub poll_interval_ms: u64,
    /// Other programs may use the terminal too.
    pub terminal_shared: bool,
    /// Payments are authorized first, and captured when the till has acknowledged them.
    pub confirm: Option<Confirm>,
}

impl Rules {
    /// How long after a lost submit, or after the proof that its terminal is clear, its payment can still turn up.
    pub fn turns_up_within(&self, payment: &Payment) -> u64 {
        if self.ways.absence == Absence::Cleared || !payment.kind().is_card_present() {
            return self.absence_after_ms;
        }
        let asked = payment.intent.request.timeout.map(|seconds| u64::from(seconds) * 1_000);
        asked.unwrap_or(self.ways.customer_ms) + self.authorized_within(payment)
    }

    /// How long after a card was read its payment can still turn up.
    pub fn authorized_within(&self, payment: &Payment) -> u64 {
        self.absence_after_ms + payment.terminal_status.and_then(|status| status.authorization_ms).unwrap_or(0)
    }
}

/// What the plan must know besides the payment.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Context {
    pub now: u64,
    /// The account's traffic lets one request be read this often at most.
    pub read_every_ms: u64,
    /// A lookup of this ended attempt is wanted now, because a new attempt of its reference waits.
    pub lookup_wanted_since: Option<u64>,
    /// Somebody said that there is news of this payment: the next look does not wait for its turn.
    pub look_wanted: bool,
    /// Another request of this journal has changed the original since, or may have: what shows there is not this one's doing.
    pub done_by_other: bool,
    /// Another request of this journal, which runs or is done, accounts for what the vendor's record shows now.
    pub explained: bool,
    /// Until then the policy's step must not begin: other work on the transaction runs, or may still be done.
    pub quiet_until: u64,
}

/// Absence must be seen twice, this far apart.
pub const ABSENCE_GAP_MS: u64 = 60_000;
/// After a cancel that the vendor confirmed, a payment that was under way shows within this time.
pub const CANCEL_QUIET_MS: u64 = 60_000;
