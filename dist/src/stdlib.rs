//! Compiles the standard library of a row with the compiler of the tree, in the order of `runtimes/stdlib/ORDER`.
//!
//! Each line of the list is a file's name without extension, then flags of its own. A module `list` becomes
//! `Stdlib__List`, which `Stdlib` renames; `stdlib`, `std_exit` and the `camlinternal…` modules keep their names.

use std::path::{Path, PathBuf};
use std::process::Command;

use rocaml_target::Target;
use sysroots::{Result, tools};

use crate::Tree;

/// Flags of every module: the library is compiled without itself, with debugging information.
const FLAGS: [&str; 4] = ["-nostdlib", "-g", "-strict-sequence", "-w"];
/// Warnings are the library's own business, checked when it is changed.
const WARNINGS: &str = "-a";

/// One line of the list.
struct Module {
    file: String,
    flags: Vec<String>,
}

impl Module {
    /// The name of the compiled files: upstream's, which `Stdlib`'s aliases name.
    fn unit(&self) -> String {
        if self.file == "stdlib" || self.file == "std_exit" || self.file.starts_with("camlinternal") {
            return self.file.clone();
        }
        let mut letters = self.file.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        format!("stdlib__{}", first.into_iter().chain(letters).collect::<String>())
    }
}

/// Builds `stdlib.cmxa`, `stdlib.a` and their interfaces for a row; true if anything had to be done.
pub fn build(tree: &Tree, target: &Target, source: &Path) -> Result<bool> {
    let out = tree.row_dir(target);
    tools::make_dir(&out)?;
    let stamp = out.join(".stdlib-stamp");
    let key = key(tree, source)?;
    if out.join("stdlib.cmxa").exists() && tools::read_text(&stamp).is_ok_and(|found| found == key) {
        return Ok(false);
    }
    remove_previous(&out)?;
    let modules = read_order(source)?;
    for module in &modules {
        compile(tree, target, source, &out, module)?;
    }
    let members: Vec<String> =
        modules.iter().filter(|m| m.file != "std_exit").map(|m| format!("{}.cmx", m.unit())).collect();
    let mut command = compiler(tree, target, &out);
    command.args(["-nostdlib", "-a", "-o", "stdlib.cmxa"]).args(&members);
    tools::run_command(&mut command)?;
    for module in modules.iter().filter(|m| m.file != "std_exit") {
        _ = std::fs::remove_file(out.join(format!("{}.o", module.unit())));
    }
    tools::write(&stamp, key.as_bytes())?;
    Ok(true)
}

fn compile(tree: &Tree, target: &Target, source: &Path, out: &Path, module: &Module) -> Result<()> {
    for (extension, output) in [("mli", "cmi"), ("ml", "cmx")] {
        let file = format!("{}.{extension}", module.file);
        if !source.join(&file).exists() {
            continue;
        }
        // Source names stay relative, so that nothing of this machine gets into debugging information.
        let mut command = compiler(tree, target, source);
        command.args(FLAGS).arg(WARNINGS).args(&module.flags).arg("-I").arg(out).arg("-o");
        command.arg(out.join(format!("{}.{output}", module.unit()))).arg("-c").arg(&file);
        tools::run_command(&mut command)?;
    }
    Ok(())
}

fn compiler(tree: &Tree, target: &Target, folder: &Path) -> Command {
    let mut command = Command::new(tree.compiler());
    command.current_dir(folder).args(["-target", target.name]).env_remove("OCAMLPARAM").env_remove("OCAMLRUNPARAM");
    command
}

fn read_order(source: &Path) -> Result<Vec<Module>> {
    let text = tools::read_text(&source.join("ORDER"))?;
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    Ok(lines
        .filter_map(|line| {
            let mut words = line.split_whitespace().map(str::to_string);
            words.next().map(|file| Module { file, flags: words.collect() })
        })
        .collect())
}

/// Changes with the compiler and with every source file.
fn key(tree: &Tree, source: &Path) -> Result<String> {
    let mut text = tools::sha256_hex(&tools::read(&tree.compiler())?);
    for file in tools::walk(source)? {
        text.push_str(&format!("{} {}\n", file.display(), tools::sha256_hex(&tools::read(&file)?)));
    }
    Ok(tools::sha256_hex(text.as_bytes()))
}

fn remove_previous(out: &Path) -> Result<()> {
    let is_compiled = |path: &PathBuf| {
        path.extension().is_some_and(|e| matches!(e.to_str(), Some("cmi" | "cmx" | "cmxa" | "cmt" | "cmti" | "o")))
    };
    for file in tools::list_dir(out)?.into_iter().filter(is_compiled) {
        _ = std::fs::remove_file(file);
    }
    _ = std::fs::remove_file(out.join("stdlib.a"));
    Ok(())
}
