//! What a number of the vendor's says beside the end of a request.

/// A failure of the terminal that stands beside an ended request and says that no card was read: the five of the page on
/// payment requests and their neighbors (POST /paymentengine/payrequests, Errors).
pub(super) fn before_any_card(code: i32) -> bool {
    matches!(code, 21100 | 21101 | 21121 | 21143 | 21145 | 21146)
}
