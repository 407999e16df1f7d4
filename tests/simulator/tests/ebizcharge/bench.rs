//! A client with a virtual clock.

use posjunction_simulator::ebizcharge::{self as ebc, Cloud, Setup};
use posjunction_simulator::{Answer, Request};
use serde_json::{Value, json};

pub struct Bench {
    pub cloud: Cloud,
    pub now: u64,
    /// Milliseconds after each call.
    pub pause: u64,
    seeds: u64,
}

impl Bench {
    pub fn new() -> Bench {
        Bench::with(Setup::default())
    }

    pub fn with(setup: Setup) -> Bench {
        Bench { cloud: Cloud::new(setup), now: 0, pause: 1_500, seeds: 0 }
    }

    pub fn wait(&mut self, ms: u64) {
        self.now += ms;
        self.cloud.advance(self.now);
    }

    pub fn seed(&mut self) -> String {
        self.seeds += 1;
        format!("seed{}", self.seeds)
    }

    pub fn send(&mut self, request: &Request) -> Answer {
        let answer = self.cloud.handle(self.now, request);
        self.now += self.pause;
        answer
    }

    pub fn call(&mut self, method: &str, target: &str, body: &Value) -> Answer {
        let seed = self.seed();
        self.send(&ebc::request(method, target, body, &seed))
    }

    pub fn get(&mut self, target: &str) -> Value {
        let answer = self.call("GET", target, &Value::Null);
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        answer.value()
    }

    pub fn submit(&mut self, body: &Value) -> Answer {
        self.call("POST", "/paymentengine/payrequests", body)
    }

    /// A payment request; yields its key.
    pub fn request(&mut self, body: &Value) -> String {
        let answer = self.submit(body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.value()["key"].as_str().unwrap_or_default().to_string()
    }

    pub fn sale(&mut self, amount: &str) -> String {
        self.request(&json!({"command": "sale", "amount": amount}))
    }

    pub fn poll(&mut self, key: &str) -> Value {
        self.get(&format!("/paymentengine/payrequests/{key}"))
    }

    pub fn poll_until(&mut self, key: &str, done: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..400 {
            let value = self.poll(key);
            if done(&value) {
                return value;
            }
        }
        panic!("request {key} never got there");
    }

    /// A payment to its end; yields what GET tells then.
    pub fn pay(&mut self, body: &Value) -> Value {
        let key = self.request(body);
        self.poll_until(&key, |v| v["complete"] == true)
    }

    /// The key of the transaction of a sale of this amount.
    pub fn paid(&mut self, amount: &str) -> String {
        let done = self.pay(&json!({"command": "sale", "amount": amount, "orderid": "order 1", "invoice": "4711"}));
        assert_eq!(done["transaction"]["result_code"], "A", "{done}");
        done["transaction"]["key"].as_str().unwrap_or_default().to_string()
    }

    pub fn change(&mut self, command: &str, key: &str, more: &[(&str, &str)]) -> Value {
        let mut body = json!({"command": command, "trankey": key});
        for (name, value) in more {
            body[name] = json!(value);
        }
        let answer = self.call("POST", "/transactions", &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.value()
    }

    pub fn clean(&self) {
        assert!(self.cloud.violations().is_empty(), "{:#?}", self.cloud.violations());
    }
}
