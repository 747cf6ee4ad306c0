//! Layout of values, as the toplevel shows them.

use super::oprint::{ident, lident};
use super::outcome::{OutIdent, OutValue};
use rocaml_diag::Doc;
use rocaml_diag::format::BoxKind;

/// A long string is shown at least so far.
const STRING_PREFIX_MIN: usize = 8;

/// Raised where the printer ran out of steps: all is left as it is up to the list, record or value that says `...`.
struct Ellipsis;
type Res = Result<(), Ellipsis>;

/// A value.
pub fn out_value(value: &OutValue) -> Doc {
    let mut doc = Doc::new();
    cautious(&mut doc, |doc| tree(doc, value));
    doc
}

fn cautious(doc: &mut Doc, print: impl FnOnce(&mut Doc) -> Res) {
    if print(doc).is_err() {
        doc.text("...");
    }
}

fn tree(doc: &mut Doc, value: &OutValue) -> Res {
    match value {
        OutValue::Constr(name, args) if args.len() == 1 => {
            doc.open_box(BoxKind::Box, 1).append(constructor(name)).space();
            parameter(doc, &args[0])?;
            doc.close_box();
        }
        OutValue::Constr(name, args) if !args.is_empty() => {
            doc.open_box(BoxKind::Box, 1).append(constructor(name)).space().text("(");
            list(doc, ",", args, tree);
            doc.text(")").close_box();
        }
        OutValue::Variant(name, Some(arg)) => {
            doc.open_box(BoxKind::Box, 2).text("`").append(lident(name)).space();
            parameter(doc, arg)?;
            doc.close_box();
        }
        OutValue::Lazy(arg) => {
            doc.open_box(BoxKind::Box, 2).text("lazy").space();
            parameter(doc, arg)?;
            doc.close_box();
        }
        _ => simple(doc, value)?,
    }
    Ok(())
}

/// The argument of a constructor.
fn parameter(doc: &mut Doc, value: &OutValue) -> Res {
    let (text, is_negative) = match value {
        OutValue::Int(n) | OutValue::Int64(n) | OutValue::Nativeint(n) => (number(value), *n < 0),
        OutValue::Int32(n) => (number(value), *n < 0),
        OutValue::Float(f) => (number(value), *f < 0.0 || 1.0 / f == f64::NEG_INFINITY),
        OutValue::Bytes(..) => {
            doc.text("(");
            simple(doc, value)?;
            doc.text(")");
            return Ok(());
        }
        _ => return simple(doc, value),
    };
    doc.text(if is_negative { format!("({text})") } else { text });
    Ok(())
}

fn number(value: &OutValue) -> String {
    match value {
        OutValue::Int32(n) => format!("{n}l"),
        OutValue::Int64(n) => format!("{n}L"),
        OutValue::Nativeint(n) => format!("{n}n"),
        OutValue::Int(n) => n.to_string(),
        OutValue::Float(f) => float(*f),
        _ => String::new(),
    }
}

fn simple(doc: &mut Doc, value: &OutValue) -> Res {
    match value {
        OutValue::Int(_) | OutValue::Int32(_) | OutValue::Int64(_) | OutValue::Nativeint(_) | OutValue::Float(_) => {
            doc.text(number(value));
        }
        OutValue::Char(c) => drop(doc.text(character(*c))),
        OutValue::String(bytes, max) => shortened(doc, "", bytes, *max, string),
        OutValue::Bytes(bytes, max) => shortened(doc, "Bytes.of_string ", bytes, *max, escaped_string),
        OutValue::List(items) => bracketed(doc, 1, "[", "]", items),
        OutValue::Array(items) => bracketed(doc, 2, "[|", "|]", items),
        OutValue::FloatArray(items) => {
            doc.open_box(BoxKind::Box, 2).text("[|");
            let items = items.iter().map(|f| Doc::from(with_point(general(*f, 12))));
            doc.append(Doc::separated(items, |doc| {
                doc.text(";").space();
            }));
            doc.text("|]").close_box();
        }
        OutValue::Constr(name, args) if args.is_empty() => drop(doc.append(constructor(name))),
        OutValue::Variant(name, None) => drop(doc.text("`").append(lident(name))),
        OutValue::Stuff(text) => drop(doc.text(text)),
        OutValue::Record(fields) => {
            doc.open_box(BoxKind::Box, 1).text("{");
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    doc.text(";").space();
                }
                doc.open_box(BoxKind::Box, 1).append(ident(name)).space().text("=").space();
                cautious(doc, |doc| tree(doc, value));
                doc.close_box();
            }
            doc.text("}").close_box();
        }
        OutValue::Tuple(items) => {
            doc.open_box(BoxKind::Box, 1).text("(");
            list(doc, ",", items, |doc, (label, item)| {
                if let Some(label) = label {
                    doc.text(format!("~{label}:"));
                }
                tree(doc, item)
            });
            doc.text(")").close_box();
        }
        OutValue::Ellipsis => return Err(Ellipsis),
        OutValue::Constr(..) | OutValue::Variant(..) | OutValue::Lazy(_) => {
            doc.open_box(BoxKind::Box, 1).text("(");
            cautious(doc, |doc| tree(doc, value));
            doc.text(")").close_box();
        }
    }
    Ok(())
}

fn bracketed(doc: &mut Doc, indent: i32, opening: &str, closing: &str, items: &[OutValue]) {
    doc.open_box(BoxKind::Box, indent).text(opening);
    list(doc, ";", items, tree);
    doc.text(closing).close_box();
}

/// Items up to the first at which the printer stopped.
fn list<T>(doc: &mut Doc, separator: &str, items: &[T], mut print: impl FnMut(&mut Doc, &T) -> Res) {
    cautious(doc, |doc| {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                doc.text(separator).space();
            }
            print(doc, item)?;
        }
        Ok(())
    });
}

fn constructor(name: &OutIdent) -> Doc {
    match name {
        OutIdent::Dot(prefix, last) if last == "true" || last == "false" => {
            let mut doc = ident(prefix);
            doc.text(format!(".({last})"));
            doc
        }
        // They are keywords, and constructors too.
        OutIdent::Ident(name) if *name == "true" || *name == "false" => {
            let mut doc = Doc::new();
            doc.text(name);
            doc
        }
        name => ident(name),
    }
}

fn shortened(doc: &mut Doc, before: &str, bytes: &[u8], max: usize, show: fn(&[u8]) -> String) {
    let max = max.max(STRING_PREFIX_MIN);
    doc.text(before).text(show(&bytes[..bytes.len().min(max)]));
    if bytes.len() > max {
        doc.text(format!("... (* string length {}; truncated *)", bytes.len()));
    }
}

/// A string with all but control characters as they are.
fn string(bytes: &[u8]) -> String {
    quoted(bytes, |byte| byte < b' ' || byte == 0x7f)
}

/// A string of printable ASCII characters and escapes.
fn escaped_string(bytes: &[u8]) -> String {
    quoted(bytes, |byte| !(b' '..=b'~').contains(&byte))
}

fn quoted(bytes: &[u8], is_escaped: impl Fn(u8) -> bool) -> String {
    let mut text = vec![b'"'];
    for byte in bytes {
        match (short_escape(*byte), *byte) {
            (Some(escape), _) => text.extend(escape.as_bytes()),
            (None, b'"') => text.extend(b"\\\""),
            (None, byte) if is_escaped(byte) => text.extend(format!("\\{byte:03}").bytes()),
            (None, byte) => text.push(byte),
        }
    }
    text.push(b'"');
    String::from_utf8_lossy(&text).into_owned()
}

fn short_escape(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'\\' => "\\\\",
        b'\n' => "\\n",
        b'\t' => "\\t",
        b'\r' => "\\r",
        8 => "\\b",
        _ => return None,
    })
}

fn character(c: u8) -> String {
    match short_escape(c) {
        Some(escape) => format!("'{escape}'"),
        None if c == b'\'' => "'\\''".to_owned(),
        None if (b' '..=b'~').contains(&c) => format!("'{}'", char::from(c)),
        None => format!("'\\{c:03}'"),
    }
}

/// A float with as many digits as it takes to read it back.
fn float(f: f64) -> String {
    if f.is_nan() {
        return "nan".to_owned();
    }
    if f.is_infinite() {
        return if f < 0.0 { "neg_infinity" } else { "infinity" }.to_owned();
    }
    let exact = |digits: usize| Some(general(f, digits)).filter(|text| text.parse() == Ok(f));
    with_point(exact(12).or_else(|| exact(15)).unwrap_or_else(|| general(f, 18)))
}

/// `1` becomes `1.`: a float, not an integer.
fn with_point(text: String) -> String {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') { text + "." } else { text }
}

/// C's `%.<digits>g`.
fn general(f: f64, digits: usize) -> String {
    if !f.is_finite() {
        return if f.is_nan() {
            "nan"
        } else if f < 0.0 {
            "-inf"
        } else {
            "inf"
        }
        .to_owned();
    }
    let scientific = format!("{f:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if exponent < -4 || exponent >= digits as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs());
    }
    trimmed(&format!("{f:.*}", (digits as i32 - 1 - exponent).max(0) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &OutValue) -> String {
        out_value(value).to_text()
    }

    #[test]
    fn numbers_and_characters_read_back() {
        assert_eq!(float(1.0), "1.");
        assert_eq!(float(0.1), "0.1");
        assert_eq!(float(1e100), "1e+100");
        assert_eq!(float(1.0 / 3.0), "0.333333333333333315");
        assert_eq!(float(-0.0), "-0.");
        assert_eq!(character(b'\n'), "'\\n'");
        assert_eq!(character(200), "'\\200'");
        assert_eq!(string("a\"é\u{7}".as_bytes()), "\"a\\\"é\\007\"");
    }

    #[test]
    fn arguments_and_ellipses() {
        let name = |name: &str| OutIdent::Ident(name.to_owned());
        let some = |value| OutValue::Constr(name("Some"), vec![value]);
        assert_eq!(shown(&some(some(OutValue::Int(-1)))), "Some (Some (-1))");
        assert_eq!(shown(&OutValue::List(vec![OutValue::Int(1), OutValue::Ellipsis])), "[1; ...]");
        let record = vec![(name("x"), OutValue::Ellipsis), (name("y"), OutValue::Char(b'a'))];
        assert_eq!(shown(&OutValue::Record(record)), "{x = ...; y = 'a'}");
    }
}
