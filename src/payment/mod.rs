//! What a payment is: facts, state, plan, money, fields. Pure: no clock, no socket, no file, no thread.
//!
//! A payment is the sum of the facts known about it:
//! * [`Payment::fold`] makes the state out of the facts,
//! * [`plan::next`] says what to do next, and holds every rule of truth once, for all vendors,
//! * [`verdict`] says when the facts prove a result,
//! * [`face`] is what the till gets to see.

mod bag;
pub mod cardmask;
pub mod confirm;
pub mod effect;
pub mod face;
pub mod fact;
pub mod fields;
mod found;
pub mod history;
mod kind;
mod masking;
pub mod money;
pub mod plan;
mod proof;
pub mod reconcile;
pub mod report;
pub mod rules;
pub mod snapshot;
pub mod state;
pub mod verdict;
mod volatile;
pub mod wire;

pub use bag::{Fields, Value};
pub use fact::{Decision, Entry, Fact, Intent};
pub use kind::Kind;
pub use state::Payment;
pub use volatile::Volatile;
