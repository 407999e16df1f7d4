//! The map.
#![deny(unsafe_code)]

#[allow(unsafe_code)]
pub mod abi;
pub mod client;
pub mod engine;
pub mod http;
pub mod journal;
#[allow(unsafe_code)]
pub mod os;
pub mod payment;
pub mod secret;
pub mod status;
pub mod transport;
