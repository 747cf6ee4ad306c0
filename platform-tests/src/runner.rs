//! How a row's executables are started on this machine.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use rocaml_target::{Runner, SysrootRecipe, Target};

/// A program and its arguments: the emulator where the row needs one, then the executable.
pub struct Started {
    pub program: OsString,
    pub args: Vec<OsString>,
}

/// The command for `executable`, or why this machine cannot run it.
pub fn command<S: AsRef<OsStr>>(target: &Target, executable: &Path, args: &[S]) -> Result<Started, String> {
    let mut words: Vec<OsString> = match target.runner {
        Runner::Native => Vec::new(),
        Runner::QemuUser(emulator) => qemu(target, emulator),
        Runner::MachOLoader | Runner::Wine | Runner::Node | Runner::Wasmtime | Runner::BuildOnly => {
            return Err(format!("there is no runner for {} yet", target.name));
        }
    };
    words.push(absolute(executable));
    words.extend(args.iter().map(|arg| arg.as_ref().to_os_string()));
    let program = words.remove(0);
    Ok(Started { program, args: words })
}

/// qemu-user; programs for glibc find their loader and libraries in the cross packages' folder.
fn qemu(target: &Target, emulator: &str) -> Vec<OsString> {
    let mut words = vec![OsString::from(emulator)];
    if target.sysroot == SysrootRecipe::GlibcStubs {
        words.push("-L".into());
        words.push(format!("/usr/{}-linux-gnu", target.arch.name()).into());
    }
    words
}

fn absolute(path: &Path) -> OsString {
    std::path::absolute(path).map(|path| path.into_os_string()).unwrap_or_else(|_| path.as_os_str().to_os_string())
}

/// How much longer than a native run the row may take.
pub fn slowdown(target: &Target) -> u32 {
    match target.runner {
        Runner::Native => 1,
        _ => 10,
    }
}
