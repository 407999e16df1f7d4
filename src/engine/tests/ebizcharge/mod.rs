//! EBizCharge's and USAePay's terminals: the same engine against the simulator's Payment Engine.

mod access;
mod basics;
mod changes;
mod connectors;
mod duplicates;
mod ending;
mod errands;
mod hints;
mod lost;
mod refunds;
mod words;

pub(super) use access::what_an_earlier_run_has_called_counts_in_the_minute;
pub(super) use lost::where_the_key_is_not_passed_through_a_lost_sale_is_a_candidate;
pub(super) use refunds::two_equal_partial_refunds_are_told_apart;

use super::world::World;
use crate::engine::Request;
use crate::payment::snapshot::{MoneyMoved, Snapshot, State, flag};
use posjunction_simulator::ebizcharge as eb;
use std::sync::Arc;

/// A world with this vendor's cloud.
type Shop = World<eb::Cloud>;

fn shop() -> Shop {
    shop_with(|_| {})
}

/// The same with the unknowns as the test says.
fn shop_with(change: impl FnOnce(&mut eb::Switches)) -> Shop {
    let mut setup = eb::Setup::default();
    change(&mut setup.switches);
    World::of(eb::Cloud::new(setup), &[])
}

impl Shop {
    /// A sale that plays this story at the terminal, until it has a result.
    fn play(&mut self, reference: &str, story: eb::Scenario) -> (Arc<Request>, Snapshot) {
        self.cloud.script(story);
        let sale = self.pay(reference, 1234);
        let result = self.finish(&sale, 900_000);
        (sale, result)
    }

    /// A sale that is paid and known, so that later searches are sighted.
    fn opened(mut self) -> Shop {
        self.warm_up();
        self
    }

    /// Lets time pass until the terminal is free again.
    fn until_free(&mut self, request: &Arc<Request>) {
        self.run_until(900_000, "the terminal is free", |_| request.snapshot().has(flag::TERMINAL_FREE));
    }
}

fn told(result: &Snapshot) -> (State, MoneyMoved) {
    (result.state, result.money)
}

const PAID: (State, MoneyMoved) = (State::Approved, MoneyMoved::Moved);
const DECLINED: (State, MoneyMoved) = (State::Declined, MoneyMoved::NotMoved);
const CANCELED: (State, MoneyMoved) = (State::Canceled, MoneyMoved::NotMoved);
const TIMED_OUT: (State, MoneyMoved) = (State::TimedOut, MoneyMoved::NotMoved);
const FAILED: (State, MoneyMoved) = (State::Failed, MoneyMoved::NotMoved);
