//! Small programs with all that the checker says of them, kept as data in `tests/programs/*.txt`:
//!
//! ```text
//! == title
//! -w +4 -principal
//! type t = A | B
//! let f = function A -> 0 | _ -> 1
//! --
//! File "test.ml", line 2, characters 8-32: …
//! ```
//!
//! A case has a title, options if a line starts with `-`, the program, and after `--` the warnings
//! in their order and then the inferred interface or the error. The programs see the predefined
//! types and [`PRELUDE`]. With the option `-c` a program is checked as an implementation, so that
//! what it does not export may be unused. Checking a case gives its text again: the test compares,
//! and with `ROCAML_BLESS=1` in the environment it writes.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use rocaml_base::{Location, Name};
use rocaml_diag::report::{Alert, Report, Style};
use rocaml_diag::{Warning, WarningState};
use rocaml_syntax::parser;
use rocaml_types::context::{Context, Options, Reporter, WarningAttribute};
use rocaml_types::env::Env;
use rocaml_types::env::persistent::NoUnits;
use rocaml_types::printtyp;
use rocaml_typing::typemod;

const PRELUDE: &str = r#"external ( + ) : int -> int -> int = "%addint"
external ( ^ ) : string -> string -> string = "append"
external ( = ) : 'a -> 'a -> bool = "%equal"
external ( |> ) : 'a -> ('a -> 'b) -> 'b = "%revapply"
external ignore : 'a -> unit = "%ignore"
external raise : exn -> 'a = "%raise"
external fst : 'a * 'b -> 'a = "%field0"
type 'a ref = { mutable contents : 'a }
external ref : 'a -> 'a ref = "%makemutable"
external ( ! ) : 'a ref -> 'a = "%field0"
external ( := ) : 'a ref -> 'a -> unit = "%setfield0"
module Obj = struct type t external magic : 'a -> 'b = "%identity" end
"#;
const FILE: &str = "test.ml";

/// Shows reports as the command line does.
struct Console {
    source: String,
    state: RefCell<WarningState>,
    saved: RefCell<Vec<WarningState>>,
    shown: RefCell<String>,
}

impl Console {
    fn show(&self, report: Option<Report>) {
        let Some(report) = report else { return };
        let style = Style { source: Some((FILE, self.source.as_bytes())), ..Style::default() };
        self.shown.borrow_mut().push_str(&style.render(&report));
    }
}

impl Reporter for Console {
    fn is_active(&self, number: usize) -> bool {
        self.state.borrow().is_active_number(number)
    }
    fn warn(&self, loc: Location, warning: Warning) {
        let report = Report::warning(&self.state.borrow(), loc, &warning);
        self.show(report);
    }
    fn alert(&self, kind: &str, loc: Location, differing: Option<(Location, Location)>, message: &str) {
        let (def, use_) = differing.unwrap_or((Location::none(), Location::none()));
        let alert = Alert { kind: kind.to_owned(), message: message.to_owned(), def, use_ };
        let report = Report::alert(&self.state.borrow(), loc, &alert);
        self.show(report);
    }
    fn backup(&self) -> usize {
        self.saved.borrow_mut().push(self.state.borrow().clone());
        self.saved.borrow().len() - 1
    }
    fn restore(&self, state: usize) {
        self.state.borrow_mut().clone_from(&self.saved.borrow()[state]);
    }
    fn attribute(&self, loc: Location, kind: WarningAttribute, spec: &str) {
        let result = {
            let mut state = self.state.borrow_mut();
            match kind {
                WarningAttribute::Warning => state.parse_options(false, spec),
                WarningAttribute::WarnError => state.parse_options(true, spec),
                WarningAttribute::Alert => state.parse_alert_option(spec).map(|()| None),
            }
        };
        let advice = result.unwrap_or_else(|why| panic!("{spec}: {why}"));
        advice.iter().for_each(|text| self.alert("ocaml_deprecated_cli", loc, None, text));
    }
}

/// The options of the line `words`, and of warnings.
fn options(words: &str) -> (Options, WarningState) {
    let mut options = Options::default();
    let mut state = WarningState::default();
    let mut words = words.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "-w" => drop(state.parse_options(false, words.next().unwrap_or_default())),
            "-c" => {}
            "-principal" => options.principal = true,
            "-rectypes" => options.recursive_types = true,
            "-nolabels" => options.classic = true,
            "-short-paths" => options.real_paths = false,
            "-strict-sequence" => options.strict_sequence = true,
            "-no-app-funct" => options.applicative_functors = false,
            "-no-strict-formats" => options.strict_formats = false,
            "-no-alias-deps" => options.transparent_modules = true,
            _ => panic!("unknown option {word}"),
        }
    }
    (options, state)
}

fn prelude(cx: &Context) -> Env {
    let parsed = parser::parse_implementation(Name::new("prelude.ml"), PRELUDE.as_bytes(), Default::default());
    let structure = parsed.result.ok().expect("the prelude parses");
    let env = Env::initial(cx);
    let (_, signature) = typemod::infer_interface(cx, &env, &structure).ok().expect("the prelude is typed");
    env.add_signature(cx, &signature)
}

/// What the checker says of a program.
fn said(words: &str, program: &str) -> String {
    let (options, state) = options(words);
    let console = Rc::new(Console {
        source: program.to_owned(),
        state: RefCell::new(WarningState::default()),
        saved: RefCell::default(),
        shown: RefCell::default(),
    });
    drop(console.state.borrow_mut().parse_options(false, "-a"));
    let parsed = parser::parse_implementation(Name::new(FILE), program.as_bytes(), Default::default());
    let Ok(structure) = parsed.result else { return "syntax error\n".to_owned() };
    let cx = Context::new(options, console.clone(), Rc::new(NoUnits));
    cx.set_current_unit(Some(Name::new("Test")), false);
    typemod::install_hooks(&cx);
    cx.hooks.borrow_mut().interface_size = Some(Rc::new(rocaml_formats::cmi::size));
    let env = prelude(&cx);
    *console.state.borrow_mut() = state;
    let inferred = if words.split_whitespace().any(|word| word == "-c") {
        typemod::type_implementation(&cx, FILE, &env, &structure, &typemod::Interface::Inferred).map(|_| Vec::new())
    } else {
        typemod::infer_interface(&cx, &env, &structure).map(|(_, signature)| signature)
    };
    let end = match inferred {
        Err(error) => {
            let style = Style { source: Some((FILE, program.as_bytes())), ..Style::default() };
            style.render(&error.report(&cx))
        }
        Ok(signature) => {
            let text = printtyp::printed_signature(&cx, FILE, &signature).to_text();
            if text.is_empty() { text } else { format!("{}\n", text.trim_end()) }
        }
    };
    let shown = console.shown.borrow();
    format!("{shown}{end}")
}

/// The text of a case after `== `, with what is said now.
fn again(case: &str) -> String {
    let (input, _) = case.split_once("\n--\n").unwrap_or((case.trim_end(), ""));
    let (title, body) = input.split_once('\n').unwrap_or((input, ""));
    let (words, program) = match body.split_once('\n') {
        Some((words, rest)) if words.starts_with('-') => (words, rest),
        _ => ("", body),
    };
    let words_line = if words.is_empty() { String::new() } else { format!("{words}\n") };
    let program = format!("{}\n", program.trim_end());
    format!("== {title}\n{words_line}{program}--\n{}\n", said(words, &program))
}

#[test]
fn programs_are_told_what_is_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let bless = std::env::var_os("ROCAML_BLESS").is_some();
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).expect("the folder of programs").map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut differing = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a file of programs");
        let mut cases = format!("\n{text}");
        let head = cases.find("\n== ").expect("a case");
        let rest = cases.split_off(head);
        let mut now = cases.trim_start_matches('\n').to_owned();
        if !now.is_empty() {
            now.push('\n');
        }
        for case in rest.split("\n== ").skip(1) {
            let told = again(case);
            if format!("== {}\n", case.trim_end()) != format!("{}\n", told.trim_end()) {
                differing.push(format!("{}:\n{told}", file.display()));
            }
            now.push_str(&told);
        }
        if bless {
            std::fs::write(&file, format!("{}\n", now.trim_end())).expect("the file is written");
        }
    }
    assert!(bless || differing.is_empty(), "{} programs differ; now:\n{}", differing.len(), differing.join("\n"));
}
