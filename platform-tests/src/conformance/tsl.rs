//! The language of upstream's test headers ("TSL"): a comment that opens with `TEST`, statements, and nested blocks.
//!
//! ```text
//! (* TEST
//!  flags = "-w A";            an assignment; `+=` appends, `set` declares, `unset` removes
//!  include testing;           a named set of assignments
//!  setup-build-env;           a test or an action, `with` modifiers
//!  { native; } { bytecode; }  then blocks, each a branch of its own
//! *)
//! ```
//! With `TEST_BELOW` the header stands at the end of the file.

/// A statement with the line it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub line: usize,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Assign {
        variable: String,
        value: String,
    },
    Append {
        variable: String,
        value: String,
    },
    Unset(String),
    Include(String),
    /// A test or an action, with the environment modifiers named after `with`.
    Action {
        name: String,
        modifiers: Vec<String>,
    },
}

/// Statements in sequence, then branches that each go on from where they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    pub statements: Vec<Statement>,
    pub branches: Vec<Block>,
}

impl Block {
    /// The names of all actions and tests of the block and its branches.
    pub fn actions(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect_actions(&mut names);
        names
    }

    fn collect_actions<'a>(&'a self, names: &mut Vec<&'a str>) {
        for statement in &self.statements {
            if let Kind::Action { name, .. } = &statement.kind {
                names.push(name);
            }
        }
        self.branches.iter().for_each(|branch| branch.collect_actions(names));
    }

    /// Every statement of the block and its branches.
    pub fn all_statements(&self) -> Vec<&Statement> {
        let mut all: Vec<&Statement> = self.statements.iter().collect();
        self.branches.iter().for_each(|branch| all.extend(branch.all_statements()));
        all
    }
}

/// The header of a file, if it is a test.
pub fn parse(text: &str) -> Option<Result<Block, String>> {
    let (start, closing) = header(text)?;
    let line = 1 + text[..start].matches('\n').count();
    let mut parser = Parser { lexer: Lexer { text, at: start, line, closing }, next: None };
    Some(parser.whole())
}

/// Where the text of the header starts, and what ends it.
fn header(text: &str) -> Option<(usize, &'static str)> {
    let start = text.len() - text.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']).len();
    let (opening, closing) = match text.get(start..start + 2)? {
        "(*" => ("(*", "*)"),
        "/*" => ("/*", "*/"),
        _ => return None,
    };
    let word = after_blanks(text, start + 2);
    if text[word..].starts_with("TEST_BELOW") {
        // The last comment of the file that opens with the word.
        let mut found = None;
        for (at, _) in text[word..].match_indices(opening) {
            let inside = after_blanks(text, word + at + 2);
            if text[inside..].starts_with("TEST") {
                found = Some(inside + "TEST".len());
            }
        }
        return found.map(|start| (start, closing));
    }
    text[word..].starts_with("TEST").then(|| (word + "TEST".len(), closing))
}

fn after_blanks(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches([' ', '\t', '\x0c']).len()
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Equal,
    PlusEqual,
    Comma,
    Semi,
    Open,
    Close,
    End,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    closing: &'static str,
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '\'')
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn advance(&mut self, bytes: usize) {
        self.line += self.text[self.at..self.at + bytes].matches('\n').count();
        self.at += bytes;
    }

    fn token(&mut self) -> Result<Token, String> {
        let blanks = self.rest().len() - self.rest().trim_start().len();
        self.advance(blanks);
        let rest = self.rest();
        if rest.is_empty() {
            return Err(self.error("the header does not end"));
        }
        if rest.starts_with(self.closing) {
            self.advance(2);
            return Ok(Token::End);
        }
        if rest.starts_with("(*") {
            self.comment()?;
            return self.token();
        }
        let word = rest.len() - rest.trim_start_matches(is_word).len();
        if word > 0 {
            self.advance(word);
            return Ok(Token::Word(rest[..word].to_string()));
        }
        let (token, length) = match rest.as_bytes()[0] {
            b'"' => {
                self.advance(1);
                return self.string();
            }
            b'+' if rest.starts_with("+=") => (Token::PlusEqual, 2),
            b'=' => (Token::Equal, 1),
            b',' => (Token::Comma, 1),
            b';' => (Token::Semi, 1),
            b'{' => (Token::Open, 1),
            b'}' => (Token::Close, 1),
            other => return Err(self.error(&format!("unexpected character {:?}", char::from(other)))),
        };
        self.advance(length);
        Ok(token)
    }

    fn comment(&mut self) -> Result<(), String> {
        let mut depth = 0;
        loop {
            let rest = self.rest();
            let length = if rest.starts_with("(*") {
                depth += 1;
                2
            } else if rest.starts_with("*)") {
                depth -= 1;
                2
            } else {
                rest.chars().next().ok_or_else(|| self.error("a comment does not end"))?.len_utf8()
            };
            self.advance(length);
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// The rest of a string. A backslash is itself, except before a line end: then the line end, the blanks of the
    /// next line and, if there is one, a backslash before a last blank are left out.
    fn string(&mut self) -> Result<Token, String> {
        let mut value = String::new();
        loop {
            let rest = self.rest();
            let Some(c) = rest.chars().next() else { return Err(self.error("a string does not end")) };
            if c == '"' {
                self.advance(1);
                return Ok(Token::Text(value));
            }
            let newline = rest.strip_prefix('\\').map(|after| after.strip_prefix('\r').unwrap_or(after));
            if let Some(newline) = newline.filter(|after| after.starts_with('\n')) {
                let next = newline[1..].trim_start_matches([' ', '\t', '\x0c']);
                let escaped = next.strip_prefix('\\').filter(|after| after.starts_with([' ', '\t', '\x0c']));
                if let Some(after) = escaped {
                    value.push_str(&after[..1]);
                }
                let left = escaped.map_or(next, |after| &after[1..]);
                self.advance(rest.len() - left.len());
                continue;
            }
            value.push(c);
            self.advance(c.len_utf8());
        }
    }

    fn error(&self, what: &str) -> String {
        format!("line {}: {what}", self.line)
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    next: Option<Token>,
}

impl Parser<'_> {
    fn peek(&mut self) -> Result<&Token, String> {
        if self.next.is_none() {
            self.next = Some(self.lexer.token()?);
        }
        Ok(self.next.as_ref().expect("filled above"))
    }

    fn take(&mut self) -> Result<Token, String> {
        match self.next.take() {
            Some(token) => Ok(token),
            None => self.lexer.token(),
        }
    }

    fn expect(&mut self, wanted: Token) -> Result<(), String> {
        let found = self.take()?;
        if found == wanted { Ok(()) } else { Err(self.lexer.error(&format!("{wanted:?} expected, {found:?} found"))) }
    }

    fn word(&mut self) -> Result<String, String> {
        match self.take()? {
            Token::Word(word) => Ok(word),
            found => Err(self.lexer.error(&format!("a word expected, {found:?} found"))),
        }
    }

    fn whole(&mut self) -> Result<Block, String> {
        let block = self.block()?;
        self.expect(Token::End)?;
        Ok(block)
    }

    fn block(&mut self) -> Result<Block, String> {
        let mut block = Block::default();
        while matches!(self.peek()?, Token::Word(_)) {
            block.statements.push(self.statement()?);
        }
        while *self.peek()? == Token::Open {
            self.take()?;
            block.branches.push(self.block()?);
            self.expect(Token::Close)?;
        }
        Ok(block)
    }

    fn statement(&mut self) -> Result<Statement, String> {
        let word = self.word()?;
        let line = self.lexer.line;
        let kind = match word.as_str() {
            "include" => Kind::Include(self.word()?),
            "unset" => Kind::Unset(self.word()?),
            "set" => {
                let variable = self.word()?;
                self.expect(Token::Equal)?;
                Kind::Assign { variable, value: self.text()? }
            }
            _ => self.assignment_or_action(word)?,
        };
        self.expect(Token::Semi)?;
        Ok(Statement { line, kind })
    }

    fn assignment_or_action(&mut self, word: String) -> Result<Kind, String> {
        Ok(match self.peek()? {
            Token::Equal => {
                self.take()?;
                Kind::Assign { variable: word, value: self.text()? }
            }
            Token::PlusEqual => {
                self.take()?;
                Kind::Append { variable: word, value: self.text()? }
            }
            Token::Word(with) if with == "with" => {
                self.take()?;
                let mut modifiers = vec![self.word()?];
                while *self.peek()? == Token::Comma {
                    self.take()?;
                    modifiers.push(self.word()?);
                }
                Kind::Action { name: word, modifiers }
            }
            _ => Kind::Action { name: word, modifiers: Vec::new() },
        })
    }

    fn text(&mut self) -> Result<String, String> {
        match self.take()? {
            Token::Text(text) => Ok(text),
            found => Err(self.lexer.error(&format!("a string expected, {found:?} found"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Block {
        parse(text).expect("a header").expect("which is well formed")
    }

    fn action(name: &str) -> Kind {
        Kind::Action { name: name.into(), modifiers: Vec::new() }
    }

    #[test]
    fn statements_and_branches() {
        let block =
            parsed("\n(* TEST\n flags = \"-w \\\n   \\ A\"; (* why *)\n a;\n { b; x += \"1\"; } { c with d, e; }\n*)");
        assert_eq!(block.statements[0].kind, Kind::Assign { variable: "flags".into(), value: "-w  A".into() });
        assert_eq!(block.statements[1], Statement { line: 5, kind: action("a") });
        assert_eq!(block.branches.len(), 2);
        assert_eq!(block.branches[0].statements[0].kind, action("b"));
        let modifiers = vec!["d".to_string(), "e".to_string()];
        assert_eq!(block.branches[1].statements[0].kind, Kind::Action { name: "c".into(), modifiers });
        assert_eq!(block.actions(), ["a", "b", "c"]);
    }

    #[test]
    fn a_header_may_be_empty_below_or_absent() {
        assert_eq!(parsed("(* TEST *) let x = 1"), Block::default());
        assert_eq!(parsed("(* TEST_BELOW *)\nlet x = 1\n(* TEST\n expect;\n*)").actions(), ["expect"]);
        assert_eq!(parsed("/* TEST\n native;\n*/").actions(), ["native"]);
        assert!(parse("let x = 1 (* TEST *)").is_none());
        assert!(parse("(* TEST a").expect("a header").is_err());
    }
}
