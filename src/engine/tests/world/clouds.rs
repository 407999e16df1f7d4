//! The vendors' clouds, as a world needs them.

use posjunction_simulator::ebizcharge as eb;
use posjunction_simulator::justifi as jf;
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::records::Call;
use posjunction_simulator::webhooks::{Event, Sender};
use posjunction_simulator::{Answer, CallKind, Fault, Request, When};

/// What a world asks of a vendor's cloud. Everything else a test says to the cloud itself.
pub trait Cloud {
    /// The configuration of a till that calls it, without `base_url`.
    fn settings(&self) -> Vec<(&'static str, String)>;

    /// Names the history.
    fn seed(&self) -> u64;

    fn handle(&mut self, now: u64, request: &Request) -> Answer;

    fn advance(&mut self, now: u64);

    fn calls(&self) -> &[Call];

    fn violations(&self) -> &[String];

    fn fail_next(&mut self, kind: CallKind, when: When, fault: Fault);

    /// What a call is for, if a test can forge its answer.
    fn kind_of(&self, request: &Request) -> Option<CallKind>;

    /// How many submits with this wire key arrived, executed or not.
    fn submits(&self, wire_key: &str) -> usize;

    /// Approved charges with this wire key: how many, and how many of them were not voided.
    fn charges(&self, wire_key: &str) -> (usize, usize);

    /// Who posts its events.
    fn sender(&self) -> Sender;

    /// What has happened since this was asked last, as it is posted.
    fn take_events(&mut self) -> Vec<Event>;

    /// The till's program starts anew.
    fn till_restarts(&mut self) {}
}

impl Cloud for pj::Cloud {
    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("vendor", "payjunction".to_owned()),
            ("login", pj::LOGIN.to_owned()),
            ("password", pj::PASSWORD.to_owned()),
            ("application_key", pj::APPLICATION_KEY.to_owned()),
            ("terminal", pj::SMART_TERMINAL_ID.to_owned()),
            ("merchant_terminal", pj::MERCHANT_TERMINAL_ID.to_string()),
        ]
    }

    fn seed(&self) -> u64 {
        self.setup().seed
    }

    fn handle(&mut self, now: u64, request: &Request) -> Answer {
        self.handle(now, request)
    }

    fn advance(&mut self, now: u64) {
        self.advance(now);
    }

    fn calls(&self) -> &[Call] {
        self.calls()
    }

    fn violations(&self) -> &[String] {
        self.violations()
    }

    fn fail_next(&mut self, kind: CallKind, when: When, fault: Fault) {
        self.fail_next(kind, when, fault);
    }

    fn kind_of(&self, request: &Request) -> Option<CallKind> {
        Some(pj::kind_of(request)).filter(|kind| *kind != CallKind::Other)
    }

    fn sender(&self) -> Sender {
        Sender::Payjunction
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.take_events()
    }

    fn submits(&self, wire_key: &str) -> usize {
        self.submits(wire_key)
    }

    fn charges(&self, wire_key: &str) -> (usize, usize) {
        let charges = self.charges(wire_key);
        (charges.len(), charges.iter().filter(|t| t.status != pj::Status::Void).count())
    }
}

impl Cloud for eb::Cloud {
    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("vendor", "ebizcharge".to_owned()),
            ("api_key", eb::API_KEY.to_owned()),
            ("pin", eb::PIN.to_owned()),
            ("terminal", eb::DEVICE_KEY.to_owned()),
        ]
    }

    fn seed(&self) -> u64 {
        self.setup().seed
    }

    fn handle(&mut self, now: u64, request: &Request) -> Answer {
        self.handle(now, request)
    }

    fn advance(&mut self, now: u64) {
        self.advance(now);
    }

    fn calls(&self) -> &[Call] {
        self.calls()
    }

    fn violations(&self) -> &[String] {
        self.violations()
    }

    fn fail_next(&mut self, kind: CallKind, when: When, fault: Fault) {
        self.fail_next(kind, when, fault);
    }

    fn kind_of(&self, request: &Request) -> Option<CallKind> {
        let path = request.path.strip_prefix("/api/v2")?;
        let says = |word: &str| String::from_utf8_lossy(&request.body).contains(&format!("\"command\":\"{word}\""));
        match (request.method.as_str(), path) {
            ("POST", "/paymentengine/payrequests") => Some(CallKind::Submit),
            ("GET", _) if path.starts_with("/paymentengine/payrequests/") => Some(CallKind::Poll),
            ("DELETE", _) if path.starts_with("/paymentengine/payrequests/") => Some(CallKind::Cancel),
            ("GET", _) if path.starts_with("/paymentengine/devices/") => Some(CallKind::GetTerminal),
            ("GET", "/transactions") => Some(CallKind::Search),
            ("GET", _) if path.starts_with("/transactions/") => Some(CallKind::GetTransaction),
            ("POST", "/transactions") if says("cc:capture") => Some(CallKind::Capture),
            ("POST", "/transactions") if says("void") => Some(CallKind::Void),
            _ => None,
        }
    }

    fn sender(&self) -> Sender {
        Sender::Ebizcharge
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.take_events()
    }

    fn submits(&self, wire_key: &str) -> usize {
        self.submits(wire_key)
    }

    fn charges(&self, wire_key: &str) -> (usize, usize) {
        let charges = self.charges(wire_key);
        (charges.len(), charges.iter().filter(|t| t.state != eb::State::Voided).count())
    }
}

impl Cloud for jf::Cloud {
    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("vendor", "justifi".to_owned()),
            ("client_id", jf::CLIENT_ID.to_owned()),
            ("client_secret", jf::CLIENT_SECRET.to_owned()),
            ("sub_account", jf::SUB_ACCOUNT.to_owned()),
            ("terminal", jf::TERMINAL_ID.to_owned()),
        ]
    }

    fn seed(&self) -> u64 {
        self.setup().seed
    }

    fn handle(&mut self, now: u64, request: &Request) -> Answer {
        self.handle(now, request)
    }

    fn advance(&mut self, now: u64) {
        self.advance(now);
    }

    fn calls(&self) -> &[Call] {
        self.calls()
    }

    fn violations(&self) -> &[String] {
        self.violations()
    }

    fn fail_next(&mut self, kind: CallKind, when: When, fault: Fault) {
        self.fail_next(kind, when, fault);
    }

    fn kind_of(&self, request: &Request) -> Option<CallKind> {
        Some(jf::kind_of(request)).filter(|kind| *kind != CallKind::Other)
    }

    fn sender(&self) -> Sender {
        Sender::Justifi
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.take_events()
    }

    /// Attempts of a reference share a checkout, and its metadata: the idempotency key tells them apart.
    fn submits(&self, wire_key: &str) -> usize {
        let of = |call: &&Call| {
            let key = call.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("idempotency-key"));
            call.kind == CallKind::Submit && key.is_some_and(|(_, key)| key.starts_with(wire_key))
        };
        self.calls().iter().filter(of).count()
    }

    fn charges(&self, wire_key: &str) -> (usize, usize) {
        let of = |p: &&jf::Payment| {
            p.is_approved() && p.idempotency_key.as_deref().is_some_and(|key| key.starts_with(wire_key))
        };
        let charges: Vec<&jf::Payment> = self.ledger().iter().filter(of).collect();
        (charges.len(), charges.iter().filter(|p| p.state != jf::PaymentState::Canceled).count())
    }

    fn till_restarts(&mut self) {
        self.client_restarts();
    }
}
