//! Programs in Cmm that are compiled for each instruction set, linked with the runtime and run:
//! what the generated code and the runtime promise each other.

mod support;

use rocaml_middle::cmm::*;
use rocaml_native::{Options, compile_unit};
use rocaml_target::Target;
use support::*;

/// Runs a program on every instruction set: plainly, and with a tiny minor heap that collects all
/// the time under the checking runtime.
fn check(name: &str, program: impl Fn() -> Program, expected: &str) {
    check_with(name, program, expected, "s=1k");
}

fn check_with(name: &str, program: impl Fn() -> Program, expected: &str, stress: &str) {
    for name_of_target in TARGETS {
        let target = Target::lookup(name_of_target).expect("a row of the table");
        let options = Options { jobs: 2, ..Options::default() };
        for (debug_runtime, parameters) in [(false, ""), (true, stress)] {
            let variant = if debug_runtime { "stress" } else { "plain" };
            let path = build(target, &format!("{name}-{variant}"), &program().unit(), &options, debug_runtime);
            let output = run(target, &path, parameters);
            assert_eq!(
                output.stdout, expected,
                "{name} on {name_of_target} ({variant}), code {:?}\n{}",
                output.code, output.stderr
            );
            assert_eq!(output.code, Some(0), "{name} on {name_of_target} ({variant}): {}", output.stderr);
        }
    }
}

fn eq(left: Expr, right: Expr) -> Expr {
    cmp(IntCompare::Eq, left, right)
}

fn unit() -> Expr {
    tag(0)
}

#[test]
fn arithmetic() {
    let program = || {
        let mut p = Program::default();
        let fib = if_(
            cmp(IntCompare::Lt, var(0), tag(2)),
            var(0),
            tagged_add(call("fib", vec![sub(var(0), int(2))]), call("fib", vec![sub(var(0), int(4))])),
        );
        p.functions.push(fun("fib", 1, fib));
        p.print("fib", call("fib", vec![tag(20)]));
        let int_op = |o: Op, a: i64, b: i64| {
            // Through memory, so that nothing is folded.
            let operand = |value: i64| untag(field(block(0, vec![tag(value)]), 0));
            to_tagged(op(o, vec![operand(a), operand(b)]))
        };
        p.print("div", int_op(Op::Divi, -7, 2));
        p.print("mod", int_op(Op::Modi, -7, 2));
        p.print("div-1", int_op(Op::Divi, 42, -1));
        p.print("mod-1", int_op(Op::Modi, 42, -1));
        p.print("mulhi", int_op(Op::Mulhi, 1 << 61, 24));
        p.print("shift", int_op(Op::Asri, -64, 3));
        let min =
            op(Op::Divi, vec![op(Op::Lsli, vec![untag(tag(1)), int(63)]), untag(prim("test_collect", vec![tag(-1)]))]);
        p.print("min", op(Op::Ori, vec![op(Op::Lsri, vec![min, int(3)]), int(1)]));
        p.print("bswap", to_tagged(op(Op::Bswap(16), vec![int(0x1234)])));
        p.print("sext", to_tagged(op(Op::SignExtend(8), vec![int(0x1ff)])));
        p.print("zext", to_tagged(op(Op::ZeroExtend(32), vec![int(-1)])));
        p.print("clz", to_tagged(op(Op::Clz, vec![int(1)])));
        p.print("popcnt", to_tagged(op(Op::Popcnt, vec![int(-1)])));
        p.print_float("float", op(Op::Divf, vec![op(Op::FloatOfInt, vec![int(7)]), float(2.0)]));
        p.print_float("floor", op(Op::Floorf, vec![float(-1.5)]));
        p.print_float("fma", op(Op::Fmaf, vec![float(2.0), float(3.0), float(0.5)]));
        p.print("trunc", to_tagged(op(Op::IntOfFloat, vec![float(-3.9)])));
        let nan = || op(Op::Divf, vec![float(0.0), float(0.0)]);
        p.print("nan", to_tagged(op(Op::CmpF(FloatCompare::Nlt), vec![nan(), float(1.0)])));
        p.print("select", op(Op::Select(Type::Int), vec![cmp(IntCompare::Gt, int(3), int(2)), tag(1), tag(2)]));
        p
    };
    check(
        "arithmetic",
        program,
        "fib 6765\ndiv -3\nmod -1\ndiv-1 -42\nmod-1 0\nmulhi 3\nshift -8\nmin 576460752303423488\nbswap 13330\nsext -1\n\
         zext 4294967295\nclz 63\npopcnt 64\nfloat 3.5\nfloor -2\nfma 6.5\ntrunc -3\nnan 1\nselect 1\n",
    );
}

/// Lists, built and walked by functions; the collector moves all of it.
fn lists(p: &mut Program) {
    let is_nil = |list| eq(list, tag(0));
    let range = if_(
        cmp(IntCompare::Gt, var(0), var(1)),
        tag(0),
        block(0, vec![var(0), call("range", vec![add(var(0), int(2)), var(1)])]),
    );
    p.functions.push(fun("range", 2, range));
    let succ = if_(
        is_nil(var(0)),
        tag(0),
        let_(1, Type::Val, add(field(var(0), 0), int(2)), block(0, vec![var(1), call("succ", vec![field(var(0), 1)])])),
    );
    p.functions.push(fun("succ", 1, succ));
    let sum = if_(is_nil(var(0)), var(1), call("sum", vec![field(var(0), 1), tagged_add(var(1), field(var(0), 0))]));
    p.functions.push(fun("sum", 2, sum));
}

#[test]
fn allocation() {
    let program = || {
        let mut p = Program::default();
        lists(&mut p);
        p.print("sum", call("sum", vec![call("succ", vec![call("range", vec![tag(1), tag(10000)])]), tag(0)]));
        // Blocks that are reserved at once, and one that is made after a collection.
        let pair = |a, b| block(0, vec![a, b]);
        let nested =
            pair(pair(tag(1), tag(2)), pair(pair(tag(3), tag(4)), prim("test_collect", vec![pair(tag(5), tag(6))])));
        let digits = let_(
            0,
            Type::Val,
            nested,
            seq(vec![
                prim("test_collect", vec![tag(0)]),
                tagged_add(
                    tagged_add(field(field(var(0), 0), 0), field(field(field(var(0), 1), 0), 1)),
                    field(field(field(var(0), 1), 1), 1),
                ),
            ]),
        );
        p.print("nested", digits);
        let large = block(0, (0..400).map(|i| if i == 399 { block(0, vec![tag(77)]) } else { tag(i) }).collect());
        p.print(
            "large",
            let_(1, Type::Val, large, seq(vec![prim("test_collect", vec![tag(0)]), field(field(var(1), 399), 0)])),
        );
        let boxed = op(
            Op::Alloc { header: 1 << 10 | 253, kind: AllocKind::Floats },
            vec![op(Op::Addf, vec![float(1.25), float(1.0)])],
        );
        let load = Op::Load { chunk: Chunk::Double, mutable: false, offset: 0, atomic: false };
        p.print_float("boxed", op(load, vec![prim("test_collect", vec![boxed])]));
        p
    };
    check("allocation", program, "sum 50015000\nnested 11\nlarge 77\nboxed 2.25\n");
}

/// Polls that collect: in a loop without another safepoint, and at the entry of functions that call themselves.
#[test]
fn polls() {
    let request = || c_call("test_request_collection", vec![Type::Val], Type::Val, false, vec![tag(0)]);
    let program = || {
        let mut p = Program::default();
        // `number` and `block` live across the poll, and `block` after the loop too.
        let (block_var, number, sum, index) = (0, 1, 2, 3);
        let add_fields = seq(vec![
            request(),
            assign(sum, tagged_add(var(sum), field(field(var(block_var), 0), 0))),
            assign(index, sub(var(index), int(2))),
        ]);
        let again = if_(eq(var(index), tag(0)), unit(), exit(0, vec![]));
        let step = seq(vec![op(Op::Poll, vec![]), add_fields, again]);
        let looped =
            seq(vec![catch(true, 0, vec![], step, exit(0, vec![])), tagged_add(var(sum), field(var(block_var), 1))]);
        let load = Op::Load { chunk: Chunk::Double, mutable: false, offset: 0, atomic: false };
        let number_after = op(Op::IntOfFloat, vec![op(Op::Addf, vec![op(load, vec![var(number)]), float(0.5)])]);
        let boxed = op(Op::Alloc { header: 1 << 10 | 253, kind: AllocKind::Floats }, vec![float(100.5)]);
        let body = tagged_add(looped, to_tagged(number_after));
        let body = let_mut(index, Type::Int, tag(50), body);
        let body = let_mut(sum, Type::Int, tag(0), body);
        let body = let_(number, Type::Val, boxed, body);
        p.print("loop", let_(block_var, Type::Val, block(0, vec![block(0, vec![tag(3)]), tag(7)]), body));
        // spin(n, block, float)
        let next = call("spin", vec![sub(var(0), int(2)), block(0, vec![tagged_add(field(var(1), 0), tag(1))])]);
        let spin = if_(eq(var(0), tag(0)), field(var(1), 0), seq(vec![request(), next]));
        p.functions.push(fun("spin", 2, seq(vec![op(Op::Poll, vec![]), spin])));
        p.print("spin", call("spin", vec![tag(50), block(0, vec![tag(5)])]));
        let keep = if_(
            eq(var(0), tag(0)),
            field(var(1), 0),
            seq(vec![request(), call("keep", vec![sub(var(0), int(2)), var(1)])]),
        );
        p.functions.push(fun("keep", 2, seq(vec![op(Op::Poll, vec![]), keep])));
        p.print("keep", call("keep", vec![tag(50), block(0, vec![tag(9)])]));
        p
    };
    check("polls", program, "loop 258\nspin 55\nkeep 9\n");
}

#[test]
fn exceptions() {
    let program = || {
        let mut p = Program::default();
        lists(&mut p);
        // Raises a block from a depth of n frames.
        let deep = if_(
            eq(var(0), tag(0)),
            raise(RaiseKind::Regular, block(0, vec![tag(11)])),
            tagged_add(call("deep", vec![sub(var(0), int(2))]), tag(1)),
        );
        p.functions.push(fun("deep", 1, deep));
        p.print("deep", try_(call("deep", vec![tag(100)]), 0, field(var(0), 0)));
        p.print("local", try_(tagged_add(raise(RaiseKind::Notrace, tag(5)), tag(1)), 1, tagged_add(var(1), tag(1))));
        let inner = try_(call("deep", vec![tag(3)]), 2, raise(RaiseKind::Reraise, field(var(2), 0)));
        p.print("nested", try_(inner, 3, tagged_add(var(3), tag(100))));
        p.print("c", try_(prim("test_fail", vec![unit()]), 4, seq(vec![prim("test_collect", vec![var(4)]), tag(33)])));
        p.print("fine", try_(call("sum", vec![call("range", vec![tag(1), tag(10)]), tag(0)]), 5, tag(0)));
        // Values live across the handler.
        let live = let_(
            6,
            Type::Val,
            block(0, vec![tag(1000)]),
            let_(
                7,
                Type::Val,
                try_(call("deep", vec![tag(5)]), 8, field(var(8), 0)),
                tagged_add(field(var(6), 0), var(7)),
            ),
        );
        p.print("live", live);
        // Results that are not values.
        let half = if_(
            cmp(IntCompare::Lt, var(0), tag(0)),
            raise(RaiseKind::Regular, tag(9)),
            op(Op::Divf, vec![op(Op::FloatOfInt, vec![untag(var(0))]), float(2.0)]),
        );
        p.functions.push(function("half", &[(0, Type::Val)], Type::Float, half));
        let call_half = |n| {
            let signature = Signature { params: [Type::Val].into(), result: Type::Float };
            op(Op::Apply(Callee::Direct("half".into(), signature)), vec![n])
        };
        p.print_float("half", try_(call_half(tag(5)), 9, float(0.0)));
        p.print_float("negative", try_(call_half(tag(-5)), 10, op(Op::FloatOfInt, vec![untag(var(10))])));
        p
    };
    check("exceptions", program, "deep 11\nlocal 6\nnested 111\nc 33\nfine 55\nlive 1011\nhalf 2.5\nnegative 9\n");
}

#[test]
fn closures() {
    let program = || {
        let mut p = Program::default();
        // digits a b c = 100 a + 10 b + c
        let scale = |value, by| to_tagged(op(Op::Muli, vec![untag(value), int(by)]));
        let digits = tagged_add(tagged_add(scale(var(0), 100), scale(var(1), 10)), var(2));
        p.functions.push(fun("digits", 4, digits));
        p.closure("digits_closure", "caml_curry3", "digits", 3);
        p.functions.push(fun("on_pair", 3, tagged_add(scale(var(0), 10), var(1))));
        p.closure("pair_closure", "caml_tuplify2", "on_pair", -2);
        // adder a = fun b -> a + b
        p.functions.push(fun("add_code", 2, tagged_add(var(0), field(var(1), 2))));
        let adder = block(
            247,
            vec![Expr::Const(Const::Symbol("add_code".into(), Type::Int)), int(1 << 56 | 2 << 1 | 1), var(0)],
        );
        p.functions.push(fun("adder", 2, adder));
        p.closure1("adder_closure", "adder");
        (p.apply, p.curry, p.tuplify) = (vec![2, 3, 5], vec![3, 4], vec![2]);
        let apply1 = |closure: Expr, argument: Expr, at: u32| {
            let code = op(Op::Load { chunk: Chunk::WordInt, mutable: false, offset: 0, atomic: false }, vec![var(at)]);
            let_(at, Type::Val, closure, op(Op::Apply(Callee::Indirect(signature(2))), vec![code, argument, var(at)]))
        };
        p.print("full", call("caml_apply3", vec![tag(1), tag(2), tag(3), symbol("digits_closure")]));
        let two = call("caml_apply2", vec![tag(4), tag(5), symbol("digits_closure")]);
        p.print("two and one", apply1(prim("test_collect", vec![two]), tag(6), 0));
        let one = apply1(symbol("digits_closure"), tag(7), 1);
        p.print("one and two", call("caml_apply2", vec![tag(8), tag(9), prim("test_collect", vec![one])]));
        p.print("over", call("caml_apply2", vec![tag(30), tag(12), symbol("adder_closure")]));
        p.print("tuple", apply1(symbol("pair_closure"), block(0, vec![tag(6), tag(4)]), 2));
        p
    };
    check("closures", program, "full 123\ntwo and one 456\none and two 789\nover 42\ntuple 64\n");
}

#[test]
fn control() {
    let program = || {
        let mut p = Program::default();
        let other = |name: &str| call(name, vec![sub(var(0), int(2))]);
        p.functions.push(fun("even", 1, if_(eq(var(0), tag(0)), tag(1), other("odd"))));
        p.functions.push(fun("odd", 1, if_(eq(var(0), tag(0)), tag(0), other("even"))));
        p.print("even", call("even", vec![tag(1_000_001)]));
        // A tail call with arguments on the stack.
        let many = if_(
            eq(var(0), tag(0)),
            tagged_add(var(8), var(9)),
            call(
                "many",
                (0..10)
                    .map(|i| if i == 0 { sub(var(0), int(2)) } else { var(if i == 9 { 1 } else { i + 1 }) })
                    .collect(),
            ),
        );
        p.functions.push(fun("many", 10, many));
        p.print("many", call("many", (0..10).map(|i| if i == 0 { tag(100_000) } else { tag(i) }).collect()));
        // A loop with an assigned variable and polls.
        let step = seq(vec![
            op(Op::Poll, vec![]),
            if_(
                cmp(IntCompare::Lt, var(1), tag(1000)),
                seq(vec![assign(0, tagged_add(var(0), var(1))), assign(1, add(var(1), int(2))), exit(0, vec![])]),
                var(0),
            ),
        ]);
        let looped =
            let_mut(0, Type::Val, tag(0), let_mut(1, Type::Val, tag(0), catch(true, 0, vec![], step, exit(0, vec![]))));
        p.print("loop", looped);
        p.print(
            "exit",
            catch(
                false,
                1,
                vec![(2, Type::Val)],
                tagged_add(var(2), tag(1)),
                tagged_add(exit(1, vec![tag(6)]), tag(1)),
            ),
        );
        let choose = |n: i64| {
            let scrutinee = untag(prim("test_collect", vec![tag(n)]));
            Expr::Switch(Box::new(scrutinee), vec![0, 1, 2, 1, 3], vec![tag(10), tag(11), tag(12), tag(13)])
        };
        for n in 0..5 {
            p.print("switch", choose(n));
        }
        let small = |n: i64| {
            let scrutinee = untag(prim("test_collect", vec![tag(n)]));
            Expr::Switch(Box::new(scrutinee), vec![0, 1, 0], vec![tag(20), tag(21)])
        };
        for n in 0..3 {
            p.print("small", small(n));
        }
        // a && not (b || c), through values
        let truth = |b: i64| eq(prim("test_collect", vec![tag(b)]), tag(1));
        let not = |e| op(Op::Xori, vec![e, int(1)]);
        let and = |a, b| if_(a, b, int(0));
        let or = |a, b| if_(a, int(1), b);
        for bits in 0..8 {
            let (a, b, c) = (truth(bits & 1), truth(bits >> 1 & 1), truth(bits >> 2));
            let condition = cmp(IntCompare::Ne, to_tagged(and(a, not(or(b, c)))), tag(0));
            p.print("and", if_(condition, tag(1), tag(0)));
        }
        p
    };
    check(
        "control",
        program,
        "even 0\nmany 10\nloop 499500\nexit 7\nswitch 10\nswitch 11\nswitch 12\nswitch 11\nswitch 13\nsmall 20\nsmall 21\nsmall 20\n\
         and 0\nand 1\nand 0\nand 0\nand 0\nand 0\nand 0\nand 0\n",
    );
}

#[test]
fn stacks() {
    let program = || {
        let mut p = Program::default();
        let depth = if_(eq(var(0), tag(0)), tag(0), tagged_add(call("depth", vec![sub(var(0), int(2))]), tag(1)));
        p.functions.push(fun("depth", 1, depth));
        p.functions.push(fun("forever", 1, tagged_add(call("forever", vec![add(var(0), int(2))]), tag(1))));
        // A frame above a page: many roots live across a call.
        let count = 700;
        let sum = (0..count).fold(tag(0), |sum, i| tagged_add(sum, field(var(i + 1), 0)));
        let body = seq(vec![prim("test_collect", vec![tag(0)]), call("depth", vec![tag(3)]), sum]);
        let big =
            (0..count).rev().fold(body, |body, i| let_(i + 1, Type::Val, block(0, vec![tag(i64::from(i))]), body));
        p.functions.push(fun(
            "big",
            1,
            if_(eq(var(0), tag(0)), tag(0), tagged_add(big, call("big", vec![sub(var(0), int(2))]))),
        ));
        p.print("depth", call("depth", vec![tag(100_000)]));
        p.print("overflow", try_(call("forever", vec![tag(0)]), 0, eq_tag(var(0), symbol("caml_exn_Stack_overflow"))));
        p.print("again", try_(call("forever", vec![tag(0)]), 1, tag(2)));
        p.print("big", call("big", vec![tag(30)]));
        p
    };
    check_with("stacks", program, "depth 100000\noverflow 1\nagain 2\nbig 7339500\n", "s=4k,l=4M");
}

fn eq_tag(left: Expr, right: Expr) -> Expr {
    to_tagged(eq(left, right))
}

#[test]
fn c_calls() {
    let program = || {
        let mut p = Program::default();
        p.print("seven", prim("test_sum7", (1..8).map(tag).collect()));
        let scaled = c_call("test_scale", vec![Type::Float, Type::Int], Type::Float, false, vec![float(1.5), int(4)]);
        p.print_float("scale", scaled);
        let call = ExtCall {
            name: "test_int32".into(),
            params: [Type::Int].into(),
            result: Type::Int,
            result_bits: 32,
            alloc: false,
            raises: false,
            pure_: false,
            leaf: true,
        };
        p.print("int32", to_tagged(op(Op::ExtCall(call.into()), vec![int(-5)])));
        // Operands are evaluated from right to left.
        p.run(try_(
            prim("test_print", vec![raise(RaiseKind::Notrace, tag(1)), prim("test_fail", vec![unit()])]),
            0,
            if_(eq(var(0), tag(1)), op(Op::DomainState(0), vec![]), unit()),
        ));
        let cell = block(0, vec![tag(3)]);
        let atomics = let_(
            1,
            Type::Val,
            cell,
            seq(vec![
                op(Op::AtomicFetchAdd, vec![var(1), int(0), int(4)]),
                op(Op::AtomicCasInt, vec![var(1), int(0), tag(5), tag(8)]),
                tagged_add(field(var(1), 0), to_tagged(op(Op::AtomicCasInt, vec![var(1), int(0), tag(5), tag(9)]))),
            ]),
        );
        p.print("atomic", atomics);
        p
    };
    check("c_calls", program, "seven 1234567\nscale 6\nint32 -15\natomic 8\n");
}

#[test]
fn effects() {
    let program = || {
        let mut p = Program::default();
        p.functions.push(fun("identity", 2, var(0)));
        p.closure1("identity_closure", "identity");
        // loop n sum _ = if n = 0 then sum else loop (n - 1) (sum + perform n): a tail call.
        let performed = op(Op::Perform, vec![block(0, vec![var(0)])]);
        let step = let_(3, Type::Val, performed, call("loop", vec![sub(var(0), int(2)), tagged_add(var(1), var(3))]));
        p.functions.push(fun("loop", 2, if_(eq(var(0), tag(0)), var(1), step)));
        p.functions.push(fun("start", 2, tagged_add(call("loop", vec![var(0), tag(0)]), tag(0))));
        p.closure1("start_closure", "start");
        // Handles an effect by resuming with its argument, as a tail call.
        let fiber = c_call("caml_continuation_use_noexc", vec![Type::Val], Type::Val, false, vec![var(1)]);
        let resume = op(Op::Resume, vec![var(4), symbol("identity_closure"), field(var(0), 0), field(var(1), 1)]);
        p.functions.push(fun("on_effect", 4, let_(4, Type::Val, fiber, resume)));
        p.closure("effect_closure", "caml_curry3", "on_effect", 3);
        p.curry.push(3);
        let run = |n: i64| {
            let handlers = vec![symbol("identity_closure"), symbol("identity_closure"), symbol("effect_closure")];
            op(Op::RunStack, vec![prim("caml_alloc_stack", handlers), symbol("start_closure"), tag(n)])
        };
        // A fiber that grows, and so moves, while each frame holds a root.
        let grow = if_(
            eq(var(0), tag(0)),
            tag(1),
            tagged_add(call("grow", vec![sub(var(0), int(2))]), call("grow", vec![tag(0)])),
        );
        p.functions.push(fun("grow", 1, grow));
        p.functions.push(fun("grow_in_fiber", 2, tagged_add(call("grow", vec![var(0)]), tag(0))));
        p.closure1("grow_closure", "grow_in_fiber");
        let handlers = vec![symbol("identity_closure"), symbol("identity_closure"), symbol("effect_closure")];
        p.print(
            "grown",
            op(Op::RunStack, vec![prim("caml_alloc_stack", handlers), symbol("grow_closure"), tag(50_000)]),
        );
        p.print("effects", run(20_000));
        p
    };
    check("effects", program, "grown 50001\neffects 200010000\n");
}

#[test]
fn backtraces() {
    for name in TARGETS {
        let target = Target::lookup(name).expect("a row of the table");
        let mut p = Program::default();
        let inlined = at(7, 4, "Test.g", at(9, 2, "Test.f", None));
        p.functions.push(fun("g", 1, located(raise(RaiseKind::Regular, symbol("caml_exn_Not_found")), inlined)));
        p.functions.push(fun("f", 1, tagged_add(located(call("g", vec![var(0)]), at(3, 8, "Test.h", None)), tag(1))));
        p.run(located(call("f", vec![tag(0)]), at(12, 0, "Test.main", None)));
        let options = Options { debug: true, ..Options::default() };
        let path = build(target, "backtraces", &p.unit(), &options, false);
        let output = run(target, &path, "b");
        let expected = "Fatal error: exception Not_found\n\
                        Raised at Test.g in file \"test.ml\" (inlined), line 7, characters 4-9\n\
                        Raised by primitive operation at Test.f in file \"test.ml\", line 9, characters 2-7\n\
                        Called from Test.h in file \"test.ml\", line 3, characters 8-13\n\
                        Called from Test.main in file \"test.ml\", line 12, characters 0-5\n";
        assert_eq!(output.stderr, expected, "{name}");
        assert_eq!(output.code, Some(2));
    }
}

/// The bytes of an object do not depend on how many threads made it.
#[test]
fn objects_are_reproducible() {
    let program = || {
        let mut p = Program::default();
        lists(&mut p);
        p.print("sum", call("sum", vec![call("range", vec![tag(1), tag(10)]), tag(0)]));
        p.unit()
    };
    for name in TARGETS {
        let target = Target::lookup(name).expect("a row of the table");
        let object = |jobs, debug| {
            let options = Options { jobs, debug, ..Options::default() };
            compile_unit(target, &program(), &options).expect("a sound unit").object
        };
        assert!(object(1, true) == object(4, true), "{name}");
        assert!(object(1, false) == object(4, false), "{name}");
    }
}

/// A condition made of conditions becomes branches, without a boolean in a register.
#[test]
fn conditions_are_branches() {
    let less = |a, b| cmp(IntCompare::Lt, a, b);
    let both = if_(less(var(0), var(1)), less(var(1), tag(10)), int(0));
    let condition = cmp(IntCompare::Ne, to_tagged(both), int(1));
    let mut p = Program::default();
    p.functions.push(fun("f", 2, if_(condition, tag(1), tag(2))));
    let options = Options { dump_clif: true, ..Options::default() };
    let compiled = compile_unit(Target::host(), &p.unit(), &options).expect("a sound unit");
    let clif = compiled.clif.expect("asked for");
    assert!(!clif.contains("uextend"), "{clif}");
}

/// A breach of an invariant is an error that names the unit, not a wrong program.
#[test]
fn unbound_variables_are_refused() {
    let mut p = Program::default();
    p.functions.push(fun("f", 1, var(7)));
    let error = compile_unit(Target::host(), &p.unit(), &Options::default()).expect_err("v7 is not bound");
    assert_eq!(error.to_string(), "internal error in lowering of unit Test: v7 is used before it is bound");
}
