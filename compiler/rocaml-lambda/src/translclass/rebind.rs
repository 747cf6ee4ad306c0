//! Classes that are others: under a new name, with other parameters. They share the table.

use super::{abstracted, cached_field, class_field, immutable_block, plain_function, strict};
use crate::error::Result;
use crate::lambda::*;
use crate::translator::{Translator, apply, let_};
use rocaml_syntax::asttypes::VirtualFlag;
use rocaml_types::{ClassType, Ident, Path};
use rocaml_typing::typedtree::*;

impl Translator<'_> {
    /// The class, if it is another one.
    pub(super) fn rebound_class(&mut self, class: &ClassExpr, virt: VirtualFlag) -> Result<Option<Lambda>> {
        let Some(original) = self.original(class, virt) else { return Ok(None) };
        let ClassExprDesc::Ident(path, ..) = &original.desc else { return Ok(None) };
        let loc = self.scopes.at(original.loc);
        let path = self.class_path(&loc, &original.env, path)?;
        if is_plain_name(class) {
            return Ok(Some(path));
        }
        let none = ScopedLocation::none();
        let (object_init, self_) = (Ident::create_local("obj_init".into()), Ident::create_local("self".into()));
        let init = apply(Lambda::Var(object_init), vec![Lambda::Var(self_)], &none);
        let init = self.rebound_root(class, self_, init)?;
        let (new_init, original) = (Ident::create_local("new_init".into()), Ident::create_local("class".into()));
        let call = |f: Lambda, arg: Lambda| apply(f, vec![arg], &none);
        let (table, env_init, envs) = (
            Ident::create_local("table".into()),
            Ident::create_local("env_init".into()),
            Ident::create_local("envs".into()),
        );
        let with_env = call(Lambda::Var(new_init), call(Lambda::Var(env_init), Lambda::Var(envs)));
        let class_init = plain_function(
            vec![(table, ValueKind::Generic)],
            strict(
                env_init,
                call(cached_field(original, 1), Lambda::Var(table)),
                plain_function(vec![(envs, ValueKind::Generic)], with_env),
            ),
        );
        let fields = vec![
            call(Lambda::Var(new_init), cached_field(original, 0)),
            class_init,
            class_field(Lambda::Var(original), 2),
        ];
        let block = let_(LetKind::Alias, ValueKind::Generic, original, path, immutable_block(fields));
        Ok(Some(strict(new_init, abstracted(vec![(object_init, ValueKind::Generic)], init), block)))
    }

    /// The name that a class comes down to, if that is all it does.
    fn original<'c>(&self, class: &'c ClassExpr, virt: VirtualFlag) -> Option<&'c ClassExpr> {
        match &class.desc {
            ClassExprDesc::Ident(path, ..) => {
                // A class that is concrete by its constraint only has no objects to give.
                let makes_objects = || class.env.find_class(self.cx, path).is_some_and(|decl| decl.new.is_some());
                (virt == VirtualFlag::Virtual || makes_objects()).then_some(class)
            }
            ClassExprDesc::Structure(_) => None,
            ClassExprDesc::Fun(_, _, _, body, _)
            | ClassExprDesc::Apply(body, _)
            | ClassExprDesc::Let(_, _, _, body)
            | ClassExprDesc::Open(_, body) => self.original(body, virt),
            ClassExprDesc::Constraint(body, ..) => {
                let original = self.original(body, virt)?;
                let ClassExprDesc::Ident(path, ..) = &original.desc else { return None };
                is_type_of(&class.type_, path).then_some(original)
            }
        }
    }

    /// The definitions around come before the object is known.
    fn rebound_root(&mut self, class: &ClassExpr, self_: Ident, init: Lambda) -> Result<Lambda> {
        if let ClassExprDesc::Let(flag, bindings, _, body) = &class.desc {
            let init = self.rebound_root(body, self_, init)?;
            let bound = self.let_bindings(*flag, bindings, false)?;
            return self.close_bindings(bound, init);
        }
        let init = self.rebound_init(class, init)?;
        Ok(abstracted(vec![(self_, ValueKind::Generic)], init))
    }

    fn rebound_init(&mut self, class: &ClassExpr, init: Lambda) -> Result<Lambda> {
        match &class.desc {
            ClassExprDesc::Ident(..) | ClassExprDesc::Structure(_) => Ok(init),
            ClassExprDesc::Open(_, body) | ClassExprDesc::Constraint(body, ..) => self.rebound_init(body, init),
            ClassExprDesc::Fun(_, pattern, _, body, partial) => {
                let init = self.rebound_init(body, init)?;
                self.class_function(pattern, *partial, init)
            }
            ClassExprDesc::Apply(body, args) => {
                let init = self.rebound_init(body, init)?;
                self.apply_class(init, args)
            }
            ClassExprDesc::Let(flag, bindings, _, body) => {
                let init = self.rebound_init(body, init)?;
                let bound = self.let_bindings(*flag, bindings, false)?;
                self.close_bindings(bound, init)
            }
        }
    }
}

fn is_plain_name(class: &ClassExpr) -> bool {
    match &class.desc {
        ClassExprDesc::Ident(..) => true,
        ClassExprDesc::Open(_, body) | ClassExprDesc::Constraint(body, ..) => is_plain_name(body),
        _ => false,
    }
}

/// Whether a class type is that of the class with this path, after parameters.
fn is_type_of(ty: &ClassType, path: &Path) -> bool {
    match ty {
        ClassType::Constr(other, ..) => other == path,
        ClassType::Arrow(_, _, result) => is_type_of(result, path),
        ClassType::Signature(_) => false,
    }
}
