//! Handles that are looked up, never dereferenced: whatever word a caller passes, the worst is "invalid handle".
//!
//! A token, from bit 0: a 1 (no aligned address is a token), 2 bits kind (never 0), 18 bits slot, the generation (10
//! bits on 32-bit machines, 32 on 64-bit ones), zeros.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

const SLOT_BITS: u32 = 18;
const SLOTS: u32 = 1 << SLOT_BITS;
const CHUNK: u32 = 256;
/// A freed slot waits until this many others are free too, so that a stale token stays stale for long.
const RESTING: usize = 4096;
/// Room kept back for handles that must not fail, such as the one lent with an event.
const RESERVE: u32 = 1024;

/// What a token stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Fields = 1,
    Client = 2,
    Request = 3,
}

/// How tokens look on this machine.
#[derive(Clone, Copy)]
pub struct Form {
    generation_bits: u32,
}

impl Form {
    pub const NATIVE: Form = Form { generation_bits: if cfg!(target_pointer_width = "64") { 32 } else { 10 } };

    fn mask(self) -> u32 {
        (u64::MAX >> (64 - self.generation_bits)) as u32
    }

    fn encode(self, kind: Kind, slot: u32, generation: u32) -> u64 {
        1 | (kind as u64) << 1 | u64::from(slot) << 3 | u64::from(generation & self.mask()) << (3 + SLOT_BITS)
    }

    /// Kind, slot and generation of a word that has the form of a token.
    fn decode(self, word: u64) -> Option<(u64, u32, u32)> {
        let kind = word >> 1 & 3;
        let has_form = word & 1 == 1 && kind != 0 && word >> (3 + SLOT_BITS + self.generation_bits) == 0;
        has_form.then_some((kind, (word >> 3) as u32 & (SLOTS - 1), (word >> (3 + SLOT_BITS)) as u32))
    }
}

struct Slot<E> {
    generation: u32,
    content: Option<(Kind, E)>,
}

struct Free {
    /// Freed slots, the longest free first.
    freed: VecDeque<u32>,
    /// The first slot never used.
    fresh: u32,
}

type Chunk<E> = Box<[Mutex<Slot<E>>]>;

/// The table. The way to a slot takes no lock; the slot has one, held for moments.
pub struct Table<E> {
    form: Form,
    chunks: Box<[OnceLock<Chunk<E>>]>,
    free: Mutex<Free>,
    random: RandomState,
}

impl<E> Table<E> {
    /// An empty table whose slots below `first` stay unused.
    pub fn new(form: Form, first: u32) -> Table<E> {
        let chunks = (0..SLOTS / CHUNK).map(|_| OnceLock::new()).collect();
        let free = Mutex::new(Free { freed: VecDeque::new(), fresh: first });
        Table { form, chunks, free, random: RandomState::new() }
    }

    /// True when a caller that can be refused should be.
    pub fn is_full(&self) -> bool {
        let free = lock(&self.free);
        free.freed.len() <= RESTING && free.fresh >= SLOTS - RESERVE
    }

    /// Files an entry under a new token. `None` when every slot is taken.
    pub fn insert(&self, kind: Kind, entry: E) -> Option<u64> {
        let number = {
            let mut free = lock(&self.free);
            if free.freed.len() > RESTING || free.fresh >= SLOTS {
                free.freed.pop_front()?
            } else {
                free.fresh += 1;
                free.fresh - 1
            }
        };
        let chunk = self.chunks.get((number / CHUNK) as usize)?;
        let chunk = chunk.get_or_init(|| self.make_chunk(number / CHUNK * CHUNK));
        let mut slot = lock(chunk.get((number % CHUNK) as usize)?);
        slot.content = Some((kind, entry));
        Some(self.form.encode(kind, number, slot.generation))
    }

    /// Looks at the entry of a token under its lock. Whatever drops an entry's contents must do so outside.
    pub fn with<R>(&self, token: u64, kind: Kind, look: impl FnOnce(&mut E) -> R) -> Option<R> {
        let mut slot = self.slot(token, kind)?.0;
        slot.content.as_mut().map(|(_, entry)| look(entry))
    }

    /// Ends a token and gives back what it stood for.
    pub fn remove(&self, token: u64, kind: Kind) -> Option<E> {
        let (mut slot, number) = self.slot(token, kind)?;
        let (_, entry) = slot.content.take()?;
        slot.generation = slot.generation.wrapping_add(1) & self.form.mask();
        drop(slot);
        lock(&self.free).freed.push_back(number);
        Some(entry)
    }

    /// Visits every entry, each under its lock.
    pub fn each(&self, mut visit: impl FnMut(Kind, &mut E)) {
        for slot in self.chunks.iter().filter_map(OnceLock::get).flatten() {
            if let Some((kind, entry)) = &mut lock(slot).content {
                visit(*kind, entry);
            }
        }
    }

    fn slot(&self, token: u64, kind: Kind) -> Option<(MutexGuard<'_, Slot<E>>, u32)> {
        let (said, number, generation) = self.form.decode(token)?;
        let chunk = self.chunks.get((number / CHUNK) as usize)?.get()?;
        let slot = lock(chunk.get((number % CHUNK) as usize)?);
        let is_it = said == kind as u64
            && slot.generation == generation
            && slot.content.as_ref().is_some_and(|(has, _)| *has == kind);
        is_it.then_some((slot, number))
    }

    fn make_chunk(&self, first: u32) -> Chunk<E> {
        let generation = |number: u32| self.random.hash_one(number) as u32 & self.form.mask();
        (first..first + CHUNK).map(|n| Mutex::new(Slot { generation: generation(n), content: None })).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Entries are changed by single assignments; a panic between two of them leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Form = Form { generation_bits: 10 };
    const WIDE: Form = Form { generation_bits: 32 };

    #[test]
    fn the_form_survives_both_ways_and_keeps_its_fixed_bits() {
        for form in [NARROW, WIDE] {
            for (kind, slot, generation) in
                [(Kind::Fields, 0, 0), (Kind::Request, SLOTS - 1, form.mask()), (Kind::Client, 77, 1)]
            {
                let token = form.encode(kind, slot, generation);
                assert_eq!(form.decode(token), Some((kind as u64, slot, generation)));
                assert_eq!(token & 1, 1);
            }
        }
        assert!(NARROW.encode(Kind::Request, SLOTS - 1, NARROW.mask()) < 1 << 31);
    }

    #[test]
    fn a_million_forged_words_open_nothing() {
        for form in [NARROW, WIDE] {
            let table = Table::new(form, 0);
            let known: Vec<u64> = (0..100).map(|n| table.insert(Kind::Request, n).unwrap()).collect();
            let random = RandomState::new();
            for n in 0..1_000_000u64 {
                let word = random.hash_one(n) & (u64::MAX >> (n % 64));
                if !known.contains(&word) {
                    assert!(table.with(word, Kind::Request, |_| ()).is_none(), "{word:x}");
                    assert!(table.remove(word, Kind::Request).is_none());
                }
            }
            for token in &known {
                assert!(table.with(*token, Kind::Fields, |_| ()).is_none());
                assert!(table.with(*token ^ 2, Kind::Fields, |_| ()).is_none());
            }
        }
    }

    #[test]
    fn freed_tokens_stay_dead_while_their_slots_are_used_again() {
        let table = Table::new(WIDE, 0);
        let mut freed = Vec::new();
        for round in 0..20_000 {
            let token = table.insert(Kind::Fields, round).unwrap();
            assert_eq!(table.with(token, Kind::Fields, |n| *n), Some(round));
            assert_eq!(table.remove(token, Kind::Fields), Some(round));
            freed.push(token);
        }
        for token in &freed {
            assert!(table.with(*token, Kind::Fields, |_| ()).is_none());
            assert!(table.remove(*token, Kind::Fields).is_none());
        }
        assert!(lock(&table.free).fresh <= RESTING as u32 + 1, "slots were not used again");
        freed.sort_unstable();
        freed.dedup();
        assert_eq!(freed.len(), 20_000);
    }

    #[test]
    fn a_full_table_says_so_and_keeps_a_reserve() {
        let table = Table::new(NARROW, 0);
        let mut tokens = Vec::new();
        while !table.is_full() {
            tokens.push(table.insert(Kind::Request, ()).unwrap());
        }
        assert_eq!(tokens.len(), (SLOTS - RESERVE) as usize);
        for _ in 0..RESERVE {
            table.insert(Kind::Request, ()).unwrap();
        }
        assert!(table.insert(Kind::Request, ()).is_none());
        for token in tokens.drain(..RESTING + 1) {
            table.remove(token, Kind::Request).unwrap();
        }
        assert!(!table.is_full());
    }
}
