//! A message to a window of the host: how a Windows program learns of news in its own message loop.

/// Posts a message, at most one at a time.
pub struct WindowBell {
    #[cfg(windows)]
    window: usize,
    #[cfg(windows)]
    message: u32,
    outstanding: bool,
}

#[cfg(windows)]
impl WindowBell {
    pub fn new(window: *mut std::ffi::c_void, message: u32) -> Option<WindowBell> {
        Some(WindowBell { window: window as usize, message, outstanding: false })
    }

    /// Posts, unless a message is under way. A post that failed (queue full, window gone) is tried again next time.
    pub fn ring(&mut self) {
        use windows_sys::Win32::UI::WindowsAndMessaging::PostMessageW;
        if !self.outstanding {
            // SAFETY: a window handle is a number to the system; one that is gone makes the call fail, no more.
            self.outstanding = unsafe { PostMessageW(self.window as _, self.message, 0, 0) } != 0;
        }
    }
}

#[cfg(not(windows))]
impl WindowBell {
    pub fn new(_window: *mut std::ffi::c_void, _message: u32) -> Option<WindowBell> {
        None
    }

    pub fn ring(&mut self) {
        self.outstanding = true;
    }
}

impl WindowBell {
    /// The host came: its message is used up.
    pub fn heard(&mut self) {
        self.outstanding = false;
    }
}
