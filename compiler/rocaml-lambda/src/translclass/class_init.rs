//! The code that fills a class's table: upstream's `build_class_init`.

use super::{ClassBuilder, Inherited, Step, class_field};
use crate::error::Result;
use crate::lambda::*;
use crate::translator::Translator;
use crate::translobj::{label, names};
use rocaml_base::Name;
use rocaml_types::Ident;
use rocaml_typing::typedtree::*;
use std::collections::HashSet;

/// What the heir of a class binds of it, once it is there.
#[derive(Default)]
pub(super) struct Super<'s> {
    /// Instance variables, and the variables for their indices.
    vals: &'s [(Name, Ident)],
    /// Methods that the heir calls as its ancestor's: the variables for their definitions, and
    /// how to get these.
    meths: Vec<(Name, Ident, Lambda)>,
}

/// What the code of a class binds.
pub(super) fn bound_variables(class: &ClassExpr, bound: &mut HashSet<Ident>) {
    match &class.desc {
        ClassExprDesc::Ident(..) => {}
        ClassExprDesc::Structure(structure) => {
            bound.extend(structure.meths.values().copied());
            for field in &structure.fields {
                match &field.desc {
                    ClassFieldDesc::Inherit(_, parent, _, vals, meths) => {
                        bound.extend(vals.iter().chain(meths).map(|(_, id)| *id));
                        bound_variables(parent, bound);
                    }
                    ClassFieldDesc::Val(_, _, id, ..) => {
                        bound.insert(*id);
                    }
                    _ => {}
                }
            }
        }
        ClassExprDesc::Fun(_, _, vals, body, _) | ClassExprDesc::Let(_, _, vals, body) => {
            bound.extend(vals.iter().map(|(id, _)| *id));
            bound_variables(body, bound);
        }
        ClassExprDesc::Apply(body, _) | ClassExprDesc::Constraint(body, ..) | ClassExprDesc::Open(_, body) => {
            bound_variables(body, bound);
        }
    }
}

impl Translator<'_> {
    /// `exposed`: seen from outside as it is, so that it needs no scope of its own in the table.
    pub(super) fn class_init(
        &mut self,
        builder: &mut ClassBuilder,
        class: &ClassExpr,
        exposed: bool,
        heir: &Super<'_>,
        steps: &mut Vec<Step>,
    ) -> Result<()> {
        let table = Lambda::Var(builder.table);
        match &class.desc {
            ClassExprDesc::Ident(..) => {
                let made_once = builder.is_made_once();
                let inherited = self.inherit(builder, class)?;
                let mut args = vec![table];
                if made_once {
                    args.push(class_field(inherited.class.clone(), 2));
                }
                let none = ScopedLocation::none();
                let init = crate::translator::apply(class_field(inherited.class.clone(), 1), args, &none);
                steps.push(Step::Let(LetKind::Strict, inherited.object_init, init));
                self.bind_for_heir(builder, heir, steps)
            }
            ClassExprDesc::Structure(structure) => {
                self.structure_init(builder, structure, steps)?;
                self.bind_for_heir(builder, heir, steps)
            }
            ClassExprDesc::Fun(_, _, vals, body, _) | ClassExprDesc::Let(_, _, vals, body) => {
                // Parameters are kept in instance variables without names.
                for (id, _) in vals {
                    let index = self.oo_call("new_variable", vec![table.clone(), label("")])?;
                    steps.push(Step::Let(LetKind::StrictOpt, *id, index));
                }
                self.class_init(builder, body, exposed, heir, steps)
            }
            ClassExprDesc::Apply(body, _) | ClassExprDesc::Open(_, body) => {
                self.class_init(builder, body, exposed, heir, steps)
            }
            ClassExprDesc::Constraint(body, _, vals, meths, concrete) => {
                let virtuals = meths.iter().filter(|name| !concrete.contains(name));
                let scope = vec![table.clone(), names(vals), names(virtuals), names(concrete)];
                let body = under_constraints(body);
                if let ClassExprDesc::Ident(..) = &body.desc {
                    return self.inherit_known(builder, body, scope, (vals, concrete), heir, steps);
                }
                if exposed {
                    return self.class_init(builder, body, true, heir, steps);
                }
                steps.push(Step::Do(self.oo_call("narrow", scope)?));
                self.class_init(builder, body, true, heir, steps)?;
                steps.push(Step::Do(self.oo_call("widen", vec![table])?));
                Ok(())
            }
        }
    }

    /// Notes that a class is referred to.
    fn inherit<'b>(&mut self, builder: &'b mut ClassBuilder, class: &ClassExpr) -> Result<&'b Inherited> {
        let ClassExprDesc::Ident(path, ..) = &class.desc else { unreachable!("only names refer to classes") };
        let loc = self.scopes.at(class.loc);
        let lambda = self.class_path(&loc, &class.env, path)?;
        let object_init = Ident::create_local("obj_init".into());
        builder.bound.insert(object_init);
        builder.inherited.push(Inherited { path: path.clone(), class: lambda, object_init });
        Ok(&builder.inherited[builder.inherited.len() - 1])
    }

    /// `inherit c`, under the scope of what the heir knows of it: one call does it all.
    fn inherit_known(
        &mut self,
        builder: &mut ClassBuilder,
        class: &ClassExpr,
        mut scope: Vec<Lambda>,
        (vals, concrete): (&[Name], &[Name]),
        heir: &Super<'_>,
        steps: &mut Vec<Step>,
    ) -> Result<()> {
        let made_once = builder.is_made_once();
        let inherited = self.inherit(builder, class)?;
        scope.push(inherited.class.clone());
        scope.push(Lambda::int(i64::from(made_once)));
        let result = Ident::create_local("inh".into());
        steps.push(Step::Let(LetKind::Strict, result, self.oo_call("inherits", scope)?));
        let mut bind = |id: Ident, index: usize| {
            steps.push(Step::Let(LetKind::StrictOpt, id, super::cached_field(result, index)));
        };
        bind(inherited.object_init, 0);
        for (name, id) in heir.vals {
            if let Some(index) = vals.iter().position(|known| known == name) {
                bind(*id, index + 1);
            }
        }
        for (name, id, _) in &heir.meths {
            if let Some(index) = concrete.iter().position(|known| known == name) {
                bind(*id, vals.len() + 1 + index);
            }
        }
        Ok(())
    }

    fn bind_for_heir(&mut self, builder: &ClassBuilder, heir: &Super<'_>, steps: &mut Vec<Step>) -> Result<()> {
        for (name, id) in heir.vals {
            let index = self.oo_call("get_variable", vec![Lambda::Var(builder.table), label(name)])?;
            steps.push(Step::Let(LetKind::StrictOpt, *id, index));
        }
        for (_, id, definition) in &heir.meths {
            steps.push(Step::Let(LetKind::StrictOpt, *id, definition.clone()));
        }
        Ok(())
    }

    fn structure_init(
        &mut self,
        builder: &mut ClassBuilder,
        structure: &ClassStructure,
        steps: &mut Vec<Step>,
    ) -> Result<()> {
        self.bind_labels(builder, structure, steps)?;
        let table = Lambda::Var(builder.table);
        // Between two ancestors: methods, each a label and a definition, then initializers.
        let (mut methods, mut initializers) = (Vec::new(), Vec::new());
        for field in &structure.fields {
            match &field.desc {
                ClassFieldDesc::Inherit(_, parent, _, vals, ancestor) => {
                    self.set_methods(builder, &mut methods, &mut initializers, steps)?;
                    let mut meths = Vec::new();
                    for (name, id) in ancestor {
                        if let Some(method) = structure.meths.get(name) {
                            let args = vec![table.clone(), Lambda::Var(*method)];
                            meths.push((*name, *id, self.oo_call("get_method", args)?));
                        }
                    }
                    self.class_init(builder, parent, false, &Super { vals, meths }, steps)?;
                }
                ClassFieldDesc::Method(name, _, ClassFieldKind::Concrete(_, e)) => {
                    let scopes = self.scopes.method_definition(name.txt);
                    let code = self.in_scopes(scopes, |this| this.scoped_exp(e))?;
                    let code = self.method_code(builder, code, true);
                    methods.push((Lambda::Var(structure.meths[&name.txt]), code));
                }
                ClassFieldDesc::Initializer(e) => {
                    let code = self.exp(e)?;
                    let mut args = vec![table.clone()];
                    args.extend(self.method_code(builder, code, false));
                    initializers.push(self.oo_call("add_initializer", args)?);
                }
                ClassFieldDesc::Val(..)
                | ClassFieldDesc::Method(..)
                | ClassFieldDesc::Constraint(..)
                | ClassFieldDesc::Attribute(_) => {}
            }
        }
        self.set_methods(builder, &mut methods, &mut initializers, steps)
    }

    /// Binds the labels of methods and the indices of variables.
    fn bind_labels(&mut self, builder: &ClassBuilder, structure: &ClassStructure, steps: &mut Vec<Step>) -> Result<()> {
        let table = Lambda::Var(builder.table);
        let mut vals: Vec<(Name, Ident)> = Vec::new();
        for field in &structure.fields {
            // A variable that overrides another is the same.
            if let ClassFieldDesc::Val(name, _, id, _, false) = &field.desc {
                vals.push((name.txt, *id));
            }
        }
        let one_of = |name: &Name, id: Ident, function: &str, steps: &mut Vec<Step>| -> Result<()> {
            let found = self.oo_call(function, vec![table.clone(), label(name)])?;
            steps.push(Step::Let(LetKind::Strict, id, found));
            Ok(())
        };
        match (structure.meths.len(), vals.as_slice()) {
            (0, []) => return Ok(()),
            (0, [(name, id)]) => return one_of(name, *id, "new_variable", steps),
            (1, []) => {
                return structure.meths.iter().try_for_each(|(name, id)| one_of(name, *id, "get_method_label", steps));
            }
            _ => {}
        }
        let ids = Ident::create_local("ids".into());
        let mut args = vec![table, names(structure.meths.keys())];
        let getter = if vals.is_empty() {
            "get_method_labels"
        } else {
            args.push(names(vals.iter().map(|(name, _)| name)));
            "new_methods_variables"
        };
        steps.push(Step::Let(LetKind::Strict, ids, self.oo_call(getter, args)?));
        let all = structure.meths.values().copied().chain(vals.iter().map(|(_, id)| *id));
        for (index, id) in all.enumerate() {
            steps.push(Step::Let(LetKind::StrictOpt, id, super::cached_field(ids, index)));
        }
        Ok(())
    }

    /// Puts the methods that were met into the table, then the initializers.
    fn set_methods(
        &mut self,
        builder: &ClassBuilder,
        methods: &mut Vec<(Lambda, Vec<Lambda>)>,
        initializers: &mut Vec<Lambda>,
        steps: &mut Vec<Step>,
    ) -> Result<()> {
        let table = Lambda::Var(builder.table);
        let mut parts: Vec<Lambda> = Vec::new();
        for (method, code) in methods.drain(..) {
            parts.push(method);
            parts.extend(code);
        }
        match parts.len() {
            0 => {}
            2 => {
                parts.insert(0, table);
                steps.push(Step::Do(self.oo_call("set_method", parts)?));
            }
            _ => {
                let args = vec![table, super::immutable_block(parts)];
                steps.push(Step::Do(self.oo_call("set_methods", args)?));
            }
        }
        steps.extend(initializers.drain(..).map(Step::Do));
        Ok(())
    }
}

fn under_constraints(class: &ClassExpr) -> &ClassExpr {
    match &class.desc {
        ClassExprDesc::Constraint(inner, ..) | ClassExprDesc::Apply(inner, _) => under_constraints(inner),
        _ => class,
    }
}
