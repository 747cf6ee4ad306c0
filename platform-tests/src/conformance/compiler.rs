//! Compilations: our native compiler in the place of upstream's four.
//!
//! `ocamlopt.byte` and `ocamlopt.opt` are both `rocamlopt`. So are `ocamlc.byte` and `ocamlc.opt`, as long as there is no
//! bytecode compiler: most tests that name them look at diagnostics, which are the same; names of bytecode files on
//! their command lines become names of native ones, and what they link is not run.
//! Counterpart of upstream's `ocamltest/ocaml_actions.ml` and `ocaml_compilers.ml`.

use std::path::PathBuf;

use rocaml_target::Target;

use super::Status;
use super::actions::{self, check_output, fail, invoke, settle};
use super::environment::{Environment, words};
use super::interpret::{Interpreter, State};

/// One of upstream's compilers, as headers name it.
#[derive(Clone, Copy)]
pub struct Compiler {
    name: &'static str,
    makes_bytecode: bool,
    /// Upstream's two builds of a compiler keep their results apart.
    is_second: bool,
}

const COMPILERS: [Compiler; 4] = [
    Compiler { name: "ocamlc.byte", makes_bytecode: true, is_second: false },
    Compiler { name: "ocamlc.opt", makes_bytecode: true, is_second: true },
    Compiler { name: "ocamlopt.byte", makes_bytecode: false, is_second: false },
    Compiler { name: "ocamlopt.opt", makes_bytecode: false, is_second: true },
];

/// Warnings of native compilation only: of absent `.cmx` files. That of inlining is given by passes of both kinds.
const NATIVE_WARNINGS_OFF: &str = "-58";

/// The compiler that an action is about: its name, `setup-<name>-build-env` or `check-<name>-output`.
pub fn named(action: &str) -> Option<Compiler> {
    let is_about = |compiler: &&Compiler| {
        let name = compiler.name;
        action == name
            || action.strip_prefix("setup-").and_then(|rest| rest.strip_suffix("-build-env")) == Some(name)
            || action.strip_prefix("check-").and_then(|rest| rest.strip_suffix("-output")) == Some(name)
    };
    COMPILERS.iter().find(is_about).copied()
}

impl Compiler {
    pub fn run(self, interpreter: &mut Interpreter, action: &str, state: &mut State) -> Status {
        settle(if action.starts_with("setup-") {
            self.set_up(interpreter, state)
        } else if action.starts_with("check-") {
            check_output(interpreter, state, "compiler's output", self.output_variable(), self.reference_variable())
        } else {
            self.compile(interpreter, state)
        })
    }

    fn output_variable(self) -> &'static str {
        if self.is_second { "compiler_output2" } else { "compiler_output" }
    }

    fn reference_variable(self) -> &'static str {
        if self.is_second { "compiler_reference2" } else { "compiler_reference" }
    }

    fn program_variable(self) -> &'static str {
        if self.is_second { "program2" } else { "program" }
    }

    fn set_up(self, interpreter: &mut Interpreter, state: &mut State) -> Result<(), Status> {
        let suffix = state.env.get("compiler_directory_suffix");
        let folder = interpreter.folder.join(format!("{}{suffix}", self.name));
        let reference = self.reference_file(interpreter, &state.env);
        let output = folder.join(format!("{}.output", self.name));
        _ = std::fs::remove_file(&output);
        state.env.add_if_undefined(self.reference_variable(), reference.to_string_lossy());
        state.env.add_if_undefined(self.output_variable(), output.to_string_lossy());
        state.env.add_path("test_build_directory", &folder);
        let modules = state.env.words("all_modules");
        actions::set_up(interpreter, state, &folder, &modules)?;
        let extension = if self.makes_bytecode { "byte" } else { "opt" };
        let program = folder.join(format!("{}.{extension}", interpreter.stem()));
        state.env.add_if_undefined(self.program_variable(), program.to_string_lossy());
        if !self.is_second {
            let program = state.env.get(self.program_variable());
            state.env.add_if_undefined("output", format!("{program}.output"));
        }
        Ok(())
    }

    /// `<test>.<compiler>.reference`, else `<test>.<backend>.reference`, else `<test>.compilers.reference`.
    fn reference_file(self, interpreter: &Interpreter, env: &Environment) -> PathBuf {
        let suffix = env.get("compiler_reference_suffix");
        let backend = if self.makes_bytecode { "bytecode" } else { "native" };
        let file =
            |middle: &str| interpreter.source_dir().join(format!("{}.{middle}{suffix}.reference", interpreter.stem()));
        let specific = [self.name, backend].map(file).into_iter().find(|path| path.exists());
        specific.unwrap_or_else(|| file("compilers"))
    }

    fn compile(self, interpreter: &mut Interpreter, state: &mut State) -> Result<(), Status> {
        state.is_bytecode = self.makes_bytecode;
        let arguments = if let Some(line) = state.env.lookup_nonempty("commandline") {
            words(&line)
        } else if let Some(module) = state.env.lookup_nonempty("module") {
            self.module_arguments(&state.env, &module)
        } else {
            let modules = prepare_modules(interpreter, state)?;
            self.program_arguments(&state.env, &modules)
        };
        let world = interpreter.world;
        let mut line = vec![world.compiler.to_string_lossy().into_owned()];
        let depends = arguments.first().is_some_and(|first| first == "-depend");
        // What files depend on is the same for all targets, and the option that asks for it stands first.
        if !depends {
            line.extend(["-target".to_string(), world.target.name.to_string()]);
        }
        // Upstream's harness names the folder of the standard library itself.
        if !depends && arguments.iter().any(|word| word == "-nostdlib") {
            line.extend(["-I".to_string(), world.libraries.to_string_lossy().into_owned()]);
        }
        if arguments.iter().any(|word| word.ends_with(".c")) && world.target.name != Target::host().name {
            let Some(cc) = &world.cc else { return Err(Status::Skipped("no C compiler for the row".into())) };
            line.extend(["-cc".to_string(), cc.clone()]);
        }
        match self.makes_bytecode {
            true => line.extend(arguments.into_iter().filter_map(as_native)),
            false => line.extend(arguments),
        }
        if self.makes_bytecode && !depends {
            line.extend(["-w".to_string(), NATIVE_WARNINGS_OFF.to_string()]);
        }
        let output = self.output_variable();
        let environment = [("TERM", "dumb"), ("OCAML_COLOR", "auto"), ("OCAML_ERROR_STYLE", "contextual")];
        let streams = ["compiler_stdin", output, output];
        let ended = invoke(interpreter, state, line.clone(), streams, &environment, world.compile_limit())?;
        let variable = format!("{}_exit_status", self.name.replace('.', "_"));
        let expected = state.env.exit_status(&variable);
        if ended.status() == Some(expected) {
            return Ok(());
        }
        let said = std::fs::read(interpreter.cwd.join(state.env.get(output))).unwrap_or_default();
        fail(format!(
            "{}: {} instead of {expected}\n$ {}\n{}",
            self.name,
            ended.words(),
            line[1..].join(" "),
            actions::tail(&said)
        ))
    }

    fn common_arguments(self, env: &Environment) -> Vec<String> {
        let mut arguments = Vec::new();
        for folder in env.words("directories") {
            arguments.extend(["-I".to_string(), folder]);
        }
        arguments.extend(env.words("flags"));
        arguments.extend(env.words("libraries").iter().map(|library| format!("{library}.cmxa")));
        arguments.extend(env.words(if self.makes_bytecode { "ocamlc_flags" } else { "ocamlopt_flags" }));
        arguments
    }

    fn module_arguments(self, env: &Environment, module: &str) -> Vec<String> {
        let mut arguments = self.common_arguments(env);
        arguments.push("-c".into());
        arguments.extend(words(module));
        arguments
    }

    fn program_arguments(self, env: &Environment, modules: &[String]) -> Vec<String> {
        let mut arguments = self.common_arguments(env);
        if env.is_true("compile_only") {
            arguments.push("-c".into());
        } else {
            arguments.extend(["-o".to_string(), env.get(self.program_variable())]);
        }
        arguments.extend(env.words("ocaml_filetype_flag"));
        arguments.extend(env.words("binary_modules").iter().map(|module| format!("{module}.cmx")));
        arguments.extend(modules.iter().cloned());
        arguments.extend(env.words("last_flags"));
        arguments
    }
}

/// Bytecode files' names on a command line stand for native ones. A native program is complete in any case.
fn as_native(word: String) -> Option<String> {
    if word == "-output-complete-exe" {
        return None;
    }
    for (bytecode, native) in [(".cmo", ".cmx"), (".cma", ".cmxa")] {
        if let Some(stem) = word.strip_suffix(bytecode) {
            return Some(format!("{stem}{native}"));
        }
    }
    Some(word)
}

/// `all_modules`, with lexers and parsers replaced by what the generators make of them.
fn prepare_modules(interpreter: &Interpreter, state: &State) -> Result<Vec<String>, Status> {
    let mut modules = Vec::new();
    for module in state.env.words("all_modules") {
        if let Some(stem) = module.strip_suffix(".mll") {
            generate(interpreter, state, "ocamllex", &module)?;
            modules.push(format!("{stem}.ml"));
        } else if let Some(stem) = module.strip_suffix(".mly") {
            generate(interpreter, state, "ocamlyacc", &module)?;
            modules.extend([format!("{stem}.mli"), format!("{stem}.ml")]);
        } else {
            modules.push(module);
        }
    }
    Ok(modules)
}

fn generate(interpreter: &Interpreter, state: &State, tool: &str, grammar: &str) -> Result<(), Status> {
    let generated = PathBuf::from(grammar).with_extension("ml");
    let Some(tools) = &interpreter.world.tools else {
        if interpreter.source_dir().join(&generated).exists() {
            return Ok(());
        }
        return Err(Status::Skipped(tool.to_string()));
    };
    let mut line = vec![tools.join(tool).to_string_lossy().into_owned()];
    line.extend(state.env.words(&format!("{tool}_flags")));
    line.push(grammar.to_string());
    let streams = ["compiler_stdin", "compiler_output", "compiler_output"];
    let ended = invoke(interpreter, state, line, streams, &[], interpreter.world.compile_limit())?;
    if ended.status() == Some(0) { Ok(()) } else { fail(format!("{tool} {grammar}: {}", ended.words())) }
}
