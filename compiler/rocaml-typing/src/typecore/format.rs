//! Format strings: from the text of a literal used at type `format6` to a typed format.
//!
//! The result is a parse tree of constructors of `CamlinternalFormatBasics`, which is then checked
//! like any expression: see [`super::format_tree`]. Counterpart of the parser of
//! `CamlinternalFormat`, whose rules and messages these are.
//!
//! A directive is read, then the rest of the format, and only then are the flags of the directive
//! judged: so the complaints come in the order that users know.

/// On which side a field is padded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Left,
    Right,
    Zeros,
}

/// The width of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Padding {
    None,
    Literal(Side, i64),
    Argument(Side),
}

/// The precision of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Precision {
    None,
    Literal(i64),
    Argument,
}

/// Which integer type a conversion prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IntKind {
    Int,
    Int32,
    Nativeint,
    Int64,
}

/// What `%l`, `%n`, `%L` or `%N` count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counter {
    Line,
    Char,
    Token,
}

/// The conversion of a float: flag and kind, by constructor name.
pub type FloatConv = (&'static str, &'static str);

/// One element of a format.
#[derive(Clone, Debug)]
pub enum Directive {
    Char,
    CamlChar,
    String(Padding),
    CamlString(Padding),
    Int(IntKind, &'static str, Padding, Precision),
    Float(FloatConv, Padding, Precision),
    Bool(Padding),
    Flush,
    Literal(Vec<u8>),
    FormatArg(Option<i64>, Vec<ArgType>),
    FormatSubst(Option<i64>, Vec<ArgType>),
    Alpha,
    Theta,
    Formatting(Formatting),
    /// `@{<tag>` (true) or `@[<box>`, with the inner format and its text.
    OpenGroup {
        tag: bool,
        format: Format,
        text: Vec<u8>,
    },
    Reader,
    ScanCharSet(Option<i64>, [u8; 32]),
    ScanCounter(Counter),
    ScanNextChar,
    Ignored(Ignored),
}

/// A layout instruction without contents.
#[derive(Clone, Debug)]
pub enum Formatting {
    /// `Close_box`, `Close_tag`, `FFlush`, `Force_newline`, `Flush_newline`, `Escaped_at`,
    /// `Escaped_percent`.
    Simple(&'static str),
    Break(Vec<u8>, i64, i64),
    MagicSize(Vec<u8>, i64),
    ScanIndic(u8),
}

/// A directive with `_`: read and thrown away.
#[derive(Clone, Debug)]
pub enum Ignored {
    Char,
    CamlChar,
    String(Option<i64>),
    CamlString(Option<i64>),
    Int(IntKind, &'static str, Option<i64>),
    Float(Option<i64>, Option<i64>),
    Bool(Option<i64>),
    FormatArg(Option<i64>, Vec<ArgType>),
    FormatSubst(Option<i64>, Vec<ArgType>),
    Reader,
    ScanCharSet(Option<i64>, [u8; 32]),
    ScanCounter(Counter),
    ScanNextChar,
}

/// The type of an argument that a format takes: upstream's `fmtty`.
#[derive(Clone, Debug)]
pub enum ArgType {
    /// A constructor of `fmtty` with nothing but the rest as argument, by name.
    Simple(&'static str),
    FormatArg(Vec<ArgType>),
    FormatSubst(Vec<ArgType>),
}

/// A format, last directive first: its tree is built from the end.
pub type Format = Vec<Directive>;

/// A complaint.
pub type Message = String;

type Parsed<T> = Result<T, Message>;

/// Parses a format string. `legacy` tolerates the nonsense that old versions accepted.
pub fn parse_format_string(text: &[u8], legacy: bool) -> Parsed<Format> {
    let mut parser = Parser { text, legacy };
    parser.parse(0, text.len())
}

struct Parser<'a> {
    text: &'a [u8],
    legacy: bool,
}

/// What stands between `%` and the conversion.
#[derive(Clone, Copy)]
struct Spec {
    percent: usize,
    ignored: bool,
    minus: bool,
    plus: bool,
    hash: bool,
    space: bool,
    padding: Padding,
    precision: Precision,
    /// Padding merged with precision, for conversions without a precision.
    merged: Padding,
}

/// Options that a conversion took notice of.
#[derive(Default)]
struct Used {
    signs: bool,
    ignored: bool,
    padding: bool,
    precision: bool,
}

/// The greatest length of a string on 64 bits.
const MAX_STRING_LENGTH: i64 = 144_115_188_075_855_863;

impl Parser<'_> {
    fn quoted(&self) -> String {
        format!("\"{}\"", escaped(self.text))
    }

    fn at(&self, position: usize, message: &str) -> Message {
        format!("invalid format {}: at character number {position}, {message}", self.quoted())
    }

    fn peek(&self, position: usize, end: usize) -> Parsed<u8> {
        if position >= end { Err(self.at(end, "unexpected end of format")) } else { Ok(self.text[position]) }
    }

    fn incompatible<T>(&self, percent: usize, end: usize, symbol: u8, option: &str) -> Parsed<T> {
        let sub = escaped(&self.text[percent..end]);
        Err(self.at(percent, &format!("{option} is incompatible with '{}' in sub-format \"{sub}\"", symbol as char)))
    }

    fn parse(&mut self, start: usize, end: usize) -> Parsed<Format> {
        let mut position = start;
        while position < end && self.text[position] != b'%' && self.text[position] != b'@' {
            position += 1;
        }
        let mut format = match self.text.get(position) {
            Some(b'%') if position < end => self.directive(position, end)?,
            Some(_) if position < end => self.after_at(position + 1, end)?,
            _ => Vec::new(),
        };
        if position > start {
            format.push(Directive::Literal(self.text[start..position].to_vec()));
        }
        Ok(format)
    }

    /// The rest of the format, then a directive before it.
    fn then(&mut self, position: usize, end: usize, directive: Directive) -> Parsed<Format> {
        let mut rest = self.parse(position, end)?;
        rest.push(directive);
        Ok(rest)
    }

    // -- After `%` ---------------------------------------------------------------------------------

    fn directive(&mut self, percent: usize, end: usize) -> Parsed<Format> {
        let mut position = percent + 1;
        let ignored = self.peek(position, end)? == b'_';
        if ignored {
            position += 1;
        }
        let (mut zero, mut minus, mut plus, mut hash, mut space) = (false, false, false, false, false);
        loop {
            let c = self.peek(position, end)?;
            let flag = match c {
                b'0' => &mut zero,
                b'-' => &mut minus,
                b'+' => &mut plus,
                b'#' => &mut hash,
                b' ' => &mut space,
                _ => break,
            };
            if *flag && !self.legacy {
                return Err(self.at(position, &format!("duplicate flag {}", quoted_char(c))));
            }
            *flag = true;
            position += 1;
        }
        let side = match (zero, minus) {
            (false, false) => Side::Right,
            (false, true) => Side::Left,
            (true, false) => Side::Zeros,
            (true, true) if self.legacy => Side::Left,
            (true, true) => return self.incompatible(percent, position, b'-', "0"),
        };
        let (position, padding) = self.padding(position, end, side)?;
        let spec =
            Spec { percent, ignored, minus, plus, hash, space, padding, precision: Precision::None, merged: padding };
        self.precision(position, end, spec)
    }

    fn padding(&self, position: usize, end: usize, side: Side) -> Parsed<(usize, Padding)> {
        match self.peek(position, end)? {
            b'0'..=b'9' => {
                let (position, width) = self.positive(position, end)?;
                Ok((position, Padding::Literal(side, width)))
            }
            b'*' => Ok((position + 1, Padding::Argument(side))),
            _ if side == Side::Left && !self.legacy => Err(self.without(position - 1, '-', "padding")),
            // `%0c` and `%0s` mean something to scanners.
            _ if side == Side::Zeros => Ok((position, Padding::Literal(Side::Right, 0))),
            _ => Ok((position, Padding::None)),
        }
    }

    fn without(&self, position: usize, flag: char, missing: &str) -> Message {
        self.at(position, &format!("'{flag}' without {missing}"))
    }

    fn precision(&mut self, position: usize, end: usize, mut spec: Spec) -> Parsed<Format> {
        let symbol = self.peek(position, end)?;
        if symbol != b'.' {
            return self.conversion(position + 1, end, spec, symbol);
        }
        let position = position + 1;
        let (position, precision) = match self.peek(position, end)? {
            b'0'..=b'9' => {
                let (position, n) = self.positive(position, end)?;
                (position, Precision::Literal(n))
            }
            sign @ (b'+' | b'-') if self.legacy => {
                spec.minus |= sign == b'-';
                let (position, n) = self.positive(position + 1, end)?;
                (position, Precision::Literal(n))
            }
            b'*' => (position + 1, Precision::Argument),
            _ if self.legacy => (position, Precision::Literal(0)),
            _ => return Err(self.without(position - 1, '.', "precision")),
        };
        spec.precision = precision;
        if spec.padding == Padding::None {
            let side = if spec.minus { Side::Left } else { Side::Right };
            spec.merged = match precision {
                Precision::None => Padding::None,
                Precision::Literal(n) => Padding::Literal(side, n),
                Precision::Argument => Padding::Argument(side),
            };
        }
        let symbol = self.peek(position, end)?;
        self.conversion(position + 1, end, spec, symbol)
    }

    fn conversion(&mut self, position: usize, end: usize, spec: Spec, symbol: u8) -> Parsed<Format> {
        let mut used = Used::default();
        let format = self.conversion_of(position, end, &spec, symbol, &mut used)?;
        self.check_options(position, &spec, symbol, &used)?;
        Ok(format)
    }

    fn check_options(&self, position: usize, spec: &Spec, symbol: u8, used: &Used) -> Parsed<()> {
        let Spec { percent, ignored, .. } = *spec;
        if !self.legacy {
            let unused = [
                (!used.signs && spec.plus, symbol, "'+'"),
                (!used.signs && spec.hash, symbol, "'#'"),
                (!used.signs && spec.space, symbol, "' '"),
                (!used.padding && spec.padding != Padding::None, symbol, "`padding'"),
                (
                    !used.precision && spec.precision != Precision::None,
                    if ignored { b'_' } else { symbol },
                    "`precision'",
                ),
                (ignored && spec.plus, b'_', "'+'"),
            ];
            for (wrong, symbol, option) in unused {
                if wrong {
                    return self.incompatible(percent, position, symbol, option);
                }
            }
        }
        let harmless = self.legacy && matches!(symbol, b'@' | b'%' | b'!' | b',');
        if ignored && !used.ignored && !harmless {
            return self.incompatible(percent, position, symbol, "'_'");
        }
        Ok(())
    }

    fn conversion_of(
        &mut self,
        position: usize,
        end: usize,
        spec: &Spec,
        symbol: u8,
        used: &mut Used,
    ) -> Parsed<Format> {
        match symbol {
            b',' => self.parse(position, end),
            b'c' => {
                let mut rest = self.parse(position, end)?;
                used.padding = true;
                used.ignored = true;
                let width = self.pad_option(position, spec, spec.padding, b'c')?;
                if width.is_some_and(|n| n != 0) && !self.legacy {
                    return Err(self.at(position, "non-zero widths are unsupported for %c conversions"));
                }
                rest.push(match (width == Some(0), spec.ignored) {
                    (false, false) => Directive::Char,
                    (false, true) => Directive::Ignored(Ignored::Char),
                    (true, false) => Directive::ScanNextChar,
                    (true, true) => Directive::Ignored(Ignored::ScanNextChar),
                });
                Ok(rest)
            }
            b'C' => {
                used.ignored = true;
                let directive = if spec.ignored { Directive::Ignored(Ignored::CamlChar) } else { Directive::CamlChar };
                self.then(position, end, directive)
            }
            b's' => self.padded(position, end, spec, symbol, used, Directive::String, Ignored::String),
            b'S' => self.padded(position, end, spec, symbol, used, Directive::CamlString, Ignored::CamlString),
            b'b' | b'B' => self.padded(position, end, spec, symbol, used, Directive::Bool, Ignored::Bool),
            b'd' | b'i' | b'x' | b'X' | b'o' | b'u' => {
                self.integer(position, position, end, spec, IntKind::Int, symbol, used)
            }
            b'N' => self.counter(position, end, spec, Counter::Token, used),
            b'l' | b'n' | b'L' => {
                let base = self.text.get(position).copied().filter(|_| position < end);
                match base.filter(|c| b"dixXou".contains(c)) {
                    None => {
                        let counter = match symbol {
                            b'l' => Counter::Line,
                            b'n' => Counter::Char,
                            _ => Counter::Token,
                        };
                        self.counter(position, end, spec, counter, used)
                    }
                    Some(base) => {
                        let kind = match symbol {
                            b'l' => IntKind::Int32,
                            b'n' => IntKind::Nativeint,
                            _ => IntKind::Int64,
                        };
                        self.integer(position + 1, position, end, spec, kind, base, used)
                    }
                }
            }
            b'f' | b'e' | b'E' | b'g' | b'G' | b'F' | b'h' | b'H' => self.float(position, end, spec, symbol, used),
            b'a' => self.then(position, end, Directive::Alpha),
            b't' => self.then(position, end, Directive::Theta),
            b'r' => {
                used.ignored = true;
                let directive = if spec.ignored { Directive::Ignored(Ignored::Reader) } else { Directive::Reader };
                self.then(position, end, directive)
            }
            b'!' => self.then(position, end, Directive::Flush),
            b'%' | b'@' => self.then(position, end, Directive::Literal(vec![symbol])),
            b'{' | b'(' => self.sub_format(position, end, spec, symbol, used),
            b'[' => {
                let (next, set) = self.char_set(position, end)?;
                let mut rest = self.parse(next, end)?;
                used.padding = true;
                used.ignored = true;
                let width = self.pad_option(position, spec, spec.padding, if spec.ignored { b'_' } else { b'[' })?;
                rest.push(if spec.ignored {
                    Directive::Ignored(Ignored::ScanCharSet(width, set))
                } else {
                    Directive::ScanCharSet(width, set)
                });
                Ok(rest)
            }
            b'-' | b'+' | b'#' | b' ' | b'_' => Err(self.at(
                spec.percent,
                &format!("flag {} is only allowed after the '%', before padding and precision", quoted_char(symbol)),
            )),
            _ => Err(self.at(position - 1, &format!("invalid conversion \"%{}\"", symbol as char))),
        }
    }

    /// `%s`, `%S`, `%b`: a padding and no precision.
    #[allow(clippy::too_many_arguments)]
    fn padded(
        &mut self,
        position: usize,
        end: usize,
        spec: &Spec,
        symbol: u8,
        used: &mut Used,
        plain: fn(Padding) -> Directive,
        ignored: fn(Option<i64>) -> Ignored,
    ) -> Parsed<Format> {
        used.padding = true;
        used.ignored = true;
        let padding = match spec.merged {
            Padding::Literal(Side::Zeros, n) if self.legacy => Padding::Literal(Side::Right, n),
            Padding::Argument(Side::Zeros) if self.legacy => Padding::Argument(Side::Right),
            Padding::Literal(Side::Zeros, _) | Padding::Argument(Side::Zeros) => {
                return self.incompatible(spec.percent, position, symbol, "0");
            }
            other => other,
        };
        let mut rest = self.parse(position, end)?;
        rest.push(if spec.ignored {
            Directive::Ignored(ignored(self.pad_option(position, spec, spec.merged, b'_')?))
        } else {
            plain(padding)
        });
        Ok(rest)
    }

    /// An integer conversion; `option_end` is where complaints about its options end.
    #[allow(clippy::too_many_arguments)]
    fn integer(
        &mut self,
        position: usize,
        option_end: usize,
        end: usize,
        spec: &Spec,
        kind: IntKind,
        symbol: u8,
        used: &mut Used,
    ) -> Parsed<Format> {
        used.signs = true;
        used.ignored = true;
        used.padding = true;
        let conversion = self.int_conversion(position, spec, symbol)?;
        let mut rest = self.parse(position, end)?;
        rest.push(if spec.ignored {
            let width = self.pad_option(option_end, spec, spec.padding, b'_')?;
            Directive::Ignored(Ignored::Int(kind, conversion, width))
        } else {
            used.precision = true;
            let padding = self.int_padding(option_end, spec)?;
            Directive::Int(kind, conversion, padding, spec.precision)
        });
        Ok(rest)
    }

    /// With a precision, padding is with spaces.
    fn int_padding(&self, position: usize, spec: &Spec) -> Parsed<Padding> {
        if spec.precision == Precision::None {
            return Ok(spec.padding);
        }
        match spec.padding {
            Padding::Literal(Side::Zeros, n) if self.legacy => Ok(Padding::Literal(Side::Right, n)),
            Padding::Argument(Side::Zeros) if self.legacy => Ok(Padding::Argument(Side::Right)),
            Padding::Literal(Side::Zeros, _) | Padding::Argument(Side::Zeros) => {
                self.incompatible(spec.percent, position, b'0', "precision")
            }
            other => Ok(other),
        }
    }

    fn int_conversion(&self, position: usize, spec: &Spec, symbol: u8) -> Parsed<&'static str> {
        let (mut plus, mut hash, mut space) = (spec.plus, spec.hash, spec.space);
        loop {
            let plain = match (plus, hash, space, symbol) {
                (false, false, false, b'd') => "Int_d",
                (false, false, false, b'i') => "Int_i",
                (false, false, true, b'd') => "Int_sd",
                (false, false, true, b'i') => "Int_si",
                (true, false, false, b'd') => "Int_pd",
                (true, false, false, b'i') => "Int_pi",
                (false, false, false, b'x') => "Int_x",
                (false, false, false, b'X') => "Int_X",
                (false, true, false, b'x') => "Int_Cx",
                (false, true, false, b'X') => "Int_CX",
                (false, false, false, b'o') => "Int_o",
                (false, true, false, b'o') => "Int_Co",
                (false, false, false, b'u') => "Int_u",
                (false, true, false, b'd') => "Int_Cd",
                (false, true, false, b'i') => "Int_Ci",
                (false, true, false, b'u') => "Int_Cu",
                (_, true, _, b'x') if self.legacy => "Int_Cx",
                (_, true, _, b'X') if self.legacy => "Int_CX",
                (_, true, _, b'o') if self.legacy => "Int_Co",
                _ => "",
            };
            if !plain.is_empty() {
                return Ok(plain);
            }
            // Too many flags: drop the one that matters least, or complain.
            let (flag, symbol, option) = if hash && matches!(symbol, b'd' | b'i' | b'u') {
                (&mut hash, symbol, "'#'")
            } else if plus && space {
                (&mut space, b' ', "'+'")
            } else if space {
                (&mut space, symbol, "' '")
            } else if plus {
                (&mut plus, symbol, "'+'")
            } else {
                (&mut hash, symbol, "'#'")
            };
            if !self.legacy {
                return self.incompatible(spec.percent, position, symbol, option);
            }
            *flag = false;
        }
    }

    fn float(&mut self, position: usize, end: usize, spec: &Spec, symbol: u8, used: &mut Used) -> Parsed<Format> {
        used.signs = true;
        used.ignored = true;
        used.padding = true;
        used.precision = true;
        let flag = match (spec.plus, spec.space) {
            (false, false) => "Float_flag_",
            (false, true) => "Float_flag_s",
            (true, true) if !self.legacy => return self.incompatible(spec.percent, position, b' ', "'+'"),
            (true, _) => "Float_flag_p",
        };
        let kind = match symbol {
            b'f' => "Float_f",
            b'e' => "Float_e",
            b'E' => "Float_E",
            b'g' => "Float_g",
            b'G' => "Float_G",
            b'h' => "Float_h",
            b'H' => "Float_H",
            _ if spec.hash => "Float_CF",
            _ => "Float_F",
        };
        let mut rest = self.parse(position, end)?;
        rest.push(if spec.ignored {
            let precision = match spec.precision {
                Precision::None => None,
                Precision::Literal(n) => Some(n),
                Precision::Argument => return self.incompatible(spec.percent, position, b'_', "'*'"),
            };
            Directive::Ignored(Ignored::Float(self.pad_option(position, spec, spec.padding, b'_')?, precision))
        } else {
            Directive::Float((flag, kind), spec.padding, spec.precision)
        });
        Ok(rest)
    }

    fn counter(
        &mut self,
        position: usize,
        end: usize,
        spec: &Spec,
        counter: Counter,
        used: &mut Used,
    ) -> Parsed<Format> {
        used.ignored = true;
        let directive = if spec.ignored {
            Directive::Ignored(Ignored::ScanCounter(counter))
        } else {
            Directive::ScanCounter(counter)
        };
        self.then(position, end, directive)
    }

    /// `%{ … %}` and `%( … %)`.
    fn sub_format(&mut self, position: usize, end: usize, spec: &Spec, symbol: u8, used: &mut Used) -> Parsed<Format> {
        used.ignored = true;
        used.padding = true;
        let is_argument = symbol == b'{';
        let sub_end = self.sub_format_end(position, end, if is_argument { b'}' } else { b')' })?;
        let (sub, mut rest);
        if is_argument {
            sub = self.parse(position, sub_end)?;
            rest = self.parse(sub_end + 2, end)?;
        } else {
            rest = self.parse(sub_end + 2, end)?;
            sub = self.parse(position, sub_end)?;
        }
        let types = argument_types(&sub);
        let width = self.pad_option(position, spec, spec.padding, if spec.ignored { b'_' } else { symbol })?;
        rest.push(match (is_argument, spec.ignored) {
            (true, false) => Directive::FormatArg(width, types),
            (true, true) => Directive::Ignored(Ignored::FormatArg(width, types)),
            (false, false) => Directive::FormatSubst(width, types),
            (false, true) => Directive::Ignored(Ignored::FormatSubst(width, types)),
        });
        Ok(rest)
    }

    fn sub_format_end(&self, mut position: usize, end: usize, closing: u8) -> Parsed<usize> {
        loop {
            if position >= end {
                return Err(format!(
                    "invalid format {}: unclosed sub-format, expected \"%{}\" at character number {end}",
                    self.quoted(),
                    closing as char
                ));
            }
            if self.text[position] != b'%' {
                position += 1;
                continue;
            }
            let mut inner = position + 1;
            let mut c = self.peek(inner, end)?;
            if c == closing {
                return Ok(position);
            }
            let ignored = c == b'_';
            if ignored {
                inner += 1;
                c = self.peek(inner, end)?;
            }
            position = match c {
                b'{' => self.sub_format_end(inner + 1, end, b'}')? + 2,
                b'(' => self.sub_format_end(inner + 1, end, b')')? + 2,
                b'}' if !ignored => return Err(self.expected(inner, "character ')'", c)),
                b')' if !ignored => return Err(self.expected(inner, "character '}'", c)),
                _ => inner + 1,
            };
        }
    }

    fn expected(&self, position: usize, expected: &str, read: u8) -> Message {
        self.at(position, &format!("{expected} expected, read {}", quoted_char(read)))
    }

    fn pad_option(&self, position: usize, spec: &Spec, padding: Padding, symbol: u8) -> Parsed<Option<i64>> {
        match padding {
            Padding::None => Ok(None),
            Padding::Literal(Side::Right, n) => Ok(Some(n)),
            Padding::Literal(_, n) if self.legacy => Ok(Some(n)),
            Padding::Literal(Side::Zeros, _) => self.incompatible(spec.percent, position, symbol, "'0'"),
            Padding::Literal(..) => self.incompatible(spec.percent, position, symbol, "'-'"),
            Padding::Argument(_) => self.incompatible(spec.percent, position, symbol, "'*'"),
        }
    }

    // -- After `@` ---------------------------------------------------------------------------------

    fn after_at(&mut self, position: usize, end: usize) -> Parsed<Format> {
        let Some(&c) = self.text[..end].get(position) else {
            return Ok(vec![Directive::Literal(vec![b'@'])]);
        };
        let next = position + 1;
        let (next, formatting) = match c {
            b'[' | b'{' => return self.group(c == b'{', next, end),
            b']' => (next, Formatting::Simple("Close_box")),
            b'}' => (next, Formatting::Simple("Close_tag")),
            b',' => (next, Formatting::Break(b"@,".to_vec(), 0, 0)),
            b' ' => (next, Formatting::Break(b"@ ".to_vec(), 1, 0)),
            b';' => self.good_break(next, end).unwrap_or((next, Formatting::Break(b"@;".to_vec(), 1, 0))),
            b'?' => (next, Formatting::Simple("FFlush")),
            b'\n' => (next, Formatting::Simple("Force_newline")),
            b'.' => (next, Formatting::Simple("Flush_newline")),
            b'<' => self.magic_size(next, end).unwrap_or((next, Formatting::ScanIndic(b'<'))),
            b'@' => (next, Formatting::Simple("Escaped_at")),
            b'%' if next < end && self.text[next] == b'%' => (next + 1, Formatting::Simple("Escaped_percent")),
            b'%' => return self.then(position, end, Directive::Literal(vec![b'@'])),
            _ => (next, Formatting::ScanIndic(c)),
        };
        self.then(next, end, Directive::Formatting(formatting))
    }

    /// `@[` or `@{` with an optional parameter between `<` and `>`.
    fn group(&mut self, tag: bool, position: usize, end: usize) -> Parsed<Format> {
        let closing = match self.text[..end].get(position) {
            Some(b'<') => self.text[position + 1..end].iter().position(|&c| c == b'>'),
            _ => None,
        };
        let Some(offset) = closing else {
            return self.then(position, end, Directive::OpenGroup { tag, format: Vec::new(), text: Vec::new() });
        };
        let after = position + 1 + offset + 1;
        let mut rest = self.parse(after, end)?;
        let format = self.parse(position, after)?;
        rest.push(Directive::OpenGroup { tag, format, text: self.text[position..after].to_vec() });
        Ok(rest)
    }

    /// `<width offset>` after `@;`.
    fn good_break(&self, start: usize, end: usize) -> Option<(usize, Formatting)> {
        if *self.text[..end].get(start)? != b'<' {
            return None;
        }
        let (position, width) = self.signed(self.spaces(start + 1, end)?, end)?;
        let position = self.spaces(position, end)?;
        let (position, offset) = if self.text[position] == b'>' { (position, 0) } else { self.signed(position, end)? };
        let position = self.spaces(position, end)?;
        (self.text[position] == b'>')
            .then(|| (position + 1, Formatting::Break(self.text[start - 2..=position].to_vec(), width, offset)))
    }

    /// `n>` after `@<`.
    fn magic_size(&self, start: usize, end: usize) -> Option<(usize, Formatting)> {
        let (position, size) = self.signed(self.spaces(start, end)?, end)?;
        let position = self.spaces(position, end)?;
        (self.text[position] == b'>')
            .then(|| (position + 1, Formatting::MagicSize(self.text[start - 2..=position].to_vec(), size)))
    }

    fn spaces(&self, position: usize, end: usize) -> Option<usize> {
        (position..end).find(|&i| self.text[i] != b' ')
    }

    fn signed(&self, position: usize, end: usize) -> Option<(usize, i64)> {
        let negative = self.text[position] == b'-';
        let digits = position + usize::from(negative);
        if !self.text[..end].get(digits)?.is_ascii_digit() {
            return None;
        }
        let (position, n) = self.positive(digits, end).ok()?;
        Some((position, if negative { -n } else { n }))
    }

    fn positive(&self, mut position: usize, end: usize) -> Parsed<(usize, i64)> {
        let mut value = 0;
        loop {
            let c = self.peek(position, end)?;
            if !c.is_ascii_digit() {
                return Ok((position, value));
            }
            value = value * 10 + i64::from(c - b'0');
            if value > MAX_STRING_LENGTH {
                return Err(format!(
                    "invalid format {}: integer {value} is greater than the limit {MAX_STRING_LENGTH}",
                    self.quoted()
                ));
            }
            position += 1;
        }
    }

    // -- Character sets ----------------------------------------------------------------------------

    fn char_set(&self, start: usize, end: usize) -> Parsed<(usize, [u8; 32])> {
        let mut set = [0u8; 32];
        let mut add = |from: u8, to: u8| {
            for c in from..=to {
                set[usize::from(c >> 3)] |= 1 << (c & 7);
            }
        };
        let reverse = self.peek(start, end)? == b'^';
        let mut position = start + usize::from(reverse);
        // A character not yet added, since it may begin a range.
        let mut pending = Some(self.peek(position, end)?);
        position += 1;
        loop {
            let c = self.peek(position, end)?;
            let Some(first) = pending else {
                position += 1;
                match c {
                    b']' => break,
                    b'-' => add(c, c),
                    _ => pending = Some(c),
                }
                continue;
            };
            match c {
                b']' => {
                    add(first, first);
                    position += 1;
                    break;
                }
                b'-' => {
                    position += 1;
                    pending = None;
                    match self.peek(position, end)? {
                        b']' => {
                            add(first, first);
                            add(b'-', b'-');
                            position += 1;
                            break;
                        }
                        b'%' => match self.peek(position + 1, end)? {
                            last @ (b'%' | b'@') => {
                                add(first, last);
                                position += 2;
                            }
                            _ => return Err(self.single_percent(position)),
                        },
                        last => {
                            add(first, last);
                            position += 1;
                        }
                    }
                }
                b'%' | b'@' if first == b'%' => {
                    add(c, c);
                    pending = None;
                    position += 1;
                }
                _ if first == b'%' => return Err(self.single_percent(position)),
                _ => {
                    add(first, first);
                    pending = Some(c);
                    position += 1;
                }
            }
        }
        if reverse {
            for byte in &mut set {
                *byte = !*byte;
            }
        }
        Ok((position, set))
    }

    fn single_percent(&self, position: usize) -> Message {
        format!(
            "invalid format {}: '%' alone is not accepted in character sets, use %% instead at position {position}.",
            self.quoted()
        )
    }
}

/// The arguments that a format takes: upstream's `fmtty_of_fmt`. In order.
fn argument_types(format: &Format) -> Vec<ArgType> {
    let mut types = Vec::new();
    for directive in format.iter().rev() {
        directive_types(directive, &mut types);
    }
    types
}

fn directive_types(directive: &Directive, types: &mut Vec<ArgType>) {
    let mut stars = |padding: &Padding, precision: &Precision| {
        if matches!(padding, Padding::Argument(_)) {
            types.push(ArgType::Simple("Int_ty"));
        }
        if *precision == Precision::Argument {
            types.push(ArgType::Simple("Int_ty"));
        }
    };
    match directive {
        Directive::String(p) | Directive::CamlString(p) | Directive::Bool(p) => stars(p, &Precision::None),
        Directive::Int(_, _, p, q) | Directive::Float(_, p, q) => stars(p, q),
        _ => {}
    }
    types.push(match directive {
        Directive::Char | Directive::CamlChar | Directive::ScanNextChar => ArgType::Simple("Char_ty"),
        Directive::String(_) | Directive::CamlString(_) | Directive::ScanCharSet(..) => ArgType::Simple("String_ty"),
        Directive::Int(kind, ..) => ArgType::Simple(match kind {
            IntKind::Int => "Int_ty",
            IntKind::Int32 => "Int32_ty",
            IntKind::Nativeint => "Nativeint_ty",
            IntKind::Int64 => "Int64_ty",
        }),
        Directive::Float(..) => ArgType::Simple("Float_ty"),
        Directive::Bool(_) => ArgType::Simple("Bool_ty"),
        Directive::Alpha => ArgType::Simple("Alpha_ty"),
        Directive::Theta => ArgType::Simple("Theta_ty"),
        Directive::Reader => ArgType::Simple("Reader_ty"),
        Directive::ScanCounter(_) => ArgType::Simple("Int_ty"),
        Directive::FormatArg(_, sub) => ArgType::FormatArg(sub.clone()),
        Directive::FormatSubst(_, sub) => ArgType::FormatSubst(sub.clone()),
        Directive::Ignored(Ignored::Reader) => ArgType::Simple("Ignored_reader_ty"),
        Directive::Ignored(Ignored::FormatSubst(_, sub)) => {
            types.extend(sub.iter().cloned());
            return;
        }
        Directive::OpenGroup { format, .. } => {
            types.extend(argument_types(format));
            return;
        }
        Directive::Flush | Directive::Literal(_) | Directive::Formatting(_) | Directive::Ignored(_) => return,
    });
}

/// A text as OCaml escapes it in string literals.
pub fn escaped(text: &[u8]) -> String {
    let mut out = String::new();
    for &c in text {
        match c {
            b'"' => out.push_str("\\\""),
            _ => push_escaped(&mut out, c),
        }
    }
    out
}

/// A character as OCaml writes it: `'c'`.
pub fn quoted_char(c: u8) -> String {
    let mut out = String::from("'");
    match c {
        b'\'' => out.push_str("\\'"),
        _ => push_escaped(&mut out, c),
    }
    out.push('\'');
    out
}

fn push_escaped(out: &mut String, c: u8) {
    match c {
        b'\\' => out.push_str("\\\\"),
        b'\n' => out.push_str("\\n"),
        b'\t' => out.push_str("\\t"),
        b'\r' => out.push_str("\\r"),
        0x08 => out.push_str("\\b"),
        b' '..=b'~' => out.push(c as char),
        _ => out.push_str(&format!("\\{c:03}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        parse_format_string(text.as_bytes(), true).expect_err("an invalid format")
    }

    #[test]
    fn complaints_name_the_character() {
        assert_eq!(message("%"), "invalid format \"%\": at character number 1, unexpected end of format");
        assert_eq!(message("a%q"), "invalid format \"a%q\": at character number 2, invalid conversion \"%q\"");
        assert_eq!(
            message("%_a"),
            "invalid format \"%_a\": at character number 0, '_' is incompatible with 'a' in sub-format \"%_a\""
        );
    }

    #[test]
    fn star_padding_takes_an_argument() {
        let format = parse_format_string(b"%*d %s@.", true).expect("a valid format");
        assert_eq!(argument_types(&format).len(), 3);
    }
}
