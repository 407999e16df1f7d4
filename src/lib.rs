//! The map.
#![deny(unsafe_code)]

#[allow(unsafe_code)]
pub mod abi;
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
pub mod secret;
pub mod status;
pub mod transport;
mod vendors;
