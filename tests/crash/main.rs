//! A till in C is killed at every step of a payment and at random, its disk fills, its journal is damaged, and it is
//! started again: nothing is lost, doubled or invented. What the till wrote down is compared with the vendor's books.
//!
//! Some 250 blows in an ordinary run, thousands with PJ_LONG=1. PJ_SEED repeats one of them.
#![cfg(target_os = "linux")]

mod books;
mod cloud;
mod damage;
mod disk;
mod kill;
mod lanes;
mod till;
mod versions;
