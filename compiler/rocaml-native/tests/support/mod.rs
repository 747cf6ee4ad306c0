//! Builders of Cmm, and the run of a unit on a target: compile, link with the runtime, execute.

#![allow(dead_code)]

use linkers::{LinkJob, LinkerChoice, OutputKind};
use rocaml_base::{Location, Name, Position};
use rocaml_middle::cmm::*;
use rocaml_native::{Options, Startup, compile_unit, startup_object};
use rocaml_target::{Runner, Target};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::sync::Mutex;

pub const TARGETS: [&str; 4] = ["x86_64-linux-musl", "aarch64-linux-musl", "riscv64-linux-musl", "s390x-linux-musl"];

// ---- expressions ----

pub fn int(value: i64) -> Expr {
    Expr::Const(Const::Int(value))
}

/// An OCaml integer.
pub fn tag(value: i64) -> Expr {
    int(value << 1 | 1)
}

pub fn float(value: f64) -> Expr {
    Expr::Const(Const::Float(value.to_bits()))
}

pub fn var(index: u32) -> Expr {
    Expr::Var(VarId(index))
}

pub fn op(op: Op, operands: Vec<Expr>) -> Expr {
    Expr::Op(op, operands, None)
}

pub fn let_(index: u32, ty: Type, value: Expr, body: Expr) -> Expr {
    Expr::Let(VarId(index), ty, Box::new(value), Box::new(body))
}

pub fn let_mut(index: u32, ty: Type, value: Expr, body: Expr) -> Expr {
    Expr::LetMut(VarId(index), ty, Box::new(value), Box::new(body))
}

pub fn assign(index: u32, value: Expr) -> Expr {
    Expr::Assign(VarId(index), Box::new(value))
}

pub fn if_(condition: Expr, yes: Expr, no: Expr) -> Expr {
    Expr::If(Box::new(condition), Box::new(yes), Box::new(no))
}

pub fn seq(parts: Vec<Expr>) -> Expr {
    let mut parts = parts.into_iter().rev();
    let last = parts.next().expect("not empty");
    parts.fold(last, |rest, part| Expr::Sequence(Box::new(part), Box::new(rest)))
}

pub fn try_(body: Expr, exn: u32, handler: Expr) -> Expr {
    Expr::TryWith(Box::new(body), VarId(exn), Box::new(handler))
}

pub fn cmp(compare: IntCompare, left: Expr, right: Expr) -> Expr {
    op(Op::CmpI(compare), vec![left, right])
}

pub fn add(left: Expr, right: Expr) -> Expr {
    op(Op::Addi, vec![left, right])
}

pub fn sub(left: Expr, right: Expr) -> Expr {
    op(Op::Subi, vec![left, right])
}

/// The sum of OCaml integers.
pub fn tagged_add(left: Expr, right: Expr) -> Expr {
    sub(add(left, right), int(1))
}

pub fn to_tagged(value: Expr) -> Expr {
    add(op(Op::Lsli, vec![value, int(1)]), int(1))
}

pub fn untag(value: Expr) -> Expr {
    op(Op::Asri, vec![value, int(1)])
}

pub fn field(block: Expr, index: i32) -> Expr {
    op(Op::Load { chunk: Chunk::WordVal, mutable: false, offset: 8 * index, atomic: false }, vec![block])
}

pub fn block(tag: u64, fields: Vec<Expr>) -> Expr {
    op(Op::Alloc { header: (fields.len() as u64) << 10 | tag, kind: AllocKind::Words }, fields)
}

pub fn symbol(name: &str) -> Expr {
    Expr::Const(Const::Symbol(Name::new(name), Type::Val))
}

pub fn signature(params: usize) -> Signature {
    Signature { params: vec![Type::Val; params].into(), result: Type::Val }
}

pub fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    let signature = signature(arguments.len());
    op(Op::Apply(Callee::Direct(Name::new(name), signature)), arguments)
}

pub fn raise(kind: RaiseKind, exn: Expr) -> Expr {
    op(Op::Raise(kind), vec![exn])
}

/// A C primitive on values that may raise.
pub fn prim(name: &str, arguments: Vec<Expr>) -> Expr {
    c_call(name, vec![Type::Val; arguments.len()], Type::Val, true, arguments)
}

pub fn c_call(name: &str, params: Vec<Type>, result: Type, alloc: bool, arguments: Vec<Expr>) -> Expr {
    let call = ExtCall {
        name: Name::new(name),
        params: params.into(),
        result,
        result_bits: 64,
        alloc,
        raises: alloc,
        pure_: false,
        leaf: false,
    };
    op(Op::ExtCall(Rc::new(call)), arguments)
}

pub fn exit(label: u32, arguments: Vec<Expr>) -> Expr {
    Expr::Exit(LabelId(label), arguments)
}

pub fn catch(recursive: bool, label: u32, params: Vec<(u32, Type)>, handler: Expr, body: Expr) -> Expr {
    let params = params.into_iter().map(|(index, ty)| (VarId(index), ty)).collect();
    let handler = Handler { label: LabelId(label), params, body: handler, cold: false };
    Expr::Catch { recursive, handlers: vec![handler], body: Box::new(body) }
}

/// A place in `test.ml`.
pub fn at(line: u32, column: i32, scope: &str, next: Debug) -> Debug {
    let file = Name::new("test.ml");
    let start = Position { file, line, bol: 0, cnum: column };
    let end = Position { file, line, bol: 0, cnum: column + 5 };
    let loc = Location { start, end, ghost: false };
    Some(Rc::new(DebugInfo { loc, scope: Some(scope.into()), next }))
}

pub fn located(expr: Expr, debug: Debug) -> Expr {
    match expr {
        Expr::Op(op, operands, _) => Expr::Op(op, operands, debug),
        other => other,
    }
}

// ---- functions and units ----

pub fn function(name: &str, params: &[(u32, Type)], result: Type, body: Expr) -> Function {
    Function {
        symbol: Name::new(name),
        params: params.iter().map(|&(index, ty)| (VarId(index), ty)).collect(),
        result,
        body,
        debug: None,
        num_vars: 2000,
        num_labels: 16,
        exported: true,
    }
}

/// A function of values.
pub fn fun(name: &str, params: u32, body: Expr) -> Function {
    let params: Vec<(u32, Type)> = (0..params).map(|index| (index, Type::Val)).collect();
    function(name, &params, Type::Val, body)
}

#[derive(Default)]
pub struct Program {
    pub functions: Vec<Function>,
    pub data: Vec<Vec<DataItem>>,
    lines: Vec<Expr>,
    labels: u32,
    pub apply: Vec<u32>,
    pub curry: Vec<u32>,
    pub tuplify: Vec<u32>,
}

impl Program {
    fn label(&mut self, text: &str) -> Expr {
        self.labels += 1;
        let name = format!("camlTest.label_{}", self.labels);
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(bytes.len() / 8 * 8 + 8, 0);
        let words = bytes.len() as u64 / 8;
        self.data.push(vec![
            DataItem::Align(8),
            DataItem::Word(words << 10 | 3 << 8 | 252),
            DataItem::LocalSymbol(Name::new(&name)),
            DataItem::Bytes(bytes.into()),
        ]);
        symbol(&name)
    }

    /// Prints an OCaml integer when the program runs.
    pub fn print(&mut self, text: &str, value: Expr) {
        let label = self.label(text);
        self.lines.push(prim("test_print", vec![label, value]));
    }

    pub fn print_float(&mut self, text: &str, value: Expr) {
        let label = self.label(text);
        let types = vec![Type::Val, Type::Float];
        self.lines.push(c_call("test_print_float", types, Type::Val, true, vec![label, value]));
    }

    pub fn run(&mut self, expr: Expr) {
        self.lines.push(expr);
    }

    /// A static closure of a function with an arity above 1.
    pub fn closure(&mut self, name: &str, curry: &str, code: &str, arity: i64) {
        self.data.push(vec![
            DataItem::Align(8),
            DataItem::Word(3 << 10 | 3 << 8 | 247),
            DataItem::LocalSymbol(Name::new(name)),
            DataItem::SymbolAddress(Name::new(curry), 0),
            DataItem::Word((arity << 56 | 3 << 1 | 1) as u64),
            DataItem::SymbolAddress(Name::new(code), 0),
        ]);
    }

    pub fn closure1(&mut self, name: &str, code: &str) {
        self.data.push(vec![
            DataItem::Align(8),
            DataItem::Word(2 << 10 | 3 << 8 | 247),
            DataItem::LocalSymbol(Name::new(name)),
            DataItem::SymbolAddress(Name::new(code), 0),
            DataItem::Word(1 << 56 | 2 << 1 | 1),
        ]);
    }

    pub fn unit(mut self) -> Unit {
        self.lines.push(tag(0));
        self.functions.push(fun("camlTest.entry", 0, seq(self.lines)));
        Unit {
            name: Name::new("Test"),
            functions: self.functions,
            data: self.data,
            gc_roots: Vec::new(),
            entry: Name::new("camlTest.entry"),
            apply_arities: self.apply,
            curry_arities: self.curry,
            tuplify_arities: self.tuplify,
        }
    }
}

// ---- execution ----

pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

/// An executable of a unit.
pub fn build(target: &Target, name: &str, unit: &Unit, options: &Options, debug_runtime: bool) -> PathBuf {
    let (layout, includes) = runtime(target);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", target.name));
    std::fs::create_dir_all(&dir).expect("a folder for the test");
    let startup = Startup {
        units: vec![unit.name.to_string()],
        apply_arities: unit.apply_arities.clone(),
        curry_arities: unit.curry_arities.clone(),
        tuplify_arities: unit.tuplify_arities.clone(),
    };
    let write = |file: &str, bytes: &[u8]| {
        let path = dir.join(file);
        std::fs::write(&path, bytes).expect("an object");
        path
    };
    let compiled = compile_unit(target, unit, options).unwrap_or_else(|error| panic!("{error}"));
    let startup = startup_object(target, &startup).unwrap_or_else(|error| panic!("{error}"));
    let objects = vec![write("startup.o", &startup), write("unit.o", &compiled.object), prims(target, &dir, &includes)];
    let job = LinkJob {
        output: dir.join("program"),
        output_kind: OutputKind::Executable,
        objects,
        runtime: Some(layout.lib.join(if debug_runtime { "libasmrund.a" } else { "libasmrun.a" })),
        sysroot: layout.lib,
        linker: LinkerChoice::Path("ld.lld-19".into()),
        debug: true,
        ..LinkJob::default()
    };
    link(target, &job);
    dir.join("program")
}

/// The row's libraries, built where they are not up to date, and the flags that find headers.
fn runtime(target: &Target) -> (sysroots::Layout, Vec<String>) {
    // One build at a time: tests run on several threads.
    static BUILT: Mutex<BTreeMap<&str, (sysroots::Layout, Vec<String>)>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let made = built.entry(target.name).or_insert_with(|| {
        let silent = |_: &str, _: usize, _: usize| {};
        let sysroot = sysroots::Build::new(&root(), 2, &silent);
        let layout = sysroot.runtime(target).unwrap_or_else(|error| panic!("{error}"));
        let includes = sysroots::runtime::include_flags(&sysroot, target, &layout);
        (layout, includes)
    });
    made.clone()
}

fn prims(target: &Target, dir: &Path, includes: &[String]) -> PathBuf {
    let output = dir.join("prims.o");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/prims.c");
    let mut command = Command::new("clang-19");
    command.args(sysroots::target_flags(target)).args(["-w", "-DNATIVE_CODE", "-c"]);
    command.args(includes).arg("-I").arg(root().join("runtimes/core/include")).arg(source).arg("-o").arg(&output);
    succeed(&mut command);
    output
}

fn link(target: &Target, job: &LinkJob) {
    let command = linkers::link_command(target, job).unwrap_or_else(|error| panic!("{error}"));
    succeed(Command::new(&command.program).args(&command.args));
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

pub fn run(target: &Target, program: &Path, parameters: &str) -> Output {
    let mut command = match target.runner {
        Runner::QemuUser(emulator) => {
            let mut command = Command::new(emulator);
            command.arg(program);
            command
        }
        _ => Command::new(program),
    };
    let output = command.env("OCAMLRUNPARAM", parameters).output().unwrap_or_else(|error| panic!("{error}"));
    Output {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code(),
    }
}
