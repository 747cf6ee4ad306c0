//! `rocamldep`: what source files depend on, for build systems. Upstream's `Makedepend`.

mod args;
mod find;
mod print;
mod sort;
mod source;

use crate::host::HostRef;
use crate::layout::Layout;
use crate::reporting;
use args::{Asked, DepArg, Settings};
use find::Finder;
use rocaml_base::Name;
use rocaml_depend::{Bound, Names, Node};
use rocaml_syntax::utf8_lexeme;
use std::path::Path;

/// Whether a file is an implementation or an interface.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Kind {
    Implementation,
    Interface,
}

/// A file with the units that it refers to. The order is that of the answers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct FileDependencies {
    file: String,
    kind: Kind,
    units: Names,
}

/// What ends the run at once; it has been said.
struct Fatal;

/// A run of the command.
struct Depend<'a> {
    host: HostRef,
    layout: Layout,
    settings: &'a Settings,
    /// What `-map` has told so far.
    map: Bound,
    files: Vec<FileDependencies>,
    failed: bool,
}

/// Runs the command with these arguments; its exit code.
pub fn run(program: &str, args: &[String], host: HostRef) -> i32 {
    let read = |path: &str| host.read(Path::new(path));
    let environment = host.variable("OCAMLPARAM").unwrap_or_default();
    let settings = match args::parse(program, args, &environment, &read) {
        Ok(settings) => settings,
        Err(error) => {
            host.print_error(&error.0);
            return 2;
        }
    };
    match settings.asked {
        Some(Asked::Help) => host.print(&args::help(program)),
        Some(Asked::Version) => host.print(&format!("ocamldep, version {}\n", crate::config::OCAML_VERSION)),
        Some(Asked::VersionNumber) => host.print(&format!("{}\n", crate::config::OCAML_VERSION)),
        None => return answer(host, &settings),
    }
    0
}

fn answer(host: HostRef, settings: &Settings) -> i32 {
    settings.complaints.iter().for_each(|complaint| host.print_error(complaint));
    reporting::tell_environment_mistakes(host, &settings.options);
    let layout = Layout::find_installed(host, settings.options.target);
    let failed = !settings.complaints.is_empty();
    let mut run = Depend { host, layout, settings, map: Bound::default(), files: Vec::new(), failed };
    match run.all() {
        Ok(()) if !run.failed => 0,
        _ => 2,
    }
}

/// The unit that a file is.
fn unit_of(file: &str) -> String {
    let base = file.rsplit('/').next().unwrap_or(file);
    utf8_lexeme::capitalize(base.split('.').next().unwrap_or(base))
}

impl Depend<'_> {
    fn all(&mut self) -> Result<(), Fatal> {
        let mut finder = Finder::default();
        for arg in &self.settings.dep_args {
            match arg {
                DepArg::Map(file) => self.read_map(&mut finder, file)?,
                DepArg::Source(file, kind) => self.file(&mut finder, file, *kind),
            }
        }
        if self.settings.sorts {
            let (sorted, is_cyclic) = sort::sorted(self.host, &self.settings.options, &self.files);
            self.failed |= is_cyclic;
            self.host.print(&sorted);
            return Ok(());
        }
        self.files.sort();
        let mut text = String::new();
        for file in &self.files {
            if self.settings.raw {
                print::raw(&mut text, self.settings.slashes, file);
            } else {
                self.rules(&mut text, &finder, file)?;
            }
        }
        self.host.print(&text);
        Ok(())
    }

    /// What a file is by its name or by the option before it; nothing if it is of no kind.
    fn kind_of(&self, file: &str) -> Option<Kind> {
        let ends = |suffixes: &[String]| suffixes.iter().any(|suffix| file.ends_with(suffix.as_str()));
        if ends(&self.settings.ml_synonyms) {
            Some(Kind::Implementation)
        } else {
            ends(&self.settings.mli_synonyms).then_some(Kind::Interface)
        }
    }

    fn file(&mut self, finder: &mut Finder, file: &str, kind: Option<Kind>) {
        let Some(kind) = kind.or_else(|| self.kind_of(file)) else { return };
        self.list_directories(finder);
        if !self.host.exists(Path::new(file)) {
            return;
        }
        let outcome = source::analyze(self, file, kind, self.settings.aliases_are_delayed, false);
        self.failed |= outcome.failed;
        self.files.push(FileDependencies { file: file.to_owned(), kind, units: outcome.units });
    }

    /// `-map`: the modules that a file consists of stand for other units.
    fn read_map(&mut self, finder: &mut Finder, file: &str) -> Result<(), Fatal> {
        let mut units = Names::new();
        let mut modules = Bound::default();
        if let Some(kind) = self.kind_of(file) {
            self.list_directories(finder);
            if self.host.exists(Path::new(file)) {
                let outcome = source::analyze(self, file, kind, true, true);
                self.failed |= outcome.failed;
                (units, modules) = (outcome.units, outcome.modules);
            }
        }
        if modules.is_empty() {
            let text = format!("{file} : empty map file or parse error");
            let quoted = rocaml_syntax::error::quoted_string(text.as_bytes());
            self.host.print_error(&format!("Fatal error: exception Failure({quoted})\n"));
            return Err(Fatal);
        }
        let unit = Name::new(&unit_of(file));
        let node = Node::of(modules);
        if self.settings.shows_maps {
            self.host.print(&print::map(file, &units, unit, &node));
        }
        self.map.insert(unit, node.weakened(&Names::from([unit])));
        Ok(())
    }

    fn list_directories(&mut self, finder: &mut Finder) {
        let options = &self.settings.options;
        let directories = options.include_dirs.iter().chain(&options.hidden_include_dirs);
        let directories: Vec<_> = directories.map(|dir| self.layout.expand(dir)).collect();
        let complaints = finder.list(self.host, options.include_cwd, &directories);
        self.failed |= !complaints.is_empty();
        complaints.iter().for_each(|complaint| self.host.print_error(complaint));
    }

    /// The rules of a file for `make`.
    fn rules(&self, text: &mut String, finder: &Finder, file: &FileDependencies) -> Result<(), Fatal> {
        let settings = self.settings;
        let Some(base) = find::without_extension(&file.file) else {
            self.host.print_error("Fatal error: exception Invalid_argument(\"Filename.chop_extension\")\n");
            return Err(Fatal);
        };
        let named = |extension: &str| format!("{base}{extension}");
        let mut rule = |targets: &[String], dependencies: &[String]| {
            print::rule(text, settings.one_line, settings.slashes, targets, dependencies);
        };
        if file.kind == Kind::Interface {
            let (bytecode, _) = finder.dependencies(self, file.kind, &file.units, Vec::new());
            rule(&[named(".cmi")], &bytecode);
            return Ok(());
        }
        let mut first: Vec<String> = settings.all.then(|| file.file.clone()).into_iter().collect();
        let mut more_targets = Vec::new();
        if find::has_one_of(self.host, base, &settings.mli_synonyms) {
            first.insert(0, named(".cmi"));
        } else if settings.all {
            more_targets.push(named(".cmi"));
        }
        let with_more = |targets: Vec<String>| [targets, more_targets.clone()].concat();
        let (bytecode, native) = finder.dependencies(self, file.kind, &file.units, first);
        if !settings.native_only {
            rule(&with_more(vec![named(".cmo")]), &bytecode);
        }
        if !settings.bytecode_only {
            let mut targets = vec![named(".cmx")];
            targets.extend(settings.all.then(|| named(".o")));
            rule(&with_more(targets), &native);
            if settings.shared {
                rule(&with_more(vec![named(".cmxs")]), &native);
            }
        }
        Ok(())
    }
}
