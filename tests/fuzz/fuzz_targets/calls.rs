//! Any sequence of calls of the C interface from three threads, with handles that are good, freed, of another kind or
//! garbage, against a vendor that answers anything: every call gives a status of the table, none PJ_ERR_INTERNAL, and all
//! clients close.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posjunction::abi::*;
use posjunction::status::{Status, TABLE};
use std::ffi::{CString, c_char, c_void};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

const THREADS: usize = 3;
/// What the vendor answers.
const ANSWERS: [&str; 6] = [
    "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n{\"requestPaymentId\": 31415}",
    "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{\"status\": \"COMPLETE\"}",
    "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.1 429 No\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ncut",
    "",
];
static NEXT_ANSWER: AtomicUsize = AtomicUsize::new(0);

/// A vendor on a port of this machine.
static PORT: LazyLock<u16> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = ANSWERS[NEXT_ANSWER.fetch_add(1, Ordering::Relaxed) % ANSWERS.len()];
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
});

/// The tokens that were given out, freed ones among them.
#[derive(Default)]
struct Given {
    bags: Vec<usize>,
    clients: Vec<usize>,
    requests: Vec<usize>,
}

static GIVEN: Mutex<Given> = Mutex::new(Given { bags: Vec::new(), clients: Vec::new(), requests: Vec::new() });

fn given() -> std::sync::MutexGuard<'static, Given> {
    GIVEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fuzz_target!(|bytes: &[u8]| {
    let _ = *PORT;
    *given() = Given::default();
    NEXT_ANSWER.store(bytes.first().copied().unwrap_or(0).into(), Ordering::Relaxed);
    let calls: Vec<&[u8]> = bytes.chunks_exact(4).take(60).collect();
    // The first third makes what the others then use all at once.
    let (first, calls) = calls.split_at(calls.len() / 3);
    first.iter().copied().for_each(call);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let own: Vec<&[u8]> = calls.iter().skip(thread).step_by(THREADS).copied().collect();
            scope.spawn(move || own.into_iter().for_each(call));
        }
    });
    let given = std::mem::take(&mut *given());
    for client in given.clients {
        let status = unsafe { pj_client_close(client as *mut pj_client, 10_000) };
        assert!([Status::Ok, Status::InvalidHandle].map(Status::number).contains(&status), "close gave {status}");
    }
    given.requests.into_iter().for_each(|request| expect(unsafe { pj_request_free(request as *mut pj_request) }));
    given.bags.into_iter().for_each(|bag| expect(unsafe { pj_fields_free(bag as *mut pj_fields) }));
});

/// Every call gives a status of the table, and none of them says that the library has a defect.
#[track_caller]
fn expect(status: i32) {
    assert!(TABLE.iter().any(|row| row.number == status), "{status} is not in the table");
    assert!(status != Status::Internal.number(), "a defect: {}", words());
}

fn words() -> String {
    let mut buffer = [0_u8; 512];
    unsafe { pj_last_error(buffer.as_mut_ptr().cast(), 512, null_mut()) };
    String::from_utf8_lossy(&buffer).into_owned()
}

/// A token: mostly one that was given out for this, sometimes for something else, sometimes garbage.
fn pick<T>(choose: u8, own: impl Fn(&Given) -> &Vec<usize>) -> *mut T {
    let given = given();
    let of = |list: &Vec<usize>| if list.is_empty() { 0 } else { list[usize::from(choose >> 3) % list.len()] };
    let token = match choose & 7 {
        0 => of(&given.clients),
        1 => of(&given.requests) ^ 1 << (choose >> 3),
        2 => usize::from(choose).wrapping_mul(0x9E37_79B9_7F4A_7C15),
        3 => of(&given.bags),
        _ => of(own(&given)),
    };
    token as *mut T
}

extern "C-unwind" fn on_event(_: *const pj_event, _: *mut c_void) {}
extern "C-unwind" fn on_log(_: i32, _: *const c_char, _: *mut c_void) {}

fn text(choose: u8) -> CString {
    let texts = [
        "amount",
        "reference",
        "4711",
        "",
        "terminal",
        "11111111-1111-4111-8111-111111111111",
        "vendor",
        "payjunction",
    ];
    CString::new(texts[usize::from(choose) % texts.len()]).expect("no NUL")
}

/// A bag that makes a payment.
fn sale(choose: u8) -> *mut pj_fields {
    let mut bag = null_mut();
    let reference = CString::new(format!("r{}", choose & 3)).expect("no NUL");
    unsafe {
        expect(pj_fields_new(&mut bag));
        expect(pj_fields_set_text(bag, c"reference".as_ptr(), reference.as_ptr()));
        expect(pj_fields_set_int(bag, c"amount".as_ptr(), 1000 + i64::from(choose & 1)));
    }
    bag
}

/// A bag that opens a client.
fn account(choose: u8) -> *mut pj_fields {
    let mut bag = null_mut();
    let url = CString::new(format!("http://127.0.0.1:{}", *PORT)).expect("no NUL");
    unsafe {
        expect(pj_fields_new(&mut bag));
        for (key, value) in [
            (c"vendor", c"payjunction"),
            (c"login", c"login"),
            (c"password", c"password"),
            (c"application_key", c"key"),
            (c"merchant_terminal", c"1"),
            (c"terminal", if choose & 8 == 0 { c"t-1" } else { c"t-2" }),
            (c"journal", c"memory"),
            (c"base_url", url.as_c_str()),
        ] {
            expect(pj_fields_set_text(bag, key.as_ptr(), value.as_ptr()));
        }
    }
    bag
}

fn call(bytes: &[u8]) {
    let [what, handle, more, other] = [bytes[0], bytes[1], bytes[2], bytes[3]];
    let wait = i32::from(more & 3);
    let mut result =
        pj_result { struct_size: if other & 15 == 15 { other.into() } else { 672 }, ..unsafe { std::mem::zeroed() } };
    let mut event: pj_event = unsafe { std::mem::zeroed() };
    event.struct_size = size_of::<pj_event>() as u32;
    let mut buffer = [0_u8; 64];
    let cap = u32::from(other & 63);
    let (mut number, mut signed, mut wide) = (0_u32, 0_i32, 0_i64);
    let bag = || pick::<pj_fields>(handle, |given| &given.bags);
    let client = || pick::<pj_client>(handle, |given| &given.clients);
    let request = || pick::<pj_request>(handle, |given| &given.requests);
    let mut out: *mut pj_request = null_mut();
    let key = text(more);
    let key = key.as_ptr();
    let out_text: *mut c_char = buffer.as_mut_ptr().cast();
    let status = unsafe {
        match what % 36 {
            0 => {
                let mut fresh = null_mut();
                let status = pj_fields_new(&mut fresh);
                given().bags.push(fresh as usize);
                status
            }
            1 => pj_fields_set_text(bag(), key, text(other).as_ptr()),
            2 => pj_fields_set_int(bag(), key, i64::from(other) - 100),
            3 => pj_fields_add_text(bag(), key, text(other).as_ptr()),
            4 => pj_fields_add_item(bag(), key, pick(other, |given| &given.bags)),
            5 => pj_fields_free(bag()),
            6 | 7 => {
                let config = if other & 7 == 7 { bag() } else { account(other) };
                let mut fresh = null_mut();
                let status = pj_client_open(config, &mut fresh);
                if status == 0 {
                    given().clients.push(fresh as usize);
                }
                if other & 7 != 7 {
                    expect(pj_fields_free(config));
                }
                status
            }
            8 => pj_client_close(client(), wait),
            9 => pj_capable(client(), other.into(), &mut signed),
            10 => pj_on_event(client(), Some(on_event), null_mut(), (other & 3).into()),
            11 => pj_on_log(client(), Some(on_log), null_mut(), (other & 7).into()),
            12 => pj_dispatch(client(), wait, &mut number),
            13 => pj_next_event(client(), wait, &mut event, &mut result),
            14 => pj_wakeup_fd(client(), &mut signed),
            15..=18 => {
                let fields = sale(other);
                let status = pj_request_payment(client(), fields, &mut out);
                expect(pj_fields_free(fields));
                status
            }
            19 => pj_request_refund(client(), bag(), &mut out),
            20 => pj_void(client(), pick(other, |given| &given.bags), &mut out),
            21 => pj_fetch_transaction(client(), pick(other, |given| &given.bags), &mut out),
            22 => pj_poll(request(), &mut result),
            23 => pj_wait(request(), wait, &mut result),
            24 => pj_cancel(request()),
            25 => pj_acknowledge(request()),
            26 => pj_resolve(request(), (other & 3).into(), c"by".as_ptr(), key),
            27 => pj_request_free(request()),
            28 => pj_pending_count(client(), &mut number),
            29 => pj_pending_at(client(), other.into(), &mut out),
            30 => pj_find(client(), c"r1".as_ptr(), &mut out),
            31 => pj_get_text(request(), key, out_text, cap, &mut number),
            32 => pj_get_int(request(), key, &mut wide),
            33 => pj_get_bytes(request(), key, out_text.cast(), cap, &mut number),
            34 => pj_get_json(request(), out_text, cap, &mut number),
            _ => pj_webhook(client(), key, null(), 0),
        }
    };
    expect(status);
    if !out.is_null() {
        given().requests.push(out as usize);
    }
}
