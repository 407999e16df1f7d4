//! Telling news through callbacks: the round that pj_dispatch makes on the host's thread, and the delivery thread on ours.

use super::client::ClientCell;
use super::desk::{Current, Place, Stamps};
use super::guard::{Fault, Outcome};
use super::log::pj_log_fn;
use super::news::{pj_event, pj_event_fn};
use super::types::pj_result;
use super::{handles, result};
use crate::client::{Event, Item, Want};
use std::ffi::{CString, c_void};
use std::ptr::{null, null_mut};
use std::sync::Arc;

/// What stands on the frame of a round. Plain data: an exception that passes over it leaves nothing undropped.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Round {
    /// First, because the desk's mark looks for it at the address of the round.
    stamps: Stamps,
    /// Kept alive by the desk's mark, not by this frame.
    cell: *const ClientCell,
    up_to: u64,
    ticket: u64,
    want: Want,
    pub told: u32,
    next: Next,
    user: *mut c_void,
    event: pj_event,
    result: pj_result,
}

/// The callback that comes next.
#[derive(Clone, Copy)]
enum Next {
    None,
    Event(pj_event_fn),
    Line(pj_log_fn, i32, *const std::ffi::c_char),
}

impl Round {
    pub const fn new() -> Round {
        Round {
            stamps: Stamps::NONE,
            cell: null(),
            up_to: 0,
            ticket: 0,
            want: Want::EVENTS,
            told: 0,
            next: Next::None,
            user: null_mut(),
            event: pj_event::none(),
            result: result::EMPTY,
        }
    }

    /// Takes the desk, waits for the first news, and notes how far this round goes.
    pub fn begin(&mut self, cell: &Arc<ClientCell>, here: Place, want: Want, timeout_ms: i32) -> Outcome {
        let news = cell.client.news();
        // The host came because of the posted message, whatever becomes of this call.
        news.heard();
        let stamp = self.stamps.renew();
        cell.desk.sit(cell, here, stamp)?;
        self.cell = Arc::as_ptr(cell);
        self.want = want;
        match news.wait(want, timeout_ms) {
            Ok(_) => {
                self.up_to = news.newest();
                Ok(())
            }
            Err(error) => {
                cell.desk.leave();
                Err(error.into())
            }
        }
    }

    /// The callback returned, or there was none yet: makes the next one ready. False when the round is over.
    pub fn advance(&mut self) -> Result<bool, Fault> {
        let cell = self.cell();
        let news = cell.client.news();
        if self.ticket != 0 {
            news.told(self.ticket);
            self.ticket = 0;
            self.told += 1;
        }
        self.next = Next::None;
        cell.desk.tell(None);
        match news.take(self.want, self.up_to)? {
            Some(Item::Event(ticket, event)) => self.prepare_event(&cell, ticket, event)?,
            Some(Item::Log(level, line)) => self.prepare_line(&cell, level, line),
            None => return Ok(false),
        }
        Ok(true)
    }

    fn prepare_event(&mut self, cell: &Arc<ClientCell>, ticket: u64, event: Event) -> Outcome {
        let Some((callback, _)) = cell.desk.on_event() else { return Ok(()) };
        let handle = handles::lend(cell, &event.request)?;
        event.request.saw(&event.snapshot);
        self.ticket = ticket;
        self.result = result::image(&event.snapshot);
        self.event = pj_event::of(&event, handle);
        self.event.result = &raw const self.result;
        self.user = callback.user as *mut c_void;
        self.next = Next::Event(callback.function);
        let Event { request, snapshot, .. } = event;
        cell.desk.tell(Some(Current { request: Some(request), snapshot: Some(snapshot), handle, _line: None }));
        Ok(())
    }

    fn prepare_line(&mut self, cell: &Arc<ClientCell>, level: i32, line: String) {
        let Some(callback) = cell.desk.on_log() else { return };
        let Ok(line) = CString::new(line.replace('\0', " ")) else { return };
        self.user = callback.user as *mut c_void;
        // The text itself does not move when the CString does.
        self.next = Next::Line(callback.function, level, line.as_ptr());
        cell.desk.tell(Some(Current { request: None, snapshot: None, handle: null_mut(), _line: Some(line) }));
    }

    /// Calls the callback. It may not come back, so nothing here and in the caller may want to be dropped.
    ///
    /// # Safety
    /// After an [`advance`](Round::advance) that said so, outside every catch_unwind.
    #[inline(always)]
    pub unsafe fn tell(&self) {
        // SAFETY: the host registered these functions for this very call; what they are given outlives it.
        unsafe {
            match self.next {
                Next::Event(Some(function)) => function(&raw const self.event, self.user),
                Next::Line(Some(function), level, line) => function(level, line, self.user),
                _ => {}
            }
        }
    }

    /// Gives the desk back.
    pub fn end(&mut self) {
        let cell = self.cell();
        cell.desk.leave();
    }

    fn cell(&self) -> Arc<ClientCell> {
        // SAFETY: the pointer came from an Arc, and the desk's mark holds a count of it while the round lasts.
        unsafe {
            Arc::increment_strong_count(self.cell);
            Arc::from_raw(self.cell)
        }
    }
}
