//! Truth, section 7: work on an existing transaction.

use super::world::World;
use crate::payment::fact::Fact;
use crate::payment::snapshot::{EventKind, MoneyMoved, State, flag};
use crate::payment::{Decision, Kind};
use crate::status::Status;
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::{CallKind, Fault, When};

/// Promise 4.
#[test]
fn a_void_of_an_unknown_transaction_ends() {
    let mut world = World::new();
    let void = world.ask(Kind::Void, &[("reference", "V1"), ("transaction", "999999")], &[]).unwrap();
    world.run(3_600_000);
    assert!(void.snapshot().state.is_final() || void.snapshot().state == State::Unknown, "{:?}", void.snapshot());
}

/// Promise 4.
#[test]
fn a_void_that_is_refused_for_its_credentials_ends() {
    let mut world = World::new();
    let sale = world.pay("4711", 1234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    world.change_login("wrong");
    // the same account in the journal's eyes would be another identity: forge instead
    world.change_login(pj::LOGIN);
    world.cloud.switches.forbidden = vec![CallKind::Void, CallKind::GetTransaction];
    let void = world.ask(Kind::Void, &[("reference", "V"), ("original", "4711")], &[]).unwrap();
    world.run(3_600_000);
    assert!(void.snapshot().state.is_final() || void.snapshot().state == State::Unknown, "{:?}", void.snapshot().state);
}
