//! Renaming and substitution in a body that is inlined, with folding of what becomes constant.

use crate::clambda::{Const, Debug, Expr, Label, Place, Switch, Var};
use crate::closure::{Config, as_constant};
use crate::export::Approx;
use crate::fold;
use rocaml_lambda::lambda::{Mutability, Primitive};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Parameters to replace, and fresh names for what the body binds.
pub struct Substitution {
    vars: HashMap<Var, (Expr, Approx)>,
    labels: HashMap<Label, Label>,
    /// Fresh variables that are assigned.
    mutable: HashSet<Var>,
    next_var: u32,
    next_label: u32,
    /// The call that is replaced.
    call: Debug,
}

impl Substitution {
    /// With the first free names of the unit, and the place of the call.
    pub fn new(next_var: u32, next_label: u32, call: Debug) -> Substitution {
        Substitution {
            vars: HashMap::new(),
            labels: HashMap::new(),
            mutable: HashSet::new(),
            next_var,
            next_label,
            call,
        }
    }
    /// The first free variable after the substitution.
    pub fn next_var(&self) -> u32 {
        self.next_var
    }
    /// The first free label after the substitution.
    pub fn next_label(&self) -> u32 {
        self.next_label
    }
    /// Replaces a variable by an expression that may be duplicated.
    pub fn replace(&mut self, var: Var, by: Expr, approx: Approx) {
        self.vars.insert(var, (by, approx));
    }
    /// A fresh variable.
    pub fn fresh_var(&mut self) -> Var {
        self.next_var += 1;
        Var(self.next_var - 1)
    }
    fn rename(&mut self, var: Var) -> Var {
        let fresh = self.fresh_var();
        self.vars.insert(var, (Expr::Var(fresh), Approx::Unknown));
        fresh
    }
    fn debug(&self, debug: &Debug) -> Debug {
        let Some(place) = debug else { return self.call.clone() };
        Some(Rc::new(extend(place, &self.call)))
    }
}

fn extend(place: &Place, call: &Debug) -> Place {
    let next = match &place.next {
        Some(next) => Some(Rc::new(extend(next, call))),
        None => call.clone(),
    };
    Place { loc: place.loc, scope: place.scope.clone(), next }
}

/// The renamed expression and what is known of its value.
pub fn expr(s: &mut Substitution, config: &Config, e: &Expr) -> (Expr, Approx) {
    let unknown = |e| (e, Approx::Unknown);
    match e {
        Expr::Var(var) => s.vars.get(var).cloned().unwrap_or_else(|| unknown(Expr::Var(*var))),
        Expr::Const(constant) => (e.clone(), Approx::Const(constant.clone())),
        Expr::Global(_) => unknown(e.clone()),
        Expr::DirectApply(label, args, debug) => {
            let args = list(s, config, args);
            unknown(Expr::DirectApply(*label, args, s.debug(debug)))
        }
        Expr::GenericApply(func, args, debug) => {
            let (func, approx) = expr(s, config, func);
            let args = list(s, config, args);
            unknown(apply(func, approx, args, s.debug(debug)))
        }
        Expr::Closure(entries, captured, debug) => {
            unknown(Expr::Closure(entries.clone(), list(s, config, captured), s.debug(debug)))
        }
        Expr::Offset(block, offset) => unknown(Expr::Offset(boxed(s, config, block), *offset)),
        Expr::Let(mutable, kind, var, def, body) => {
            let (def, approx) = expr(s, config, def);
            if !mutable {
                let known = as_constant(&approx).filter(|_| fold::is_pure(&def));
                let stable = matches!(&def, Expr::Var(var) if !s.mutable.contains(var));
                if let Some(simple) = known.or_else(|| stable.then(|| def.clone())) {
                    s.replace(*var, simple, approx);
                    return expr(s, config, body);
                }
            }
            let fresh = s.rename(*var);
            if *mutable {
                s.mutable.insert(fresh);
            } else {
                s.replace(*var, Expr::Var(fresh), approx);
            }
            let (body, approx) = expr(s, config, body);
            (Expr::Let(*mutable, *kind, fresh, Box::new(def), Box::new(body)), approx)
        }
        Expr::Prim(prim, args, debug) => prim_expr(s, config, prim, args, debug),
        Expr::Switch(scrutinee, switch, debug) => switch_expr(s, config, scrutinee, switch, debug),
        Expr::StringSwitch(scrutinee, cases, default) => {
            let scrutinee = boxed(s, config, scrutinee);
            let cases = cases.iter().map(|(text, e)| (text.clone(), expr(s, config, e).0)).collect();
            let default = default.as_ref().map(|e| boxed(s, config, e));
            unknown(Expr::StringSwitch(scrutinee, cases, default))
        }
        Expr::StaticFail(label, args) => {
            let args = list(s, config, args);
            let label = s.labels.get(label).copied().unwrap_or(*label);
            unknown(Expr::StaticFail(label, args))
        }
        Expr::Catch(label, vars, body, handler) => {
            let fresh = Label(s.next_label);
            s.next_label += 1;
            s.labels.insert(*label, fresh);
            let body = boxed(s, config, body);
            let vars = vars.iter().map(|(var, kind)| (s.rename(*var), *kind)).collect();
            let handler = boxed(s, config, handler);
            unknown(Expr::Catch(fresh, vars, body, handler))
        }
        Expr::TryWith(body, var, handler) => {
            let body = boxed(s, config, body);
            let var = s.rename(*var);
            unknown(Expr::TryWith(body, var, boxed(s, config, handler)))
        }
        Expr::IfThenElse(condition, then, otherwise) => {
            let (condition, approx) = expr(s, config, condition);
            if let Approx::Const(Const::Int(n)) = approx {
                let (branch, approx) = expr(s, config, if n == 0 { otherwise } else { then });
                return (fold::sequence(condition, branch), approx);
            }
            let then = boxed(s, config, then);
            unknown(Expr::IfThenElse(Box::new(condition), then, boxed(s, config, otherwise)))
        }
        Expr::Sequence(first, second) => {
            let (first, _) = expr(s, config, first);
            let (second, approx) = expr(s, config, second);
            (fold::sequence(first, second), approx)
        }
        Expr::While(condition, body) => {
            let condition = boxed(s, config, condition);
            unknown(Expr::While(condition, boxed(s, config, body)))
        }
        Expr::For(var, from, to, direction, body) => {
            let (from, to) = (boxed(s, config, from), boxed(s, config, to));
            let var = s.rename(*var);
            unknown(Expr::For(var, from, to, *direction, boxed(s, config, body)))
        }
        Expr::Assign(var, value) => {
            let value = boxed(s, config, value);
            let var = match s.vars.get(var) {
                Some((Expr::Var(var), _)) => *var,
                _ => *var,
            };
            unknown(Expr::Assign(var, value))
        }
        Expr::Send(kind, method, object, args, debug) => {
            let (method, object) = (boxed(s, config, method), boxed(s, config, object));
            let args = list(s, config, args);
            unknown(Expr::Send(*kind, method, object, args, s.debug(debug)))
        }
    }
}

fn boxed(s: &mut Substitution, config: &Config, e: &Expr) -> Box<Expr> {
    Box::new(expr(s, config, e).0)
}

fn list(s: &mut Substitution, config: &Config, exprs: &[Expr]) -> Vec<Expr> {
    exprs.iter().map(|e| expr(s, config, e).0).collect()
}

/// A call whose function may have become known: `List.iter` with an inlined argument.
fn apply(func: Expr, approx: Approx, mut args: Vec<Expr>, debug: Debug) -> Expr {
    match approx {
        Approx::Closure(desc, _) if desc.arity == args.len() as i32 => {
            if desc.closed {
                return fold::sequence(func, Expr::DirectApply(desc.label, args, debug));
            }
            args.push(func);
            Expr::DirectApply(desc.label, args, debug)
        }
        _ => Expr::GenericApply(Box::new(func), args, debug),
    }
}

fn prim_expr(s: &mut Substitution, config: &Config, prim: &Primitive, args: &[Expr], debug: &Debug) -> (Expr, Approx) {
    let (args, approxes): (Vec<Expr>, Vec<Approx>) = args.iter().map(|arg| expr(s, config, arg)).unzip();
    // Asked only where it matters: it walks the arguments, and blocks nest.
    let is_pure = || args.iter().all(fold::is_pure);
    if let Some(rocaml_lambda::lambda::StructuredConstant::Int(n)) = fold::constant_prim(prim, &approxes, config)
        && is_pure()
    {
        return (Expr::Const(Const::Int(n)), Approx::Const(Const::Int(n)));
    }
    let approx = match (prim, &approxes[..]) {
        (Primitive::MakeBlock(_, Mutability::Immutable, _), fields) => Approx::Tuple(fields.to_vec().into()),
        (Primitive::Field(index, _), [block]) => block.field(*index),
        _ => Approx::Unknown,
    };
    // The field of a block that is made in place.
    if let (Primitive::Field(index, _), [Expr::Prim(Primitive::MakeBlock(_, Mutability::Immutable, _), parts, _)]) =
        (prim, &args[..])
        && let Some(part @ (Expr::Var(_) | Expr::Const(_))) = parts.get(*index)
        && is_pure()
    {
        return (part.clone(), approx);
    }
    match as_constant(&approx) {
        Some(constant) if is_pure() => (constant, approx),
        _ => (Expr::Prim(prim.clone(), args, s.debug(debug)), approx),
    }
}

fn switch_expr(
    s: &mut Substitution,
    config: &Config,
    scrutinee: &Expr,
    switch: &Switch,
    debug: &Debug,
) -> (Expr, Approx) {
    let (scrutinee, approx) = expr(s, config, scrutinee);
    if let Approx::Const(Const::Int(n)) = approx
        && let Some(case) = usize::try_from(n).ok().and_then(|n| switch.index_consts.get(n))
    {
        let (branch, approx) = expr(s, config, &switch.const_cases[*case as usize]);
        return (fold::sequence(scrutinee, branch), approx);
    }
    let renamed = Switch {
        index_consts: switch.index_consts.clone(),
        const_cases: list(s, config, &switch.const_cases),
        index_blocks: switch.index_blocks.clone(),
        block_cases: list(s, config, &switch.block_cases),
    };
    (Expr::Switch(Box::new(scrutinee), Box::new(renamed), s.debug(debug)), Approx::Unknown)
}
