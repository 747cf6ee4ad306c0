//! What typing a pattern collects: the variables it binds, and what is to be done after.

use rocaml_base::{Loc, Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast::{self, Attributes};
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::{Env, ValueCheck};
use rocaml_types::{
    Ident, ModuleDeclaration, ModulePresence, ModuleType, TypeId, Uid, ValueDescription, ValueKind, ValueUnboundReason,
};
use std::rc::Rc;

use super::error::{Error, error};
use crate::Result;
use crate::typetexp::vars::{self, Force};

/// How a variable is bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VariableKind {
    Std,
    /// By `as`.
    As,
    /// As the continuation of an effect.
    Continuation,
}

/// A variable of a pattern.
#[derive(Clone, Debug)]
pub struct PatternVariable {
    pub id: Ident,
    pub type_: TypeId,
    pub loc: Location,
    pub kind: VariableKind,
    pub attributes: Attributes,
    pub uid: Uid,
}

/// A module of a pattern `(module M)`.
#[derive(Clone, Debug)]
pub struct ModuleVariable {
    pub id: Ident,
    pub name: Loc<Name>,
    pub loc: Location,
    pub uid: Uid,
}

/// Whether `(module M)` is accepted in a pattern, at which scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AllowModules {
    Allowed {
        scope: i32,
    },
    Rejected,
    /// Accepted, and of no interest.
    Ignored,
}

/// The state of a pattern being typed. Variables are in the order of the source.
pub struct PatternState {
    pub variables: Vec<PatternVariable>,
    pub force: Vec<Force>,
    pub allow_modules: AllowModules,
    pub modules: Vec<ModuleVariable>,
}

impl PatternState {
    /// At the beginning of a pattern; `continuation` is bound besides it.
    pub fn new(allow_modules: AllowModules, continuation: Option<&Continuation>) -> PatternState {
        let variable = continuation.map(|(id, desc)| PatternVariable {
            id: *id,
            type_: desc.type_,
            loc: desc.loc,
            kind: VariableKind::Continuation,
            attributes: desc.attributes.clone(),
            uid: desc.uid,
        });
        let variables = variable.into_iter().collect();
        PatternState { variables, force: Vec::new(), allow_modules, modules: Vec::new() }
    }

    /// A copy for an alternative, without what is to be done after.
    pub fn fork(&self) -> PatternState {
        PatternState {
            variables: self.variables.clone(),
            force: Vec::new(),
            allow_modules: self.allow_modules,
            modules: self.modules.clone(),
        }
    }

    /// Binds a variable.
    pub fn enter_variable(
        &mut self,
        cx: &Context,
        loc: Location,
        name: Loc<Name>,
        type_: TypeId,
        kind: VariableKind,
        attributes: &Attributes,
    ) -> Result<(Ident, Uid)> {
        self.check_fresh(loc, name.txt)?;
        Ok(self.enter(cx, Ident::create_local(name.txt), loc, type_, kind, attributes))
    }

    /// Binds a module and the variable that stands for it.
    pub fn enter_module(
        &mut self,
        cx: &Context,
        loc: Location,
        name: Loc<Name>,
        type_: TypeId,
        attributes: &Attributes,
    ) -> Result<(Ident, Uid)> {
        self.check_fresh(loc, name.txt)?;
        let id = match self.allow_modules {
            AllowModules::Ignored => Ident::create_local(name.txt),
            AllowModules::Rejected => return error(loc, &Env::default(), Error::ModulesNotAllowed),
            AllowModules::Allowed { scope } => {
                let id = Ident::create_scoped(scope, name.txt);
                self.modules.push(ModuleVariable { id, name, loc, uid: cx.fresh_uid() });
                id
            }
        };
        Ok(self.enter(cx, id, loc, type_, VariableKind::Std, attributes))
    }

    fn check_fresh(&self, loc: Location, name: Name) -> Result<()> {
        if self.variables.iter().any(|variable| variable.id.name() == name) {
            return error(loc, &Env::default(), Error::MultiplyBoundVariable(name));
        }
        Ok(())
    }

    fn enter(
        &mut self,
        cx: &Context,
        id: Ident,
        loc: Location,
        type_: TypeId,
        kind: VariableKind,
        attributes: &Attributes,
    ) -> (Ident, Uid) {
        let uid = cx.fresh_uid();
        self.variables.push(PatternVariable { id, type_, loc, kind, attributes: attributes.clone(), uid });
        (id, uid)
    }
}

/// The variable of an effect's continuation.
pub type Continuation = (Ident, ValueDescription);

/// An ordinary value.
pub fn regular_value(cx: &Context, type_: TypeId, loc: Location) -> ValueDescription {
    ValueDescription { type_, kind: ValueKind::Reg, loc, attributes: Vec::new(), uid: cx.fresh_uid() }
}

/// The pattern of a continuation: a variable or `_`.
pub fn type_continuation_pat(
    cx: &Context,
    env: &Env,
    expected: TypeId,
    pattern: &ast::Pattern,
) -> Result<Option<Continuation>> {
    match &pattern.desc {
        ast::PatternDesc::Any => Ok(None),
        ast::PatternDesc::Var(name) => {
            Ok(Some((Ident::create_local(name.txt), regular_value(cx, expected, pattern.loc))))
        }
        ast::PatternDesc::Extension(extension) => Err(crate::attributes::error_of_extension(extension).into()),
        _ => error(pattern.loc, env, Error::InvalidContinuationPattern),
    }
}

/// Unifies the variables of both sides of an or-pattern; the renaming from the right to the left.
pub fn enter_orpat_variables(
    cx: &Context,
    loc: Location,
    env: &Env,
    left: &[PatternVariable],
    right: &[PatternVariable],
) -> Result<Vec<(Ident, Ident)>> {
    let sorted = |variables: &[PatternVariable]| {
        let mut variables = variables.to_vec();
        variables.sort_by_key(|variable| variable.id.name());
        variables
    };
    let (left, right) = (sorted(left), sorted(right));
    let mut renaming = Vec::new();
    let (mut i, mut j) = (0, 0);
    loop {
        match (left.get(i), right.get(j)) {
            (None, None) => break,
            (Some(a), Some(b)) if a.id.name() == b.id.name() => {
                if a.id != b.id {
                    let unified = ctype::unify_var(cx, env, ctype::newvar(cx), a.type_)
                        .and_then(|()| ctype::unify(cx, env, a.type_, b.type_));
                    if let Err(e) = unified {
                        return error(loc, env, Error::OrPatternTypeClash(a.id, e));
                    }
                    renaming.push((b.id, a.id));
                }
                i += 1;
                j += 1;
            }
            (Some(a), None) => return error(loc, env, Error::OrpatVars(a.id, Vec::new())),
            (None, Some(b)) => return error(loc, env, Error::OrpatVars(b.id, Vec::new())),
            (Some(a), Some(b)) => {
                let ids = |variables: &[PatternVariable]| variables.iter().map(|v| v.id).collect();
                let e = if a.id.name() < b.id.name() {
                    Error::OrpatVars(a.id, ids(&right[j..]))
                } else {
                    Error::OrpatVars(b.id, ids(&left[i..]))
                };
                return error(loc, env, e);
            }
        }
    }
    Ok(renaming)
}

/// Adds the variables of a pattern; `check` makes the warning of an unused one, `check_as` that
/// of one bound by `as`.
pub fn add_pattern_variables(
    cx: &Context,
    env: &Env,
    variables: &[PatternVariable],
    check: ValueCheck,
    check_as: ValueCheck,
) -> Env {
    variables.iter().fold(env.clone(), |env, variable| {
        let check = if variable.kind == VariableKind::As { check_as } else { check };
        let desc = ValueDescription {
            type_: variable.type_,
            kind: ValueKind::Reg,
            loc: variable.loc,
            attributes: variable.attributes.clone(),
            uid: variable.uid,
        };
        env.add_value(cx, check, variable.id, Rc::new(desc))
    })
}

/// The variables of a `let` that lacks `rec`, so that their use in it is reported as such.
pub fn maybe_add_pattern_variables_ghost(loc_let: Location, env: &Env, variables: &[PatternVariable]) -> Env {
    variables.iter().fold(env.clone(), |env, variable| {
        let name = variable.id.name();
        if env.bound_value(name) {
            return env;
        }
        env.enter_unbound_value(name, ValueUnboundReason::GhostRecursive(loc_let))
    })
}

/// Adds the modules of a pattern, each unpacked from its variable.
pub fn add_module_variables(cx: &Context, env: &Env, modules: &[ModuleVariable]) -> Result<Env> {
    let mut env = env.clone();
    for module in modules {
        env = vars::with_local_scope(cx, || -> Result<Env> {
            let variable = ast::Expression {
                desc: ast::ExpressionDesc::Ident(Loc::new(Longident::Lident(module.name.txt), module.name.loc)),
                loc: module.name.loc,
                loc_stack: Vec::new(),
                attributes: Vec::new(),
            };
            let unpack = ast::ModuleExpr {
                desc: ast::ModuleExprDesc::Unpack(Box::new(variable)),
                loc: module.loc,
                attributes: Vec::new(),
            };
            let typed = crate::typemod::type_module(cx, &env, &unpack)?;
            let presence = match typed.type_ {
                ModuleType::Alias(_) => ModulePresence::Absent,
                _ => ModulePresence::Present,
            };
            let declaration =
                ModuleDeclaration { type_: typed.type_, attributes: Vec::new(), loc: module.name.loc, uid: module.uid };
            Ok(env.add_module_declaration(cx, false, true, module.id, presence, Rc::new(declaration)))
        })?;
    }
    Ok(env)
}

/// Warning 26.
pub fn unused_var(name: String) -> Warning {
    Warning::UnusedVar(name)
}

/// Warning 27.
pub fn unused_var_strict(name: String) -> Warning {
    Warning::UnusedVarStrict(name)
}
