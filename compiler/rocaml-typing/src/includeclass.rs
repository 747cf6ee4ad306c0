//! Inclusion of classes and class types: upstream's `Includeclass`. What keeps one from being
//! another is data of `ctype`; here it is worded.

use rocaml_base::Location;
use rocaml_diag::doc::Doc;
use rocaml_types::context::Context;
use rocaml_types::ctype::{self, ClassMatchFailure};
use rocaml_types::env::Env;
use rocaml_types::printtyp::{self, TypeOrScheme};
use rocaml_types::{ClassDeclaration, ClassType, ClassTypeDeclaration};

use crate::includecore;
use crate::typedecl::ordinal_suffix;

/// What keeps a class type from being more general than another.
pub fn class_types(cx: &Context, env: &Env, cty1: &ClassType, cty2: &ClassType) -> Vec<ClassMatchFailure> {
    ctype::match_class_types(cx, env, true, cty1, cty2)
}

/// What keeps a class type's definition from being another. Alerts must not get lost.
pub fn class_type_declarations(
    cx: &Context,
    env: &Env,
    loc: Location,
    d1: &ClassTypeDeclaration,
    d2: &ClassTypeDeclaration,
) -> Vec<ClassMatchFailure> {
    let places = (d1.loc, d2.loc, Some(loc));
    includecore::check_alerts_inclusion(cx, places, &d1.attributes, &d2.attributes, &d1.path.last());
    ctype::match_class_declarations(cx, env, &d1.params, &d1.type_, &d2.params, &d2.type_)
}

/// What keeps a class from being another.
pub fn class_declarations(
    cx: &Context,
    env: &Env,
    d1: &ClassDeclaration,
    d2: &ClassDeclaration,
) -> Vec<ClassMatchFailure> {
    if d1.new.is_none() && d2.new.is_some() {
        return vec![ClassMatchFailure::VirtualClass];
    }
    ctype::match_class_declarations(cx, env, &d1.params, &d1.type_, &d2.params, &d2.type_)
}

/// The wording of failures, one below the other.
pub fn report_failures(cx: &Context, mode: TypeOrScheme, failures: &[ClassMatchFailure]) -> Doc {
    if failures.is_empty() {
        return Doc::new();
    }
    let failures = failures.iter().map(|failure| report_failure(cx, mode, failure));
    Doc::template(
        "@[<v>%a@]",
        &[Doc::separated(failures, |doc| {
            doc.space();
        })],
    )
}

fn report_failure(cx: &Context, mode: TypeOrScheme, failure: &ClassMatchFailure) -> Doc {
    use ClassMatchFailure as F;
    let say = |template: &str, name: &rocaml_base::Name| Doc::template(template, &[Doc::from(name.as_str())]);
    let expected = || Doc::from("but is expected to have type");
    let nth =
        |template: &str, n: usize| Doc::template(template, &[Doc::from(n.to_string()), Doc::from(ordinal_suffix(n))]);
    match failure {
        F::VirtualClass => Doc::from("A class cannot be changed from virtual to concrete"),
        F::ParameterArityMismatch(..) => Doc::from("The classes do not have the same number of type parameters"),
        F::TypeParameterMismatch(n, env, e) => {
            let subject = nth("The %s%s type parameter has type", *n);
            printtyp::report_equality_error(cx, env, mode, e, subject, expected())
        }
        F::ClassTypeMismatch(env, cty1, cty2) => printtyp::wrap_printing_env(cx, env, true, || {
            Doc::template(
                "@[The class type@;<1 2>%a@ is not matched by the class type@;<1 2>%a@]",
                &[printtyp::class_type(cx, cty1), printtyp::class_type(cx, cty2)],
            )
        }),
        F::ParameterMismatch(n, env, e) => {
            let subject = nth("The %s%s parameter has type", *n);
            printtyp::report_moregen_error(cx, env, mode, e, subject, expected())
        }
        F::ValTypeMismatch(label, env, e) => {
            let subject = say("The instance variable %s@ has type", label);
            printtyp::report_comparison_error(cx, env, mode, e, subject, expected())
        }
        F::MethTypeMismatch(label, env, e) => {
            let subject = say("The method %s@ has type", label);
            printtyp::report_comparison_error(cx, env, mode, e, subject, expected())
        }
        F::NonMutableValue(label) => say("@[The non-mutable instance variable %s cannot become mutable@]", label),
        F::NonConcreteValue(label) => say("@[The virtual instance variable %s cannot become concrete@]", label),
        F::MissingValue(label) => say("@[The first class type has no instance variable %s@]", label),
        F::MissingMethod(label) => say("@[The first class type has no method %s@]", label),
        F::HidePublic(label) => say("@[The public method %s cannot be hidden@]", label),
        F::HideVirtual(kind, label) => Doc::template(
            "@[The virtual %s %s cannot be hidden@]",
            &[Doc::from(kind.as_str()), Doc::from(label.as_str())],
        ),
        F::PublicMethod(label) => say("@[The public method %s cannot become private@]", label),
        F::VirtualMethod(label) => say("@[The virtual method %s cannot become concrete@]", label),
        F::PrivateMethod(label) => say("@[The private method %s cannot become public@]", label),
    }
}
