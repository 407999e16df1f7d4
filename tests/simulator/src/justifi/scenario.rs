//! What happens at the terminal, and the amounts that choose it.

use crate::justifi::issuer;
use serde::{Deserialize, Serialize};

/// The story of one payment at the terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Scenario {
    /// A card and an approval.
    Approve,
    /// Declined with this network error code, such as 116.
    Decline(u16),
    /// Somebody presses the X key before a card is read.
    CustomerCancel,
    /// Nobody comes for 90 seconds.
    Timeout,
    /// `/terminals/pay` is refused: the terminal is in use.
    Busy,
    /// The terminal cannot be reached.
    Offline,
    /// The terminal is reached late, and the customer pays.
    OfflineThenSuccess,
    /// The card comes late, but in time.
    SlowCard,
    /// The processor takes longer than the 90 seconds.
    SlowAuthorization,
    /// Failed for the 90 seconds; then a completion of its own says approved.
    ApproveAfterTimeout,
    /// Failed for the 90 seconds while the processor works; then the checkout is completed, and the completion stays failed.
    GiveUp,
    /// The same, but only the payment tells of the approval.
    OnlyPaymentTells,
    /// One card is declined, the next one approved, in one payment.
    DeclineThenApprove,
    /// The plug is pulled before a card is read.
    UnplugBeforeCard,
    /// The plug is pulled while the card is being authorized; the money moves, the completion stays `processing`.
    UnplugAfterCard,
    /// The terminal stays ACTIVE after its time is over, until somebody holds the X key.
    Hang,
    /// A status word no document knows, then approved.
    UnknownStatus,
    /// The checkout is completed while its completion stays `processing`.
    HiddenApproval,
    /// The card is only authorized: the payment waits for its capture.
    AuthorizeOnly,
    /// `/terminals/pay` is refused with a code no document has.
    Refuse,
    /// Accepted, then failed with a code no document has.
    Fail,
    /// A hand decides: see [`crate::justifi::Touch`].
    Touch,
}

/// Cents asked of the card and the story they choose. From 300.05 on, the cents above 300.00 are a network error code.
pub const AMOUNTS: [(i64, Scenario, &str); 24] = [
    (20_001, Scenario::CustomerCancel, "X key"),
    (20_002, Scenario::Timeout, "nobody comes for 90 s"),
    (20_003, Scenario::Busy, "refused: terminal busy"),
    (20_004, Scenario::Offline, "terminal cannot be reached"),
    (20_005, Scenario::OfflineThenSuccess, "reached late, then approved"),
    (20_006, Scenario::SlowCard, "card after 45 s"),
    (20_007, Scenario::ApproveAfterTimeout, "failed after 90 s, then approved"),
    (20_008, Scenario::DeclineThenApprove, "first card declined, second approved"),
    (20_012, Scenario::UnplugBeforeCard, "unplugged before the card"),
    (20_013, Scenario::UnplugAfterCard, "unplugged after the card"),
    (20_014, Scenario::Decline(963), "gateway error"),
    (20_016, Scenario::Hang, "terminal hangs"),
    (20_018, Scenario::UnknownStatus, "unknown status word on the way"),
    (20_019, Scenario::HiddenApproval, "completed, completion never told"),
    (20_020, Scenario::SlowAuthorization, "processor takes 100 s"),
    (20_023, Scenario::Fail, "fails with an unknown code"),
    (20_024, Scenario::Refuse, "refused with an unknown code"),
    (20_025, Scenario::GiveUp, "failed, then the checkout is completed"),
    (20_026, Scenario::OnlyPaymentTells, "failed, only the payment tells"),
    (20_027, Scenario::AuthorizeOnly, "authorized only"),
    (30_101, Scenario::Decline(101), "expired card"),
    (30_116, Scenario::Decline(116), "insufficient funds"),
    (30_208, Scenario::Decline(208), "lost card"),
    (30_351, Scenario::Decline(351), "PIN required"),
];

/// The story an amount chooses, if it chooses one.
pub fn by_amount(cents: i64) -> Option<Scenario> {
    let listed = AMOUNTS.iter().find(|(amount, _, _)| *amount == cents).map(|(_, scenario, _)| *scenario);
    let network = u16::try_from(cents - 30_000).ok().filter(|code| issuer::is_decline(*code));
    listed.or(network.map(Scenario::Decline))
}
