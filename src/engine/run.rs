//! The engine's thread: a clock, channels, and nothing clever.

use super::core::{Command, Core, Effect, Input};
use crate::journal::{self, Journal};
use crate::os;
use crate::transport::{self, Call, Transport};
use crossbeam_channel::{Receiver, Sender, never, select_biased};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The handle to the engine's thread.
pub struct Engine {
    commands: Mutex<Option<Sender<Command>>>,
    /// Disconnects when the thread's work has ended. Nothing is ever sent.
    done: Receiver<()>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// Starts the thread. It ends when the handle is closed or dropped.
    pub fn start(
        core: Core,
        transport: Transport,
        from_transport: Receiver<transport::Report>,
        journal: Journal,
        from_journal: Receiver<journal::Report>,
    ) -> io::Result<Engine> {
        let (commands, inbox) = crossbeam_channel::unbounded();
        let (alive, done) = crossbeam_channel::bounded::<()>(0);
        let thread = os::spawn("engine", move || {
            let _alive = alive;
            let (news, admission, log) = (core.news.clone(), core.admission.clone(), core.log.clone());
            let running = Running { core, transport, journal };
            let life = AssertUnwindSafe(|| running.live(&inbox, &from_transport, &from_journal));
            if catch_unwind(life).is_err() {
                // A defect of ours. The facts are in the journal; whoever waits must not wait for ever.
                log.error(|| String::from("the engine broke; open the client again"));
                news.close();
                admission.live().iter().for_each(|request| request.close());
            }
        })?;
        Ok(Engine { commands: Mutex::new(Some(commands)), done, thread: Mutex::new(Some(thread)) })
    }

    /// Hands over a command. False when the engine is closed. Never waits.
    pub fn command(&self, command: Command) -> bool {
        let commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        commands.as_ref().is_some_and(|sender| sender.send(command).is_ok())
    }

    /// Ends the thread: no new work, running calls are interrupted, the journal is closed. True when it has ended.
    /// A negative time waits for ever.
    pub fn close(&self, timeout_ms: i32) -> bool {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).take();
        let ended = match u64::try_from(timeout_ms) {
            Ok(ms) => {
                let timeout = self.done.recv_timeout(Duration::from_millis(ms));
                timeout != Err(crossbeam_channel::RecvTimeoutError::Timeout)
            }
            Err(_) => self.done.recv().is_err(),
        };
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take_if(|_| ended) {
            // It has said goodbye, so this is a matter of microseconds; afterwards none of our code runs in it.
            drop(thread.join());
        }
        ended
    }
}

struct Running {
    core: Core,
    transport: Transport,
    journal: Journal,
}

impl Running {
    fn live(
        mut self,
        inbox: &Receiver<Command>,
        from_transport: &Receiver<transport::Report>,
        from_journal: &Receiver<journal::Report>,
    ) {
        loop {
            os::defect("engine");
            let (effects, wake) = self.core.turn(os::elapsed_ms(), os::wall_ms());
            self.carry_out(effects);
            let alarm = wake.map_or_else(never, |at| {
                let wait = at.saturating_sub(os::elapsed_ms());
                crossbeam_channel::at(Instant::now() + Duration::from_millis(wait))
            });
            let input = select_biased! {
                recv(from_journal) -> report => report.ok().map(Input::Journal),
                recv(from_transport) -> report => report.ok().map(Input::Transport),
                recv(inbox) -> command => match command {
                    Ok(command) => Some(Input::Command(command)),
                    Err(_) => break,
                },
                recv(alarm) -> _ => None,
            };
            self.take_in(input, inbox, from_transport, from_journal);
        }
        self.end(from_transport, from_journal);
    }

    /// Everything that has arrived is taken in before the next turn, so that one commit covers it.
    fn take_in(
        &mut self,
        first: Option<Input>,
        inbox: &Receiver<Command>,
        from_transport: &Receiver<transport::Report>,
        from_journal: &Receiver<journal::Report>,
    ) {
        let now = os::elapsed_ms();
        let wall = os::wall_ms();
        let queued = from_journal
            .try_iter()
            .map(Input::Journal)
            .chain(from_transport.try_iter().map(Input::Transport))
            .chain(inbox.try_iter().map(Input::Command));
        for input in first.into_iter().chain(queued) {
            self.core.input(now, wall, input);
        }
    }

    fn carry_out(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Append(batch) => self.journal.append(batch),
                Effect::Load(payment) => self.journal.load(payment),
                Effect::Leaf(leaf) => self.journal.leaf(leaf),
                Effect::Send { call, request } => self.transport.start(Call { id: call, request }),
            }
        }
    }

    /// Interrupts what runs and writes down what is known of it; then the journal closes.
    fn end(mut self, from_transport: &Receiver<transport::Report>, from_journal: &Receiver<journal::Report>) {
        self.transport.close();
        let (now, wall) = (os::elapsed_ms(), os::wall_ms());
        let last = from_transport.try_iter().map(Input::Transport).chain(from_journal.try_iter().map(Input::Journal));
        for input in last {
            self.core.input(now, wall, input);
        }
        // The last batch must not be overtaken: its facts come before those that are written now.
        while self.core.awaits_journal() {
            let Ok(report) = from_journal.recv() else { break };
            self.core.input(now, wall, Input::Journal(report));
        }
        for effect in self.core.last_words() {
            if let Effect::Append(batch) = effect {
                self.journal.append(batch);
            }
        }
        self.journal.close();
    }
}
