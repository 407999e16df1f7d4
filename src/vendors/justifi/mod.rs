//! JustiFi's terminals.

pub mod codes;
