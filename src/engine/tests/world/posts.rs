//! The till's web server: what the vendor posts to it is checked as `pj_webhook` checks it, and handed to the engine.

use super::{Cloud, World, open};
use crate::config::Config;
use crate::engine::core::Command;
use crate::secret::Secret;
use crate::status::Status;
use crate::vendors::webhook;
use posjunction_simulator::CallKind;
use posjunction_simulator::webhooks::Event;

const SECRET: &str = "a secret of the merchant's";

impl<C: Cloud> World<C> {
    /// An event whose signature was found to be right.
    pub fn hand_in(&mut self, body: &[u8]) {
        self.command(Command::Webhook(body.to_vec()));
    }

    /// The vendor posts this, signed with that secret.
    pub fn post_signed(&mut self, secret: &str, body: &[u8]) -> Status {
        let headers = self.cloud.sender().headers(secret, body, self.wall() as u64);
        let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        self.receive(&lines, body)
    }

    /// Somebody posts this.
    pub fn receive(&mut self, headers: &str, body: &[u8]) -> Status {
        let config = Config::read(&self.config).expect("the configuration is good");
        let vendor = open(&config);
        let scheme = vendor.webhooks().expect("the vendor posts events");
        match webhook::verify(scheme, &Secret::new(SECRET), headers, body) {
            Ok(()) => self.hand_in(body),
            Err(error) => return error.status,
        }
        Status::Ok
    }

    /// The vendor posts this with a signature that is right.
    pub fn post(&mut self, body: &[u8]) {
        assert_eq!(self.post_signed(SECRET, body), Status::Ok);
    }

    /// Lets time pass. What the vendor posts arrives a tenth of a second later at most.
    pub fn run_posting(&mut self, ms: u64) {
        for _ in 0..ms / 100 {
            self.run(100);
            for event in self.cloud.take_events() {
                self.post(&event.body);
            }
        }
    }

    /// Lets time pass, and gives back what the vendor posts meanwhile instead of handing it in.
    pub fn withheld(&mut self, ms: u64) -> Vec<Event> {
        let end = self.now + ms;
        let mut events = Vec::new();
        while self.now < end {
            self.run(100);
            events.extend(self.cloud.take_events());
        }
        events
    }

    /// How many calls of this kind arrived.
    pub fn count(&self, kind: CallKind) -> usize {
        self.calls_of(kind).len()
    }

    /// How often the library asks within two seconds after this was posted: reads of the request and of transactions.
    pub fn looks_after(&mut self, body: &[u8]) -> (usize, usize) {
        let counts = |world: &Self| (world.count(CallKind::Poll), world.count(CallKind::GetTransaction));
        let before = counts(self);
        self.post(body);
        self.run(2_500);
        let after = counts(self);
        (after.0 - before.0, after.1 - before.1)
    }
}
