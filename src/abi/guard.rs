//! The panic barrier around every export, and what a failing call leaves behind.

use super::last_error::{self, Text};
use super::table::Function;
use super::types::pj_status;
use crate::client::Error;
use crate::os;
use crate::status::Status;
use std::borrow::Cow;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::{Mutex, Once};

/// Why a call failed.
#[derive(Debug)]
pub struct Fault {
    pub status: Status,
    pub text: Cow<'static, str>,
}

impl Fault {
    pub fn new(status: Status, text: impl Into<Cow<'static, str>>) -> Fault {
        Fault { status, text: text.into() }
    }

    pub fn argument(text: impl Into<Cow<'static, str>>) -> Fault {
        Fault::new(Status::InvalidArgument, text)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::new(error.status, error.text)
    }
}

pub type Outcome = Result<(), Fault>;

thread_local! {
    /// True while this thread is inside an export: a panic then is ours, and silent.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// The last panic of the library in this process, by place only: its message could quote a secret.
static LAST_PANIC: Mutex<Text> = Mutex::new(Text::EMPTY);

/// Runs the body of an export. Whatever happens inside, a status comes out and the words go to pj_last_error.
pub fn call(function: Function, body: impl FnOnce() -> Outcome) -> pj_status {
    match run(body) {
        Ok(Ok(())) => Status::Ok.number(),
        Ok(Err(fault)) => {
            last_error::remember(format_args!("{}: {} ({})", function.row().name, fault.text, fault.status.name()));
            fault.status.number()
        }
        Err(status) => {
            let place = LAST_PANIC.try_lock();
            let place = place.as_ref().map_or("", |place| place.as_str());
            last_error::remember(format_args!("{}: {} {place}", function.row().name, status.text()));
            status.number()
        }
    }
}

/// The same, but a failure leaves this thread's last words alone.
pub fn quiet(_function: Function, body: impl FnOnce() -> Outcome) -> Status {
    match run(body) {
        Ok(Ok(())) => Status::Ok,
        Ok(Err(fault)) => fault.status,
        Err(status) => status,
    }
}

/// The same for a function that returns a value.
pub fn value<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    run(body).unwrap_or(fallback)
}

fn run<T>(body: impl FnOnce() -> T) -> Result<T, Status> {
    // Windows has stopped the other threads by now, wherever they were: any lock may be held for ever.
    if os::is_process_ending() {
        return Err(Status::Closed);
    }
    let was_inside = INSIDE.replace(true);
    let guarded = || {
        os::defect("border");
        body()
    };
    let result = catch_unwind(AssertUnwindSafe(guarded)).map_err(|payload| {
        // A payload whose own destructor panics is leaked rather than let through.
        if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(second);
        }
        Status::Internal
    });
    INSIDE.set(was_inside);
    result
}

/// Keeps panics of the library off the host's standard error. The hook belongs to this library's own copy of the Rust
/// runtime; in a Rust program that links the crate it passes foreign panics on.
pub fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| if is_ours() { note(info) } else { previous(info) }));
    });
}

fn is_ours() -> bool {
    INSIDE.get() || std::thread::current().name().is_some_and(|name| name.starts_with("posjunction-"))
}

fn note(info: &PanicHookInfo<'_>) {
    let Ok(mut last) = LAST_PANIC.try_lock() else { return };
    if let Some(place) = info.location() {
        last.set(format_args!("{}:{}", place.file(), place.line()));
    }
}

/// Where the library last caught a defect of its own in this process, as `file:line`. For the log and the diagnostics.
pub fn last_panic() -> Option<String> {
    let last = LAST_PANIC.try_lock().ok()?;
    Some(last.as_str().to_owned()).filter(|place| !place.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the destructor of a payload");
        }
    }

    #[test]
    fn no_panic_passes_not_even_one_in_a_payload() {
        install_panic_hook();
        let internal = Status::Internal.number();
        assert_eq!(call(Function::pj_poll, || panic!("the password is hunter2")), internal);
        assert_eq!(call(Function::pj_poll, || std::panic::panic_any(Bomb)), internal);
        // Of this test or of another that runs beside it.
        assert!(last_panic().unwrap().contains("src/abi/"));
        assert!(!last_panic().unwrap().contains("hunter2"));
        assert_eq!(value(7, || panic!()), 7);
    }
}
