//! The C border. Thin: check, convert, call, catch panics. One file per noun of the header.
//!
//! The doc comments of exported functions and types are the C manual: build.rs copies them into the header through the
//! template `posjunction.h.in`. So they speak to someone who never sees Rust.

// The manual is written for C: a "Safety" section for Rust callers has no place in it.
#![allow(clippy::missing_safety_doc)]

mod client;
mod delivery;
mod desk;
mod dispatch;
mod fields;
mod guard;
mod handles;
mod last_error;
mod library;
mod log;
mod memory;
mod news;
mod request;
mod rest;
mod result;
mod table;
#[cfg(test)]
mod tests;
mod tokens;
mod types;
mod values;
mod work;

pub use client::*;
pub use fields::*;
pub use guard::last_panic;
pub use last_error::pj_last_error;
pub use library::*;
pub use log::*;
pub use news::*;
pub use request::*;
pub use rest::*;
pub use table::{Function, Row, TABLE};
pub use types::*;
pub use values::*;
pub use work::*;
