//! Staying loaded. A library with threads and thread-local storage cannot be unloaded soundly.

/// Makes unloading a no-op. On Linux the linker's `-z nodelete` has said so already.
#[cfg(windows)]
pub fn pin_library() {
    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
    };
    let mut module = std::ptr::null_mut();
    let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
    // SAFETY: with FROM_ADDRESS the second argument is any address inside the module, here of this function.
    unsafe { GetModuleHandleExW(flags, pin_library as *const () as *const u16, &mut module) };
}

#[cfg(not(windows))]
pub fn pin_library() {}
