//! Handles and the life of a request.

use super::*;
use std::ffi::CStr;

#[test]
fn a_request_has_one_token_and_counts_its_uses() {
    let till = Till::open();
    let (status, first) = till.pay("a");
    assert!(is(status, Status::Ok));
    let (status, second) = till.pay("a");
    assert!(is(status, Status::DuplicateReference) && second == first, "the handle of the existing one");
    let mut third = null_mut();
    // SAFETY: live handles and locals.
    unsafe {
        assert!(is(pj_find(till.client, c"a".as_ptr(), &mut third), Status::Ok) && third == first);
        for _ in 0..3 {
            assert!(is(poll(first).0, Status::Ok));
            assert!(is(pj_request_free(first), Status::Ok));
        }
        assert!(is(pj_request_free(first), Status::InvalidHandle));
        assert!(is(poll(first).0, Status::InvalidHandle));
        assert!(is(pj_find(till.client, c"a".as_ptr(), &mut third), Status::Ok) && third == first);
        assert!(is(pj_request_free(third), Status::Ok));
        assert!(is(pj_find(till.client, c"b".as_ptr(), &mut third), Status::NoSuchRequest));
    }
}

#[test]
fn a_token_dies_with_its_request() {
    let till = Till::open();
    let (_, request) = till.pay("a");
    till.engine.requests.lock().unwrap().clear();
    assert!(is(poll(request).0, Status::Ok), "the handle keeps it");
    // SAFETY: a handle.
    unsafe { assert!(is(pj_request_free(request), Status::Ok)) };
    let (_, other) = till.pay("b");
    assert!(other != request && is(poll(request).0, Status::InvalidHandle));
}

#[test]
fn kinds_are_not_mistaken_for_each_other() {
    let till = Till::open();
    let (_, request) = till.pay("a");
    // SAFETY: handles of the wrong kind are looked up, not dereferenced.
    unsafe {
        assert!(is(pj_fields_free(request.cast()), Status::InvalidHandle));
        assert!(is(pj_client_close(request.cast(), 0), Status::InvalidHandle));
        assert!(is(poll(till.client.cast()).0, Status::InvalidHandle));
        assert!(is(pj_request_free(till.client.cast()), Status::InvalidHandle));
    }
}

#[test]
fn after_the_close_requests_are_closed_and_can_be_freed_in_any_order() {
    let till = Till::open();
    let (_, first) = till.pay("a");
    let (_, second) = till.pay("b");
    let waiter = std::thread::spawn({
        let second = second.addr();
        move || {
            let mut image = result::EMPTY;
            // SAFETY: a handle and a live local.
            unsafe { pj_wait(std::ptr::without_provenance_mut(second), -1, &mut image) }
        }
    });
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert!(is(till.close(1000), Status::Ok));
    assert!(is(waiter.join().unwrap(), Status::Closed));
    assert!(is(till.close(0), Status::InvalidHandle));
    // SAFETY: handles.
    unsafe {
        assert!(is(poll(first).0, Status::Closed));
        assert!(is(pj_cancel(second), Status::Closed));
        assert!(is(pj_request_free(second), Status::Ok) && is(pj_request_free(first), Status::Ok));
        assert!(is(pj_request_free(first), Status::InvalidHandle));
    }
}

#[test]
fn waiting_fills_the_result_with_an_answer_and_with_a_timeout() {
    let till = Till::open();
    let (_, request) = till.pay("a");
    let mut image = result::EMPTY;
    // SAFETY: handles and live locals.
    unsafe {
        assert!(is(pj_wait(request, 0, &mut image), Status::WaitTimeout) && image.state == PJ_STATE_QUEUED);
        assert!(is(pj_wait(request, -2, &mut image), Status::InvalidArgument));
        till.happen("a", EventKind::State, State::Unknown, 2);
        assert!(is(pj_wait(request, -1, &mut image), Status::Ok) && image.state == PJ_STATE_UNKNOWN);
        image.struct_size = 671;
        assert!(is(pj_wait(request, -1, &mut image), Status::InvalidArgument));
        assert!(last_error().contains("struct_size is 671"));
    }
}

#[test]
fn acknowledging_needs_an_end_and_a_look_at_late_money() {
    let till = Till::open();
    let (_, request) = till.pay("a");
    // SAFETY: handles.
    unsafe {
        assert!(is(pj_acknowledge(request), Status::WrongState));
        till.happen("a", EventKind::Result, State::Declined, 2);
        assert!(is(pj_acknowledge(request), Status::Ok));
        let inner = till.request("a");
        let mut late = later(&inner.snapshot(), State::Approved, 3);
        late.flags |= flag::LATE;
        inner.publish(Arc::new(late));
        inner.must_be_seen(3);
        assert!(is(pj_acknowledge(request), Status::WrongState) && last_error().contains("has changed"));
        assert!(poll(request).1.flags & PJ_FLAG_LATE != 0);
        assert!(is(pj_acknowledge(request), Status::Ok));
    }
}

#[test]
fn the_pending_list_is_frozen_by_its_count() {
    let till = Till::open();
    let (mut count, mut at) = (9, null_mut());
    // SAFETY: handles and live locals.
    unsafe {
        assert!(is(pj_pending_count(till.client, &mut count), Status::Ok) && count == 0);
        let (_, first) = till.pay("a");
        till.pay("b");
        assert!(is(pj_pending_at(till.client, 0, &mut at), Status::NoSuchRequest));
        assert!(is(pj_pending_count(till.client, &mut count), Status::Ok) && count == 2);
        assert!(is(pj_pending_at(till.client, 0, &mut at), Status::Ok) && at == first);
        assert!(is(pj_pending_at(till.client, 2, &mut at), Status::NoSuchRequest));
    }
}

#[test]
fn a_defect_behind_the_border_is_a_code_and_not_a_crash() {
    guard::install_panic_hook();
    let till = Till::open();
    let mut fields = Fields::new();
    fields.set_int("amount", 666);
    let (status, request) = till.pay_with(fields);
    assert!(is(status, Status::Internal) && request.is_null());
    assert!(last_error().contains("pj_request_payment") && !last_error().contains("a defect of the engine"));
    assert!(is(till.pay("a").0, Status::Ok), "the client goes on");
}

#[test]
fn values_come_as_text_and_number_and_words_for_what_is_wrong() {
    let till = Till::open();
    let (_, request) = till.pay("a");
    let (mut room, mut len, mut number) = ([0u8; 8], 77, 0);
    let buf = room.as_mut_ptr().cast();
    // SAFETY: handles and live locals with their sizes.
    unsafe {
        assert!(is(pj_get_text(request, c"reference".as_ptr(), buf, 8, &mut len), Status::Ok) && len == 1);
        assert!(is(pj_get_int(request, c"requested_amount".as_ptr(), &mut number), Status::Ok) && number == 1234);
        assert!(is(pj_get_int(request, c"reference".as_ptr(), &mut number), Status::InvalidField));
        assert!(is(pj_get_text(request, c"card_last4".as_ptr(), buf, 8, &mut len), Status::NoValue) && len == 0);
        assert!(is(pj_get_json(request, buf, 8, &mut len), Status::NoValue));
        let mut yes = 7;
        assert!(is(pj_capable(till.client, PJ_STATE_QUEUED, &mut yes), Status::Ok) && yes == 1);
        assert!(is(pj_capable(till.client, 2, &mut yes), Status::Ok) && yes == 0);
        assert!(is(pj_capable(till.client, 999, &mut yes), Status::InvalidArgument));
        assert!(is(pj_resolve(request, 4, c"x".as_ptr(), c"y".as_ptr()), Status::InvalidArgument));
    }
}

#[test]
fn a_webhook_arrives_as_the_caller_holds_it() {
    let till = Till::open();
    let hand_in = |headers: &CStr, body: &[u8], len: u32| {
        // SAFETY: live locals; a length beyond the body is refused unread.
        unsafe { pj_webhook(till.client, headers.as_ptr(), body.as_ptr().cast(), len) }
    };
    assert!(is(hand_in(c"A: b\r\n", b"{\0}", 3), Status::Ok), "a NUL ends nothing");
    assert!(is(hand_in(c"A: b\r\n", b"{\0}", 2), Status::Signature));
    assert!(is(hand_in(c"A: c\r\n", b"{\0}", 3), Status::Signature));
    assert!(is(hand_in(c"A: \xff", b"{\0}", 3), Status::InvalidText));
    assert!(is(hand_in(c"A: b\r\n", b"{\0}", (1 << 20) + 1), Status::Limit));
    assert!(is(hand_in(c"A: b\r\n", b"{\0}", u32::MAX), Status::Limit));
    // SAFETY: NULL is refused, or not looked at.
    unsafe {
        let (headers, null) = (c"A: b".as_ptr(), std::ptr::null());
        assert!(is(pj_webhook(till.client, std::ptr::null(), c"".as_ptr().cast(), 1), Status::InvalidArgument));
        assert!(is(pj_webhook(till.client, headers, null, 1), Status::InvalidArgument));
        assert!(is(pj_webhook(till.client, headers, null, 0), Status::Signature));
    }
}

#[test]
fn a_program_that_never_frees_runs_for_ever() {
    let till = Till::open();
    let (_, live) = till.pay("live");
    let cell = handles::client(till.client).unwrap();
    let mut ended = Vec::new();
    for number in 0..300_000u64 {
        let request = Arc::new(Request::new(1000 + number, snapshot(State::Declined)));
        ended.push(handles::hand_out(&cell, request).unwrap_or_else(|fault| panic!("{number}: {}", fault.text)));
    }
    assert!(is(poll(live).0, Status::Ok), "what runs keeps its handle");
    assert!(is(poll(ended[0]).0, Status::InvalidHandle), "the oldest retired");
    assert!(is(poll(*ended.last().unwrap()).0, Status::Ok));
    let alive = ended.iter().filter(|request| is(poll(**request).0, Status::Ok)).count();
    assert!((65_000..=66_000).contains(&alive), "{alive}");
    for request in ended {
        // SAFETY: handles; most of them dead.
        unsafe { pj_request_free(request) };
    }
}

#[test]
fn a_poll_takes_well_under_a_microsecond() {
    let till = Till::open();
    let (_, request) = till.pay("a");
    let start = std::time::Instant::now();
    for _ in 0..100_000 {
        std::hint::black_box(poll(std::hint::black_box(request)));
    }
    let each = start.elapsed().as_nanos() / 100_000;
    println!("poll: {each} ns");
    assert!(each < 20_000, "{each} ns");
}

#[cfg(target_os = "linux")]
#[test]
fn the_child_of_a_fork_is_told_so_and_close_only_forgets() {
    let till = Till::open();
    let (_, request) = till.pay("a");
    crate::os::watch_forks();
    // SAFETY: the child calls the library, allocates, and leaves without unwinding.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            let mut bag = null_mut();
            let faults = [
                !is(poll(request).0, Status::Forked),
                !is(pj_request_free(request), Status::Forked),
                !is(till.pay("b").0, Status::Forked),
                !is(till.close(-1), Status::Ok),
                !is(pj_fields_new(&mut bag), Status::Ok),
                !is(pj_fields_set_int(bag, c"amount".as_ptr(), 1), Status::Ok),
                !is(pj_fields_free(bag), Status::Ok),
            ];
            libc::_exit(faults.iter().enumerate().map(|(bit, fault)| i32::from(*fault) << bit).sum());
        }
        let mut ended = 0;
        assert_eq!(libc::waitpid(child, &mut ended, 0), child);
        assert!(libc::WIFEXITED(ended) && libc::WEXITSTATUS(ended) == 0, "{ended:x}");
    }
    assert!(is(poll(request).0, Status::Ok), "the parent goes on");
}

#[test]
fn a_path_is_handed_on_and_its_refusal_is_told() {
    let till = Till::open();
    // SAFETY: a live handle, or one that is dead by then, and texts that end.
    let write = |path: &std::ffi::CStr| unsafe { pj_diagnostics(till.client, path.as_ptr()) };
    assert!(is(write(c"a file"), Status::Ok));
    assert!(is(write(c"nowhere"), Status::File));
    assert!(last_error().contains("pj_diagnostics: no such place (PJ_ERR_FILE)"), "{}", last_error());
    assert!(is(write(c"not UTF-8 \xff"), Status::InvalidText));
    assert!(is(till.close(1000), Status::Ok));
    assert!(is(write(c"a file"), Status::InvalidHandle));
}
