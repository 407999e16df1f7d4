//! What the till wrote down, held against the vendor's books.

use crate::cloud::Cloud;
use crate::till::Life;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What the driver knows of one payment after all lives.
#[derive(Default, Debug)]
pub struct Story {
    amount: i64,
    pub told: Vec<String>,
    pub unknown: bool,
    nothing: bool,
    /// In this life it was acknowledged long enough before the end to be on disk.
    acknowledged: Option<usize>,
    last_told: Option<usize>,
    pending: BTreeSet<usize>,
}

pub fn stories(lives: &[Life]) -> BTreeMap<String, Story> {
    let mut stories: BTreeMap<String, Story> = BTreeMap::new();
    for (life_number, life) in lives.iter().enumerate() {
        for (at, line) in &life.lines {
            let words: Vec<&str> = line.split(' ').collect();
            let (word, reference) = (words[0], words.get(1).copied().unwrap_or_default());
            if reference == "-" {
                continue;
            }
            let story = stories.entry(reference.to_owned()).or_default();
            match word {
                "ask" => story.amount = words[2].parse().expect("an amount"),
                "told" => {
                    story.told.push(words[2..].join(" "));
                    story.last_told = Some(life_number);
                    story.unknown = false;
                }
                "acked"
                    if !life.forgetful
                        && (!life.killed || life.died.duration_since(*at) > Duration::from_millis(300)) =>
                {
                    story.acknowledged = story.acknowledged.or(Some(life_number));
                }
                "unknown" => story.unknown = true,
                "nothing" => story.nothing = true,
                "pending" => {
                    story.pending.insert(life_number);
                }
                _ => {}
            }
        }
    }
    stories
}

/// What the vendor's books say of a payment, by its invoice number.
pub struct Books {
    pub submits: usize,
    pub charges: Vec<(String, i64)>,
}

pub fn invoice(reference: &str) -> String {
    let (prefix, number) = reference.split_once('-').expect("prefix and number");
    format!("{prefix}{:04}", number.parse::<u32>().expect("a number"))
}

/// Holds what the till wrote down against the books.
pub fn judge(server: &Cloud, lives: &[Life], what: &str) {
    for (reference, story) in stories(lives) {
        let books = server.books(&invoice(&reference));
        let context = || {
            let lines: Vec<&str> =
                lives.iter().flat_map(|life| life.lines.iter().map(|(_, line)| line.as_str()).chain(["---"])).collect();
            format!("{what}: {reference}: {story:?}, books: {} submits, {:?}\n{lines:#?}", books.submits, books.charges)
        };
        assert!(books.submits <= 1, "sent twice: {}", context());
        assert!(books.charges.len() <= 1, "charged twice: {}", context());
        let first = story.told.first();
        assert!(story.told.iter().all(|told| Some(told) == first), "told differently: {}", context());
        match (books.charges.first(), first) {
            (Some((id, cents)), Some(told)) => {
                let right = format!("PJ_STATE_APPROVED PJ_MONEY_MOVED {cents} {id}");
                assert_eq!(*told, right, "{}", context());
                assert_eq!(*cents, story.amount, "{}", context());
            }
            (Some(_), None) => panic!("money moved and the till was not told: {}", context()),
            (None, Some(told)) => assert!(told.contains("PJ_MONEY_NOT_MOVED"), "invented: {}", context()),
            // Killed before the intent was on disk, or nobody can know.
            (None, None) => assert!(story.nothing || story.unknown, "no word about it: {}", context()),
        }
        if story.nothing {
            assert_eq!(books.submits, 0, "sent and forgotten: {}", context());
        }
        if let (Some(acknowledged), Some(told)) = (story.acknowledged, story.last_told) {
            assert!(told <= acknowledged, "told again after it was acknowledged: {}", context());
            assert!(story.pending.iter().all(|life| *life <= acknowledged), "pending again: {}", context());
        }
    }
}

pub fn asked(lives: &[Life]) -> Vec<String> {
    let lines = lives.iter().flat_map(|life| &life.lines);
    lines.filter_map(|(_, line)| Some(line.strip_prefix("ask ")?.split(' ').next()?.to_owned())).collect()
}

/// Every transaction that the vendor knows.
pub fn ledger_ids(server: &Cloud) -> Vec<u64> {
    server.with(|cloud| cloud.ledger().iter().map(|transaction| transaction.id).collect())
}
