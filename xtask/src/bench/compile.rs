//! How fast the compilers compile: lines per second of processor time.
//!
//! The files are given in dependency order. Each figure is the best of the runs, of one process per file and of one
//! process for all; a run that fails has none. Files that others need come first, unmeasured.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sysroots::tools;

use super::{Contender, Options};
use crate::{Outcome, measure};

/// One thing to measure: what it is called and the flags that ask for it.
const MEASURES: [(&str, &[&str]); 2] = [("type checking", &["-stop-after", "typing", "-c"]), ("compiling", &["-c"])];

/// Prints the table, if there is anything to compile.
pub fn run(contenders: &[Contender], options: &Options) -> Outcome {
    hello(contenders, options)?;
    if options.compile.is_empty() {
        return Ok(());
    }
    let dependencies = sources(&options.dependencies)?;
    let files = sources(&options.compile)?;
    let mut lines = 0;
    for file in &files {
        lines += tools::read(file)?.iter().filter(|byte| **byte == b'\n').count();
    }
    println!("\n{} files, {lines} lines{:>31}{:>12}{:>10}", files.len(), "processor s", "lines/s", "MB");
    for contender in contenders {
        let folder = contender.folder().join("compile");
        tools::remove_dir(&folder)?;
        tools::make_dir(&folder)?;
        let names = copy(&files, &folder)?;
        for name in copy(&dependencies, &folder)?.iter().chain(&names) {
            // Also the measured ones: they must be there in whatever order things are measured.
            let usage = contender.usage(&folder, options, &["-c"], std::slice::from_ref(name))?;
            if !usage.success {
                return Err(format!("{} does not compile {name}", contender.name).into());
            }
        }
        for (what, flags) in MEASURES {
            let each: Vec<&[String]> = names.chunks(1).collect();
            for (how, groups) in [("one by one", each), ("in one process", vec![&names[..]])] {
                let best = best(contender, &folder, options, flags, &groups)?;
                println!("{}", line(contender.name, &format!("{what} {how}"), lines, best));
            }
        }
    }
    Ok(())
}

/// Time and peak memory, or nothing if the compiler refuses.
type Figure = Option<(Duration, u64)>;

fn best(
    contender: &Contender,
    folder: &Path,
    options: &Options,
    flags: &[&str],
    groups: &[&[String]],
) -> Result<Figure, Box<dyn std::error::Error>> {
    let mut best: Figure = None;
    for _ in 0..options.runs.max(1) {
        let (mut time, mut memory) = (Duration::ZERO, 0);
        for group in groups {
            let usage = contender.usage(folder, options, flags, group)?;
            if !usage.success {
                return Ok(None);
            }
            time += usage.cpu;
            memory = memory.max(usage.memory_kb);
        }
        best = Some(best.map_or((time, memory), |(t, m)| (t.min(time), m.min(memory))));
    }
    Ok(best)
}

fn line(name: &str, what: &str, lines: usize, figure: Figure) -> String {
    match figure {
        None => format!("{name:<8}{what:<32}{:>16}", "refused"),
        Some((time, memory)) => {
            let seconds = time.as_secs_f64();
            format!("{name:<8}{what:<32}{seconds:>16.2}{:>12.0}{:>10}", lines as f64 / seconds, memory / 1024)
        }
    }
}

/// Files as given; for a folder, those that its file `ORDER` lists.
fn sources(arguments: &[PathBuf]) -> Result<Vec<PathBuf>, Box<dyn std::error::Error>> {
    let mut files = Vec::new();
    for argument in arguments {
        if argument.is_dir() {
            let order = tools::read_text(&argument.join("ORDER"))?;
            let words = order.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
            files.extend(words.map(|name| argument.join(name)));
        } else {
            files.push(argument.clone());
        }
    }
    Ok(files)
}

/// Copies files into a folder; their names there.
fn copy(files: &[PathBuf], folder: &Path) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut names = Vec::new();
    for file in files {
        let name = file.file_name().and_then(|name| name.to_str()).ok_or("a source without a name")?;
        fs::copy(file, folder.join(name)).map_err(|error| format!("{}: {error}", file.display()))?;
        names.push(name.to_string());
    }
    Ok(names)
}

/// The least program: start-up, library and link.
fn hello(contenders: &[Contender], options: &Options) -> Outcome {
    println!();
    for contender in contenders {
        let folder = contender.folder();
        tools::make_dir(&folder)?;
        tools::write(&folder.join("hello.ml"), b"let () = print_endline \"hello\"\n")?;
        let groups: [&[String]; 1] = [&["hello.ml".to_string()]];
        match best(contender, &folder, options, &["-o", "hello.exe"], &groups)? {
            Some((time, _)) => {
                println!(
                    "{:<8}compile and link hello: {:.0} ms of processor time",
                    contender.name,
                    1e3 * time.as_secs_f64()
                );
            }
            None => return Err(format!("{} does not compile hello.ml", contender.name).into()),
        }
    }
    Ok(())
}

impl Contender {
    fn usage(
        &self,
        folder: &Path,
        options: &Options,
        flags: &[&str],
        names: &[String],
    ) -> std::io::Result<measure::Usage> {
        let mut command = self.compiler(folder);
        command.args(options.flags.split_whitespace()).args(flags).args(names);
        measure::run(&mut command)
    }
}
