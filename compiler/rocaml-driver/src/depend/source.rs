//! From a file to the units that it refers to.

use super::{Depend, Kind};
use crate::open_modules;
use crate::pparse::{self, SourceText, UnitTree};
use crate::reporting::Console;
use rocaml_base::{Location, Name};
use rocaml_depend::{Analysis, Bound, Names, Outcome, approximate};
use rocaml_diag::report::Report;
use rocaml_syntax::ast::{Signature, Structure, ToplevelPhrase};
use rocaml_syntax::lexer::LexOptions;
use rocaml_syntax::{ParseOptions, Parsed, parse_use_file};
use rocaml_types::context::Reporter;
use std::path::Path;

/// What a file tells.
pub struct Analyzed {
    pub units: Names,
    /// The modules that it defines.
    pub modules: Bound,
    pub failed: bool,
}

/// Reads a file, says what is wrong with it, and finds the units that it refers to.
pub fn analyze(run: &Depend<'_>, file: &str, kind: Kind, aliases_are_delayed: bool, is_map: bool) -> Analyzed {
    let console = match Console::new(run.host, &run.settings.options) {
        Ok(console) => console,
        Err(why) => {
            run.host.print_error(&format!("{why}\n"));
            return Analyzed { units: Names::new(), modules: Bound::default(), failed: true };
        }
    };
    let result = match pparse::read(run.host, &run.settings.options, Path::new(file), kind == Kind::Interface) {
        Err(why) => Err(Report::error(Location::in_file(Name::new(file)), why)),
        Ok(source) => {
            console.set_source(Some((source.name.clone(), source.text.clone())));
            let walk = Walk { run, console: &console, source, aliases_are_delayed };
            match (kind, is_map) {
                (Kind::Interface, _) => walk.tree(Signature::parse, Analysis::interface),
                (Kind::Implementation, true) => walk.tree(Structure::parse, Analysis::implementation),
                (Kind::Implementation, false) => walk.tree(implementation_with_directives, Analysis::implementation),
            }
        }
    };
    match result {
        Ok(outcome) => Analyzed { units: outcome.free, modules: outcome.defined, failed: false },
        Err(report) => {
            console.print(&report);
            let approximates = run.settings.approximates;
            let units = if approximates { approximated(run, &console, file) } else { Ok(Names::new()) };
            let failed = !approximates || units.is_err();
            Analyzed { units: units.unwrap_or_default(), modules: Bound::default(), failed }
        }
    }
}

fn approximated(run: &Depend<'_>, console: &Console, file: &str) -> Result<Names, ()> {
    let options = LexOptions { hash_bang: true, docstrings: false, keywords: run.settings.options.parsing().keywords };
    match run.host.read(Path::new(file)) {
        Ok(bytes) => {
            let (units, warnings) = approximate(Name::new(file), &bytes, options);
            warnings.into_iter().for_each(|(loc, warning)| console.warn(loc, warning));
            Ok(units)
        }
        Err(error) => {
            let text = format!("I/O error: {file}: {}", crate::io_error_text(&error));
            console.print(&Report::error(Location::in_file(Name::new(file)), text));
            Err(())
        }
    }
}

/// The definitions of a file that may hold directives of a toplevel.
fn implementation_with_directives(file: Name, source: &[u8], options: ParseOptions) -> Parsed<Structure> {
    let Parsed { result, warnings, comments } = parse_use_file(file, source, options);
    let items = |phrase| match phrase {
        ToplevelPhrase::Def(items) => items,
        ToplevelPhrase::Dir(_) => Vec::new(),
    };
    let result = result.map(|phrases| phrases.into_iter().flat_map(items).collect());
    Parsed { result, warnings, comments }
}

/// A file that is being read.
struct Walk<'a> {
    run: &'a Depend<'a>,
    console: &'a Console,
    source: SourceText,
    aliases_are_delayed: bool,
}

impl Walk<'_> {
    fn tree<T: UnitTree>(
        &self,
        parse: fn(Name, &[u8], ParseOptions) -> Parsed<T>,
        walk: fn(Analysis, Bound, &T) -> Outcome,
    ) -> Result<Outcome, Report> {
        let tree = self.read(parse)?;
        let mut analysis = Analysis::new(self.aliases_are_delayed);
        let mut bound = self.run.map.clone();
        for path in open_modules::paths(&self.run.settings.options)? {
            bound = analysis.open(&bound, &path);
        }
        let outcome = walk(analysis, bound, &tree);
        match &outcome.error {
            None => Ok(outcome),
            Some(extension) => Err(rocaml_typing::attributes::error_of_extension(extension)),
        }
    }

    /// The tree of the source, as rewriters leave it.
    fn read<T: UnitTree>(&self, parse: fn(Name, &[u8], ParseOptions) -> Parsed<T>) -> Result<T, Report> {
        let (run, source) = (self.run, &self.source);
        let options = &run.settings.options;
        let fail = |why: String| Report::error(Location::in_file(Name::new(&source.name)), why);
        let tree = match &source.tree {
            Some(bytes) => pparse::decode(source, bytes).map_err(fail)?,
            None => {
                const UNEXPECTED_DOCSTRING: usize = 50;
                let docstrings = !options.ppx.is_empty() || self.console.is_active(UNEXPECTED_DOCSTRING);
                let parsed =
                    parse(Name::new(&source.name), &source.text, ParseOptions { docstrings, ..options.parsing() });
                for (loc, warning) in parsed.warnings {
                    self.console.warn(loc, warning);
                }
                parsed.result.map_err(|error| error.report())?
            }
        };
        if options.ppx.is_empty() {
            return Ok(tree);
        }
        let tree: T = pparse::rewrite(run.host, &run.layout, options, &source.name, tree).map_err(fail)?;
        match tree.check() {
            Ok(()) => Ok(tree),
            Err((loc, what)) => Err(Report::error(loc, format!("broken invariant in parsetree: {what}"))),
        }
    }
}
