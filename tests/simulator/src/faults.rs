//! What can go wrong on the road, and the plan that says when.

use crate::http::Answer;
use crate::rng::Rng;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What a call is for, whatever the vendor calls it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum CallKind {
    /// A payment at the terminal.
    Submit,
    /// A signature, prompt, input or card read at the terminal.
    Action,
    Poll,
    Main,
    GetTransaction,
    Search,
    Void,
    Capture,
    Hold,
    Adjust,
    Refund,
    ListTerminals,
    ListAccounts,
    /// The document of a receipt, or its summary.
    Receipt,
    SendReceipt,
    /// The image of a signature.
    Signature,
    Other,
    /// A payment at the terminal is called off by its own id.
    Cancel,
    /// The vendor chooses between void and refund.
    Reverse,
    GetTerminal,
    /// A terminal is paired, set up, kicked or deleted.
    ChangeTerminal,
    /// A token is asked for.
    Authenticate,
    /// What a payment at the terminal needs first: a checkout or a payment intent.
    Prepare,
}

/// Whether the fault comes before the work is done or after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum When {
    /// The call was not executed.
    Before,
    /// The call was executed, and its answer is lost, late or spoiled.
    After,
}

/// One way for a call to fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Fault {
    /// Closes the connection without an answer.
    Drop,
    /// Resets the connection (RST) without an answer.
    Reset,
    /// 500 with a JSON body.
    ServerError,
    /// 502 with the gateway's HTML.
    BadGateway,
    /// Promises the whole body, sends half of it, closes.
    HalfBody,
    /// Bytes that are not HTTP, then closes.
    Garbage,
    /// No answer for so many milliseconds, then closes.
    Silence(u64),
    /// The answer comes, so many milliseconds late.
    Delay(u64),
    /// 429 with the vendor's body, with `Retry-After` in seconds if given.
    RateLimited(Option<u32>),
    /// 403 with Cloudflare's HTML.
    Forbidden,
}

impl Fault {
    /// The answer this fault is, if it is one. The other faults belong to the connection.
    pub fn as_answer(self) -> Option<Answer> {
        match self {
            Fault::ServerError => {
                Some(Answer::json(500, &json!({"errors": [{"message": "500 Internal Server Error"}]})))
            }
            Fault::BadGateway => Some(gateway_page()),
            Fault::RateLimited(wait) => {
                let mut answer = rate_limited();
                if let Some(seconds) = wait {
                    answer.set_header("Retry-After", &seconds.to_string());
                }
                Some(answer)
            }
            Fault::Forbidden => Some(Answer::html(
                403,
                "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head>\
                 <body><h1>Sorry, you have been blocked</h1></body></html>",
            )),
            _ => None,
        }
    }
}

/// PayJunction's 429, word for word.
pub fn rate_limited() -> Answer {
    let message = "Your request has been rate limited. Please wait longer between subsequent requests.";
    Answer::json(429, &json!({"errors": [{"message": message}]}))
}

/// The gateway's error page, which also stands in where a broken connection needs a body to break.
pub fn gateway_page() -> Answer {
    Answer::html(
        502,
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
         <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n",
    )
}

/// Which calls a fault is for: of one kind or any, from the nth on, so many times.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Matcher {
    pub kind: Option<CallKind>,
    /// 1 is the next matching call.
    pub nth: u32,
    pub times: u32,
}

impl Matcher {
    pub fn any() -> Matcher {
        Matcher { kind: None, nth: 1, times: 1 }
    }

    pub fn nth(self, nth: u32) -> Matcher {
        Matcher { nth, ..self }
    }

    pub fn times(self, times: u32) -> Matcher {
        Matcher { times, ..self }
    }
}

impl From<CallKind> for Matcher {
    fn from(kind: CallKind) -> Matcher {
        Matcher { kind: Some(kind), ..Matcher::any() }
    }
}

/// Faults at random, from the cloud's seed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FaultRates {
    /// Of a thousand calls so many fail before the work is done.
    pub before_per_mille: u32,
    /// Of a thousand calls so many fail after it.
    pub after_per_mille: u32,
    /// What to choose from.
    pub faults: Vec<Fault>,
}

/// The faults to come.
#[derive(Clone, Debug, Default)]
pub struct FaultPlan {
    queue: Vec<(Matcher, When, Fault)>,
    pub rates: FaultRates,
}

impl FaultPlan {
    pub fn push(&mut self, matcher: Matcher, when: When, fault: Fault) {
        self.queue.push((matcher, when, fault));
    }

    pub fn clear(&mut self) {
        *self = FaultPlan::default();
    }

    pub fn queue(&self) -> &[(Matcher, When, Fault)] {
        &self.queue
    }

    /// The fault for this call. Every queued fault counts the call; the first that is due wins.
    pub fn draw(&mut self, kind: CallKind, rng: &mut Rng) -> Option<(When, Fault)> {
        let mut due = None;
        for (matcher, when, fault) in &mut self.queue {
            if matcher.kind.is_some_and(|k| k != kind) || matcher.times == 0 {
                continue;
            }
            if matcher.nth > 1 {
                matcher.nth -= 1;
            } else if due.is_none() {
                matcher.times -= 1;
                due = Some((*when, *fault));
            }
        }
        self.queue.retain(|(matcher, _, _)| matcher.times > 0);
        due.or_else(|| self.chance(rng))
    }

    fn chance(&self, rng: &mut Rng) -> Option<(When, Fault)> {
        if self.rates.faults.is_empty() {
            return None;
        }
        let (roll, choice) = (rng.below(1000) as u32, rng.below(self.rates.faults.len() as u64) as usize);
        let fault = self.rates.faults[choice];
        if roll < self.rates.before_per_mille {
            Some((When::Before, fault))
        } else if roll < self.rates.before_per_mille + self.rates.after_per_mille {
            Some((When::After, fault))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_call_of_a_kind_fails() {
        let (mut plan, mut rng) = (FaultPlan::default(), Rng::new(1));
        plan.push(Matcher::from(CallKind::Poll).nth(2).times(2), When::After, Fault::Reset);
        let drawn: Vec<bool> = [CallKind::Poll, CallKind::Submit, CallKind::Poll, CallKind::Poll, CallKind::Poll]
            .map(|kind| plan.draw(kind, &mut rng).is_some())
            .to_vec();
        assert_eq!(drawn, [false, false, true, true, false]);
        assert!(plan.queue().is_empty());
    }

    #[test]
    fn rates_hold_roughly() {
        let (mut plan, mut rng) = (FaultPlan::default(), Rng::new(1));
        plan.rates =
            FaultRates { before_per_mille: 100, after_per_mille: 200, faults: vec![Fault::Drop, Fault::Reset] };
        let hits = (0..10_000).filter(|_| plan.draw(CallKind::Poll, &mut rng).is_some()).count();
        assert!((2_700..3_300).contains(&hits), "{hits}");
    }
}
