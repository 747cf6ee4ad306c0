//! Runs a program and asks the kernel what it used.

use std::process::Command;
use std::time::{Duration, Instant};

/// What one process used, its finished children included.
pub struct Usage {
    pub success: bool,
    pub wall: Duration,
    /// User and system time.
    pub cpu: Duration,
    /// Peak resident memory.
    pub memory_kb: u64,
}

/// Runs `command` to its end.
pub fn run(command: &mut Command) -> std::io::Result<Usage> {
    let start = Instant::now();
    let child = command.spawn()?;
    let mut status = 0;
    // SAFETY: `rusage` is plain data, for which zero is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the process is our own child, not waited for elsewhere, and both pointers are to live variables.
    let waited = unsafe { libc::wait4(child.id() as libc::pid_t, &mut status, 0, &mut usage) };
    if waited < 0 {
        return Err(std::io::Error::last_os_error());
    }
    let seconds = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    Ok(Usage {
        success: libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0,
        wall: start.elapsed(),
        cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime),
        memory_kb: usage.ru_maxrss as u64,
    })
}
