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
        if current::is_too_late() {
            return Err(Error::Timeout(ureq::Timeout::Global));
        }
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

#[cfg(test)]
mod tests {
    use super::super::current::{Current, InHand, Interruption, ask};
    use super::*;
    use std::cell::Cell;
    use ureq::unversioned::transport::LazyBuffers;

    /// A connection that fails in every way.
    #[derive(Debug)]
    struct Broken(LazyBuffers, ErrorKind);

    impl Transport for Broken {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.0
        }
        fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), Error> {
            Err(Error::Io(self.1.into()))
        }
        fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
            Err(Error::Io(self.1.into()))
        }
        fn is_open(&mut self) -> bool {
            false
        }
    }

    fn counter(kind: ErrorKind) -> Counter<Broken> {
        Counter { inner: Broken(LazyBuffers::new(1, 1), kind) }
    }

    fn hand(deadline_ms: u64) -> (InHand, Interruption) {
        let interruption = Interruption::default();
        let call = Current {
            id: 1,
            submit: false,
            deadline_ms,
            leave_by_ms: u64::MAX,
            interruption: interruption.clone(),
            begun_at: 0,
            reports: crossbeam_channel::unbounded().0,
            sent: Cell::new(0),
            phase: Cell::new(Phase::Tls),
        };
        (InHand::take_up(call), interruption)
    }

    #[test]
    fn bytes_count_before_they_move() {
        let _hand = hand(u64::MAX);
        counter(ErrorKind::BrokenPipe).transmit_output(5, NextTimeout::default()).unwrap_err();
        assert_eq!(ask(0, |call| call.sent.get()), 5);
    }

    #[test]
    fn nothing_counts_when_the_call_is_over() {
        let (_hand, interruption) = hand(u64::MAX);
        interruption.raise();
        counter(ErrorKind::BrokenPipe).transmit_output(5, NextTimeout::default()).unwrap_err();
        assert_eq!(ask(0, |call| call.sent.get()), 0);
        let _hand = hand(0);
        counter(ErrorKind::BrokenPipe).transmit_output(5, NextTimeout::default()).unwrap_err();
        assert_eq!(ask(0, |call| call.sent.get()), 0);
    }

    #[test]
    fn no_failure_has_a_kind_that_ends_a_body_or_is_tried_again() {
        use ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, Other, UnexpectedEof};
        let _hand = hand(u64::MAX);
        for kind in [ConnectionAborted, ConnectionReset, Interrupted, UnexpectedEof] {
            let error = counter(kind).await_input(NextTimeout::default()).unwrap_err();
            assert!(matches!(error, Error::Io(e) if e.kind() == Other));
        }
    }
}
