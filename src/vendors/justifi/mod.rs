//! JustiFi's terminals.

pub mod codes;
#[cfg(test)]
mod webhook;

#[cfg(test)]
pub use webhook::SCHEME as WEBHOOKS;
