//! A client with a virtual clock.

use posjunction_simulator::justifi::{self as jf, Cloud, Setup};
use posjunction_simulator::{Answer, Request};
use serde_json::{Value, json};

pub struct Bench {
    pub cloud: Cloud,
    pub now: u64,
    /// Milliseconds after each call.
    pub pause: u64,
    pub token: String,
    keys: u64,
}

impl Bench {
    /// A client that holds a token.
    pub fn new() -> Bench {
        Bench::with(Setup::default())
    }

    pub fn with(setup: Setup) -> Bench {
        let mut bench = Bench { cloud: Cloud::new(setup), now: 0, pause: 1_000, token: String::new(), keys: 0 };
        bench.renew();
        bench
    }

    /// Asks for a token and takes it.
    pub fn renew(&mut self) {
        let answer = self.send(&jf::token_request());
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.token = answer.value()["access_token"].as_str().unwrap_or_default().into();
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

    /// A call with a key of its own, which only writes carry.
    pub fn call(&mut self, method: &str, target: &str, body: &Value) -> Answer {
        self.keys += 1;
        let key = format!("key {}", self.keys);
        self.call_with_key(method, target, body, &key)
    }

    pub fn call_with_key(&mut self, method: &str, target: &str, body: &Value, key: &str) -> Answer {
        self.send(&jf::request(&self.token, method, target, body, key))
    }

    pub fn get(&mut self, target: &str) -> Value {
        let answer = self.call("GET", target, &Value::Null);
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        answer.value()
    }

    /// The object of a GET, without its envelope.
    pub fn data(&mut self, target: &str) -> Value {
        self.get(target)["data"].take()
    }

    pub fn post(&mut self, target: &str, body: &Value) -> Answer {
        self.call("POST", target, body)
    }

    /// A checkout of so many cents, with this wire key in its payment's metadata; yields its id.
    pub fn checkout(&mut self, amount: i64, wire: &str) -> String {
        let body = json!({
            "amount": amount, "description": "order 4711", "metadata": {"lane": "1"},
            "payment": {"metadata": {"posjunction": wire}},
        });
        let answer = self.post("/checkouts", &body);
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.value()["data"]["id"].as_str().unwrap_or_default().into()
    }

    pub fn intent(&mut self, amount: i64, wire: &str) -> String {
        let body =
            json!({"amount": amount, "currency": "usd", "description": "order", "metadata": {"posjunction": wire}});
        let answer = self.post("/payment_intents", &body);
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.value()["data"]["id"].as_str().unwrap_or_default().into()
    }

    /// Sends a checkout or an intent to a terminal.
    pub fn pay_at(&mut self, terminal: &str, id: &str) -> Answer {
        let name = if id.starts_with("pi_") { "payment_intent_id" } else { "checkout_id" };
        let mut body = json!({"terminal_id": terminal});
        body[name] = json!(id);
        self.post("/terminals/pay", &body)
    }

    pub fn pay(&mut self, id: &str) -> Answer {
        self.pay_at(jf::TERMINAL_ID, id)
    }

    pub fn poll(&mut self, id: &str) -> Value {
        let of = if id.starts_with("pi_") { "payment_intents" } else { "checkouts" };
        self.data(&format!("/{of}/{id}"))
    }

    /// A checkout from its creation to the end of its story; yields the checkout.
    pub fn play(&mut self, amount: i64, wire: &str) -> Value {
        let id = self.checkout(amount, wire);
        let answer = self.pay(&id);
        assert_eq!(answer.status, 201, "{}", answer.text());
        self.wait(130_000);
        self.poll(&id)
    }

    /// The id of an approved payment of so many cents.
    pub fn paid(&mut self, amount: i64) -> String {
        let checkout = self.play(amount, "wire");
        let id = checkout["successful_payment_id"].as_str().unwrap_or_default().to_string();
        assert!(id.starts_with("py_"), "{checkout}");
        id
    }

    pub fn clean(&self) {
        assert!(self.cloud.violations().is_empty(), "{:#?}", self.cloud.violations());
    }
}

/// The code of an error.
pub fn code(answer: &Answer) -> String {
    answer.value()["error"]["code"].as_str().unwrap_or_default().into()
}
