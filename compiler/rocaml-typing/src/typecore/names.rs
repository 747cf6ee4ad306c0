//! Choice among labels or constructors of one name, by the expected type and by the scope.
//!
//! Warnings: 40 (selected out of scope), 41 (several types in scope), 42 (not the last in scope),
//! 18 (selected by a type that is not principally known).

use std::cell::RefCell;
use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_diag::doc::Doc;
use rocaml_diag::warning::Warning;
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::env::{Candidate, ConstructorUsage, Env, EnvError, LabelUsage};
use rocaml_types::{
    ConstructorDescription, LabelDescription, Path, RecordRepresentation, TypeDesc, TypeId, TypeKind, printtyp,
};

use super::error::{DatatypeKind, Error, TypeExpected, WrongName, core_error, error};
use crate::Result;

/// An expected type's path as given and expanded, and whether it is principally known.
pub type ExpectedPath = Option<(Path, Path, bool)>;

/// Candidates in scope, or why there are none.
pub type Scope<T> = std::result::Result<Vec<Candidate<T>>, Box<EnvError>>;

/// The path that a type is an abbreviation of, at the end.
pub fn expand_path(cx: &Context, env: &Env, path: &Path) -> Path {
    if let Some(ty) = env.find_type(cx, path).and_then(|decl| decl.manifest)
        && let TypeDesc::Constr(path, ..) = cx.desc(ty)
    {
        return expand_path(cx, env, &path);
    }
    match env.normalize_type_path(cx, None, path) {
        Ok(normal) if normal != *path => expand_path(cx, env, &normal),
        _ => path.clone(),
    }
}

/// Whether two paths name the same type.
pub fn compare_type_path(cx: &Context, env: &Env, a: &Path, b: &Path) -> bool {
    a == b || expand_path(cx, env, a) == expand_path(cx, env, b)
}

/// What labels and constructors have in common here.
pub trait Nameable: Sized {
    type Usage: Copy;
    const KIND: DatatypeKind;
    fn name(&self) -> Name;
    fn result_type(&self) -> TypeId;
    /// Whether names of this kind are in environments; those of inline records are not.
    fn in_env(&self) -> bool;
    fn lookup_all_from_type(
        cx: &Context,
        env: &Env,
        loc: Location,
        usage: Self::Usage,
        path: &Path,
    ) -> Vec<(Rc<Self>, Option<Candidate<Self>>)>;
}

impl Nameable for LabelDescription {
    type Usage = LabelUsage;
    const KIND: DatatypeKind = DatatypeKind::Record;
    fn name(&self) -> Name {
        self.name
    }
    fn result_type(&self) -> TypeId {
        self.res
    }
    fn in_env(&self) -> bool {
        match self.repres {
            RecordRepresentation::Regular | RecordRepresentation::Float | RecordRepresentation::Unboxed(false) => true,
            RecordRepresentation::Unboxed(true)
            | RecordRepresentation::Inlined(_)
            | RecordRepresentation::Extension(_) => false,
        }
    }
    fn lookup_all_from_type(
        cx: &Context,
        env: &Env,
        loc: Location,
        usage: LabelUsage,
        path: &Path,
    ) -> Vec<(Rc<Self>, Option<Candidate<Self>>)> {
        let found = env.lookup_all_labels_from_type(cx, true, loc, usage, path);
        found.into_iter().map(|c| (c.descr.clone(), Some(c))).collect()
    }
}

impl Nameable for ConstructorDescription {
    type Usage = ConstructorUsage;
    const KIND: DatatypeKind = DatatypeKind::Variant;
    fn name(&self) -> Name {
        self.name
    }
    fn result_type(&self) -> TypeId {
        self.res
    }
    fn in_env(&self) -> bool {
        true
    }
    fn lookup_all_from_type(
        cx: &Context,
        env: &Env,
        loc: Location,
        usage: ConstructorUsage,
        path: &Path,
    ) -> Vec<(Rc<Self>, Option<Candidate<Self>>)> {
        let found = env.lookup_all_constructors_from_type(cx, true, loc, usage, path);
        if !found.is_empty() {
            return found.into_iter().map(|c| (c.descr.clone(), Some(c))).collect();
        }
        let is_open = env.find_type(cx, path).is_some_and(|decl| matches!(decl.kind, TypeKind::Open));
        let mut constructors = Vec::new();
        if is_open {
            // The declaration does not list them; those in scope serve for a spelling hint.
            env.fold_constructors(cx, None, &mut |constr| {
                if compare_type_path(cx, env, path, &type_path(cx, &**constr)) {
                    constructors.insert(0, (constr.clone(), None));
                }
            });
        }
        constructors
    }
}

/// The type that a label or constructor belongs to.
pub fn type_path<T: Nameable>(cx: &Context, item: &T) -> Path {
    match cx.desc(item.result_type()) {
        TypeDesc::Constr(path, ..) => path,
        other => unreachable!("a label or constructor of type {other:?}"),
    }
}

/// How [`disambiguate`] reports and filters.
pub struct Choice<'a, T> {
    pub cx: &'a Context,
    pub env: &'a Env,
    pub lid: &'a Loc<Longident>,
    /// The beginning of the message about a name that the type lacks.
    pub message: &'static str,
    pub expected: TypeExpected,
    pub warn: &'a dyn Fn(Location, Warning),
    /// Narrows candidates; an error has the candidates for the message.
    #[allow(clippy::type_complexity)]
    pub filter: &'a dyn Fn(Vec<Candidate<T>>) -> std::result::Result<Vec<Candidate<T>>, Vec<Candidate<T>>>,
}

impl<T: Nameable> Choice<'_, T> {
    /// The description that the name stands for.
    pub fn disambiguate(&self, usage: T::Usage, path: &ExpectedPath, scope: &Scope<T>) -> Result<Rc<T>> {
        let chosen = match path {
            None => self.without_type(scope)?,
            Some((given, path, principal)) => self.with_type(usage, given, path, *principal, scope)?,
        };
        if chosen.in_env() {
            let is_last = matches!(scope, Ok(all) if all.first().is_some_and(|c| Rc::ptr_eq(&c.descr, &chosen)));
            if !is_last {
                self.warn(Warning::DisambiguatedName(chosen.name().to_string()));
            }
        }
        Ok(chosen)
    }

    fn warn(&self, warning: Warning) {
        (self.warn)(self.lid.loc, warning);
    }

    fn forced(&self, scope: &Scope<T>) -> Result<Vec<Candidate<T>>> {
        match scope {
            Ok(candidates) => Ok(candidates.clone()),
            Err(e) => Err(Box::new(crate::Error::Env(clone_lookup_error(e)))),
        }
    }

    fn without_type(&self, scope: &Scope<T>) -> Result<Rc<T>> {
        match (self.filter)(self.forced(scope)?) {
            // The error comes later.
            Err(candidates) => Ok(candidates[0].descr.clone()),
            Ok(candidates) => {
                candidates[0].use_(self.cx);
                self.warn_if_ambiguous(&candidates);
                Ok(candidates[0].descr.clone())
            }
        }
    }

    fn with_type(
        &self,
        usage: T::Usage,
        given: &Path,
        path: &Path,
        principal: bool,
        scope: &Scope<T>,
    ) -> Result<Rc<T>> {
        let (cx, env) = (self.cx, self.env);
        let in_scope = scope.as_ref().ok().and_then(|candidates| {
            candidates.iter().find(|c| compare_type_path(cx, env, path, &type_path(cx, &*c.descr)))
        });
        if let Some(candidate) = in_scope {
            candidate.use_(cx);
            if !principal {
                match scope.as_ref().ok().map(|candidates| (self.filter)(candidates.clone())) {
                    Some(Ok(candidates)) => {
                        let last = type_path(cx, &*candidates[0].descr);
                        if compare_type_path(cx, env, path, &last) {
                            self.warn_if_ambiguous(&candidates);
                        } else {
                            self.warn_non_principal();
                        }
                    }
                    _ => self.warn_non_principal(),
                }
            }
            return Ok(candidate.descr.clone());
        }
        if let Longident::Lident(name) = self.lid.txt {
            let chosen = self.lookup_from_type(usage, path, name)?;
            if chosen.in_env() {
                self.warn_out_of_scope(path);
            }
            if !principal {
                self.warn_non_principal();
            }
            return Ok(chosen);
        }
        let candidates = (self.filter)(self.forced(scope)?).unwrap_or_else(|candidates| candidates);
        let others = candidates
            .iter()
            .map(|c| {
                let path = type_path(cx, &*c.descr);
                let expanded = expand_path(cx, env, &path);
                (path, expanded)
            })
            .collect();
        let expected = (given.clone(), expand_path(cx, env, path));
        error(self.lid.loc, env, Error::NameTypeMismatch(T::KIND, self.lid.txt.clone(), expected, others))
    }

    fn lookup_from_type(&self, usage: T::Usage, path: &Path, name: Name) -> Result<Rc<T>> {
        let all = T::lookup_all_from_type(self.cx, self.env, self.lid.loc, usage, path);
        if let Some((descr, candidate)) = all.iter().find(|(descr, _)| descr.name() == name) {
            if let Some(candidate) = candidate {
                candidate.use_(self.cx);
            }
            return Ok(descr.clone());
        }
        let wrong = WrongName {
            type_path: path.clone(),
            kind: T::KIND,
            name: Loc::new(name, self.lid.loc),
            valid_names: all.iter().map(|(descr, _)| descr.name()).collect(),
        };
        Err(core_error(self.lid.loc, self.env, Error::WrongName(self.message, self.expected, wrong)))
    }

    fn warn_if_ambiguous(&self, candidates: &[Candidate<T>]) {
        if !self.cx.is_active(41) {
            return;
        }
        let mut paths: Vec<Path> = Vec::new();
        for candidate in candidates {
            let path = type_path(self.cx, &*candidate.descr);
            if !paths.iter().any(|known| compare_type_path(self.cx, self.env, known, &path)) {
                paths.push(path);
            }
        }
        if paths.len() > 1 {
            let types = printtyp::wrap_printing_env(self.cx, self.env, true, || {
                paths.iter().map(|path| printtyp::type_path(self.cx, path).to_text()).collect()
            });
            self.warn(Warning::AmbiguousName(vec![self.last_name()], types, false, String::new()));
        }
    }

    fn warn_non_principal(&self) {
        let text = format!("this type-based {} disambiguation", T::KIND.label_name());
        self.warn(Warning::NotPrincipal(Doc::from(text)));
    }

    fn warn_out_of_scope(&self, path: &Path) {
        if self.cx.is_active(40) {
            let ty =
                printtyp::wrap_printing_env(self.cx, self.env, true, || printtyp::type_path(self.cx, path).to_text());
            self.warn(Warning::NameOutOfScope(ty, vec![self.last_name()], false));
        }
    }

    fn last_name(&self) -> String {
        self.lid.txt.last().map_or_else(String::new, |name| name.to_string())
    }
}

fn clone_lookup_error(e: &EnvError) -> Box<EnvError> {
    Box::new(match e {
        EnvError::LookupError(loc, env, e) => EnvError::LookupError(*loc, env.clone(), e.clone()),
        EnvError::MissingModule(loc, a, b) => EnvError::MissingModule(*loc, a.clone(), b.clone()),
        EnvError::IllegalValueName(loc, name) => EnvError::IllegalValueName(*loc, *name),
        EnvError::Persistent(loc, e) => EnvError::Persistent(*loc, e.clone()),
        EnvError::FunctorApplication(loc, _) => {
            let lid = Longident::Lident(Name::new("_"));
            EnvError::LookupError(*loc, Env::default(), rocaml_types::env::LookupError::AbstractUsedAsFunctor(lid))
        }
    })
}

/// A constructor by name and expected type.
pub fn disambiguate_constructor(
    cx: &Context,
    env: &Env,
    usage: ConstructorUsage,
    lid: &Loc<Longident>,
    message: &'static str,
    expected: TypeExpected,
    path: &ExpectedPath,
) -> Result<Rc<ConstructorDescription>> {
    let scope = env.lookup_all_constructors(cx, true, lid.loc, usage, &lid.txt);
    let warn = |loc, warning| cx.warn(loc, warning);
    Choice { cx, env, lid, message, expected, warn: &warn, filter: &Ok }.disambiguate(usage, path, &scope)
}

/// A label by name and expected type.
pub fn disambiguate_label(
    cx: &Context,
    env: &Env,
    usage: LabelUsage,
    lid: &Loc<Longident>,
    message: &'static str,
    expected: TypeExpected,
    path: &ExpectedPath,
) -> Result<Rc<LabelDescription>> {
    let scope = env.lookup_all_labels(cx, true, lid.loc, usage, &lid.txt);
    let warn = |loc, warning| cx.warn(loc, warning);
    Choice { cx, env, lid, message, expected, warn: &warn, filter: &Ok }.disambiguate(usage, path, &scope)
}

/// Candidates of which the record has all labels `ids`, and (if `closed`) no others.
fn disambiguate_label_by_ids(
    closed: bool,
    ids: &[Name],
    candidates: Vec<Candidate<LabelDescription>>,
) -> std::result::Result<Vec<Candidate<LabelDescription>>, Vec<Candidate<LabelDescription>>> {
    let has_all =
        |c: &&Candidate<LabelDescription>| ids.iter().all(|id| c.descr.all.iter().any(|label| label.name == *id));
    let matching: Vec<_> = candidates.iter().filter(has_all).cloned().collect();
    if matching.is_empty() {
        return Err(candidates);
    }
    let exact: Vec<_> = matching.iter().filter(|c| !closed || c.descr.all.len() == ids.len()).cloned().collect();
    if exact.is_empty() { Err(matching) } else { Ok(exact) }
}

/// A label as written, with what it names and what it is given.
pub type LabelArgument<'a, A> = (Loc<Longident>, Rc<LabelDescription>, &'a A);

/// The labels of a record expression or pattern, all at once, in order of position. Warnings are
/// given once for the record.
#[allow(clippy::too_many_arguments)]
pub fn disambiguate_labels<'a, A>(
    cx: &Context,
    env: &Env,
    loc: Location,
    closed: bool,
    usage: LabelUsage,
    message: &'static str,
    expected: TypeExpected,
    path: &ExpectedPath,
    fields: &'a [(Loc<Longident>, A)],
) -> Result<Vec<LabelArgument<'a, A>>> {
    let ids: Vec<Name> = fields.iter().filter_map(|(lid, _)| lid.txt.last()).collect();
    let collected = RefCell::new(RecordWarnings::default());
    let warn = |loc, warning| collected.borrow_mut().add(cx, loc, warning);
    let filter = |candidates| disambiguate_label_by_ids(closed, &ids, candidates);
    let process = |lid: &Loc<Longident>| {
        let scope = env.lookup_all_labels(cx, true, lid.loc, usage, &lid.txt);
        Choice { cx, env, lid, message, expected, warn: &warn, filter: &filter }.disambiguate(usage, path, &scope)
    };
    // Qualified labels first: errors about their module are shown where it is written.
    let mut labels = Vec::new();
    for (lid, _) in fields {
        labels.push(match &lid.txt {
            Longident::Ldot(..) => Some(process(lid)?),
            _ => None,
        });
    }
    // Then the module of one qualifies all.
    let qualifier = fields.iter().find_map(|(lid, _)| match &lid.txt {
        Longident::Ldot(module, _) => Some(module.clone()),
        _ => None,
    });
    let mut result = Vec::new();
    for ((lid, argument), label) in fields.iter().zip(labels) {
        let label = match (label, &qualifier, &lid.txt) {
            (Some(label), _, _) => label,
            (None, Some(module), Longident::Lident(name)) => {
                let txt = Longident::Ldot(module.clone(), Loc::new(*name, lid.loc));
                process(&Loc::new(txt, lid.loc))?
            }
            (None, _, _) => process(lid)?,
        };
        result.push((lid.clone(), label, argument));
    }
    let paths: Vec<Path> = result.iter().map(|(_, label, _)| type_path(cx, &**label)).collect();
    collected.into_inner().report(cx, env, loc, &paths);
    result.sort_by_key(|(_, label, _)| label.pos);
    Ok(result)
}

/// Warnings about the labels of one record.
#[derive(Default)]
struct RecordWarnings {
    not_principal: bool,
    ambiguous: Vec<(String, Vec<String>, String)>,
    out_of_scope: Vec<String>,
    out_of_scope_type: String,
}

impl RecordWarnings {
    fn add(&mut self, cx: &Context, loc: Location, warning: Warning) {
        match warning {
            Warning::NotPrincipal(_) => self.not_principal = true,
            Warning::AmbiguousName(names, types, _, expansion) => {
                self.ambiguous.extend(names.into_iter().map(|name| (name, types.clone(), expansion.clone())));
            }
            Warning::NameOutOfScope(ty, names, _) => {
                self.out_of_scope.extend(names);
                self.out_of_scope_type = ty;
            }
            other => cx.warn(loc, other),
        }
    }

    fn report(self, cx: &Context, env: &Env, loc: Location, paths: &[Path]) {
        if self.not_principal {
            cx.warn(loc, Warning::NotPrincipal(Doc::from("this type-based record disambiguation")));
        } else if let Some((_, types, expansion)) = self.ambiguous.first() {
            if paths.windows(2).all(|pair| compare_type_path(cx, env, &pair[0], &pair[1])) {
                let names = self.ambiguous.iter().map(|(name, ..)| name.clone()).collect();
                cx.warn(loc, Warning::AmbiguousName(names, types.clone(), true, expansion.clone()));
            } else {
                for (name, types, expansion) in self.ambiguous {
                    cx.warn(loc, Warning::AmbiguousName(vec![name], types, false, expansion));
                }
            }
        }
        if !self.out_of_scope.is_empty() {
            cx.warn(loc, Warning::NameOutOfScope(self.out_of_scope_type, self.out_of_scope, true));
        }
    }
}
