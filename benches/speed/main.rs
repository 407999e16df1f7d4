//! How fast the library is and how little it takes, in one table: what was measured, what is wanted, what it is.
//!
//! `cargo bench --bench speed` measures everything, in some three minutes; `cargo bench --bench speed -- calls` only the
//! sections whose name has the word. Nothing is asserted: a machine with other work to do measures that work. The calls go
//! through the C functions, against the simulator, with the journal on the disk that has the target directory.

mod calls;
mod fleet;
mod process;
mod report;
mod rest;
mod sales;
#[allow(dead_code)]
mod till;

use report::Table;

type Section = (&'static str, fn(&mut Table));

const SECTIONS: &[Section] = &[
    ("calls", calls::measure),
    ("slow-disk", calls::measure_on_a_slow_disk),
    ("sales", sales::measure),
    ("fleet", fleet::measure),
    ("rest", rest::measure),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("only cargo bench measures");
        return;
    }
    let words: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let mut table = Table::default();
    for (name, measure) in SECTIONS {
        if words.is_empty() || words.iter().any(|word| name.contains(word.as_str())) {
            eprintln!("measuring: {name}");
            measure(&mut table);
        }
    }
    print!("{table}");
}
