//! The shapes of Cmm on which the speed of compiled code depends.

use rocaml_base::Name;
use rocaml_lambda::lambda::{ArrayKind, Primitive, Safety, ValueKind};
use rocaml_middle::clambda::{Expr as Clambda, Function, Unit, Var};
use rocaml_middle::cmm::{self, Expr, Op};
use rocaml_middle::{Config, OsType, cmmgen};

const A: Var = Var(0);
const B: Var = Var(1);

/// Lowers a function of two parameters.
fn lower(body: Clambda) -> cmm::Function {
    let config = Config { inline: 10, big_endian: false, word_bits: 64, debug: false, os_type: OsType::Unix };
    let function = Function {
        label: Name::new("camlTest.f"),
        arity: 2,
        params: vec![(A, ValueKind::Generic), (B, ValueKind::Generic)],
        return_kind: ValueKind::Generic,
        body,
        place: None,
        poll_error: false,
    };
    let unit = Unit {
        name: Name::new("Test"),
        functions: vec![function],
        static_closures: vec![],
        constants: vec![],
        initializer: Clambda::unit(),
        module_block_size: 0,
        num_vars: 2,
        num_labels: 0,
        not_inlined: vec![],
    };
    let (lowered, _) = cmmgen::lower(unit, &config);
    cmm::verify(&lowered).expect("the lowering keeps the invariants");
    lowered.functions.into_iter().next().expect("the function comes first")
}

fn prim(prim: Primitive, args: Vec<Clambda>) -> Clambda {
    Clambda::Prim(prim, args, None)
}

fn call() -> Clambda {
    Clambda::DirectApply(Name::new("camlTest.g"), vec![Clambda::Var(B)], None)
}

fn is_call(e: &Expr) -> bool {
    matches!(e, Expr::Op(Op::Apply(_), ..))
}

#[test]
fn calls_behind_and_and_or_are_tail_calls() {
    let and = lower(prim(Primitive::SequAnd, vec![Clambda::Var(A), call()]));
    assert!(matches!(&and.body, Expr::If(_, yes, _) if is_call(yes)), "{and}");
    let or = lower(prim(Primitive::SequOr, vec![Clambda::Var(A), call()]));
    assert!(matches!(&or.body, Expr::If(_, _, no) if is_call(no)), "{or}");
    let chain = prim(Primitive::SequOr, vec![Clambda::Var(A), call()]);
    let chain = lower(prim(Primitive::SequAnd, vec![Clambda::Var(B), chain]));
    let Expr::If(_, yes, _) = &chain.body else { panic!("{chain}") };
    assert!(matches!(&**yes, Expr::If(_, _, no) if is_call(no)), "{chain}");
}

fn polls_first(function: &cmm::Function) -> bool {
    matches!(&function.body, Expr::Sequence(first, _) if matches!(**first, Expr::Op(Op::Poll, ..)))
}

/// A loop of tail calls needs no poll where an allocation comes first in any case.
#[test]
fn tail_calls_that_may_close_a_loop_have_a_poll() {
    let itself = || Clambda::DirectApply(Name::new("camlTest.f"), vec![Clambda::Var(A), Clambda::Var(B)], None);
    let allocation = || {
        let block = Primitive::MakeBlock(0, rocaml_lambda::lambda::Mutability::Immutable, None);
        prim(block, vec![Clambda::Var(A)])
    };
    let after = |first: Clambda, rest: Clambda| Clambda::Sequence(Box::new(first), Box::new(rest));
    let if_ = |yes: Clambda, no: Clambda| Clambda::IfThenElse(Box::new(Clambda::Var(A)), Box::new(yes), Box::new(no));
    assert!(polls_first(&lower(itself())));
    assert!(polls_first(&lower(if_(itself(), Clambda::Var(B)))));
    assert!(!polls_first(&lower(call())), "a function of another unit");
    assert!(!polls_first(&lower(prim(Primitive::Not, vec![itself()]))), "no tail call");
    assert!(!polls_first(&lower(after(allocation(), itself()))));
    assert!(!polls_first(&lower(after(if_(allocation(), allocation()), itself()))));
    assert!(polls_first(&lower(after(if_(allocation(), Clambda::Var(B)), itself()))));
}

fn has(e: &Expr, found: &dyn Fn(&Op) -> bool) -> bool {
    match e {
        Expr::Op(op, operands, _) => found(op) || operands.iter().any(|e| has(e, found)),
        Expr::Let(_, _, a, b) | Expr::LetMut(_, _, a, b) | Expr::Sequence(a, b) => has(a, found) || has(b, found),
        Expr::If(a, b, c) => [a, b, c].into_iter().any(|e| has(e, found)),
        _ => false,
    }
}

#[test]
fn bounds_are_checked_on_tagged_indices() {
    let access = Primitive::ArrayRef(ArrayKind::Int, Safety::Safe);
    let get = lower(prim(access, vec![Clambda::Var(A), Clambda::Var(B)]));
    assert!(has(&get.body, &|op| matches!(op, Op::CmpI(_))), "{get}");
    // Neither the index is untagged, nor the length made an OCaml integer.
    assert!(!has(&get.body, &|op| matches!(op, Op::Asri | Op::Ori)), "{get}");
}
