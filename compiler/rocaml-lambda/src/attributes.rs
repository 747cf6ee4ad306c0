//! Attributes of functions and calls: upstream's `Translattribute`.

use crate::lambda::{InlineAttribute, Lambda, LocalAttribute, TailcallAttribute};
use rocaml_base::Location;
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast::{self, Attribute, Attributes, Payload};
use rocaml_types::context::Context;
use rocaml_typing::attributes::is_named;

/// The payload's only expression; `None` if there is no payload.
fn expression(payload: &Payload) -> Result<Option<&ast::Expression>, ()> {
    match payload {
        Payload::Str(items) => match items.as_slice() {
            [] => Ok(None),
            [ast::StructureItem { desc: ast::StructureItemDesc::Eval(exp, _), .. }] => Ok(Some(exp)),
            _ => Err(()),
        },
        _ => Err(()),
    }
}

/// The word that is the payload; empty if there is none.
fn word(payload: &Payload) -> Result<String, ()> {
    match expression(payload)?.map(|exp| &exp.desc) {
        None => Ok(String::new()),
        Some(ast::ExpressionDesc::Ident(id)) => Ok(id.txt.to_string()),
        Some(ast::ExpressionDesc::Construct(id, None)) => Ok(id.txt.to_string()),
        Some(_) => Err(()),
    }
}

fn bad_payload(cx: &Context, attribute: &Attribute, text: &str) {
    cx.warn(attribute.name.loc, Warning::AttributePayload(attribute.name.txt.to_string(), text.to_owned()));
}

fn integer(payload: &Payload) -> Option<u32> {
    match &expression(payload).ok()??.desc {
        ast::ExpressionDesc::Constant(ast::Constant { desc: ast::ConstantDesc::Integer(text, None), .. }) => {
            text.parse().ok()
        }
        _ => None,
    }
}

fn inline_attribute(cx: &Context, attributes: &Attributes, name: &str) -> InlineAttribute {
    let mut found = InlineAttribute::Default;
    for attribute in attributes {
        if is_named(attribute, "unrolled") && name == "inlined" {
            match integer(&attribute.payload) {
                Some(n) => found = InlineAttribute::Unroll(n),
                None => bad_payload(cx, attribute, "It must be an integer literal"),
            }
        } else if is_named(attribute, name) {
            found = match word(&attribute.payload).as_deref() {
                Ok("" | "always") => InlineAttribute::Always,
                Ok("never") => InlineAttribute::Never,
                Ok("hint") => InlineAttribute::Hint,
                _ => {
                    bad_payload(cx, attribute, "It must be either 'never', 'always', 'hint' or empty");
                    InlineAttribute::Default
                }
            };
        }
    }
    found
}

/// `[@inline]`
pub fn get_inline(cx: &Context, attributes: &Attributes) -> InlineAttribute {
    inline_attribute(cx, attributes, "inline")
}

/// `[@inlined]`
pub fn get_inlined(cx: &Context, attributes: &Attributes) -> InlineAttribute {
    inline_attribute(cx, attributes, "inlined")
}

/// `[@tailcall]`
pub fn get_tailcall(cx: &Context, attributes: &Attributes) -> TailcallAttribute {
    let Some(attribute) = attributes.iter().find(|a| is_named(a, "tailcall")) else {
        return TailcallAttribute::Default;
    };
    match word(&attribute.payload).as_deref() {
        Ok("" | "true") => TailcallAttribute::Expect(true),
        Ok("false") => TailcallAttribute::Expect(false),
        _ => {
            bad_payload(cx, attribute, "Only an optional boolean literal is supported.");
            TailcallAttribute::Default
        }
    }
}

/// Gives a function the attributes of its definition.
pub fn add_function_attributes(cx: &Context, lambda: Lambda, loc: Location, attributes: &Attributes) -> Lambda {
    if attributes.is_empty() {
        return lambda;
    }
    match lambda {
        Lambda::Function(mut function) => {
            let inline = get_inline(cx, attributes);
            if inline != InlineAttribute::Default {
                function.attr.inline = inline;
            }
            for attribute in attributes {
                if is_named(attribute, "local") {
                    function.attr.local = match word(&attribute.payload).as_deref() {
                        Ok("" | "always") => LocalAttribute::Always,
                        Ok("never") => LocalAttribute::Never,
                        Ok("maybe") => LocalAttribute::Default,
                        _ => {
                            bad_payload(cx, attribute, "It must be either 'never', 'always', 'maybe' or empty");
                            LocalAttribute::Default
                        }
                    };
                } else if is_named(attribute, "poll") {
                    function.attr.poll_error = word(&attribute.payload).as_deref() == Ok("error");
                } else if is_named(attribute, "tail_mod_cons") {
                    function.attr.tmc_candidate = true;
                }
            }
            Lambda::Function(function)
        }
        other => {
            for attribute in attributes {
                if ["inline", "local", "specialise", "tail_mod_cons", "poll"].iter().any(|n| is_named(attribute, n)) {
                    cx.warn(loc, Warning::MisplacedAttribute(attribute.name.txt.to_string()));
                }
            }
            other
        }
    }
}

/// Gives a functor its `[@inline]`.
pub fn add_inline(cx: &Context, lambda: Lambda, attributes: &Attributes) -> Lambda {
    match lambda {
        Lambda::Function(mut function) if !attributes.is_empty() => {
            let inline = get_inline(cx, attributes);
            if inline != InlineAttribute::Default {
                function.attr.inline = inline;
            }
            Lambda::Function(function)
        }
        other => other,
    }
}
