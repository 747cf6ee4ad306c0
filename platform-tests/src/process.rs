//! Runs a program with a time limit and keeps what it printed.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a finished program left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// The exit code, or what happened instead, in words.
    pub exit: Result<i32, String>,
}

/// Runs `command`; its output goes through files beside `scratch`, so that no pipe can fill up.
pub fn run(command: &mut Command, scratch: &Path, limit: Duration) -> std::io::Result<Finished> {
    let (out, err) = (scratch.with_extension("stdout"), scratch.with_extension("stderr"));
    command.stdin(Stdio::null()).stdout(File::create(&out)?).stderr(File::create(&err)?);
    let mut child = command.spawn()?;
    let start = Instant::now();
    let mut pause = Duration::from_micros(500);
    let exit = loop {
        if let Some(status) = child.try_wait()? {
            break status.code().ok_or_else(|| status.to_string());
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            break Err(format!("no end after {} s", limit.as_secs()));
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    };
    let finished = Finished { stdout: read(&out)?, stderr: read(&err)?, exit };
    std::fs::remove_file(out)?;
    std::fs::remove_file(err)?;
    Ok(finished)
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
