//! Files of phrases with the answers expected beside them, in upstream's form.
//!
//! ```text
//! let x = 1 + 1;;
//! [%%expect {|
//! val x : int = 2
//! |}];;
//! ```
//! An answer belongs to the phrases since the one before. Where `-principal` makes a difference there are two:
//! `{| … |}, Principal{| … |}`. Lines within a chunk are counted from its first phrase.

use crate::evaluate::Evaluator;
use crate::heap::Outcome;
use crate::printval::UNKNOWN;
use crate::session::Session;
use crate::transcript::Transcript;
use rocaml_base::{Location, Name, Position};
use rocaml_driver::layout::Layout;
use rocaml_driver::options::Options;
use rocaml_syntax::ast::{
    ConstantDesc, Expression, ExpressionDesc, Extension, Payload, StructureItemDesc, ToplevelPhrase,
};
use rocaml_syntax::{ParseOptions, SyntaxError, parse_use_file, parse_use_file_from};
use std::collections::BTreeMap;
use std::path::Path;

/// How often typing and evaluation alternate at most.
const ROUNDS_MAX: usize = 40;

/// An answer as it stands in a file.
#[derive(Clone, Debug)]
struct Answer {
    text: String,
    /// The delimiter of the quotation.
    tag: String,
}

/// An expectation.
#[derive(Clone, Debug)]
struct Expectation {
    normal: Answer,
    principal: Answer,
    /// What is replaced when it is corrected, as offsets.
    payload: (usize, usize),
    line: u32,
}

/// Phrases with what is expected of them; nothing for those at the end of the file.
struct Chunk {
    phrases: Vec<ToplevelPhrase>,
    expectation: Option<Expectation>,
}

/// How an answer compares with what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    Same,
    /// Nothing differs but values that were not evaluated.
    SameTypes,
    Different,
}

impl Agreement {
    pub fn word(self) -> &'static str {
        match self {
            Agreement::Same => "same",
            Agreement::SameTypes => "types",
            Agreement::Different => "differs",
        }
    }
}

/// An expectation with what was answered.
#[derive(Clone, Debug)]
pub struct Block {
    pub number: usize,
    pub line: u32,
    pub agreement: Agreement,
    pub answer: String,
}

/// What became of a file.
#[derive(Debug)]
pub struct Outcomes {
    pub blocks: Vec<Block>,
    /// The file with the answers that were given.
    pub corrected: String,
    /// Why values are not evaluated.
    pub problem: Option<String>,
}

/// How a file is answered.
pub struct Answering<'a> {
    /// Where programs are made; without it, values are not evaluated.
    pub folder: Option<&'a Path>,
    /// Long module types are left out of errors.
    pub short_errors: bool,
}

/// Answers the phrases of a file.
///
/// # Errors
/// When the file cannot be read as phrases, or a session cannot be started; in words.
pub fn run(
    transcript: &'static Transcript,
    layout: &Layout,
    options: &Options,
    source: &[u8],
    answering: &Answering,
) -> Result<Outcomes, String> {
    let folder = answering.folder;
    let chunks = split(source, options.parsing())?;
    let mut known: BTreeMap<usize, Outcome> = BTreeMap::new();
    let mut problem = folder.is_none().then(|| "no evaluation was asked for".to_owned());
    let mut answers = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let session = Session::new(transcript.host(), layout, options, source)?.with_outcomes(known.clone());
        let session = if answering.short_errors { session.with_short_errors() } else { session };
        let (session, given) = answer(transcript, session, &chunks);
        answers = given;
        let Some(folder) = folder else { break };
        let evaluator = Evaluator { host: transcript.host(), layout, options, folder };
        let found = evaluator.run(&session);
        transcript.take();
        match found {
            Ok(found) if found == known => break,
            Ok(found) => known = found,
            Err(why) => {
                problem = Some(why);
                break;
            }
        }
    }
    Ok(compare(source, &chunks, answers, options.principal, problem))
}

/// One answer for each chunk.
fn answer(transcript: &'static Transcript, mut session: Session, chunks: &[Chunk]) -> (Session, Vec<String>) {
    let mut number = 0;
    let mut answers = Vec::new();
    for chunk in chunks {
        transcript.take();
        let mut goes_on = true;
        for phrase in &chunk.phrases {
            number += 1;
            goes_on = goes_on && session.execute(number, phrase);
        }
        answers.push(normalized(&transcript.take()));
    }
    (session, answers)
}

/// An answer begins and ends with a new line; no line ends with a space.
fn normalized(text: &str) -> String {
    let mut result = String::from("\n");
    for line in text.lines() {
        result.push_str(line.trim_end_matches([' ', '\t']));
        result.push('\n');
    }
    result
}

fn compare(
    source: &[u8],
    chunks: &[Chunk],
    answers: Vec<String>,
    principal: bool,
    problem: Option<String>,
) -> Outcomes {
    let mut blocks = Vec::new();
    let mut corrected: Vec<u8> = Vec::new();
    let mut copied = 0;
    for (chunk, answer) in chunks.iter().zip(answers) {
        let Some(expectation) = &chunk.expectation else {
            if !answer.trim().is_empty() {
                corrected.extend(&source[copied..]);
                copied = source.len();
                corrected.extend(format!("\n[%%expect{{|{answer}|}}]\n").bytes());
                blocks.push(Block { number: blocks.len() + 1, line: 0, agreement: Agreement::Different, answer });
            }
            continue;
        };
        let wanted = if principal { &expectation.principal } else { &expectation.normal };
        let agreement = agreement(&wanted.text, &answer);
        if agreement != Agreement::Same {
            corrected.extend(&source[copied..expectation.payload.0]);
            corrected.extend(corrected_payload(expectation, &answer, principal).bytes());
            copied = expectation.payload.1;
        }
        blocks.push(Block { number: blocks.len() + 1, line: expectation.line, agreement, answer });
    }
    corrected.extend(&source[copied..]);
    Outcomes { blocks, corrected: String::from_utf8_lossy(&corrected).into_owned(), problem }
}

fn corrected_payload(expectation: &Expectation, answer: &str, principal: bool) -> String {
    let body = |answer: &str, tag: &str| format!("{{{tag}|{answer}|{tag}}}");
    let (mut normal, mut strict) = (expectation.normal.text.as_str(), expectation.principal.text.as_str());
    if principal {
        strict = answer;
    } else {
        normal = answer;
    }
    let mut text = body(normal, &expectation.normal.tag);
    if normal != strict {
        text.push_str(", Principal");
        text.push_str(&body(strict, &expectation.principal.tag));
    }
    text
}

fn agreement(wanted: &str, answer: &str) -> Agreement {
    if wanted == answer {
        Agreement::Same
    } else if answer.contains(UNKNOWN) && agrees_but_for_values(wanted, answer) {
        Agreement::SameTypes
    } else {
        Agreement::Different
    }
}

/// Whether the text is the answer with something in the place of each unknown value; lines may break elsewhere.
fn agrees_but_for_values(wanted: &str, answer: &str) -> bool {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (wanted, answer) = (flat(wanted), flat(answer));
    let mut parts = answer.split(UNKNOWN);
    let Some(mut rest) = parts.next().and_then(|first| wanted.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    for (index, part) in parts.iter().enumerate() {
        let found = if index + 1 == parts.len() { rest.rfind(part) } else { rest.find(part) };
        match found {
            Some(at) if index + 1 < parts.len() || at + part.len() == rest.len() => rest = &rest[at + part.len()..],
            _ => return false,
        }
    }
    true
}

// ---------------------------------------------------------------------------------------------
// Reading a file

fn split(source: &[u8], parsing: ParseOptions) -> Result<Vec<Chunk>, String> {
    let whole = parse_use_file(Name::new(""), source, parsing);
    let phrases = whole.result.map_err(|error: SyntaxError| syntax_error_text(source, &error))?;
    let mut chunks = Vec::new();
    let mut pending: Vec<ToplevelPhrase> = Vec::new();
    for phrase in phrases {
        match expectation(&phrase)? {
            Some((expectation, at)) => {
                chunks
                    .push(Chunk { phrases: renumbered(source, &pending, at, parsing), expectation: Some(expectation) });
                pending.clear();
            }
            None => pending.push(phrase),
        }
    }
    if !pending.is_empty() {
        chunks.push(Chunk { phrases: renumbered(source, &pending, source.len(), parsing), expectation: None });
    }
    Ok(chunks)
}

fn syntax_error_text(source: &[u8], error: &SyntaxError) -> String {
    let style = rocaml_diag::report::Style { source: Some(("", source)), ..Default::default() };
    style.render(&error.report())
}

/// The phrases read again, with lines counted from the first definition; they end before `end`.
fn renumbered(source: &[u8], phrases: &[ToplevelPhrase], end: usize, parsing: ParseOptions) -> Vec<ToplevelPhrase> {
    let first = phrases.iter().find_map(|phrase| match phrase {
        ToplevelPhrase::Def(items) => items.first().map(|item| item.loc.start),
        ToplevelPhrase::Dir(_) => None,
    });
    let Some(first) = first else { return phrases.to_vec() };
    let leading =
        phrases.iter().take_while(|phrase| !matches!(phrase, ToplevelPhrase::Def(items) if !items.is_empty()));
    let mut all: Vec<ToplevelPhrase> = leading.cloned().collect();
    let start = Position { line: 1, ..first };
    let again = parse_use_file_from(&source[..end], start, parsing);
    match again.result {
        Ok(phrases) => all.extend(phrases),
        // It was read before as a part of the whole.
        Err(_) => return phrases.to_vec(),
    }
    all
}

/// The expectation that a phrase is, and where it begins.
fn expectation(phrase: &ToplevelPhrase) -> Result<Option<(Expectation, usize)>, String> {
    let ToplevelPhrase::Def(items) = phrase else { return Ok(None) };
    let [item] = items.as_slice() else { return Ok(None) };
    let StructureItemDesc::Extension(extension, _) = &item.desc else { return Ok(None) };
    if !matches!(extension.name.txt.as_str(), "expect" | "ocaml.expect") {
        return Ok(None);
    }
    let invalid = || format!("line {}: invalid [%%expect payload]", extension.name.loc.start.line);
    let expectation = payload(extension).ok_or_else(invalid)?;
    Ok(Some((expectation, offset(item.loc.start.cnum))))
}

fn payload(extension: &Extension) -> Option<Expectation> {
    let line = extension.name.loc.start.line;
    let Payload::Str(items) = &extension.payload else { return None };
    let [item] = items.as_slice() else {
        let end = offset(extension.name.loc.end.cnum);
        let nothing = Answer { text: String::new(), tag: String::new() };
        let empty = Expectation { normal: nothing.clone(), principal: nothing, payload: (end, end), line };
        return items.is_empty().then_some(empty);
    };
    let StructureItemDesc::Eval(expression, _) = &item.desc else { return None };
    let (normal, principal) = match &expression.desc {
        ExpressionDesc::Tuple(parts) => {
            let [(None, normal), (None, principal)] = parts.as_slice() else { return None };
            match &principal.desc {
                ExpressionDesc::Construct(name, Some(principal)) if name.txt.last() == Some(Name::new("Principal")) => {
                    (answer_of(normal)?, answer_of(principal)?)
                }
                _ => return None,
            }
        }
        _ => {
            let answer = answer_of(expression)?;
            (answer.clone(), answer)
        }
    };
    let Location { start, end, .. } = expression.loc;
    Some(Expectation { normal, principal, payload: (offset(start.cnum), offset(end.cnum)), line })
}

fn answer_of(expression: &Expression) -> Option<Answer> {
    match &expression.desc {
        ExpressionDesc::Constant(constant) => match &constant.desc {
            ConstantDesc::String(text, _, Some(tag)) => {
                Some(Answer { text: String::from_utf8_lossy(text).into_owned(), tag: tag.to_string() })
            }
            _ => None,
        },
        _ => None,
    }
}

fn offset(cnum: i32) -> usize {
    usize::try_from(cnum).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_values_agree_with_anything() {
        let answer = format!("val x : int = {UNKNOWN}\nval y : t = {UNKNOWN}\n");
        assert_eq!(agreement("val x : int = 1\nval y :\n  t = {a = 1}\n", &answer), Agreement::SameTypes);
        assert_eq!(agreement("val x : bool = 1\nval y : t = 2\n", &answer), Agreement::Different);
    }

    #[test]
    fn chunks_and_their_lines() {
        let source = b"let x = 1;;\n\n(* remark *)\nlet y = 2;;\n[%%expect {|\na\n|}, Principal{|\nb\n|}];;\nlet z = 3;;\n[%%expect{||}]\n";
        let chunks = split(source, ParseOptions::default()).expect("phrases");
        assert_eq!(chunks.len(), 2);
        assert_eq!(chunks[0].phrases.len(), 2);
        let expectation = chunks[0].expectation.as_ref().expect("an expectation");
        assert_eq!((expectation.normal.text.as_str(), expectation.principal.text.as_str()), ("\na\n", "\nb\n"));
        let ToplevelPhrase::Def(items) = &chunks[1].phrases[0] else { panic!("a definition") };
        assert_eq!(items[0].loc.start.line, 1);
        assert_eq!(items[0].loc.start.column(), 0);
    }
}
