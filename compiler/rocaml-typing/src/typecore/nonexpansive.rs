//! The value restriction: which expressions may be generalised.

use rocaml_syntax::asttypes::{ArgLabel, MutableFlag};
use rocaml_types::{ClassType, ValueKind};

use crate::typedtree::*;

fn all<'a>(mut expressions: impl Iterator<Item = &'a Expression>) -> bool {
    expressions.all(is_nonexpansive)
}

/// Whether evaluating the expression has no observable effect and allocates nothing mutable.
pub fn is_nonexpansive(exp: &Expression) -> bool {
    use ExpressionDesc::*;
    match &exp.desc {
        Ident(..) | Constant(_) | Unreachable | Function(..) => true,
        Array(_, parts) => parts.is_empty(),
        Let(_, bindings, body) => all(bindings.iter().map(|b| &b.expr)) && is_nonexpansive(body),
        // Nothing is called when the first argument is missing.
        Apply(function, args) if matches!(args.first(), Some((_, None))) => {
            is_nonexpansive(function) && all(args.iter().filter_map(|(_, arg)| arg.as_ref()))
        }
        // Raising is like diverging.
        Apply(function, args) => match (&function.desc, args.as_slice()) {
            (Ident(_, _, desc), [(ArgLabel::Nolabel, Some(arg))]) => {
                let raises = matches!(&desc.kind, ValueKind::Prim(prim)
                    if ["%raise", "%reraise", "%raise_notrace"].contains(&prim.name.as_str()));
                raises && is_nonexpansive(arg)
            }
            _ => false,
        },
        Match(scrutinee, cases, _, _) => {
            is_nonexpansive(scrutinee)
                && cases.iter().all(|case| {
                    all(case.guard.iter())
                        && is_nonexpansive(&case.rhs)
                        && !case.lhs.exists(&|p| matches!(p.desc, PatternDesc::Exception(_)))
                })
        }
        Tuple(parts) => all(parts.iter().map(|(_, e)| e)),
        Construct(_, _, parts) => all(parts.iter()),
        Variant(_, arg) => all(arg.iter().map(|e| &**e)),
        Record { fields, extended_expression, .. } => {
            fields.iter().all(|(label, definition)| match definition {
                RecordLabelDefinition::Overridden(_, e) => {
                    label.mutable == MutableFlag::Immutable && is_nonexpansive(e)
                }
                RecordLabelDefinition::Kept(..) => true,
            }) && all(extended_expression.iter().map(|e| &**e))
        }
        AtomicLoc(e, ..) | Field(e, ..) | Lazy(e) | Assert(e, _) => is_nonexpansive(e),
        IfThenElse(_, yes, no) => is_nonexpansive(yes) && all(no.iter().map(|e| &**e)),
        Sequence(_, e) => is_nonexpansive(e),
        New(_, _, class) => matches!(class.type_, ClassType::Arrow(..)),
        Object(class, _) => is_nonexpansive_object(class),
        LetModule(_, _, _, module, body) => is_nonexpansive_module(module) && is_nonexpansive(body),
        Open(open, body) => is_nonexpansive_module(&open.expr) && is_nonexpansive(body),
        Pack(module) => is_nonexpansive_module(module),
        Try(..)
        | SetField(..)
        | While(..)
        | For(..)
        | Send(..)
        | InstVar(..)
        | SetInstVar(..)
        | Override(..)
        | LetException(..)
        | LetOp { .. }
        | ExtensionConstructor(..) => false,
    }
}

fn is_nonexpansive_object(class: &ClassStructure) -> bool {
    let mut values = 0;
    let fields = class.fields.iter().all(|field| match &field.desc {
        ClassFieldDesc::Val(_, _, _, kind, _) => {
            values += 1;
            match kind {
                ClassFieldKind::Concrete(_, e) => is_nonexpansive(e),
                ClassFieldKind::Virtual(_) => true,
            }
        }
        ClassFieldDesc::Initializer(e) => is_nonexpansive(e),
        ClassFieldDesc::Inherit(..) => false,
        ClassFieldDesc::Method(..) | ClassFieldDesc::Constraint(..) | ClassFieldDesc::Attribute(_) => true,
    });
    let vars = class.type_.vars.borrow();
    fields && vars.len() == values && vars.values().all(|(mutable, ..)| *mutable == MutableFlag::Immutable)
}

/// Likewise for a module.
pub fn is_nonexpansive_module(module: &ModuleExpr) -> bool {
    match &module.desc {
        ModuleExprDesc::Ident(..) | ModuleExprDesc::Functor(..) => true,
        ModuleExprDesc::Unpack(e, _) => is_nonexpansive(e),
        ModuleExprDesc::Constraint(m, ..) => is_nonexpansive_module(m),
        ModuleExprDesc::Structure(structure) => structure.items.iter().all(is_nonexpansive_item),
        ModuleExprDesc::Apply(..) | ModuleExprDesc::ApplyUnit(_) => false,
    }
}

fn is_nonexpansive_item(item: &StructureItem) -> bool {
    let is_rebind =
        |ext: &crate::typedtree::ExtensionConstructor| matches!(ext.kind, ExtensionConstructorKind::Rebind(..));
    match &item.desc {
        StructureItemDesc::Eval(..)
        | StructureItemDesc::Primitive(_)
        | StructureItemDesc::Type(..)
        | StructureItemDesc::Modtype(_)
        | StructureItemDesc::ClassType(_)
        | StructureItemDesc::Attribute(_) => true,
        StructureItemDesc::Value(_, bindings) => all(bindings.iter().map(|b| &b.expr)),
        StructureItemDesc::Module(binding) => is_nonexpansive_module(&binding.expr),
        StructureItemDesc::Open(open) => is_nonexpansive_module(&open.expr),
        StructureItemDesc::Include(include) => is_nonexpansive_module(&include.mod_),
        StructureItemDesc::RecModule(bindings) => bindings.iter().all(|b| is_nonexpansive_module(&b.expr)),
        // A new exception is an effect.
        StructureItemDesc::Exception(exception) => is_rebind(&exception.constructor),
        StructureItemDesc::Typext(extension) => extension.constructors.iter().all(is_rebind),
        StructureItemDesc::Class(_) => false,
    }
}
