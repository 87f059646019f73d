//! Registers sqlite-vec with the SQLite inside this program. The one place for `unsafe`.
#![expect(
    unsafe_code,
    reason = "SQLite takes an extension's entry point as a C function pointer"
)]

use std::sync::Once;

static REGISTERED: Once = Once::new();

/// Every connection opened afterwards knows the vector functions. Calling it again changes nothing.
pub(super) fn register() {
    type EntryPoint = unsafe extern "C" fn(
        *mut rusqlite::ffi::sqlite3,
        *mut *mut std::os::raw::c_char,
        *const rusqlite::ffi::sqlite3_api_routines,
    ) -> std::os::raw::c_int;
    REGISTERED.call_once(|| {
        // SAFETY: sqlite3_vec_init is linked statically and has SQLite's documented entry point signature; the crate
        // declares it without arguments, which the cast puts right.
        unsafe {
            let entry = std::mem::transmute::<*const (), EntryPoint>(sqlite_vec::sqlite3_vec_init as *const ());
            rusqlite::ffi::sqlite3_auto_extension(Some(entry));
        }
    });
}
