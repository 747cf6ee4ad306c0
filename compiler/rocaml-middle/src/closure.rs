//! Closure conversion with inlining: Lambda to Clambda. Upstream's `Closure`.
//!
//! One walk over the unit. Each expression yields its conversion and what is known of its value
//! ([`Approx`]); a call of a function that is known becomes direct or is replaced by the body.
//! Functions without captured variables are *closed*: their closures are static data.

use crate::clambda::{
    self, Const, Expr, FunDesc, Function, InlineBody, Label, Switch, Unit, Var, closure_layout, place,
};
use crate::export::{Approx, UnitExport};
use crate::fold;
use crate::substitute::{self, Substitution};
use rocaml_base::{Location, Name};
use rocaml_lambda::MAX_ARITY;
use rocaml_lambda::free_variables::free_variables;
use rocaml_lambda::lambda::{
    self as lam, FunctionKind, InlineAttribute, Lambda, Primitive, Program, StaticLabel, StructuredConstant, ValueKind,
};
use rocaml_types::Ident;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// What steers the middle end.
#[derive(Clone, Debug)]
pub struct Config {
    /// `-inline`: 10 is the default.
    pub inline: u32,
    pub big_endian: bool,
    pub word_bits: u32,
    /// Keep debug information.
    pub debug: bool,
    pub os_type: OsType,
}

/// The value of `Sys.os_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OsType {
    Unix,
    Win32,
    Cygwin,
}

/// Where the approximations of other units come from.
pub trait Importer {
    /// What is known of a unit; nothing if there is no `.cmx` or it is opaque.
    fn import(&self, unit: Name) -> Option<Rc<UnitExport>>;
}

/// Converts a unit.
pub fn convert(program: &Program, config: &Config, importer: &dyn Importer) -> (Unit, UnitExport) {
    let mut converter = Converter::new(program, config, importer);
    let (initializer, _) = converter.close(&program.code);
    let module = Approx::Tuple(converter.globals[..program.exported_size].to_vec().into());
    let unit = Unit {
        name: program.unit,
        functions: converter.functions,
        static_closures: converter.static_closures,
        constants: converter.constants,
        initializer,
        module_block_size: program.module_block_size,
        num_vars: converter.next_var,
        num_labels: converter.next_label,
        not_inlined: converter.not_inlined,
    };
    (unit, UnitExport { module })
}

struct Converter<'a> {
    unit: Name,
    config: &'a Config,
    importer: &'a dyn Importer,
    imports: HashMap<Name, Approx>,
    /// What is known of each variable of the source; idents are unique in a unit.
    approxes: HashMap<Ident, Approx>,
    /// How the function being converted reaches a variable.
    access: HashMap<Ident, Expr>,
    /// Variables that are also fields of the module block.
    global_fields: HashMap<Ident, usize>,
    labels: HashMap<StaticLabel, Label>,
    /// Variables that are assigned: reading one is not the same everywhere.
    mutable: HashSet<Var>,
    /// What is known of the module block's fields.
    globals: Vec<Approx>,
    functions: Vec<Function>,
    static_closures: Vec<(Name, Name, i32)>,
    constants: Vec<(Name, Rc<StructuredConstant>)>,
    shared_constants: HashMap<Vec<u8>, Name>,
    next_var: u32,
    next_label: u32,
    next_symbol: u32,
    not_inlined: Vec<(Location, &'static str)>,
    /// Nesting of functions: 0 in the initialiser.
    depth: u32,
}

type Closed = (Expr, Approx);

impl<'a> Converter<'a> {
    fn new(program: &Program, config: &'a Config, importer: &'a dyn Importer) -> Converter<'a> {
        Converter {
            unit: program.unit,
            config,
            importer,
            imports: HashMap::new(),
            approxes: HashMap::new(),
            access: HashMap::new(),
            global_fields: HashMap::new(),
            labels: HashMap::new(),
            mutable: HashSet::new(),
            globals: vec![Approx::Unknown; program.module_block_size],
            functions: Vec::new(),
            static_closures: Vec::new(),
            constants: Vec::new(),
            shared_constants: HashMap::new(),
            next_var: 0,
            next_label: 0,
            next_symbol: 0,
            not_inlined: Vec::new(),
            depth: 0,
        }
    }

    fn fresh_var(&mut self) -> Var {
        self.next_var += 1;
        Var(self.next_var - 1)
    }

    /// Whether an expression is the same wherever it stands.
    fn is_stable(&self, e: &Expr) -> bool {
        match e {
            Expr::Var(var) => !self.mutable.contains(var),
            Expr::Const(_) => true,
            _ => false,
        }
    }

    fn bind(&mut self, id: Ident) -> Var {
        let var = self.fresh_var();
        self.access.insert(id, Expr::Var(var));
        var
    }

    fn symbol(&mut self, stem: &str) -> Name {
        self.next_symbol += 1;
        Name::new(&format!("caml{}.{}_{}", self.unit, assembler_name(stem), self.next_symbol))
    }

    // -----------------------------------------------------------------------------------------
    // Constants and variables

    fn constant(&mut self, constant: &StructuredConstant) -> Closed {
        let converted = match constant {
            StructuredConstant::Int(n) => Const::Int(*n),
            other => {
                let key = postcard_key(other);
                let symbol = match self.shared_constants.get(&key) {
                    Some(symbol) => *symbol,
                    None => {
                        let symbol = self.symbol("const");
                        self.constants.push((symbol, Rc::new(other.clone())));
                        self.shared_constants.insert(key, symbol);
                        symbol
                    }
                };
                Const::Symbol(symbol, Some(Rc::new(other.clone())))
            }
        };
        (Expr::Const(converted.clone()), Approx::Const(converted))
    }

    fn variable(&mut self, id: Ident) -> Closed {
        let approx = self.approxes.get(&id).cloned().unwrap_or_default();
        if let Some(expr) = as_constant(&approx) {
            return (expr, approx);
        }
        if let Some(expr) = self.access.get(&id) {
            return (expr.clone(), approx);
        }
        match self.global_fields.get(&id) {
            Some(field) => (self.own_field(*field), approx),
            None => panic!("variable {id:?} is unbound in unit {}", self.unit),
        }
    }

    fn own_field(&self, field: usize) -> Expr {
        Expr::Prim(Primitive::GetGlobalField(self.unit, field), vec![], None)
    }

    fn import(&mut self, unit: Name) -> Approx {
        if let Some(approx) = self.imports.get(&unit) {
            return approx.clone();
        }
        let approx = self.importer.import(unit).map_or(Approx::Unknown, |export| export.module.clone());
        self.imports.insert(unit, approx.clone());
        approx
    }

    // -----------------------------------------------------------------------------------------
    // Expressions

    fn close_expr(&mut self, lambda: &Lambda) -> Expr {
        self.close(lambda).0
    }

    fn close_boxed(&mut self, lambda: &Lambda) -> Box<Expr> {
        Box::new(self.close(lambda).0)
    }

    fn close_list(&mut self, lambdas: &[Lambda]) -> Vec<Expr> {
        lambdas.iter().map(|l| self.close(l).0).collect()
    }

    fn close(&mut self, lambda: &Lambda) -> Closed {
        stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.close_node(lambda))
    }

    fn close_node(&mut self, lambda: &Lambda) -> Closed {
        match lambda {
            Lambda::Var(id) => self.variable(*id),
            Lambda::MutVar(id) => (self.variable(*id).0, Approx::Unknown),
            Lambda::Const(constant) => self.constant(constant),
            Lambda::Apply(apply) => self.close_apply(apply),
            Lambda::Function(function) => self.close_function(None, function),
            Lambda::Let(kind, value_kind, id, def, body) => self.close_let(*kind, *value_kind, *id, def, body),
            Lambda::MutLet(kind, id, def, body) => {
                let def = self.close_boxed(def);
                let var = self.bind(*id);
                self.mutable.insert(var);
                let (body, approx) = self.close(body);
                (Expr::Let(true, *kind, var, def, Box::new(body)), approx)
            }
            Lambda::LetRec(bindings, body) => self.close_let_rec(bindings, body),
            Lambda::Prim(prim, args, loc) => self.close_prim(prim, args, loc),
            Lambda::Switch(scrutinee, switch, loc) => self.close_switch(scrutinee, switch, loc),
            Lambda::StringSwitch(scrutinee, cases, default, _) => {
                let scrutinee = self.close_boxed(scrutinee);
                let cases = cases.iter().map(|(s, l)| (s.clone(), self.close_expr(l))).collect();
                let default = default.as_ref().map(|l| self.close_boxed(l));
                unknown(Expr::StringSwitch(scrutinee, cases, default))
            }
            Lambda::StaticRaise(label, args) => {
                let args = self.close_list(args);
                let label = self.labels[label];
                unknown(Expr::StaticFail(label, args))
            }
            Lambda::StaticCatch(body, (label, vars), handler) => {
                let fresh = Label(self.next_label);
                self.next_label += 1;
                self.labels.insert(*label, fresh);
                let body = self.close_boxed(body);
                let vars = vars.iter().map(|(id, kind)| (self.bind(*id), *kind)).collect();
                let handler = self.close_boxed(handler);
                unknown(Expr::Catch(fresh, vars, body, handler))
            }
            Lambda::TryWith(body, id, handler) => {
                let body = self.close_boxed(body);
                let var = self.bind(*id);
                unknown(Expr::TryWith(body, var, self.close_boxed(handler)))
            }
            Lambda::IfThenElse(condition, then, otherwise) => self.close_if(condition, then, otherwise),
            Lambda::Sequence(first, second) => {
                let (first, _) = self.close(first);
                let (second, approx) = self.close(second);
                (fold::sequence(first, second), approx)
            }
            Lambda::While(condition, body) => {
                let condition = self.close_boxed(condition);
                unknown(Expr::While(condition, self.close_boxed(body)))
            }
            Lambda::For(id, from, to, direction, body) => {
                let (from, to) = (self.close_boxed(from), self.close_boxed(to));
                let var = self.bind(*id);
                unknown(Expr::For(var, from, to, *direction, self.close_boxed(body)))
            }
            Lambda::Assign(id, value) => {
                let value = self.close_boxed(value);
                match self.access.get(id) {
                    Some(Expr::Var(var)) => (Expr::Assign(*var, value), Approx::Const(Const::Int(0))),
                    _ => panic!("assignment of {id:?} outside of its function, in unit {}", self.unit),
                }
            }
            Lambda::Send(kind, method, object, args, loc) => {
                let method = self.close_boxed(method);
                let object = self.close_boxed(object);
                unknown(Expr::Send(*kind, method, object, self.close_list(args), place(loc)))
            }
        }
    }

    fn close_let(
        &mut self,
        kind: lam::LetKind,
        value_kind: ValueKind,
        id: Ident,
        def: &Lambda,
        body: &Lambda,
    ) -> Closed {
        let (def, approx) = match def {
            Lambda::Function(function) => self.close_function(Some(id), function),
            _ => self.close(def),
        };
        let constant = as_constant(&approx).is_some();
        self.approxes.insert(id, approx);
        if constant && (kind == lam::LetKind::Alias || fold::is_pure(&def)) {
            return self.close(body);
        }
        if self.is_stable(&def) && !constant {
            self.access.insert(id, def);
            return self.close(body);
        }
        let var = self.bind(id);
        let (body, approx) = self.close(body);
        (Expr::Let(false, value_kind, var, Box::new(def), Box::new(body)), approx)
    }

    fn close_let_rec(&mut self, bindings: &[lam::RecBinding], body: &Lambda) -> Closed {
        let group: Vec<(Option<Ident>, &lam::Function)> = bindings.iter().map(|b| (Some(b.id), &b.def)).collect();
        let closed = self.close_functions(&group);
        match closed.block {
            None => self.close(body),
            Some(block) => {
                let var = self.fresh_var();
                for (binding, offset) in bindings.iter().zip(&closed.offsets) {
                    self.access.insert(binding.id, offset_of(Expr::Var(var), *offset));
                }
                let (body, approx) = self.close(body);
                (Expr::Let(false, ValueKind::Generic, var, Box::new(block), Box::new(body)), approx)
            }
        }
    }

    fn close_if(&mut self, condition: &Lambda, then: &Lambda, otherwise: &Lambda) -> Closed {
        let (condition, approx) = self.close(condition);
        match approx {
            Approx::Const(Const::Int(n)) => {
                let (branch, approx) = self.close(if n == 0 { otherwise } else { then });
                (fold::sequence(condition, branch), approx)
            }
            _ => {
                let then = self.close_boxed(then);
                unknown(Expr::IfThenElse(Box::new(condition), then, self.close_boxed(otherwise)))
            }
        }
    }

    fn close_switch(&mut self, scrutinee: &Lambda, switch: &lam::Switch, loc: &lam::ScopedLocation) -> Closed {
        let (scrutinee, approx) = self.close(scrutinee);
        if let Approx::Const(Const::Int(n)) = approx {
            let chosen = switch.consts.iter().find(|(k, _)| *k == n).map(|(_, l)| l).or(switch.failaction.as_ref());
            if let Some(branch) = chosen {
                let (branch, approx) = self.close(branch);
                return (fold::sequence(scrutinee, branch), approx);
            }
        }
        let fail = switch.failaction.as_ref();
        let incomplete = switch.consts.len() < switch.num_consts && switch.blocks.len() < switch.num_blocks;
        let several =
            fail.filter(|_| incomplete && !matches!(fail, Some(Lambda::StaticRaise(_, args)) if args.is_empty()));
        // A default that both halves need is made once, behind a static handler.
        let (shared, fail_expr) = match several {
            Some(fail) => {
                let label = Label(self.next_label);
                self.next_label += 1;
                (Some((label, self.close_boxed(fail))), Some(Expr::StaticFail(label, vec![])))
            }
            None => (None, fail.map(|fail| self.close_expr(fail))),
        };
        let consts: Vec<(usize, &Lambda)> = switch.consts.iter().map(|(k, l)| (*k as usize, l)).collect();
        let blocks: Vec<(usize, &Lambda)> = switch.blocks.iter().map(|(k, l)| (usize::from(*k), l)).collect();
        let (index_consts, const_cases) = self.close_cases(switch.num_consts, &consts, fail_expr.as_ref());
        let (index_blocks, block_cases) = self.close_cases(switch.num_blocks, &blocks, fail_expr.as_ref());
        let cases = Switch { index_consts, const_cases, index_blocks, block_cases };
        let expr = Expr::Switch(Box::new(scrutinee), Box::new(cases), place(loc));
        unknown(match shared {
            Some((label, handler)) => Expr::Catch(label, vec![], Box::new(expr), handler),
            None => expr,
        })
    }

    fn close_cases(&mut self, size: usize, cases: &[(usize, &Lambda)], fail: Option<&Expr>) -> (Vec<u32>, Vec<Expr>) {
        if size == 0 {
            return (vec![], vec![]);
        }
        let mut index = vec![u32::MAX; size];
        let mut exprs = Vec::new();
        for (key, lambda) in cases.iter().filter(|(key, _)| *key < size) {
            index[*key] = exprs.len() as u32;
            exprs.push(self.close_expr(lambda));
        }
        if index.contains(&u32::MAX) {
            let default = exprs.len() as u32;
            if let Some(fail) = fail {
                exprs.push(fail.clone());
            }
            // Without a default the missing cases cannot happen: any case will do.
            let default = if fail.is_some() { default } else { 0 };
            index.iter_mut().filter(|i| **i == u32::MAX).for_each(|i| *i = default);
        }
        if exprs.is_empty() { (vec![], vec![]) } else { (index, exprs) }
    }

    // -----------------------------------------------------------------------------------------
    // Primitives

    fn close_prim(&mut self, prim: &Primitive, args: &[Lambda], loc: &lam::ScopedLocation) -> Closed {
        match (prim, args) {
            (Primitive::Revapply, [arg, func]) | (Primitive::Dirapply, [func, arg]) => {
                let apply = lam::Apply {
                    func: func.clone(),
                    args: vec![arg.clone()],
                    loc: loc.clone(),
                    tailcall: lam::TailcallAttribute::Default,
                    inlined: InlineAttribute::Default,
                };
                return self.close_apply(&apply);
            }
            (Primitive::Identity, [arg]) => return self.close(arg),
            (Primitive::SetGlobalField(field), [value]) => return self.close_set_global(*field, value),
            (Primitive::GetGlobal(unit), []) => return (Expr::Global(*unit), self.import(*unit)),
            (Primitive::GetGlobalField(unit, field), []) => return self.close_get_global_field(*unit, *field, loc),
            _ => {}
        }
        let closed: Vec<Closed> = args.iter().map(|arg| self.close(arg)).collect();
        let (args, approxes): (Vec<Expr>, Vec<Approx>) = closed.into_iter().unzip();
        self.simplify_prim(prim, args, &approxes, loc)
    }

    fn simplify_prim(
        &mut self,
        prim: &Primitive,
        args: Vec<Expr>,
        approxes: &[Approx],
        loc: &lam::ScopedLocation,
    ) -> Closed {
        // Asked only where it matters: it walks the arguments, and blocks nest.
        let is_pure = || args.iter().all(fold::is_pure);
        if let Some(constant) = fold::constant_prim(prim, approxes, self.config)
            && is_pure()
        {
            return self.constant(&constant);
        }
        let approx = match (prim, approxes) {
            (Primitive::MakeBlock(_, lam::Mutability::Immutable, _), fields) => Approx::Tuple(fields.to_vec().into()),
            // What is known of a block's fields does not change.
            (Primitive::Field(index, _), [block]) => block.field(*index),
            _ => Approx::Unknown,
        };
        match as_constant(&approx) {
            Some(constant) if is_pure() => (constant, approx),
            _ => (Expr::Prim(prim.clone(), args, place(loc)), approx),
        }
    }

    fn close_set_global(&mut self, field: usize, value: &Lambda) -> Closed {
        let (expr, approx) = self.close(value);
        if let Lambda::Var(id) = value {
            self.global_fields.insert(*id, field);
            if self.depth == 0 {
                // From here on it is read from the module block: the initialiser of a large unit
                // would otherwise keep every definition alive to its end.
                self.access.remove(id);
            }
        }
        if let Some(known) = self.globals.get_mut(field) {
            *known = approx;
        }
        unknown(Expr::Prim(Primitive::SetGlobalField(field), vec![expr], None))
    }

    fn close_get_global_field(&mut self, unit: Name, field: usize, loc: &lam::ScopedLocation) -> Closed {
        let approx = if unit == self.unit { self.globals[field].clone() } else { self.import(unit).field(field) };
        match as_constant(&approx) {
            Some(constant) => (constant, approx),
            None => (Expr::Prim(Primitive::GetGlobalField(unit, field), vec![], place(loc)), approx),
        }
    }

    // -----------------------------------------------------------------------------------------
    // Application

    fn close_apply(&mut self, apply: &lam::Apply) -> Closed {
        if let Lambda::Function(function) = &apply.func
            && function.kind == FunctionKind::Curried
            && function.params.len() == apply.args.len()
        {
            return self.close_beta(function, &apply.args);
        }
        if let Lambda::Apply(inner) = &apply.func {
            // `(f a) b`: one call where `f` is known to take both.
            let (_, approx) = self.peek(&inner.func);
            if matches!(&approx, Approx::Closure(desc, _) if desc.arity as usize == inner.args.len() + apply.args.len())
            {
                let mut joined = (**inner).clone();
                joined.args.extend(apply.args.iter().cloned());
                joined.loc = apply.loc.clone();
                return self.close_apply(&joined);
            }
        }
        let (func, approx) = self.close(&apply.func);
        let args: Vec<Closed> = apply.args.iter().map(|arg| self.close(arg)).collect();
        let Approx::Closure(desc, result) = &approx else {
            self.note_not_inlined(apply, "Unknown function");
            let args = args.into_iter().map(|(e, _)| e).collect();
            return unknown(self.generic_apply(func, args, apply));
        };
        let arity = desc.arity;
        if arity < 0 && args.len() == 1 {
            let args = self.untuple((-arity) as usize, &apply.args[0], args);
            return self.wrap_untupled(desc, result, func, args, apply);
        }
        let count = args.len() as i32;
        if arity == count {
            return self.direct_apply(desc, result, func, args, apply);
        }
        if arity > 0 && arity < count {
            let mut args = args;
            let rest = args.split_off(arity as usize);
            self.note_not_inlined(apply, "Over-application");
            // The remaining arguments are evaluated first: right to left.
            let mut bindings = Vec::new();
            let rest: Vec<Expr> = rest.into_iter().map(|(e, _)| self.name_arg(e, &mut bindings)).collect();
            let (inner, _) = self.direct_apply(desc, result, func, args, apply);
            let call = self.generic_apply(inner, rest, apply);
            return unknown(wrap_lets(bindings, call));
        }
        self.note_not_inlined(apply, if arity > count { "Partial application" } else { "Unknown function" });
        let args = args.into_iter().map(|(e, _)| e).collect();
        unknown(self.generic_apply(func, args, apply))
    }

    /// A call of a function that is not known, which takes [`MAX_ARITY`] arguments at once at most.
    fn generic_apply(&mut self, func: Expr, mut args: Vec<Expr>, apply: &lam::Apply) -> Expr {
        if args.len() <= MAX_ARITY {
            return Expr::GenericApply(Box::new(func), args, place(&apply.loc));
        }
        // Those of later calls are evaluated before.
        let mut bindings = Vec::new();
        let rest: Vec<Expr> = args.split_off(MAX_ARITY).into_iter().map(|e| self.name_arg(e, &mut bindings)).collect();
        let mut call = Expr::GenericApply(Box::new(func), args, place(&apply.loc));
        for chunk in rest.chunks(MAX_ARITY) {
            call = Expr::GenericApply(Box::new(call), chunk.to_vec(), place(&apply.loc));
        }
        wrap_lets(bindings, call)
    }

    /// A call with `[@inlined]` that stays one.
    fn note_not_inlined(&mut self, apply: &lam::Apply, why: &'static str) {
        if apply.inlined == InlineAttribute::Always {
            self.not_inlined.push((apply.loc.loc, why));
        }
    }

    /// What is known of a function expression, without converting anything but a path.
    fn peek(&mut self, func: &Lambda) -> Closed {
        match func {
            Lambda::Var(_) => self.close(func),
            Lambda::Prim(Primitive::GetGlobalField(..) | Primitive::Field(..), args, _) if args.iter().all(is_path) => {
                self.close(func)
            }
            _ => unknown(Expr::unit()),
        }
    }

    /// `(fun x … -> body) a …`
    fn close_beta(&mut self, function: &lam::Function, args: &[Lambda]) -> Closed {
        let closed: Vec<Closed> = args.iter().map(|arg| self.close(arg)).collect();
        let mut bindings = Vec::new();
        for ((id, kind), (expr, approx)) in function.params.iter().zip(closed) {
            self.approxes.insert(*id, approx);
            let var = self.bind(*id);
            bindings.push((var, *kind, expr));
        }
        let (body, approx) = self.close(&function.body);
        (wrap_lets(bindings, body), approx)
    }

    /// Gives a name to an argument unless it can be evaluated anywhere.
    fn name_arg(&mut self, arg: Expr, bindings: &mut Vec<(Var, ValueKind, Expr)>) -> Expr {
        if self.is_stable(&arg) {
            return arg;
        }
        let var = self.fresh_var();
        bindings.push((var, ValueKind::Generic, arg));
        Expr::Var(var)
    }

    /// The components of a tuple argument.
    fn untuple(
        &mut self,
        size: usize,
        _source: &Lambda,
        mut args: Vec<Closed>,
    ) -> (Vec<(Var, ValueKind, Expr)>, Vec<Closed>) {
        let (expr, approx) = args.remove(0);
        if let Expr::Prim(Primitive::MakeBlock(0, lam::Mutability::Immutable, _), fields, _) = expr {
            let parts = fields.into_iter().enumerate().map(|(i, e)| (e, approx.field(i))).collect();
            return (vec![], parts);
        }
        let mut bindings = Vec::new();
        let tuple = self.name_arg(expr, &mut bindings);
        let info = lam::FieldInfo { mutability: lam::Mutability::Immutable, pointerness: lam::Pointerness::Pointer };
        let parts = (0..size)
            .map(|i| (Expr::Prim(Primitive::Field(i, info), vec![tuple.clone()], None), approx.field(i)))
            .collect();
        (bindings, parts)
    }

    fn wrap_untupled(
        &mut self,
        desc: &Rc<FunDesc>,
        result: &Rc<Approx>,
        func: Expr,
        (bindings, args): (Vec<(Var, ValueKind, Expr)>, Vec<Closed>),
        apply: &lam::Apply,
    ) -> Closed {
        let (call, approx) = self.direct_apply(desc, result, func, args, apply);
        (wrap_lets(bindings, call), approx)
    }

    fn direct_apply(
        &mut self,
        desc: &Rc<FunDesc>,
        result: &Rc<Approx>,
        func: Expr,
        args: Vec<Closed>,
        apply: &lam::Apply,
    ) -> Closed {
        if let Some(inline) = &desc.inline
            && apply.inlined != InlineAttribute::Never
        {
            return self.inline_call(desc, inline.clone(), func, args, apply);
        }
        self.note_not_inlined(apply, "Function information unavailable");
        let mut args: Vec<Expr> = args.into_iter().map(|(e, _)| e).collect();
        let approx = (**result).clone();
        // The function is evaluated after its arguments, although it is passed last.
        let mut bindings = Vec::new();
        let func = if fold::is_pure(&func) {
            func
        } else {
            args = args.into_iter().map(|e| self.name_arg(e, &mut bindings)).collect();
            let mut own = Vec::new();
            let named = self.name_arg(func, &mut own);
            bindings.splice(0..0, own);
            named
        };
        if !desc.closed {
            args.push(func);
        }
        (wrap_lets(bindings, Expr::DirectApply(desc.label, args, place(&apply.loc))), approx)
    }

    fn inline_call(
        &mut self,
        desc: &FunDesc,
        inline: Rc<InlineBody>,
        func: Expr,
        args: Vec<Closed>,
        apply: &lam::Apply,
    ) -> Closed {
        let mut actuals: Vec<Closed> = args;
        let mut bindings = Vec::new();
        // The function is evaluated after its arguments.
        if desc.closed && !fold::is_pure(&func) {
            self.name_arg(func, &mut bindings);
        } else if !desc.closed {
            let named = self.name_arg(func, &mut bindings);
            actuals.push((named, Approx::Unknown));
        }
        let mut substitution = Substitution::new(self.next_var, self.next_label, place(&apply.loc));
        for ((param, kind), (actual, approx)) in inline.params.iter().zip(actuals) {
            match actual {
                actual if self.is_stable(&actual) => substitution.replace(*param, actual, approx),
                // `Some x` for a wrapper that looks at once what it is given: only `x` is needed.
                Expr::Prim(prim @ Primitive::MakeBlock(_, lam::Mutability::Immutable, _), mut parts, debug)
                    if parts.len() == 1 && fold::is_only_projected(*param, &inline.body) =>
                {
                    let var = substitution.fresh_var();
                    bindings.push((var, ValueKind::Generic, parts.remove(0)));
                    substitution.replace(*param, Expr::Prim(prim, vec![Expr::Var(var)], debug), approx);
                }
                actual => {
                    let var = substitution.fresh_var();
                    let known = as_constant(&approx).filter(|_| fold::is_pure(&actual));
                    bindings.push((var, *kind, actual));
                    substitution.replace(*param, known.unwrap_or(Expr::Var(var)), approx);
                }
            }
        }
        let (body, approx) = substitute::expr(&mut substitution, self.config, &inline.body);
        self.next_var = substitution.next_var();
        self.next_label = substitution.next_label();
        (wrap_lets(bindings, body), approx)
    }

    // -----------------------------------------------------------------------------------------
    // Functions

    fn close_function(&mut self, id: Option<Ident>, function: &lam::Function) -> Closed {
        let closed = self.close_functions(&[(id, function)]);
        let approx = closed.approxes.into_iter().next().unwrap_or_default();
        match closed.block {
            Some(block) => (block, approx),
            None => (as_constant(&approx).expect("a closed function has a static closure"), approx),
        }
    }

    fn close_functions(&mut self, group: &[(Option<Ident>, &lam::Function)]) -> ClosedFunctions {
        let captured = self.captured(group);
        let closed = captured.is_empty();
        let arities: Vec<i32> = group.iter().map(|(_, f)| arity(f)).collect();
        let (offsets, env_start) = closure_layout(arities.iter().copied());
        let mut labels = Vec::new();
        for ((id, _), arity) in group.iter().zip(&arities) {
            let stem = id.map_or_else(|| "fun".to_owned(), |id| id.name().to_string());
            let label = self.symbol(&stem);
            labels.push(label);
            if let Some(id) = id {
                let desc = FunDesc { label, arity: *arity, closed, inline: None, never_inline: true };
                self.approxes.insert(*id, Approx::Closure(Rc::new(desc), Rc::default()));
            }
        }
        let recursive: Vec<Ident> = group.iter().filter_map(|(id, _)| *id).collect();
        let context = GroupContext { captured: &captured, closed, offsets: &offsets, env_start, recursive: &recursive };
        let mut approxes = Vec::new();
        for (index, (id, function)) in group.iter().enumerate() {
            let approx = self.close_body(index, labels[index], arities[index], function, &context, group);
            if let Some(id) = id {
                self.approxes.insert(*id, approx.clone());
            }
            approxes.push(approx);
        }
        if closed {
            for (label, arity) in labels.iter().zip(&arities) {
                self.static_closures.push((closure_symbol(*label), *label, *arity));
            }
            return ClosedFunctions { block: None, offsets, approxes };
        }
        let values = captured.iter().map(|id| self.variable(*id).0).collect();
        let entries: Rc<[(Name, i32)]> = labels.into_iter().zip(arities).collect();
        let debug = place(&group[0].1.loc);
        ClosedFunctions { block: Some(Expr::Closure(entries, values, debug)), offsets, approxes }
    }

    /// The variables that the closure must hold: neither constants, nor fields of the module.
    fn captured(&mut self, group: &[(Option<Ident>, &lam::Function)]) -> Vec<Ident> {
        let mut free = Vec::new();
        for (_, function) in group {
            for id in free_variables(function) {
                let own = group.iter().any(|(name, _)| *name == Some(id));
                if !own && !free.contains(&id) && !self.is_static(id) {
                    free.push(id);
                }
            }
        }
        free
    }

    fn is_static(&self, id: Ident) -> bool {
        self.approxes.get(&id).is_some_and(|approx| as_constant(approx).is_some())
            || self.global_fields.contains_key(&id)
    }

    fn close_body(
        &mut self,
        index: usize,
        label: Name,
        arity: i32,
        function: &lam::Function,
        context: &GroupContext<'_>,
        group: &[(Option<Ident>, &lam::Function)],
    ) -> Approx {
        let outer_access = std::mem::take(&mut self.access);
        self.depth += 1;
        let mut params: Vec<(Var, ValueKind)> =
            function.params.iter().map(|(id, kind)| (self.bind(*id), *kind)).collect();
        if !context.closed {
            let env = self.fresh_var();
            params.push((env, ValueKind::Generic));
            let start = context.env_start - context.offsets[index];
            let info =
                lam::FieldInfo { mutability: lam::Mutability::Immutable, pointerness: lam::Pointerness::Pointer };
            for (position, id) in context.captured.iter().enumerate() {
                let field = Primitive::Field(start as usize + position, info);
                self.access.insert(*id, Expr::Prim(field, vec![Expr::Var(env)], None));
            }
            for ((id, _), offset) in group.iter().zip(context.offsets) {
                if let Some(id) = id {
                    self.access.insert(*id, offset_of(Expr::Var(env), offset - context.offsets[index]));
                }
            }
        }
        let defined = self.functions.len();
        let (body, result) = self.close(&function.body);
        self.depth -= 1;
        self.access = outer_access;
        let inline = match self.functions.len() == defined {
            true => self.inline_body(function, &params, &body, context),
            // Copies would share its functions, but upstream keeps such calls, and traces show them.
            false if function.attr.inline == InlineAttribute::Default && !function.attr.stub => None,
            false => self.inline_body(function, &params, &body, context),
        };
        let desc = FunDesc {
            label,
            arity,
            closed: context.closed,
            inline,
            never_inline: function.attr.inline == InlineAttribute::Never,
        };
        self.functions.push(Function {
            label,
            arity,
            params,
            return_kind: function.return_kind,
            body,
            place: place(&function.loc),
            poll_error: function.attr.poll_error,
        });
        Approx::Closure(Rc::new(desc), Rc::new(result))
    }

    fn inline_body(
        &self,
        function: &lam::Function,
        params: &[(Var, ValueKind)],
        body: &Expr,
        context: &GroupContext<'_>,
    ) -> Option<Rc<InlineBody>> {
        let limit = match function.attr.inline {
            InlineAttribute::Never => return None,
            InlineAttribute::Always | InlineAttribute::Hint => u32::MAX / 2,
            InlineAttribute::Default | InlineAttribute::Unroll(_) if function.attr.stub => u32::MAX / 2,
            InlineAttribute::Default | InlineAttribute::Unroll(_) => 3 * self.config.inline + params.len() as u32,
        };
        let free = free_variables(function);
        // The wrapper that fills in optional arguments calls the function proper, of the same group.
        let recursive = !function.attr.stub && context.recursive.iter().any(|id| free.contains(id));
        if recursive || !fold::fits(body, limit) {
            return None;
        }
        Some(Rc::new(InlineBody { params: params.to_vec(), body: body.clone() }))
    }
}

struct GroupContext<'a> {
    captured: &'a [Ident],
    closed: bool,
    offsets: &'a [i32],
    env_start: i32,
    recursive: &'a [Ident],
}

struct ClosedFunctions {
    /// The closure block, unless all functions are closed.
    block: Option<Expr>,
    offsets: Vec<i32>,
    approxes: Vec<Approx>,
}

fn arity(function: &lam::Function) -> i32 {
    let count = function.params.len() as i32;
    match function.kind {
        FunctionKind::Curried => count,
        FunctionKind::Tupled => -count,
    }
}

/// A name as a part of a symbol: linkers give a meaning to some characters.
fn assembler_name(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => text.push(char::from(byte)),
            _ => text.push_str(&format!("${byte:02x}")),
        }
    }
    text
}

/// The static closure of a closed function.
pub fn closure_symbol(label: Name) -> Name {
    Name::new(&format!("{label}.closure"))
}

fn unknown(expr: Expr) -> Closed {
    (expr, Approx::Unknown)
}

fn offset_of(block: Expr, offset: i32) -> Expr {
    if offset == 0 { block } else { Expr::Offset(Box::new(block), offset) }
}

/// The constant that a value is, if it is one: it then needs no variable.
pub fn as_constant(approx: &Approx) -> Option<Expr> {
    match approx {
        Approx::Const(constant) => Some(Expr::Const(constant.clone())),
        Approx::Symbol(symbol) => Some(Expr::Const(Const::Symbol(*symbol, None))),
        Approx::Closure(desc, _) if desc.closed => Some(Expr::Const(Const::Symbol(closure_symbol(desc.label), None))),
        _ => None,
    }
}

fn is_path(lambda: &Lambda) -> bool {
    match lambda {
        Lambda::Var(_) => true,
        Lambda::Prim(Primitive::GetGlobal(_) | Primitive::GetGlobalField(..) | Primitive::Field(..), args, _) => {
            args.iter().all(is_path)
        }
        _ => false,
    }
}

/// Binds variables around a body; the last is evaluated first.
fn wrap_lets(bindings: Vec<(Var, ValueKind, Expr)>, body: Expr) -> Expr {
    bindings.into_iter().fold(body, |body, (var, kind, def)| clambda_let(var, kind, def, body))
}

fn clambda_let(var: Var, kind: ValueKind, def: Expr, body: Expr) -> Expr {
    clambda::Expr::Let(false, kind, var, Box::new(def), Box::new(body))
}

/// A key under which equal constants meet. Floats are compared by their bits.
fn postcard_key(constant: &StructuredConstant) -> Vec<u8> {
    let mut key = Vec::new();
    fold::write_key(constant, &mut key);
    key
}
