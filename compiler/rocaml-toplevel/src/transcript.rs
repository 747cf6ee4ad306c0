//! A machine whose terminal is a text: what a session prints is kept.

use rocaml_driver::host::{Host, HostRef, SystemHost};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The real machine, but for what is printed.
#[derive(Default)]
pub struct Transcript {
    text: Mutex<String>,
    /// The compiler whose toolchain is used, where that is not the running program's.
    compiler: Option<PathBuf>,
}

impl Transcript {
    /// A transcript for the rest of the process, as hosts are.
    pub fn leak(compiler: Option<PathBuf>) -> &'static Transcript {
        Box::leak(Box::new(Transcript { text: Mutex::default(), compiler }))
    }

    pub fn host(&'static self) -> HostRef {
        self
    }

    /// Takes what was printed since the last time.
    pub fn take(&self) -> String {
        std::mem::take(&mut *self.text.lock().expect("no thread panics while it prints"))
    }
}

impl Host for Transcript {
    fn print(&self, text: &str) {
        self.text.lock().expect("no thread panics while it prints").push_str(text);
    }

    fn print_error(&self, text: &str) {
        self.print(text);
    }

    fn error_is_terminal(&self) -> bool {
        false
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        SystemHost.read(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        SystemHost.write(path, bytes)
    }

    fn exists(&self, path: &Path) -> bool {
        SystemHost.exists(path)
    }

    fn is_special(&self, path: &Path) -> bool {
        SystemHost.is_special(path)
    }

    fn read_directory(&self, path: &Path) -> io::Result<Vec<String>> {
        SystemHost.read_directory(path)
    }

    fn remove(&self, path: &Path) {
        SystemHost.remove(path);
    }

    fn temporary_directory(&self) -> io::Result<PathBuf> {
        SystemHost.temporary_directory()
    }

    fn remove_directory(&self, path: &Path) {
        SystemHost.remove_directory(path);
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        SystemHost.rename(from, to)
    }

    fn run(&self, program: &Path, args: &[OsString]) -> io::Result<i32> {
        SystemHost.run(program, args)
    }

    fn run_shell(&self, command: &str) -> io::Result<i32> {
        SystemHost.run_shell(command)
    }

    fn new_name(&self, path: &Path) -> PathBuf {
        SystemHost.new_name(path)
    }

    fn current_directory(&self) -> io::Result<PathBuf> {
        SystemHost.current_directory()
    }

    fn variable(&self, name: &str) -> Option<String> {
        SystemHost.variable(name)
    }

    fn executable(&self) -> io::Result<PathBuf> {
        self.compiler.clone().map_or_else(|| SystemHost.executable(), Ok)
    }
}
