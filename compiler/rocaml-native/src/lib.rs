//! The native backend: from Cmm to an object file, through Cranelift.
//!
//! The passes, in order:
//! 1. [`lower`]: each function of a [`cmm::Unit`] becomes a Cranelift function (CLIF): exceptions
//!    are null results, allocations are inlined, collector roots are declared;
//! 2. [`codegen`]: Cranelift optimises and compiles the functions on several threads;
//! 3. [`object`]: code, data, frame table and line tables become an object file.
//!
//! [`startup`] writes the Cmm of the object that every link makes, and [`machine`] owns what
//! differs between instruction sets. The contract with the runtime is `runtimes/ABI.md`.
//!
//! To add an object format: its relocation codes in `object/relocation.rs`, its flags and section
//! names in `object/mod.rs`. To add an instruction set: a row in `machine.rs`, its relocations,
//! and its trampoline in `object/trampoline.rs`.

mod codegen;
mod lower;
mod machine;
mod object;
mod startup;

use rocaml_middle::cmm;
use rocaml_target::Target;
use std::fmt;

pub use startup::Startup;

/// What the driver chooses.
#[derive(Clone, Debug)]
pub struct Options {
    /// Debug records in frame tables, backtraces recorded by raises, DWARF (`-g`).
    pub debug: bool,
    /// How many threads compile functions.
    pub jobs: usize,
    /// Asks for [`Compiled::clif`].
    pub dump_clif: bool,
    /// Asks for [`Compiled::listing`].
    pub dump_listing: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { debug: false, jobs: 1, dump_clif: false, dump_listing: false }
    }
}

/// A compiled unit.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The bytes of the object file.
    pub object: Vec<u8>,
    /// The functions as Cranelift was given them.
    pub clif: Option<String>,
    /// The machine code, as text.
    pub listing: Option<String>,
}

/// An internal error: the backend accepts every unit that keeps Cmm's invariants.
#[derive(Clone, Debug)]
pub struct Error {
    pub pass: &'static str,
    pub unit: String,
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "internal error in {} of unit {}: {}", self.pass, self.unit, self.message)
    }
}

impl std::error::Error for Error {}

/// Compiles a unit for a target.
pub fn compile_unit(target: &Target, unit: &cmm::Unit, options: &Options) -> Result<Compiled, Error> {
    compile(target, unit, options).map_err(|failure| Error {
        pass: failure.pass,
        unit: unit.name.to_string(),
        message: failure.message,
    })
}

/// The object that a link adds to its units (`runtimes/ABI.md`, section 8).
pub fn startup_object(target: &Target, startup: &Startup) -> Result<Vec<u8>, Error> {
    let unit = startup::unit(startup);
    Ok(compile_unit(target, &unit, &Options::default())?.object)
}

/// What a pass reports; [`Error`] adds the unit.
#[derive(Debug)]
struct Failure {
    pass: &'static str,
    message: String,
}

impl Failure {
    fn new(pass: &'static str, message: impl fmt::Display) -> Failure {
        Failure { pass, message: message.to_string() }
    }
}

fn compile(target: &Target, unit: &cmm::Unit, options: &Options) -> Result<Compiled, Failure> {
    let machine = machine::Machine::new(target, options)?;
    let mut lowering = lower::UnitLowering::new(&machine, options);
    let mut clif = options.dump_clif.then(String::new);
    let functions = codegen::compile_all(&machine, options, unit.functions.len(), |index| {
        let function = lowering.function(&unit.functions[index])?;
        if let Some(text) = &mut clif {
            text.push_str(&format!("; {}\n{}\n", unit.functions[index].symbol, function.display()));
        }
        Ok(function)
    })?;
    let wrappers = big_frames(&machine, unit, &mut lowering, &functions)?;
    let listing = options.dump_listing.then(|| listing(unit, &functions));
    let object = object::write(object::Input {
        target,
        machine: &machine,
        options,
        unit,
        lowering: &lowering,
        functions: &functions,
        wrappers: &wrappers,
    })?;
    Ok(Compiled { object, clif, listing })
}

/// A function whose frame is larger than what a stack check leaves gets a wrapper that checks
/// before the frame is made.
fn big_frames(
    machine: &machine::Machine,
    unit: &cmm::Unit,
    lowering: &mut lower::UnitLowering<'_>,
    functions: &[codegen::CompiledFunction],
) -> Result<Vec<object::Wrapper>, Failure> {
    let mut wrappers = Vec::new();
    for (index, function) in functions.iter().enumerate() {
        if function.frame_size <= machine::LARGEST_FRAME {
            continue;
        }
        let clif = lowering.stack_wrapper(&unit.functions[index], function.frame_size)?;
        let code = codegen::compile_one(machine, clif, false)?;
        wrappers.push(object::Wrapper { index, code });
    }
    Ok(wrappers)
}

fn listing(unit: &cmm::Unit, functions: &[codegen::CompiledFunction]) -> String {
    let mut text = String::new();
    for (function, code) in unit.functions.iter().zip(functions) {
        text.push_str(&format!("{}:\n{}\n", function.symbol, code.listing.as_deref().unwrap_or_default()));
    }
    text
}
