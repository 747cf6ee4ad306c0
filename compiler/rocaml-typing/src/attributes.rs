//! Attributes that the checker obeys: the part of upstream's `Builtin_attributes` about warnings,
//! constructors and extension nodes.

use rocaml_base::Location;
use rocaml_diag::doc::Doc;
use rocaml_diag::report::Report;
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast::{self, Attribute, Attributes, Payload};
pub use rocaml_syntax::attribute_use::is_named;
use rocaml_syntax::attribute_use::mark;
use rocaml_types::context::{Context, WarningAttribute};
use rocaml_types::env::usage::alert_payload;

/// Whether there is an attribute of this name, which is obeyed then.
pub fn has(attributes: &Attributes, name: &str) -> bool {
    let found = attributes.iter().find(|attribute| is_named(attribute, name));
    found.into_iter().for_each(mark);
    found.is_some()
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

/// Where the payload stands, if it is a single item.
fn payload_loc(attribute: &Attribute) -> Location {
    match &attribute.payload {
        Payload::Str(items) if items.len() == 1 => items[0].loc,
        _ => attribute.loc,
    }
}

/// Obeys `[@warning]`, `[@warnerror]`, `[@alert "spec"]` and, if asked to, `[@ppwarning]`.
fn obey(cx: &Context, attribute: &Attribute, show_ppwarning: bool) {
    let reporter = cx.reporter.borrow().clone();
    let complain = |loc, text: &str| {
        cx.warn(loc, Warning::AttributePayload(attribute.name.txt.to_string(), text.to_owned()));
    };
    let text = || string_payload(&attribute.payload);
    let kind = match () {
        () if is_named(attribute, "warning") => WarningAttribute::Warning,
        () if is_named(attribute, "warnerror") => WarningAttribute::WarnError,
        () if is_named(attribute, "alert") => {
            match (text(), alert_payload(&attribute.payload)) {
                (Some(spec), _) => {
                    mark(attribute);
                    reporter.attribute(attribute.loc, WarningAttribute::Alert, &spec);
                }
                (None, Some((name, _))) if name == "all" => complain(attribute.loc, "The alert name 'all' is reserved"),
                // It declares an alert: whoever does that marks it.
                (None, Some(_)) if cx.is_active(53) => {}
                (None, Some(_)) => mark(attribute),
                (None, None) => {
                    mark(attribute);
                    complain(attribute.loc, "Invalid payload");
                }
            }
            return;
        }
        () if show_ppwarning && is_named(attribute, "ppwarning") => {
            mark(attribute);
            match text() {
                Some(text) => cx.warn(payload_loc(attribute), Warning::Preprocessor(text)),
                None => complain(attribute.loc, "A single string literal is expected"),
            }
            return;
        }
        () => return,
    };
    mark(attribute);
    match text() {
        Some(spec) => reporter.attribute(attribute.loc, kind, &spec),
        None => complain(attribute.loc, "A single string literal is expected"),
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
    // The last one first: of contradicting attributes the one written first holds.
    attributes.iter().rev().for_each(|attribute| obey(cx, attribute, show_ppwarning));
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
    obey(cx, attribute, true);
}
