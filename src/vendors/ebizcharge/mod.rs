//! EBizCharge and USAePay: one gateway, its Payment Engine.

pub mod codes;
#[cfg(test)]
mod webhook;

#[cfg(test)]
pub use webhook::SCHEME as WEBHOOKS;
