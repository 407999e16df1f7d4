//! The vendors of the demonstration: what a till needs to call each, and what each calls the same things.

use posjunction_simulator::records::Call;
use posjunction_simulator::server::Server;
use posjunction_simulator::{CallKind, Fault, Matcher, When};
use posjunction_simulator::{ebizcharge as eb, justifi as jf, payjunction as pj};
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vendor {
    PayJunction,
    Ebizcharge,
    Justifi,
}

/// What happens at the terminal, whoever's it is.
#[derive(Clone, Copy)]
pub enum Scene {
    Approve,
    Decline,
    CustomerCancel,
    Nobody,
    DeclineThenApprove,
    /// The customer adds so many cents.
    Tip(i64),
    /// The card has only so many cents.
    Partial(i64),
    SlowReceipt,
    /// Approved, and the terminal never says so.
    UnplugAfterCard,
    OfflineThenSuccess,
    /// A hand decides.
    Touch,
}

/// Runs the same words on whichever cloud it is.
macro_rules! with {
    ($vendor:expr, $server:expr, |$cloud:ident| $words:expr) => {
        match $vendor {
            Vendor::PayJunction => $server.with(|$cloud| $words),
            Vendor::Ebizcharge => $server.with_ebizcharge(|$cloud| $words),
            Vendor::Justifi => $server.with_justifi(|$cloud| $words),
        }
    };
}

impl Vendor {
    pub const ALL: [Vendor; 3] = [Vendor::PayJunction, Vendor::Ebizcharge, Vendor::Justifi];

    /// As the configuration spells it.
    pub fn name(self) -> &'static str {
        match self {
            Vendor::PayJunction => "payjunction",
            Vendor::Ebizcharge => "ebizcharge",
            Vendor::Justifi => "justifi",
        }
    }

    /// The options of the checkout that are not secret.
    pub fn options(self) -> Vec<String> {
        let mut options = vec!["--vendor".to_owned(), self.name().to_owned(), "--terminal".to_owned()];
        match self {
            Vendor::PayJunction => {
                let account = pj::MERCHANT_TERMINAL_ID.to_string();
                options.extend([pj::SMART_TERMINAL_ID.to_owned(), "--merchant-terminal".to_owned(), account]);
            }
            Vendor::Ebizcharge => options.push(eb::DEVICE_KEY.to_owned()),
            Vendor::Justifi => options.push(jf::TERMINAL_ID.to_owned()),
        }
        options
    }

    /// The secrets, by the variable of the environment that holds each, and the option that would.
    pub fn secrets(self) -> Vec<(&'static str, &'static str, &'static str)> {
        match self {
            Vendor::PayJunction => vec![
                ("PJ_LOGIN", "--login", pj::LOGIN),
                ("PJ_APPLICATION_KEY", "--application-key", pj::APPLICATION_KEY),
                ("PJ_PASSWORD", "--password", pj::PASSWORD),
            ],
            Vendor::Ebizcharge => vec![("PJ_API_KEY", "--api-key", eb::API_KEY), ("PJ_PIN", "--pin", eb::PIN)],
            Vendor::Justifi => vec![
                ("PJ_CLIENT_ID", "--client-id", jf::CLIENT_ID),
                ("PJ_SUB_ACCOUNT", "--sub-account", jf::SUB_ACCOUNT),
                ("PJ_CLIENT_SECRET", "--client-secret", jf::CLIENT_SECRET),
            ],
        }
    }

    pub fn busy_terminal(self) -> &'static str {
        match self {
            Vendor::PayJunction => pj::BUSY_SMART_TERMINAL_ID,
            Vendor::Ebizcharge => eb::BUSY_DEVICE_KEY,
            Vendor::Justifi => jf::BUSY_TERMINAL_ID,
        }
    }

    pub fn offline_terminal(self) -> &'static str {
        match self {
            Vendor::PayJunction => pj::OFFLINE_SMART_TERMINAL_ID,
            Vendor::Ebizcharge => eb::OFFLINE_DEVICE_KEY,
            Vendor::Justifi => jf::OFFLINE_TERMINAL_ID,
        }
    }

    /// The next payment plays this scene.
    pub fn script(self, server: &Server, scene: Scene) {
        match self {
            Vendor::PayJunction => server.with(|cloud| cloud.script(payjunction(scene))),
            Vendor::Ebizcharge => server.with_ebizcharge(|cloud| cloud.script(ebizcharge(scene))),
            Vendor::Justifi => server.with_justifi(|cloud| cloud.script(justifi(scene))),
        }
    }

    /// The story decides, and not the amount.
    pub fn ignore_amounts(self, server: &Server) {
        // A script goes before the amount at the others.
        if self == Vendor::PayJunction {
            server.with(|cloud| cloud.switches.trigger_amounts = false);
        }
    }

    /// The checkout starts anew: what a vendor gave the last run for a while is lost.
    pub fn till_starts(self, server: &Server) {
        if self == Vendor::Justifi {
            server.with_justifi(|cloud| cloud.client_restarts());
        }
    }

    pub fn fail_next(self, server: &Server, matcher: impl Into<Matcher>, when: When, fault: Fault) {
        let matcher = matcher.into();
        with!(self, server, |cloud| cloud.fail_next(matcher, when, fault));
    }

    pub fn settle(self, server: &Server) {
        with!(self, server, |cloud| cloud.settle());
    }

    pub fn moved_cents(self, server: &Server) -> i64 {
        with!(self, server, |cloud| cloud.moved_cents())
    }

    pub fn count(self, server: &Server, kind: CallKind) -> usize {
        with!(self, server, |cloud| cloud.count(kind))
    }

    /// Every call that arrived, a line each.
    pub fn calls(self, server: &Server) -> Vec<String> {
        let line = |call: &Call| format!("{:7} ms  {} {} {}", call.at_ms, call.status, call.method, call.path);
        with!(self, server, |cloud| cloud.calls().iter().map(line).collect())
    }

    pub fn violation(self, server: &Server) -> Option<String> {
        with!(self, server, |cloud| cloud.violations().first().cloned())
    }

    /// Approved charges by the key that the client sent with each.
    pub fn charges(self, server: &Server) -> BTreeMap<String, usize> {
        let keys: Vec<Option<String>> = match self {
            Vendor::PayJunction => server.with(|cloud| {
                let charges = cloud.ledger().iter().filter(|t| t.action == pj::Action::Charge && t.verdict.approved);
                charges.map(|t| t.sent_purchase_order_number.clone()).collect()
            }),
            Vendor::Ebizcharge => server.with_ebizcharge(|cloud| {
                let charges = cloud.ledger().iter().filter(|t| t.kind != eb::Kind::Refund && t.verdict.is_approved());
                charges.map(|t| t.sent_orderid.clone()).collect()
            }),
            Vendor::Justifi => server.with_justifi(|cloud| {
                let charges = cloud.ledger().iter().filter(|p| p.is_approved());
                charges.map(|p| p.idempotency_key.clone()).collect()
            }),
        };
        let mut charges = BTreeMap::new();
        keys.into_iter().flatten().for_each(|key| *charges.entry(key).or_default() += 1);
        charges
    }

    /// How many transactions and calls there were.
    pub fn extent(self, server: &Server) -> (usize, usize) {
        with!(self, server, |cloud| (cloud.ledger().len(), cloud.calls().len()))
    }
}

fn payjunction(scene: Scene) -> pj::Scenario {
    match scene {
        Scene::Approve => pj::Scenario::Approve,
        Scene::Decline => pj::Scenario::Decline(51),
        Scene::CustomerCancel => pj::Scenario::CustomerCancel,
        Scene::Nobody => pj::Scenario::DeviceTimeout,
        Scene::DeclineThenApprove => pj::Scenario::DeclineThenApprove,
        Scene::Tip(cents) => pj::Scenario::Tip(cents),
        Scene::Partial(cents) => pj::Scenario::Partial(cents),
        Scene::SlowReceipt => pj::Scenario::SlowReceipt,
        Scene::UnplugAfterCard => pj::Scenario::UnplugAfterCard,
        Scene::OfflineThenSuccess => pj::Scenario::OfflineThenSuccess,
        Scene::Touch => pj::Scenario::Touch,
    }
}

/// Tips and parts are asked for by the till there, and receipts do not hold a terminal up.
fn ebizcharge(scene: Scene) -> eb::Scenario {
    match scene {
        Scene::Approve | Scene::SlowReceipt => eb::Scenario::Approve,
        Scene::Decline => eb::Scenario::Decline(10_251),
        Scene::CustomerCancel => eb::Scenario::CustomerCancel,
        Scene::Nobody => eb::Scenario::Timeout,
        Scene::DeclineThenApprove => eb::Scenario::DeclineThenApprove,
        Scene::Tip(cents) => eb::Scenario::Tip(cents),
        Scene::Partial(cents) => eb::Scenario::Partial(cents),
        Scene::UnplugAfterCard => eb::Scenario::UnplugAfterCard,
        Scene::OfflineThenSuccess => eb::Scenario::OfflineThenSuccess,
        Scene::Touch => eb::Scenario::Touch,
    }
}

/// Tips, parts and receipts are not published there.
fn justifi(scene: Scene) -> jf::Scenario {
    match scene {
        Scene::Approve | Scene::SlowReceipt | Scene::Tip(_) | Scene::Partial(_) => jf::Scenario::Approve,
        Scene::Decline => jf::Scenario::Decline(116),
        Scene::CustomerCancel => jf::Scenario::CustomerCancel,
        Scene::Nobody => jf::Scenario::Timeout,
        Scene::DeclineThenApprove => jf::Scenario::DeclineThenApprove,
        Scene::UnplugAfterCard => jf::Scenario::UnplugAfterCard,
        Scene::OfflineThenSuccess => jf::Scenario::OfflineThenSuccess,
        Scene::Touch => jf::Scenario::Touch,
    }
}
