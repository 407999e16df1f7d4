//! Defects on demand: how a test shows, on the library as it is shipped, what a panic inside it does to the host.
//!
//! Only a library that was compiled with `--cfg posjunction_defects` has them. `tests/run panic` builds one, and looks
//! that the shipped one does not.

/// Panics if a test has left a file `posjunction-defect-PLACE` in the working directory, which goes with it.
#[cfg(posjunction_defects)]
pub fn defect(place: &str) {
    if std::fs::remove_file(format!("posjunction-defect-{place}")).is_ok() {
        panic!("a test asked for it");
    }
}

/// Nothing, in every library that is shipped.
#[cfg(not(posjunction_defects))]
#[inline(always)]
pub fn defect(_place: &str) {}
