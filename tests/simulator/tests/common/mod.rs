//! A client with a virtual clock for the tests of the pure cloud.

use posjunction_simulator::payjunction::{self as pj, Cloud, Setup};
use posjunction_simulator::{Answer, Request};
use serde_json::Value;

pub struct Bench {
    pub cloud: Cloud,
    pub now: u64,
    /// Milliseconds before each call.
    pub pause: u64,
}

impl Bench {
    pub fn new() -> Bench {
        Bench::with(Setup::default())
    }

    pub fn with(setup: Setup) -> Bench {
        Bench { cloud: Cloud::new(setup), now: 0, pause: 500 }
    }

    pub fn wait(&mut self, ms: u64) {
        self.now += ms;
        self.cloud.advance(self.now);
    }

    pub fn send(&mut self, request: &Request) -> Answer {
        let answer = self.cloud.handle(self.now, request);
        self.now += self.pause;
        answer
    }

    pub fn call(&mut self, method: &str, target: &str, form: &[(&str, &str)]) -> Answer {
        self.send(&pj::request(method, target, form))
    }

    pub fn get(&mut self, target: &str) -> Value {
        let answer = self.call("GET", target, &[]);
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        answer.value()
    }

    pub fn submit_at(&mut self, terminal: &str, form: &[(&str, &str)]) -> Answer {
        let account = pj::MERCHANT_TERMINAL_ID.to_string();
        let form = [form, &[("terminalId", account.as_str())]].concat();
        self.call("POST", &format!("/smartterminals/{terminal}/request-payment"), &form)
    }

    pub fn submit(&mut self, form: &[(&str, &str)]) -> Answer {
        self.submit_at(pj::SMART_TERMINAL_ID, form)
    }

    /// A sale; yields the request id.
    pub fn sale_at(&mut self, terminal: &str, form: &[(&str, &str)]) -> String {
        let pause = std::mem::replace(&mut self.pause, 200);
        let answer = self.submit_at(terminal, form);
        self.pause = pause;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.value()["requestPaymentId"].as_str().unwrap_or_default().to_string()
    }

    pub fn sale(&mut self, form: &[(&str, &str)]) -> String {
        self.sale_at(pj::SMART_TERMINAL_ID, form)
    }

    pub fn poll(&mut self, id: &str) -> Value {
        self.get(&format!("/smartterminals/requests/{id}"))
    }

    pub fn poll_until(&mut self, id: &str, done: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..400 {
            let value = self.poll(id);
            if done(&value) {
                return value;
            }
        }
        panic!("request {id} never got there");
    }

    /// A sale to its end; yields the transaction.
    pub fn pay(&mut self, form: &[(&str, &str)]) -> Value {
        let id = self.sale(form);
        let done = self.poll_until(&id, |v| v["status"] == "COMPLETE");
        self.get(&format!("/transactions/{}", done["transactionId"]))
    }

    pub fn clean(&self) {
        assert!(self.cloud.violations().is_empty(), "{:#?}", self.cloud.violations());
    }
}
