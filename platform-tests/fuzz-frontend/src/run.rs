//! One program in a process of its own, with limits: whatever becomes of it, the next one starts afresh.

use crate::machine::MACHINE;
use std::io::Read;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;

/// A program to run.
pub struct Program {
    pub text: Vec<u8>,
    pub is_interface: bool,
    pub flags: Vec<String>,
}

/// What a run may use.
pub struct Limits {
    pub cpu_seconds: u64,
    pub memory_mb: u64,
}

/// How a run ended.
pub enum Verdict {
    /// With an exit code of the compiler.
    Ended(i32),
    /// With a panic, whose place is named.
    Panicked(String),
    /// By a signal.
    Killed(i32),
    TooSlow,
    TooMuchMemory,
}

/// A run, and what it printed as an error.
pub struct Outcome {
    pub verdict: Verdict,
    pub text: String,
    pub cpu_seconds: f64,
    pub memory_mb: u64,
}

impl Verdict {
    /// A name for what is wrong, the same for the same cause.
    pub fn finding(&self) -> Option<String> {
        match self {
            Verdict::Ended(0..=2) => None,
            Verdict::Ended(code) => Some(format!("exit code {code}")),
            Verdict::Panicked(place) => Some(place.clone()),
            Verdict::Killed(signal) => Some(format!("signal {signal}")),
            Verdict::TooSlow => Some("too slow".to_owned()),
            Verdict::TooMuchMemory => Some("too much memory".to_owned()),
        }
    }
}

/// Exit code of the compiler for a bug of its own.
const INTERNAL_ERROR: i32 = 70;
/// The compiler reserves this for its stack, most of which it never uses.
const STACK_MB: u64 = 4 << 10;

/// Runs the front end, to Lambda.
pub fn run(program: &Program, toolchain: &Path, limits: &Limits) -> Outcome {
    let mut args = vec!["-c".to_owned(), "-stop-after".to_owned(), "lambda".to_owned()];
    args.extend(program.flags.iter().cloned());
    run_with(program, args, toolchain, limits)
}

/// Runs the whole compiler.
pub fn run_whole(program: &Program, toolchain: &Path, limits: &Limits) -> Outcome {
    run_with(program, program.flags.clone(), toolchain, limits)
}

fn run_with(program: &Program, mut args: Vec<String>, toolchain: &Path, limits: &Limits) -> Outcome {
    let name = if program.is_interface { "program.mli" } else { "program.ml" };
    args.push(name.to_owned());
    let (read, write) = pipe();
    // SAFETY: this process has one thread, so the child may do anything.
    let child = unsafe { libc::fork() };
    if child == 0 {
        drop(read);
        limit(limits);
        // SAFETY: both are open; messages of the system and of Rust go where ours go.
        unsafe { libc::dup2(write.as_raw_fd(), 2) };
        MACHINE.set(name, program.text.clone(), toolchain.join("bin/rocamlopt"));
        let code = rocaml_driver::run("rocamlopt", &args, &MACHINE);
        eprint!("{}", MACHINE.printed());
        // SAFETY: ends the process, and nothing of the parent's is undone by the child.
        unsafe { libc::_exit(code) };
    }
    drop(write);
    let mut text = Vec::new();
    // What cannot be read is missing from the report, no more.
    let _ = std::fs::File::from(read).read_to_end(&mut text);
    let (status, cpu_seconds, memory_mb) = wait(child);
    let text = String::from_utf8_lossy(&text).into_owned();
    let verdict = verdict(status, &text, memory_mb > limits.memory_mb);
    Outcome { verdict, text, cpu_seconds, memory_mb }
}

fn pipe() -> (OwnedFd, OwnedFd) {
    let mut ends = [0; 2];
    // SAFETY: the array has room for the two numbers.
    let made = unsafe { libc::pipe(ends.as_mut_ptr()) };
    assert!(made == 0, "the system has pipes");
    // SAFETY: both are open and ours alone.
    unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) }
}

fn limit(limits: &Limits) {
    let bound = |resource, value: u64| {
        let limit = libc::rlimit { rlim_cur: value, rlim_max: value };
        // SAFETY: the structure is read only.
        unsafe { libc::setrlimit(resource, &limit) };
    };
    bound(libc::RLIMIT_CPU, limits.cpu_seconds);
    bound(libc::RLIMIT_AS, (STACK_MB + 2 * limits.memory_mb) << 20);
    bound(libc::RLIMIT_CORE, 0);
    // A program that only waits would never use up its processor time.
    // SAFETY: no handler is involved: the signal ends the process.
    unsafe { libc::alarm((limits.cpu_seconds * 60) as u32) };
}

/// Waits for a child: status, seconds of processor time, peak memory.
fn wait(child: libc::pid_t) -> (i32, f64, u64) {
    let mut status = 0;
    // SAFETY: `rusage` is plain data, for which zero is a value; the pointers are to live variables.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::wait4(child, &mut status, 0, &mut usage);
        usage
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    (status, seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss as u64 / 1024)
}

fn verdict(status: i32, text: &str, is_big: bool) -> Verdict {
    if libc::WIFSIGNALED(status) {
        return match libc::WTERMSIG(status) {
            libc::SIGXCPU | libc::SIGKILL | libc::SIGALRM => Verdict::TooSlow,
            libc::SIGABRT if text.contains("memory allocation") => Verdict::TooMuchMemory,
            signal => Verdict::Killed(signal),
        };
    }
    match libc::WEXITSTATUS(status) {
        INTERNAL_ERROR => Verdict::Panicked(panic_place(text)),
        _ if is_big => Verdict::TooMuchMemory,
        code => Verdict::Ended(code),
    }
}

/// The place and first words of a panic.
fn panic_place(text: &str) -> String {
    let mut lines = text.lines().skip_while(|line| !line.contains("internal error"));
    let place = lines.next().and_then(|line| line.split("internal error: ").nth(1)).unwrap_or("a panic");
    let message: String = lines.next().unwrap_or_default().chars().take(100).collect();
    format!("{place} {message}")
}

/// A process that does `work` and ends with its result as its exit code.
pub fn spawn(work: impl FnOnce() -> usize) -> std::io::Result<libc::pid_t> {
    // SAFETY: this process has one thread, so the child may do anything.
    match unsafe { libc::fork() } {
        -1 => Err(std::io::Error::last_os_error()),
        0 => std::process::exit(work().min(100) as i32),
        child => Ok(child),
    }
}

/// The result of such a process; its death counts as one finding.
pub fn join(child: libc::pid_t) -> usize {
    let (status, ..) = wait(child);
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) as usize } else { 1 }
}
