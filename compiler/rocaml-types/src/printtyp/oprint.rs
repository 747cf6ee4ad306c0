//! Layout of printed types and signatures: upstream's `Oprint`.

use super::outcome::*;
use super::value::out_value;
use crate::types::Immediacy;
use rocaml_diag::Doc;
use rocaml_syntax::asttypes::{ArgLabel, Injectivity, MutableFlag, PrivateFlag, Variance};

fn t(template: &str, args: &[Doc]) -> Doc {
    Doc::template(template, args)
}
fn text(s: impl AsRef<str>) -> Doc {
    Doc::from(s.as_ref())
}
/// Documents with a separator given as a template.
fn list(items: Vec<Doc>, separator: &str) -> Doc {
    Doc::separated(items, |doc| {
        doc.append(t(separator, &[]));
    })
}

const KEYWORDS: [&str; 52] = [
    "and",
    "as",
    "assert",
    "begin",
    "class",
    "constraint",
    "do",
    "done",
    "downto",
    "effect",
    "else",
    "end",
    "exception",
    "external",
    "false",
    "for",
    "fun",
    "function",
    "functor",
    "if",
    "in",
    "include",
    "inherit",
    "initializer",
    "lazy",
    "let",
    "match",
    "method",
    "module",
    "mutable",
    "new",
    "nonrec",
    "object",
    "of",
    "open",
    "or",
    "private",
    "rec",
    "sig",
    "struct",
    "then",
    "to",
    "true",
    "try",
    "type",
    "val",
    "virtual",
    "when",
    "while",
    "with",
    "lor",
    "lxor",
];
const INFIX_WORDS: [&str; 8] = ["mod", "land", "lor", "lxor", "lsl", "lsr", "asr", "or"];

fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name) || INFIX_WORDS.contains(&name)
}
/// Whether a name needs parentheses as a value.
fn needs_parens(name: &str) -> bool {
    INFIX_WORDS.contains(&name)
        || name == "::"
        || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '\'' || !c.is_ascii())
            && name != "()"
            && name != "[]"
}
/// A name that is not an operator; `\#` marks one that is a keyword.
pub(super) fn lident(name: &str) -> Doc {
    if name == "::" { text("(::)") } else { raw_lident(name) }
}
/// A value's name, an operator in parentheses.
pub(super) fn value_ident(name: &str) -> Doc {
    if needs_parens(name) { text(format!("( {name} )")) } else { lident(name) }
}

/// The last name of a long identifier: an operator stands in parentheses, without spaces unless
/// they would begin or end a comment.
pub(super) fn longident_last(name: &str) -> Doc {
    if needs_parens(name) {
        text(if name.starts_with('*') || name.ends_with('*') { format!("( {name} )") } else { format!("({name})") })
    } else {
        raw_lident(name)
    }
}
/// A name as the lexer reads it: any keyword is marked.
fn raw_lident(name: &str) -> Doc {
    text(if is_keyword(name) { format!("\\#{name}") } else { name.to_owned() })
}

pub(super) fn ident(id: &OutIdent) -> Doc {
    match id {
        OutIdent::Ident(name) => lident(name),
        OutIdent::Dot(prefix, name) => {
            let mut doc = ident(prefix);
            doc.text(".").append(value_ident(name));
            doc
        }
        OutIdent::Apply(f, arg) => {
            let mut doc = ident(f);
            doc.text("(").append(ident(arg)).text(")");
            doc
        }
    }
}

/// `'a`, with a space where `'a'` would be a character.
fn variable(non_gen: bool, name: &str) -> Doc {
    let name = if non_gen { format!("_{name}") } else { name.to_owned() };
    if is_keyword(&name) {
        return text(format!("'\\#{name}"));
    }
    text(if name.as_bytes().get(1) == Some(&b'\'') { format!("' {name}") } else { format!("'{name}") })
}

fn arg_label(label: ArgLabel) -> Doc {
    match label {
        ArgLabel::Nolabel => Doc::new(),
        ArgLabel::Labelled(name) => t("%a:", &[lident(&name)]),
        ArgLabel::Optional(name) => t("?%a:", &[lident(&name)]),
    }
}

pub(super) fn out_type(ty: &OutType) -> Doc {
    match ty {
        OutType::Alias { non_gen, aliased, alias } => {
            t("@[%a@ as %a@]", &[out_type(aliased), variable(*non_gen, alias)])
        }
        OutType::Poly(vars, body) => {
            let vars = list(vars.iter().map(|v| variable(false, v)).collect(), "@ ");
            t("@[<hov 2>%a.@ %a@]", &[vars, out_type(body)])
        }
        other => out_type_1(other),
    }
}
fn out_type_1(ty: &OutType) -> Doc {
    match ty {
        OutType::Arrow(label, param, result) => {
            t("@[%a%a ->@ %a@]", &[arg_label(*label), out_type_2(true, param), out_type_1(result)])
        }
        other => out_type_2(false, other),
    }
}
fn out_type_2(arg: bool, ty: &OutType) -> Doc {
    let OutType::Tuple(items) = ty else { return simple_type(ty) };
    let items_doc = items.iter().map(|(label, ty)| {
        let label = label.as_ref().map_or_else(Doc::new, |l| text(format!("{l}:")));
        t("@[%a%a@]", &[label, simple_type(ty)])
    });
    let doc = t("@[<0>%a@]", &[list(items_doc.collect(), " *@ ")]);
    if arg && items.first().is_some_and(|(label, _)| label.is_some()) { t("(%a)", &[doc]) } else { doc }
}
pub(super) fn type_args(args: &[OutType]) -> Doc {
    match args {
        [] => Doc::new(),
        [ty] => t("%a@ ", &[simple_type(ty)]),
        tys => t("@[<1>(%a)@]@ ", &[list(tys.iter().map(out_type).collect(), ",@ ")]),
    }
}
pub(super) fn simple_type(ty: &OutType) -> Doc {
    match ty {
        OutType::Class(id, args) => t("@[%a#%a@]", &[type_args(args), ident(id)]),
        OutType::Constr(id, args) => t("@[%a%a@]", &[type_args(args), ident(id)]),
        OutType::Object { fields, open_row } => t("@[<2>< %a >@]", &[object_fields(fields, *open_row)]),
        OutType::Stuff(s) => text(s),
        OutType::Var(non_gen, name) => variable(*non_gen, name),
        OutType::Variant(row, closed, tags) => variant(row, *closed, tags.as_deref()),
        OutType::Alias { .. } | OutType::Poly(..) | OutType::Arrow(..) | OutType::Tuple(_) => {
            t("@[<1>(%a)@]", &[out_type(ty)])
        }
        OutType::Abstract | OutType::Open | OutType::Sum(_) | OutType::Manifest(..) => Doc::new(),
        OutType::Record(labels) => record(labels),
        OutType::Module(package) => t("@[<1>(module %a)@]", &[out_package(package)]),
        OutType::Attribute(ty, name) => t("@[<1>(%a [@@%s])@]", &[out_type(ty), text(name)]),
    }
}
fn out_package(package: &OutPackage) -> Doc {
    let mut doc = ident(&package.path);
    for (i, (name, ty)) in package.constraints.iter().enumerate() {
        let keyword = if i == 0 { "with" } else { "and" };
        doc.append(t(&format!(" {keyword} type %s = %a"), &[text(name), out_type(ty)]));
    }
    doc
}
fn object_fields(fields: &[(String, OutType)], open_row: bool) -> Doc {
    let docs = fields.iter().enumerate().map(|(i, (name, ty))| {
        let name = if i + 1 == fields.len() { lident(name) } else { text(name) };
        t("%a : %a", &[name, out_type(ty)])
    });
    let mut docs: Vec<Doc> = docs.collect();
    if open_row {
        docs.push(text(".."));
    }
    list(docs, ";@ ")
}
fn variant(row: &OutVariant, closed: bool, tags: Option<&[String]>) -> Doc {
    let open = match (closed, tags.is_none()) {
        (true, true) => " ",
        (true, false) => "< ",
        (false, true) => "> ",
        (false, false) => "? ",
    };
    let fields = match row {
        OutVariant::Fields(fields) => list(fields.iter().map(row_field).collect(), "@;<1 -2>| "),
        OutVariant::Type(ty) => simple_type(ty),
    };
    let present = match tags {
        None | Some([]) => Doc::new(),
        Some(tags) => {
            t("@;<1 -2>> @[<hov>%a@]", &[list(tags.iter().map(|tag| text(format!("`{tag}"))).collect(), "@ ")])
        }
    };
    t("@[<hov>[%s@[<hv>@[<hv>%a@]%a@]@ ]@]", &[text(open), fields, present])
}
fn row_field((tag, conflict, tys): &(String, bool, Vec<OutType>)) -> Doc {
    let of = if *conflict {
        t(" of@ &@ ", &[])
    } else if tys.is_empty() {
        Doc::new()
    } else {
        t(" of@ ", &[])
    };
    t("@[<hv 2>`%a%t%a@]", &[lident(tag), of, list(tys.iter().map(out_type).collect(), " &@ ")])
}
fn record(labels: &[OutLabel]) -> Doc {
    let mut fields = Doc::new();
    for label in labels {
        fields.append(t("@ %a", &[out_label(label)]));
    }
    t("{%a@;<1 -2>}", &[fields])
}
pub(super) fn out_label(label: &OutLabel) -> Doc {
    let mutable = if label.mutable == MutableFlag::Mutable { "mutable " } else { "" };
    let atomic = if label.atomic { " [@atomic]" } else { "" };
    t("@[<2>%s%a :@ %a%s@];", &[text(mutable), lident(&label.name), out_type(&label.type_), text(atomic)])
}

// ---------------------------------------------------------------------------------------------
// Classes

fn type_variable(non_gen: bool, name: &str) -> Doc {
    if name == "_" { text("_") } else { variable(non_gen, name) }
}
fn type_parameter(param: &OutParam) -> Doc {
    let variance = match param.variance.0 {
        Variance::Covariant => "+",
        Variance::Contravariant => "-",
        Variance::NoVariance => "",
        Variance::Bivariant => "+-",
    };
    let injectivity = if param.variance.1 == Injectivity::Injective { "!" } else { "" };
    t("%s%s%a", &[text(variance), text(injectivity), type_variable(param.non_gen, &param.name)])
}
fn class_params(params: &[OutParam]) -> Doc {
    if params.is_empty() {
        return Doc::new();
    }
    t("@[<1>[%a]@]@ ", &[list(params.iter().map(type_parameter).collect(), ", ")])
}
pub(super) fn class_type(cty: &OutClassType) -> Doc {
    match cty {
        OutClassType::Constr(id, args) => {
            let args = if args.is_empty() {
                Doc::new()
            } else {
                t("@[<1>[%a]@]@ ", &[list(args.iter().map(out_type).collect(), ",@ ")])
            };
            t("@[%a%a@]", &[args, ident(id)])
        }
        OutClassType::Arrow(label, ty, rest) => {
            t("@[%a%a ->@ %a@]", &[arg_label(*label), out_type_2(true, ty), class_type(rest)])
        }
        OutClassType::Signature(self_, items) => {
            let self_ = self_.as_ref().map_or_else(Doc::new, |ty| t("@ @[(%a)@]", &[out_type(ty)]));
            let items = list(items.iter().map(class_item).collect(), "@ ");
            t("@[<hv 2>@[<2>object%a@]@ %a@;<1 -2>end@]", &[self_, items])
        }
    }
}
fn class_item(item: &OutClassItem) -> Doc {
    let flag = |on: bool, word: &str| text(if on { word } else { "" });
    match item {
        OutClassItem::Constraint(t1, t2) => t("@[<2>constraint %a =@ %a@]", &[out_type(t1), out_type(t2)]),
        OutClassItem::Method(name, private, virt, ty) => t(
            "@[<2>method %s%s%a :@ %a@]",
            &[flag(*private, "private "), flag(*virt, "virtual "), lident(name), out_type(ty)],
        ),
        OutClassItem::Value(name, mutable, virt, ty) => t(
            "@[<2>val %s%s%a :@ %a@]",
            &[flag(*mutable, "mutable "), flag(*virt, "virtual "), lident(name), out_type(ty)],
        ),
    }
}

// ---------------------------------------------------------------------------------------------
// Modules

type Param = Option<(Option<String>, Box<OutModuleType>)>;

pub(super) fn module_type(mty: &OutModuleType) -> Doc {
    let mut params: Vec<&Param> = Vec::new();
    let mut body = mty;
    while let OutModuleType::Functor(param, res) = body {
        params.push(param);
        body = res;
    }
    t("@[<2>%a%a@]", &[functor_params(&params), simple_module_type(body)])
}
/// Parameters without a name are printed as `S ->` unless one with a name follows in the group.
fn functor_params(params: &[&Param]) -> Doc {
    let mut doc = Doc::new();
    let mut rest = params;
    while let Some(first) = rest.first() {
        if let Some((None, arg)) = first {
            doc.append(t("%a ->@ ", &[simple_module_type(arg)]));
            rest = &rest[1..];
            continue;
        }
        let anonymous = rest.iter().rev().take_while(|p| matches!(p, Some((None, _)))).count();
        let (named, suffix) = rest.split_at(rest.len() - anonymous);
        let named = named.iter().map(|param| match param {
            None => text("()"),
            Some((name, arg)) => t("(%s : %a)", &[text(name.as_deref().unwrap_or("_")), module_type(arg)]),
        });
        doc.append(t("@[%a@]@ ->@ ", &[list(named.collect(), "@ ")]));
        rest = suffix;
    }
    doc
}
fn simple_module_type(mty: &OutModuleType) -> Doc {
    match mty {
        OutModuleType::Abstract => Doc::new(),
        OutModuleType::Ident(id) => ident(id),
        OutModuleType::Signature(items) if items.is_empty() => text("sig end"),
        OutModuleType::Signature(items) => t("@[<hv 2>sig@ %a@;<1 -2>end@]", &[signature(items)]),
        OutModuleType::Alias(id) => t("(module %a)", &[ident(id)]),
        OutModuleType::Functor(..) => t("(%a)", &[module_type(mty)]),
    }
}
pub(super) fn signature(items: &[OutItem]) -> Doc {
    let mut docs = Vec::new();
    let mut i = 0;
    while let Some(item) = items.get(i) {
        i += 1;
        let OutItem::Typext(ext, OutExt::First) = item else {
            docs.push(sig_item(item));
            continue;
        };
        let mut constructors = vec![&ext.constructor];
        while let Some(OutItem::Typext(next, OutExt::Next)) = items.get(i) {
            constructors.push(&next.constructor);
            i += 1;
        }
        docs.push(extension(ext, &constructors));
        if i == items.len() && constructors.len() > 1 {
            // Upstream separates a group from what follows even if nothing does.
            docs.push(Doc::new());
        }
    }
    list(docs, "@ ")
}
/// Items that a phrase of the toplevel defines, some with their values.
pub(super) fn toplevel_items(items: &[(OutItem, Option<OutValue>)]) -> Doc {
    let mut docs = Vec::new();
    let mut i = 0;
    while let Some((item, value)) = items.get(i) {
        i += 1;
        docs.push(match (item, value) {
            (_, Some(value)) => t("@[<2>%a =@ %a@]", &[sig_item(item), out_value(value)]),
            (OutItem::Typext(ext, OutExt::First), None) => {
                let mut constructors = vec![&ext.constructor];
                while let Some((OutItem::Typext(next, OutExt::Next), None)) = items.get(i) {
                    constructors.push(&next.constructor);
                    i += 1;
                }
                t("@[%a@]", &[extension(ext, &constructors)])
            }
            (_, None) => t("@[%a@]", &[sig_item(item)]),
        });
    }
    t("@[<v>%a@]", &[list(docs, "@ ")])
}
fn extension(ext: &OutExtension, constructors: &[&OutConstructor]) -> Doc {
    let params: Vec<Doc> = ext.params.iter().map(|p| type_variable(false, p)).collect();
    let name = lident(&ext.type_name);
    let extended = match params.len() {
        0 => name,
        1 => t("@[%a@ %a@]", &[list(params, ""), name]),
        _ => t("@[(@[%a)@]@ %a@]", &[list(params, ",@ "), name]),
    };
    let private = text(if ext.private == PrivateFlag::Private { " private" } else { "" });
    let constructors = list(constructors.iter().map(|c| constructor(c)).collect(), "@ | ");
    t("@[<hv 2>type %t +=%s@;<1 2>%a@]", &[extended, private, constructors])
}

pub(super) fn sig_item(item: &OutItem) -> Doc {
    let virtual_ = |on: bool| text(if on { " virtual" } else { "" });
    match item {
        OutItem::Class(virt, name, params, cty, rec) => {
            let keyword = text(if *rec == OutRec::Next { "and" } else { "class" });
            t(
                "@[<2>%s%s@ %a%a@ :@ %a@]",
                &[keyword, virtual_(*virt), class_params(params), lident(name), class_type(cty)],
            )
        }
        OutItem::ClassType(virt, name, params, cty, rec) => {
            let keyword = text(if *rec == OutRec::Next { "and" } else { "class type" });
            t(
                "@[<2>%s%s@ %a%a@ =@ %a@]",
                &[keyword, virtual_(*virt), class_params(params), lident(name), class_type(cty)],
            )
        }
        OutItem::Typext(ext, OutExt::Exception) => t("@[<2>exception %a@]", &[constructor(&ext.constructor)]),
        OutItem::Typext(ext, _) => extension(ext, &[&ext.constructor]),
        OutItem::Modtype(name, OutModuleType::Abstract) => t("@[<2>module type %s@]", &[text(name)]),
        OutItem::Modtype(name, mty) => t("@[<2>module type %s =@ %a@]", &[text(name), module_type(mty)]),
        OutItem::Module(name, OutModuleType::Alias(id), _) => t("@[<2>module %s =@ %a@]", &[text(name), ident(id)]),
        OutItem::Module(name, mty, rec) => {
            let keyword = match rec {
                OutRec::Not => "module",
                OutRec::First => "module rec",
                OutRec::Next => "and",
            };
            t("@[<2>%s %s :@ %a@]", &[text(keyword), text(name), module_type(mty)])
        }
        OutItem::Type(decl, rec) => {
            let keyword = match rec {
                OutRec::Not => "type nonrec",
                OutRec::First => "type",
                OutRec::Next => "and",
            };
            type_decl(keyword, decl)
        }
        OutItem::Value { name, type_, prims, attributes } => {
            let keyword = if prims.is_empty() { "val" } else { "external" };
            let mut tail = Doc::new();
            for (i, prim) in prims.iter().enumerate() {
                tail.append(t(if i == 0 { "@ = \"%s\"" } else { "@ \"%s\"" }, &[text(prim)]));
            }
            for attribute in attributes {
                tail.append(t("@ [@@@@%s]", &[text(attribute)]));
            }
            t("@[<2>%s %a :@ %a%a@]", &[text(keyword), value_ident(name), out_type(type_), tail])
        }
        OutItem::Ellipsis => text("..."),
    }
}

fn type_decl(keyword: &str, decl: &OutTypeDecl) -> Doc {
    let params: Vec<Doc> = decl.params.iter().map(type_parameter).collect();
    let name = lident(&decl.name);
    let defined = match params.len() {
        0 => name,
        1 => t("@[%a@ %a@]", &[list(params, ""), name]),
        _ => t("@[(@[%a)@]@ %a@]", &[list(params, ",@ "), name]),
    };
    let (manifest, kind) = match &decl.type_ {
        OutType::Manifest(manifest, kind) => (t(" =@ %a", &[out_type(manifest)]), &**kind),
        other => (Doc::new(), other),
    };
    let private = text(if decl.private == PrivateFlag::Private { " private" } else { "" });
    let kind = match kind {
        OutType::Abstract => Doc::new(),
        OutType::Record(labels) => t(" =%a %a", &[private, record(labels)]),
        OutType::Sum(constructors) if constructors.is_empty() => t(" =%a@;<1 2>|", &[private]),
        OutType::Sum(constructors) => {
            t(" =%a@;<1 2>%a", &[private, list(constructors.iter().map(constructor).collect(), "@ | ")])
        }
        OutType::Open => t(" =%a ..", &[private]),
        ty => t(" =%a@;<1 2>%a", &[private, out_type(ty)]),
    };
    let mut tail = Doc::new();
    for (t1, t2) in &decl.constraints {
        tail.append(t("@ @[<2>constraint %a =@ %a@]", &[out_type(t1), out_type(t2)]));
    }
    match decl.immediate {
        Immediacy::Unknown => {}
        Immediacy::Always => drop(tail.text(" [@@immediate]")),
        Immediacy::AlwaysOn64Bits => drop(tail.text(" [@@immediate64]")),
    }
    if decl.unboxed {
        tail.text(" [@@unboxed]");
    }
    t("@[<2>@[<hv 2>%s %t%a%a@]%a@]", &[text(keyword), defined, manifest, kind, tail])
}

pub(super) fn constructor(c: &OutConstructor) -> Doc {
    let name = text(if c.name == "::" { "(::)" } else { &c.name });
    let args = list(c.args.iter().map(simple_type).collect(), " *@ ");
    match (&c.ret, c.args.is_empty()) {
        (None, true) => name,
        (None, false) => t("@[<2>%s of@ %a@]", &[name, args]),
        (Some(ret), true) => t("@[<2>%s :@ %a@]", &[name, simple_type(ret)]),
        (Some(ret), false) => t("@[<2>%s :@ %a -> %a@]", &[name, args, simple_type(ret)]),
    }
}
