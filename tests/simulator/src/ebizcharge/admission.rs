//! How a payment request is taken in, or refused.

use crate::ebizcharge::cloud::{Cloud, Event};
use crate::ebizcharge::envelope::{refusal, refusal_with, text};
use crate::ebizcharge::fields::{AMOUNTS, DETAILS, REQUEST, check_parts, flow};
use crate::ebizcharge::params::{Params, Rule};
use crate::ebizcharge::payrequest::{PayRequest, Status, Step};
use crate::ebizcharge::scenario::{Scenario, by_amount};
use crate::ebizcharge::switches::SumRule;
use crate::ebizcharge::transaction::{Amounts, Kind};
use crate::http::{Answer, Request};
use serde_json::{Value, json};

const MAX_CENTS: i64 = 9_999_900;
const INVOICE_MAX: usize = 11;

impl Cloud {
    /// Reads a body; what it must not say is recorded.
    pub(super) fn params(&mut self, request: &Request, tables: &[&[Rule]]) -> Params {
        let params = Params::read(&request.body, tables);
        for what in params.violations.iter().cloned().chain(check_parts(&params)) {
            self.violate(format!("{} {}: {what}", request.method, request.path));
        }
        params
    }

    pub(super) fn new_payrequest(&mut self, request: &Request) -> Answer {
        let params = self.params(request, &[&REQUEST, &AMOUNTS, &DETAILS]);
        self.admit(&params).unwrap_or_else(|refusal| refusal)
    }

    fn admit(&mut self, params: &Params) -> Result<Answer, Answer> {
        let kind = self.command(params)?;
        let asked = self.amounts(params)?;
        self.check_invoice(params)?;
        let device = self.pick(params.text("devicekey"))?;
        self.check_device(device, params.is_set("block_offline"))?;
        let scenario = self.scenario(device, asked.total);
        self.check_scenario(scenario, params.is_set("block_offline"))?;
        let r = self.accept(params, kind, asked, device, scenario);
        let request = &self.requests[r];
        let body = json!({
            "type": "request",
            "key": request.key,
            "expiration": self.local(request.expires_ms),
            "status": self.word(request.status),
        });
        Ok(Answer::json(200, &body))
    }

    fn command(&mut self, params: &Params) -> Result<Kind, Answer> {
        let sent = params.text("command").unwrap_or_default();
        let command = sent.to_ascii_lowercase();
        if command != sent {
            self.violate(format!("command {sent} is not in lower case"));
        }
        match command.strip_prefix("cc:").unwrap_or(&command) {
            "sale" => Ok(Kind::Sale),
            "authonly" => Ok(Kind::AuthOnly),
            "refund" | "credit" => Ok(Kind::Refund),
            _ => {
                self.violate(format!("command {sent}"));
                Err(refusal(400, 20_019))
            }
        }
    }

    fn amounts(&mut self, params: &Params) -> Result<Amounts, Answer> {
        let amounts = amounts(params);
        let code = match amounts.total {
            ..=0 => 20_026,
            over if over > MAX_CENTS => 70,
            _ if !self.balanced(&amounts) => 71,
            _ => return Ok(amounts),
        };
        self.violate(format!("amounts: {}", text(code)));
        Err(refusal(400, code))
    }

    fn balanced(&self, amounts: &Amounts) -> bool {
        let Some(subtotal) = amounts.subtotal else { return true };
        let part = |cents: Option<i64>| cents.unwrap_or(0);
        let sum = subtotal - part(amounts.discount) + part(amounts.shipping) + part(amounts.duty) + part(amounts.tax);
        let with_tip = sum + part(amounts.tip);
        match self.switches.sum_rule {
            SumRule::Either => amounts.total == sum || amounts.total == with_tip,
            SumRule::WithoutTip => amounts.total == sum,
            SumRule::WithTip => amounts.total == with_tip,
        }
    }

    fn check_invoice(&self, params: &Params) -> Result<(), Answer> {
        let long = params.text("invoice").is_some_and(|invoice| invoice.chars().count() > INVOICE_MAX);
        if long && self.switches.long_invoice_refused {
            // No document gives the number.
            return Err(refusal_with(400, 20_099, "Invoice number is too long."));
        }
        Ok(())
    }

    fn pick(&self, key: Option<&str>) -> Result<usize, Answer> {
        let Some(key) = key.or(self.setup.default_device.as_deref()) else {
            return Err(refusal(400, 21_100));
        };
        self.device_index(key)
    }

    /// What the device itself has against a payment.
    fn check_device(&self, device: usize, block_offline: bool) -> Result<(), Answer> {
        let device = &self.devices[device];
        if device.battery_low {
            Err(self.device_refusal(21_143))
        } else if device.is_taken() {
            Err(self.device_refusal(21_146))
        } else if block_offline && !device.is_connected() {
            Err(self.device_refusal(21_145))
        } else {
            Ok(())
        }
    }

    fn check_scenario(&self, scenario: Scenario, block_offline: bool) -> Result<(), Answer> {
        match scenario {
            Scenario::Busy => Err(self.device_refusal(21_146)),
            Scenario::BatteryLow => Err(self.device_refusal(21_143)),
            Scenario::Refuse(code) => Err(self.device_refusal(code)),
            Scenario::Offline | Scenario::OfflineThenSuccess if block_offline => Err(self.device_refusal(21_145)),
            _ => Ok(()),
        }
    }

    fn device_refusal(&self, code: u32) -> Answer {
        match code {
            21_145 if self.switches.offline_is_21101 => refusal(409, 21_101),
            21_145 => refusal(409, code),
            21_121 | 21_104 => refusal(404, code),
            _ => refusal(self.switches.device_error_status, code),
        }
    }

    fn scenario(&mut self, device: usize, cents: i64) -> Scenario {
        if let Some(scenario) = self.scripts.pop_front() {
            scenario
        } else if self.devices[device].touch {
            Scenario::Touch
        } else {
            by_amount(cents).unwrap_or(Scenario::Approve)
        }
    }

    fn accept(&mut self, params: &Params, kind: Kind, asked: Amounts, device: usize, scenario: Scenario) -> usize {
        let screens = flow(params.text("custom_flow"));
        let seconds = params.number("timeout").unwrap_or(self.setup.default_timeout);
        if let Err(wrong) = &screens {
            self.violate(wrong.clone());
        }
        if seconds == 0 {
            self.violate("a timeout of 0");
        }
        let mut flow = screens.or_else(|_| flow(None)).unwrap_or_default();
        if params.is_set("prompt_signature") && !flow.iter().any(|screen| screen.starts_with("signature")) {
            flow.push("signature".into());
        }
        let request = PayRequest {
            kind,
            asked,
            details: details(params),
            orderid: params.owned("orderid"),
            flow,
            prompt_tip: params.is_set("prompt_tip") || asks_for_tip(params),
            save_card: params.is_set("save_card"),
            enable_partialauth: params.is_set("amount_detail.enable_partialauth"),
            ignore_duplicate: params.is_set("ignore_duplicate"),
            expires_ms: self.now + seconds * 1000 / self.setup.device_speed.max(1),
            ..self.blank_request(device, scenario)
        };
        self.start(request)
    }

    fn blank_request(&mut self, device: usize, scenario: Scenario) -> PayRequest {
        PayRequest {
            key: format!("pr_{}", self.letters(29)),
            device_key: self.devices[device].key.clone(),
            kind: Kind::Sale,
            asked: Amounts::default(),
            orderid: None,
            details: serde_json::Map::new(),
            flow: Vec::new(),
            prompt_tip: false,
            save_card: false,
            enable_partialauth: false,
            ignore_duplicate: false,
            scenario,
            status: Status::SendingToDevice,
            complete: false,
            transaction: None,
            is_duplicate: false,
            error: None,
            created_ms: self.now,
            expires_ms: self.now,
            ended_ms: None,
            device,
            plan: 0,
            card: None,
            second_card: false,
            lost: false,
            frozen: false,
            decided: None,
            tip: None,
            refused_with: None,
        }
    }

    /// The device takes the request, now or when it is there.
    fn start(&mut self, request: PayRequest) -> usize {
        let (r, device, scenario) = (self.requests.len(), request.device, request.scenario);
        let wait = request.expires_ms - self.now;
        self.requests.push(request);
        self.devices[device].running = Some(r);
        self.plan_in(wait, Event::Expire { request: r });
        match scenario {
            Scenario::Offline => {}
            Scenario::OfflineThenSuccess => self.plan_step(r, self.takes(|t| t.reconnect), Step::Show),
            _ if self.devices[device].is_connected() => {
                self.requests[r].status = Status::SentToDevice;
                self.plan_step(r, self.takes(|t| t.connect), Step::Show);
            }
            _ => {}
        }
        r
    }
}

/// The amounts of a body, without what was not sent.
pub(super) fn amounts(params: &Params) -> Amounts {
    let part = |name: &str| params.cents(&format!("amount_detail.{name}"));
    Amounts {
        total: params.cents("amount").unwrap_or(0),
        subtotal: part("subtotal"),
        tax: part("tax"),
        tip: part("tip"),
        discount: part("discount"),
        shipping: part("shipping"),
        duty: part("duty"),
    }
}

/// What passes through. An invoice is cut to its length.
fn details(params: &Params) -> serde_json::Map<String, Value> {
    let mut details = params.of(&DETAILS);
    if let Some(invoice) = params.text("invoice") {
        details.insert("invoice".into(), invoice.chars().take(INVOICE_MAX).collect::<String>().into());
    }
    details.remove("orderid");
    details
}

fn asks_for_tip(params: &Params) -> bool {
    let options = params.value("custom_options").and_then(Value::as_array);
    options.is_some_and(|options| options.iter().any(|option| option["type"] == "Tip"))
}
