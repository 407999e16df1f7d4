//! The map.
#![deny(unsafe_code)]

pub mod http;
pub mod journal;
#[allow(unsafe_code)]
pub mod os;
pub mod secret;
pub mod status;
