//! The map.
#![deny(unsafe_code)]

pub mod client;
pub mod http;
pub mod journal;
#[allow(unsafe_code)]
pub mod os;
pub mod payment;
pub mod secret;
pub mod status;
pub mod transport;
