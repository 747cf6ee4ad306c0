//! Attributes that the checker obeys: the part of upstream's `Builtin_attributes` about warnings,
//! constructors and extension nodes.

use rocaml_diag::doc::Doc;
use rocaml_diag::report::Report;
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast::{self, Attribute, Attributes, Payload};
use rocaml_types::context::{Context, WarningAttribute};

/// Whether an attribute has this name, with or without the prefix `ocaml.`.
pub fn is_named(attribute: &Attribute, name: &str) -> bool {
    let written: &str = &attribute.name.txt;
    written.strip_prefix("ocaml.").unwrap_or(written) == name
}

/// Whether there is an attribute of this name.
pub fn has(attributes: &Attributes, name: &str) -> bool {
    attributes.iter().any(|attribute| is_named(attribute, name))
}

/// The string that is the whole payload.
pub fn string_payload(payload: &Payload) -> Option<String> {
    let Payload::Str(items) = payload else { return None };
    let [item] = items.as_slice() else { return None };
    let ast::StructureItemDesc::Eval(expression, _) = &item.desc else { return None };
    match &expression.desc {
        ast::ExpressionDesc::Constant(ast::Constant { desc: ast::ConstantDesc::String(text, ..), .. }) => {
            Some(String::from_utf8_lossy(text).into_owned())
        }
        _ => None,
    }
}

fn warning_attribute(attribute: &Attribute) -> Option<WarningAttribute> {
    if is_named(attribute, "warning") {
        Some(WarningAttribute::Warning)
    } else if is_named(attribute, "warnerror") {
        Some(WarningAttribute::WarnError)
    } else if is_named(attribute, "alert") {
        Some(WarningAttribute::Alert)
    } else {
        None
    }
}

/// Runs `f` with the warnings that the attributes ask for. `[@ppwarning]` is shown once, by the
/// scope with `show_ppwarning`.
pub fn warning_scope_with<T>(cx: &Context, attributes: &Attributes, show_ppwarning: bool, f: impl FnOnce() -> T) -> T {
    if attributes.is_empty() {
        return f();
    }
    let reporter = cx.reporter.borrow().clone();
    let state = reporter.backup();
    for attribute in attributes {
        if let Some(kind) = warning_attribute(attribute) {
            match string_payload(&attribute.payload) {
                Some(spec) => reporter.attribute(attribute.loc, kind, &spec),
                None if kind == WarningAttribute::Alert => {}
                None => {
                    let name = attribute.name.txt.to_string();
                    let text = "A single string literal is expected".to_owned();
                    cx.warn(attribute.loc, Warning::AttributePayload(name, text));
                }
            }
        }
    }
    if show_ppwarning {
        for attribute in attributes {
            if is_named(attribute, "ppwarning")
                && let Some(text) = string_payload(&attribute.payload)
            {
                cx.warn(attribute.loc, Warning::Preprocessor(text));
            }
        }
    }
    let result = f();
    reporter.restore(state);
    result
}

/// [`warning_scope_with`], showing `[@ppwarning]`.
pub fn warning_scope<T>(cx: &Context, attributes: &Attributes, f: impl FnOnce() -> T) -> T {
    warning_scope_with(cx, attributes, true, f)
}

/// Runs `f`; the warnings that floating attributes within ask for end with it.
pub fn fresh_warning_scope<T>(cx: &Context, f: impl FnOnce() -> T) -> T {
    let reporter = cx.reporter.borrow().clone();
    let state = reporter.backup();
    let result = f();
    reporter.restore(state);
    result
}

/// Whether a tuple is to be taken as several arguments whatever the constructor.
pub fn explicit_arity(attributes: &Attributes) -> bool {
    has(attributes, "explicit_arity")
}

/// Whether matching a literal under this constructor is fragile.
pub fn warn_on_literal_pattern(attributes: &Attributes) -> bool {
    has(attributes, "warn_on_literal_pattern")
}

/// The error of an extension node that nobody interpreted; `[%error]` brings its own.
pub fn error_of_extension(extension: &ast::Extension) -> Report {
    let name = extension.name.txt;
    if name != "error" && name != "ocaml.error" {
        return Report::error(
            extension.name.loc,
            Doc::template("Uninterpreted extension '%s'.", &[Doc::from(name.as_str())]),
        );
    }
    let Payload::Str(items) = &extension.payload else { return invalid_error_payload(extension) };
    let message = items.first().and_then(|item| match &item.desc {
        ast::StructureItemDesc::Eval(e, _) => match &e.desc {
            ast::ExpressionDesc::Constant(ast::Constant { desc: ast::ConstantDesc::String(text, ..), .. }) => {
                Some(String::from_utf8_lossy(text).into_owned())
            }
            _ => None,
        },
        _ => None,
    });
    match message {
        None => invalid_error_payload(extension),
        Some(message) => {
            let mut report = Report::error(extension.name.loc, message);
            for item in &items[1..] {
                if let ast::StructureItemDesc::Extension(sub, _) = &item.desc {
                    let sub = error_of_extension(sub);
                    report.sub.push(sub.main);
                    report.sub.extend(sub.sub);
                }
            }
            report
        }
    }
}

fn invalid_error_payload(extension: &ast::Extension) -> Report {
    Report::error(extension.name.loc, format!("Invalid syntax for extension '{}'.", extension.name.txt))
}

/// Applies a floating `[@@@warning]`, `[@@@warnerror]`, `[@@@alert]` or `[@@@ppwarning]` to what follows.
pub fn warning_attribute_item(cx: &Context, attribute: &Attribute) {
    let reporter = cx.reporter.borrow().clone();
    if let Some(kind) = warning_attribute(attribute) {
        match string_payload(&attribute.payload) {
            Some(spec) => reporter.attribute(attribute.loc, kind, &spec),
            None if kind == WarningAttribute::Alert => {}
            None => {
                let text = "A single string literal is expected".to_owned();
                cx.warn(attribute.loc, Warning::AttributePayload(attribute.name.txt.to_string(), text));
            }
        }
    }
    if is_named(attribute, "ppwarning")
        && let Some(text) = string_payload(&attribute.payload)
    {
        cx.warn(attribute.loc, Warning::Preprocessor(text));
    }
}
