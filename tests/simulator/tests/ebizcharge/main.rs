//! EBizCharge's cloud, pure, with a virtual clock.

mod access;
mod bench;
mod books;
mod devices;
mod samples;
mod stories;
mod unknowns;
