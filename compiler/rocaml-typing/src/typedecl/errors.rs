//! What can be wrong with type declarations, and the wording.

use super::checks::ReachingStep;
use super::externals::NativeReprKind;
use crate::includecore::{self, TypeMismatch};
use rocaml_base::{Location, Name};
use rocaml_diag::doc::Doc;
use rocaml_diag::format::BoxKind;
use rocaml_diag::report::Report;
use rocaml_syntax::longident::Longident;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::errortrace::UnifyError;
use rocaml_types::printtyp;
use rocaml_types::*;
use std::rc::Rc;

type Surface = (bool, bool, bool);

/// What is wrong with a type declaration.
pub enum Error {
    RepeatedParameter,
    DuplicateConstructor(Name),
    TooManyConstructors(usize),
    DuplicateLabel(Name),
    RecursiveAbbrev(String, Env, Vec<ReachingStep>),
    CycleInDef(String, Env, Vec<ReachingStep>),
    DefinitionMismatch(TypeId, Env, Option<TypeMismatch>),
    ConstraintFailed(Env, UnifyError),
    InconsistentConstraint(Env, UnifyError),
    TypeClash(Env, UnifyError),
    NonRegular {
        definition: Path,
        used_as: TypeId,
        defined_as: TypeId,
        reaching_path: Vec<ReachingStep>,
    },
    NullArityExternal,
    MissingNativeExternal,
    UnboundTypeVar(TypeId, Rc<TypeDeclaration>),
    CannotExtendPrivateType(Path),
    NotExtensibleType(Path),
    ExtensionMismatch(Path, Env, TypeMismatch),
    RebindWrongType(Longident, Env, UnifyError),
    RebindMismatch(Longident, Path, Path),
    RebindPrivate(Longident),
    BadVariance(Box<VarianceError>, Surface, Surface),
    VaryingAnonymous(usize, VaryingAnonymous),
    UnavailableTypeConstructor(Path),
    UnboundTypeVarExt(TypeId, Rc<ExtensionConstructor>),
    ValInStructure,
    MultipleNativeReprAttributes,
    CannotUnboxOrUntagType(NativeReprKind),
    DeepUnboxOrUntagAttribute(NativeReprKind),
    BadImmediacyAttribute(Immediacy),
    BadUnboxedAttribute(&'static str),
    /// The name of an existential of an unboxed type, unless it has none.
    NonSeparableExistential(Option<Name>),
    BoxedAndUnboxed,
    NonrecGadt,
    InvalidPrivateRowDeclaration(TypeId),
    AtomicFieldMustBeMutable(Name),
    OldStyleFloatWithNativeRepr,
    OldStyleNoallocWithAttribute,
    NoNativePrimitiveWithRepr,
}

/// Where a variance is wrong.
#[derive(Clone)]
pub enum VarianceContext {
    TypeDeclaration(Ident, Rc<TypeDeclaration>),
    GadtConstructor(Rc<ConstructorDeclaration>),
    ExtensionConstructor(Ident, Rc<ExtensionConstructor>),
}

/// What is wrong with the variance of a variable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum VarianceVariableError {
    NoVariable,
    VarianceNotReflected,
    VarianceNotDeducible,
}

/// What is wrong with a variance.
pub enum VarianceError {
    /// Of this parameter, from 1.
    NotSatisfied(usize),
    Variable {
        error: VarianceVariableError,
        context: VarianceContext,
        variable: TypeId,
    },
}

/// Why the variance of a generalised constructor's parameter cannot be checked.
pub enum VaryingAnonymous {
    VariableConstrained(TypeId),
    VariableInstantiated(TypeId),
}

fn code(text: impl std::fmt::Display) -> Doc {
    Doc::code(text)
}

fn inline(doc: Doc) -> Doc {
    Doc::tagged(rocaml_diag::Tag::InlineCode, doc)
}

fn type_code(cx: &Context, ty: TypeId) -> Doc {
    inline(printtyp::type_expr(cx, ty))
}

fn prepared(cx: &Context, ty: TypeId) -> Doc {
    inline(printtyp::prepared_type_expr(cx, ty))
}

/// `st`, `nd`, `rd` or `th`.
pub fn ordinal_suffix(n: usize) -> &'static str {
    match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}

/// Two containments in a row are one.
fn simplify(path: &[ReachingStep]) -> Vec<ReachingStep> {
    let mut steps: Vec<ReachingStep> = Vec::new();
    for step in path {
        match (steps.last_mut(), step) {
            (Some(ReachingStep::Contains(_, inner)), ReachingStep::Contains(_, next)) => *inner = *next,
            _ => steps.push(*step),
        }
    }
    steps
}

fn prepare_path(cx: &Context, path: &[ReachingStep]) {
    for step in path {
        let (ReachingStep::ExpandsTo(a, b) | ReachingStep::Contains(a, b)) = step;
        printtyp::add_type_to_preparation(cx, *a);
        printtyp::add_type_to_preparation(cx, *b);
    }
}

/// `:` and the steps, indented.
fn path_colon(cx: &Context, path: &[ReachingStep]) -> Doc {
    let steps = path.iter().map(|step| match step {
        ReachingStep::ExpandsTo(ty, body) => Doc::template("%a = %a", &[prepared(cx, *ty), prepared(cx, *body)]),
        ReachingStep::Contains(outer, inner) => {
            Doc::template("%a contains %a", &[prepared(cx, *outer), prepared(cx, *inner)])
        }
    });
    let mut doc = Doc::new();
    doc.text(":").newline().text("  ").open_box(BoxKind::V, 0).append(Doc::comma_list(steps)).close_box();
    doc
}

fn cyclic(cx: &Context, loc: Location, env: &Env, template: &str, name: &str, path: &[ReachingStep]) -> Report {
    let path = simplify(path);
    printtyp::wrap_printing_env(cx, env, true, || {
        printtyp::prepare_for_printing(cx, &[]);
        prepare_path(cx, &path);
        Report::error(loc, Doc::template(template, &[code(name), path_colon(cx, &path)]))
    })
}

fn unification(
    cx: &Context,
    loc: Location,
    env: &Env,
    error: &UnifyError,
    intro: &str,
    first: Doc,
    second: &str,
) -> Report {
    let mut doc = Doc::new();
    if !intro.is_empty() {
        doc.text(intro).newline();
    }
    doc.append(printtyp::report_unification_error(cx, env, error, None, first, Doc::from(second)));
    Report::error(loc, doc)
}

/// `.` and the part of the declaration in which the variable is unbound, if one can be shown.
fn explain_unbound<T>(
    cx: &Context,
    variable: TypeId,
    parts: &[T],
    ty: impl Fn(&T) -> TypeId,
    keyword: &str,
    show: impl Fn(&T) -> Doc,
) -> Doc {
    let Some(part) = parts.iter().find(|part| ctype::deep_occur(cx, variable, ty(part))) else { return Doc::new() };
    let name = cx.new_object_name(None);
    // An object of the variable makes the printer name it.
    let whole = btype::newgenty(cx, TypeDesc::Object(variable, name));
    printtyp::prepare_for_printing(cx, &[ty(part), whole]);
    Doc::template(
        ".@ @[<hov2>In %s@ %a@;<1 -2>the variable %a is unbound@]",
        &[Doc::from(keyword), inline(show(part)), prepared(cx, variable)],
    )
}

fn labelled(cx: &Context, label: String, ty: TypeId) -> Doc {
    let mut doc = Doc::from(label);
    doc.append(printtyp::prepared_type_expr(cx, ty));
    doc
}

fn explain_unbound_single(cx: &Context, variable: TypeId, ty: TypeId) -> Doc {
    let trivial = || explain_unbound(cx, variable, &[ty], |ty| *ty, "type", |ty| labelled(cx, String::new(), *ty));
    match cx.desc(ty) {
        TypeDesc::Object(fields, _) => {
            let (methods, rest) = ctype::flatten_fields(cx, fields);
            if cx.same(rest, variable) {
                return trivial();
            }
            explain_unbound(cx, variable, &methods, |m| m.2, "method", |m| labelled(cx, format!("{}: ", m.0), m.2))
        }
        TypeDesc::Variant(row) => {
            let row = btype::row_repr(cx, &row);
            if cx.same(row.more, variable) {
                return trivial();
            }
            let cases: Vec<(Name, TypeId)> =
                row.fields.iter().map(|(tag, field)| (*tag, row_field_type(cx, field))).collect();
            explain_unbound(cx, variable, &cases, |c| c.1, "case", |c| labelled(cx, format!("`{} of ", c.0), c.1))
        }
        _ => trivial(),
    }
}

fn row_field_type(cx: &Context, field: &RowField) -> TypeId {
    match cx.row_field(field) {
        RowField::Present(Some(ty)) => ty,
        RowField::Either { arg_type, .. } if arg_type.len() == 1 => arg_type[0],
        RowField::Either { arg_type, .. } => {
            btype::newgenty(cx, TypeDesc::Tuple(arg_type.iter().map(|ty| (None, *ty)).collect()))
        }
        _ => btype::newgenty(cx, TypeDesc::Tuple(Rc::from([]))),
    }
}

fn constructor_types(args: &ConstructorArguments) -> Vec<TypeId> {
    match args {
        ConstructorArguments::Tuple(types) => types.clone(),
        ConstructorArguments::Record(labels) => labels.iter().map(|l| l.type_).collect(),
    }
}

fn explain_unbounded(cx: &Context, variable: TypeId, decl: &TypeDeclaration) -> Doc {
    match (&decl.kind, decl.manifest) {
        (TypeKind::Variant(constructors, _), _) => {
            let tuple = |c: &ConstructorDeclaration| {
                btype::newgenty(
                    cx,
                    TypeDesc::Tuple(constructor_types(&c.args).into_iter().map(|ty| (None, ty)).collect()),
                )
            };
            explain_unbound(cx, variable, constructors, tuple, "case", |c| {
                printtyp::constructor(cx, &ConstructorDeclaration { res: None, ..c.clone() })
            })
        }
        (TypeKind::Record(labels, _), _) => explain_unbound(
            cx,
            variable,
            labels,
            |l| l.type_,
            "field",
            |l| labelled(cx, format!("{}: ", l.id.name()), l.type_),
        ),
        (TypeKind::Abstract(_), Some(ty)) => explain_unbound_single(cx, variable, ty),
        _ => Doc::new(),
    }
}

fn variance_words((p, n, i): Surface) -> String {
    let injective = if i { "injective " } else { "" };
    match (p, n) {
        (true, true) => format!("{injective}invariant"),
        (true, false) => format!("{injective}covariant"),
        (false, true) => format!("{injective}contravariant"),
        (false, false) if i => injective.to_owned(),
        (false, false) => "unrestricted".to_owned(),
    }
}

fn variance_report(cx: &Context, loc: Location, error: &VarianceError, v1: Surface, v2: Surface) -> Report {
    let (found, expected) = (Doc::from(variance_words(v1)), Doc::from(variance_words(v2)));
    match error {
        VarianceError::NotSatisfied(n) => Report::error(
            loc,
            Doc::template(
                "In this definition, expected parameter@ variances are not satisfied.@ \
                 The %d%s type parameter was expected to be %s,@ but it is %s.",
                &[Doc::from(n.to_string()), Doc::from(ordinal_suffix(*n)), expected, found],
            ),
        ),
        VarianceError::Variable { error, context, variable } => {
            printtyp::prepare_for_printing(cx, &[*variable]);
            let (intro, shown) = match context {
                VarianceContext::TypeDeclaration(id, decl) => {
                    printtyp::add_type_declaration_to_preparation(cx, *id, decl);
                    let decl = printtyp::prepared_type_declaration(cx, *id, decl);
                    ("In the definition@\n  @[%a@]@\n", inline(decl))
                }
                VarianceContext::GadtConstructor(c) => {
                    printtyp::add_constructor_to_preparation(cx, c);
                    ("In the GADT constructor@\n  @[%a@]@\n", inline(printtyp::prepared_constructor(cx, c)))
                }
                VarianceContext::ExtensionConstructor(id, ext) => {
                    printtyp::add_extension_constructor_to_preparation(cx, ext);
                    let ext = printtyp::prepared_extension_constructor(cx, *id, ext);
                    ("In the extension constructor@\n  @[%a@]@\n", ext)
                }
            };
            let mut doc = Doc::template(intro, &[shown]);
            let variable = prepared(cx, *variable);
            doc.append(match error {
                VarianceVariableError::VarianceNotReflected => Doc::template(
                    "the type variable@ %a@ has a variance that@ is not reflected by its occurrence in type parameters.@ \
                     It was expected to be %s,@ but it is %s.",
                    &[variable, expected, found],
                ),
                VarianceVariableError::NoVariable => {
                    Doc::template("the type variable@ %a@ cannot be deduced@ from the type parameters.", &[variable])
                }
                VarianceVariableError::VarianceNotDeducible => Doc::template(
                    "the type variable@ %a@ has a variance that@ cannot be deduced from the type parameters.@ \
                     It was expected to be %s,@ but it is %s.",
                    &[variable, expected, found],
                ),
            });
            Report::error(loc, doc)
        }
    }
}

/// The diagnostic of an error.
pub fn report_error(cx: &Context, loc: Location, error: &Error) -> Report {
    let say = |template: &str, args: &[Doc]| Report::error(loc, Doc::template(template, args));
    match error {
        Error::RepeatedParameter => say("A type parameter occurs several times", &[]),
        Error::DuplicateConstructor(name) => say("Two constructors are named %a", &[code(name)]),
        Error::TooManyConstructors(max) => say(
            "Too many non-constant constructors@ -- maximum is %i non-constant constructors",
            &[Doc::from(max.to_string())],
        ),
        // Upstream tells no place.
        Error::DuplicateLabel(name) => {
            Report::error(Location::none(), Doc::template("Two labels are named %a", &[code(name)]))
        }
        Error::RecursiveAbbrev(name, env, path) => {
            cyclic(cx, loc, env, "The type abbreviation %a is cyclic%a", name, path)
        }
        Error::CycleInDef(name, env, path) => {
            cyclic(cx, loc, env, "The definition of %a contains a cycle%a", name, path)
        }
        Error::DefinitionMismatch(ty, env, mismatch) => {
            let detail = mismatch.as_ref().map_or(Doc::new(), |mismatch| {
                let report = includecore::report_type_mismatch(cx, "the original", "this", "definition", env, mismatch);
                Doc::template("@\n@[<v>%a@]", &[report])
            });
            say(
                "@[This variant or record definition@ does not match that of type@;<1 2>%a@]%t",
                &[type_code(cx, *ty), detail],
            )
        }
        Error::ConstraintFailed(env, error) => unification(
            cx,
            loc,
            env,
            error,
            "Constraints are not satisfied in this type.",
            Doc::from("Type"),
            "should be an instance of",
        ),
        Error::InconsistentConstraint(env, error) => unification(
            cx,
            loc,
            env,
            error,
            "The type constraints are not consistent.",
            Doc::from("Type"),
            "is not compatible with type",
        ),
        Error::TypeClash(env, error) => unification(
            cx,
            loc,
            env,
            error,
            "",
            Doc::from("This type constructor expands to type"),
            "but is used here with type",
        ),
        Error::NonRegular { definition, used_as, defined_as, reaching_path } => {
            let path = simplify(reaching_path);
            printtyp::prepare_for_printing(cx, &[*used_as, *defined_as]);
            prepare_path(cx, &path);
            let expansion = if path.iter().any(|step| matches!(step, ReachingStep::ExpandsTo(..))) {
                Doc::template("@ after the following expansion(s)%a", &[path_colon(cx, &path)])
            } else {
                Doc::from(".")
            };
            say(
                "This recursive type is not regular.@ @[<v>The type constructor %a is defined as@;<1 2>type %a@ \
                 but it is used as@;<1 2>%a%t@,All uses need to match the definition for the recursive type to be regular.@]",
                &[code(definition.name()), prepared(cx, *defined_as), prepared(cx, *used_as), expansion],
            )
        }
        Error::NullArityExternal => say("External identifiers must be functions", &[]),
        Error::MissingNativeExternal => say(
            "An external function with more than 5 arguments requires a second stub function@ for native-code compilation",
            &[],
        ),
        Error::UnboundTypeVar(ty, decl) => {
            say("A type variable is unbound in this type declaration%t", &[explain_unbounded(cx, *ty, decl)])
        }
        Error::UnboundTypeVarExt(ty, ext) => {
            let args = constructor_types(&ext.args);
            let explanation = explain_unbound(cx, *ty, &args, |ty| *ty, "type", |ty| labelled(cx, String::new(), *ty));
            say("A type variable is unbound in this extension constructor%t", &[explanation])
        }
        Error::CannotExtendPrivateType(path) => {
            say("Cannot extend private type definition@ %a", &[printtyp::path(cx, path)])
        }
        Error::NotExtensibleType(path) => {
            say("Type definition@ %a@ is not extensible", &[inline(printtyp::path(cx, path))])
        }
        Error::ExtensionMismatch(path, env, mismatch) => say(
            "@[This extension@ does not match the definition of type@;<1 2>%a@]@\n@[<v>%a@]",
            &[
                code(path.name()),
                includecore::report_type_mismatch(cx, "the type", "this extension", "definition", env, mismatch),
            ],
        ),
        Error::RebindWrongType(lid, env, error) => unification(
            cx,
            loc,
            env,
            error,
            "",
            Doc::template("The constructor %a@ has type", &[code(lid)]),
            "but was expected to be of type",
        ),
        Error::RebindMismatch(lid, p, q) => say(
            "The constructor@ %a@ extends type@ %a@ whose declaration does not match@ the declaration of type@ %a",
            &[code(lid), code(p.name()), code(q.name())],
        ),
        Error::RebindPrivate(lid) => say("The constructor@ %a@ is private", &[code(lid)]),
        Error::BadVariance(error, v1, v2) => variance_report(cx, loc, error, *v1, *v2),
        Error::VaryingAnonymous(n, reason) => {
            let reason = match reason {
                VaryingAnonymous::VariableConstrained(ty) => Doc::template(
                    ", because the type variable %a appears@ in other parameters.@ \
                     In GADTS, covariant or contravariant type parameters@ must not depend@ on other parameters.",
                    &[type_code(cx, *ty)],
                ),
                VaryingAnonymous::VariableInstantiated(ty) => Doc::template(
                    ", because it is instantiated to the type %a.@ Covariant or contravariant type parameters@ \
                     may only appear@ as type variables@ in GADT constructor definitions.",
                    &[type_code(cx, *ty)],
                ),
            };
            say(
                "In this GADT constructor definition,@ the variance of the@ %d%s parameter@ cannot be checked%t",
                &[Doc::from(n.to_string()), Doc::from(ordinal_suffix(*n)), reason],
            )
        }
        Error::UnavailableTypeConstructor(path) => {
            say("The definition of type %a@ is unavailable", &[inline(printtyp::path(cx, path))])
        }
        Error::ValInStructure => say("Value declarations are only allowed in signatures", &[]),
        Error::MultipleNativeReprAttributes => {
            say("Too many %a/%a attributes", &[code("[@@unboxed]"), code("[@@untagged]")])
        }
        Error::CannotUnboxOrUntagType(NativeReprKind::Unboxed) => say(
            "Don't know how to unbox this type.@ Only %a, %a, %a, and %a can be unboxed.",
            &[code("float"), code("int32"), code("int64"), code("nativeint")],
        ),
        Error::CannotUnboxOrUntagType(NativeReprKind::Untagged) => say(
            "Don't know how to untag this type. Only %a@ and other immediate types can be untagged.",
            &[code("int")],
        ),
        Error::DeepUnboxOrUntagAttribute(kind) => say(
            "The attribute %a should be attached to@ a direct argument or result of the primitive,@ \
             it should not occur deeply into its type.",
            &[code(if *kind == NativeReprKind::Unboxed { "@unboxed" } else { "@untagged" })],
        ),
        Error::BadImmediacyAttribute(Immediacy::AlwaysOn64Bits) => say(
            "Types@ marked@ with@ the@ %a@ attribute@ must@ be@ produced@ using@ the@ %a@ functor.",
            &[code("immediate64"), code("Stdlib.Sys.Immediate64.Make")],
        ),
        Error::BadImmediacyAttribute(_) => say(
            "Types@ marked@ with@ the@ immediate@ attribute@ must@ be@ non-pointer@ types@ like@ %a@ or@ %a.",
            &[code("int"), code("bool")],
        ),
        Error::BadUnboxedAttribute(reason) => say("This type cannot be unboxed because@ %s.", &[Doc::from(*reason)]),
        Error::NonSeparableExistential(name) => {
            let which = match name {
                None => Doc::from("an unnamed existential variable"),
                Some(name) => Doc::template("the existential variable %a", &[code(&rocaml_syntax::error::tyvar(name))]),
            };
            say(
                "This type cannot be unboxed because@ it might contain both float and non-float values,@ depending on the instantiation of %a.@ You should annotate it with %a.",
                &[which, code("[@@ocaml.boxed]")],
            )
        }
        Error::BoxedAndUnboxed => say("A type cannot be boxed and unboxed at the same time.", &[]),
        Error::NonrecGadt => say("GADT case syntax cannot be used in a %a block.", &[code("nonrec")]),
        Error::InvalidPrivateRowDeclaration(ty) => {
            let mut private = Doc::from("private ");
            private.append(printtyp::type_expr(cx, *ty));
            let hint = Doc::template(
                "@[<hv>@[%a: If you intended to define a private type abbreviation,@ write explicitly@]@;<1 2>%a@]",
                &[Doc::hint(), inline(private)],
            );
            say(
                "This private row type declaration is invalid.@\n@[<v>The type expression on the right-hand side reduces to@;<1 2>%a@ \
                 which does not have a free row type variable.@]",
                &[type_code(cx, *ty)],
            )
            .with_hint(hint)
        }
        Error::AtomicFieldMustBeMutable(name) => {
            say("@[The label %a must be mutable to be declared atomic.@]", &[code(name)])
        }
        Error::OldStyleFloatWithNativeRepr => {
            say("Cannot use %a in conjunction with %a/%a.", &[code("float"), code("[@unboxed]"), code("[@untagged]")])
        }
        Error::OldStyleNoallocWithAttribute => {
            say("Cannot use %a in conjunction with %a.", &[code("noalloc"), code("[@@noalloc]")])
        }
        Error::NoNativePrimitiveWithRepr => say(
            "@[The native code version of the primitive is mandatory@ when attributes %a or %a are present.@]",
            &[code("[@untagged]"), code("[@unboxed]")],
        ),
    }
}
