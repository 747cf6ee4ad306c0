//! What can be wrong with modules, and the wording.

use super::names::ComponentKind;
use crate::includemod::{self, Explanation};
use crate::typedecl;
use rocaml_base::{Location, Name};
use rocaml_diag::Tag;
use rocaml_diag::doc::Doc;
use rocaml_diag::report::{Message, Report};
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::env::Env;
use rocaml_types::printtyp;
use rocaml_types::*;
use std::rc::Rc;

/// What is wrong with a module or a module type.
pub enum Error {
    NotIncluded(Explanation),
    CannotEliminateDependency(ModuleType),
    SignatureExpected,
    StructureExpected(ModuleType),
    WithNoComponent(Longident),
    WithMismatch(Longident, Explanation),
    WithCannotRemoveConstrainedType,
    WithMakesApplicativeFunctorIllTyped(Longident, Path, Explanation),
    /// The constraint, the alias, and the module that it names.
    WithChangesModuleAlias(Longident, Ident, Path),
    WithCannotRemovePackedModtype(Path, ModuleType),
    WithPackageManifest(Longident, TypeId),
    RepeatedName(ComponentKind, Name),
    NonGeneralizable {
        vars: Vec<TypeId>,
        expression: TypeId,
    },
    NonGeneralizableModule {
        vars: Vec<TypeId>,
        item: Rc<ValueDescription>,
        mty: ModuleType,
    },
    InterfaceNotCompiled(String),
    NotAllowedInFunctorBody,
    NotAPackedModule(TypeId),
    IncompletePackedModule(TypeId),
    ScopingPack(String, TypeId),
    RecursiveModuleRequireExplicitType,
    ApplyGenerative,
    CannotScrapeAlias(Path),
    CannotScrapePackageType(Path),
    CannotAlias(Path),
    BadlyFormedSignature(String, Box<typedecl::Error>),
    /// What an open brought, and the item that needs it.
    AppearsInSignature {
        opened: (ComponentKind, Ident),
        user: (ComponentKind, Ident, Location),
    },
    /// What was hidden, by what, and the item that needs it.
    IllegalShadowing {
        shadowed: (ComponentKind, Ident, Location),
        shadower: Ident,
        user: (ComponentKind, Ident, Location),
    },
    InvalidTypeSubstRhs,
    NonPackableLocalModtypeSubst(Path),
}

fn inline(doc: Doc) -> Doc {
    Doc::tagged(Tag::InlineCode, doc)
}

fn code(text: impl std::fmt::Display) -> Doc {
    Doc::code(text)
}

fn lid(lid: &Longident) -> Doc {
    inline(printtyp::longident(lid))
}

fn see_manual(section: &str) -> Doc {
    Doc::from(format!("(see manual section {section})"))
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| c.to_ascii_uppercase().to_string() + chars.as_str())
}

/// The diagnostic of an error.
pub fn report_error(cx: &Context, loc: Location, env: &Env, error: &Error) -> Report {
    printtyp::wrap_printing_env(cx, env, true, || report(cx, loc, error))
}

fn report(cx: &Context, loc: Location, error: &Error) -> Report {
    let say = |template: &str, args: &[Doc]| Report::error(loc, Doc::template(template, args));
    let path = |path: &Path| inline(printtyp::path(cx, path));
    let mty = |mty: &ModuleType| inline(printtyp::modtype(cx, mty));
    let ty = |ty: TypeId| inline(printtyp::type_expr(cx, ty));
    let with_conflicts = |report: Report| Report { footnote: printtyp::conflicts_message(cx), ..report };
    match error {
        Error::NotIncluded(explanation) => {
            with_conflicts(say("@[<v>Signature mismatch:@ %a@]", &[includemod::explanation_text(cx, explanation)]))
        }
        Error::CannotEliminateDependency(functor) => say(
            "@[This functor has type@ %a@ The parameter cannot be eliminated in the result type.@ \
             Please bind the argument to a module identifier.@]",
            &[mty(functor)],
        ),
        Error::SignatureExpected => say("This module type is not a signature", &[]),
        Error::StructureExpected(found) => say("@[This module is not a structure; it has type@ %a@]", &[mty(found)]),
        Error::WithNoComponent(name) => {
            say("@[The signature constrained by %a has no component named %a@]", &[code("with"), lid(name)])
        }
        Error::WithMismatch(name, explanation) => with_conflicts(say(
            "@[<v>@[In this %a constraint, the new definition of %a@ does not match its original definition@ \
             in the constrained signature:@]@ %a@]",
            &[code("with"), lid(name), includemod::explanation_text(cx, explanation)],
        )),
        Error::WithCannotRemoveConstrainedType => say(
            "@[<v>Destructive substitutions are not supported for constrained @ types (other than when replacing a type \
             constructor with @ a type constructor with the same arguments).@]",
            &[],
        ),
        Error::WithMakesApplicativeFunctorIllTyped(name, p, explanation) => with_conflicts(say(
            "@[<v>@[This %a constraint on %a makes the applicative functor @ \
             type %a ill-typed in the constrained signature:@]@ %a@]",
            &[code("with"), lid(name), code(p.name()), includemod::explanation_text(cx, explanation)],
        )),
        Error::WithChangesModuleAlias(name, alias, p) => say(
            "@[<v>@[This %a constraint on %a changes %a, which is aliased @ \
             in the constrained signature (as %a)@].@]",
            &[code("with"), lid(name), code(p.name()), code(alias.name())],
        ),
        Error::WithCannotRemovePackedModtype(p, replacement) => {
            let constraint = Doc::template("%s := %a", &[Doc::from(p.name()), printtyp::modtype(cx, replacement)]);
            say(
                "This %a constraint@ %a@ makes a packed module ill-formed.@ %a",
                &[code("with"), inline(constraint), see_manual("12.7.3")],
            )
        }
        Error::WithPackageManifest(name, manifest) => say(
            "In the constrained signature, type %a is defined to be %a.@ \
             Package %a constraints may only be used on abstract types.",
            &[lid(name), ty(*manifest), code("with")],
        ),
        Error::RepeatedName(kind, name) => say(
            "@[Multiple definition of the %s name %a.@ Names must be unique in a given structure or signature.@]",
            &[Doc::from(kind.words()), code(name)],
        ),
        Error::NonGeneralizable { vars, expression } => {
            let (expression, vars) = prepared(cx, vars, *expression);
            say(
                "@[The type of this expression,@ %a,@ contains the non-generalizable type variable(s): %a.@ %a@]",
                &[expression, vars, see_manual("6.1.2")],
            )
        }
        Error::NonGeneralizableModule { vars, item, mty } => {
            let (value, vars) = prepared(cx, vars, item.type_);
            say(
                "@[The type of this module,@ %a,@ contains non-generalizable type variable(s).@ %a@]",
                &[printtyp::modtype(cx, mty), see_manual("6.1.2")],
            )
            .with_note(
                item.loc,
                Doc::template(
                    "The type of this value,@ %a,@ contains the non-generalizable type variable(s) %a.",
                    &[value, vars],
                ),
            )
        }
        Error::InterfaceNotCompiled(name) => {
            say("@[Could not find the .cmi file for interface@ %a.@]", &[Doc::code(name)])
        }
        Error::NotAllowedInFunctorBody => {
            say("@[This expression creates fresh types.@ It is not allowed inside applicative functors.@]", &[])
        }
        Error::NotAPackedModule(found) => say("This expression is not a packed module. It has type@ %a", &[ty(*found)]),
        Error::IncompletePackedModule(found) => {
            say("The type of this packed module contains variables:@ %a", &[ty(*found)])
        }
        Error::ScopingPack(name, found) => say(
            "The type %a in this module cannot be exported.@ Its type contains local dependencies:@ %a",
            &[code(name), ty(*found)],
        ),
        Error::RecursiveModuleRequireExplicitType => say("Recursive modules require an explicit module type.", &[]),
        Error::ApplyGenerative => say("This is a generative functor. It can only be applied to %a", &[code("()")]),
        Error::CannotScrapeAlias(p) => say("This is an alias for module %a, which is missing", &[path(p)]),
        Error::CannotAlias(p) => say("Functor arguments, such as %a, cannot be aliased", &[path(p)]),
        Error::CannotScrapePackageType(p) => {
            say("The type of this packed module refers to %a, which is missing", &[path(p)])
        }
        Error::BadlyFormedSignature(context, error) => {
            let mut report = typedecl::report_error(cx, loc, error);
            let text = Doc::template("In %s:@ %a", &[Doc::from(context.as_str()), report.main.txt.clone()]);
            report.main = Message { txt: text, ..report.main };
            report
        }
        Error::IllegalShadowing { shadowed: (kind, id, id_loc), shadower, user: (user_kind, user_id, user_loc) } => {
            let named =
                |id: Ident| {
                    inline(kind.namespace().map_or_else(
                        || code(id.name()),
                        |space| printtyp::namespaced_path(cx, space, &Path::Ident(id)),
                    ))
                };
            let shadowed = named(*id);
            say(
                "Illegal shadowing of included %s %a@ by %a.",
                &[Doc::from(kind.words()), shadowed.clone(), named(*shadower)],
            )
            .with_note(
                *id_loc,
                Doc::template(
                    "@[%s %a came from this include.@]",
                    &[Doc::from(capitalize(kind.words())), shadowed.clone()],
                ),
            )
            .with_note(
                *user_loc,
                Doc::template(
                    "@[The %s %a has no valid type@ if %a is shadowed.@]",
                    &[Doc::from(user_kind.words()), code(user_id.name()), shadowed],
                ),
            )
        }
        Error::AppearsInSignature { opened: (kind, id), user: (user_kind, user_id, user_loc) } => say(
            "The %s %a introduced by this open appears in the signature.",
            &[Doc::from(kind.words()), code(id.name())],
        )
        .with_note(
            *user_loc,
            Doc::template(
                "@[The %s %a has no valid type@ if %a is hidden.@]",
                &[Doc::from(user_kind.words()), code(user_id.name()), code(id.name())],
            ),
        ),
        Error::InvalidTypeSubstRhs => say("Only type synonyms are allowed on the right of %a", &[code(":=")]),
        Error::NonPackableLocalModtypeSubst(p) => say(
            "The module type@ %a@ is not a valid type for a packed module:@ it is defined as a local substitution \
             (temporary name)@ for an anonymous module type.@ %a",
            &[code(p.name()), see_manual("12.7.3")],
        ),
    }
}

/// A type and its variables, named alike.
fn prepared(cx: &Context, vars: &[TypeId], ty: TypeId) -> (Doc, Doc) {
    printtyp::prepare_for_printing(cx, vars);
    printtyp::add_type_to_preparation(cx, ty);
    let ty = inline(printtyp::prepared_type_scheme(cx, ty));
    let vars = vars.iter().map(|var| inline(printtyp::prepared_type_scheme(cx, *var)));
    (ty, Doc::comma_list(vars))
}
