//! Shapes as `-dshape` shows them.

use super::{Desc, Part, Shape};
use rocaml_diag::Doc;
use rocaml_diag::format::BoxKind;
use rocaml_types::{Ident, Uid};

impl Shape {
    /// The shape laid out; what is approximated says so.
    pub fn doc(&self) -> Doc {
        let mut doc = Doc::new();
        doc.open_box(BoxKind::Box, 0);
        if self.approximated {
            doc.text("(approx)").space();
        }
        shape(&mut doc, self);
        doc.close_box();
        doc
    }
}

fn uid(doc: &mut Doc, uid: Option<Uid>) {
    if let Some(uid) = uid {
        doc.text(format!("<{uid}>"));
    }
}

fn part(doc: &mut Doc, part: &Part) {
    doc.text(format!("{}[{}]", rocaml_syntax::error::quoted_string(part.0.as_bytes()), part.1.words()));
}

fn shape(doc: &mut Doc, of: &Shape) {
    match &of.desc {
        Desc::Var(id) => {
            doc.text(id.name().as_str());
            uid(doc, of.uid);
        }
        Desc::Abs(id, body) => {
            let mut params = vec![*id];
            let body = inner_body(body, &mut params);
            doc.text("Abs").open_box(BoxKind::Box, 0);
            uid(doc, of.uid);
            doc.cut().text("(").open_box(BoxKind::Box, 0);
            for (index, param) in params.iter().enumerate() {
                if index > 0 {
                    doc.text(",").space();
                }
                doc.text(param.name().as_str());
            }
            doc.text(",").space().open_box(BoxKind::Box, 0);
            shape(doc, body);
            doc.close_box().close_box().text(")").close_box();
        }
        Desc::App(f, arg) => {
            doc.open_box(BoxKind::Box, 0);
            shape(doc, f);
            doc.text("(").cut();
            shape(doc, arg);
            doc.text(")");
            uid(doc, of.uid);
            doc.close_box();
        }
        Desc::Leaf => {
            doc.text("<");
            if let Some(uid) = of.uid {
                doc.text(uid.to_string());
            }
            doc.text(">");
        }
        Desc::Proj(inner, of_part) => {
            doc.open_box(BoxKind::Box, 0);
            if of.uid.is_some() {
                doc.text("(");
            }
            shape(doc, inner);
            doc.space().text(".").space();
            part(doc, of_part);
            if of.uid.is_some() {
                doc.text(")");
                uid(doc, of.uid);
            }
            doc.close_box();
        }
        Desc::CompUnit(name) => {
            doc.text("CU ").text(name.as_str());
        }
        Desc::Struct(parts) if parts.is_empty() => {
            doc.open_box(BoxKind::Hv, 0).text("{");
            uid(doc, of.uid);
            doc.text("}").close_box();
        }
        Desc::Struct(parts) => {
            doc.text("{").open_box(BoxKind::V, 0);
            uid(doc, of.uid);
            doc.cut();
            for (of_part, inner) in parts {
                doc.open_box(BoxKind::Hv, 2);
                part(doc, of_part);
                doc.text(" ->").space();
                shape(doc, inner);
                doc.text(";").close_box().cut();
            }
            doc.close_box().text("}");
        }
        Desc::Alias(inner) => {
            doc.text("Alias").open_box(BoxKind::Box, 0).text("(").open_box(BoxKind::V, 0);
            uid(doc, of.uid);
            doc.cut();
            shape(doc, inner);
            doc.close_box().text(")").close_box();
        }
        Desc::Error(text) => {
            doc.text("Error ").text(text);
        }
    }
}

/// The body under functors without an identity, whose parameters are told with those around.
fn inner_body<'a>(mut body: &'a Shape, params: &mut Vec<Ident>) -> &'a Shape {
    while let Shape { uid: None, desc: Desc::Abs(id, inner), .. } = body {
        params.push(*id);
        body = inner;
    }
    body
}
