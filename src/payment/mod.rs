//! What a payment is: facts, state, plan, money, fields. Pure: no clock, no socket, no file, no thread.
//!
//! A payment is the sum of the facts known about it. `state = fold(facts)`, `plan = next(facts, now)`.

mod bag;
pub mod cardmask;
pub mod fields;
mod kind;
pub mod money;
pub mod snapshot;

pub use bag::{Fields, Value};
pub use kind::Kind;
