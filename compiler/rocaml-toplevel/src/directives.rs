//! Directives: phrases that begin with `#`.

use crate::session::{Session, set_warnings};
use crate::show;
use rocaml_diag::format::Formatter;
use rocaml_diag::{Doc, Tag, hint};
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
const DIRECTIVES: [(&str, Takes); 11] = [
    ("directory", Takes::String),
    ("use", Takes::String),
    ("mod_use", Takes::String),
    ("use_output", Takes::String),
    ("labels", Takes::Bool),
    ("principal", Takes::Bool),
    ("rectypes", Takes::Nothing),
    ("warnings", Takes::String),
    ("warn_error", Takes::String),
    ("print_depth", Takes::Int),
    ("print_length", Takes::Int),
];

/// Runs the directive that is the phrase of this number; false if it failed.
pub fn run(session: &mut Session, number: usize, directive: &ToplevelDirective) -> bool {
    let name = directive.name.txt;
    let known = DIRECTIVES.iter().find(|(known, _)| *known == name.as_str()).map(|(_, takes)| *takes);
    let known = known.or_else(|| show::is_directive(&name).then_some(Takes::Ident));
    let Some(takes) = known else {
        session.console.host_text(&unknown(&name));
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
        ("directory", Some(DirectiveArgumentDesc::String(dir))) => {
            session.add_directory(&String::from_utf8_lossy(dir));
        }
        ("use" | "mod_use", Some(DirectiveArgumentDesc::String(file))) => {
            session.use_file(number, &String::from_utf8_lossy(file), name.as_str() == "mod_use");
        }
        ("use_output", Some(DirectiveArgumentDesc::String(command))) => {
            session.use_output(number, &String::from_utf8_lossy(command));
        }
        (shown, Some(DirectiveArgumentDesc::Ident(lid))) if show::is_directive(shown) => {
            let text = show::text(session, shown, lid);
            session.console.host_text(&text);
        }
        (_, argument) => {
            let text = format!("Directive \"{name}\" expects {}, got {}.\n", words(takes), words(given(argument)));
            session.console.host_text(&text);
            return false;
        }
    }
    true
}

fn unknown(name: &str) -> String {
    let all = DIRECTIVES.iter().map(|(known, _)| *known).chain(show::directives());
    let choices = hint::spellcheck(all, name);
    let mut doc = Doc::new();
    // The hint is the longer of two lines whose words end at one column.
    doc.text(if choices.is_empty() { "" } else { " " }).text("Unknown directive ").append(Doc::code(name)).text(".");
    if let Some((last, others)) = choices.split_last() {
        doc.newline().text("Hint: Did you mean ");
        doc.append(Doc::comma_list(others.iter().map(Doc::code)));
        doc.text(if others.is_empty() { "" } else { " or " }).append(Doc::code(last)).text("?");
    }
    let mut formatter = Formatter::new();
    doc.format_with(&mut formatter, &|tag| if tag == Tag::InlineCode { ("\"", "\"") } else { ("", "") });
    formatter.newline();
    formatter.finish()
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
