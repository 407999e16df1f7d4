//! PayJunction's side of a random world.

use super::{Asked, Entry, LANES, Opening, Pocket, Ran, Shop, Switch, name_of};
use crate::payment::Kind;
use posjunction_simulator::payjunction::{
    self as pj, CanceledRequest, Cloud, MainReply, Scenario, SearchOrder, Status, Touch,
};
use posjunction_simulator::rng::Rng;
use posjunction_simulator::webhooks::Event;
use posjunction_simulator::{CallKind, FaultRates};

const fn switch(name: &'static str, throw: fn(&mut Cloud, bool, &mut Rng)) -> Switch<Cloud> {
    Switch { name, honest: true, blinds: false, hides: false, throw }
}

const fn lie(name: &'static str, throw: fn(&mut Cloud, bool, &mut Rng)) -> Switch<Cloud> {
    Switch { honest: false, ..switch(name, throw) }
}

const fn blind(name: &'static str, throw: fn(&mut Cloud, bool, &mut Rng)) -> Switch<Cloud> {
    Switch { blinds: true, ..switch(name, throw) }
}

impl Shop for Cloud {
    const NAME: &'static str = "payjunction";

    const SWITCHES: &'static [Switch<Cloud>] = &[
        switch("a canceled request stays IN_PROGRESS", |c, on, _| {
            c.switches.canceled_request = if on { CanceledRequest::StaysInProgress } else { CanceledRequest::Complete };
        }),
        lie("NO_CONNECTION then success", |c, on, _| c.switches.no_connection_then_success = on),
        switch("a second card after a decline", |c, on, _| c.switches.second_card_after_decline = on),
        switch("a fresh request is 404", |c, on, _| c.switches.fresh_request_404_ms = if on { 3_000 } else { 0 }),
        switch("a fresh transaction is 404", |c, on, _| {
            c.switches.fresh_transaction_404_ms = if on { 4_000 } else { 0 };
        }),
        blind("search lags", |c, on, rng| {
            let lag = [2_000, 30_000, 119_000][rng.below(3) as usize];
            c.switches.search_lag_ms = if on { lag } else { 0 };
        }),
        switch("search in any order", |c, on, _| {
            c.switches.search_order = if on { SearchOrder::Shuffled } else { SearchOrder::Oldest };
        }),
        switch("search drops leading zeros", |c, on, _| c.switches.drops_leading_zeros = on),
        blind("search hides an account", |c, on, _| {
            c.switches.search_hides_accounts = if on { vec![12_345] } else { Vec::new() };
        }),
        switch("/main answers 204 or late", |c, on, _| {
            c.switches.main_reply = if on { MainReply::NoContent } else { MainReply::Late(6_000) };
        }),
        lie("/main is ignored", |c, on, _| c.switches.main_ignored = on),
        switch("partial approvals", |c, on, _| c.switches.partial_approvals = on),
        switch("ids as strings", |c, on, _| c.switches.ids_as_strings = on),
    ];

    const STORIES: &'static [&'static str] = &[
        "Approve",
        "CustomerCancel",
        "DeviceTimeout",
        "Busy",
        "Offline",
        "OfflineThenSuccess",
        "SlowCard",
        "ApproveLate",
        "DeclineThenApprove",
        "Tip",
        "Surcharge",
        "Partial",
        "UnplugBeforeCard",
        "UnplugAfterCard",
        "AvsDecline",
        "PinDebit",
        "Stuck",
        "SlowReceipt",
        "UnknownStatus",
        "HiddenApproval",
        "Decline",
    ];

    const CALLS: &'static [CallKind] = &[
        CallKind::Submit,
        CallKind::Void,
        CallKind::Refund,
        CallKind::Hold,
        CallKind::Capture,
        CallKind::Adjust,
        CallKind::Main,
        CallKind::GetTransaction,
    ];

    const ASIDES: &'static [(Kind, &'static [(&'static str, &'static str)])] = &[
        (Kind::Signature, &[("terms", "I agree.")]),
        (Kind::Prompt, &[("text", "Join our club?"), ("buttons", "Yes"), ("buttons", "No")]),
        (Kind::Input, &[]),
        (Kind::CardRead, &[]),
        (Kind::ListTerminals, &[]),
        (Kind::FetchReceipt, &[]),
        (Kind::FetchTransaction, &[]),
        (Kind::SelfCheck, &[]),
    ];

    fn open(seed: u64, rng: &mut Rng) -> Opening<Cloud> {
        let mut setup = pj::Setup { seed, card_history_cents: 100_000_000, ..pj::Setup::default() };
        let like = setup.terminals[0].clone();
        setup.terminals = (0..=LANES).map(|n| pj::TerminalSetup { id: Cloud::lane(n), ..like.clone() }).collect();
        setup.device_speed = [1, 2, 4, 4][rng.below(4) as usize];
        Opening { cloud: Cloud::new(setup), texts: Vec::new(), slowness: 1 }
    }

    fn lane(number: u64) -> String {
        format!("{number:08}-0000-4000-8000-000000000000")
    }

    const CONFIRMS: bool = true;

    const SHARES_BY_AMOUNT: bool = false;

    fn stories() -> Vec<i64> {
        pj::AMOUNTS.iter().map(|(cents, ..)| *cents).collect()
    }

    fn may_play(amount: i64, honest: bool, sighted: bool) -> bool {
        match pj::by_amount(amount) {
            Some(Scenario::HiddenApproval) => !honest && sighted,
            Some(Scenario::UnplugAfterCard | Scenario::OfflineThenSuccess) => !honest,
            _ => true,
        }
    }

    fn extras(kind: Kind, amount: i64, rng: &mut Rng) -> Asked {
        let account = if rng.below(10) == 0 { "12346" } else { "12345" };
        let (mut texts, mut numbers) = (vec![("merchant_terminal", account.to_owned())], Vec::new());
        if rng.below(20) == 0 {
            numbers.push(("interrupt_busy", 1));
        }
        if rng.below(10) == 0 {
            numbers.push(("prompt_tip", i64::from(rng.below(2) == 0)));
        }
        if rng.below(10) == 0 && amount > 10 {
            numbers.push(("tax_amount", amount / 10));
        }
        if rng.below(8) == 0 && kind == Kind::Payment {
            texts.push(("capture", "later".to_owned()));
        }
        (texts, numbers)
    }

    fn undo(amount: i64, _: String, rng: &mut Rng) -> (Kind, Asked) {
        let part = 1 + rng.below(amount.unsigned_abs()) as i64;
        let tip = rng.below(2_000) as i64;
        let (kind, numbers) = match rng.below(7) {
            0 => (Kind::Void, Vec::new()),
            1 => (Kind::Reverse, Vec::new()),
            2 => (Kind::Refund, Vec::new()),
            3 => (Kind::AdjustTip, vec![("tip_amount", tip)]),
            4 => (Kind::Capture, Vec::new()),
            5 => (Kind::Capture, vec![("amount", part)]),
            _ => (Kind::Refund, vec![("amount", part)]),
        };
        (kind, (Vec::new(), numbers))
    }

    fn hand(&mut self, lane: &str, honest: bool, rng: &mut Rng) {
        let touch = [Touch::Unplug, Touch::Plug, Touch::Cancel, Touch::Button(0)][rng.below(4) as usize];
        self.touch(lane, touch);
        if !honest && rng.below(2) == 0 {
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
        self.switches = pj::Switches::default();
    }

    fn listen(&mut self) {
        let mut kinds = pj::EventKind::PRESENT.to_vec();
        kinds.push(pj::EventKind::SmartterminalTransaction);
        self.subscribe(&kinds);
    }

    fn post(&mut self, _: &mut usize) -> Vec<Event> {
        self.take_events()
    }

    fn books(&self) -> Vec<Entry> {
        let entry = |t: &pj::Transaction| Entry {
            id: t.id.to_string(),
            key: t.sent_purchase_order_number.clone(),
            approved: t.verdict.approved,
            refund: t.action == pj::Action::Refund,
            voided: t.status == Status::Void,
            held: t.status == Status::Hold,
            total: t.amounts.total(),
            tip: t.amounts.tip.unwrap_or(0),
        };
        self.ledger().iter().map(entry).collect()
    }

    fn ran(&self) -> Vec<Ran> {
        let ran = |r: &pj::TerminalRequest| {
            Some(Ran { key: r.purchase_order_number.clone()?, running: r.ended_ms.is_none() })
        };
        self.requests().iter().filter_map(ran).collect()
    }

    fn played(&self) -> Vec<String> {
        self.requests().iter().map(|r| name_of(&format!("{:?}", r.scenario))).collect()
    }

    fn stranger(&mut self, now: u64, amount: i64, _: &mut Pocket) {
        let dollars = format!("{}.{:02}", amount / 100, amount % 100);
        let form = [("terminalId", "12345"), ("amountBase", dollars.as_str()), ("interruptBusyTerminal", "false")];
        let path = format!("/smartterminals/{}/request-payment", Cloud::lane(LANES));
        self.neighbor_calls(now, &pj::request("POST", &path, &form));
    }
}
