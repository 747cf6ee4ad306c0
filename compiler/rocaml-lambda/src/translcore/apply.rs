//! Applications, with labels omitted and primitives applied.

use crate::attributes;
use crate::error::Result;
use crate::lambda::*;
use crate::translator::{Translator, function, let_};
use rocaml_syntax::asttypes::ArgLabel;
use rocaml_types as types;
use rocaml_types::Ident;
use rocaml_typing::typedtree::{Expression, ExpressionDesc};
use std::collections::VecDeque;

/// Parameters of one function at most: upstream's `Lambda.max_arity` for native code.
pub const MAX_ARITY: usize = 126;

/// An argument that is given or omitted, and whether it is optional.
type Argument = (Option<Lambda>, bool);

struct CallAttributes {
    tailcall: TailcallAttribute,
    inlined: InlineAttribute,
}

impl Translator<'_> {
    pub(super) fn application(
        &mut self,
        e: &Expression,
        func: &Expression,
        args: &[(ArgLabel, Option<Expression>)],
    ) -> Result<Lambda> {
        let loc = self.scopes.at(e.loc);
        let call = CallAttributes {
            tailcall: attributes::get_tailcall(self.cx, &func.attributes),
            inlined: attributes::get_inlined(self.cx, &func.attributes),
        };
        if let ExpressionDesc::Ident(path, _, desc) = &func.desc
            && let types::ValueKind::Prim(prim) = &desc.kind
            && args.len() >= prim.arity
        {
            let given: Vec<&Expression> = args.iter().filter_map(|(_, arg)| arg.as_ref()).collect();
            if given.len() == args.len() {
                let sources = &given[..prim.arity];
                let operands = self.exps(sources.iter().copied())?;
                let applied = self.primitive_application(&loc, prim, &func.env, func.type_, path, operands, sources)?;
                if given.len() == prim.arity {
                    return Ok(applied);
                }
                let rest = self.arguments(&args[prim.arity..])?;
                return Ok(build_apply(applied, Vec::new(), rest, &call, &loc));
            }
        }
        let func = self.exp(func)?;
        let args = self.arguments(args)?;
        Ok(build_apply(func, Vec::new(), args, &call, &loc))
    }

    /// The application of a class.
    pub(crate) fn apply_class(&mut self, class: Lambda, args: &[(ArgLabel, Option<Expression>)]) -> Result<Lambda> {
        let call = CallAttributes { tailcall: TailcallAttribute::Default, inlined: InlineAttribute::Default };
        let args = self.arguments(args)?;
        Ok(build_apply(class, Vec::new(), args, &call, &ScopedLocation::none()))
    }

    fn arguments(&mut self, args: &[(ArgLabel, Option<Expression>)]) -> Result<VecDeque<Argument>> {
        args.iter()
            .map(|(label, arg)| {
                let arg = arg.as_ref().map(|arg| self.exp(arg)).transpose()?;
                Ok((arg, matches!(label, ArgLabel::Optional(_))))
            })
            .collect()
    }
}

/// One call of what may be an application already.
fn call_with(func: Lambda, args: Vec<Lambda>, call: &CallAttributes, loc: &ScopedLocation) -> Lambda {
    match func {
        Lambda::Send(kind, method, object, mut first, _) => {
            first.extend(args);
            Lambda::Send(kind, method, object, first, loc.clone())
        }
        Lambda::Apply(mut apply) => {
            apply.args.extend(args);
            apply.loc = loc.clone();
            Lambda::Apply(apply)
        }
        func => Lambda::Apply(Box::new(Apply {
            func,
            args,
            loc: loc.clone(),
            tailcall: call.tailcall,
            inlined: call.inlined,
        })),
    }
}

/// An application whose omitted arguments make it a function.
///
/// Arguments are evaluated from right to left in the order of the function's type, before the
/// call; what follows an argument happens once all arguments up to it are there. `given` are
/// those that were met since the last call, each with whether it is optional.
fn build_apply(
    func: Lambda,
    mut given: Vec<(Lambda, bool)>,
    mut args: VecDeque<Argument>,
    call: &CallAttributes,
    loc: &ScopedLocation,
) -> Lambda {
    while let Some((Some(_), _)) = args.front() {
        if let Some((Some(arg), optional)) = args.pop_front() {
            given.push((arg, optional));
        }
    }
    let Some((_, omitted_optional)) = args.pop_front() else {
        return call_with(func, given.into_iter().map(|(arg, _)| arg).collect(), call, loc);
    };
    let mut definitions: Vec<(Ident, Lambda)> = Vec::new();
    let mut protect = |name: &str, lambda: Lambda| match lambda {
        Lambda::Var(_) | Lambda::Const(_) => lambda,
        lambda => {
            let id = Ident::create_local(name.into());
            definitions.push((id, lambda));
            Lambda::Var(id)
        }
    };
    // Optional arguments wait for the next one that is not.
    let (now, delayed) =
        if given.iter().all(|(_, optional)| *optional) { (Vec::new(), given) } else { (given, Vec::new()) };
    let func =
        if now.is_empty() { func } else { call_with(func, now.into_iter().map(|(arg, _)| arg).collect(), call, loc) };
    let handle = protect("func", func);
    let mut next: Vec<(Lambda, bool)> =
        delayed.into_iter().map(|(arg, optional)| (protect("arg", arg), optional)).collect();
    let rest: VecDeque<Argument> =
        args.into_iter().map(|(arg, optional)| (arg.map(|arg| protect("arg", arg)), optional)).collect();
    let param = Ident::create_local("param".into());
    next.push((Lambda::Var(param), omitted_optional));
    let body = match build_apply(handle, next, rest, call, loc) {
        Lambda::Function(mut inner) if inner.kind == FunctionKind::Curried && inner.params.len() < MAX_ARITY => {
            inner.params.insert(0, (param, ValueKind::Generic));
            Lambda::Function(inner)
        }
        body => {
            let attr = FunctionAttribute { stub: true, ..FunctionAttribute::default() };
            function(vec![(param, ValueKind::Generic)], ValueKind::Generic, body, attr, loc)
        }
    };
    // The last definition is evaluated first.
    definitions.into_iter().fold(body, |body, (id, def)| let_(LetKind::Strict, ValueKind::Generic, id, def, body))
}
