//! Runs one command of a test: words, variables, redirections into files, limits of time and memory.

use std::fs::{File, OpenOptions};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::environment::Environment;

/// Writable memory of a compiler: one that runs away must not take the machine with it.
const COMPILER_BYTES: u64 = 8 << 30;
/// That of a program, whose many domains reserve more than they use.
const PROGRAM_BYTES: u64 = 64 << 30;

/// A command of a test.
pub struct Invocation<'a> {
    pub words: Vec<String>,
    pub env: &'a Environment,
    /// Variables for this command alone, where the test sets none of the name.
    pub extra_env: &'a [(&'a str, &'a str)],
    pub cwd: &'a Path,
    /// File names, relative to `cwd`; empty for none.
    pub stdin: String,
    pub stdout: String,
    pub stderr: String,
    /// Output is added to the files.
    pub append: bool,
    pub limit: Duration,
    /// A compiler, not a program of a test.
    pub is_compiler: bool,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Exited(i32),
    Signalled(i32),
    OutOfTime,
}

impl Ended {
    /// The exit status as upstream's harness counts it: a signal is a negative number.
    pub fn status(self) -> Option<i32> {
        match self {
            Ended::Exited(code) => Some(code),
            Ended::Signalled(signal) => Some(-signal),
            Ended::OutOfTime => None,
        }
    }

    pub fn words(self) -> String {
        match self {
            Ended::Exited(code) => format!("exit code {code}"),
            Ended::Signalled(signal) => format!("signal {signal}"),
            Ended::OutOfTime => "out of time".to_string(),
        }
    }
}

pub fn run(invocation: &Invocation) -> Result<Ended, String> {
    let (program, args) = invocation.words.split_first().ok_or("an empty command")?;
    let mut command = Command::new(program);
    command.args(args).current_dir(invocation.cwd).env_clear();
    for variable in ["PATH", "HOME", "TMPDIR"] {
        if let Some(value) = std::env::var_os(variable) {
            command.env(variable, value);
        }
    }
    command.env("LC_ALL", "C").env("TZ", "UTC");
    command.envs(invocation.extra_env.iter().copied());
    for (name, value) in invocation.env.exported() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    redirect(&mut command, invocation)?;
    command.process_group(0);
    let bytes = if invocation.is_compiler { COMPILER_BYTES } else { PROGRAM_BYTES };
    // SAFETY: only a system call that is safe between fork and exec.
    unsafe { command.pre_exec(move || limit_memory(bytes)) };
    let mut child = command.spawn().map_err(|error| format!("cannot run {program}: {error}"))?;
    let status = wait(&mut child, invocation.limit).map_err(|error| format!("cannot wait for {program}: {error}"))?;
    Ok(match status {
        None => Ended::OutOfTime,
        Some(status) => match status.code() {
            Some(code) => Ended::Exited(code),
            None => Ended::Signalled(status.signal().unwrap_or(0)),
        },
    })
}

fn redirect(command: &mut Command, invocation: &Invocation) -> Result<(), String> {
    let path = |name: &str| -> PathBuf { invocation.cwd.join(name) };
    let open = |name: &str| -> Result<Stdio, String> {
        if name.is_empty() {
            return Ok(Stdio::null());
        }
        let mut options = OpenOptions::new();
        options.create(true).write(true);
        if invocation.append {
            options.append(true)
        } else {
            options.truncate(true)
        };
        options.open(path(name)).map(Stdio::from).map_err(|error| format!("{name}: {error}"))
    };
    command.stdin(match invocation.stdin.as_str() {
        "" => Stdio::null(),
        name => File::open(path(name)).map(Stdio::from).map_err(|error| format!("{name}: {error}"))?,
    });
    if !invocation.stdout.is_empty() && invocation.stdout == invocation.stderr {
        // One open file: what the two streams write follows one another.
        let mut options = OpenOptions::new();
        options.create(true).write(true);
        if invocation.append {
            options.append(true)
        } else {
            options.truncate(true)
        };
        let explain = |error: std::io::Error| format!("{}: {error}", invocation.stdout);
        let file = options.open(path(&invocation.stdout)).map_err(explain)?;
        command.stderr(file.try_clone().map_err(explain)?).stdout(file);
        return Ok(());
    }
    command.stdout(open(&invocation.stdout)?).stderr(open(&invocation.stderr)?);
    Ok(())
}

fn limit_memory(bytes: u64) -> std::io::Result<()> {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: the structure lives through the call.
    match unsafe { libc::setrlimit(libc::RLIMIT_DATA, &limit) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

/// Waits for the child; after the limit its whole process group is killed.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > limit {
            // SAFETY: the group is the child's own, made when it started.
            unsafe { libc::kill(-(child.id() as libc::pid_t), libc::SIGKILL) };
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}
