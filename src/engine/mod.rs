//! The engine: one thread that owns every payment. Commands, replies and the journal's word come in; calls, facts and
//! news go out.
//!
//! | file | idea |
//! |---|---|
//! | `core` | the engine without thread, clock, socket or disk: what comes in, what goes out, what is due |
//! | `lane` | one payment as the engine holds it |
//! | `writing` | facts on their way into the journal, and what the till is told when |
//! | `flush` | batches on their way to the disk, and what waits for them |
//! | `calls` | calls on their way to the vendor, and what their replies mean |
//! | `errands` | what a reply brought beside facts |
//! | `kinship` | what one payment means for another: earlier attempts, the terminal, the original |
//! | `hints` | what webhooks say, and whom it wakes |
//! | `confirm` | when a payment's policy may begin its capture or its void |
//! | `words` | what a payment is told of the work on it |
//! | `reconcile` | the vendor's books against the journal |
//! | `recovery` | what an earlier run left behind |
//! | `gate`, `pace` | whose call is next, and how many the vendor allows |
//! | `session` | the account's token, where the vendor wants one |
//! | `admission` | who may start what |
//! | `request`, `news` | what the till holds, and what it is told |
//! | `describe` | what it says of itself, for the diagnostics |
//! | `run` | the thread with its clock and channels |

mod admission;
mod calls;
mod confirm;
mod core;
mod describe;
mod errands;
mod flush;
mod gate;
mod hints;
mod kinship;
mod lane;
pub mod news;
mod pace;
mod reconcile;
mod recovery;
pub mod request;
mod run;
mod session;
mod words;
mod writing;

pub use self::admission::{Admission, Attempt, Denied, Standing};
pub use self::core::{Command, Core, Setup};
pub use self::news::{Event, Item, News, Want};
pub use self::pace::{Limits, Pace};
pub use self::request::Request;
pub use self::run::Engine;

#[cfg(test)]
mod tests;
