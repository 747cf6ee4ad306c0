//! `bench`: programs compiled by rocaml and by a peer, run side by side: time, peak memory, geometric means; then how fast
//! the compilers compile ([`compile`]).
//!
//! A folder of programs holds `<name>.ml`, `params.txt` (`name default-argument small-argument`) and `expected.txt`
//! (`name default|small argument md5-of-standard-output`). The two executables of a program run in turn, so that both
//! see the same machine; the best of the runs counts. A wrong output is a failure.

mod compile;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rocaml_target::Target;
use sysroots::tools;

use crate::{Outcome, measure, root, toolchain};

#[derive(clap::Args)]
pub struct Options {
    /// The peer compiler's command, called as `CMD [FLAGS] -o EXE FILE.ml` and `CMD [FLAGS] -c FILE...`
    #[arg(long, value_name = "CMD")]
    peer: Option<String>,
    /// Run the peer and its programs with this as their root directory (needs the right to change it)
    #[arg(long, value_name = "DIR", requires = "peer")]
    peer_root: Option<PathBuf>,
    /// Folder of programs; the repository's own by default
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
    /// Use the small arguments
    #[arg(long)]
    small: bool,
    /// Runs of each executable
    #[arg(long, default_value_t = 3)]
    runs: u32,
    /// Only programs whose name contains this text
    #[arg(long)]
    filter: Option<String>,
    /// Also measure compile speed on these files, given in dependency order, or on those that a folder's ORDER lists
    #[arg(long, num_args = 1.., value_name = "FILE")]
    compile: Vec<PathBuf>,
    /// Files (or folders) that those need: compiled before them, unmeasured
    #[arg(long, num_args = 1.., value_name = "FILE")]
    dependencies: Vec<PathBuf>,
    /// Flags for both compilers
    #[arg(long, default_value = "-w -a", allow_hyphen_values = true)]
    flags: String,
}

struct Program {
    name: String,
    source: PathBuf,
    argument: String,
    md5: Option<String>,
}

/// Best of several runs.
#[derive(Clone, Copy)]
struct Best {
    time: Duration,
    memory_kb: u64,
}

/// One compiler of the comparison.
struct Contender {
    name: &'static str,
    /// Program and first arguments.
    command: Vec<String>,
    /// What it takes for the root directory.
    root: Option<PathBuf>,
}

pub fn run(options: &Options) -> Outcome {
    let ours = toolchain::tree().compiler();
    if !ours.exists() {
        return Err("the toolchain is not built: run `cargo xtask toolchain` first".into());
    }
    let target = Target::host().name.to_string();
    let mut contenders = vec![Contender {
        name: "rocaml",
        command: vec![ours.to_string_lossy().into_owned(), "-target".into(), target],
        root: None,
    }];
    if let Some(peer) = &options.peer {
        let root = options.peer_root.as_ref().map(|root| root.canonicalize()).transpose()?;
        let command = peer.split_whitespace().map(str::to_string).collect();
        contenders.push(Contender { name: "peer", command, root });
    }
    let folder = options.programs.clone().unwrap_or_else(|| root().join("platform-tests/bench"));
    let failures = run_programs(&find_programs(&folder, options)?, &contenders, options)?;
    compile::run(&contenders, options)?;
    if failures > 0 { Err(format!("{failures} programs failed").into()) } else { Ok(()) }
}

fn find_programs(folder: &Path, options: &Options) -> Result<Vec<Program>, Box<dyn std::error::Error>> {
    let expected = tools::read_text(&folder.join("expected.txt")).unwrap_or_default();
    let size = if options.small { "small" } else { "default" };
    let mut programs = Vec::new();
    for line in tools::read_text(&folder.join("params.txt"))?.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, default, small] = words[..] else { continue };
        if name.starts_with('#') || options.filter.as_ref().is_some_and(|filter| !name.contains(filter.as_str())) {
            continue;
        }
        let argument = if options.small { small } else { default };
        let md5 = expected.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).find_map(
            |words| match words[..] {
                [n, s, a, md5] if n == name && s == size && a == argument => Some(md5.to_string()),
                _ => None,
            },
        );
        let source = folder.join(format!("{name}.ml"));
        programs.push(Program { name: name.to_string(), source, argument: argument.to_string(), md5 });
    }
    Ok(programs)
}

/// Prints the table; the number of programs that did not compile, run or print what they should.
fn run_programs(
    programs: &[Program],
    contenders: &[Contender],
    options: &Options,
) -> Result<usize, Box<dyn std::error::Error>> {
    println!(
        "{:<14}{:>10}{:>10}{:>8}{:>10}{:>10}{:>8}",
        "program", "time s", "peer s", "ratio", "MB", "peer MB", "ratio"
    );
    let (mut failures, mut times, mut memories) = (0, Vec::new(), Vec::new());
    for program in programs {
        match compare(program, contenders, options) {
            Ok(results) => {
                let (ours, peer) = (results[0], results.get(1));
                let ratios = peer.map(|peer| ratios(ours, *peer));
                if let Some((time, memory)) = ratios {
                    times.push(time);
                    memories.push(memory);
                }
                println!("{}", table_line(&program.name, ours, peer.copied(), ratios));
            }
            Err(why) => {
                failures += 1;
                println!("{:<14}{why}", program.name);
            }
        }
    }
    if !times.is_empty() {
        println!("{:<14}{:>28.2}{:>28.2}", "geometric mean", geometric_mean(&times), geometric_mean(&memories));
    }
    Ok(failures)
}

fn ratios(ours: Best, peer: Best) -> (f64, f64) {
    (ours.time.as_secs_f64() / peer.time.as_secs_f64(), ours.memory_kb as f64 / peer.memory_kb as f64)
}

fn table_line(name: &str, ours: Best, peer: Option<Best>, ratios: Option<(f64, f64)>) -> String {
    let seconds = |best: Best| format!("{:.3}", best.time.as_secs_f64());
    let megabytes = |best: Best| format!("{:.1}", best.memory_kb as f64 / 1024.);
    let or_empty = |text: Option<String>| text.unwrap_or_default();
    format!(
        "{name:<14}{:>10}{:>10}{:>8}{:>10}{:>10}{:>8}",
        seconds(ours),
        or_empty(peer.map(seconds)),
        or_empty(ratios.map(|(time, _)| format!("{time:.2}"))),
        megabytes(ours),
        or_empty(peer.map(megabytes)),
        or_empty(ratios.map(|(_, memory)| format!("{memory:.2}"))),
    )
}

fn geometric_mean(values: &[f64]) -> f64 {
    (values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64).exp()
}

/// Compiles with each contender, then runs the executables in turn.
fn compare(program: &Program, contenders: &[Contender], options: &Options) -> Result<Vec<Best>, String> {
    let mut executables = Vec::new();
    for contender in contenders {
        let folder = contender.folder();
        tools::make_dir(&folder).map_err(|error| error.to_string())?;
        let source = folder.join(format!("{}.ml", program.name));
        fs::copy(&program.source, &source).map_err(|error| format!("{}: {error}", program.source.display()))?;
        let executable = format!("{}.exe", program.name);
        let mut command = contender.compiler(&folder);
        command.args(options.flags.split_whitespace()).args(["-o", &executable, &format!("{}.ml", program.name)]);
        tools::run_command(&mut command).map_err(|error| format!("{} does not compile it: {error}", contender.name))?;
        executables.push(executable);
    }
    let mut best = vec![Best { time: Duration::MAX, memory_kb: u64::MAX }; contenders.len()];
    for _ in 0..options.runs.max(1) {
        for (index, executable) in executables.iter().enumerate() {
            let run = run_once(program, &contenders[index], executable)
                .map_err(|why| format!("{}: {why}", contenders[index].name))?;
            best[index].time = best[index].time.min(run.time);
            best[index].memory_kb = best[index].memory_kb.min(run.memory_kb);
        }
    }
    Ok(best)
}

impl Contender {
    /// Where its files are.
    fn folder(&self) -> PathBuf {
        match &self.root {
            None => root().join("target/bench").join(self.name),
            Some(root) => root.join("tmp/rocaml-bench"),
        }
    }

    /// A command that runs in a folder of its own, and with its root.
    fn command(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        let Some(root) = self.root.clone() else {
            command.current_dir(folder);
            return command;
        };
        let within = Path::new("/").join(folder.strip_prefix(&root).unwrap_or(folder));
        let enter = move || {
            std::os::unix::fs::chroot(&root)?;
            std::env::set_current_dir(&within)
        };
        // SAFETY: the new process has one thread, and system calls are all that it makes.
        unsafe { command.pre_exec(enter) };
        command
    }

    fn compiler(&self, folder: &Path) -> Command {
        let mut command = self.command(&self.command[0], folder);
        command.args(&self.command[1..]);
        command
    }
}

fn run_once(program: &Program, contender: &Contender, executable: &str) -> Result<Best, String> {
    let folder = contender.folder();
    let output = folder.join(executable).with_extension("out");
    let file = fs::File::create(&output).map_err(|error| error.to_string())?;
    let path = if contender.root.is_some() { Path::new(".").join(executable) } else { folder.join(executable) };
    let mut command = contender.command(path, &folder);
    command.arg(&program.argument).stdin(Stdio::null()).stdout(file);
    let usage = measure::run(&mut command).map_err(|error| error.to_string())?;
    if !usage.success {
        return Err("failed".to_string());
    }
    if let Some(expected) = &program.md5 {
        let sum = tools::run("md5sum", [&output]).map_err(|error| error.to_string())?;
        if !sum.starts_with(expected.as_bytes()) {
            return Err("printed something else".to_string());
        }
    }
    Ok(Best { time: usage.wall, memory_kb: usage.memory_kb })
}
