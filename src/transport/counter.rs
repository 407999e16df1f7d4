//! The layer above TLS that counts what is handed down: zero is the proof that nothing of a request left.
//!
//! ureq's errors cannot tell a time-out in the handshake from one after the request.

use std::io::{self, ErrorKind};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport};

use super::current::{self, Limit, Phase};

/// Wraps the finished connection to the vendor.
#[derive(Debug)]
pub struct CounterConnector {
    /// Whether the agent has a proxy.
    pub proxied: bool,
}

impl<In: Transport> Connector<In> for CounterConnector {
    type Out = Either<In, Counter<In>>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        // ureq runs the whole chain a second time, with a configuration without proxy, for the leg to the proxy. What
        // is written there is not the request: counted, a refusal by the proxy would look like a request that left.
        let leg_to_proxy = details.config.proxy().is_some() != self.proxied;
        Ok(chained.map(|inner| if leg_to_proxy { Either::A(inner) } else { Either::B(Counter { inner }) }))
    }
}

/// A connection to the vendor that counts.
#[derive(Debug)]
pub struct Counter<In> {
    inner: In,
}

impl<In: Transport> Transport for Counter<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        current::enter(Phase::Exchange);
        // A call that is over anyway must not begin to leave.
        Limit::of(timeout).left()?;
        current::note_sent(amount);
        self.inner.transmit_output(amount, timeout).map_err(keep_failing)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        current::enter(Phase::Exchange);
        self.inner.await_input(timeout).map_err(keep_failing)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// Takes its kind from the error of a broken connection. ureq ends a body of unknown length as whole on these kinds, so
/// that a cut answer would look like an answer; TLS without its closing alert is such a cut.
fn keep_failing(error: Error) -> Error {
    match error {
        Error::Io(e)
            if matches!(
                e.kind(),
                ErrorKind::UnexpectedEof
                    | ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::Interrupted
            ) =>
        {
            Error::Io(io::Error::other(e.to_string()))
        }
        other => other,
    }
}
