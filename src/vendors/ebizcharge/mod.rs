//! EBizCharge and USAePay: one gateway, its Payment Engine.

pub mod codes;
