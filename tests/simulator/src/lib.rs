//! The vendors' clouds and a terminal you can touch, for tests and for integrators.
//!
//! [`payjunction::Cloud`], [`ebizcharge::Cloud`] and [`justifi::Cloud`] are pure: time is handed in, chance comes from a seed.
//! [`server::Server`] puts them behind a socket.
#![forbid(unsafe_code)]

pub mod date;
pub mod ebizcharge;
pub mod faults;
pub mod http;
pub mod justifi;
pub mod money;
mod page;
pub mod payjunction;
pub mod records;
pub mod rng;
pub mod server;
pub mod webhooks;

pub use faults::{CallKind, Fault, FaultRates, Matcher, When};
pub use http::{Answer, Request};

/// The README's example is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
