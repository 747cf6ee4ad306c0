//! Predicates of test headers: what is true of this machine, of the row, and of what rocaml offers so far.

use rocaml_target::{Abi, Arch, Target};

/// The answer to a predicate.
pub enum Fact {
    Holds,
    /// Why it does not.
    Lacking(String),
}

/// The libraries besides the standard library, with the headers' words for them.
const LIBRARIES: [(&str, &str); 8] = [
    ("hasunix", "unix"),
    ("libunix", "unix"),
    ("hassysthreads", "threads"),
    ("hasstr", "str"),
    ("unix", "unix"),
    ("systhreads", "threads"),
    ("str", "str"),
    ("runtime_events", "runtime_events"),
];

/// Predicates that never hold, with the reason in the words of the table.
const NEVER: [(&str, &str); 21] = [
    ("bytecode", "bytecode"),
    ("debugger", "ocamldebug"),
    ("ocamldebug", "ocamldebug"),
    ("gdb", "debuggers of machine code"),
    ("lldb", "debuggers of machine code"),
    ("ocamldoc", "ocamldoc"),
    ("ocamlobjinfo", "ocamlobjinfo"),
    ("ocamlmklib", "ocamlmklib"),
    ("asmgen", "upstream's code generator"),
    ("codegen", "upstream's code generator"),
    ("toplevel.opt", "toplevel"),
    ("ocamlnat", "toplevel"),
    ("instrumented-runtime", "instrumented runtime"),
    ("csharp-compiler", "Windows"),
    ("windows-unicode", "Windows"),
    ("tsan", "thread sanitizer"),
    ("frame_pointers", "frame pointers"),
    ("flambda", "flambda"),
    ("no-flat-float-array", "flat float arrays are on"),
    ("function_sections", "function sections"),
    ("afl-instrument", "afl"),
];

/// The library that a predicate or a named environment asks for.
pub fn library(word: &str) -> Option<&'static str> {
    LIBRARIES.iter().find(|(name, _)| *name == word).map(|(_, library)| *library)
}

/// Libraries of upstream's compiler, which tests name with `include`.
pub fn is_compiler_library(word: &str) -> bool {
    matches!(
        word,
        "config" | "ocamlcommon" | "ocamlbytecomp" | "ocamlmiddleend" | "ocamloptcomp" | "ocamltoplevel" | "debugger"
    )
}

/// The answer, if `name` is a predicate. `has_library` says whether a library is installed for the row.
pub fn predicate(name: &str, target: &Target, has_library: impl Fn(&str) -> bool) -> Option<Fact> {
    if let Some((_, why)) = NEVER.iter().find(|(never, _)| *never == name) {
        return Some(Fact::Lacking(why.to_string()));
    }
    if let Some(library) = library(name) {
        return Some(when(has_library(library), library));
    }
    let windows = target.os.is_windows();
    let many_cores = std::thread::available_parallelism().is_ok_and(|cores| cores.get() >= 2);
    Some(match name {
        "multicore" => when(many_cores, "several cores"),
        "windows" | "target-windows" | "libwin32unix" => when(windows, "Windows"),
        "not-windows" | "not-target-windows" => when(!windows, "Windows is the target"),
        "not-msvc" => when(target.abi != Abi::Msvc, "MSVC is the target"),
        "linux" => when(target.os.name() == "linux", "Linux"),
        "bsd" => when(false, "BSD"),
        "not-bsd" => Fact::Holds,
        "macos" => when(target.os.name() == "macos", "macOS"),
        "not_macos_amd64_tsan" | "no-tsan" | "has_symlink" | "pass" => Fact::Holds,
        "flat-float-array" | "no-flambda" | "no-afl-instrument" | "native-compiler" => Fact::Holds,
        "native-dynlink" => when(has_library("dynlink"), "dynlink"),
        "shared-libraries" => when(has_library("dynlink"), "shared libraries"),
        "no-shared-libraries" => when(!has_library("dynlink"), "no shared libraries"),
        "arch32" => when(target.word_bytes() == 4, "32 bits"),
        "arch64" => when(target.word_bytes() == 8, "64 bits"),
        "arch_amd64" => when(target.arch == Arch::X86_64, "x86-64"),
        "arch_arm64" => when(target.arch == Arch::Aarch64, "AArch64"),
        "arch_riscv" => when(target.arch == Arch::Riscv64, "RISC-V"),
        "arch_s390x" => when(target.arch == Arch::S390x, "s390x"),
        "arch_arm" | "arch_i386" | "arch_power" => when(false, "an architecture that is no target"),
        _ => return None,
    })
}

fn when(holds: bool, otherwise: &str) -> Fact {
    if holds { Fact::Holds } else { Fact::Lacking(otherwise.to_string()) }
}
