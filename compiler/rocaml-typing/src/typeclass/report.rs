//! The wording of errors in classes.

use rocaml_base::{Location, Name};
use rocaml_diag::doc::{Doc, Tag};
use rocaml_diag::report::Report;
use rocaml_syntax::asttypes::{ArgLabel, MutableFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::ctype::{self, ClosedClassFailure, VariableKind};
use rocaml_types::env::Env;
use rocaml_types::errortrace::UnifyError;
use rocaml_types::printtyp::{self, TypeOrScheme};
use rocaml_types::{TypeDesc, TypeId, btype};

use super::error::{Error, Kind};
use crate::includeclass;

/// The diagnostic of an error in a class.
pub fn report_error(cx: &Context, loc: Location, env: &Env, error: &Error) -> Report {
    Report::error(loc, printtyp::wrap_printing_env(cx, env, true, || Reporter { cx, env }.message(error)))
}

fn code(doc: Doc) -> Doc {
    Doc::tagged(Tag::InlineCode, doc)
}

fn lid(lid: &Longident) -> Doc {
    code(printtyp::longident(lid))
}

/// What should have no virtual member.
fn concrete(kind: Kind) -> Doc {
    Doc::from(match kind {
        Kind::Object => "object",
        Kind::Class => "non-virtual class",
        Kind::ClassType => "non-virtual class type",
    })
}

fn listed(names: &[Name]) -> Doc {
    Doc::separated(names.iter().map(Doc::code), |doc| {
        doc.space();
    })
}

struct Reporter<'a> {
    cx: &'a Context,
    env: &'a Env,
}

impl Reporter<'_> {
    fn message(&self, error: &Error) -> Doc {
        let say = Doc::template;
        let alone = |text: &str| Doc::template(text, &[]);
        match error {
            Error::RepeatedParameter => alone("A type parameter occurs several times"),
            Error::InconsistentConstraint(trace) => {
                say("@[<v>The class constraints are not consistent.@ %a@]", &[self.incompatible(trace)])
            }
            Error::FieldTypeMismatch(kind, name, trace) => self.unification(
                trace,
                say("The %s %a@ has type", &[Doc::from(*kind), Doc::code(name)]),
                alone("but is expected to have type"),
            ),
            Error::UnexpectedField(ty, name) => say(
                "@[@[<2>This object is expected to have type :@ %a@]@ This type does not have a method %a.",
                &[self.ty(*ty), Doc::code(name)],
            ),
            Error::StructureExpected(cty) => say(
                "@[This class expression is not a class structure; it has type@ %a@]",
                &[code(printtyp::class_type(self.cx, cty))],
            ),
            Error::CannotApply => alone("This class expression is not a class function, it cannot be applied"),
            Error::ApplyWrongLabel(label) => {
                let label = match label {
                    ArgLabel::Nolabel => alone("without label"),
                    _ => say("with label %a", &[Doc::code(btype::prefixed_label_name(*label))]),
                };
                say("This argument cannot be applied %a", &[label])
            }
            Error::PatternTypeClash(ty) => say(
                "@[This pattern cannot match self: it only matches values of type@ %a@]",
                &[self.ty(*ty)],
            ),
            Error::UnboundClass2(name) => say("@[The class@ %a@ is not yet completely defined@]", &[lid(name)]),
            Error::UnboundClassType2(name) => {
                say("@[The class type@ %a@ is not yet completely defined@]", &[lid(name)])
            }
            Error::AbbrevTypeClash(abbrev, actual, expected) => {
                printtyp::prepare_for_printing(self.cx, &[*abbrev, *actual, *expected]);
                // Upstream names the variables of the last type first.
                let ty = |ty: &TypeId| code(printtyp::prepared_type_expr(self.cx, *ty));
                let expected = ty(expected);
                let actual = ty(actual);
                say(
                    "@[The abbreviation@ %a@ expands to type@ %a@ but is used with type@ %a@]",
                    &[ty(abbrev), actual, expected],
                )
            }
            Error::ConstructorTypeMismatch(name, trace) => self.unification(
                trace,
                say("The expression %a has type", &[Doc::code(format!("new {name}"))]),
                alone("but is used with type"),
            ),
            Error::VirtualClass(kind, meths, vars) => virtual_members(*kind, meths, vars),
            Error::UndeclaredMethods(kind, meths) => say(
                "@[This %s has undeclared virtual methods.@ @[<2>The following methods were not declared : %a@]@]",
                &[concrete(*kind), listed(meths)],
            ),
            Error::ParameterArityMismatch(name, expected, provided) => say(
                "@[The class constructor %a@ expects %s type argument(s),@ but is here applied to %s type argument(s)@]",
                &[lid(name), Doc::from(expected.to_string()), Doc::from(provided.to_string())],
            ),
            Error::ParameterMismatch(trace) => self.unification(
                trace,
                alone("The type parameter"),
                alone("does not meet its constraint: it should be"),
            ),
            Error::BadParameters(id, params, constraints) => self.parameters(
                "@[The abbreviation %a@ is used with parameter(s)@ %a@ which are incompatible with constraint(s)@ %a@]",
                id.name().to_string(),
                params,
                constraints,
            ),
            Error::BadClassTypeParameters(id, params, constraints) => self.parameters(
                "@[The class type %a@ is used with parameter(s)@ %a,@ whereas the class type definition@ constrains@ those parameters to be@ %a@]",
                format!("#{}", id.name()),
                params,
                constraints,
            ),
            Error::ClassMatchFailure(failures) => {
                includeclass::report_failures(self.cx, TypeOrScheme::Type, failures)
            }
            Error::UnboundTypeVar(declaration, reason) => self.unbound_variable(declaration, reason),
            Error::NonGeneralizableClass { id, clty, nongen_vars } => {
                printtyp::prepare_for_printing(self.cx, nongen_vars);
                let class = code(printtyp::class_declaration(self.cx, *id, clty));
                let vars = nongen_vars.iter().map(|var| code(printtyp::prepared_type_scheme(self.cx, *var)));
                let vars = Doc::separated(vars, |doc| { doc.text(",").space(); });
                say(
                    "@[The type of this class,@ %a,@ contains the non-generalizable type variable(s): %a.@ (see manual section 6.1.2)@]",
                    &[class, vars],
                )
            }
            Error::CannotCoerceSelf(ty) => say(
                "@[The type of self cannot be coerced to@ the type of the current class:@ %a.@.Some occurrences are contravariant@]",
                &[code(printtyp::type_scheme(self.cx, *ty))],
            ),
            Error::NonCollapsableConjunction(class, trace) => say(
                "@[The type of this class,@ %a,@ contains non-collapsible conjunctive types in constraints.@ %t@]",
                &[code(class.clone()), self.incompatible(trace)],
            ),
            Error::SelfClash(trace) => self.unification(
                trace,
                alone("This object is expected to have type"),
                alone("but actually has type"),
            ),
            Error::MutabilityMismatch(mutable) => {
                let (old, new) = match mutable {
                    MutableFlag::Immutable => ("mutable", "immutable"),
                    MutableFlag::Mutable => ("immutable", "mutable"),
                };
                say(
                    "@[The instance variable is %s;@ it cannot be redefined as %s@]",
                    &[Doc::from(old), Doc::from(new)],
                )
            }
            Error::NoOverriding(None) => say(
                "@[This inheritance does not override any methods@ or instance variables@ but is explicitly marked as@ overriding with %a.@]",
                &[Doc::code("!")],
            ),
            Error::NoOverriding(Some((kind, name))) => {
                say("@[The %s %a@ has no previous definition@]", &[Doc::from(*kind), Doc::code(name)])
            }
            Error::Duplicate(kind, name) => say(
                "@[The %s %a@ has multiple definitions in this object@]",
                &[Doc::from(*kind), Doc::code(name)],
            ),
            Error::ClosingSelfType(ty) => say(
                "@[Cannot close type of object literal:@ %a@,it has been unified with the self type of a class that is not yet@ completely defined.@]",
                &[code(ty.clone())],
            ),
        }
    }

    fn ty(&self, ty: TypeId) -> Doc {
        code(printtyp::type_expr(self.cx, ty))
    }

    fn unification(&self, trace: &UnifyError, txt1: Doc, txt2: Doc) -> Doc {
        printtyp::report_unification_error(self.cx, self.env, trace, None, txt1, txt2)
    }

    fn incompatible(&self, trace: &UnifyError) -> Doc {
        self.unification(trace, Doc::from("Type"), Doc::from("is not compatible with type"))
    }

    fn parameters(&self, template: &str, name: String, params: &[TypeId], constraints: &[TypeId]) -> Doc {
        printtyp::prepare_for_printing(self.cx, &[params, constraints].concat());
        let args = |tys: &[TypeId]| code(printtyp::prepared_type_args(self.cx, tys));
        Doc::template(template, &[Doc::code(name), args(params), args(constraints)])
    }

    fn unbound_variable(&self, declaration: &Doc, reason: &ClosedClassFailure) -> Doc {
        let cx = self.cx;
        let (variable, kind) = reason.free_variable;
        let shown = match kind {
            VariableKind::TypeVariable => variable,
            VariableKind::RowVariable => ctype::newgenty(cx, TypeDesc::Object(variable, cx.new_object_name(None))),
        };
        printtyp::add_type_to_preparation(cx, reason.meth_ty);
        printtyp::add_type_to_preparation(cx, shown);
        let ty = |ty| code(printtyp::prepared_type_expr(cx, ty));
        // Upstream names the variable first.
        let variable = ty(variable);
        let method = Doc::template(
            "The method %a@ has type@;<1 2>%a@ where@ %a@ is unbound",
            &[Doc::code(reason.meth), ty(reason.meth_ty), variable],
        );
        Doc::template(
            "@[<v>@[Some type variables are unbound in this type:@;<1 2>%a@]@ @[%a@]@]",
            &[declaration.clone(), method],
        )
    }
}

fn virtual_members(kind: Kind, meths: &[Name], vars: &[Name]) -> Doc {
    let missing = Doc::from(match (meths, vars) {
        ([], _) => "variables",
        (_, []) => "methods",
        _ => "methods and variables",
    });
    Doc::template(
        "@[This %s has virtual %s.@ @[<2>The following %s are virtual : %a@]@]",
        &[concrete(kind), missing.clone(), missing, listed(&[meths, vars].concat())],
    )
}
