//! A till that speaks to the library as C does, and the clouds that it speaks with.

use posjunction::abi::*;
use posjunction_simulator::payjunction::{self as pj, Setup};
use posjunction_simulator::server::{Options, Server};
use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A bag of fields.
pub struct Bag(*mut pj_fields);

impl Bag {
    pub fn new() -> Bag {
        let mut bag = null_mut();
        // SAFETY: the pointer is to a live local.
        good(unsafe { pj_fields_new(&mut bag) }, "pj_fields_new");
        Bag(bag)
    }

    pub fn text(&self, key: &str, value: &str) -> &Bag {
        let (key, value) = (text(key), text(value));
        // SAFETY: both texts live and end with NUL.
        good(unsafe { pj_fields_set_text(self.0, key.as_ptr(), value.as_ptr()) }, "pj_fields_set_text");
        self
    }

    pub fn int(&self, key: &str, value: i64) -> &Bag {
        let key = text(key);
        // SAFETY: the text lives and ends with NUL.
        good(unsafe { pj_fields_set_int(self.0, key.as_ptr(), value) }, "pj_fields_set_int");
        self
    }
}

impl Drop for Bag {
    fn drop(&mut self) {
        // SAFETY: a handle, not an address.
        unsafe { pj_fields_free(self.0) };
    }
}

/// A client.
pub struct Till(*mut pj_client);

impl Till {
    /// Opens a client of this cloud's account with this journal; `more` adds to its configuration.
    pub fn open(cloud: &Server, journal: &Path, more: impl FnOnce(&Bag)) -> Till {
        let config = Bag::new();
        for (key, value) in [
            ("vendor", "payjunction"),
            ("base_url", cloud.base_url()),
            ("login", pj::LOGIN),
            ("password", pj::PASSWORD),
            ("application_key", pj::APPLICATION_KEY),
            ("merchant_terminal", "12345"),
            ("journal", path(journal)),
        ] {
            config.text(key, value);
        }
        if let Some(file) = cloud.ca_file() {
            config.text("tls_roots", path(file));
        }
        more(&config);
        let mut client = null_mut();
        // SAFETY: a handle, and the pointer to a live local.
        good(unsafe { pj_client_open(config.0, &mut client) }, "pj_client_open");
        Till(client)
    }

    /// The call that is measured: nothing but the C function.
    pub fn submit(&self, sale: &Bag) -> Request {
        let mut request = null_mut();
        // SAFETY: handles, and the pointer to a live local.
        good(unsafe { pj_request_payment(self.0, sale.0, &mut request) }, "pj_request_payment");
        Request(request)
    }

    pub fn pay(&self, terminal: usize, reference: &str, amount: i64) -> Request {
        self.submit(&sale(terminal, reference, amount))
    }
}

impl Drop for Till {
    fn drop(&mut self) {
        // SAFETY: a handle, not an address.
        good(unsafe { pj_client_close(self.0, 30_000) }, "pj_client_close");
    }
}

// SAFETY: what is in them is handles, which every thread may use.
unsafe impl Send for Till {}
// SAFETY: as above.
unsafe impl Sync for Till {}
// SAFETY: as above.
unsafe impl Send for Request {}
// SAFETY: as above.
unsafe impl Sync for Request {}

/// The fields of a payment.
pub fn sale(terminal: usize, reference: &str, amount: i64) -> Bag {
    let bag = Bag::new();
    bag.text("terminal", &terminal_id(terminal)).text("reference", reference).int("amount", amount);
    bag
}

/// A request.
pub struct Request(*mut pj_request);

impl Request {
    pub fn poll(&self) -> pj_result {
        let mut result = empty();
        self.poll_into(&mut result);
        result
    }

    /// The call that is measured: nothing but the C function.
    pub fn poll_into(&self, result: &mut pj_result) {
        // SAFETY: a handle, and a live struct whose size is set.
        good(unsafe { pj_poll(self.0, result) }, "pj_poll");
    }

    /// The length of a text of the result.
    pub fn text(&self, key: &str) -> u32 {
        let key = text(key);
        let (mut buffer, mut length) = ([0u8; 64], 0);
        // SAFETY: a handle, a text that ends with NUL, a live buffer with its size, and a live local.
        let status = unsafe { pj_get_text(self.0, key.as_ptr(), buffer.as_mut_ptr().cast(), 64, &mut length) };
        good(status, "pj_get_text");
        length
    }

    /// Waits until it has ended.
    pub fn finish(&self) -> pj_result {
        let mut result = empty();
        // SAFETY: a handle, and a live struct whose size is set.
        good(unsafe { pj_wait(self.0, 120_000, &mut result) }, "pj_wait");
        result
    }

    /// Waits until the terminal is free, and says that the result is stored.
    pub fn finish_and_store(&self) {
        self.finish();
        wait_until("the terminal is free", || self.poll().flags & PJ_FLAG_TERMINAL_FREE != 0);
        self.acknowledge();
    }

    pub fn cancel(&self) {
        // SAFETY: a handle, not an address.
        good(unsafe { pj_cancel(self.0) }, "pj_cancel");
    }

    pub fn acknowledge(&self) {
        // SAFETY: a handle, not an address.
        good(unsafe { pj_acknowledge(self.0) }, "pj_acknowledge");
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        // SAFETY: a handle, not an address.
        unsafe { pj_request_free(self.0) };
    }
}

/// A result whose size is set.
pub fn empty() -> pj_result {
    // SAFETY: all zeros is a value of this struct of numbers.
    let mut result: pj_result = unsafe { std::mem::zeroed() };
    result.struct_size = size_of::<pj_result>() as u32;
    result
}

/// A cloud behind TLS, of one account with so many terminals. People and devices take so many times less time.
pub fn cloud(terminals: usize, device_speed: u64) -> Server {
    let mut setup = Setup::default();
    let like = setup.terminals[0].clone();
    setup.terminals =
        (0..terminals).map(|number| pj::TerminalSetup { id: terminal_id(number), ..like.clone() }).collect();
    Server::start(Options { tls: true, device_speed, setup, ..Options::default() })
}

pub fn terminal_id(number: usize) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000")
}

/// A directory on a real disk: the one of temporary files may be memory.
pub fn directory() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory for journals")
}

pub fn journal_in(directory: &TempDir) -> PathBuf {
    directory.path().join("journal.db")
}

pub fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(120);
    while !condition() {
        assert!(Instant::now() < until, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn text(text: &str) -> CString {
    CString::new(text).expect("a text without NUL")
}

fn good(status: pj_status, what: &str) {
    assert_eq!(status, 0, "{what}: {}", last_error());
}

fn last_error() -> String {
    let mut text = [0u8; 512];
    // SAFETY: a live buffer and its size.
    unsafe { pj_last_error(text.as_mut_ptr().cast(), text.len() as u32, null_mut()) };
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    String::from_utf8_lossy(&text[..end]).into_owned()
}
