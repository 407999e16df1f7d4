//! What single calls of the C functions cost. The figures with targets are in the other bench.

#[path = "speed/till.rs"]
#[allow(dead_code)]
mod till;

use divan::{Bencher, black_box};
use posjunction_simulator::server::Server;
use std::sync::OnceLock;
use tempfile::TempDir;
use till::{Bag, Request, Till};

fn main() {
    if std::env::args().any(|argument| argument == "--bench") {
        divan::main();
    }
}

/// A client with a payment that has ended and one that waits for its card.
struct Shop {
    ended: Request,
    running: Request,
    _till: Till,
    _cloud: Server,
    _directory: TempDir,
}

fn shop() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(|| {
        let (cloud, directory) = (till::cloud(2, 100), till::directory());
        let till = Till::open(&cloud, &till::journal_in(&directory), |_| {});
        let ended = till.pay(0, "ended", 1234);
        let running = till.pay(1, "running", 20_016);
        ended.finish_and_store();
        Shop { ended, running, _till: till, _cloud: cloud, _directory: directory }
    })
}

#[divan::bench(threads = [1, 2])]
fn poll_ended(bencher: Bencher<'_, '_>) {
    let request = &shop().ended;
    bencher.with_inputs(till::empty).bench_refs(|result| request.poll_into(result));
}

#[divan::bench(threads = [1, 2])]
fn poll_running(bencher: Bencher<'_, '_>) {
    let request = &shop().running;
    bencher.with_inputs(till::empty).bench_refs(|result| request.poll_into(result));
}

#[divan::bench]
fn get_text(bencher: Bencher<'_, '_>) {
    let request = &shop().ended;
    bencher.bench(|| request.text(black_box("authorization_code")));
}

#[divan::bench]
fn fields_of_a_payment(bencher: Bencher<'_, '_>) {
    shop();
    bencher.bench(|| till::sale(1, "lane1-4711", 1234));
}

#[divan::bench]
fn empty_bag(bencher: Bencher<'_, '_>) {
    shop();
    bencher.bench(Bag::new);
}
