//! EBizCharge's and USAePay's terminals: the same engine against the simulator's Payment Engine.

mod basics;
mod errands;

use super::world::World;
use posjunction_simulator::ebizcharge as eb;

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
