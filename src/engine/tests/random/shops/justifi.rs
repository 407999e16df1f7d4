//! JustiFi's side of a random world: checkouts in most worlds, payment intents in the others.

use super::{Asked, Entry, LANES, Opening, Pocket, Ran, Shop, Switch, name_of};
use crate::payment::Kind;
use posjunction_simulator::justifi::{
    self as jf, Abandoned, ActivePay, AmountType, Cloud, ErrorShape, ListOrder, PaymentState, RefundStatus, Scenario,
    Touch,
};
use posjunction_simulator::rng::Rng;
use posjunction_simulator::webhooks::Event;
use posjunction_simulator::{CallKind, FaultRates};
use serde_json::{Value, json};

const fn switch(name: &'static str, throw: fn(&mut Cloud, bool, &mut Rng)) -> Switch<Cloud> {
    Switch { name, honest: true, blinds: false, hides: false, throw }
}

const fn lie(name: &'static str, throw: fn(&mut Cloud, bool, &mut Rng)) -> Switch<Cloud> {
    Switch { honest: false, ..switch(name, throw) }
}

const fn blind(name: &'static str, throw: fn(&mut Cloud, bool, &mut Rng)) -> Switch<Cloud> {
    Switch { blinds: true, ..switch(name, throw) }
}

/// The till's key in an idempotency key.
fn wire(key: Option<&String>) -> Option<String> {
    key.and_then(|key| key.rsplit_once('-')).map(|(wire, _)| wire.to_owned())
}

impl Shop for Cloud {
    const NAME: &'static str = "justifi";

    const SWITCHES: &'static [Switch<Cloud>] = &[
        switch("a busy terminal's payment is replaced", |c, on, _| {
            c.switches.active_pay = if on { ActivePay::Replaces } else { ActivePay::Refuses };
        }),
        switch("a busy terminal queues", |c, on, _| {
            c.switches.active_pay = if on { ActivePay::Queues } else { ActivePay::Refuses };
        }),
        switch("offline is refused", |c, on, _| c.switches.offline_refused = on),
        switch("attempted while processing", |c, on, _| c.switches.attempted_while_processing = on),
        switch("pay honors its key", |c, on, _| c.switches.idempotent_pay = on),
        switch("checkouts honor their key", |c, on, _| c.switches.idempotent_checkouts = on),
        switch("a key is forgotten after an hour", |c, on, _| {
            c.switches.key_lifetime_ms = on.then_some(3_600_000);
        }),
        switch("a key is busy for a while", |c, on, _| c.switches.key_busy_ms = if on { 5_000 } else { 0 }),
        switch("completions come late", |c, on, _| c.switches.completion_lag_ms = if on { 3_000 } else { 0 }),
        switch("completions come at the end", |c, on, _| c.switches.completion_at_end = on),
        switch("completions come newest first", |c, on, _| c.switches.completions_newest_first = on),
        // A failed completion, and a failed payment of an intent, is the end of an attempt by the vendor's own word. If the
        // terminal then takes another card, that word was not kept.
        lie("a declined card is an attempt", |c, on, _| c.switches.declined_card_is_attempt = on),
        switch("abandoned is failed", |c, on, _| {
            c.switches.abandoned = if on { Abandoned::Failed } else { Abandoned::Canceled };
        }),
        switch("abandoned has codes", |c, on, _| c.switches.abandoned_codes = on),
        // With it, an approval that only the payment tells of cannot be found by any means.
        blind("the session names no payment", |c, on, _| c.switches.session_payment_null = on),
        switch("links are null", |c, on, _| c.switches.links_null = on),
        switch("amounts as text or decimal", |c, on, rng| {
            let way = [AmountType::Text, AmountType::Decimal][rng.below(2) as usize];
            c.switches.amounts = if on { way } else { AmountType::Integer };
        }),
        switch("times with milliseconds", |c, on, _| c.switches.times_with_ms = on),
        switch("intents are bare", |c, on, _| c.switches.intents_bare = on),
        blind("replies of the oldest page", |c, on, _| c.switches.seed_replies = on),
        switch("other error shapes", |c, on, rng| {
            let way = [ErrorShape::Text, ErrorShape::Message, ErrorShape::List][rng.below(3) as usize];
            c.switches.error_shape = if on { way } else { ErrorShape::Object };
        }),
        switch("the terminal is always connected", |c, on, _| c.switches.terminal_always_connected = on),
        switch("the token tells its life", |c, on, _| c.switches.token_tells_life = on),
        switch("a fresh checkout is 404", |c, on, _| c.switches.fresh_checkout_404_ms = if on { 3_000 } else { 0 }),
        switch("a fresh payment is 404", |c, on, _| c.switches.fresh_payment_404_ms = if on { 4_000 } else { 0 }),
        blind("lists lag", |c, on, rng| {
            let lag = [2_000, 30_000, 119_000][rng.below(3) as usize];
            c.switches.list_lag_ms = if on { lag } else { 0 };
        }),
        switch("lists in any order", |c, on, rng| {
            let way = [ListOrder::Oldest, ListOrder::Shuffled][rng.below(2) as usize];
            c.switches.list_order = if on { way } else { ListOrder::Newest };
        }),
        blind("lists hide everything", |c, on, _| c.switches.lists_hide_all = on),
        blind("metadata is not passed through", |c, on, _| c.switches.metadata_dropped = on),
        switch("refunds are pending", |c, on, _| c.switches.refund_pending_ms = if on { 20_000 } else { 0 }),
    ];

    const STORIES: &'static [&'static str] = &[
        "Approve",
        "CustomerCancel",
        "Timeout",
        "Offline",
        "OfflineThenSuccess",
        "SlowCard",
        "ApproveAfterTimeout",
        "DeclineThenApprove",
        "UnplugBeforeCard",
        "UnplugAfterCard",
        "Decline",
        "Hang",
        "UnknownStatus",
        "HiddenApproval",
        "SlowAuthorization",
        "Fail",
        "GiveUp",
        "OnlyPaymentTells",
        "AuthorizeOnly",
    ];

    const CALLS: &'static [CallKind] = &[
        CallKind::Submit,
        CallKind::Submit,
        CallKind::Prepare,
        CallKind::Void,
        CallKind::Refund,
        CallKind::Capture,
        CallKind::GetTransaction,
        CallKind::Search,
        CallKind::GetTerminal,
        CallKind::Authenticate,
    ];

    const ASIDES: &'static [(Kind, &'static [(&'static str, &'static str)])] = &[
        (Kind::ListTerminals, &[]),
        (Kind::FetchTerminal, &[]),
        (Kind::IdentifyTerminal, &[]),
        (Kind::FetchTransaction, &[]),
        (Kind::SelfCheck, &[]),
    ];

    fn open(seed: u64, rng: &mut Rng) -> Opening<Cloud> {
        let mut setup = jf::Setup { seed, clients: 2, ..jf::Setup::default() };
        let like = setup.terminals[0].clone();
        setup.terminals = (0..=LANES).map(|n| jf::TerminalSetup { id: Cloud::lane(n), ..like.clone() }).collect();
        setup.device_speed = [1, 2, 4, 4][rng.below(4) as usize];
        setup.token_life_ms = [86_400_000, 600_000][rng.below(2) as usize];
        let intents = rng.below(5) < 2;
        let texts = if intents { vec![("flow", "payment_intent")] } else { Vec::new() };
        Opening { cloud: Cloud::new(setup), texts, slowness: 1 }
    }

    fn lane(number: u64) -> String {
        format!("trm_{number:022}")
    }

    const CONFIRMS: bool = false;

    const SHARES_BY_AMOUNT: bool = true;

    fn stories() -> Vec<i64> {
        jf::AMOUNTS.iter().map(|(cents, ..)| *cents).collect()
    }

    fn may_play(amount: i64, honest: bool, sighted: bool) -> bool {
        match jf::by_amount(amount) {
            Some(Scenario::OnlyPaymentTells) => !honest && sighted,
            Some(Scenario::ApproveAfterTimeout | Scenario::GiveUp | Scenario::DeclineThenApprove) => !honest,
            _ => true,
        }
    }

    fn extras(_: Kind, _: i64, rng: &mut Rng) -> Asked {
        let mut texts = Vec::new();
        if rng.below(6) == 0 {
            texts.push(("invoice", format!("{}", rng.below(3))));
        }
        (texts, Vec::new())
    }

    fn undo(amount: i64, lane: String, rng: &mut Rng) -> (Kind, Asked) {
        let part = 1 + rng.below(amount.unsigned_abs()) as i64;
        let mut texts = Vec::new();
        let (kind, numbers) = match rng.below(7) {
            0 => (Kind::Void, Vec::new()),
            1 => (Kind::Reverse, Vec::new()),
            2 => (Kind::Refund, Vec::new()),
            3 => (Kind::Capture, Vec::new()),
            4 => (Kind::Refund, vec![("amount", 1 + amount / 4)]),
            5 => {
                texts.push(("terminal", lane));
                (Kind::TerminalRefund, vec![("amount", part)])
            }
            _ => (Kind::Refund, vec![("amount", part)]),
        };
        (kind, (texts, numbers))
    }

    fn hand(&mut self, lane: &str, _: bool, rng: &mut Rng) {
        let touch = [Touch::Unplug, Touch::Plug, Touch::Cancel, Touch::Decline(116)][rng.below(4) as usize];
        self.touch(lane, touch);
        if rng.below(3) == 0 {
            self.script(Scenario::UnplugAfterCard);
        }
    }

    fn plug(&mut self, lane: &str) {
        self.touch(lane, Touch::Plug);
        // Whoever comes to mend it holds the X key.
        self.touch(lane, Touch::Cancel);
    }

    fn batch(&mut self) {
        self.settle();
    }

    fn mend(&mut self) {
        self.heal();
    }

    fn fail_at_random(&mut self, rates: FaultRates) {
        self.fail_randomly(rates);
    }

    fn no_switches(&mut self) {
        self.switches = jf::Switches::default();
    }

    /// They are always published.
    fn listen(&mut self) {}

    fn post(&mut self, taken: &mut usize) -> Vec<Event> {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let event = |published: &jf::Published| Event {
            id: text(&published.payload["id"]),
            kind: published.name.clone(),
            body: published.payload.to_string().into_bytes(),
        };
        let fresh = &self.events()[*taken..];
        *taken += fresh.len();
        fresh.iter().map(event).collect()
    }

    fn books(&self) -> Vec<Entry> {
        let charge = |p: &jf::Payment| Entry {
            id: p.id.clone(),
            key: wire(p.idempotency_key.as_ref()),
            approved: p.is_approved(),
            refund: false,
            voided: p.state == PaymentState::Canceled,
            held: p.state == PaymentState::Authorized,
            total: p.amount,
            tip: 0,
        };
        let refund = |r: &jf::Refund| Entry {
            id: r.id.clone(),
            key: wire(r.idempotency_key.as_ref()),
            approved: r.status != RefundStatus::Failed,
            refund: true,
            voided: false,
            held: false,
            total: r.amount,
            tip: 0,
        };
        self.ledger().iter().map(charge).chain(self.refunds().iter().map(refund)).collect()
    }

    fn ran(&self) -> Vec<Ran> {
        let ran = |s: &jf::Session| Some(Ran { key: wire(s.idempotency_key.as_ref())?, running: s.ended_ms.is_none() });
        self.requests().iter().filter_map(ran).collect()
    }

    fn played(&self) -> Vec<String> {
        self.requests().iter().map(|r| name_of(&format!("{:?}", r.scenario))).collect()
    }

    /// Asks for a token now and then, makes a checkout, and has it paid.
    fn stranger(&mut self, now: u64, amount: i64, pocket: &mut Pocket) {
        let lane = Cloud::lane(LANES);
        if self.terminals().iter().any(|t| t.id == lane && t.is_taken()) {
            return;
        }
        if pocket.token.is_none() || now > pocket.since + 300_000 {
            if now < pocket.since + 120_000 {
                return;
            }
            let answer = self.handle(now, &jf::token_request());
            pocket.since = now;
            let whole = answer.fault.is_none() && answer.status == 200;
            pocket.token = answer.value()["access_token"].as_str().filter(|_| whole).map(str::to_owned);
        }
        let Some(token) = pocket.token.clone() else { return };
        let body = json!({"amount": amount, "description": "another till"});
        let mut ask = |path: &str, body: &Value| {
            let answer = self.handle(now, &jf::request(&token, "POST", path, body, ""));
            // A token that was refused is not used again.
            pocket.token = pocket.token.take().filter(|_| answer.status != 401);
            answer.value()
        };
        let made = ask("/checkouts", &body);
        let Some(id) = made["id"].as_str() else { return };
        ask("/terminals/pay", &json!({"checkout_id": id, "terminal_id": lane}));
    }
}
