//! Runs the compiler on programs that nobody wrote: mutations of real ones, and shapes nested very deeply.
//!
//! Whatever the text, the compiler ends with a result or with an error: a panic, a signal, too much time or too much
//! memory is a finding. Everything follows from the seed and a program's number, so that `--only` repeats one of them.
//!
//! [`corpus`] knows the programs and their parts, [`mutate`] changes them, [`nesting`] makes deep ones, [`run`] runs one
//! in a process of its own, [`reduce`] makes a finding small.

mod corpus;
mod machine;
mod mutate;
mod nesting;
mod random;
mod reduce;
mod run;

use corpus::Corpus;
use random::Random;
use run::{Limits, Program, Verdict};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What to run. `cargo xtask fuzz-frontend` has the same options, explained.
#[derive(Clone, Default)]
struct Options {
    count: u64,
    seed: u64,
    only: Option<u64>,
    sources: Vec<PathBuf>,
    toolchain: PathBuf,
    findings: PathBuf,
    seconds: u64,
    megabytes: u64,
    depth: usize,
    shape: String,
    nesting_seconds: u64,
    jobs: usize,
    keep: bool,
}

impl Options {
    /// Reads `name=value` words.
    fn read(words: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options { jobs: 1, ..Options::default() };
        for word in words {
            let (name, value) = word.split_once('=').ok_or_else(|| format!("{word}: not of the form name=value"))?;
            let number = || value.parse::<u64>().map_err(|_| format!("{word}: not a number"));
            match name {
                "count" => options.count = number()?,
                "seed" => options.seed = number()?,
                "only" => options.only = Some(number()?),
                "sources" => options.sources.push(value.into()),
                "toolchain" => options.toolchain = value.into(),
                "findings" => options.findings = value.into(),
                "seconds" => options.seconds = number()?,
                "megabytes" => options.megabytes = number()?,
                "depth" => options.depth = number()? as usize,
                "shape" => options.shape = value.to_owned(),
                "nesting-seconds" => options.nesting_seconds = number()?,
                "jobs" => options.jobs = number()?.max(1) as usize,
                "keep" => options.keep = value == "true",
                _ => return Err(format!("{word}: no such option")),
            }
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    match run_all(&options) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(findings) => {
            println!("{findings} findings, in {}", options.findings.display());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs everything that the options ask for; the number of findings.
fn run_all(options: &Options) -> std::io::Result<usize> {
    std::fs::create_dir_all(&options.findings)?;
    // Programs must see no file of ours: they run in a folder that is and stays empty.
    let empty = options.findings.join("empty");
    std::fs::create_dir_all(&empty)?;
    let options = &Options {
        toolchain: options.toolchain.canonicalize()?,
        findings: options.findings.canonicalize()?,
        ..options.clone()
    };
    let corpus = Corpus::find(&options.sources)?;
    std::env::set_current_dir(&empty)?;
    let mutated = mutated_programs(options, &corpus)?;
    let nested = nested_programs(options);
    Ok(mutated + nested)
}

/// The work is dealt out to processes, each of which reports on its own and returns its number of findings.
fn mutated_programs(options: &Options, corpus: &Corpus) -> std::io::Result<usize> {
    if let Some(only) = options.only {
        return Ok(mutated_share(options, corpus, std::iter::once(only)));
    }
    if options.count == 0 {
        return Ok(0);
    }
    let jobs = options.jobs;
    println!("{} programs from {} sources, seed {}", options.count, corpus.len(), options.seed);
    let shares: Vec<_> = (0..jobs)
        .map(|job| run::spawn(|| mutated_share(options, corpus, (job as u64..options.count).step_by(jobs))))
        .collect::<std::io::Result<_>>()?;
    Ok(shares.into_iter().map(run::join).sum())
}

fn mutated_share(options: &Options, corpus: &Corpus, numbers: impl Iterator<Item = u64>) -> usize {
    let limits = Limits { cpu_seconds: options.seconds, memory_mb: options.megabytes };
    let mut found: HashMap<String, usize> = HashMap::new();
    let mut codes: HashMap<i32, usize> = HashMap::new();
    for number in numbers {
        let mut random = Random::new(options.seed, number);
        let mutant = mutate::program(&mut random, corpus);
        let program = Program { text: mutant.text, is_interface: mutant.is_interface, flags: flags(&mut random) };
        let result = run::run(&program, &options.toolchain, &limits);
        let Some(key) = result.verdict.finding() else {
            if let Verdict::Ended(code) = result.verdict {
                *codes.entry(code).or_default() += 1;
            }
            continue;
        };
        let times = found.entry(key.clone()).or_default();
        *times += 1;
        if *times == 1 {
            let name = format!("seed {} program {number} of {}", options.seed, mutant.source.display());
            report(options, &name, &format!("{}-{number}", options.seed), program, &key, &result, &limits);
        }
    }
    let accepted = codes.get(&0).copied().unwrap_or(0);
    println!("{} accepted, {} refused", accepted, codes.values().sum::<usize>() - accepted);
    let mut again: Vec<_> = found.iter().filter(|(_, times)| **times > 1).collect();
    again.sort();
    again.iter().for_each(|(key, times)| println!("{times} times: {key}"));
    found.len()
}

/// Options that take other ways through the compiler.
fn flags(random: &mut Random) -> Vec<String> {
    let choices: [&[&str]; 10] = [
        &[],
        &[],
        &[],
        &["-w", "+a"],
        &["-w", "+a", "-principal"],
        &["-rectypes"],
        &["-i"],
        &["-dlambda"],
        &["-strict-sequence", "-nolabels"],
        &["-short-paths"],
    ];
    random.choose(&choices).iter().map(|flag| (*flag).to_owned()).collect()
}

fn report(
    options: &Options,
    name: &str,
    file: &str,
    program: Program,
    key: &str,
    result: &run::Outcome,
    limits: &Limits,
) {
    println!("FOUND {key}\n  {name}, flags {:?}\n  {}", program.flags, result.text.lines().next().unwrap_or_default());
    let program = match options.keep {
        true => program,
        false => reduce::reduce(program, key, &options.toolchain, limits),
    };
    let path = options.findings.join(format!("{file}.{}", if program.is_interface { "mli" } else { "ml" }));
    match std::fs::write(&path, &program.text) {
        Ok(()) => println!("  {} bytes in {}", program.text.len(), path.display()),
        Err(error) => eprintln!("  {}: {error}", path.display()),
    }
}

/// Runs the deep shapes through the whole compiler, one after the other.
fn nested_programs(options: &Options) -> usize {
    if options.depth == 0 {
        return 0;
    }
    let limits = Limits { cpu_seconds: options.nesting_seconds, memory_mb: 3 * options.megabytes };
    let mut findings = 0;
    println!("{} levels: seconds, megabytes, result", options.depth);
    for (name, make) in nesting::SHAPES.iter().filter(|(name, _)| name.contains(&options.shape)) {
        let program = Program {
            text: make(options.depth).into_bytes(),
            is_interface: false,
            flags: vec!["-c".into(), "-w".into(), "-a".into()],
        };
        let result = run::run_whole(&program, &options.toolchain, &limits);
        let outcome = match result.verdict.finding() {
            None => match result.verdict {
                Verdict::Ended(0) => "compiled".to_owned(),
                _ => result.text.lines().find(|line| line.starts_with("Error")).unwrap_or("refused").to_owned(),
            },
            Some(finding) => {
                findings += 1;
                write_shape(&options.findings, name, &program);
                format!("FOUND {finding}")
            }
        };
        let outcome: String = outcome.chars().take(160).collect();
        println!("{name:<24}{:>7.2}{:>7}  {outcome}", result.cpu_seconds, result.memory_mb);
    }
    findings
}

fn write_shape(folder: &Path, name: &str, program: &Program) {
    let path = folder.join(format!("nested-{}.ml", name.replace(' ', "-")));
    if let Err(error) = std::fs::write(&path, &program.text) {
        eprintln!("{}: {error}", path.display());
    }
}
