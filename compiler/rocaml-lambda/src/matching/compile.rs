//! Compilation of matrices: each is split along its first column, what results is divided by the
//! heads of that column, the parts are compiled and put together by tests.

use super::action::{Action, Bodies};
use super::combine::Keyed;
use super::context::{Context, Jumps};
use super::default_env::DefaultEnv;
use super::divide::{Cell, Division};
use super::key::raise_of;
use super::rows::{Clause, flatten_matrix, half_simplify};
use super::split::{Handler, Matching, Precompiled, SplitArgs};
use super::{Arg, PureArg};
use crate::error::Error;
use crate::lambda::*;
use crate::map::deep;
use crate::rename::copy_with;
use crate::translator::{Translator, let_};
use rocaml_types::Ident;
use rocaml_types::context::Context as Cx;
use rocaml_typing::parmatch::pat::{Head, HeadDesc, omegas};
use rocaml_typing::parmatch::{Desc, PatRef};
use rocaml_typing::typedtree::Partial;

/// What is known of whether matching may fail.
#[derive(Clone, Copy)]
pub(super) struct Partiality {
    /// Whether this matrix may fail, and go on elsewhere.
    pub current: Partial,
    /// Whether the match as a whole may fail, as far as its types tell.
    pub global: Partial,
    /// Whether values come here after other matrices looked at them. What can change may then be
    /// other than was known.
    pub following: bool,
}

/// Control cannot come here.
pub(super) struct Unused;

/// Code, and where it raises to.
pub(super) type Compiled = Result<(Lambda, Jumps), Unused>;

/// The compilation of one match.
pub(super) struct Matcher<'m, 'a> {
    pub translator: &'m mut Translator<'a>,
    pub cx: &'a Cx,
    pub bodies: Bodies,
    /// What cannot be compiled, if anything.
    pub error: Option<Box<Error>>,
}

/// Whether a position may be seen to change, when another matrix looked at it before.
pub(super) fn arg_partiality(partial: Partiality, mutable: bool) -> Partiality {
    if partial.following && mutable { Partiality { global: Partial::Partial, ..partial } } else { partial }
}

/// A raise to where to go on when nothing fits.
pub(super) fn comp_exit(cx: &Cx, partial: Partiality, ctx: &Context, def: &DefaultEnv) -> Option<(Lambda, Jumps)> {
    match (def.handlers().next(), partial.global) {
        (Some((label, _)), _) => Some((Lambda::StaticRaise(label, vec![]), Jumps::to(cx, label, ctx.clone()))),
        // Nothing can come here.
        (None, Partial::Total) => None,
        (None, Partial::Partial) => Some((def.raise_final_exit(), Jumps::empty(Partial::Partial))),
    }
}

impl Matcher<'_, '_> {
    /// Compiles a matrix.
    pub(super) fn compile_match(&mut self, partial: Partiality, ctx: &Context, mut m: Matching<Vec<Arg>>) -> Compiled {
        deep(|| {
            if m.cases.first().is_some_and(|case| case.pats.is_empty()) {
                let action = m.cases.remove(0).action;
                return self.leaf(action, partial, ctx, m);
            }
            self.compile_nonempty(partial, ctx, m)
        })
    }

    /// The first row fits, if its guard agrees.
    fn leaf(&mut self, action: Action, partial: Partiality, ctx: &Context, rest: Matching<Vec<Arg>>) -> Compiled {
        if !action.is_guarded() {
            return Ok((self.bodies.place(action, None), Jumps::empty(Partial::Total)));
        }
        let (rest, jumps) = self.compile_match(partial, ctx, rest)?;
        Ok((self.bodies.place(action, Some(rest)), jumps))
    }

    pub(super) fn compile_nonempty(
        &mut self,
        partial: Partiality,
        ctx: &Context,
        mut m: Matching<Vec<Arg>>,
    ) -> Compiled {
        if m.args.is_empty() {
            // A guard of a row before may have refused what the types say is matched by it alone.
            let exit = comp_exit(self.cx, partial, ctx, &m.default);
            return Ok(exit.unwrap_or_else(|| (m.default.raise_final_exit(), Jumps::empty(Partial::Partial))));
        }
        let arg = m.args.remove(0);
        let var = match &arg.arg {
            Lambda::Var(id) => *id,
            _ => name_of_column(&m.cases),
        };
        let first = PureArg::Var(var);
        let cases = m.cases.into_iter().map(|case| half_simplify(self.cx, &first, case)).collect();
        let args = SplitArgs { first, first_mutable: arg.mutable, rest: m.args };
        let (first, rest) = self.split_half_simple(Matching { cases, args, default: m.default });
        let (body, jumps) = self.compile_handlers(partial, ctx, first, rest, &mut Self::compile_precompiled)?;
        let jumps = match arg.binding {
            // It may be read again, and may then be other than was known.
            LetKind::StrictOpt => jumps.map(|ctx| ctx.erase_first_col(self.cx)),
            LetKind::Strict | LetKind::Alias => jumps,
        };
        Ok((bind_arg(arg, var, body), jumps))
    }

    /// Chains matrices that are tried one after the other.
    pub(super) fn compile_handlers<P>(
        &mut self,
        partial: Partiality,
        ctx: &Context,
        first: P,
        nexts: Vec<(StaticLabel, P)>,
        compile: &mut dyn FnMut(&mut Self, Partiality, &Context, P) -> Compiled,
    ) -> Compiled {
        let mut nexts = nexts.into_iter();
        let mut first = first;
        let (mut body, mut jumps) = loop {
            if nexts.len() == 0 {
                return compile(self, partial, ctx, first);
            }
            match compile(self, Partiality { current: Partial::Partial, ..partial }, ctx, first) {
                Ok(compiled) => break compiled,
                Err(Unused) => match nexts.next() {
                    Some((_, next)) => first = next,
                    None => return Err(Unused),
                },
            }
        };
        while let Some((label, next)) = nexts.next() {
            let (ctx, rest) = jumps.clone().extract(label);
            if ctx.is_empty() {
                continue;
            }
            // All but the last may fail.
            let current = if nexts.len() == 0 { partial.current } else { Partial::Partial };
            let handler = match compile(self, Partiality { current, following: true, ..partial }, &ctx, next) {
                Ok((handler, more)) => {
                    jumps = more.union(self.cx, rest);
                    handler
                }
                Err(Unused) => {
                    jumps = rest;
                    Lambda::unit()
                }
            };
            body = Lambda::StaticCatch(Box::new(body), (label, vec![]), Box::new(handler));
        }
        Ok((body, jumps))
    }

    fn compile_precompiled(&mut self, partial: Partiality, ctx: &Context, precompiled: Precompiled) -> Compiled {
        match precompiled {
            Precompiled::Plain(pm) => self.compile_plain(partial, ctx, pm),
            Precompiled::Var(inside) => {
                let (code, jumps) = self.compile_precompiled(partial, &ctx.lshift(self.cx), *inside)?;
                Ok((code, jumps.map(Context::rshift)))
            }
            Precompiled::Or { body, handlers, .. } => {
                let (first, rest) = self.split_simple(body);
                let compiled = self.compile_handlers(partial, ctx, first, rest, &mut Self::compile_precompiled)?;
                self.compile_or_handlers(partial, ctx, compiled, handlers)
            }
        }
    }

    /// Puts the handlers of alternatives around.
    fn compile_or_handlers(
        &mut self,
        partial: Partiality,
        ctx: &Context,
        (mut code, mut jumps): (Lambda, Jumps),
        handlers: Vec<Handler>,
    ) -> Compiled {
        for Handler { provenance, exit, vars, pm } in handlers {
            let columns = provenance.first().map_or(0, Vec::len);
            let ctx = ctx.select_columns(&provenance);
            let (handler, more) = match self.compile_match(partial, &ctx, pm) {
                Ok((handler, more)) => (handler, more.map(|ctx| ctx.rshift_num(columns))),
                Err(Unused) => {
                    code = Lambda::StaticCatch(Box::new(code), (exit, vars), Box::new(Lambda::unit()));
                    continue;
                }
            };
            match raise_of(&code) {
                Some((label, args)) if label == exit => {
                    let bind = |body: Lambda, ((id, kind), arg): (&(Ident, ValueKind), Lambda)| match arg {
                        Lambda::Var(other) if other == *id => body,
                        arg => let_(LetKind::Alias, *kind, *id, arg, body),
                    };
                    return Ok((vars.iter().zip(args).rev().fold(handler, bind), more));
                }
                Some(_) => {}
                None => {
                    code = Lambda::StaticCatch(Box::new(code), (exit, vars), Box::new(handler));
                    jumps = jumps.remove(exit).union(self.cx, more);
                }
            }
        }
        Ok((code, jumps))
    }

    /// A matrix in whose first column heads are equal or exclude each other.
    fn compile_plain(&mut self, partial: Partiality, ctx: &Context, pm: Matching<SplitArgs>) -> Compiled {
        let cx = self.cx;
        let heads = pm.cases.iter().map(|case| Head::deconstruct(&case.pats[0]).0);
        let head = heads.into_iter().find(|head| !head.is_any()).unwrap_or_else(|| Head::omega(cx));
        match &head.desc {
            HeadDesc::Any => {
                let (line, ctx) = (self.divide_line(&head, pm), ctx.lshift(cx));
                let (code, jumps) = self.compile_match(partial, &ctx, line)?;
                Ok((code, jumps.map(Context::rshift)))
            }
            HeadDesc::Tuple(_) | HeadDesc::Record(_) | HeadDesc::Lazy => {
                let head = super::rows::expand_record_head(&head);
                let (line, ctx) = (self.divide_line(&head, pm), ctx.specialize(cx, &head));
                let (code, jumps) = self.compile_match(partial, &ctx, line)?;
                Ok((code, jumps.map(Context::combine)))
            }
            _ => self.compile_test(partial, &head, ctx, pm),
        }
    }

    fn compile_test(&mut self, partial: Partiality, head: &Head, ctx: &Context, pm: Matching<SplitArgs>) -> Compiled {
        let arg = pm.args.first.lambda();
        let arg_partial = arg_partiality(partial, pm.args.first_mutable);
        let def = pm.default.clone();
        let Division { cells } = self.divide(head, ctx, pm);
        let (mut actions, mut jumps) = (Vec::new(), Jumps::empty(Partial::Total));
        for Cell { key, head, ctx, pm } in cells {
            if ctx.is_empty() {
                continue;
            }
            let Ok((action, more)) = self.compile_match(partial, &ctx, pm) else { continue };
            jumps = jumps.union(self.cx, more.map(Context::combine));
            actions.push(Keyed { key, action, head });
        }
        if actions.is_empty() {
            return match self.failaction_neg(arg_partial, ctx, &def) {
                (None, _) => Err(Unused),
                (Some(code), jumps) => Ok((code, jumps)),
            };
        }
        let (code, more) = self.combine(head, arg, arg_partial, ctx, &def, actions);
        Ok((code, more.union(self.cx, jumps)))
    }

    // -----------------------------------------------------------------------------------------
    // Tuples that are not made

    /// Compiles a matrix over a tuple whose components are variables.
    pub(super) fn compile_flattened(
        &mut self,
        partial: Partiality,
        ids: &[Ident],
        pm: Matching<SplitArgs>,
    ) -> Compiled {
        let cx = self.cx;
        let args: Vec<Arg> = ids.iter().map(|id| Arg::root(Lambda::Var(*id), LetKind::Alias)).collect();
        let (first, nexts) = self.split_half_simple(pm);
        let mut compile = |this: &mut Self, partial: Partiality, ctx: &Context, precompiled: Precompiled| {
            let flat = |pm: Matching<SplitArgs>| Matching {
                cases: pm.cases.into_iter().map(|case| flatten_case(cx, ids.len(), case)).collect(),
                args: args.clone(),
                default: pm.default.flatten(cx, ids.len()),
            };
            match precompiled {
                Precompiled::Plain(pm) => this.compile_nonempty(partial, ctx, flat(pm)),
                Precompiled::Or { body, handlers, .. } => {
                    let compiled = this.compile_nonempty(partial, ctx, flat(body))?;
                    let flat_handler = |handler: Handler| Handler {
                        provenance: flatten_matrix(cx, ids.len(), &handler.provenance),
                        ..handler
                    };
                    let handlers = handlers.into_iter().map(flat_handler).collect();
                    this.compile_or_handlers(partial, ctx, compiled, handlers)
                }
                // There is one column only.
                Precompiled::Var(_) => Err(Unused),
            }
        };
        self.compile_handlers(partial, &Context::start(cx, ids.len()), first, nexts, &mut compile)
    }
}

fn flatten_case(cx: &Cx, size: usize, case: Clause) -> Clause {
    let pats: Vec<PatRef> = match &case.pats[0].desc {
        Desc::Tuple(parts) => parts.iter().map(|(_, p)| p.clone()).collect(),
        _ => omegas(cx, size),
    };
    Clause { pats, ..case }
}

/// The first name that a column has in a row.
fn name_of_column(cases: &[Clause]) -> Ident {
    let named = cases.iter().find_map(|case| match &case.pats[0].desc {
        Desc::Var(id) | Desc::Alias(_, id, _) => Some(*id),
        _ => None,
    });
    named.unwrap_or_else(|| Ident::create_local("*match*".into()))
}

/// Binds the value that is matched, closest to where it is used if that may be.
fn bind_arg(arg: Arg, var: Ident, body: Lambda) -> Lambda {
    match (arg.arg, arg.binding) {
        (Lambda::Var(id), _) if id == var => body,
        (value @ Lambda::Var(_), kind) => let_(kind, ValueKind::Generic, var, value, body),
        (value, LetKind::Alias) => lower_bind(var, value, body),
        // A matrix that was split reads it in each part.
        (value, kind) => let_(kind, ValueKind::Generic, var, copy_with(&value, []), body),
    }
}

/// Whether a variable may occur in a term.
fn may_occur(var: Ident, lambda: &Lambda) -> bool {
    match lambda {
        Lambda::Const(_) => false,
        Lambda::StaticRaise(_, args) | Lambda::Prim(_, args, _) => args.iter().any(|arg| may_occur(var, arg)),
        Lambda::Let(LetKind::Alias, _, _, def, body) => may_occur(var, def) || may_occur(var, body),
        Lambda::Var(id) => *id == var,
        _ => true,
    }
}

fn lower_bind(var: Ident, value: Lambda, body: Lambda) -> Lambda {
    let bind = |value: Lambda, body: Lambda| let_(LetKind::Alias, ValueKind::Generic, var, value, body);
    match body {
        Lambda::IfThenElse(condition, then, otherwise) => {
            let occurs = |part: &Lambda| may_occur(var, part);
            match (occurs(&condition), occurs(&then), occurs(&otherwise)) {
                (false, false, false) => Lambda::IfThenElse(condition, then, otherwise),
                (false, true, false) => {
                    Lambda::IfThenElse(condition, Box::new(lower_bind(var, value, *then)), otherwise)
                }
                (false, false, true) => {
                    Lambda::IfThenElse(condition, then, Box::new(lower_bind(var, value, *otherwise)))
                }
                _ => bind(value, Lambda::IfThenElse(condition, then, otherwise)),
            }
        }
        Lambda::Switch(scrutinee, mut switch, loc)
            if switch.consts.len() + switch.blocks.len() == 1 && !may_occur(var, &scrutinee) =>
        {
            let cases = switch.consts.iter_mut().map(|(_, case)| case);
            for case in cases.chain(switch.blocks.iter_mut().map(|(_, case)| case)) {
                *case = lower_bind(var, value.clone(), case.take());
            }
            Lambda::Switch(scrutinee, switch, loc)
        }
        Lambda::Let(LetKind::Alias, kind, id, def, inner) if !may_occur(var, &def) => {
            Lambda::Let(LetKind::Alias, kind, id, def, Box::new(lower_bind(var, value, *inner)))
        }
        body => bind(value, body),
    }
}
