//! The map.
#![deny(unsafe_code)]

pub mod http;
#[allow(unsafe_code)]
pub mod os;
pub mod secret;
pub mod status;
pub mod transport;
