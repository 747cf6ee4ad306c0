//! The texts of environment errors.

use super::Env;
use super::error::{EnvError, LookupError, UnboundValueHint};
use super::persistent::PersistentError;
use crate::context::Context;
use crate::printtyp;
use crate::types::ValueKind;
use rocaml_base::{Loc, Location, Name};
use rocaml_diag::{Doc, Report, Tag, hint};
use rocaml_syntax::longident::Longident;

/// A long identifier as code.
fn quoted(lid: &Longident) -> Doc {
    Doc::tagged(Tag::InlineCode, printtyp::longident(lid))
}

type Extract = fn(&Env, &Context, Option<&Longident>) -> Vec<Name>;

/// The names that may have been meant.
fn choices(cx: &Context, env: &Env, lid: &Longident, extract: Extract) -> Vec<Doc> {
    let (prefix, name) = match lid {
        Longident::Lident(name) => (None, *name),
        Longident::Ldot(prefix, name) => (Some(prefix), name.txt),
        Longident::Lapply(..) => return Vec::new(),
    };
    let candidates = extract(env, cx, prefix.map(|p| &p.txt));
    let quote = |name: Name| match prefix {
        None => Doc::code(name),
        Some(prefix) => quoted(&Longident::Ldot(prefix.clone(), Loc::none(name))),
    };
    nearest(&candidates, name).into_iter().map(quote).collect()
}
fn nearest(candidates: &[Name], name: Name) -> Vec<Name> {
    hint::spellcheck(candidates.iter().map(|candidate| candidate.as_str()), &name)
        .iter()
        .map(|name| Name::new(name))
        .collect()
}

/// `Unbound <what> <lid>` with a spelling hint below, aligned.
fn unbound(loc: Location, what: &str, name: Doc, choices: Vec<Doc>) -> Report {
    let (main, hint) = hint::aligned_docs(&format!("{what} "), name, choices);
    let report = Report::error(loc, main);
    match hint {
        Some(hint) => report.with_note(Location::none(), hint),
        None => report,
    }
}
fn unbound_lid(cx: &Context, env: &Env, loc: Location, what: &str, lid: &Longident, extract: Extract) -> Report {
    unbound(loc, what, quoted(lid), choices(cx, env, lid, extract))
}
fn kind_hint(report: Report, text: &str, lid: &Longident) -> Report {
    report.with_note(Location::none(), Doc::template(text, &[quoted(lid)]))
}

macro_rules! names {
    ($fold:ident, $($pat:pat_param),+ => $name:expr) => {
        |env: &Env, cx: &Context, lid: Option<&Longident>| {
            let mut names: Vec<Name> = Vec::new();
            env.$fold(cx, lid, &mut |$($pat),+| names.push($name));
            names
        }
    };
}

fn module_names(env: &Env, cx: &Context, lid: Option<&Longident>) -> Vec<Name> {
    match lid {
        None => env.module_names(cx),
        Some(lid) => env.module_names_in(cx, lid),
    }
}

impl LookupError {
    fn report(&self, cx: &Context, env: &Env, loc: Location) -> Report {
        let error = |template: &str, args: &[Doc]| Report::error(loc, Doc::template(template, args));
        match self {
            LookupError::UnboundValue(lid, hint) => {
                let report = unbound_lid(cx, env, loc, "Unbound value", lid, names!(fold_values, name, _, _ => name));
                match hint {
                    UnboundValueHint::NoHint => report,
                    UnboundValueHint::MissingRec(place) => report.with_note(
                        Location::none(),
                        Doc::template(
                            "@[@{<hint>Hint@}: If this is a recursive definition,@ you should add the %a keyword on line %s@]",
                            &[Doc::code("rec"), Doc::from(place.start.line.to_string())],
                        ),
                    ),
                }
            }
            LookupError::UnboundType(lid) => {
                unbound_lid(cx, env, loc, "Unbound type constructor", lid, names!(fold_types, name, _, _ => name))
            }
            LookupError::UnboundModule(lid) => match env.find_modtype_by_name(cx, lid) {
                None => unbound_lid(cx, env, loc, "Unbound module", lid, module_names),
                Some(_) => kind_hint(
                    unbound(loc, "Unbound module", quoted(lid), Vec::new()),
                    "@{<hint>Hint@}: There is a module type named %a,@ but module types are not modules",
                    lid,
                ),
            },
            LookupError::UnboundConstructor(lid) => {
                unbound_lid(cx, env, loc, "Unbound constructor", lid, names!(fold_constructors, c => c.name))
            }
            LookupError::UnboundLabel(lid) => {
                unbound_lid(cx, env, loc, "Unbound record field", lid, names!(fold_labels, l => l.name))
            }
            LookupError::UnboundClass(lid) => match env.find_cltype_by_name(cx, lid) {
                None => unbound_lid(cx, env, loc, "Unbound class", lid, names!(fold_classes, name, _, _ => name)),
                Some(_) => kind_hint(
                    unbound(loc, "Unbound class", quoted(lid), Vec::new()),
                    "@{<hint>Hint@}: There is a class type named %a,@ but classes are not class types.",
                    lid,
                ),
            },
            LookupError::UnboundModtype(lid) => match env.find_module_by_name(cx, lid) {
                None => {
                    unbound_lid(cx, env, loc, "Unbound module type", lid, names!(fold_modtypes, name, _, _ => name))
                }
                Some(_) => kind_hint(
                    unbound(loc, "Unbound module type", quoted(lid), Vec::new()),
                    "@{<hint>Hint@}: There is a module named %a,@ but modules are not module types",
                    lid,
                ),
            },
            LookupError::UnboundCltype(lid) => {
                unbound_lid(cx, env, loc, "Unbound class type", lid, names!(fold_cltypes, name, _, _ => name))
            }
            LookupError::UnboundInstanceVariable(name) => {
                unbound(loc, "Unbound instance variable", Doc::code(name), instance_variables_near(cx, env, *name))
            }
            LookupError::NotAnInstanceVariable(name) => {
                let rest = Doc::template("%a is not an instance variable", &[Doc::code(name)]);
                unbound(loc, "The value", rest, instance_variables_near(cx, env, *name))
            }
            LookupError::MaskedInstanceVariable(lid) => error(
                "The instance variable %a@ cannot@ be@ accessed@ from@ the@ definition@ of@ another instance variable",
                &[quoted(lid)],
            ),
            LookupError::MaskedSelfVariable(lid) => error(
                "The self variable %a@ cannot@ be@ accessed@ from@ the@ definition of an instance variable",
                &[quoted(lid)],
            ),
            LookupError::MaskedAncestorVariable(lid) => error(
                "The ancestor variable %a@ cannot@ be@ accessed@ from@ the definition of an instance variable",
                &[quoted(lid)],
            ),
            LookupError::StructureUsedAsFunctor(lid) => {
                error("The module %a is a structure, it cannot be applied", &[quoted(lid)])
            }
            LookupError::AbstractUsedAsFunctor(lid) => {
                error("The module %a is abstract, it cannot be applied", &[quoted(lid)])
            }
            LookupError::FunctorUsedAsStructure(lid) => {
                error("The module %a is a functor, it cannot have any components", &[quoted(lid)])
            }
            LookupError::AbstractUsedAsStructure(lid) => {
                error("The module %a is abstract, it cannot have any components", &[quoted(lid)])
            }
            LookupError::GenerativeUsedAsApplicative(lid) => {
                error("The functor %a is generative,@ it@ cannot@ be@ applied@ in@ type@ expressions", &[quoted(lid)])
            }
            LookupError::IllegalReferenceToRecursiveModule { container, unbound } => {
                recursive_module(loc, container.unwrap_or_else(|| Name::new("_")), *unbound)
            }
            LookupError::IllegalReferenceToRecursiveClassType {
                container,
                unbound,
                unbound_class_type,
                container_class_type,
            } => {
                let container = container.unwrap_or_else(|| Name::new("_"));
                let dependency = if container == *unbound {
                    Doc::from("itself")
                } else {
                    Doc::template("the module type of %a", &[Doc::code(unbound)])
                };
                error(
                    "@[<hov>This class type is recursive.@ This use of the class type %a@ from the recursive module %a@ within the definition of@ the class type %a@ in the recursive module %a@ makes the module type of %a@ depend on %t.@ Such recursive definitions of@ class types within recursive modules@ are not allowed.@]",
                    &[
                        quoted(unbound_class_type),
                        Doc::code(unbound),
                        Doc::code(container_class_type),
                        Doc::code(container),
                        Doc::code(container),
                        dependency,
                    ],
                )
            }
            LookupError::CannotScrapeAlias(lid, path) => {
                let is_current =
                    matches!(path, crate::Path::Ident(id) if id.is_global() && cx.current_unit() == Some(id.name()));
                let cause = if is_current { "is the current compilation unit" } else { "is missing" };
                error(
                    "The module %a is an alias for module %a, which %s",
                    &[quoted(lid), Doc::tagged(Tag::InlineCode, printtyp::path(cx, path)), Doc::from(cause)],
                )
            }
        }
    }
}

fn instance_variables_near(cx: &Context, env: &Env, name: Name) -> Vec<Doc> {
    let mut names = Vec::new();
    env.fold_values(cx, None, &mut |name, _, decl| {
        if let ValueKind::Ivar(..) = decl.kind {
            names.push(name);
        }
    });
    nearest(&names, name).into_iter().map(Doc::code).collect()
}

fn recursive_module(loc: Location, container: Name, unbound: Name) -> Report {
    let (within, dependency) = if container == unbound {
        (Doc::from("its own definition"), Doc::from("itself"))
    } else {
        (
            Doc::template("the definition of the module %a", &[Doc::code(container)]),
            Doc::template("the module type of %a", &[Doc::code(unbound)]),
        )
    };
    let text = "@[<hov>This module type is recursive.@ This use of the recursive module %a@ within %t@ makes the module type of %a depend on@ %t.@ Such recursive definitions of module types are not allowed.@]";
    Report::error(loc, Doc::template(text, &[Doc::code(unbound), within, Doc::code(container), dependency]))
}

impl PersistentError {
    /// Why the file of a unit does not count, unless there is none.
    pub fn reason_against(&self) -> Option<String> {
        let doc = match self {
            PersistentError::NotFound => return None,
            PersistentError::IllegalRenaming { expected, found, file } => Doc::template(
                " %a@ contains the compiled interface for @ %a when %a was expected",
                &[Doc::code(file), Doc::code(found), Doc::code(expected)],
            ),
            PersistentError::NeedRecursiveTypes(unit) => Doc::template("%a uses recursive types", &[Doc::code(unit)]),
            error => error.doc(),
        };
        Some(doc.to_text())
    }

    /// The error in words.
    pub fn doc(&self) -> Doc {
        match self {
            PersistentError::NotFound => Doc::from("The compiled interface was not found."),
            PersistentError::Corrupted { file, .. } => {
                Doc::template("Corrupted compiled interface@ %a", &[Doc::code(file)])
            }
            PersistentError::NotAnInterface(file) => {
                Doc::template("%a@ is not a compiled interface", &[Doc::code(file)])
            }
            PersistentError::WrongVersion { file, older } => Doc::template(
                "%a@ is not a compiled interface for this version of OCaml.@.It seems to be for %s version of OCaml.",
                &[Doc::code(file), Doc::from(if *older { "an older" } else { "a newer" })],
            ),
            PersistentError::IllegalRenaming { expected, found, file } => Doc::template(
                "Wrong file naming: %a@ contains the compiled interface for@ %a when %a was expected",
                &[Doc::code(file), Doc::code(found), Doc::code(expected)],
            ),
            PersistentError::InconsistentImport { unit, first_source, second_source } => Doc::template(
                "@[<hov>The files %a@ and %a@ make inconsistent assumptions@ over interface %a@]",
                &[Doc::code(first_source), Doc::code(second_source), Doc::code(unit)],
            ),
            PersistentError::NeedRecursiveTypes(unit) => Doc::template(
                "@[<hov>Invalid import of %a, which uses recursive types.@ The compilation flag %a is required@]",
                &[Doc::code(unit), Doc::code("-rectypes")],
            ),
        }
    }
}

impl EnvError {
    /// The error as a report. That of a functor application is the module checker's to render.
    pub fn report(&self, cx: &Context) -> Report {
        match self {
            EnvError::MissingModule(loc, path, target) => {
                let main = if path == target {
                    Doc::template("Internal path@ %a@ is dangling.", &[Doc::code(path)])
                } else {
                    Doc::template(
                        "Internal path@ %a@ expands to@ %a@ which is dangling.",
                        &[Doc::code(path), Doc::code(target)],
                    )
                };
                let text = "%t@ @[The compiled interface for module@ %a@ was not found.@]";
                Report::error(*loc, Doc::template(text, &[main, Doc::code(target.head().name())]))
            }
            EnvError::IllegalValueName(loc, name) => {
                Report::error(*loc, Doc::template("%a is not a valid value identifier.", &[Doc::code(name)]))
            }
            EnvError::LookupError(loc, env, error) => error.report(cx, env, *loc),
            EnvError::FunctorApplication(loc, _) => {
                Report::error(*loc, Doc::from("This functor application is ill-typed."))
            }
            // A file is wrong, not the place that needed it first.
            EnvError::Persistent(loc, error) => Report::error(Location::in_file(loc.start.file), error.doc()),
        }
    }
}
