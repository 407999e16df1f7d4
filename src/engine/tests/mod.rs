//! The engine in a virtual world: the real engine, payment and vendor code against the simulator's real cloud, with time,
//! network, journal and power in the test's hands.

mod admission;
mod amounts;
mod basics;
mod cancel;
mod captures;
mod changes;
mod ebizcharge;
mod ending;
mod errands;
mod failures;
mod found;
mod hints;
mod holds;
mod justifi;
mod keys;
mod late;
mod lost;
mod lost_changes;
mod named;
mod originals;
mod pacing;
mod questions;
mod random;
mod recovery;
mod refunds;
mod reversals;
mod sabotage;
mod sending;
mod shelf_life;
mod states;
mod time;
mod tips;
mod words;
mod world;
