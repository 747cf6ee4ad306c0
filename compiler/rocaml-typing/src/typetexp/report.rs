//! The wording of errors in type expressions.

use rocaml_base::Location;
use rocaml_diag::doc::{Doc, Tag};
use rocaml_diag::report::Report;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::env::Env;
use rocaml_types::{TypeDesc, TypeId, printtyp};

use super::Error;
use super::vars::tyvar_of_name;
use rocaml_diag::hint;

fn code(doc: Doc) -> Doc {
    Doc::tagged(Tag::InlineCode, doc)
}

fn text(text: impl AsRef<str>) -> Doc {
    Doc::from(text.as_ref())
}

/// The diagnostic of an error in a type expression.
pub fn report_error(cx: &Context, loc: Location, env: &Env, error: &Error) -> Report {
    let ty = |ty: TypeId| code(printtyp::type_expr(cx, ty));
    let tag = |name: rocaml_base::Name| Doc::code(format!("`{name}"));
    let say = |template: &str, arguments: &[Doc]| Report::error(loc, Doc::template(template, arguments));
    let with_hint = |(main, hint): (Doc, Option<Doc>)| match hint {
        None => Report::error(loc, main),
        Some(hint) => Report::error(loc, main).with_hint(hint),
    };
    match error {
        Error::AlreadyBound => say("A type parameter occurs several times", &[]),
        Error::UnboundTypeVariable(name, in_scope) => {
            let choices = hint::spellcheck(in_scope.iter().map(String::as_str), name);
            let rest = Doc::template("%a is unbound in this type declaration.", &[Doc::code(name)]);
            with_hint(hint::aligned("The type variable ", rest, &choices))
        }
        Error::NoTypeWildcards => {
            say("A type wildcard %a is not allowed in this type declaration.", &[Doc::code("_")])
        }
        Error::UndefinedTypeConstructor(path) => say(
            "The type constructor@ %a@ is not yet completely defined",
            &[code(printtyp::path(cx, path))],
        ),
        Error::TypeArityMismatch(lid, expected, provided) => say(
            "The type constructor %a@ expects %s argument(s),@ but is here applied to %s argument(s)",
            &[code(printtyp::longident(lid)), text(expected.to_string()), text(provided.to_string())],
        ),
        Error::BoundTypeVariable(name) => {
            say("Already bound type parameter %a", &[Doc::code(tyvar_of_name(*name))])
        }
        Error::RecursiveType => say("This type is recursive", &[]),
        Error::TypeMismatch(trace) => Report::error(
            loc,
            printtyp::report_unification_error(
                cx,
                &Env::default(),
                trace,
                None,
                text("This type"),
                text("should be an instance of type"),
            ),
        ),
        Error::AliasTypeMismatch(trace) => Report::error(
            loc,
            printtyp::report_unification_error(
                cx,
                &Env::default(),
                trace,
                None,
                text("This alias is bound to type"),
                text("but is used as an instance of type"),
            ),
        ),
        Error::PresentHasConjunction(name) => {
            say("The present constructor %a has a conjunctive type", &[Doc::code(name)])
        }
        Error::PresentHasNoType(name) => say(
            "The constructor %a is missing from the upper bound@ (between %a@ and %a)@ of this polymorphic variant@ but is present in@ its lower bound (after %a).",
            &[tag(*name), Doc::code("<"), Doc::code(">"), Doc::code(">")],
        )
        .with_hint(Doc::template(
            "@[%a: Either add %a in the upper bound,@ or@ remove@ it@ from the lower bound.@]",
            &[Doc::hint(), tag(*name)],
        )),
        Error::ConstructorMismatch(a, b) => printtyp::wrap_printing_env(cx, env, true, || {
            printtyp::prepare_for_printing(cx, &[*a, *b]);
            say(
                "This variant type contains a constructor %a@ which should be@ %a",
                &[code(printtyp::prepared_type_expr(cx, *a)), code(printtyp::prepared_type_expr(cx, *b))],
            )
        }),
        Error::NotAVariant(t) => {
            let choices: Vec<String> = match cx.desc(*t) {
                // `'Foo` was perhaps meant as a tag.
                TypeDesc::Var(Some(name)) => vec![format!("`{name}")],
                _ => Vec::new(),
            };
            let rest = Doc::template("%a@ does not expand to a polymorphic variant type", &[ty(*t)]);
            with_hint(hint::aligned("The type ", rest, &choices))
        }
        Error::VariantTags(a, b) => say(
            "Variant tags %a@ and %a have the same hash value.@ Change one of them.",
            &[tag(*a), tag(*b)],
        ),
        Error::InvalidVariableName(name) => {
            say("The type variable name %a is not allowed in programs", &[Doc::code(name)])
        }
        Error::CannotQuantify(name, var) => {
            let why = if btype::is_tvar(cx, *var) {
                text("it escapes its scope.")
            } else if btype::is_tunivar(cx, *var) {
                text("it is already bound to another variable.")
            } else {
                Doc::template("it is bound to@ %a.", &[ty(*var)])
            };
            let name = name.map_or_else(|| "'_".to_owned(), tyvar_of_name);
            say("The universal type variable %a cannot be generalized:@ %a", &[Doc::code(name), why])
        }
        Error::MultipleConstraintsOnType(lid) => {
            say("Multiple constraints for type %a", &[code(printtyp::longident(lid))])
        }
        Error::MethodMismatch(name, a, b) => printtyp::wrap_printing_env(cx, env, true, || {
            say("Method %a has type %a,@ which should be %a", &[Doc::code(name), ty(*a), ty(*b)])
        }),
        Error::OpenedObject(path) => {
            let path = path.as_ref().map_or_else(Doc::new, |p| {
                Doc::template("@ %a", &[code(printtyp::path(cx, p))])
            });
            say("Illegal open object type%a", &[path])
        }
        Error::NotAnObject(t) => say("@[The type %a@ is not an object type@]", &[ty(*t)]),
        Error::RepeatedTupleLabel(label) => {
            say("@[This tuple type has two labels named %a@]", &[Doc::code(label)])
        }
    }
}
