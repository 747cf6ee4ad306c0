//! Which recursive definitions of values are allowed: upstream's `Value_rec_check`.
//!
//! For each variable we compute how a context uses its value, from the way of use asked of the
//! whole: see [`Mode`]. A definition is refused if it looks into a value of its own group, or
//! returns one unchanged; and a definition whose size is not known beforehand may not mention its
//! group at all.

use rocaml_syntax::asttypes::RecFlag;
use rocaml_types::btype::IdMap;
use rocaml_types::context::Context;
use rocaml_types::{ConstructorTag, Ident, Path, RecordRepresentation, ValueDescription, ValueKind};

use crate::typedtree::*;
use crate::typeopt::{ArrayKind, LazyArgument, array_kind, classify_lazy_argument};

/// How a context uses a value, least demanding first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Mode {
    /// Not at all.
    Ignore,
    /// Only later: under `fun` or `lazy`.
    Delay,
    /// Stored in a block, not looked at.
    Guard,
    /// Returned as it is.
    Return,
    /// Looked into.
    Dereference,
}

impl Mode {
    /// The use of what is used as `inner` in a context used as `self`.
    fn compose(self, inner: Mode) -> Mode {
        match (self, inner) {
            (Mode::Ignore, _) | (_, Mode::Ignore) => Mode::Ignore,
            (Mode::Dereference, _) => Mode::Dereference,
            (Mode::Delay, _) => Mode::Delay,
            (Mode::Guard, Mode::Return) => Mode::Guard,
            (Mode::Guard | Mode::Return, inner) => inner,
        }
    }
}

/// How variables are used.
#[derive(Clone, Default, PartialEq)]
struct Uses(IdMap<Ident, Mode>);

impl Uses {
    fn single(id: Ident, mode: Mode) -> Uses {
        Uses(IdMap::from_iter([(id, mode)]))
    }
    fn find(&self, id: Ident) -> Mode {
        self.0.get(&id).copied().unwrap_or(Mode::Ignore)
    }
    fn join(mut self, other: Uses) -> Uses {
        for (id, mode) in other.0 {
            let entry = self.0.entry(id).or_insert(Mode::Ignore);
            *entry = (*entry).max(mode);
        }
        self
    }
    fn compose(&self, mode: Mode) -> Uses {
        Uses(self.0.iter().map(|(id, inner)| (*id, mode.compose(*inner))).collect())
    }
    fn remove(mut self, ids: &[Ident]) -> Uses {
        ids.iter().for_each(|id| {
            self.0.remove(id);
        });
        self
    }
    fn remove_pat(self, pat: &Pattern) -> Uses {
        self.remove(&pat_bound_idents(pat))
    }
}

/// Whether the definition is allowed in a recursive group of these variables, and how it is
/// compiled.
pub fn is_valid_recursive_expression(cx: &Context, ids: &[Ident], exp: &Expression) -> Option<RecKind> {
    if let ExpressionDesc::Function(..) = exp.desc {
        return Some(RecKind::Static);
    }
    let kind = classify(cx, &mut Sizes::default(), exp);
    let uses = Checker { cx }.expression(exp, Mode::Return);
    let limit = if kind == RecKind::Static { Mode::Guard } else { Mode::Ignore };
    ids.iter().all(|id| uses.find(*id) <= limit).then_some(kind)
}

/// Likewise for the definitions within a class.
pub fn is_valid_class_expr(cx: &Context, ids: &[Ident], class: &ClassExpr) -> bool {
    let uses = Checker { cx }.class_bindings(class, Mode::Return);
    ids.iter().all(|id| uses.find(*id) <= Mode::Guard)
}

fn is_ref(desc: &ValueDescription) -> bool {
    matches!(&desc.kind, ValueKind::Prim(prim) if prim.name == "%makemutable" && prim.arity == 1)
}

fn is_ref_expression(exp: &Expression) -> bool {
    matches!(&exp.desc, ExpressionDesc::Ident(_, _, desc) if is_ref(desc))
}

// ---------------------------------------------------------------------------------------------
// Sizes

/// Local variables of known size.
type Sizes = IdMap<Ident, RecKind>;

/// Whether the block of an expression's value can be allocated before it is computed.
fn classify(cx: &Context, sizes: &mut Sizes, exp: &Expression) -> RecKind {
    use ExpressionDesc::*;
    match &exp.desc {
        Let(_, bindings, body) => {
            let found: Vec<_> = bindings
                .iter()
                .filter_map(|binding| match binding.pat.desc {
                    PatternDesc::Var(id, ..) => Some((id, classify(cx, &mut sizes.clone(), &binding.expr))),
                    _ => None,
                })
                .collect();
            sizes.extend(found);
            classify(cx, sizes, body)
        }
        LetModule(Some(id), _, _, module, body) => {
            let size = classify_module(cx, sizes, module);
            sizes.insert(*id, size);
            classify(cx, sizes, body)
        }
        Ident(path, ..) => classify_path(sizes, path),
        Open(_, e) | LetModule(None, _, _, _, e) | Sequence(_, e) | LetException(_, e) => classify(cx, sizes, e),
        Construct(_, constr, args) => match args.as_slice() {
            [arg] if constr.tag == ConstructorTag::Unboxed => classify(cx, sizes, arg),
            _ => RecKind::Static,
        },
        Record { representation: RecordRepresentation::Unboxed(_), fields, .. } => match fields.as_slice() {
            [(_, RecordLabelDefinition::Overridden(_, e))] => classify(cx, sizes, e),
            _ => RecKind::Static,
        },
        Record { .. } | Variant(..) | Tuple(_) | AtomicLoc(..) | ExtensionConstructor(..) | Constant(_) => {
            RecKind::Static
        }
        For(..) | SetField(..) | While(..) | SetInstVar(..) | Unreachable | Array(..) | Function(..) => RecKind::Static,
        Apply(function, args) if is_ref_expression(function) || args.iter().any(|(_, arg)| arg.is_none()) => {
            RecKind::Static
        }
        Pack(module) => classify_module(cx, sizes, module),
        Lazy(e) => match classify_lazy_argument(cx, e) {
            LazyArgument::ConstantOrFunction | LazyArgument::Identifier { forward: false } => classify(cx, sizes, e),
            LazyArgument::Float | LazyArgument::Identifier { forward: true } | LazyArgument::Other => RecKind::Static,
        },
        Apply(..)
        | New(..)
        | InstVar(..)
        | Object(..)
        | Match(..)
        | IfThenElse(..)
        | Send(..)
        | Field(..)
        | Assert(..)
        | Try(..)
        | Override(..)
        | LetOp { .. } => RecKind::Dynamic,
    }
}

fn classify_path(sizes: &Sizes, path: &Path) -> RecKind {
    match path {
        Path::Ident(id) => sizes.get(id).copied().unwrap_or(RecKind::Dynamic),
        _ => RecKind::Dynamic,
    }
}

fn classify_module(cx: &Context, sizes: &mut Sizes, module: &ModuleExpr) -> RecKind {
    match &module.desc {
        ModuleExprDesc::Ident(path, _) => classify_path(sizes, path),
        ModuleExprDesc::Structure(_) | ModuleExprDesc::Functor(..) => RecKind::Static,
        ModuleExprDesc::Apply(..) | ModuleExprDesc::ApplyUnit(_) => RecKind::Dynamic,
        ModuleExprDesc::Constraint(inner, _, _, ModuleCoercion::None) => classify_module(cx, sizes, inner),
        ModuleExprDesc::Constraint(..) => RecKind::Static,
        ModuleExprDesc::Unpack(e, _) => classify(cx, sizes, e),
    }
}

// ---------------------------------------------------------------------------------------------
// Uses

struct Checker<'a> {
    cx: &'a Context,
}

impl Checker<'_> {
    fn all<T>(&self, items: impl IntoIterator<Item = T>, judge: impl Fn(T) -> Uses) -> Uses {
        items.into_iter().fold(Uses::default(), |uses, item| uses.join(judge(item)))
    }

    fn expression(&self, exp: &Expression, mode: Mode) -> Uses {
        use ExpressionDesc::*;
        let deref = mode.compose(Mode::Dereference);
        let guard = mode.compose(Mode::Guard);
        match &exp.desc {
            Ident(path, ..) => self.path(path, mode),
            Let(rec_flag, bindings, body) => {
                self.value_bindings(*rec_flag, bindings, mode, self.expression(body, mode))
            }
            LetModule(id, _, _, module, body) => self.module_binding(*id, module, mode, self.expression(body, mode)),
            Match(scrutinee, cases, effects, _) => {
                let judge = |cases: &[Case]| {
                    let judged: Vec<(Uses, Mode)> = cases.iter().map(|case| self.case(case, mode)).collect();
                    let scrutinee_mode = judged.iter().map(|(_, m)| *m).max().unwrap_or(Mode::Ignore);
                    let uses = self.all(judged, |(uses, _)| uses);
                    uses.join(self.expression(scrutinee, scrutinee_mode))
                };
                judge(cases).join(judge(effects))
            }
            Try(body, cases, effects) => {
                self.expression(body, mode).join(self.all(cases.iter().chain(effects), |case| self.case(case, mode).0))
            }
            For(_, _, low, high, _, body) => {
                self.expression(low, deref).join(self.expression(high, deref)).join(self.expression(body, guard))
            }
            Constant(_) | Unreachable => Uses::default(),
            New(path, ..) => self.path(path, deref),
            InstVar(self_, path, _) => self.path(self_, deref).join(self.path(path, mode)),
            Apply(function, args) => self.application(function, args, mode),
            Tuple(parts) => self.all(parts, |(_, part)| self.expression(part, guard)),
            AtomicLoc(e, ..) => self.expression(e, guard),
            Array(_, parts) => {
                // Building a float or generic array looks at the elements.
                let mode = match array_kind(self.cx, exp) {
                    ArrayKind::Float | ArrayKind::Generic => deref,
                    ArrayKind::Address | ArrayKind::Int => guard,
                };
                self.all(parts, |part| self.expression(part, mode))
            }
            Construct(_, constr, args) => {
                let access = match &constr.tag {
                    ConstructorTag::Extension(path, _) => self.path(path, deref),
                    _ => Uses::default(),
                };
                let mode = if constr.tag == ConstructorTag::Unboxed { mode } else { guard };
                access.join(self.all(args, |arg| self.expression(arg, mode)))
            }
            Variant(_, arg) => self.all(arg, |arg| self.expression(arg, guard)),
            Record { fields, representation, extended_expression } => {
                let field_mode = match representation {
                    RecordRepresentation::Float => deref,
                    RecordRepresentation::Unboxed(_) => mode,
                    RecordRepresentation::Regular
                    | RecordRepresentation::Inlined(_)
                    | RecordRepresentation::Extension(_) => guard,
                };
                let fields = self.all(fields, |(_, definition)| match definition {
                    RecordLabelDefinition::Kept(..) => Uses::default(),
                    RecordLabelDefinition::Overridden(_, e) => self.expression(e, field_mode),
                });
                fields.join(self.all(extended_expression, |e| self.expression(e, deref)))
            }
            IfThenElse(condition, yes, no) => self
                .expression(condition, deref)
                .join(self.expression(yes, mode))
                .join(self.all(no, |no| self.expression(no, mode))),
            SetField(record, _, _, value) => self.expression(record, deref).join(self.expression(value, deref)),
            Sequence(first, second) => self.expression(first, guard).join(self.expression(second, mode)),
            While(condition, body) => self.expression(condition, deref).join(self.expression(body, guard)),
            Send(e, _) | Field(e, ..) | Assert(e, _) => self.expression(e, deref),
            SetInstVar(path, _, _, e) => self.path(path, deref).join(self.expression(e, deref)),
            LetException(constructor, body) => self.expression(body, mode).remove(&[constructor.id]),
            Pack(module) => self.module(module, mode),
            Object(class, _) => self.class_structure(class, mode),
            Override(path, fields) => {
                self.path(path, deref).join(self.all(fields, |(_, _, e)| self.expression(e, deref)))
            }
            Function(params, body) => self.function(params, body, mode.compose(Mode::Delay)),
            Lazy(e) => {
                let inner = match classify_lazy_argument(self.cx, e) {
                    LazyArgument::Other => Mode::Delay,
                    _ => Mode::Return,
                };
                self.expression(e, mode.compose(inner))
            }
            LetOp { let_, ands, body, .. } => {
                let op = |op: &BindingOp| self.path(&op.op_path, deref).join(self.expression(&op.exp, deref));
                self.all(std::iter::once(&**let_).chain(ands), op).join(self.case(body, mode.compose(Mode::Delay)).0)
            }
            ExtensionConstructor(_, path) => self.path(path, deref),
            Open(open, body) => self.open(open, mode, self.expression(body, mode)),
        }
    }

    fn application(
        &self,
        function: &Expression,
        args: &[(rocaml_syntax::asttypes::ArgLabel, Option<Expression>)],
        mode: Mode,
    ) -> Uses {
        if let [(_, Some(arg))] = args
            && is_ref_expression(function)
        {
            return self.expression(arg, mode.compose(Mode::Guard));
        }
        // What follows an omitted argument is stored in a closure.
        let omitted = args.iter().position(|(_, arg)| arg.is_none()).unwrap_or(args.len());
        let (applied, delayed) = args.split_at(omitted);
        let function_mode = if applied.is_empty() { Mode::Guard } else { Mode::Dereference };
        let judge = |args: &[(_, Option<Expression>)], inner| {
            self.all(args.iter().filter_map(|(_, arg)| arg.as_ref()), |arg| self.expression(arg, mode.compose(inner)))
        };
        self.expression(function, mode.compose(function_mode))
            .join(judge(applied, Mode::Dereference))
            .join(judge(delayed, Mode::Guard))
    }

    fn function(&self, params: &[FunctionParam], body: &FunctionBody, mode: Mode) -> Uses {
        let body = match body {
            FunctionBody::Body(body) => self.expression(body, mode),
            FunctionBody::Cases { cases, .. } => self.all(cases, |case| self.case(case, mode).0),
        };
        let uses = params.iter().fold(body, |uses, param| match &param.kind {
            FunctionParamKind::Pat(_) => uses,
            FunctionParamKind::OptionalDefault(_, default) => uses.join(self.expression(default, mode)),
        });
        params.iter().fold(uses, |uses, param| match &param.kind {
            FunctionParamKind::Pat(pat) | FunctionParamKind::OptionalDefault(pat, _) => uses.remove_pat(pat),
        })
    }

    fn path(&self, path: &Path, mode: Mode) -> Uses {
        let deref = mode.compose(Mode::Dereference);
        match path {
            Path::Ident(id) => Uses::single(*id, mode),
            Path::Dot(path, _) => self.path(path, deref),
            Path::Apply(functor, argument) => self.path(functor, deref).join(self.path(argument, deref)),
            Path::ExtraTy(path, _) => self.path(path, mode),
        }
    }

    /// The uses of a case, and that of the scrutinee.
    fn case(&self, case: &Case, mode: Mode) -> (Uses, Mode) {
        let guard = self.all(&case.guard, |guard| self.expression(guard, mode.compose(Mode::Dereference)));
        let uses = guard.join(self.expression(&case.rhs, mode));
        let scrutinee = mode.compose(pattern_mode(&case.lhs, &uses));
        (uses.remove_pat(&case.lhs), scrutinee)
    }

    fn value_bindings(&self, rec_flag: RecFlag, bindings: &[ValueBinding], mode: Mode, body: Uses) -> Uses {
        let bound: Vec<Ident> = let_bound_idents(bindings);
        let of_bindings = match rec_flag {
            RecFlag::Nonrecursive => self.all(bindings, |binding| {
                let inner = mode.compose(pattern_mode(&binding.pat, &body));
                self.expression(&binding.expr, inner).remove_pat(&binding.pat)
            }),
            RecFlag::Recursive => {
                let mut uses = Vec::new();
                let mut mutual = Vec::new();
                for binding in bindings {
                    let inner = mode.compose(pattern_mode(&binding.pat, &body));
                    let all = self.expression(&binding.expr, inner);
                    mutual.push(bindings.iter().map(|b| pattern_mode(&b.pat, &all)).collect::<Vec<Mode>>());
                    uses.push(all.remove(&bound));
                }
                // What one definition uses, those that use it do too.
                loop {
                    let next: Vec<Uses> = uses
                        .iter()
                        .zip(&mutual)
                        .map(|(own, modes)| {
                            modes.iter().zip(&uses).fold(own.clone(), |acc, (m, other)| acc.join(other.compose(*m)))
                        })
                        .collect();
                    if next == uses {
                        break;
                    }
                    uses = next;
                }
                self.all(uses, |uses| uses)
            }
        };
        of_bindings.join(body.remove(&bound))
    }

    fn module_binding(&self, id: Option<Ident>, module: &ModuleExpr, mode: Mode, rest: Uses) -> Uses {
        let used = id.map_or(Mode::Ignore, |id| rest.find(id)).max(Mode::Guard);
        let module = self.module(module, mode.compose(used));
        module.join(rest.remove(&id.into_iter().collect::<Vec<_>>()))
    }

    fn open(&self, open: &OpenDeclaration, mode: Mode, rest: Uses) -> Uses {
        let bound: Vec<Ident> = open.bound_items.iter().map(|item| item.ident()).collect();
        self.module(&open.expr, mode).join(rest.remove(&bound))
    }

    fn module(&self, module: &ModuleExpr, mode: Mode) -> Uses {
        let deref = mode.compose(Mode::Dereference);
        match &module.desc {
            ModuleExprDesc::Ident(path, _) => self.path(path, mode),
            ModuleExprDesc::Structure(structure) => {
                structure.items.iter().rev().fold(Uses::default(), |rest, item| self.item(item, mode, rest))
            }
            ModuleExprDesc::Functor(_, body) => self.module(body, mode.compose(Mode::Delay)),
            ModuleExprDesc::Apply(functor, argument, _) => {
                self.module(functor, deref).join(self.module(argument, deref))
            }
            ModuleExprDesc::ApplyUnit(functor) => self.module(functor, deref),
            ModuleExprDesc::Constraint(inner, _, _, coercion) => self.coerced(inner, coercion, mode),
            ModuleExprDesc::Unpack(e, _) => self.expression(e, mode),
        }
    }

    fn coerced(&self, module: &ModuleExpr, coercion: &ModuleCoercion, mode: Mode) -> Uses {
        match coercion {
            ModuleCoercion::None => self.module(module, mode),
            // A shallow copy reads the fields.
            ModuleCoercion::Structure(..) | ModuleCoercion::Functor(..) => {
                self.module(module, mode.compose(Mode::Dereference))
            }
            ModuleCoercion::Primitive(_) => self.module(module, Mode::Ignore),
            ModuleCoercion::Alias(_, path, inner) => match &**inner {
                ModuleCoercion::None => self.path(path, mode),
                _ => self.path(path, mode.compose(Mode::Dereference)),
            },
        }
    }

    fn item(&self, item: &StructureItem, mode: Mode, rest: Uses) -> Uses {
        let ids = |ids: Vec<Ident>, rest: Uses| rest.remove(&ids);
        let rebound = |ext: &crate::typedtree::ExtensionConstructor| match &ext.kind {
            ExtensionConstructorKind::Decl(..) => Uses::default(),
            ExtensionConstructorKind::Rebind(path, _) => self.path(path, mode),
        };
        match &item.desc {
            StructureItemDesc::Eval(e, _) => self.expression(e, mode.compose(Mode::Guard)).join(rest),
            StructureItemDesc::Value(rec_flag, bindings) => self.value_bindings(*rec_flag, bindings, mode, rest),
            StructureItemDesc::Module(binding) => self.module_binding(binding.id, &binding.expr, mode, rest),
            StructureItemDesc::RecModule(bindings) => {
                let bound: Vec<Ident> = bindings.iter().filter_map(|b| b.id).collect();
                let modules = self.all(bindings, |binding| {
                    let used = binding.id.map_or(Mode::Ignore, |id| rest.find(id)).max(Mode::Guard);
                    self.module(&binding.expr, mode.compose(used)).remove(&bound)
                });
                modules.join(rest.clone().remove(&bound))
            }
            StructureItemDesc::Typext(extension) => {
                let bound = extension.constructors.iter().map(|c| c.id).collect();
                self.all(&extension.constructors, rebound).join(ids(bound, rest))
            }
            StructureItemDesc::Exception(exception) => {
                rebound(&exception.constructor).join(ids(vec![exception.constructor.id], rest))
            }
            StructureItemDesc::Open(open) => self.open(open, mode, rest),
            StructureItemDesc::Include(include) => {
                let bound = include.type_.iter().map(|item| item.ident()).collect();
                self.module(&include.mod_, mode).join(ids(bound, rest))
            }
            StructureItemDesc::Class(classes) => {
                let bound: Vec<Ident> = classes.iter().map(|(class, _)| class.id_class).collect();
                let uses = self.all(classes, |(class, _)| self.class(&class.expr, mode).remove(&bound));
                uses.join(ids(bound.clone(), rest))
            }
            StructureItemDesc::Primitive(_)
            | StructureItemDesc::Type(..)
            | StructureItemDesc::Modtype(_)
            | StructureItemDesc::ClassType(_)
            | StructureItemDesc::Attribute(_) => rest,
        }
    }

    fn class(&self, class: &ClassExpr, mode: Mode) -> Uses {
        let deref = mode.compose(Mode::Dereference);
        match &class.desc {
            ClassExprDesc::Ident(path, ..) => self.path(path, deref),
            ClassExprDesc::Structure(structure) => self.class_structure(structure, mode),
            ClassExprDesc::Fun(_, _, args, body, _) => {
                let bound: Vec<Ident> = args.iter().map(|(id, _)| *id).collect();
                self.class(body, mode.compose(Mode::Delay)).remove(&bound)
            }
            ClassExprDesc::Apply(class, args) => {
                let args = args.iter().filter_map(|(_, arg)| arg.as_ref());
                self.class(class, deref).join(self.all(args, |arg| self.expression(arg, deref)))
            }
            ClassExprDesc::Let(rec_flag, bindings, _, body) => {
                self.value_bindings(*rec_flag, bindings, mode, self.class(body, mode))
            }
            ClassExprDesc::Constraint(body, ..) | ClassExprDesc::Open(_, body) => self.class(body, mode),
        }
    }

    fn class_structure(&self, class: &ClassStructure, mode: Mode) -> Uses {
        let deref = mode.compose(Mode::Dereference);
        self.all(&class.fields, |field| match &field.desc {
            ClassFieldDesc::Inherit(_, class, ..) => self.class(class, deref),
            ClassFieldDesc::Val(_, _, _, ClassFieldKind::Concrete(_, e), _)
            | ClassFieldDesc::Method(_, _, ClassFieldKind::Concrete(_, e))
            | ClassFieldDesc::Initializer(e) => self.expression(e, deref),
            _ => Uses::default(),
        })
    }

    /// Only the definitions before the class's own structure run when it is defined.
    fn class_bindings(&self, class: &ClassExpr, mode: Mode) -> Uses {
        match &class.desc {
            ClassExprDesc::Let(rec_flag, bindings, _, body) => {
                self.value_bindings(*rec_flag, bindings, mode, self.class_bindings(body, mode))
            }
            ClassExprDesc::Constraint(body, ..) | ClassExprDesc::Open(_, body) => self.class_bindings(body, mode),
            ClassExprDesc::Ident(..)
            | ClassExprDesc::Structure(_)
            | ClassExprDesc::Fun(..)
            | ClassExprDesc::Apply(..) => Uses::default(),
        }
    }
}

/// How a value is used that is matched against a pattern, of which the variables are used so.
fn pattern_mode(pat: &Pattern, uses: &Uses) -> Mode {
    let own = if is_destructuring(pat) { Mode::Dereference } else { Mode::Guard };
    pat_bound_idents(pat).into_iter().map(|id| uses.find(id)).fold(own, Mode::max)
}

fn is_destructuring(pat: &Pattern) -> bool {
    match &pat.desc {
        PatternDesc::Any | PatternDesc::Var(..) | PatternDesc::Exception(_) => false,
        PatternDesc::Alias(p, ..) | PatternDesc::Value(p) => is_destructuring(p),
        PatternDesc::Or(p, q, _) => is_destructuring(p) || is_destructuring(q),
        PatternDesc::Constant(_)
        | PatternDesc::Tuple(_)
        | PatternDesc::Construct(..)
        | PatternDesc::Variant(..)
        | PatternDesc::Record(..)
        | PatternDesc::Array(..)
        | PatternDesc::Lazy(_) => true,
    }
}
