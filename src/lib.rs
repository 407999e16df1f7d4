//! Card payments on terminals that live behind a vendor's cloud, for point-of-sale programs, through one C header.
//!
//! This is the map of the house. A command goes down through the floors, news comes back up; no room imports from above.
//!
//! | floor | room | what it is for |
//! |---|---|---|
//! | top | [`abi`] | the C border: check, convert, call, catch panics. The manual is made from its comments |
//! | | [`client`] | the same in safe Rust: clients and requests |
//! | | `engine` | one thread that owns every payment: commands in, calls and facts and news out |
//! | middle | `vendors` | pure: a step becomes an HTTP request, a reply becomes facts |
//! | | [`transport`] | carries messages, and says whether a request can have left |
//! | | [`journal`] | keeps facts: one SQLite file, one thread |
//! | below | [`payment`] | pure: what a payment is; facts, state, plan, verdict, money, fields |
//! | ground | [`config`], [`status`] | one table of configuration keys, one of status codes |
//! | | [`http`], [`secret`], `observe`, [`os`] | messages, credentials, the log, the operating system |
//!
//! To understand a payment read `payment::fact`, then `payment::plan`, then `payment::verdict`.
#![deny(unsafe_code)]

#[allow(unsafe_code)]
#[deny(missing_docs)]
pub mod abi;
#[deny(missing_docs)]
pub mod client;
pub mod config;
mod engine;
pub mod http;
pub mod journal;
#[cfg(test)]
mod manual;
mod observe;
#[allow(unsafe_code)]
pub mod os;
pub mod payment;
#[cfg(test)]
mod purity;
pub mod secret;
#[deny(missing_docs)]
pub mod status;
pub mod transport;
#[cfg(not(fuzzing))]
mod vendors;
#[cfg(fuzzing)]
pub mod vendors;

/// The table of the vendors' failures, which `docs/errors.md` is printed from.
pub use vendors::{FAILURES, codes};
