//! The text of a witness: upstream's `Printpat`.

use rocaml_base::Name;
use rocaml_diag::doc::Doc;
use rocaml_syntax::asttypes::Constant;

use super::pat::{Desc, PatRef};
use crate::typecore::format::{escaped, quoted_char};

/// A pattern as warnings show it.
pub fn top_pretty(pat: &PatRef) -> Doc {
    Doc::template("@[%a@]", &[pretty(pat)])
}

fn constant(constant: &Constant) -> String {
    match constant {
        Constant::Int(n) => n.to_string(),
        Constant::Char(c) => quoted_char(*c),
        Constant::String(s, ..) => format!("\"{}\"", escaped(s)),
        Constant::Float(f) => f.to_string(),
        Constant::Int32(n) => format!("{n}l"),
        Constant::Int64(n) => format!("{n}L"),
        Constant::Nativeint(n) => format!("{n}n"),
    }
}

fn text(text: impl AsRef<str>) -> Doc {
    Doc::from(text.as_ref())
}

fn list(items: impl Iterator<Item = Doc>, separator: &str) -> Doc {
    Doc::separated(items, |doc| {
        doc.text(separator).space();
    })
}

fn pretty(pat: &PatRef) -> Doc {
    match &pat.desc {
        Desc::Any => text("_"),
        Desc::Var(id) => text(id.name().as_str()),
        Desc::Constant(c) => text(constant(c)),
        Desc::Tuple(parts) => {
            let labelled = |(label, p): &(Option<Name>, PatRef)| match label {
                Some(label) => Doc::template("~%s:%a", &[text(label.as_str()), pretty(p)]),
                None => pretty(p),
            };
            Doc::template("@[(%a)@]", &[list(parts.iter().map(labelled), ",")])
        }
        Desc::Construct(c, args) => match args.as_slice() {
            [] => text(c.name.as_str()),
            [arg] => Doc::template("@[<2>%s@ %a@]", &[text(c.name.as_str()), pretty_arg(arg)]),
            [head, tail] if c.name == "::" => Doc::template("@[%a::@,%a@]", &[pretty_car(head), pretty_cdr(tail)]),
            args => Doc::template("@[<2>%s@ @[(%a)@]@]", &[text(c.name.as_str()), list(args.iter().map(pretty), ",")]),
        },
        Desc::Variant(tag, None, _) => text(format!("`{tag}")),
        Desc::Variant(tag, Some(arg), _) => Doc::template("@[<2>`%s@ %a@]", &[text(tag.as_str()), pretty_arg(arg)]),
        Desc::Record(fields, _) => {
            let shown: Vec<_> = fields.iter().filter(|(_, p)| !matches!(p.desc, Desc::Any)).collect();
            let Some((label, _)) = shown.first() else { return text("{ _ }") };
            let mark = if label.all.len() > shown.len() { Doc::template(";@ _@ ", &[]) } else { Doc::new() };
            let field = |(label, p): &&(std::rc::Rc<rocaml_types::LabelDescription>, PatRef)| {
                Doc::template("%s=%a", &[text(label.name.as_str()), pretty(p)])
            };
            Doc::template("@[{%a%t}@]", &[list(shown.iter().map(field), ";"), mark])
        }
        Desc::Array(_, parts) => Doc::template("@[[| %a |]@]", &[list(parts.iter().map(pretty), " ;")]),
        Desc::Lazy(p) => Doc::template("@[<2>lazy@ %a@]", &[pretty_arg(p)]),
        Desc::Alias(p, id, _) => Doc::template("@[(%a@ as %a)@]", &[pretty(p), text(id.name().as_str())]),
        Desc::Or(..) => Doc::template("@[(%a)@]", &[pretty_or(pat)]),
    }
}

fn is_cons(pat: &PatRef) -> Option<(&PatRef, &PatRef)> {
    match &pat.desc {
        Desc::Construct(c, args) if c.name == "::" => match args.as_slice() {
            [head, tail] => Some((head, tail)),
            _ => None,
        },
        _ => None,
    }
}

fn pretty_car(pat: &PatRef) -> Doc {
    if is_cons(pat).is_some() { Doc::template("(%a)", &[pretty(pat)]) } else { pretty(pat) }
}

fn pretty_cdr(pat: &PatRef) -> Doc {
    match is_cons(pat) {
        Some((head, tail)) => Doc::template("%a::@,%a", &[pretty_car(head), pretty_cdr(tail)]),
        None => pretty(pat),
    }
}

fn pretty_arg(pat: &PatRef) -> Doc {
    match &pat.desc {
        Desc::Construct(_, args) if !args.is_empty() => Doc::template("(%a)", &[pretty(pat)]),
        Desc::Variant(_, Some(_), _) => Doc::template("(%a)", &[pretty(pat)]),
        _ => pretty(pat),
    }
}

fn pretty_or(pat: &PatRef) -> Doc {
    match &pat.desc {
        Desc::Or(p, q) => Doc::template("%a|@,%a", &[pretty_or(p), pretty_or(q)]),
        _ => pretty(pat),
    }
}
