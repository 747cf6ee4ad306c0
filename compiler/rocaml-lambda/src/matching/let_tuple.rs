//! `let (x, y) = …`: branches that end in a tuple give its components to a handler, without making
//! the tuple.

use super::rows::{BoundVariable, alpha, bound_variables};
use crate::error::Result;
use crate::lambda::*;
use crate::map::deep;
use crate::rename::fresh_label;
use crate::translator::Translator;
use rocaml_base::Location;
use rocaml_types::Ident;
use rocaml_typing::parmatch::{Desc, PatRef};

/// The parts of a term that makes a tuple.
fn tuple_parts(lambda: &mut Lambda) -> Option<Vec<Lambda>> {
    match lambda {
        Lambda::Prim(Primitive::MakeBlock(..), parts, _) => Some(std::mem::take(parts)),
        Lambda::Const(StructuredConstant::Block(_, parts)) => {
            Some(parts.iter().map(|part| Lambda::Const(part.clone())).collect())
        }
        _ => None,
    }
}

fn is_tuple(lambda: &Lambda) -> bool {
    matches!(lambda, Lambda::Prim(Primitive::MakeBlock(..), ..) | Lambda::Const(StructuredConstant::Block(..)))
}

/// Whether a tuple that is taken apart at once is made somewhere in a term.
pub(super) fn makes_tuple(pat: &PatRef, value: &Lambda) -> bool {
    let mut found = false;
    if matches!(pat.desc, Desc::Tuple(_)) {
        visit_returns(value, &mut |value| found |= is_tuple(value));
    }
    found
}

fn visit_returns(lambda: &Lambda, f: &mut dyn FnMut(&Lambda)) {
    deep(|| match lambda {
        Lambda::Let(_, _, _, _, body)
        | Lambda::MutLet(_, _, _, body)
        | Lambda::LetRec(_, body)
        | Lambda::Sequence(_, body) => visit_returns(body, f),
        Lambda::IfThenElse(_, then, otherwise) => {
            visit_returns(then, f);
            visit_returns(otherwise, f);
        }
        Lambda::Switch(_, switch, _) => {
            switch.consts.iter().for_each(|(_, case)| visit_returns(case, f));
            switch.blocks.iter().for_each(|(_, case)| visit_returns(case, f));
            switch.failaction.iter().for_each(|case| visit_returns(case, f));
        }
        Lambda::StringSwitch(_, cases, default, _) => {
            cases.iter().for_each(|(_, case)| visit_returns(case, f));
            default.iter().for_each(|case| visit_returns(case, f));
        }
        Lambda::StaticCatch(body, _, handler) | Lambda::TryWith(body, _, handler) => {
            visit_returns(body, f);
            visit_returns(handler, f);
        }
        Lambda::StaticRaise(..) | Lambda::Prim(Primitive::Raise(_), ..) => {}
        other => f(other),
    });
}

/// Calls `f` on each place where the value of a term is made.
fn returns(lambda: &mut Lambda, f: &mut dyn FnMut(&mut Lambda) -> Result<()>) -> Result<()> {
    deep(|| match lambda {
        Lambda::Let(_, _, _, _, body)
        | Lambda::MutLet(_, _, _, body)
        | Lambda::LetRec(_, body)
        | Lambda::Sequence(_, body) => returns(body, f),
        Lambda::IfThenElse(_, then, otherwise) => {
            returns(then, f)?;
            returns(otherwise, f)
        }
        Lambda::Switch(_, switch, _) => {
            let consts = switch.consts.iter_mut().map(|(_, case)| case);
            let blocks = switch.blocks.iter_mut().map(|(_, case)| case);
            consts.chain(blocks).chain(&mut switch.failaction).try_for_each(|case| returns(case, f))
        }
        Lambda::StringSwitch(_, cases, default, _) => {
            cases.iter_mut().try_for_each(|(_, case)| returns(case, f))?;
            default.iter_mut().try_for_each(|case| returns(case, f))
        }
        // A static raise may leave a `try`.
        Lambda::StaticCatch(body, _, handler) | Lambda::TryWith(body, _, handler) => {
            returns(body, f)?;
            returns(handler, f)
        }
        Lambda::StaticRaise(..) | Lambda::Prim(Primitive::Raise(_), ..) => Ok(()),
        other => f(other),
    })
}

/// Pairs of patterns and terms that a tuple pattern and a term are made of.
fn collect(pat: &PatRef, mut value: Lambda, pairs: &mut Vec<(PatRef, Lambda)>) {
    if let Desc::Tuple(pats) = &pat.desc
        && let Some(parts) = tuple_parts(&mut value)
    {
        pats.iter().zip(parts).for_each(|((_, pat), part)| collect(pat, part, pairs));
        return;
    }
    pairs.push((pat.clone(), value));
}

impl Translator<'_> {
    pub(super) fn let_tuple(
        &mut self,
        loc: Location,
        mut value: Lambda,
        pat: &PatRef,
        vars: Vec<(Ident, ValueKind)>,
        body: Lambda,
    ) -> Result<Lambda> {
        let label = fresh_label();
        let cx = self.cx;
        returns(&mut value, &mut |place| {
            let mut pairs = Vec::new();
            collect(pat, place.take(), &mut pairs);
            // The handler binds the variables: here they are others.
            let mut renaming = Vec::new();
            let mut renamed = Vec::new();
            for (pat, value) in pairs {
                let mut bound: Vec<BoundVariable> = Vec::new();
                bound_variables(&pat, &mut bound);
                let fresh: Vec<(Ident, Ident)> = bound.iter().map(|(id, _)| (*id, id.rename())).collect();
                renamed.push((alpha(cx, &fresh, &pat), value));
                renaming.extend(fresh);
            }
            let new = |id: Ident| renaming.iter().find(|(old, _)| *old == id).map_or(id, |(_, new)| *new);
            let mut code = Lambda::StaticRaise(label, vars.iter().map(|(id, _)| Lambda::Var(new(*id))).collect());
            // Components are evaluated from right to left: the first is the innermost.
            for (pat, value) in renamed {
                code = self.simple_let(loc, value, pat, code)?;
            }
            *place = code;
            Ok(())
        })?;
        Ok(Lambda::StaticCatch(Box::new(value), (label, vars), Box::new(body)))
    }
}
