//! What happens at the device, and the amounts that choose it.

use serde::{Deserialize, Serialize};

/// The story of one payment at the device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Scenario {
    /// A card and an approval. Amounts below a dollar still choose their code.
    Approve,
    /// Declined with this number, such as 10251.
    Decline(u32),
    /// The customer presses the red X before a card is read.
    CustomerCancel,
    /// Nobody comes.
    Timeout,
    /// POST is refused: the device is in use.
    Busy,
    /// The device is not connected, and stays so.
    Offline,
    /// The device is not connected yet; the customer pays when it is.
    OfflineThenSuccess,
    /// POST is refused: the battery.
    BatteryLow,
    /// The card comes late.
    SlowCard,
    /// The processor takes its time.
    SlowAuthorization,
    /// `timeout`, and then the approval all the same.
    ApproveAfterTimeout,
    /// One card is declined, the next one approved, in one request.
    DeclineThenApprove,
    /// The customer adds so many cents of tip, if asked.
    Tip(i64),
    /// The issuer approves only so many cents.
    Partial(i64),
    /// The plug is pulled before a card is read.
    UnplugBeforeCard,
    /// The plug is pulled while the card is being authorized; the money moves, the request never ends.
    UnplugAfterCard,
    /// The gateway answers the card with this number instead of a decision.
    GatewayError(u32),
    /// Approved with a PIN debit card.
    PinDebit,
    /// Approved, then the customer cancels the signature.
    SignatureCanceled,
    /// Approved, then the signature is not captured.
    SignatureError,
    /// Fallback from the chip to another interface.
    ChangeInterface,
    /// A phone that wants to be unlocked.
    PhoneTap,
    /// A status word no document knows, then approved.
    UnknownStatus,
    /// `transaction complete` without the transaction, which is approved.
    HiddenApproval,
    /// POST is refused with this number.
    Refuse(u32),
    /// Accepted, then `error` with this number beside it.
    Fail(u32),
    /// The device gives up while the processor works: `error` with 21102, and the money moves all the same.
    GiveUp,
    /// A hand decides: see [`crate::ebizcharge::Touch`].
    Touch,
}

/// Cents asked of the card and the story they choose.
pub const AMOUNTS: [(i64, Scenario, &str); 26] = [
    (20_001, Scenario::CustomerCancel, "customer cancels"),
    (20_002, Scenario::Timeout, "nobody comes"),
    (20_003, Scenario::Busy, "21146: device busy"),
    (20_004, Scenario::Offline, "device offline"),
    (20_005, Scenario::OfflineThenSuccess, "offline, then approved"),
    (20_006, Scenario::SlowCard, "card after 45 s"),
    (20_007, Scenario::ApproveAfterTimeout, "timeout, then approved"),
    (20_008, Scenario::DeclineThenApprove, "first card declined, second approved"),
    (20_009, Scenario::Tip(4000), "tip of 40.00"),
    (20_010, Scenario::BatteryLow, "21143: battery low"),
    (20_011, Scenario::Partial(10_000), "100.00 approved"),
    (20_012, Scenario::UnplugBeforeCard, "unplugged before the card"),
    (20_013, Scenario::UnplugAfterCard, "unplugged after the card"),
    (20_014, Scenario::GatewayError(9001), "9001 from the gateway"),
    (20_015, Scenario::PinDebit, "PIN debit"),
    (20_016, Scenario::SignatureCanceled, "signature canceled"),
    (20_017, Scenario::SignatureError, "signature not captured"),
    (20_018, Scenario::UnknownStatus, "unknown status word on the way"),
    (20_019, Scenario::HiddenApproval, "approved, transaction never told"),
    (20_020, Scenario::SlowAuthorization, "processor takes 100 s"),
    (20_021, Scenario::ChangeInterface, "fallback to another interface"),
    (20_022, Scenario::PhoneTap, "see the phone and tap again"),
    (20_023, Scenario::Fail(21102), "21102 after acceptance"),
    (20_024, Scenario::Refuse(21119), "21119: a number nobody documents"),
    (20_025, Scenario::GiveUp, "device gives up, then approved"),
    (20_051, Scenario::Decline(10251), "insufficient funds"),
];

/// The story an amount chooses, if it chooses one.
pub fn by_amount(cents: i64) -> Option<Scenario> {
    AMOUNTS.iter().find(|(amount, _, _)| *amount == cents).map(|(_, scenario, _)| *scenario)
}
