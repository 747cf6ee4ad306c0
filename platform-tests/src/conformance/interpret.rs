//! Walks a test's header: statements in sequence, branches in parallel, and the result that they join to.
//!
//! Counterpart of upstream's `ocamltest/main.ml`. A path fails with its first failure and is skipped with its first
//! skip; a test fails if a branch fails, and passes if a branch passes.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::tsl::{Block, Kind, Statement};
use super::{BlockReport, Status, Test, World, actions};

/// What a path carries from statement to statement.
#[derive(Clone)]
pub struct State {
    pub env: Environment,
    /// The program was made by a bytecode compiler, or rather by ours in its place: it is not run.
    pub is_bytecode: bool,
}

/// One test as it runs.
pub struct Interpreter<'a> {
    pub world: &'a World,
    pub test: &'a Test,
    /// The test's own folder.
    pub folder: PathBuf,
    /// Where commands run: `setup-…` actions and `cd` change it, for later branches too.
    pub cwd: PathBuf,
    /// What expectation blocks gave.
    pub blocks: Vec<BlockReport>,
}

impl<'a> Interpreter<'a> {
    pub fn new(world: &'a World, test: &'a Test, folder: PathBuf) -> Interpreter<'a> {
        Interpreter { world, test, cwd: folder.clone(), folder, blocks: Vec::new() }
    }

    pub fn source_dir(&self) -> &Path {
        self.test.path.parent().expect("a test is in a folder")
    }

    /// The test's file name without extension.
    pub fn stem(&self) -> String {
        self.test.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub fn run(&mut self) -> Status {
        let mut state = State { env: self.initial_environment(), is_bytecode: false };
        // Assignments before the first action hold for all paths; the list of modules is made after them.
        let block = &self.test.block;
        let leading = block.statements.iter().take_while(|s| !matches!(s.kind, Kind::Action { .. })).count();
        let (root, rest) = block.statements.split_at(leading);
        if let Err(status) = self.statements(root, &mut state) {
            return status;
        }
        self.find_source_modules(&mut state.env);
        if rest.is_empty() && block.branches.is_empty() {
            return self.branches(&default_tests(), &state);
        }
        if let Err(status) = self.statements(rest, &mut state) {
            return status;
        }
        self.branches(&block.branches, &state)
    }

    fn block(&mut self, block: &Block, mut state: State) -> Status {
        match self.statements(&block.statements, &mut state) {
            Ok(()) => self.branches(&block.branches, &state),
            Err(status) => status,
        }
    }

    fn branches(&mut self, branches: &[Block], state: &State) -> Status {
        let mut joined = None;
        for branch in branches {
            let status = self.block(branch, state.clone());
            joined = Some(match joined {
                None => status,
                Some(before) => join_parallel(before, status),
            });
        }
        joined.unwrap_or(Status::Passed)
    }

    /// The first statement that does not pass ends the path.
    fn statements(&mut self, statements: &[Statement], state: &mut State) -> Result<(), Status> {
        for statement in statements {
            match self.statement(&statement.kind, state) {
                Status::Passed => {}
                Status::Skipped(why) => return Err(Status::Skipped(why)),
                Status::Failed(why) => return Err(Status::Failed(format!("line {}: {why}", statement.line))),
            }
        }
        Ok(())
    }

    fn statement(&mut self, kind: &Kind, state: &mut State) -> Status {
        match kind {
            Kind::Assign { variable, value } => state.env.add(variable, value),
            Kind::Append { variable, value } => state.env.append(variable, value),
            Kind::Unset(variable) => state.env.unset(variable),
            Kind::Include(name) => return self.include(name, &mut state.env),
            Kind::Action { name, modifiers } => {
                for modifier in modifiers {
                    match self.include(modifier, &mut state.env) {
                        Status::Passed => {}
                        other => return other,
                    }
                }
                return actions::run(self, name, state);
            }
        }
        Status::Passed
    }

    /// A named set of assignments; one for a library that is not there skips the path.
    fn include(&mut self, name: &str, env: &mut Environment) -> Status {
        if let Some(library) = super::facts::library(name) {
            if !self.world.has_library(library) {
                return Status::Skipped(library.to_string());
            }
            env.append("libraries", &format!(" {library} "));
            return Status::Passed;
        }
        if super::facts::is_compiler_library(name) {
            return Status::Skipped("compiler-libs".into());
        }
        let support = self.world.support.to_string_lossy().into_owned();
        match name {
            "principal" => {
                env.append("flags", " -principal ");
                env.add("compiler_directory_suffix", ".principal");
                env.add("compiler_reference_suffix", ".principal");
            }
            "testing" => {
                env.append("directories", &format!(" {support} "));
                env.append("libraries", " testing ");
            }
            "tool-ocaml-lib" => {
                env.append("directories", &format!(" {support} "));
                env.append("binary_modules", " lib ");
            }
            "dynlink" => return Status::Skipped("dynlink".into()),
            "latex" | "html" | "man" => return Status::Skipped("ocamldoc".into()),
            _ => return Status::Failed(format!("no environment is named '{name}'")),
        }
        Status::Passed
    }

    fn initial_environment(&self) -> Environment {
        let mut env = Environment::default();
        let compiler = self.world.compiler.to_string_lossy();
        env.add("dev_null", "/dev/null");
        env.add("MAKE", "make");
        env.add("test_file", self.test.path.file_name().unwrap_or_default().to_string_lossy());
        env.add_path("reference", &self.source_dir().join(format!("{}.reference", self.stem())));
        env.add_path("test_source_directory", self.source_dir());
        env.add_path("test_build_directory_prefix", &self.folder);
        env.add_path("ocamlsrcdir", &self.world.source_view);
        // Scripts put this before the name of a compiler.
        env.add("ocamlrun", "env");
        env.add("ocamlopt_byte", format!("{compiler} -target {}", self.world.target.name));
        for (name, value) in [
            ("arch", self.world.target.arch.upstream_name()),
            ("os_type", "Unix"),
            ("cc", "cc"),
            ("cflags", "-O2"),
            ("cpp", "cc -E -P"),
            ("mkexe", "cc"),
            ("nativecc_libs", "-lm -lpthread"),
            ("bytecc_libs", "-lm -lpthread"),
        ] {
            env.add(name, value);
        }
        for (name, value) in [("objext", "o"), ("libext", "a"), ("asmext", "s"), ("sharedobjext", "so")] {
            env.add(name, value);
        }
        for (name, value) in [("TEST_PASS", "0"), ("TEST_FAIL", "1"), ("TEST_SKIP", "125"), ("ocamlrunparam", "")] {
            env.add(name, value);
        }
        env
    }

    /// `all_modules`: plugins, modules and the test itself, each after its interface where there is one.
    fn find_source_modules(&self, env: &mut Environment) {
        let mut all = Vec::new();
        for name in env.words("plugins").into_iter().chain(env.words("modules")).chain([env.get("test_file")]) {
            if let Some(stem) = name.strip_suffix(".ml") {
                let interface = format!("{stem}.mli");
                if self.source_dir().join(&interface).exists() {
                    all.push(interface);
                }
            }
            all.push(name);
        }
        env.add("all_modules", all.join(" "));
    }
}

/// What a header without actions asks for.
fn default_tests() -> Vec<Block> {
    let single = |name: &str| {
        let kind = Kind::Action { name: name.to_string(), modifiers: Vec::new() };
        Block { statements: vec![Statement { line: 1, kind }], branches: Vec::new() }
    };
    vec![single("bytecode"), single("native")]
}

fn join_parallel(a: Status, b: Status) -> Status {
    match (a, b) {
        (Status::Failed(why), _) | (_, Status::Failed(why)) => Status::Failed(why),
        (Status::Passed, _) | (_, Status::Passed) => Status::Passed,
        // The more telling of two reasons.
        (Status::Skipped(a), Status::Skipped(b)) => Status::Skipped(if a == "bytecode" { b } else { a }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_join() {
        let skipped = |why: &str| Status::Skipped(why.to_string());
        assert_eq!(join_parallel(skipped("bytecode"), Status::Passed), Status::Passed);
        assert_eq!(join_parallel(skipped("bytecode"), skipped("unix")), skipped("unix"));
        assert_eq!(join_parallel(Status::Passed, Status::Failed("x".into())), Status::Failed("x".into()));
    }
}
