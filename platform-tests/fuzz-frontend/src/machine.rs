//! The compiler's machine for these runs: one program in memory, the real files otherwise, and nothing is written.

use rocaml_driver::host::{Host, SystemHost};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

pub struct Machine {
    state: Mutex<State>,
}

struct State {
    name: &'static str,
    text: Vec<u8>,
    compiler: PathBuf,
    printed: String,
}

/// The one machine: the driver wants it for ever.
pub static MACHINE: Machine = Machine {
    state: Mutex::new(State { name: "", text: Vec::new(), compiler: PathBuf::new(), printed: String::new() }),
};

/// Printed text beyond this is dropped.
const PRINTED_MAX: usize = 20_000;

impl Machine {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Places a program and the compiler.
    pub fn set(&self, name: &'static str, text: Vec<u8>, compiler: PathBuf) {
        self.with(|state| *state = State { name, text, compiler, printed: String::new() });
    }

    /// What went to standard error.
    pub fn printed(&self) -> String {
        self.with(|state| std::mem::take(&mut state.printed))
    }

    fn is_program(&self, path: &Path) -> bool {
        self.with(|state| path == Path::new(state.name))
    }
}

impl Host for Machine {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.is_program(path) { Ok(self.with(|state| state.text.clone())) } else { SystemHost.read(path) }
    }
    fn write(&self, _path: &Path, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn exists(&self, path: &Path) -> bool {
        self.is_program(path) || SystemHost.exists(path)
    }
    fn is_special(&self, _path: &Path) -> bool {
        false
    }
    fn read_directory(&self, path: &Path) -> io::Result<Vec<String>> {
        SystemHost.read_directory(path)
    }
    fn remove(&self, _path: &Path) {}
    fn temporary_directory(&self) -> io::Result<PathBuf> {
        Err(io::Error::other("no temporary files here"))
    }
    fn remove_directory(&self, _path: &Path) {}
    fn new_name(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
    fn rename(&self, _from: &Path, _to: &Path) -> io::Result<()> {
        Ok(())
    }
    fn run(&self, _program: &Path, _args: &[OsString]) -> io::Result<i32> {
        Err(io::Error::other("no processes here"))
    }
    fn run_shell(&self, _command: &str) -> io::Result<i32> {
        Err(io::Error::other("no processes here"))
    }
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }
    fn current_directory(&self) -> io::Result<PathBuf> {
        SystemHost.current_directory()
    }
    fn executable(&self) -> io::Result<PathBuf> {
        Ok(self.with(|state| state.compiler.clone()))
    }
    fn print(&self, _text: &str) {}
    fn print_error(&self, text: &str) {
        self.with(|state| {
            if state.printed.len() < PRINTED_MAX {
                state.printed.push_str(text);
            }
        });
    }
    fn error_is_terminal(&self) -> bool {
        false
    }
}
