//! Every fault at every call of every story, in both ways to pay: the till is told the truth, or that it is not known.

use super::*;
use posjunction_simulator::justifi::Scenario;
use posjunction_simulator::{CallKind, Fault, When};

const CALLS: [CallKind; 7] = [
    CallKind::Authenticate,
    CallKind::Prepare,
    CallKind::GetTerminal,
    CallKind::Submit,
    CallKind::Poll,
    CallKind::Search,
    CallKind::GetTransaction,
];
const FAULTS: [Fault; 5] =
    [Fault::Reset, Fault::ServerError, Fault::BadGateway, Fault::Silence(45_000), Fault::RateLimited(None)];

fn sweep(scenario: Scenario) {
    for call in CALLS {
        for fault in FAULTS {
            for when in [When::Before, When::After] {
                // A limiter stands before the work.
                if matches!((fault, when), (Fault::RateLimited(_), When::After)) {
                    continue;
                }
                for (flow, mut world) in both() {
                    script(&mut world, &[scenario]);
                    world.cloud.fail_next(call, when, fault);
                    let request = world.pay("4711", 1_000);
                    judge(&mut world, &format!("{flow} {scenario:?} {call:?} {fault:?} {when:?}"), request.payment);
                }
            }
        }
    }
}

#[test]
fn any_fault_at_any_call_of_an_approval() {
    sweep(Scenario::Approve);
}

#[test]
fn any_fault_at_any_call_of_a_decline() {
    sweep(Scenario::Decline(116));
}

#[test]
fn any_fault_at_any_call_of_a_cancel_at_the_terminal() {
    sweep(Scenario::CustomerCancel);
}

#[test]
fn any_fault_at_any_call_of_a_slow_authorization() {
    sweep(Scenario::SlowCard);
}
