//! What one sale takes: TLS handshakes, calls, and room in the journal.

use crate::report::Table;
use crate::till::{self, Request, Till};
use std::path::Path;
use std::time::Duration;

/// Sales in the time that people and devices take, a customer's change apart.
const SLOW: usize = 3;
const BETWEEN: Duration = Duration::from_secs(4);
/// Sales whose room is counted. A file grows by whole pages.
const MANY: usize = 60;

pub fn measure(table: &mut Table) {
    handshakes(table);
    journal(table);
}

fn handshakes(table: &mut Table) {
    let cloud = till::cloud(1, 1);
    let directory = till::directory();
    let till = Till::open(&cloud, &till::journal_in(&directory), |_| {});
    for number in 0..SLOW {
        std::thread::sleep(if number == 0 { Duration::ZERO } else { BETWEEN });
        till.pay(0, &format!("slow{number}"), 1500 + number as i64).finish_and_store();
    }
    let per_sale = |count: usize| count as f64 / SLOW as f64;
    table.at_most("TLS handshakes per sale", 1.0, per_sale(cloud.handshakes()), |n| format!("{n:.2}"));
    table.note("calls per sale", format!("{:.1}", per_sale(cloud.with(|cloud| cloud.calls().len()))));
}

fn journal(table: &mut Table) {
    const TERMINALS: usize = 6;
    let cloud = till::cloud(TERMINALS, 20);
    let directory = till::directory();
    let journal = till::journal_in(&directory);
    drop(Till::open(&cloud, &journal, |_| {}));
    let before = size(&journal);
    let till = Till::open(&cloud, &journal, |_| {});
    for round in 0..MANY / TERMINALS {
        let pay = |terminal| {
            let number = round * TERMINALS + terminal;
            till.pay(terminal, &format!("lane1-{}", 4000 + number), 1500 + number as i64)
        };
        let requests: Vec<_> = (0..TERMINALS).map(pay).collect();
        requests.iter().for_each(Request::finish_and_store);
    }
    let log = size(&journal.with_file_name("journal.db-wal"));
    drop(till);
    let after = size(&journal);
    let each = (after - before) as f64 / MANY as f64 / 1e3;
    let text = format!("{each:.1} kB; {MANY} sales {} kB, and up to {} kB of log while open", after / 1000, log / 1000);
    table.note("journal growth per sale", text);
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}
