//! Makes a finding small: takes tokens away as long as the same thing is found.

use crate::run::{self, Limits, Program};
use rocaml_base::{Name, Position};
use rocaml_syntax::lexer::{LexOptions, lex};
use std::path::Path;

/// Runs that a reduction may take.
const RUNS_MAX: usize = 600;

/// A smaller program of the same finding.
pub fn reduce(program: Program, key: &str, toolchain: &Path, limits: &Limits) -> Program {
    let mut pieces = split(&program.text);
    let with = |pieces: &[Vec<u8>]| Program {
        text: pieces.concat(),
        is_interface: program.is_interface,
        flags: program.flags.clone(),
    };
    let mut runs = 0;
    let mut size = pieces.len().div_ceil(2);
    while size > 0 {
        let mut start = 0;
        let before = pieces.len();
        while start < pieces.len() && runs < RUNS_MAX {
            let end = (start + size).min(pieces.len());
            let rest = [&pieces[..start], &pieces[end..]].concat();
            runs += 1;
            let result = run::run(&with(&rest), toolchain, limits);
            if result.verdict.finding().as_deref() == Some(key) {
                pieces = rest;
            } else {
                start = end;
            }
        }
        // Single tokens again as long as some go.
        size = if size == 1 && pieces.len() < before { 1 } else { size / 2 };
        if runs >= RUNS_MAX {
            break;
        }
    }
    with(&pieces)
}

/// Tokens, each with the space before it; comments go.
fn split(text: &[u8]) -> Vec<Vec<u8>> {
    let start = Position { file: Name::new("program"), line: 1, bol: 0, cnum: 0 };
    let lexed = lex(text, start, LexOptions { hash_bang: true, docstrings: false, keywords: None });
    let mut pieces = Vec::new();
    let mut at = 0;
    for token in &lexed.tokens {
        let (Ok(from), Ok(to)) = (usize::try_from(token.start.cnum), usize::try_from(token.end.cnum)) else { continue };
        if from >= at && to > from && to <= text.len() {
            let separator = if text[at..from].contains(&b'\n') { "\n" } else { " " };
            pieces.push([separator.as_bytes(), &text[from..to]].concat());
            at = to;
        }
    }
    // What the lexer did not get through.
    pieces.push(text[at..].to_vec());
    pieces
}
