//! The demonstration: a checkout in C, the library, and a simulated terminal, together on this machine.
//!
//! Builds the library, compiles the programs of `examples/c` with the C compiler, starts the simulator on a free port, and
//! plays a story between them. Afterwards it compares what the checkout was told with the books of the simulator.

#[path = "demonstration/changes.rs"]
mod changes;
#[path = "demonstration/program.rs"]
mod program;
#[path = "demonstration/stage.rs"]
mod stage;
#[path = "demonstration/stories.rs"]
mod stories;
#[path = "demonstration/vendor.rs"]
mod vendor;

use program::Programs;
use stage::{Echo, Stage};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;
use stories::{STORIES, Story};
use vendor::Vendor;

const USAGE: &str = "\
cargo run --example checkout -- [--vendor NAME] [--amount CENTS] [--scenario NAME] [--list] [--all]

  --vendor NAME     whose cloud: payjunction (if not given), ebizcharge or justifi
  --amount CENTS    the amount of the payment, 1234 if not given
  --scenario NAME   what happens, `approve` if not given
  --list            the scenarios
  --all             all scenarios, at the same time";

enum Wish {
    One(&'static Story),
    All,
    List,
    Help,
}

fn main() -> ExitCode {
    let (vendor, wish, amount) = match wish(std::env::args().skip(1)) {
        Ok(wish) => wish,
        Err(mistake) => {
            eprintln!("{mistake}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let played = match wish {
        Wish::One(story) => one(vendor, story, amount),
        Wish::All => all(vendor, amount),
        Wish::List => list(vendor),
        Wish::Help => help(),
    };
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("FAILED: {wrong}");
            ExitCode::FAILURE
        }
    }
}

fn wish(mut args: impl Iterator<Item = String>) -> Result<(Vendor, Wish, i64), String> {
    let (mut vendor, mut wish, mut amount) = (Vendor::PayJunction, Wish::One(&STORIES[0]), 1234);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} wants a value"));
        match arg.as_str() {
            "--amount" => {
                let cents = value()?.parse::<i64>().ok().filter(|cents| (2..=499_900).contains(cents));
                amount = cents.ok_or("--amount is a number of cents, 2 to 499900: 1234 is 12.34")?;
            }
            "--vendor" => {
                let name = value()?;
                let known = Vendor::ALL.into_iter().find(|vendor| vendor.name() == name);
                vendor = known.ok_or(format!("no vendor is called {name}"))?;
            }
            "--scenario" => {
                let name = value()?;
                let story = STORIES.iter().find(|story| story.name == name);
                wish = Wish::One(story.ok_or(format!("no scenario is called {name}; --list shows them"))?);
            }
            "--list" => wish = Wish::List,
            "--all" => wish = Wish::All,
            "--help" | "-h" => wish = Wish::Help,
            other => return Err(format!("unknown option {other}")),
        }
    }
    if let Wish::One(story) = &wish
        && !story.vendors.contains(&vendor)
    {
        return Err(format!("{} cannot happen at {}; --list shows what can", story.name, vendor.name()));
    }
    Ok((vendor, wish, amount))
}

fn help() -> Result<(), String> {
    println!("{USAGE}");
    Ok(())
}

fn stories(vendor: Vendor) -> impl Iterator<Item = &'static Story> {
    STORIES.iter().filter(move |story| story.vendors.contains(&vendor))
}

fn list(vendor: Vendor) -> Result<(), String> {
    for story in stories(vendor) {
        println!("{:16} {}", story.name, story.tells);
    }
    Ok(())
}

fn one(vendor: Vendor, story: &Story, amount: i64) -> Result<(), String> {
    println!("building the library and the checkout");
    let programs = program::build()?;
    println!("{}: {}\n", story.name, story.tells);
    let stage = Stage::open(vendor, &programs, story.speed, amount, Echo::AtOnce)?;
    play(story, &stage)?;
    println!("the books agree: {}", stage.summary());
    println!("\nmore of it: cargo run --example checkout -- --list");
    println!("the C program, for any --base-url: {}", programs.checkout.display());
    Ok(())
}

/// All stories at the same time, for they wait most of it. Each prints when it has ended.
fn all(vendor: Vendor, amount: i64) -> Result<(), String> {
    println!("building the library and the checkout");
    let programs = &program::build()?;
    let failed = thread::scope(|scope| {
        let playing: Vec<_> =
            stories(vendor).map(|story| scope.spawn(move || aside(vendor, story, programs, amount))).collect();
        playing.into_iter().map(|story| story.join().unwrap_or(false)).filter(|good| !good).count()
    });
    let played = stories(vendor).count();
    println!("\n{}: {played} scenarios, {failed} failed", vendor.name());
    if failed == 0 { Ok(()) } else { Err(format!("{failed} of {played} scenarios")) }
}

/// Plays a story and prints all of it at its end. Whether it went right.
fn aside(vendor: Vendor, story: &Story, programs: &Programs, amount: i64) -> bool {
    let started = Instant::now();
    let stage = match Stage::open(vendor, programs, story.speed, amount, Echo::Later) {
        Ok(stage) => stage,
        Err(wrong) => {
            println!("\n{}: FAILED: {wrong}", story.name);
            return false;
        }
    };
    let played = play(story, &stage);
    let verdict = match &played {
        Ok(()) => stage.summary(),
        Err(wrong) => format!("FAILED: {wrong}"),
    };
    let seconds = started.elapsed().as_secs_f32();
    println!("\n{}: {}\n{}{seconds:.1} s, {verdict}", story.name, story.tells, stage.said());
    played.is_ok()
}

/// Plays a story. When it goes wrong, what the vendor's side saw is part of the words.
fn play(story: &Story, stage: &Stage) -> Result<(), String> {
    let played = (story.play)(stage).and_then(|()| stage.check_books());
    played.map_err(|wrong| format!("{wrong}\n{}", stage.calls()))
}
