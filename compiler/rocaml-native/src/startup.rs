//! The startup object, as Cmm: the table of units, and the functions that apply closures to a
//! number of arguments that is not theirs (`caml_applyN`, `caml_curryN`, `caml_tuplifyN`).

use rocaml_base::Name;
use rocaml_index::Idx;
use rocaml_middle::cmm::{
    AllocKind, Callee, Chunk, Const, DataItem, Expr, Function, IntCompare, Op, Signature, Type, Unit, VarId,
};

/// What the units of a link ask for.
#[derive(Clone, Debug, Default)]
pub struct Startup {
    /// Names of units, in link order.
    pub units: Vec<String>,
    pub apply_arities: Vec<u32>,
    pub curry_arities: Vec<u32>,
    pub tuplify_arities: Vec<u32>,
}

const UNIT: &str = "_startup";
const CLOSURE_TAG: u64 = 247;

/// The unit `_startup`.
pub fn unit(startup: &Startup) -> Unit {
    // Callbacks and effect handlers use the first two.
    let apply = sorted([2, 3].iter().chain(&startup.apply_arities), 2);
    let curry = sorted(startup.curry_arities.iter(), 2);
    let tuplify = sorted(startup.tuplify_arities.iter(), 1);
    let mut functions: Vec<Function> = apply.iter().flat_map(|&arity| apply_functions(arity)).collect();
    for &arity in &curry {
        curry_functions(arity, &mut functions);
    }
    functions.extend(tuplify.iter().map(|&arity| tuplify_function(arity)));
    Unit {
        name: Name::new(UNIT),
        functions,
        data: unit_table(&startup.units),
        gc_roots: Vec::new(),
        entry: Name::new("caml_startup.entry"),
        apply_arities: apply,
        curry_arities: curry,
        tuplify_arities: tuplify,
    }
}

fn sorted<'a>(arities: impl Iterator<Item = &'a u32>, least: u32) -> Vec<u32> {
    let mut arities: Vec<u32> = arities.copied().filter(|&arity| arity >= least).collect();
    arities.sort_unstable();
    arities.dedup();
    arities
}

// ---- the table of units ----

fn unit_table(units: &[String]) -> Vec<Vec<DataItem>> {
    let mut table = vec![DataItem::Align(8), DataItem::GlobalSymbol(Name::new("caml_unit_table"))];
    let mut names = Vec::new();
    table.push(DataItem::Word(0));
    push_row(&mut table, &mut names, UNIT, 0);
    for (index, unit) in units.iter().enumerate() {
        table.push(address(format!("caml{unit}.entry")));
        push_row(&mut table, &mut names, unit, index + 1);
    }
    table.extend((0..6).map(|_| DataItem::Word(0)));
    vec![table, names]
}

/// A row but for its entry.
fn push_row(table: &mut Vec<DataItem>, names: &mut Vec<DataItem>, unit: &str, index: usize) {
    for part in ["gc_roots", "frametable", "code_begin", "code_end"] {
        table.push(address(format!("caml{unit}.{part}")));
    }
    let symbol = Name::new(&format!("caml_startup.name_{index}"));
    table.push(DataItem::SymbolAddress(symbol, 0));
    names.push(DataItem::LocalSymbol(symbol));
    names.push(DataItem::Bytes([unit.as_bytes(), &[0]].concat().into()));
}

fn address(symbol: String) -> DataItem {
    DataItem::SymbolAddress(Name::new(&symbol), 0)
}

// ---- expressions ----

/// Gives out the variables of a function.
struct Vars(u32);

impl Vars {
    fn fresh(&mut self) -> VarId {
        self.0 += 1;
        VarId::new(self.0 as usize - 1)
    }

    fn many(&mut self, count: u32) -> Vec<VarId> {
        (0..count).map(|_| self.fresh()).collect()
    }
}

fn int(value: i64) -> Expr {
    Expr::Const(Const::Int(value))
}

fn op(op: Op, operands: Vec<Expr>) -> Expr {
    Expr::Op(op, operands, None)
}

fn field(chunk: Chunk, block: VarId, index: i32) -> Expr {
    op(Op::Load { chunk, mutable: false, offset: 8 * index, atomic: false }, vec![Expr::Var(block)])
}

/// Calls a code address on values, the closure being the last.
fn call(code: Expr, arguments: Vec<Expr>) -> Expr {
    let signature = Signature { params: arguments.iter().map(|_| Type::Val).collect(), result: Type::Val };
    let mut operands = vec![code];
    operands.extend(arguments);
    op(Op::Apply(Callee::Indirect(signature)), operands)
}

fn code_symbol(symbol: &str) -> Expr {
    Expr::Const(Const::Symbol(Name::new(symbol), Type::Int))
}

fn info(arity: u32, start_of_environment: u32) -> Expr {
    int(i64::from(arity) << 56 | i64::from(start_of_environment) << 1 | 1)
}

fn alloc_closure(fields: Vec<Expr>) -> Expr {
    let header = (fields.len() as u64) << 10 | CLOSURE_TAG;
    op(Op::Alloc { header, kind: AllocKind::Words }, fields)
}

fn function(symbol: &str, params: &[VarId], body: Expr, vars: Vars) -> Function {
    Function {
        symbol: Name::new(symbol),
        params: params.iter().map(|&var| (var, Type::Val)).collect(),
        result: Type::Val,
        body,
        debug: None,
        num_vars: vars.0,
        num_labels: 0,
        exported: true,
    }
}

// ---- application ----

/// `caml_applyN(a1 … aN, closure)`: the code for N arguments if the arity is N, else one by one.
/// The latter is a function of its own, so that the former needs no frame.
fn apply_functions(arity: u32) -> [Function; 2] {
    let in_turn = format!("caml_apply{arity}.in_turn");
    let params = |vars: &mut Vars| {
        let arguments = vars.many(arity);
        (arguments, vars.fresh())
    };
    let values = |arguments: &[VarId], closure| arguments.iter().chain([&closure]).map(|&var| Expr::Var(var)).collect();

    let mut vars = Vars(0);
    let (mut arguments, closure) = params(&mut vars);
    let shift = op(Op::Asri, vec![field(Chunk::WordInt, closure, 1), int(56)]);
    let fits = op(Op::CmpI(IntCompare::Eq), vec![shift, int(i64::from(arity))]);
    let at_once = call(field(Chunk::WordInt, closure, 2), values(&arguments, closure));
    let signature = Signature { params: vec![Type::Val; arity as usize + 1].into(), result: Type::Val };
    let otherwise = op(Op::Apply(Callee::Direct(Name::new(&in_turn), signature)), values(&arguments, closure));
    let body = Expr::If(Box::new(fits), Box::new(at_once), Box::new(otherwise));
    arguments.push(closure);
    let fast = function(&format!("caml_apply{arity}"), &arguments, body, vars);

    let mut vars = Vars(0);
    let (mut arguments, closure) = params(&mut vars);
    let body = apply_in_turn(&arguments, closure, &mut vars);
    arguments.push(closure);
    [fast, function(&in_turn, &arguments, body, vars)]
}

fn apply_in_turn(arguments: &[VarId], closure: VarId, vars: &mut Vars) -> Expr {
    let (&first, rest) = arguments.split_first().expect("at least one argument");
    let applied = call(field(Chunk::WordInt, closure, 0), vec![Expr::Var(first), Expr::Var(closure)]);
    if rest.is_empty() {
        return applied;
    }
    let next = vars.fresh();
    let rest = apply_in_turn(rest, next, vars);
    Expr::Let(next, Type::Val, Box::new(applied), Box::new(rest))
}

// ---- partial application ----

/// `caml_curryN`, which takes the first argument, and `caml_curryN_k`, the code of the closures
/// that hold k arguments: one argument each, and a link to the closure before.
///
/// Such a closure is `[caml_curryN_k | info | caml_curryN_k_app | argument | previous]`, where
/// `_app` takes all arguments that are missing; or, when one argument is missing,
/// `[caml_curryN_k | info | argument | previous]`.
fn curry_functions(arity: u32, functions: &mut Vec<Function>) {
    for held in 0..arity - 1 {
        functions.push(take_one(arity, held));
    }
    functions.push(take_rest(arity, arity - 1));
    for held in 1..arity - 1 {
        functions.push(take_rest(arity, held));
    }
}

fn curry_symbol(arity: u32, held: u32) -> String {
    if held == 0 { format!("caml_curry{arity}") } else { format!("caml_curry{arity}_{held}") }
}

/// Takes one argument, and yields a closure that holds one more.
fn take_one(arity: u32, held: u32) -> Function {
    let mut vars = Vars(0);
    let (argument, closure) = (vars.fresh(), vars.fresh());
    let symbol = curry_symbol(arity, held + 1);
    let missing = arity - held - 1;
    let mut fields = vec![code_symbol(&symbol)];
    if missing == 1 {
        fields.push(info(1, 2));
    } else {
        fields.push(info(missing, 3));
        fields.push(code_symbol(&format!("{symbol}_app")));
    }
    fields.extend([Expr::Var(argument), Expr::Var(closure)]);
    function(&curry_symbol(arity, held), &[argument, closure], alloc_closure(fields), vars)
}

/// Takes all missing arguments, collects those that are held, and calls the function.
fn take_rest(arity: u32, held: u32) -> Function {
    let mut vars = Vars(0);
    let mut arguments = vec![None; held as usize];
    let rest = vars.many(arity - held);
    let mut closure = vars.fresh();
    let mut params = rest.clone();
    params.push(closure);
    arguments.extend(rest.iter().map(|&var| Some(var)));
    let mut bindings = Vec::new();
    for position in (0..held).rev() {
        // The argument follows the code pointers.
        let at = if position + 2 == arity { 2 } else { 3 };
        let (argument, previous) = (vars.fresh(), vars.fresh());
        bindings.push((argument, field(Chunk::WordVal, closure, at)));
        bindings.push((previous, field(Chunk::WordVal, closure, at + 1)));
        arguments[position as usize] = Some(argument);
        closure = previous;
    }
    let mut values: Vec<Expr> = arguments.into_iter().map(|var| Expr::Var(var.expect("taken or held"))).collect();
    values.push(Expr::Var(closure));
    let mut body = call(field(Chunk::WordInt, closure, 2), values);
    for (var, value) in bindings.into_iter().rev() {
        body = Expr::Let(var, Type::Val, Box::new(value), Box::new(body));
    }
    let suffix = if arity - held == 1 { "" } else { "_app" };
    function(&format!("{}{suffix}", curry_symbol(arity, held)), &params, body, vars)
}

/// `caml_tuplifyN(tuple, closure)`: calls a function whose N arguments are a tuple.
fn tuplify_function(arity: u32) -> Function {
    let mut vars = Vars(0);
    let (tuple, closure) = (vars.fresh(), vars.fresh());
    let mut values: Vec<Expr> = (0..arity).map(|index| field(Chunk::WordVal, tuple, index as i32)).collect();
    values.push(Expr::Var(closure));
    let body = call(field(Chunk::WordInt, closure, 2), values);
    function(&format!("caml_tuplify{arity}"), &[tuple, closure], body, vars)
}
