//! Reaching one of several addresses, on disposable threads because nothing can interrupt a TCP connect.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crossbeam_channel::{Sender, unbounded};
use ureq::Error;

use super::current::{self, Limit};
use super::tuning::Tuning;
use crate::os::{elapsed_ms, spawn};

/// Opens TCP connections.
pub struct Dialer {
    outstanding: Arc<AtomicUsize>,
    most: usize,
    slice_ms: u64,
    stagger_ms: u64,
}

impl Dialer {
    /// `calls` is the number of calls that may dial at the same time.
    pub fn new(calls: usize, tuning: &Tuning) -> Dialer {
        Dialer {
            outstanding: Arc::default(),
            // Room for two families each, and for attempts of interrupted calls that have not ended yet.
            most: calls.saturating_mul(4).max(8),
            slice_ms: tuning.slice_ms,
            stagger_ms: tuning.stagger_ms,
        }
    }

    /// The connection that comes about first. The next address is tried as soon as one fails or keeps us waiting, so
    /// that a network without IPv6 costs a moment and not the whole time. Waits until the limit, in slices.
    pub fn dial(&self, addresses: &[SocketAddr], limit: Limit) -> Result<TcpStream, Error> {
        let (tell, told) = unbounded();
        let mut waiting = alternate(addresses).into_iter().peekable();
        let mut flying = 0_usize;
        let mut next_at_ms = 0;
        let mut failure = io::Error::other("no address to connect to");
        loop {
            let left_ms = limit.left()?;
            let now_ms = elapsed_ms();
            if (flying == 0 || now_ms >= next_at_ms)
                && let Some(address) = waiting.next()
            {
                match self.attempt(address, left_ms, tell.clone()) {
                    Ok(()) => (flying, next_at_ms) = (flying + 1, now_ms + self.stagger_ms),
                    Err(e) => failure = e,
                }
                continue;
            }
            if flying == 0 {
                return Err(failure.into());
            }
            let until_next_ms =
                if waiting.peek().is_some() { next_at_ms.saturating_sub(now_ms).max(1) } else { u64::MAX };
            let nap = Duration::from_millis(self.slice_ms.min(left_ms).min(until_next_ms));
            match told.recv_timeout(nap) {
                Ok(Ok(stream)) => return current::go_on().map(|()| stream),
                Ok(Err(e)) => (flying, next_at_ms, failure) = (flying - 1, 0, e),
                Err(_) => {}
            }
        }
    }

    /// Tries one address on a thread of its own, which nobody waits for.
    fn attempt(&self, to: SocketAddr, within_ms: u64, tell: Sender<io::Result<TcpStream>>) -> io::Result<()> {
        let Some(seat) = Seat::take(&self.outstanding, self.most) else {
            return Err(io::Error::other("too many connection attempts have not ended yet"));
        };
        spawn("connect", move || {
            let result = TcpStream::connect_timeout(&to, Duration::from_millis(within_ms));
            // The seat is free before the news goes out: who hears of a failure may try again at once.
            drop(seat);
            // A caller that has gone on drops the connection.
            let _ = tell.send(result);
        })
        .map(drop)
    }
}

/// The first family of the system's order first, then turn about.
fn alternate(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (ours, others): (Vec<_>, Vec<_>) = addresses.iter().partition(|a| a.is_ipv6() == first_is_v6);
    let mut others = others.into_iter();
    let mut order = Vec::with_capacity(addresses.len());
    for address in ours {
        order.push(address);
        order.extend(others.next());
    }
    order.extend(others);
    order
}

/// One of a limited number of threads. Given back when dropped.
pub struct Seat(Arc<AtomicUsize>);

impl Seat {
    pub fn take(taken: &Arc<AtomicUsize>, most: usize) -> Option<Seat> {
        taken
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| (n < most).then_some(n + 1))
            .ok()
            .map(|_| Seat(taken.clone()))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let (a6, b6, c6) = (address("[::1]:1"), address("[::2]:1"), address("[::3]:1"));
        let (a4, b4) = (address("1.0.0.1:1"), address("1.0.0.2:1"));
        assert_eq!(alternate(&[a6, b6, c6, a4, b4]), [a6, a4, b6, b4, c6]);
        assert_eq!(alternate(&[a4, b4, a6]), [a4, a6, b4]);
        assert_eq!(alternate(&[]), []);
    }
}
