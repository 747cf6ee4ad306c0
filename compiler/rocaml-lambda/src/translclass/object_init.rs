//! The code that makes an object, or initialises an ancestor's part of one: upstream's
//! `build_object_init`.

use super::{ClassBuilder, abstracted, cached_field};
use crate::error::Result;
use crate::kinds;
use crate::lambda::*;
use crate::matching::MatchCase;
use crate::translator::{Translator, apply, let_, sequence};
use rocaml_types::Ident;
use rocaml_typing::typedtree::*;

/// What is known where an object is initialised.
struct Target<'t> {
    /// The object that an heir gives, or 0 when it is to be made.
    object: Lambda,
    /// Parameters of the class around, kept in instance variables.
    params: Vec<(Ident, &'t Expression)>,
    /// It is the class itself rather than an ancestor within: its environment is stored.
    whole: bool,
}

impl Translator<'_> {
    /// The function of the environment, the object (unless it is an `object … end` expression) and
    /// the class's parameters.
    pub(super) fn root_object_init(&mut self, builder: &mut ClassBuilder, class: &ClassExpr) -> Result<Lambda> {
        let mut class = class;
        let mut params: Vec<(Ident, &Expression)> = Vec::new();
        // Definitions around the class are evaluated before it.
        loop {
            match &class.desc {
                ClassExprDesc::Let(_, _, vals, body) => {
                    params.splice(0..0, vals.iter().map(|(id, e)| (*id, e)));
                    class = body;
                }
                ClassExprDesc::Open(_, body) => class = body,
                _ => break,
            }
        }
        let (self_, env) = (Ident::create_local("self".into()), Ident::create_local("env".into()));
        let (envs, method_env) = (Ident::create_local("env".into()), Ident::create_local("env'".into()));
        let object = if builder.immediate { Lambda::unit() } else { Lambda::Var(self_) };
        let target = Target { object, params, whole: true };
        let mut init = self.object_init(builder, class, target, (envs, method_env))?;
        if !builder.immediate {
            init = abstracted(vec![(self_, ValueKind::Generic)], init);
        }
        if !builder.is_made_once() {
            init = self.with_environment(builder, init, env, envs, method_env);
        }
        Ok(abstracted(vec![(if builder.is_made_once() { env } else { envs }, ValueKind::Generic)], init))
    }

    /// Reads what the initialisation needs of the environment: `envs` is the function's parameter,
    /// `env` the class's own part of it, `method_env` what methods have.
    fn with_environment(
        &mut self,
        builder: &mut ClassBuilder,
        mut init: Lambda,
        env: Ident,
        envs: Ident,
        method_env: Ident,
    ) -> Lambda {
        let mut captured = std::mem::take(&mut builder.captured_by_init);
        builder.bound.extend([env, envs, method_env]);
        self.read_environment(builder, &mut init, env, 1, &mut captured);
        let methods = if captured.is_empty() { Lambda::Var(env) } else { cached_field(env, 0) };
        builder.captured_by_init = captured;
        let own = if builder.inherited.is_empty() { Lambda::Var(envs) } else { cached_field(envs, 0) };
        let alias = |id, def, body| let_(LetKind::Alias, ValueKind::Generic, id, def, body);
        alias(env, own, alias(method_env, methods, init))
    }

    fn object_init<'t>(
        &mut self,
        builder: &mut ClassBuilder,
        class: &'t ClassExpr,
        mut target: Target<'t>,
        envs: (Ident, Ident),
    ) -> Result<Lambda> {
        match &class.desc {
            ClassExprDesc::Ident(..) => {
                let mut args = Vec::new();
                builder.met += 1;
                if !builder.is_made_once() {
                    args.push(cached_field(envs.0, builder.met));
                }
                args.push(target.object);
                let init = Lambda::Var(builder.inherited[builder.met - 1].object_init);
                Ok(apply(init, args, &ScopedLocation::none()))
            }
            ClassExprDesc::Structure(structure) => self.structure_object(builder, structure, target, envs),
            ClassExprDesc::Fun(_, pattern, vals, body, partial) => {
                target.params.splice(0..0, vals.iter().map(|(id, e)| (*id, e)));
                let init = self.object_init(builder, body, target, envs)?;
                self.class_function(pattern, *partial, init)
            }
            ClassExprDesc::Apply(body, args) => {
                let init = self.object_init(builder, body, target, envs)?;
                self.apply_class(init, args)
            }
            ClassExprDesc::Let(flag, bindings, vals, body) => {
                target.params.splice(0..0, vals.iter().map(|(id, e)| (*id, e)));
                let init = self.object_init(builder, body, target, envs)?;
                let bound = self.let_bindings(*flag, bindings, false)?;
                self.close_bindings(bound, init)
            }
            ClassExprDesc::Open(_, body) | ClassExprDesc::Constraint(body, ..) => {
                self.object_init(builder, body, target, envs)
            }
        }
    }

    /// `fun p -> c`
    pub(super) fn class_function(&mut self, pattern: &Pattern, partial: Partial, init: Lambda) -> Result<Lambda> {
        let param = Ident::create_local("param".into());
        let (mut params, body) = match init {
            Lambda::Function(inner) if inner.kind == FunctionKind::Curried && inner.params.len() < super::MAX_ARITY => {
                (inner.params, inner.body)
            }
            init => (Vec::new(), init),
        };
        params.insert(0, (param, ValueKind::Generic));
        let case = MatchCase::new(pattern, None, body);
        let body = self.match_value(pattern.loc, Lambda::Var(param), vec![case], partial)?;
        let loc = self.scopes.at(pattern.loc);
        Ok(crate::translator::function(params, ValueKind::Generic, body, FunctionAttribute::default(), &loc))
    }

    fn structure_object(
        &mut self,
        builder: &mut ClassBuilder,
        structure: &ClassStructure,
        target: Target<'_>,
        envs: (Ident, Ident),
    ) -> Result<Lambda> {
        let object = Ident::create_local("self".into());
        let mut effects = Vec::new();
        for (id, e) in &target.params {
            if builder.used.contains(id) {
                effects.push(self.set_instance_variable(Lambda::Var(object), Lambda::Var(*id), e)?);
            }
        }
        let mut initialised = false;
        for field in &structure.fields {
            match &field.desc {
                ClassFieldDesc::Inherit(_, parent, ..) => {
                    let target = Target { object: Lambda::Var(object), params: Vec::new(), whole: false };
                    effects.push(self.object_init(builder, parent, target, envs)?);
                    initialised = true;
                }
                ClassFieldDesc::Val(_, _, id, ClassFieldKind::Concrete(_, e), _) => {
                    effects.push(self.set_instance_variable(Lambda::Var(object), Lambda::Var(*id), e)?);
                }
                ClassFieldDesc::Initializer(_) => initialised = true,
                _ => {}
            }
        }
        if target.whole && !builder.is_made_once() && builder.used.contains(&builder.env_index) {
            let store = Primitive::SetFieldComputed(Pointerness::Pointer, Initialization::Assignment);
            let args = vec![Lambda::Var(object), Lambda::Var(builder.env_index), Lambda::Var(envs.1)];
            effects.push(Lambda::Prim(store, args, ScopedLocation::none()));
        }
        let (given, table) = (target.object, Lambda::Var(builder.table));
        if effects.is_empty() {
            let maker = if initialised { "create_object_and_run_initializers" } else { "create_object_opt" };
            return self.oo_call(maker, vec![given, table]);
        }
        let made = self.oo_call("create_object_opt", vec![given.clone(), table.clone()])?;
        let result = if initialised {
            self.oo_call("run_initializers_opt", vec![given, Lambda::Var(object), table])?
        } else {
            Lambda::Var(object)
        };
        let body = effects.into_iter().rev().fold(result, |rest, effect| sequence(effect, rest));
        Ok(let_(LetKind::Strict, ValueKind::Generic, object, made, body))
    }

    /// Stores an instance variable.
    pub(crate) fn set_instance_variable(
        &mut self,
        object: Lambda,
        index: Lambda,
        value: &Expression,
    ) -> Result<Lambda> {
        let pointerness = kinds::pointerness(self.cx, &value.env, value.type_);
        let store = Primitive::SetFieldComputed(pointerness, Initialization::Assignment);
        let args = vec![object, index, self.exp(value)?];
        Ok(Lambda::Prim(store, args, ScopedLocation::none()))
    }
}
