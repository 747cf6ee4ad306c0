//! What the driver needs of the machine it runs on: files and processes, behind one trait.
//!
//! **Invariant:** an output is written to a temporary file beside its place and renamed, so that
//! a failure leaves what was there before.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// The machine the compiler runs on.
pub trait Host: Sync {
    /// The contents of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Replaces a file, or leaves all as it was.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Whether there is a file.
    fn exists(&self, path: &Path) -> bool;
    /// Whether there is something that is no ordinary file, as a device: it is written in place.
    fn is_special(&self, path: &Path) -> bool;
    /// The names of the files of a directory.
    fn read_directory(&self, path: &Path) -> io::Result<Vec<String>>;
    /// The same; none if it cannot be read.
    fn list(&self, path: &Path) -> Vec<String> {
        self.read_directory(path).unwrap_or_default()
    }
    /// Removes a file if it is there.
    fn remove(&self, path: &Path);
    /// A new empty directory for intermediate files.
    fn temporary_directory(&self) -> io::Result<PathBuf>;
    /// Removes such a directory.
    fn remove_directory(&self, path: &Path);
    /// A name like this that no file has yet, its folder made.
    fn new_name(&self, path: &Path) -> PathBuf;
    /// Renames a file.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Runs a program with its output passed through; its exit code, 128 + n for signal n.
    fn run(&self, program: &Path, args: &[OsString]) -> io::Result<i32>;
    /// Runs a shell command; its exit code.
    fn run_shell(&self, command: &str) -> io::Result<i32>;
    /// Runs a shell command with its standard output into a file.
    fn run_shell_to(&self, command: &str, output: &Path) -> io::Result<i32> {
        let output = output.display().to_string().replace('\'', "'\\''");
        self.run_shell(&format!("{{ {command}\n}} > '{output}'"))
    }
    /// An environment variable.
    fn variable(&self, name: &str) -> Option<String>;
    /// The current directory.
    fn current_directory(&self) -> io::Result<PathBuf>;
    /// The running executable, symbolic links followed.
    fn executable(&self) -> io::Result<PathBuf>;
    /// Prints on standard output.
    fn print(&self, text: &str);
    /// Prints on standard error.
    fn print_error(&self, text: &str);
    /// Whether standard error is a terminal.
    fn error_is_terminal(&self) -> bool;
}

/// A process runs on one machine, which outlives all that it does.
pub type HostRef = &'static dyn Host;

/// The real machine.
pub struct SystemHost;

impl Host for SystemHost {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        use std::io::Write;
        if self.is_special(path) {
            return std::fs::write(path, bytes);
        }
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(name);
        let written = std::fs::File::create(&temporary)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.flush()))
            .and_then(|()| std::fs::rename(&temporary, path));
        if written.is_err() {
            self.remove(&temporary);
        }
        written
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn is_special(&self, path: &Path) -> bool {
        path.metadata().is_ok_and(|metadata| !metadata.is_file())
    }

    fn read_directory(&self, path: &Path) -> io::Result<Vec<String>> {
        Ok(std::fs::read_dir(path)?.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
    }

    fn remove(&self, path: &Path) {
        // It may not be there: that is what was wanted.
        let _ = std::fs::remove_file(path);
    }

    fn temporary_directory(&self) -> io::Result<PathBuf> {
        let base = std::env::temp_dir();
        for attempt in 0..1000 {
            let dir = base.join(format!("rocaml-{}-{attempt}", std::process::id()));
            match std::fs::create_dir(&dir) {
                Ok(()) => return Ok(dir),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("no free name for a temporary directory"))
    }

    fn remove_directory(&self, path: &Path) {
        // Left-overs in the temporary directory are not worth failing for.
        let _ = std::fs::remove_dir_all(path);
    }

    fn new_name(&self, path: &Path) -> PathBuf {
        if let Some(folder) = path.parent() {
            // What cannot be made is found out when the file is written.
            let _ = std::fs::create_dir_all(folder);
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        let numbered = |n: u32| path.with_extension(format!("{n}.{extension}"));
        (0..).map(numbered).find(|name| !name.exists()).unwrap_or_else(|| path.to_owned())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn run(&self, program: &Path, args: &[OsString]) -> io::Result<i32> {
        let status = std::process::Command::new(program).args(args).status()?;
        Ok(exit_code(status))
    }

    fn run_shell(&self, command: &str) -> io::Result<i32> {
        let status = std::process::Command::new("sh").arg("-c").arg(command).status()?;
        Ok(exit_code(status))
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn current_directory(&self) -> io::Result<PathBuf> {
        std::env::current_dir()
    }

    fn executable(&self) -> io::Result<PathBuf> {
        std::env::current_exe()?.canonicalize()
    }

    fn print(&self, text: &str) {
        use std::io::Write;
        // A closed pipe downstream is no failure of the compilation.
        let _ = io::stdout().write_all(text.as_bytes());
    }

    fn print_error(&self, text: &str) {
        use std::io::Write;
        // There is nowhere left to report it.
        let _ = io::stderr().write_all(text.as_bytes());
    }

    fn error_is_terminal(&self) -> bool {
        use std::io::IsTerminal;
        io::stderr().is_terminal()
    }
}

#[cfg(unix)]
fn exit_code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

#[cfg(not(unix))]
fn exit_code(status: std::process::ExitStatus) -> i32 {
    status.code().unwrap_or(1)
}
