//! Directives: phrases that begin with `#`.

use crate::session::{Session, set_warnings};
use rocaml_syntax::ast::{DirectiveArgumentDesc, ToplevelDirective};

/// What a directive takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    String,
    Bool,
    Int,
    Ident,
}

/// The directives of this system, with what they take. Those that load code or trace it need an evaluator that is
/// there while phrases are typed.
const DIRECTIVES: [(&str, Takes); 7] = [
    ("labels", Takes::Bool),
    ("principal", Takes::Bool),
    ("rectypes", Takes::Nothing),
    ("warnings", Takes::String),
    ("warn_error", Takes::String),
    ("print_depth", Takes::Int),
    ("print_length", Takes::Int),
];

/// Runs a directive; false if it failed.
pub fn run(session: &mut Session, directive: &ToplevelDirective) -> bool {
    let name = directive.name.txt;
    let Some((_, takes)) = DIRECTIVES.iter().find(|(known, _)| *known == name.as_str()) else {
        session.console.print_text(&format!("Unknown directive \"{name}\".\n"));
        return false;
    };
    let argument = directive.arg.as_ref().map(|arg| &arg.desc);
    match (name.as_str(), argument) {
        ("labels", Some(DirectiveArgumentDesc::Bool(on))) => session.cx.options.classic = !on,
        ("principal", Some(DirectiveArgumentDesc::Bool(on))) => session.cx.options.principal = *on,
        ("rectypes", None) => session.cx.options.recursive_types = true,
        ("warnings" | "warn_error", Some(DirectiveArgumentDesc::String(spec))) => {
            set_warnings(session, directive.loc, name.as_str() == "warn_error", &String::from_utf8_lossy(spec));
        }
        ("print_depth" | "print_length", Some(DirectiveArgumentDesc::Int(..))) => {}
        (_, argument) => {
            let text = format!("Directive \"{name}\" expects {}, got {}.\n", words(*takes), words(given(argument)));
            session.console.print_text(&text);
            return false;
        }
    }
    true
}

fn given(argument: Option<&DirectiveArgumentDesc>) -> Takes {
    match argument {
        None => Takes::Nothing,
        Some(DirectiveArgumentDesc::String(_)) => Takes::String,
        Some(DirectiveArgumentDesc::Bool(_)) => Takes::Bool,
        Some(DirectiveArgumentDesc::Int(..)) => Takes::Int,
        Some(DirectiveArgumentDesc::Ident(_)) => Takes::Ident,
    }
}

fn words(takes: Takes) -> &'static str {
    match takes {
        Takes::Nothing => "no argument",
        Takes::String => "a \"string\" literal",
        Takes::Bool => "a \"bool\" literal",
        Takes::Int => "an \"int\" literal",
        Takes::Ident => "an identifier",
    }
}
