//! How often what happened, and what must have happened in a run that is long enough.

use super::shops::Shop;
use std::collections::BTreeMap;

#[derive(Default, Clone, PartialEq, Debug)]
pub struct Counts(pub BTreeMap<String, u64>);

/// A run of so many worlds has seen everything.
const ENOUGH_WORLDS: usize = 900;

/// What happens in the worlds of every vendor.
const EVERYWHERE: &[&str] = &[
    "road Open",
    "road Closed",
    "road LosesRequests",
    "disk fails",
    "disk works",
    "power cuts",
    "closes and starts again",
    "sleeps",
    "clock jumps",
    "hands at terminals",
    "settlements",
    "cancels",
    "acknowledged",
    "repeated references",
    "resolved Paid",
    "resolved NotPaid",
    "resolved KeepLooking",
    "another till sells",
    "webhooks",
    "webhooks twice",
    "webhooks late",
    "webhooks lost",
    "payment",
    "refund",
    "void",
    "reverse",
    "capture",
    "fault Before Drop",
    "fault Before Reset",
    "fault Before ServerError",
    "fault Before BadGateway",
    "fault Before HalfBody",
    "fault Before Garbage",
    "fault Before Silence",
    "fault Before Delay",
    "fault Before RateLimited",
    "fault Before Forbidden",
    "fault After Drop",
    "fault After Reset",
    "fault After ServerError",
    "fault After BadGateway",
    "fault After HalfBody",
    "fault After Garbage",
    "fault After Silence",
    "fault After Delay",
];

impl Counts {
    pub fn add(&mut self, what: &str) {
        *self.0.entry(what.to_owned()).or_default() += 1;
    }

    pub fn merge(&mut self, other: &Counts) {
        other.0.iter().for_each(|(what, number)| *self.0.entry(what.clone()).or_default() += number);
    }

    pub fn of(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or(0)
    }

    /// Payments and changes of payments.
    pub fn payments(&self) -> u64 {
        ["payment", "terminal_refund", "refund", "void", "reverse", "capture", "adjust_tip"]
            .map(|kind| self.of(kind))
            .iter()
            .sum()
    }

    /// Everything that went wrong in the worlds, on the road, at the vendor and in the machine.
    pub fn faults(&self) -> u64 {
        let fault = |what: &str| {
            what.starts_with("fault ")
                || matches!(what, "road Closed" | "road LosesRequests" | "disk fails" | "power cuts")
        };
        self.0.iter().filter(|(what, _)| fault(what)).map(|(_, number)| number).sum()
    }
}

/// Panics about what never happened in the worlds of this vendor, if there were enough of them.
pub fn check_coverage<C: Shop>(counts: &Counts, worlds: usize) {
    let switches = C::SWITCHES.iter().flat_map(|s| ["on", "off"].map(|way| format!("switch {}: {way}", s.name)));
    let stories = C::STORIES.iter().map(|story| format!("story {story}"));
    let asides = C::ASIDES.iter().map(|(kind, _)| kind.name().to_owned());
    let everywhere = EVERYWHERE.iter().map(|what| (*what).to_owned());
    let wanted = everywhere.chain(switches).chain(stories).chain(asides);
    let missing: Vec<String> = wanted.filter(|what| counts.of(what) == 0).collect();
    assert!(worlds < ENOUGH_WORLDS || missing.is_empty(), "never happened at {}: {missing:#?}", C::NAME);
}

/// Who did what how often: a line for each thing, a column for each vendor.
pub fn table(of: &[(&str, &Counts)]) -> String {
    let mut names: Vec<&String> = of.iter().flat_map(|(_, counts)| counts.0.keys()).collect();
    names.sort();
    names.dedup();
    let head: String = of.iter().map(|(name, _)| format!("{name:>12}")).collect();
    let row = |what: &&String| {
        let cells: String = of.iter().map(|(_, counts)| format!("{:>12}", counts.of(what))).collect();
        format!("{cells}  {what}\n")
    };
    format!("{head}\n{}", names.iter().map(row).collect::<String>())
}
