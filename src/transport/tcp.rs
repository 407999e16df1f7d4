//! The layer below TLS: a socket that is read and written in slices, under the call's deadline and interruption.
//!
//! ureq's own cannot be interrupted on Windows, where shutting a socket down does not wake a blocked read, and computes
//! with floating point, which our threads avoid.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};

use super::current::{self, Limit, Phase};
use super::dial::Dialer;
use super::lookup::Lookups;
use super::tuning::Tuning;
use crate::os::elapsed_ms;

/// Milliseconds between two tries to write into a full socket.
const FULL_MS: u64 = 5;

/// Opens the connection to the vendor or to the proxy.
pub struct TcpConnector {
    pub proxied: bool,
    pub dialer: Dialer,
    pub lookups: Arc<Lookups>,
    pub tuning: Tuning,
}

impl<In: Transport> Connector<In> for TcpConnector {
    type Out = Either<In, Tcp>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        if let Some(tunnel) = chained {
            // The proxy has opened a tunnel; what follows is the handshake with the vendor.
            current::enter(Phase::Tls);
            return Ok(Some(Either::A(tunnel)));
        }
        let (dialing, connected) =
            if self.proxied { (Phase::Proxy, Phase::Proxy) } else { (Phase::Connect, Phase::Tls) };
        current::enter(dialing);
        let stream = self.dialer.dial(&details.addrs, Limit::of(details.timeout)).inspect_err(|_| {
            // The host may have moved: look its name up again before the answer is old.
            self.lookups.doubt(details.uri.host().unwrap_or_default());
        })?;
        stream.set_nodelay(true)?;
        current::enter(connected);
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(Tcp::new(stream, buffers, &self.tuning))))
    }
}

impl fmt::Debug for TcpConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TcpConnector")
    }
}

/// One socket.
pub struct Tcp {
    stream: TcpStream,
    buffers: LazyBuffers,
    slice_ms: u64,
    /// The read time-out that the socket has now; zero before it has one.
    read_timeout_ms: u64,
    /// When bytes last moved, on the clock that counts sleep: a machine that slept must not trust its connections.
    used_at_ms: u64,
    submit_idle_ms: u64,
    idle_ms: u64,
}

impl Tcp {
    fn new(stream: TcpStream, buffers: LazyBuffers, tuning: &Tuning) -> Tcp {
        Tcp {
            stream,
            buffers,
            slice_ms: tuning.slice_ms,
            read_timeout_ms: 0,
            used_at_ms: elapsed_ms(),
            submit_idle_ms: tuning.submit_idle_ms,
            idle_ms: tuning.idle_ms,
        }
    }

    /// Waits for input in slices. Nothing is consumed, so a slice that ends at the very moment bytes arrive loses none;
    /// Windows does not promise that of a read.
    fn await_bytes(&mut self, limit: Limit) -> Result<(), Error> {
        loop {
            let slice_ms = limit.left()?.min(self.slice_ms);
            if slice_ms != self.read_timeout_ms {
                self.stream.set_read_timeout(Some(Duration::from_millis(slice_ms)))?;
                self.read_timeout_ms = slice_ms;
            }
            match self.stream.peek(&mut [0]) {
                Ok(_) => return Ok(()),
                Err(e) if is_passing(&e) || is_slice_end(&e) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }

    fn write_all(&mut self, amount: usize, limit: Limit) -> Result<(), Error> {
        let mut done = 0;
        while done < amount {
            let left_ms = limit.left()?;
            match self.stream.write(&self.buffers.output()[done..amount]) {
                Ok(0) => return Err(io::Error::from(ErrorKind::WriteZero).into()),
                Ok(written) => done += written,
                Err(e) if is_passing(&e) => sleep(Duration::from_millis(left_ms.min(FULL_MS))),
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }

    /// Looks whether the other side has closed. Bytes that nobody asked for count as closed.
    fn is_silent(&self) -> io::Result<bool> {
        self.stream.set_nonblocking(true)?;
        let looked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false)?;
        Ok(matches!(looked, Err(e) if e.kind() == ErrorKind::WouldBlock))
    }
}

/// True for the errors that only mean "not yet".
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// True for the end of a slice on Windows. Elsewhere this error is the end of the connection, told only once: passed
/// over, the read that follows would find a proper close.
fn is_slice_end(error: &io::Error) -> bool {
    cfg!(windows) && error.kind() == ErrorKind::TimedOut
}

impl Transport for Tcp {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        // Non-blocking for the time of the write: a blocking one that times out does not say on Windows how much it sent.
        self.stream.set_nonblocking(true)?;
        let written = self.write_all(amount, Limit::of(timeout));
        self.stream.set_nonblocking(false)?;
        self.used_at_ms = elapsed_ms();
        written
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let limit = Limit::of(timeout);
        loop {
            self.await_bytes(limit)?;
            let room = self.buffers.input_append_buf();
            if room.is_empty() {
                // Zero bytes read would look like the end.
                return Err(io::Error::other("the answer does not fit").into());
            }
            match self.stream.read(room) {
                Ok(amount) => {
                    self.buffers.input_appended(amount);
                    self.used_at_ms = elapsed_ms();
                    // An end of input that comes together with an interruption is no whole answer.
                    current::go_on()?;
                    return Ok(amount > 0);
                }
                Err(e) if is_passing(&e) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }

    fn is_open(&mut self) -> bool {
        let most_ms = if current::is_submit() { self.submit_idle_ms } else { self.idle_ms };
        elapsed_ms().saturating_sub(self.used_at_ms) <= most_ms && self.is_silent().unwrap_or(false)
    }
}

impl fmt::Debug for Tcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tcp")
    }
}
