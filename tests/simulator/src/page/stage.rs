//! What a hand at the page does to a cloud, whatever the vendor.

use crate::faults::{CallKind, Fault, FaultRates, Matcher, When};
use crate::http::Request;
use crate::{ebizcharge, justifi, payjunction};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A cloud that can be played with.
pub trait Stage {
    type Touch: DeserializeOwned;
    type Scenario: DeserializeOwned;
    type Switches: Serialize + DeserializeOwned;

    fn touch(&mut self, terminal: &str, touch: Self::Touch) -> bool;
    fn set_touch(&mut self, terminal: &str, touch: bool) -> bool;
    fn script(&mut self, scenario: Self::Scenario);
    fn fail_next(&mut self, matcher: Matcher, when: When, fault: Fault);
    fn fail_randomly(&mut self, rates: FaultRates);
    fn heal(&mut self);
    fn settle(&mut self);
    fn client_restarts(&mut self);
    fn switches(&mut self) -> &mut Self::Switches;
}

macro_rules! stage {
    ($vendor:ident, |$cloud:pat_param| $restarts:expr) => {
        impl Stage for $vendor::Cloud {
            type Touch = $vendor::Touch;
            type Scenario = $vendor::Scenario;
            type Switches = $vendor::Switches;

            fn touch(&mut self, terminal: &str, touch: Self::Touch) -> bool {
                Self::touch(self, terminal, touch)
            }
            fn set_touch(&mut self, terminal: &str, touch: bool) -> bool {
                Self::set_touch(self, terminal, touch)
            }
            fn script(&mut self, scenario: Self::Scenario) {
                Self::script(self, scenario);
            }
            fn fail_next(&mut self, matcher: Matcher, when: When, fault: Fault) {
                Self::fail_next(self, matcher, when, fault);
            }
            fn fail_randomly(&mut self, rates: FaultRates) {
                Self::fail_randomly(self, rates);
            }
            fn heal(&mut self) {
                Self::heal(self);
            }
            fn settle(&mut self) {
                Self::settle(self);
            }
            fn client_restarts(&mut self) {
                let $cloud = self;
                $restarts
            }
            fn switches(&mut self) -> &mut Self::Switches {
                &mut self.switches
            }
        }
    };
}

stage!(payjunction, |_| ());
stage!(ebizcharge, |_| ());
stage!(justifi, |cloud| cloud.client_restarts());

#[derive(Deserialize)]
struct TouchCall<T> {
    terminal: String,
    touch: T,
}

#[derive(Deserialize)]
struct ScriptCall<S> {
    scenario: S,
}

#[derive(Deserialize)]
struct ModeCall {
    terminal: String,
    touch: bool,
}

#[derive(Deserialize)]
struct FailCall {
    kind: Option<CallKind>,
    when: When,
    fault: Fault,
    #[serde(default = "one")]
    nth: u32,
    #[serde(default = "one")]
    times: u32,
}

fn one() -> u32 {
    1
}

fn read<T: DeserializeOwned>(request: &Request) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| error.to_string())
}

/// Does what `/_simulator/` or `/_simulator/VENDOR/` is followed by.
pub fn act<S: Stage>(cloud: &mut S, action: &str, request: &Request) -> Result<(), String> {
    match action {
        "touch" => {
            let call: TouchCall<S::Touch> = read(request)?;
            let done = cloud.touch(&call.terminal, call.touch);
            done.then_some(()).ok_or_else(|| "nothing to do that to".into())
        }
        "mode" => {
            let call: ModeCall = read(request)?;
            let done = cloud.set_touch(&call.terminal, call.touch);
            done.then_some(()).ok_or_else(|| "no such terminal".into())
        }
        "script" => read(request).map(|call: ScriptCall<S::Scenario>| cloud.script(call.scenario)),
        "fail" => read(request).map(|call: FailCall| {
            let matcher = Matcher { kind: call.kind, nth: call.nth, times: call.times };
            cloud.fail_next(matcher, call.when, call.fault);
        }),
        "rates" => read(request).map(|rates: FaultRates| cloud.fail_randomly(rates)),
        "switches" => {
            let switches = merge(&*cloud.switches(), read(request)?)?;
            *cloud.switches() = switches;
            Ok(())
        }
        "heal" => {
            cloud.heal();
            Ok(())
        }
        // What the vendor gave the client for a while is lost with it.
        "restart" => {
            cloud.client_restarts();
            Ok(())
        }
        "settle" => {
            cloud.settle();
            Ok(())
        }
        _ => Err("no such action".into()),
    }
}

/// The switches with the named ones replaced.
fn merge<S: Serialize + DeserializeOwned>(switches: &S, changes: Value) -> Result<S, String> {
    let mut merged = serde_json::to_value(switches).map_err(|error| error.to_string())?;
    for (name, value) in changes.as_object().ok_or("not an object")? {
        merged[name] = value.clone();
    }
    serde_json::from_value(merged).map_err(|error| error.to_string())
}
