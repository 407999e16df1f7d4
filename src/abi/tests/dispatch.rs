//! Callbacks: order, nesting, marks that were abandoned, and closing while one runs.

use super::*;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32};
use std::time::Duration;

/// What a callback was told and how it should behave.
#[derive(Default)]
struct Book {
    client: AtomicU64,
    numbers: Mutex<Vec<u32>>,
    nested: AtomicI32,
    seen_by_getter: Mutex<Vec<i64>>,
    inside: AtomicBool,
    hold: AtomicBool,
}

unsafe extern "C-unwind" fn note(event: *const pj_event, user: *mut c_void) {
    // SAFETY: the tests hand in a book that outlives the client, and the library a live event.
    let (book, event) = unsafe { (&*user.cast::<Book>(), *event) };
    let client: *mut pj_client = std::ptr::without_provenance_mut(book.client.load(Ordering::Relaxed) as usize);
    book.inside.store(true, Ordering::SeqCst);
    book.numbers.lock().unwrap().push(event.number);
    let mut image = result::EMPTY;
    let mut state = 0;
    // SAFETY: handles and live locals.
    unsafe {
        for status in [
            pj_dispatch(client, 0, null_mut()),
            pj_wait(event.request, 0, &mut image),
            pj_client_close(client, 0),
            pj_next_event(client, 0, &mut pj_event::none(), &mut image),
        ] {
            book.nested.store(status, Ordering::Relaxed);
            assert_eq!(status, Status::Reentrant.number());
        }
        assert!(is(poll(event.request).0, Status::Ok));
        assert!(is(pj_request_free(event.request), Status::InvalidHandle), "lent, not given");
        assert!(is(pj_get_int(event.request, c"event_number".as_ptr(), &mut state), Status::Ok));
    }
    book.seen_by_getter.lock().unwrap().push(state);
    while book.hold.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(1));
    }
    book.inside.store(false, Ordering::SeqCst);
}

fn listen(till: &Till, delivery: i32) -> Box<Book> {
    let book = Box::<Book>::default();
    book.client.store(till.client.addr() as u64, Ordering::Relaxed);
    // SAFETY: a live handle; the book outlives the client in each test.
    let status = unsafe { pj_on_event(till.client, Some(note), (&raw const *book).cast_mut().cast(), delivery) };
    assert!(is(status, Status::Ok));
    book
}

fn dispatch(till: &Till, timeout_ms: i32) -> (pj_status, u32) {
    let mut told = 99;
    // SAFETY: a live handle and a live local.
    let status = unsafe { pj_dispatch(till.client, timeout_ms, &mut told) };
    (status, told)
}

/// A handle whose uses are given back at once: only events can lend it.
fn pay_and_free(till: &Till, reference: &str) {
    let (status, request) = till.pay(reference);
    assert!(is(status, Status::Ok));
    // SAFETY: a handle.
    unsafe { pj_request_free(request) };
}

#[test]
fn a_dispatch_tells_in_order_and_refuses_what_must_not_nest() {
    let till = Till::open();
    assert!(is(dispatch(&till, 0).0, Status::WrongState), "no callback yet");
    let book = listen(&till, 0);
    assert_eq!(dispatch(&till, 0), (0, 0));
    pay_and_free(&till, "a");
    till.happen("a", EventKind::State, State::Sending, 1);
    till.happen("a", EventKind::State, State::AtTerminal, 2);
    till.happen("a", EventKind::Result, State::Approved, 3);
    assert_eq!(dispatch(&till, -1), (0, 2));
    assert_eq!(*book.numbers.lock().unwrap(), [2, 3]);
    assert_eq!(*book.seen_by_getter.lock().unwrap(), [2, 3], "getters read the event's own snapshot");
    assert_eq!(dispatch(&till, 10), (0, 0));
    // SAFETY: a live handle.
    let again = unsafe { pj_on_event(till.client, Some(note), null_mut(), 0) };
    assert!(is(again, Status::WrongState));
    assert!(is(till.close(1000), Status::Ok));
}

#[test]
fn a_second_thread_gets_busy_and_closed_when_it_is_over() {
    let till = Till::open();
    let _book = listen(&till, 0);
    let client = till.client.addr();
    let waiting = std::thread::spawn(move || {
        // SAFETY: a handle.
        unsafe { pj_dispatch(std::ptr::without_provenance_mut(client), -1, null_mut()) }
    });
    let mut status = 0;
    for _ in 0..1000 {
        status = dispatch(&till, 0).0;
        if is(status, Status::Busy) {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(is(status, Status::Busy));
    assert!(is(till.close(2000), Status::Ok));
    assert!(is(waiting.join().unwrap(), Status::Closed));
}

/// What an exception does to the library: the frames are gone and nothing of them ran.
#[inline(never)]
fn abandon(cell: &Arc<ClientCell>) {
    let mut round = super::super::dispatch::Round::new();
    let place = desk::Place::at(&raw const round);
    let want = crate::client::Want::EVENTS;
    round.begin(cell, place, want, 0).unwrap();
    assert!(round.advance().unwrap());
    std::hint::black_box(&mut round);
}

#[inline(never)]
fn deeper<R>(depth: u32, work: &dyn Fn() -> R) -> R {
    let room = std::hint::black_box([0u8; 512]);
    let result = if depth == 0 { work() } else { deeper(depth - 1, work) };
    std::hint::black_box(room);
    result
}

#[test]
fn an_abandoned_mark_neither_blocks_nor_loses_the_event() {
    let till = Till::open();
    let book = listen(&till, 0);
    pay_and_free(&till, "a");
    till.happen("a", EventKind::Result, State::Approved, 5);
    let cell = handles::client(till.client).unwrap();
    let request = till.request("a");
    for depth in [0, 1, 20] {
        abandon(&cell);
        let here = 0u8;
        assert!(cell.desk.told_snapshot(&request, desk::Place::at(&raw const here)).is_none(), "no callback any more");
        // From any depth of the stack, also from below the place that the mark remembers.
        assert_eq!(deeper(depth, &|| dispatch(&till, 0)), (0, 1), "depth {depth}");
        assert_eq!(dispatch(&till, 0), (0, 0));
        till.happen("a", EventKind::Result, State::Approved, 6 + depth);
    }
    assert_eq!(book.numbers.lock().unwrap().len(), 3);
    abandon(&cell);
    drop(cell);
    assert!(is(till.close(0), Status::Ok));
}

#[test]
fn closing_waits_for_a_callback_and_lets_no_new_one_start() {
    let till = Till::open();
    let book = listen(&till, 1);
    pay_and_free(&till, "a");
    book.hold.store(true, Ordering::SeqCst);
    till.happen("a", EventKind::Result, State::Approved, 1);
    till.happen("a", EventKind::Reversed, State::Approved, 2);
    while !book.inside.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(is(dispatch(&till, 0).0, Status::WrongState), "the library's thread delivers");
    assert!(is(till.close(30), Status::WaitTimeout));
    assert!(is(till.pay("b").0, Status::Closed), "the handle is good for close only");
    book.hold.store(false, Ordering::SeqCst);
    assert!(is(till.close(2000), Status::Ok));
    assert!(!book.inside.load(Ordering::SeqCst));
    assert_eq!(*book.numbers.lock().unwrap(), [1]);
}

#[test]
fn events_can_be_pulled_without_a_callback() {
    let till = Till::open();
    let (mut event, mut image) = (pj_event::none(), result::EMPTY);
    // SAFETY: handles and live locals.
    unsafe {
        assert!(is(pj_next_event(till.client, 0, &mut event, &mut image), Status::Ok));
        assert_eq!(event.kind, PJ_EVENT_NONE);
        pay_and_free(&till, "a");
        till.happen("a", EventKind::Result, State::Approved, 1);
        till.happen("a", EventKind::Reversed, State::Approved, 2);
        assert!(is(pj_next_event(till.client, -1, &mut event, &mut image), Status::Ok));
        assert!(event.number == 1 && image.state == PJ_STATE_APPROVED && std::ptr::eq(event.result, &raw const image));
        let lent = event.request;
        assert!(is(poll(lent).0, Status::Ok));
        assert!(is(pj_next_event(till.client, 0, &mut event, null_mut()), Status::Ok));
        assert!(event.number == 2 && event.request == lent && is(poll(lent).0, Status::Ok));
        assert!(is(pj_next_event(till.client, 0, &mut event, null_mut()), Status::Ok));
        assert!(event.kind == PJ_EVENT_NONE && event.request.is_null());
        event.struct_size = 4;
        assert!(is(pj_next_event(till.client, 0, &mut event, null_mut()), Status::InvalidArgument));
    }
}

unsafe extern "C-unwind" fn count_line(level: i32, line: *const std::ffi::c_char, user: *mut c_void) {
    // SAFETY: the test hands in a counter that outlives the client, and the library a live text.
    let (counter, line) = unsafe { (&*user.cast::<AtomicU32>(), std::ffi::CStr::from_ptr(line)) };
    assert!(level == PJ_LOG_WARN && !line.is_empty());
    counter.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn log_lines_come_where_events_do() {
    let till = Till::open();
    let lines = AtomicU32::new(0);
    // SAFETY: a live handle; the counter outlives the client.
    unsafe {
        let user = (&raw const lines).cast_mut().cast();
        assert!(is(pj_on_log(till.client, Some(count_line), user, 9), Status::InvalidArgument));
        assert!(is(pj_on_log(till.client, Some(count_line), user, PJ_LOG_INFO), Status::Ok));
        till.engine.news.push_log(PJ_LOG_WARN, "a\0b".into());
        till.engine.news.push_log(PJ_LOG_DEBUG, "too fine".into());
        assert_eq!(dispatch(&till, 0), (0, 0));
        assert_eq!(lines.load(Ordering::Relaxed), 1);
        assert!(is(pj_on_log(till.client, None, null_mut(), 0), Status::Ok));
    }
    assert!(is(till.close(1000), Status::Ok));
}
