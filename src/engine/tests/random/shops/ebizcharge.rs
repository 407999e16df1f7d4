//! EBizCharge's side of a random world.

use super::{Asked, Entry, LANES, Opening, Pocket, Ran, Shop, Switch, name_of};
use crate::payment::Kind;
use posjunction_simulator::ebizcharge::{
    self as eb, Cancel, Cloud, CompletePlace, CompleteType, Duplicates, ExpiredKey, Scenario, SearchOrder, State,
    TimeoutReply, Touch,
};
use posjunction_simulator::rng::Rng;
use posjunction_simulator::webhooks::Event;
use posjunction_simulator::{CallKind, FaultRates};
use serde_json::json;

const fn switch(name: &'static str, throw: fn(&mut Cloud, bool, &mut Rng)) -> Switch<Cloud> {
    Switch { name, honest: true, blinds: false, hides: false, throw }
}

const fn lie(name: &'static str, throw: fn(&mut Cloud, bool, &mut Rng)) -> Switch<Cloud> {
    Switch { honest: false, ..switch(name, throw) }
}

const fn blind(name: &'static str, throw: fn(&mut Cloud, bool, &mut Rng)) -> Switch<Cloud> {
    Switch { blinds: true, ..switch(name, throw) }
}

const fn hides(name: &'static str, throw: fn(&mut Cloud, bool, &mut Rng)) -> Switch<Cloud> {
    Switch { hides: true, ..lie(name, throw) }
}

impl Shop for Cloud {
    const NAME: &'static str = "ebizcharge";

    const SWITCHES: &'static [Switch<Cloud>] = &[
        switch("a cancel is ignored", |c, on, _| c.switches.cancel = if on { Cancel::Ignored } else { Cancel::Obeyed }),
        // Nor if the device is unplugged, and its request waits for it.
        lie("canceled turns approved", |c, on, _| {
            c.switches.cancel = if on { Cancel::TurnsApproved } else { Cancel::Obeyed };
        }),
        hides("canceled hides an approval", |c, on, _| {
            c.switches.cancel = if on { Cancel::HidesApproval } else { Cancel::Obeyed };
        }),
        switch("DELETE of what ended succeeds", |c, on, _| c.switches.delete_of_ended_succeeds = on),
        switch("an expired key has no status", |c, on, rng| {
            let way = [ExpiredKey::WithoutStatus, ExpiredKey::NotFound][rng.below(2) as usize];
            c.switches.expired_key = if on { way } else { ExpiredKey::Kept };
        }),
        switch("a timeout is told by its number", |c, on, rng| {
            let way = [TimeoutReply::StatusAndError, TimeoutReply::ErrorOnly][rng.below(2) as usize];
            c.switches.timeout_reply = if on { way } else { TimeoutReply::Status };
        }),
        switch("the old status words", |c, on, _| c.switches.old_status_words = on),
        switch("a decline is transaction failed", |c, on, _| c.switches.declined_is_failed = on),
        switch("the transaction is told early", |c, on, _| c.switches.told_early = on),
        switch("complete stands elsewhere", |c, on, rng| {
            let way = [CompletePlace::Inside, CompletePlace::Both, CompletePlace::Absent][rng.below(3) as usize];
            c.switches.complete_place = if on { way } else { CompletePlace::Top };
        }),
        switch("complete is a text or a number", |c, on, rng| {
            let way = [CompleteType::Text, CompleteType::Number][rng.below(2) as usize];
            c.switches.complete_type = if on { way } else { CompleteType::Bool };
        }),
        switch("bare amounts", |c, on, _| c.switches.bare_amounts = on),
        switch("device errors have another HTTP status", |c, on, _| {
            c.switches.device_error_status = if on { 400 } else { 409 };
        }),
        switch("offline is 21101", |c, on, _| c.switches.offline_is_21101 = on),
        switch("errors are nested", |c, on, _| c.switches.nested_errors = on),
        blind("orderid is not passed through", |c, on, _| c.switches.orderid_dropped = on),
        switch("duplicates are folded", |c, on, _| {
            c.switches.duplicates = if on { Duplicates::Fold } else { Duplicates::Off };
        }),
        switch("duplicates are blocked", |c, on, _| {
            c.switches.duplicates = if on { Duplicates::Block } else { Duplicates::Off };
        }),
        // With a cancel that turns, nothing tells the till that the device still works on it.
        lie("the device is always connected", |c, on, _| c.switches.device_always_connected = on),
        switch("the device says online", |c, on, _| c.switches.device_says_online = on),
        switch("a fresh request is 404", |c, on, _| c.switches.fresh_request_404_ms = if on { 3_000 } else { 0 }),
        switch("a fresh transaction is 404", |c, on, _| {
            c.switches.fresh_transaction_404_ms = if on { 4_000 } else { 0 };
        }),
        blind("search lags", |c, on, rng| {
            let lag = [2_000, 30_000, 119_000][rng.below(3) as usize];
            c.switches.search_lag_ms = if on { lag } else { 0 };
        }),
        switch("search in any order", |c, on, rng| {
            let way = [SearchOrder::Oldest, SearchOrder::Shuffled][rng.below(2) as usize];
            c.switches.search_order = if on { way } else { SearchOrder::Newest };
        }),
        blind("search hides everything", |c, on, _| c.switches.search_hides_all = on),
        switch("what is not settled is refunded", |c, on, _| c.switches.refund_of_unsettled = on),
        switch("a refund has its own orderid", |c, on, _| c.switches.refund_takes_orderid = on),
        switch("writes answer 201", |c, on, _| c.switches.writes_answer_201 = on),
    ];

    const STORIES: &'static [&'static str] = &[
        "Approve",
        "CustomerCancel",
        "Timeout",
        "SlowCard",
        "ApproveAfterTimeout",
        "DeclineThenApprove",
        "Tip",
        "Partial",
        "UnplugBeforeCard",
        "UnplugAfterCard",
        "GatewayError",
        "PinDebit",
        "SignatureCanceled",
        "SignatureError",
        "UnknownStatus",
        "HiddenApproval",
        "SlowAuthorization",
        "ChangeInterface",
        "PhoneTap",
        "Fail",
        "GiveUp",
        "Decline",
    ];

    const CALLS: &'static [CallKind] = &[
        CallKind::Submit,
        CallKind::Submit,
        CallKind::Void,
        CallKind::Refund,
        CallKind::Capture,
        CallKind::Adjust,
        CallKind::Cancel,
        CallKind::GetTransaction,
        CallKind::Search,
        CallKind::GetTerminal,
    ];

    const ASIDES: &'static [(Kind, &'static [(&'static str, &'static str)])] = &[
        (Kind::ListTerminals, &[]),
        (Kind::FetchTerminal, &[]),
        (Kind::FetchReceipt, &[]),
        (Kind::FetchTransaction, &[]),
        (Kind::SelfCheck, &[]),
    ];

    fn open(seed: u64, rng: &mut Rng) -> Opening<Cloud> {
        let mut setup = eb::Setup { seed, ..eb::Setup::default() };
        let like = setup.devices[0].clone();
        setup.devices = (0..=LANES).map(|n| eb::DeviceSetup { key: Cloud::lane(n), ..like.clone() }).collect();
        setup.device_speed = [1, 2, 4, 4][rng.below(4) as usize];
        let own_key = rng.below(3) > 0;
        let texts = if own_key { vec![("endpoint_key", eb::ENDPOINT_KEY)] } else { Vec::new() };
        Opening { cloud: Cloud::new(setup), texts, slowness: if own_key { 1 } else { 5 } }
    }

    fn lane(number: u64) -> String {
        format!("sa_{number:029}")
    }

    const CONFIRMS: bool = true;

    const SHARES_BY_AMOUNT: bool = false;

    fn stories() -> Vec<i64> {
        eb::AMOUNTS.iter().map(|(cents, ..)| *cents).collect()
    }

    fn may_play(amount: i64, honest: bool, sighted: bool) -> bool {
        match eb::by_amount(amount) {
            Some(Scenario::HiddenApproval) => !honest && sighted,
            Some(Scenario::ApproveAfterTimeout | Scenario::GiveUp) => !honest,
            _ => true,
        }
    }

    fn extras(kind: Kind, amount: i64, rng: &mut Rng) -> Asked {
        let (mut texts, mut numbers) = (Vec::new(), Vec::new());
        if rng.below(10) == 0 && amount > 10 {
            numbers.push(("tax_amount", amount / 10));
        }
        if rng.below(8) == 0 {
            numbers.push(("timeout", 30 + rng.below(120) as i64));
        }
        if rng.below(8) == 0 {
            numbers.push(("prompt_signature", 1));
        }
        if rng.below(12) == 0 {
            numbers.push(("wait_for_terminal", 1));
        }
        if rng.below(6) == 0 {
            texts.push(("invoice", format!("{}", rng.below(3))));
        }
        if kind == Kind::Payment {
            if rng.below(8) == 0 {
                texts.push(("capture", "later".to_owned()));
            }
            if rng.below(8) == 0 {
                numbers.push(("prompt_tip", 1));
            }
            if rng.below(4) == 0 {
                numbers.push(("allow_partial", 1));
            }
            if rng.below(6) == 0 {
                numbers.push(("ignore_duplicate", 1));
            }
        }
        (texts, numbers)
    }

    fn undo(amount: i64, _: String, rng: &mut Rng) -> (Kind, Asked) {
        let part = 1 + rng.below(amount.unsigned_abs()) as i64;
        let tip = rng.below(2_000) as i64;
        let (kind, numbers) = match rng.below(8) {
            0 => (Kind::Void, Vec::new()),
            1 => (Kind::Reverse, Vec::new()),
            2 => (Kind::Refund, Vec::new()),
            3 => (Kind::AdjustTip, vec![("tip_amount", tip)]),
            4 => (Kind::Capture, Vec::new()),
            5 => (Kind::Capture, vec![("amount", part)]),
            6 => (Kind::Refund, vec![("amount", 1 + amount / 4)]),
            _ => (Kind::Refund, vec![("amount", part)]),
        };
        (kind, (Vec::new(), numbers))
    }

    fn hand(&mut self, lane: &str, _: bool, rng: &mut Rng) {
        let touch = [Touch::Unplug, Touch::Plug, Touch::Cancel, Touch::Decline(10_205)][rng.below(4) as usize];
        self.touch(lane, touch);
        if rng.below(3) == 0 {
            self.script(Scenario::UnplugAfterCard);
        }
    }

    fn plug(&mut self, lane: &str) {
        self.touch(lane, Touch::Plug);
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
        self.switches = eb::Switches::default();
    }

    fn listen(&mut self) {
        self.subscribe();
    }

    fn post(&mut self, _: &mut usize) -> Vec<Event> {
        self.take_events()
    }

    fn books(&self) -> Vec<Entry> {
        let entry = |t: &eb::Transaction| Entry {
            id: t.key.clone(),
            key: t.sent_orderid.clone(),
            approved: t.verdict.is_approved(),
            refund: t.kind == eb::Kind::Refund,
            voided: t.state == State::Voided,
            held: t.state == State::Queued,
            total: t.amounts.total,
            tip: t.amounts.tip.unwrap_or(0),
        };
        self.ledger().iter().map(entry).collect()
    }

    fn ran(&self) -> Vec<Ran> {
        let ran = |r: &eb::PayRequest| Some(Ran { key: r.orderid.clone()?, running: r.ended_ms.is_none() });
        self.requests().iter().filter_map(ran).collect()
    }

    fn played(&self) -> Vec<String> {
        self.requests().iter().map(|r| name_of(&format!("{:?}", r.scenario))).collect()
    }

    fn stranger(&mut self, now: u64, amount: i64, pocket: &mut Pocket) {
        let money = format!("{}.{:02}", amount / 100, amount % 100);
        let body = json!({"devicekey": Cloud::lane(LANES), "command": "sale", "amount": money, "block_offline": true});
        pocket.calls += 1;
        let seed = format!("stranger{}", pocket.calls);
        let mut request = eb::request("POST", "/paymentengine/payrequests", &body, &seed);
        request.path = request.path.replacen("/v2/", &format!("/{}/", eb::ENDPOINT_KEY), 1);
        self.handle(now, &request);
    }
}
