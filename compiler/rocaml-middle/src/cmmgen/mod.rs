//! Clambda to Cmm: representations, unboxing, control flow. Upstream's `Cmmgen` and `Cmm_helpers`.
//!
//! Numbers that are boxed where they are bound and unboxed where they are used never exist boxed:
//! a variable whose definition boxes holds the number itself ([`Binding::Unboxed`]), and is boxed
//! again only where a value is needed.

mod arrays;
mod bigarrays;
mod build;
mod data;
mod numbers;
mod poll_error;
mod polling;
mod prims;
mod sends;
mod strings;
mod switch;

use crate::clambda::{
    self, Const as ClambdaConst, Debug as Place, Expr as Clambda, Function, Label, Unit, Var, closure_layout,
};
use crate::closure::Config;
use crate::cmm::{self, Chunk, Const, DebugInfo, Expr, Handler, IntCompare, LabelId, Op, Symbol, Type, VarId};
use build::*;
use data::DataWriter;
use rocaml_base::Name;
use rocaml_lambda::lambda::{StructuredConstant, ValueKind};
use rocaml_syntax::asttypes::DirectionFlag;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// Closed functions with at most this many parameters are their own closure code: the
/// environment that a caller passes besides stands in a register and is ignored (ABI §2).
const MAX_PARAMS_IGNORING_ENVIRONMENT: usize = 3;

/// Lowers a unit.
///
/// The error is what is wrong with a function that promises not to poll.
pub fn lower(unit: Unit, config: &Config) -> (cmm::Unit, Option<String>) {
    let mut generator = Generator::new(unit.name, config);
    generator.data.constants(&unit.constants);
    for (symbol, constant) in &unit.constants {
        generator.know(*symbol, constant);
    }
    let module = module_symbol(unit.name);
    generator.data.module_block(module, unit.module_block_size);
    for (symbol, code, arity) in &unit.static_closures {
        generator.static_closure(*symbol, *code, *arity);
    }
    generator.future = unit.functions.iter().map(|function| function.label).collect();
    let mut functions: Vec<cmm::Function> = unit.functions.iter().map(|f| generator.function(f)).collect();
    functions.append(&mut generator.wrappers);
    let entry = generator.entry(&unit.initializer);
    let entry_symbol = entry.symbol;
    functions.push(entry);
    let error = generator.error;
    let unit = cmm::Unit {
        name: unit.name,
        functions,
        data: generator.data.data,
        gc_roots: vec![module],
        entry: entry_symbol,
        apply_arities: generator.apply_arities.into_iter().collect(),
        curry_arities: generator.curry_arities.into_iter().collect(),
        tuplify_arities: generator.tuplify_arities.into_iter().collect(),
    };
    (unit, error)
}

/// The module block of a unit.
pub fn module_symbol(unit: Name) -> Symbol {
    Name::new(&format!("caml{unit}"))
}

/// How a Clambda variable is held.
#[derive(Clone, Copy)]
enum Binding {
    /// As a value, or as a tagged integer that is no root.
    Plain(VarId),
    /// As the number itself.
    Unboxed(Boxed, VarId),
}

struct Generator<'a> {
    unit: Name,
    config: &'a Config,
    data: DataWriter,
    /// Numbers in static data.
    known: HashMap<Symbol, Const>,
    wrappers: Vec<cmm::Function>,
    apply_arities: BTreeSet<u32>,
    curry_arities: BTreeSet<u32>,
    tuplify_arities: BTreeSet<u32>,
    /// The functions that are not done yet.
    future: HashSet<Symbol>,
    /// The first complaint about a function.
    error: Option<String>,
    // Of the function being lowered:
    /// Places are kept: for debug information, or for a complaint.
    keeps_places: bool,
    bindings: HashMap<Var, Binding>,
    labels: HashMap<Label, (LabelId, Vec<Option<Boxed>>)>,
    /// Variables that are assigned: reading one is not the same everywhere.
    mutable: HashSet<VarId>,
    next_var: u32,
    next_label: u32,
    /// What is being lowered may run several times: it is in a function or in a loop.
    repeated: bool,
    /// Number of caches of method calls.
    next_cache: u32,
}

impl<'a> Generator<'a> {
    fn new(unit: Name, config: &'a Config) -> Generator<'a> {
        Generator {
            unit,
            config,
            data: DataWriter::new(config.big_endian),
            known: HashMap::new(),
            wrappers: Vec::new(),
            apply_arities: BTreeSet::new(),
            curry_arities: BTreeSet::new(),
            tuplify_arities: BTreeSet::new(),
            future: HashSet::new(),
            error: None,
            keeps_places: config.debug,
            bindings: HashMap::new(),
            labels: HashMap::new(),
            mutable: HashSet::new(),
            next_var: 0,
            next_label: 0,
            repeated: true,
            next_cache: 0,
        }
    }

    fn know(&mut self, symbol: Symbol, constant: &StructuredConstant) {
        let number = match constant {
            StructuredConstant::Float(x) => Const::Float(x.to_bits()),
            StructuredConstant::Int32(n) => Const::Int(i64::from(*n)),
            StructuredConstant::Int64(n) | StructuredConstant::Nativeint(n) => Const::Int(*n),
            _ => return,
        };
        self.known.insert(symbol, number);
    }

    fn fresh_var(&mut self) -> VarId {
        self.next_var += 1;
        VarId(self.next_var - 1)
    }

    fn fresh_label(&mut self) -> LabelId {
        self.next_label += 1;
        LabelId(self.next_label - 1)
    }

    /// Gives a name to an operand that is used several times.
    fn bind(&mut self, e: Expr, ty: Type, body: impl FnOnce(&mut Self, Expr) -> Expr) -> Expr {
        let stable = match &e {
            Expr::Var(id) => !self.mutable.contains(id),
            Expr::Const(_) => true,
            _ => false,
        };
        if stable {
            return body(self, e);
        }
        let id = self.fresh_var();
        let body = body(self, Expr::Var(id));
        Expr::Let(id, ty, Box::new(e), Box::new(body))
    }

    fn debug(&self, place: &Place) -> cmm::Debug {
        if self.keeps_places { place.as_ref().map(|p| Rc::new(debug_info(p))) } else { None }
    }

    // -----------------------------------------------------------------------------------------
    // Functions

    fn start_function(&mut self) {
        self.bindings.clear();
        self.labels.clear();
        self.mutable.clear();
        self.next_var = 0;
        self.next_label = 0;
    }

    fn function(&mut self, function: &Function) -> cmm::Function {
        self.start_function();
        let params: Vec<(VarId, Type)> = function
            .params
            .iter()
            .map(|(var, kind)| {
                let id = self.fresh_var();
                self.bindings.insert(*var, Binding::Plain(id));
                (id, kind_type(*kind))
            })
            .collect();
        self.keeps_places = self.config.debug || function.poll_error;
        let body = self.transl(&function.body);
        self.keeps_places = self.config.debug;
        let debug = self.debug(&function.place);
        let lowered = self.finish_function(function.label, params, body, debug);
        if function.poll_error && self.error.is_none() {
            self.error = poll_error::complaint(&lowered.body);
        }
        self.future.remove(&function.label);
        lowered
    }

    fn finish_function(
        &mut self,
        symbol: Symbol,
        params: Vec<(VarId, Type)>,
        body: Expr,
        debug: cmm::Debug,
    ) -> cmm::Function {
        let mut function = cmm::Function {
            symbol,
            params,
            result: Type::Val,
            body,
            debug,
            num_vars: self.next_var,
            num_labels: self.next_label,
            exported: true,
        };
        polling::instrument(&mut function, &self.future);
        function
    }

    fn entry(&mut self, initializer: &Clambda) -> cmm::Function {
        self.start_function();
        self.repeated = false;
        let effect = self.transl(initializer);
        let symbol = Name::new(&format!("caml{}.entry", self.unit));
        self.finish_function(symbol, vec![], returning_unit(effect), None)
    }

    /// The static closure of a closed function, and the code that it needs besides.
    fn static_closure(&mut self, symbol: Symbol, code: Symbol, arity: i32) {
        let params = arity.unsigned_abs() as usize;
        let code = if params <= MAX_PARAMS_IGNORING_ENVIRONMENT { code } else { self.wrapper(code, params) };
        let curry = self.curry(arity);
        self.data.closure(symbol, code, arity, curry);
    }

    /// Code that takes an environment, which it ignores, before it calls a closed function.
    fn wrapper(&mut self, code: Symbol, params: usize) -> Symbol {
        let symbol = Name::new(&format!("{code}.code"));
        let vars: Vec<(VarId, Type)> = (0..=params as u32).map(|i| (VarId(i), Type::Val)).collect();
        let args = vars[..params].iter().map(|(id, _)| Expr::Var(*id)).collect();
        self.wrappers.push(cmm::Function {
            symbol,
            params: vars,
            result: Type::Val,
            body: direct_call(code, args, None),
            debug: None,
            num_vars: params as u32 + 1,
            num_labels: 0,
            exported: false,
        });
        symbol
    }

    /// What stands in field 0 of a closure of this arity, unless it is the code itself.
    fn curry(&mut self, arity: i32) -> Option<Symbol> {
        let count = arity.unsigned_abs();
        if arity < 0 {
            self.tuplify_arities.insert(count);
            return Some(Name::new(&format!("caml_tuplify{count}")));
        }
        if arity <= 1 {
            return None;
        }
        self.curry_arities.insert(count);
        Some(Name::new(&format!("caml_curry{count}")))
    }

    fn closure(&mut self, entries: &[(Name, i32)], captured: &[Clambda], place: &Place) -> Expr {
        let (_, env_start) = closure_layout(entries.iter().map(|(_, arity)| *arity));
        let mut fields = Vec::new();
        let mut position = 0;
        for (code, arity) in entries {
            if position > 0 {
                position += 1;
                fields.push(int(header(INFIX_TAG, position as usize) as i64));
            }
            let info = int(closure_info(*arity, env_start - position));
            match self.curry(*arity) {
                None => fields.extend([code_symbol(*code), info]),
                Some(curry) => fields.extend([code_symbol(curry), info, code_symbol(*code)]),
            }
            position = fields.len() as i32;
        }
        fields.extend(captured.iter().map(|e| self.transl(e)));
        self.alloc_block(CLOSURE_TAG, fields, self.debug(place))
    }

    /// Allocates a block of values, in the major heap when it is large.
    fn alloc_block(&mut self, tag: u64, fields: Vec<Expr>, debug: cmm::Debug) -> Expr {
        let words = fields.len();
        if words == 0 {
            return symbol(Name::new("caml_atom0"));
        }
        if words <= MAX_YOUNG_WORDS {
            return alloc(header(tag, words), cmm::AllocKind::Words, fields, debug);
        }
        // The fields are values: they are computed first, then the block is filled.
        let names: Vec<VarId> = fields.iter().map(|_| self.fresh_var()).collect();
        let block = self.fresh_var();
        let mut body = Expr::Var(block);
        for (index, name) in names.iter().enumerate().rev() {
            let address = add_const(Expr::Op(Op::ValAsInt, vec![Expr::Var(block)], None), index as i64 * 8);
            let store = ext_call(
                "caml_initialize",
                &[Type::Int, Type::Val],
                Type::Void,
                Effect::Leaf,
                vec![address, Expr::Var(*name)],
                None,
            );
            body = Expr::Sequence(Box::new(store), Box::new(body));
        }
        let args = vec![int(words as i64), int(tag as i64)];
        let allocation =
            ext_call("caml_alloc_shr_check_gc", &[Type::Int, Type::Int], Type::Val, Effect::Alloc, args, debug);
        body = Expr::Let(block, Type::Val, Box::new(allocation), Box::new(body));
        // Right to left: the last field is evaluated first.
        names
            .into_iter()
            .zip(fields)
            .fold(body, |body, (name, field)| Expr::Let(name, Type::Val, Box::new(field), Box::new(body)))
    }

    // -----------------------------------------------------------------------------------------
    // Expressions

    /// Lowers to a value.
    fn transl(&mut self, e: &Clambda) -> Expr {
        stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.transl_node(e))
    }

    fn transl_list(&mut self, exprs: &[Clambda]) -> Vec<Expr> {
        exprs.iter().map(|e| self.transl(e)).collect()
    }

    fn transl_node(&mut self, e: &Clambda) -> Expr {
        match e {
            Clambda::Var(v) => match self.binding(*v) {
                Binding::Plain(id) => Expr::Var(id),
                Binding::Unboxed(kind, id) => box_number(kind, Expr::Var(id), self.config.big_endian, None),
            },
            Clambda::Const(constant) => self.constant(constant),
            Clambda::Global(unit) => symbol(module_symbol(*unit)),
            Clambda::DirectApply(label, args, place) => direct_call(*label, self.transl_list(args), self.debug(place)),
            Clambda::GenericApply(func, args, place) => self.generic_apply(func, args, place),
            Clambda::Closure(entries, captured, place) => self.closure(entries, captured, place),
            Clambda::Offset(block, words) => {
                // An infix pointer is a value of its own.
                let block = Expr::Op(Op::ValAsInt, vec![self.transl(block)], None);
                Expr::Op(Op::IntAsVal, vec![add_const(block, i64::from(*words) * 8)], None)
            }
            Clambda::Let(mutable, kind, var, def, body) => self.transl_let(*mutable, *kind, *var, def, body),
            Clambda::Prim(prim, args, place) => self.prim(prim, args, place),
            Clambda::Switch(scrutinee, switch, _) => self.transl_switch(scrutinee, switch),
            Clambda::StringSwitch(scrutinee, cases, default) => {
                self.string_switch(scrutinee, cases, default.as_deref())
            }
            Clambda::StaticFail(label, args) => self.static_fail(*label, args),
            Clambda::Catch(label, vars, body, handler) => self.catch(*label, vars, body, handler),
            Clambda::TryWith(body, var, handler) => {
                let body = self.transl(body);
                let id = self.fresh_var();
                self.bindings.insert(*var, Binding::Plain(id));
                let handler = self.transl(handler);
                Expr::TryWith(Box::new(body), id, Box::new(handler))
            }
            Clambda::IfThenElse(condition, then, otherwise) => {
                let condition = self.condition(condition);
                Expr::If(Box::new(condition), Box::new(self.transl(then)), Box::new(self.transl(otherwise)))
            }
            Clambda::Sequence(first, second) => {
                let first = self.effect(first);
                Expr::Sequence(Box::new(first), Box::new(self.transl(second)))
            }
            Clambda::While(condition, body) => self.transl_while(condition, body),
            Clambda::For(var, from, to, direction, body) => self.transl_for(*var, from, to, *direction, body),
            Clambda::Assign(var, value) => {
                let assignment = match self.binding(*var) {
                    Binding::Plain(id) => Expr::Assign(id, Box::new(self.transl(value))),
                    Binding::Unboxed(kind, id) => Expr::Assign(id, Box::new(self.unboxed(kind, value))),
                };
                returning_unit(assignment)
            }
            Clambda::Send(kind, method, object, args, place) => self.send(*kind, method, object, args, place),
        }
    }

    fn binding(&self, var: Var) -> Binding {
        *self.bindings.get(&var).unwrap_or_else(|| panic!("cmmgen: variable {var} is unbound in unit {}", self.unit))
    }

    /// Lowers for the effect.
    fn effect(&mut self, e: &Clambda) -> Expr {
        match self.transl(e) {
            Expr::Sequence(effect, value) if matches!(*value, Expr::Const(_)) => *effect,
            e => e,
        }
    }

    fn constant(&mut self, constant: &ClambdaConst) -> Expr {
        match constant {
            ClambdaConst::Int(n) => tagged(*n),
            ClambdaConst::Symbol(name, contents) => {
                if let Some(contents) = contents {
                    self.know(*name, contents);
                }
                symbol(*name)
            }
        }
    }

    /// Lowers to a number of this kind in a register.
    fn unboxed(&mut self, kind: Boxed, e: &Clambda) -> Expr {
        if let Clambda::Var(v) = e
            && let Binding::Unboxed(found, id) = self.binding(*v)
            && found == kind
        {
            return Expr::Var(id);
        }
        let boxed = self.transl(e);
        self.unbox(kind, boxed)
    }

    fn unbox(&self, kind: Boxed, e: Expr) -> Expr {
        unbox_number(kind, e, self.config.big_endian, &|symbol| self.known.get(&symbol).cloned())
    }

    /// Lowers to a machine integer.
    fn untagged(&mut self, e: &Clambda) -> Expr {
        untag_int(self.transl(e))
    }

    /// Lowers to a condition: a machine integer that is zero for false.
    fn condition(&mut self, e: &Clambda) -> Expr {
        use rocaml_lambda::lambda::Primitive as P;
        match e {
            Clambda::Prim(P::Not, args, _) => negate(self.condition(&args[0])),
            Clambda::Prim(P::SequAnd, args, _) => {
                let (a, b) = (self.condition(&args[0]), self.condition(&args[1]));
                Expr::If(Box::new(a), Box::new(b), Box::new(int(0)))
            }
            Clambda::Prim(P::SequOr, args, _) => {
                let (a, b) = (self.condition(&args[0]), self.condition(&args[1]));
                Expr::If(Box::new(a), Box::new(int(1)), Box::new(b))
            }
            Clambda::IfThenElse(c, a, b) => {
                let c = self.condition(c);
                Expr::If(Box::new(c), Box::new(self.condition(a)), Box::new(self.condition(b)))
            }
            Clambda::Sequence(first, second) => {
                let first = self.effect(first);
                Expr::Sequence(Box::new(first), Box::new(self.condition(second)))
            }
            _ => test_bool(self.transl(e)),
        }
    }

    fn transl_let(&mut self, mutable: bool, kind: ValueKind, var: Var, def: &Clambda, body: &Clambda) -> Expr {
        let def = self.transl(def);
        let boxed = match (mutable, boxed_kind(kind)) {
            // All that is assigned is of the declared kind.
            (true, declared) => declared,
            (false, _) => self.boxed_tail(&def).flatten(),
        };
        let id = self.fresh_var();
        if mutable {
            self.mutable.insert(id);
        }
        let make = if mutable { Expr::LetMut } else { Expr::Let };
        match boxed {
            Some(boxed) => {
                let def = self.unbox(boxed, def);
                self.bindings.insert(var, Binding::Unboxed(boxed, id));
                make(id, boxed.unboxed_type(), Box::new(def), Box::new(self.transl(body)))
            }
            None => {
                self.bindings.insert(var, Binding::Plain(id));
                make(id, kind_type(kind), Box::new(def), Box::new(self.transl(body)))
            }
        }
    }

    /// The number that every tail of an expression boxes: `None` if there is no tail (it never
    /// yields), `Some(None)` if the tails are not all boxed numbers of one kind.
    fn boxed_tail(&self, e: &Expr) -> Option<Option<Boxed>> {
        let join = |tails: Vec<Option<Option<Boxed>>>| {
            let mut known: Option<Option<Boxed>> = None;
            for tail in tails.into_iter().flatten() {
                known = Some(match known {
                    None => tail,
                    Some(other) if other == tail => tail,
                    Some(_) => None,
                });
            }
            known
        };
        match e {
            Expr::Op(Op::Alloc { header, .. }, fields, _) => Some(allocated_number(*header, fields)),
            Expr::Op(Op::Raise(_), ..) | Expr::Exit(..) => None,
            Expr::Let(_, _, _, body) | Expr::LetMut(_, _, _, body) | Expr::Sequence(_, body) => self.boxed_tail(body),
            Expr::If(_, a, b) => join(vec![self.boxed_tail(a), self.boxed_tail(b)]),
            Expr::Switch(_, _, cases) => join(cases.iter().map(|case| self.boxed_tail(case)).collect()),
            Expr::Catch { handlers, body, .. } => {
                let mut tails: Vec<_> = handlers.iter().map(|h| self.boxed_tail(&h.body)).collect();
                tails.push(self.boxed_tail(body));
                join(tails)
            }
            Expr::TryWith(body, _, handler) => join(vec![self.boxed_tail(body), self.boxed_tail(handler)]),
            _ => Some(None),
        }
    }

    // -----------------------------------------------------------------------------------------
    // Calls

    fn generic_apply(&mut self, func: &Clambda, args: &[Clambda], place: &Place) -> Expr {
        let debug = self.debug(place);
        let args = self.transl_list(args);
        let func = self.transl(func);
        self.apply(func, args, debug)
    }

    fn apply(&mut self, func: Expr, mut args: Vec<Expr>, debug: cmm::Debug) -> Expr {
        if args.len() == 1 {
            return self.bind(func, Type::Val, |_, func| {
                let code = load(Chunk::WordInt, false, func.clone(), 0);
                args.push(func);
                indirect_call(code, args, debug)
            });
        }
        let count = args.len() as u32;
        self.apply_arities.insert(count);
        args.push(func);
        direct_call(Name::new(&format!("caml_apply{count}")), args, debug)
    }

    // -----------------------------------------------------------------------------------------
    // Control flow

    fn static_fail(&mut self, label: Label, args: &[Clambda]) -> Expr {
        let (target, kinds) =
            self.labels.get(&label).cloned().unwrap_or_else(|| panic!("cmmgen: handler {label} is unbound"));
        let args = args
            .iter()
            .zip(kinds)
            .map(|(arg, kind)| match kind {
                Some(kind) => self.unboxed(kind, arg),
                None => self.transl(arg),
            })
            .collect();
        Expr::Exit(target, args)
    }

    fn catch(&mut self, label: Label, vars: &[(Var, ValueKind)], body: &Clambda, handler: &Clambda) -> Expr {
        let target = self.fresh_label();
        let kinds: Vec<Option<Boxed>> = vars.iter().map(|(_, kind)| boxed_kind(*kind)).collect();
        self.labels.insert(label, (target, kinds.clone()));
        let body = self.transl(body);
        let mut params = Vec::new();
        for ((var, kind), boxed) in vars.iter().zip(kinds) {
            let id = self.fresh_var();
            let (binding, ty) = match boxed {
                Some(boxed) => (Binding::Unboxed(boxed, id), boxed.unboxed_type()),
                None => (Binding::Plain(id), kind_type(*kind)),
            };
            self.bindings.insert(*var, binding);
            params.push((id, ty));
        }
        let handler = Handler { label: target, params, body: self.transl(handler), cold: false };
        Expr::Catch { recursive: false, handlers: vec![handler], body: Box::new(body) }
    }

    /// A loop: the handler runs `body` and jumps back as the body says.
    fn make_loop(&mut self, body: impl FnOnce(&mut Self, LabelId) -> Expr) -> Expr {
        let label = self.fresh_label();
        let around = std::mem::replace(&mut self.repeated, true);
        let body = body(self, label);
        self.repeated = around;
        let handler = Handler { label, params: vec![], body, cold: false };
        Expr::Catch { recursive: true, handlers: vec![handler], body: Box::new(Expr::Exit(label, vec![])) }
    }

    fn transl_while(&mut self, condition: &Clambda, body: &Clambda) -> Expr {
        // Inverted: the test stands at the end too, so that an iteration has one branch.
        let first = self.condition(condition);
        let looping = self.make_loop(|this, label| {
            let body = this.effect(body);
            let again = this.condition(condition);
            let next = Expr::If(Box::new(again), Box::new(Expr::Exit(label, vec![])), Box::new(unit()));
            sequence([body], next)
        });
        Expr::If(Box::new(first), Box::new(looping), Box::new(unit()))
    }

    fn transl_for(&mut self, var: Var, from: &Clambda, to: &Clambda, direction: DirectionFlag, body: &Clambda) -> Expr {
        let (from, to) = (self.transl(from), self.transl(to));
        let (index, bound) = (self.fresh_var(), self.fresh_var());
        // Assigned between iterations only: within the body it is stable.
        self.bindings.insert(var, Binding::Plain(index));
        let (past, step) = match direction {
            DirectionFlag::Upto => (IntCompare::Gt, 2),
            DirectionFlag::Downto => (IntCompare::Lt, -2),
        };
        let looping = self.make_loop(|this, label| {
            let body = this.effect(body);
            // The last iteration is found by equality: the bound may be the largest integer.
            let advance = Expr::Assign(index, Box::new(add_const(Expr::Var(index), step)));
            let again = Expr::Sequence(Box::new(advance), Box::new(Expr::Exit(label, vec![])));
            let last = compare(IntCompare::Eq, Expr::Var(index), Expr::Var(bound));
            let next = Expr::If(Box::new(last), Box::new(unit()), Box::new(again));
            sequence([body], next)
        });
        let empty = compare(past, Expr::Var(index), Expr::Var(bound));
        let guarded = Expr::If(Box::new(empty), Box::new(unit()), Box::new(looping));
        // The start is evaluated before the bound: it must be a variable before that, too.
        let with_bound = Expr::Let(bound, Type::Int, Box::new(to), Box::new(guarded));
        Expr::LetMut(index, Type::Int, Box::new(from), Box::new(with_bound))
    }

    fn transl_switch(&mut self, scrutinee: &Clambda, switch: &clambda::Switch) -> Expr {
        let scrutinee = self.transl(scrutinee);
        let consts: Vec<Expr> = self.transl_list(&switch.const_cases);
        let blocks: Vec<Expr> = self.transl_list(&switch.block_cases);
        self.bind(scrutinee, Type::Val, |this, value| {
            if blocks.is_empty() {
                return this.switch_on(untag_int(value), &switch.index_consts, consts);
            }
            let tag = load_tag(value.clone(), this.config.big_endian);
            let by_tag = this.switch_on(tag, &switch.index_blocks, blocks);
            if consts.is_empty() {
                return by_tag;
            }
            let is_int = op2(Op::Andi, Expr::Op(Op::ValAsInt, vec![value.clone()], None), int(1));
            let by_const = this.switch_on(untag_int(value), &switch.index_consts, consts);
            Expr::If(Box::new(is_int), Box::new(by_const), Box::new(by_tag))
        })
    }

    fn switch_on(&mut self, scrutinee: Expr, index: &[u32], cases: Vec<Expr>) -> Expr {
        if index.iter().all(|case| *case == index[0]) {
            // Nothing depends on the scrutinee, whose evaluation has no effect.
            return cases.into_iter().nth(index[0] as usize).unwrap_or_else(unit);
        }
        let id = self.fresh_var();
        let body = switch::switch(id, index, cases, &mut || self.fresh_label());
        Expr::Let(id, Type::Int, Box::new(scrutinee), Box::new(body))
    }
}

/// The type of a variable of this kind that is not unboxed.
fn kind_type(kind: ValueKind) -> Type {
    if kind == ValueKind::Int { Type::Int } else { Type::Val }
}

/// What a value of this kind boxes.
fn boxed_kind(kind: ValueKind) -> Option<Boxed> {
    match kind {
        ValueKind::Float => Some(Boxed::Float),
        ValueKind::BoxedInteger(integer) => Some(Boxed::Integer(integer)),
        ValueKind::Int | ValueKind::Generic => None,
    }
}

/// Effects in order, then the last.
fn sequence<const N: usize>(effects: [Expr; N], last: Expr) -> Expr {
    effects.into_iter().rev().fold(last, |rest, effect| Expr::Sequence(Box::new(effect), Box::new(rest)))
}

fn debug_info(place: &clambda::Place) -> DebugInfo {
    DebugInfo {
        loc: place.loc,
        scope: place.scope.clone(),
        next: place.next.as_ref().map(|next| Rc::new(debug_info(next))),
    }
}
