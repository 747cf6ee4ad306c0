//! Tests of the command line: sessions with `rocamlopt`, kept as what was typed and what came back.
//!
//! A `.session` file is read from top to bottom in a new folder, with the toolchain's `bin` first in `PATH`:
//!
//! ```text
//! # A remark. `needs: gcc` leaves the session out where that program is not there.
//! file hello.ml
//! | let () = print_endline "hello"
//! $ rocamlopt hello.ml -o hello && ./hello
//! > hello
//! $ rocamlopt -c missing.ml
//! ! File "missing.ml", line 1:
//! ! Error: I/O error: missing.ml: No such file or directory
//! = 2
//! ```
//! `|` is a line of a file, `$` a command for the shell, `>` its standard output, `!` its standard error, `=` its exit
//! code where that is not 0. Folders appear as `$PREFIX` (the toolchain) and `$HERE`, process numbers in names as `PID`.
//! Running a session gives the whole file again: a test compares, `cargo xtask bless` writes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process::{self, Finished};
use crate::suite::Outcome;

const EXTENSION: &str = "session";
/// Seconds for one command.
const LIMIT_SECONDS: u64 = 60;

/// One session.
pub struct Session {
    pub name: String,
    pub path: PathBuf,
    text: String,
}

/// Where sessions run.
pub struct Place {
    /// The installed tree.
    pub prefix: PathBuf,
    pub scratch: PathBuf,
}

/// The sessions of a folder whose name contains `filter`.
pub fn find(folder: &Path, filter: Option<&str>) -> Result<Vec<Session>, String> {
    let files = sysroots::tools::walk(folder).map_err(|error| error.to_string())?;
    let mut sessions = Vec::new();
    for path in files.into_iter().filter(|file| file.extension().is_some_and(|e| e == EXTENSION)) {
        let name = format!("cli/{}", path.file_stem().unwrap_or_default().to_string_lossy());
        if filter.is_none_or(|filter| name.contains(filter)) {
            let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            sessions.push(Session { name, path, text });
        }
    }
    Ok(sessions)
}

impl Session {
    /// Runs the session and compares; the first line that differs is the failure.
    pub fn check(&self, place: &Place) -> Outcome {
        if let Some(program) = self.missing_program() {
            return Outcome::Skipped(format!("{program} is not there"));
        }
        match self.run(place) {
            Err(why) => Outcome::Failed(why),
            Ok(found) if found == self.text => Outcome::Passed,
            Ok(found) => Outcome::Failed(self.difference(&found)),
        }
    }

    /// Writes what comes back now; true if the file changed.
    pub fn bless(&self, place: &Place) -> Result<bool, String> {
        let found = self.run(place)?;
        if found == self.text {
            return Ok(false);
        }
        std::fs::write(&self.path, found).map_err(|error| format!("{}: {error}", self.path.display()))?;
        Ok(true)
    }

    fn missing_program(&self) -> Option<&str> {
        let needed = self.text.lines().filter_map(|line| line.strip_prefix("# needs: "));
        let is_there = |program: &str| Path::new("/usr/bin").join(program).exists();
        needed.flat_map(str::split_whitespace).find(|program| !is_there(program))
    }

    /// The text of the session with what its commands give now.
    fn run(&self, place: &Place) -> Result<String, String> {
        let here = place.scratch.join(self.name.replace('/', "-"));
        let explain = |error: std::io::Error| format!("{}: {error}", here.display());
        if here.exists() {
            std::fs::remove_dir_all(&here).map_err(explain)?;
        }
        std::fs::create_dir_all(&here).map_err(explain)?;
        let mut transcript = String::new();
        let mut files: BTreeMap<&str, String> = BTreeMap::new();
        let mut file = None;
        for line in self.text.lines() {
            if let Some(name) = line.strip_prefix("file ") {
                file = Some(name);
                files.insert(name, String::new());
            } else if let Some(text) = line.strip_prefix('|') {
                let name = file.ok_or_else(|| format!("'{line}' stands in no file"))?;
                let contents = files.entry(name).or_default();
                contents.push_str(text.strip_prefix(' ').unwrap_or(text));
                contents.push('\n');
            } else if line.starts_with(['>', '!', '=']) {
                continue;
            }
            transcript.push_str(line);
            transcript.push('\n');
            if let Some(command) = line.strip_prefix("$ ") {
                for (name, contents) in std::mem::take(&mut files) {
                    write_file(&here.join(name), &contents)?;
                }
                let finished = shell(command, &here, place).map_err(explain)?;
                append(&mut transcript, &finished, |text| anonymous(text, &here, place));
            }
        }
        Ok(transcript)
    }

    fn difference(&self, found: &str) -> String {
        let (mut wanted, mut given) = (self.text.lines(), found.lines());
        let mut command = "";
        loop {
            match (wanted.next(), given.next()) {
                (Some(a), Some(b)) if a == b => command = if a.starts_with('$') { a } else { command },
                (a, b) => {
                    let show = |line: Option<&str>| line.unwrap_or("(end)").to_string();
                    return format!("after '{command}'\n  expected {}\n  found    {}", show(a), show(b));
                }
            }
        }
    }
}

fn write_file(path: &Path, contents: &str) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, contents))
        .map_err(|error| format!("{}: {error}", path.display()))
}

fn shell(command: &str, here: &Path, place: &Place) -> std::io::Result<Finished> {
    let mut shell = Command::new("/bin/sh");
    let path = format!("{}:/usr/bin:/bin", place.prefix.join("bin").display());
    let temporary = place.scratch.join("tmp");
    std::fs::create_dir_all(&temporary)?;
    shell.arg("-c").arg(command).current_dir(here).env_clear();
    shell.env("PATH", path).env("LC_ALL", "C").env("TMPDIR", &temporary).env("PREFIX", &place.prefix);
    process::run(&mut shell, &here.with_extension("run"), Duration::from_secs(LIMIT_SECONDS))
}

fn append(transcript: &mut String, finished: &Finished, anonymous: impl Fn(&str) -> String) {
    for (mark, bytes) in [('>', &finished.stdout), ('!', &finished.stderr)] {
        for line in anonymous(&String::from_utf8_lossy(bytes)).lines() {
            transcript.push_str(format!("{mark} {line}").trim_end());
            transcript.push('\n');
        }
    }
    match &finished.exit {
        Ok(0) => {}
        Ok(code) => transcript.push_str(&format!("= {code}\n")),
        Err(what) => transcript.push_str(&format!("= {what}\n")),
    }
}

/// Without what differs from machine to machine and from run to run.
fn anonymous(text: &str, here: &Path, place: &Place) -> String {
    let folders =
        [(here.to_path_buf(), "$HERE"), (place.scratch.join("tmp"), "$TMP"), (place.prefix.clone(), "$PREFIX")];
    let mut text = text.to_string();
    for (folder, name) in folders {
        text = text.replace(&*folder.to_string_lossy(), name);
    }
    without_process_numbers(&text)
}

/// `/.out.1234.link` and `$TMP/rocaml-1234-0` hold the number of the compiler's process.
fn without_process_numbers(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let length = rest[start..].bytes().take_while(u8::is_ascii_digit).count();
        let (before, after) = (&rest[..start], &rest[start + length..]);
        let is_number_of_process = before.ends_with("/rocaml-") && after.starts_with('-')
            || before.ends_with('.') && (after.starts_with(".link") || after.starts_with(".tmp"));
        result.push_str(before);
        result.push_str(if is_number_of_process { "PID" } else { &rest[start..start + length] });
        rest = after;
    }
    result + rest
}

#[cfg(test)]
mod tests {
    #[test]
    fn process_numbers_are_hidden() {
        let hidden = super::without_process_numbers;
        assert_eq!(
            hidden("/.a.out.4711.link in $TMP/rocaml-12-0/x.o, line 3"),
            "/.a.out.PID.link in $TMP/rocaml-PID-0/x.o, line 3"
        );
    }
}
