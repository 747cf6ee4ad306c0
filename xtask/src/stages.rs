//! Progress of a long command: one line per stage (which of how many, what, how long), and a table at the end.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The stages of one command. Lines go to standard error, so that standard output stays the command's own.
pub struct Stages {
    total: usize,
    done: Vec<Row>,
    started: Instant,
}

struct Row {
    name: String,
    note: String,
    time: Duration,
    passed: bool,
}

impl Stages {
    pub fn new(total: usize) -> Stages {
        Stages { total, done: Vec::new(), started: Instant::now() }
    }

    /// Runs one stage; its result is a note for the table.
    pub fn run<E: std::fmt::Display>(
        &mut self,
        name: &str,
        stage: impl FnOnce() -> Result<String, E>,
    ) -> Result<(), String> {
        eprintln!("[{}/{}] {name}", self.done.len() + 1, self.total);
        let start = Instant::now();
        let result = stage();
        clear_line();
        let time = start.elapsed();
        let (note, passed) = match &result {
            Ok(note) => (note.clone(), true),
            Err(_) => ("failed".to_string(), false),
        };
        eprintln!("      {:.1} s  {note}", time.as_secs_f64());
        self.done.push(Row { name: name.to_string(), note, time, passed });
        result.map(|_| ()).map_err(|error| format!("{name}: {error}"))
    }

    /// The summary table, printed once, at the end or after a failure.
    pub fn summary(&self) {
        let width = self.done.iter().map(|row| row.name.len()).max().unwrap_or(0);
        eprintln!();
        for row in &self.done {
            let mark = if row.passed { "ok    " } else { "FAILED" };
            eprintln!("{mark} {:width$} {:>7.1} s  {}", row.name, row.time.as_secs_f64(), row.note);
        }
        if self.done.len() < self.total {
            eprintln!("       {} of {} stages were not reached", self.total - self.done.len(), self.total);
        }
        eprintln!("       {:width$} {:>7.1} s", "total", self.started.elapsed().as_secs_f64());
    }
}

/// A line within a stage, overwritten by the next; on a pipe, one line every ten seconds.
pub fn detail(what: &str, done: usize, total: usize) {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let is_terminal = std::io::stderr().is_terminal();
    let pause = Duration::from_millis(if is_terminal { 100 } else { 10_000 });
    let mut last = LAST.lock().expect("no thread panics here");
    if last.is_some_and(|last| last.elapsed() < pause) {
        return;
    }
    *last = Some(Instant::now());
    if is_terminal {
        eprint!("\r\x1b[K      {what}: {done} of {total}");
        _ = std::io::stderr().flush();
    } else {
        eprintln!("      {what}: {done} of {total}");
    }
}

fn clear_line() {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
}
