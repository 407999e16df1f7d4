//! The vendors' clouds, each behind a simulator: what a till is told of it, and what its books say.

use crate::books::Books;
use posjunction_simulator::CallKind;
use posjunction_simulator::records::Call;
use posjunction_simulator::server::{Options, Server};
use posjunction_simulator::{ebizcharge as eb, justifi as jf, payjunction as pj};
use serde_json::Value;
use std::ops::Deref;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vendor {
    PayJunction,
    Ebizcharge,
    Justifi,
}

/// A simulator, and whose cloud of it the tills call.
pub struct Cloud {
    server: Server,
    pub vendor: Vendor,
}

impl Deref for Cloud {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

/// Runs the same words on whichever cloud it is.
macro_rules! with {
    ($cloud:expr, |$it:ident| $words:expr) => {
        match $cloud.vendor {
            Vendor::PayJunction => $cloud.server.with(|$it| $words),
            Vendor::Ebizcharge => $cloud.server.with_ebizcharge(|$it| $words),
            Vendor::Justifi => $cloud.server.with_justifi(|$it| $words),
        }
    };
}

impl Vendor {
    /// The terminal of the tills.
    pub fn lane(self) -> &'static str {
        match self {
            Vendor::PayJunction => pj::SMART_TERMINAL_ID,
            Vendor::Ebizcharge => eb::DEVICE_KEY,
            Vendor::Justifi => jf::TERMINAL_ID,
        }
    }

    /// What `tests/c/check.h` looks for in the environment.
    pub fn environment(self) -> Vec<(&'static str, String)> {
        let texts: &[(&str, &str)] = match self {
            Vendor::PayJunction => &[
                ("PJ_TEST_VENDOR", "payjunction"),
                ("PJ_SIM_LOGIN", pj::LOGIN),
                ("PJ_SIM_PASSWORD", pj::PASSWORD),
                ("PJ_SIM_APPLICATION_KEY", pj::APPLICATION_KEY),
            ],
            Vendor::Ebizcharge => &[
                ("PJ_TEST_VENDOR", "ebizcharge"),
                ("PJ_SIM_API_KEY", eb::API_KEY),
                ("PJ_SIM_PIN", eb::PIN),
                ("PJ_SIM_ENDPOINT_KEY", eb::ENDPOINT_KEY),
            ],
            Vendor::Justifi => &[
                ("PJ_TEST_VENDOR", "justifi"),
                ("PJ_SIM_CLIENT_ID", jf::CLIENT_ID),
                ("PJ_SIM_CLIENT_SECRET", jf::CLIENT_SECRET),
                ("PJ_SIM_SUB_ACCOUNT", jf::SUB_ACCOUNT),
            ],
        };
        let account = ("PJ_SIM_MERCHANT_TERMINAL", pj::MERCHANT_TERMINAL_ID.to_string());
        texts.iter().map(|(name, text)| (*name, (*text).to_owned())).chain([account]).collect()
    }
}

impl Cloud {
    pub fn start(vendor: Vendor) -> Cloud {
        Cloud { server: Server::start(Options { device_speed: 20, ..Options::default() }), vendor }
    }

    /// Payments at terminals that arrived, executed or not.
    pub fn submits(&self) -> usize {
        with!(self, |cloud| cloud.count(CallKind::Submit))
    }

    pub fn violations(&self) -> Vec<String> {
        with!(self, |cloud| cloud.violations().to_vec())
    }

    /// What the books say of a payment, by its invoice number.
    pub fn books(&self, invoice: &str) -> Books {
        match self.vendor {
            Vendor::PayJunction => self.server.with(|cloud| {
                let parameter = format!("invoiceNumber={invoice}");
                let ours = cloud.ledger().iter().filter(|t| t.invoice_number.as_deref() == Some(invoice));
                Books {
                    submits: submits_with(cloud.calls(), |body| body.contains(&parameter)),
                    charges: moved(ours.map(|t| (t.id.to_string(), t.moved()))),
                }
            }),
            Vendor::Ebizcharge => self.server.with_ebizcharge(|cloud| {
                let sent = |body: &str| {
                    serde_json::from_str::<Value>(body).is_ok_and(|body| body["invoice"].as_str() == Some(invoice))
                };
                let ours = cloud.ledger().iter().filter(|t| t.invoice() == Some(invoice));
                Books {
                    submits: submits_with(cloud.calls(), sent),
                    charges: moved(ours.map(|t| (t.key.clone(), t.moved()))),
                }
            }),
            // The till's invoice number stands in the metadata, where the cloud looks for keys.
            Vendor::Justifi => self.server.with_justifi(|cloud| Books {
                submits: cloud.submits(invoice),
                charges: moved(cloud.charges(invoice).into_iter().map(|p| (p.id.clone(), p.moved()))),
            }),
        }
    }
}

fn submits_with(calls: &[Call], sent: impl Fn(&str) -> bool) -> usize {
    calls.iter().filter(|call| call.kind == CallKind::Submit && sent(&call.body)).count()
}

fn moved(charges: impl Iterator<Item = (String, i64)>) -> Vec<(String, i64)> {
    charges.filter(|(_, cents)| *cents > 0).collect()
}
