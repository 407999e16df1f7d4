//! JustiFi's cloud, pure, with a virtual clock.

mod access;
mod bench;
mod blows;
mod books;
mod events;
mod intents;
mod keys;
mod lists;
mod older;
mod samples;
mod stories;
mod terminals;
mod unknowns;
