//! An approximation for texts that do not parse.

use crate::Names;
use rocaml_base::{Location, Name, Position};
use rocaml_diag::Warning;
use rocaml_syntax::LexError;
use rocaml_syntax::lexer::{LexOptions, Lexeme, lex};
use rocaml_syntax::token::Token;

/// Names that stand where the first name of a path of modules does.
///
/// A name after a dot belongs to the path before it, unless that ends in a small letter: then it is
/// a field of a record. A name after a backquote is a variant's. Where the lexer fails it goes on
/// behind what is wrong. What the lexer warns of comes along.
pub fn approximate(file: Name, source: &[u8], options: LexOptions) -> (Names, Vec<(Location, Warning)>) {
    let (mut names, mut warnings) = (Names::new(), Vec::new());
    let mut start = Position { file, line: 1, bol: 0, cnum: 0 };
    let mut options = options;
    loop {
        let lexed = lex(source, start, options);
        warnings.extend(lexed.warnings);
        collect(&lexed.tokens, &mut names);
        let Some((error, loc)) = lexed.error else { return (names, warnings) };
        // What has no end extends to that of the text.
        let is_unterminated = matches!(
            error,
            LexError::UnterminatedComment | LexError::UnterminatedString | LexError::UnterminatedStringInComment(_)
        );
        if is_unterminated || loc.end.cnum <= start.cnum {
            return (names, warnings);
        }
        start = loc.end;
        options.hash_bang = false;
    }
}

fn collect(tokens: &[Lexeme], names: &mut Names) {
    let mut after_lident = false;
    let mut skip = false;
    for lexeme in tokens {
        let token = lexeme.token;
        let separates = matches!(token, Token::Dot | Token::Backquote);
        if skip {
            // One token that is no separator.
            skip = separates;
            continue;
        }
        match token {
            Token::Uident(name) => drop(names.insert(name)),
            Token::Dot if after_lident => {}
            _ => skip = separates,
        }
        after_lident = matches!(token, Token::Lident(_));
    }
}
