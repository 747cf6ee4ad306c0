//! The code of methods.
//!
//! A method is a function of the object. In a class with an environment it reads that from the
//! object. Without debugging information, methods of common forms are not compiled but described
//! by a code and operands: those of `CamlinternalOO.impl`.

use super::ClassBuilder;
use crate::free_variables::{free_in, occurs};
use crate::lambda::*;
use crate::translator::{Translator, let_};
use rocaml_types::Ident;

impl Translator<'_> {
    /// What stands for a method, an initializer included, in the description of its class.
    pub(super) fn method_code(&mut self, builder: &mut ClassBuilder, code: Lambda, describable: bool) -> Vec<Lambda> {
        let Lambda::Function(mut method) = code else { return vec![code] };
        let env = Ident::create_local("env".into());
        let self_ = method.params[0].0;
        builder.bound.extend(method.params.iter().map(|(id, _)| *id));
        let mut captured = std::mem::take(&mut builder.captured_by_methods);
        self.read_environment(builder, &mut method.body, env, 0, &mut captured);
        builder.captured_by_methods = captured;
        if describable && !self.options.debug {
            let mut known = Known { selves: vec![self_], env, env_index: builder.env_index, read: Vec::new() };
            if let Some((code, mut operands)) = known.describe(&method.params[1..], &method.body) {
                operands.insert(0, Lambda::int(code));
                return operands;
            }
        }
        if occurs(env, &method.body) {
            let read = vec![Lambda::Var(self_), Lambda::Var(builder.env_index)];
            let read = Lambda::Prim(Primitive::FieldComputed, read, ScopedLocation::none());
            method.body = let_(LetKind::Alias, ValueKind::Generic, env, read, method.body);
        }
        vec![Lambda::Function(method)]
    }
}

/// What the variables of a method are.
struct Known {
    /// The object.
    selves: Vec<Ident>,
    env: Ident,
    env_index: Ident,
    /// Read from the environment, and from which field.
    read: Vec<(Ident, usize)>,
}

/// A code of `CamlinternalOO.impl` and its operands.
type Description = (i64, Vec<Lambda>);

/// Where an operand comes from: the order of such constructors in `impl`.
const CONST: i64 = 0;
const VAR: i64 = 1;
const ENV: i64 = 2;
const METH: i64 = 3;

// Where groups of constructors begin in `impl`.
const GET: i64 = 0;
const SET_VAR: i64 = 4;
const APP: i64 = 5;
const APP_CONST: i64 = 9;
/// Without the constant, which [`APP_CONST`] has.
const APP_OF_CONST: i64 = 12;
const METH_APP: i64 = 16;
const SEND: i64 = 20;

impl Known {
    fn is_self(&self, lambda: &Lambda) -> bool {
        matches!(lambda, Lambda::Var(id) if self.selves.contains(id))
    }

    /// Whether a term is the same for all objects, and evaluated already.
    fn is_constant(&self, lambda: &Lambda) -> bool {
        let is_local =
            |id: &Ident| *id == self.env || self.selves.contains(id) || self.read.iter().any(|(known, _)| known == id);
        match lambda {
            Lambda::Var(id) => !is_local(id),
            Lambda::Const(_) => true,
            Lambda::Function(function) if function.kind == FunctionKind::Curried => {
                !free_in(lambda).iter().any(is_local)
            }
            _ => false,
        }
    }

    fn operand(&self, lambda: &Lambda) -> Option<Description> {
        match lambda {
            constant if self.is_constant(constant) => Some((CONST, vec![constant.clone()])),
            Lambda::Prim(Primitive::FieldComputed, args, _) => match args.as_slice() {
                [object, index @ Lambda::Var(_)] if self.is_self(object) => Some((VAR, vec![index.clone()])),
                _ => None,
            },
            Lambda::Var(id) => {
                let (_, field) = self.read.iter().find(|(known, _)| known == id)?;
                Some((ENV, vec![Lambda::Var(self.env_index), Lambda::int(*field as i64)]))
            }
            Lambda::Send(MethodKind::Self_, method, object, args, _) if args.is_empty() && self.is_self(object) => {
                Some((METH, vec![(**method).clone()]))
            }
            _ => None,
        }
    }

    /// Describes a method of these parameters besides the object.
    fn describe(&mut self, params: &[(Ident, ValueKind)], body: &Lambda) -> Option<Description> {
        let mut body = body;
        while let Lambda::Let(_, _, id, def, rest) = body {
            match &**def {
                def if self.is_self(def) => self.selves.push(*id),
                Lambda::Prim(Primitive::Field(index, _), args, _) if matches!(args.as_slice(), [Lambda::Var(env)] if *env == self.env) =>
                {
                    self.read.push((*id, *index));
                }
                _ => break,
            }
            body = rest;
        }
        match params {
            [] => self.describe_body(body),
            [(param, _)] => self.describe_store(*param, body),
            _ => None,
        }
    }

    fn describe_body(&self, body: &Lambda) -> Option<Description> {
        let (group, first, operand, last) = match body {
            Lambda::Apply(apply) if self.is_constant(&apply.func) => match apply.args.as_slice() {
                [arg] => (APP, Some(&apply.func), self.operand(arg)?, vec![]),
                [first, second] if self.is_constant(second) => {
                    let (source, operands) = self.operand(first)?;
                    let group = if source == CONST { APP_CONST } else { APP_OF_CONST };
                    (group, Some(&apply.func), (source, operands), vec![second.clone()])
                }
                [first, second] if self.is_constant(first) => {
                    let (source, mut operands) = self.operand(second)?;
                    operands.insert(0, first.clone());
                    (APP_CONST, Some(&apply.func), (source, operands), vec![])
                }
                _ => return None,
            },
            Lambda::Send(MethodKind::Self_, method, object, args, _) if self.is_self(object) => match args.as_slice() {
                [] => (GET, None, self.operand(body)?, vec![]),
                [arg] if matches!(**method, Lambda::Var(_)) => (METH_APP, Some(&**method), self.operand(arg)?, vec![]),
                _ => return None,
            },
            Lambda::Send(MethodKind::Public, tag, object, args, _) if args.is_empty() => {
                (SEND, Some(&**tag), self.operand(object)?, vec![])
            }
            _ => (GET, None, self.operand(body)?, vec![]),
        };
        let (source, operands) = operand;
        let mut all: Vec<Lambda> = first.into_iter().cloned().collect();
        all.extend(operands);
        all.extend(last);
        Some((group + source, all))
    }

    /// `method set x = v <- x`
    fn describe_store(&self, param: Ident, body: &Lambda) -> Option<Description> {
        let (mut body, mut names) = (body, vec![param]);
        while let Lambda::Let(_, _, id, def, rest) = body {
            let Lambda::Var(named) = &**def else { return None };
            if !names.contains(named) {
                return None;
            }
            names.push(*id);
            body = rest;
        }
        let Lambda::Prim(Primitive::SetFieldComputed(..), args, _) = body else { return None };
        match args.as_slice() {
            [object, index @ Lambda::Var(_), Lambda::Var(value)] if self.is_self(object) && names.contains(value) => {
                Some((SET_VAR, vec![index.clone()]))
            }
            _ => None,
        }
    }
}
