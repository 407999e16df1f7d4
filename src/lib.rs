//! The map.
#![deny(unsafe_code)]

pub mod client;
pub mod config;
pub mod http;
pub mod journal;
#[cfg(test)]
mod manual;
#[allow(unsafe_code)]
pub mod os;
pub mod payment;
pub mod secret;
pub mod status;
pub mod transport;
