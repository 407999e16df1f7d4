//! What happens at the terminal, and the amounts that choose it.

use serde::{Deserialize, Serialize};

/// The story of one payment at the terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Scenario {
    /// A card, an approval, a receipt. Amounts below a dollar still choose their code.
    Approve,
    /// Declined with this two-digit code, such as 51.
    Decline(u8),
    /// The customer presses the red X before a card is read.
    CustomerCancel,
    /// Nobody comes; the payment screen gives up.
    DeviceTimeout,
    /// The device is occupied.
    Busy,
    /// NO_CONNECTION.
    Offline,
    /// NO_CONNECTION, then the device is reached and the customer pays.
    OfflineThenSuccess,
    /// The card comes late, but before the payment screen gives up.
    SlowCard,
    /// The card comes after every client has given up, and is approved.
    ApproveLate,
    /// One card is declined, the next one approved, in one request.
    DeclineThenApprove,
    /// The customer adds so many cents of tip, if tips are on.
    Tip(i64),
    /// A surcharge of so many thousandths of a percent is added.
    Surcharge(u32),
    /// The issuer approves only so many cents.
    Partial(i64),
    /// The plug is pulled before a card is read.
    UnplugBeforeCard,
    /// The plug is pulled while the card is being authorized; the money moves, the device never says so.
    UnplugAfterCard,
    /// The issuer approves, the gateway declines for the address: the money is held.
    AvsDecline,
    /// Approved with a PIN debit card, which can never be voided.
    PinDebit,
    /// Nothing happens until `/main`.
    Stuck,
    /// Approved, then a long receipt screen.
    SlowReceipt,
    /// A status word no document knows, then approved.
    UnknownStatus,
    /// Approved, but the request ends COMPLETE without the transaction id.
    HiddenApproval,
    /// A hand decides: see [`crate::payjunction::Touch`].
    Touch,
}

/// Cents asked of the card, all parts together, and the story they choose.
pub const AMOUNTS: [(i64, Scenario, &str); 20] = [
    (20_001, Scenario::CustomerCancel, "customer cancels"),
    (20_002, Scenario::DeviceTimeout, "payment screen times out"),
    (20_003, Scenario::Busy, "terminal busy"),
    (20_004, Scenario::Offline, "terminal offline"),
    (20_005, Scenario::OfflineThenSuccess, "offline, then approved"),
    (20_006, Scenario::SlowCard, "card after 45 s"),
    (20_007, Scenario::ApproveLate, "approved after 150 s"),
    (20_008, Scenario::DeclineThenApprove, "first card declined, second approved"),
    (20_009, Scenario::Tip(4000), "tip of 40.00"),
    (20_010, Scenario::Surcharge(3_000), "surcharge of 3 %"),
    (20_011, Scenario::Partial(10_000), "100.00 approved"),
    (20_012, Scenario::UnplugBeforeCard, "unplugged before the card"),
    (20_013, Scenario::UnplugAfterCard, "unplugged after the card"),
    (20_014, Scenario::AvsDecline, "declined after authorization"),
    (20_015, Scenario::PinDebit, "PIN debit"),
    (20_016, Scenario::Stuck, "nothing until /main"),
    (20_017, Scenario::SlowReceipt, "receipt screen of 45 s"),
    (20_018, Scenario::UnknownStatus, "unknown status word on the way"),
    (20_019, Scenario::HiddenApproval, "approved, id never told"),
    (20_051, Scenario::Decline(51), "insufficient funds"),
];

/// The story an amount chooses, if it chooses one.
pub fn by_amount(cents: i64) -> Option<Scenario> {
    AMOUNTS.iter().find(|(amount, _, _)| *amount == cents).map(|(_, scenario, _)| *scenario)
}
