//! The tables of failures keep their promises.

mod listed;
mod rules;
mod same;
