//! Tokens of the language.

use rocaml_base::Name;

macro_rules! tokens {
    ($($variant:ident $text:literal,)*) => {
        /// A token. Keywords and punctuation stand for their text; the others carry their data.
        #[derive(Clone, Copy, PartialEq, Debug)]
        #[allow(missing_docs)]
        pub enum Token {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
            Char(u8),
            /// Digits and suffix.
            Float(Name, Option<char>),
            Int(Name, Option<char>),
            /// Comparison and other operators of the lowest level: `!=`, `=…`, `<…`, `$…`.
            Infixop0(Name),
            /// `@…`, `^…`
            Infixop1(Name),
            /// `+…`, `-…`
            Infixop2(Name),
            /// `*…`, `/…`, `%…`, `land`, `mod`, …
            Infixop3(Name),
            /// `**…`, `lsl`, …
            Infixop4(Name),
            /// `.…`, without the dot.
            Dotop(Name),
            Letop(Name),
            Andop(Name),
            /// `#…`
            Hashop(Name),
            Prefixop(Name),
            /// `~label:`
            Label(Name),
            /// `?label:`
            Optlabel(Name),
            Lident(Name),
            Uident(Name),
            /// Index into the strings of the lexer.
            String(u32),
            /// `{%id|…|}`: index into the quoted extensions of the lexer.
            QuotedStringExpr(u32),
            /// `{%%id|…|}`
            QuotedStringItem(u32),
            /// Where the lexer failed; always the last token.
            Error,
        }

        impl Token {
            /// The text of a keyword or punctuation.
            pub fn fixed_text(self) -> Option<&'static str> {
                match self {
                    $(Token::$variant => Some($text),)*
                    _ => None,
                }
            }
        }

        const FIXED: &[(&str, Token)] = &[$(($text, Token::$variant),)*];
    };
}

tokens! {
    And "and", As "as", Assert "assert", Begin "begin", Class "class",
    Constraint "constraint", Do "do", Done "done", Downto "downto", Effect "effect",
    Else "else", End "end", Exception "exception", External "external", False "false",
    For "for", Fun "fun", Function "function", Functor "functor", If "if", In "in",
    Include "include", Inherit "inherit", Initializer "initializer", Lazy "lazy",
    Let "let", Match "match", Method "method", Module "module", Mutable "mutable",
    New "new", Nonrec "nonrec", Object "object", Of "of", Open "open", Or "or",
    Private "private", Rec "rec", Sig "sig", Struct "struct", Then "then", To "to",
    True "true", Try "try", Type "type", Val "val", Virtual "virtual", When "when",
    While "while", With "with",
    Ampersand "&", Amperamper "&&", Backquote "`", Bang "!", Bar "|", Barbar "||",
    Barrbracket "|]", Colon ":", Coloncolon "::", Colonequal ":=", Colongreater ":>",
    Comma ",", Dot ".", Dotdot "..", Eof "", Equal "=", Greater ">", Greaterrbrace ">}",
    Greaterrbracket ">]", Hash "#", Lbrace "{", Lbraceless "{<", Lbracket "[",
    Lbracketbar "[|", Lbracketless "[<", Lbracketgreater "[>", Lbracketpercent "[%",
    Lbracketpercentpercent "[%%", Lbracketat "[@", Lbracketatat "[@@",
    Lbracketatatat "[@@@", Less "<", Lessminus "<-", Lparen "(", Minus "-", Minusdot "-.",
    Minusgreater "->", Percent "%", Plus "+", Plusdot "+.", Pluseq "+=", Question "?",
    Quote "'", Rbrace "}", Rbracket "]", Rparen ")", Semi ";", Semisemi ";;", Star "*",
    Tilde "~", Underscore "_",
}

/// What a word is if it is a keyword (the operators spelled as words included).
pub fn keyword(word: &str) -> Option<Token> {
    let operator = match word {
        "lor" | "lxor" | "mod" | "land" => Some(Token::Infixop3(Name::new(word))),
        "lsl" | "lsr" | "asr" => Some(Token::Infixop4(Name::new(word))),
        _ => None,
    };
    operator.or_else(|| {
        let is_word = word.starts_with(|c: char| c.is_ascii_lowercase());
        let fixed = || FIXED.iter().find(|(text, _)| *text == word).map(|(_, token)| *token);
        if is_word { fixed() } else { None }
    })
}

/// Whether a word is a keyword.
pub fn is_keyword(word: &str) -> bool {
    keyword(word).is_some()
}

/// All keywords with their tokens, whatever the edition.
pub fn keywords() -> impl Iterator<Item = (&'static str, Token)> {
    let words = FIXED.iter().filter(|(text, _)| text.starts_with(|c: char| c.is_ascii_lowercase()));
    let operators = ["lor", "lxor", "mod", "land", "lsl", "lsr", "asr"];
    words.copied().chain(operators.into_iter().filter_map(|word| Some((word, keyword(word)?))))
}
