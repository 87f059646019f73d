//! Memory that was freed and that the allocator still keeps.

/// Gives free pages of the heap back to the system. Making the indexes of a large shop needs much more than they take afterwards,
/// in several threads, and glibc keeps what each of them freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the allocator has no safe interface")]
pub(super) fn give_back() {
    // SAFETY: it may be called at any time from any thread, and touches no memory that is in use.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other allocators give it back by themselves, or know no way to.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back() {}
