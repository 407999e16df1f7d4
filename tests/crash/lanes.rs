//! Numbered jobs, each with a simulator, on a few threads; and chance that is the same in every run.

use crate::cloud::{Cloud, Vendor};
use crate::till::program;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

pub fn server() -> Cloud {
    Cloud::start(Vendor::PayJunction)
}

/// Runs numbered jobs on a few threads, each with a simulator of its own.
pub fn in_lanes(jobs: usize, job: impl Fn(&Cloud, usize) + Sync) {
    in_lanes_of(Vendor::PayJunction, jobs, job);
}

/// The same with another vendor's cloud.
pub fn in_lanes_of(vendor: Vendor, jobs: usize, job: impl Fn(&Cloud, usize) + Sync) {
    program();
    let one = std::env::var("PJ_SEED").ok().and_then(|text| text.parse().ok());
    let next = AtomicUsize::new(one.unwrap_or(0));
    let last = one.map_or(jobs, |one: usize| one + 1);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                let server = Cloud::start(vendor);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= last || !lock(&failed).is_empty() {
                        break;
                    }
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&server, number)));
                    if result.is_err() {
                        lock(&failed).push(number);
                    }
                }
                let violations = server.violations();
                if !violations.is_empty() {
                    eprintln!("violations: {violations:?}");
                    lock(&failed).push(usize::MAX);
                }
            });
        }
    });
    let failed = lock(&failed);
    assert!(failed.is_empty(), "failed: {failed:?}; one of them again: PJ_SEED=number");
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn is_long() -> bool {
    std::env::var_os("PJ_LONG").is_some()
}

/// A small generator: what a number does is the same in every run.
pub fn chance(number: usize, salt: u64, below: u64) -> u64 {
    let mut x = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    x = (x ^ (x >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (x ^ (x >> 32)) % below
}
