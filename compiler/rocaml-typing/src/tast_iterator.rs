//! Traversal of typed trees: upstream's `Tast_iterator`.
//!
//! Implement [`TastIterator`], override what matters, and call the `walk_` function of the same
//! kind to go on into the parts.

use rocaml_types::btype::IdSet;
use rocaml_types::{Ident, Path};

use crate::typedtree::*;

/// A visitor; each method goes on by default.
pub trait TastIterator {
    fn expr(&mut self, expression: &Expression) {
        walk_expr(self, expression);
    }
    fn pat(&mut self, pattern: &Pattern) {
        walk_pat(self, pattern);
    }
    fn case(&mut self, case: &Case) {
        walk_case(self, case);
    }
    fn value_binding(&mut self, binding: &ValueBinding) {
        self.pat(&binding.pat);
        self.expr(&binding.expr);
    }
    fn module_expr(&mut self, module: &ModuleExpr) {
        walk_module_expr(self, module);
    }
    fn structure_item(&mut self, item: &StructureItem) {
        walk_structure_item(self, item);
    }
    fn class_expr(&mut self, class: &ClassExpr) {
        walk_class_expr(self, class);
    }
    fn class_structure(&mut self, class: &ClassStructure) {
        walk_class_structure(self, class);
    }
}

pub fn walk_pat<I: TastIterator + ?Sized>(it: &mut I, pattern: &Pattern) {
    pattern.parts().into_iter().for_each(|part| it.pat(part));
}

pub fn walk_case<I: TastIterator + ?Sized>(it: &mut I, case: &Case) {
    it.pat(&case.lhs);
    if let Some(guard) = &case.guard {
        it.expr(guard);
    }
    it.expr(&case.rhs);
}

pub fn walk_expr<I: TastIterator + ?Sized>(it: &mut I, expression: &Expression) {
    use ExpressionDesc::*;
    match &expression.desc {
        Ident(..) | Constant(_) | New(..) | InstVar(..) | Unreachable | ExtensionConstructor(..) => {}
        Let(_, bindings, body) => {
            bindings.iter().for_each(|binding| it.value_binding(binding));
            it.expr(body);
        }
        Function(params, body) => {
            for param in params {
                match &param.kind {
                    FunctionParamKind::Pat(pattern) => it.pat(pattern),
                    FunctionParamKind::OptionalDefault(pattern, default) => {
                        it.pat(pattern);
                        it.expr(default);
                    }
                }
            }
            match body {
                FunctionBody::Body(body) => it.expr(body),
                FunctionBody::Cases { cases, .. } => cases.iter().for_each(|case| it.case(case)),
            }
        }
        Apply(function, args) => {
            it.expr(function);
            args.iter().filter_map(|(_, arg)| arg.as_ref()).for_each(|arg| it.expr(arg));
        }
        Match(scrutinee, cases, effects, _) | Try(scrutinee, cases, effects) => {
            it.expr(scrutinee);
            cases.iter().chain(effects).for_each(|case| it.case(case));
        }
        Tuple(parts) => parts.iter().for_each(|(_, part)| it.expr(part)),
        Construct(_, _, parts) | Array(_, parts) => parts.iter().for_each(|part| it.expr(part)),
        Variant(_, arg) => arg.iter().for_each(|arg| it.expr(arg)),
        Record { fields, extended_expression, .. } => {
            for (_, definition) in fields {
                if let RecordLabelDefinition::Overridden(_, value) = definition {
                    it.expr(value);
                }
            }
            extended_expression.iter().for_each(|extended| it.expr(extended));
        }
        AtomicLoc(e, ..) | Field(e, ..) | Assert(e, _) | Lazy(e) | Send(e, _) | SetInstVar(_, _, _, e) => it.expr(e),
        SetField(record, _, _, value) => {
            it.expr(record);
            it.expr(value);
        }
        IfThenElse(condition, yes, no) => {
            it.expr(condition);
            it.expr(yes);
            no.iter().for_each(|no| it.expr(no));
        }
        Sequence(a, b) | While(a, b) => {
            it.expr(a);
            it.expr(b);
        }
        For(_, _, low, high, _, body) => {
            it.expr(low);
            it.expr(high);
            it.expr(body);
        }
        Override(_, fields) => fields.iter().for_each(|(_, _, value)| it.expr(value)),
        LetModule(_, _, _, module, body) => {
            it.module_expr(module);
            it.expr(body);
        }
        LetException(_, body) => it.expr(body),
        Object(class, _) => it.class_structure(class),
        Pack(module) => it.module_expr(module),
        LetOp { let_, ands, body, .. } => {
            it.expr(&let_.exp);
            ands.iter().for_each(|and| it.expr(&and.exp));
            it.case(body);
        }
        Open(open, body) => {
            it.module_expr(&open.expr);
            it.expr(body);
        }
    }
}

pub fn walk_module_expr<I: TastIterator + ?Sized>(it: &mut I, module: &ModuleExpr) {
    match &module.desc {
        ModuleExprDesc::Ident(..) => {}
        ModuleExprDesc::Structure(structure) => structure.items.iter().for_each(|item| it.structure_item(item)),
        ModuleExprDesc::Functor(_, body) | ModuleExprDesc::ApplyUnit(body) => it.module_expr(body),
        ModuleExprDesc::Constraint(body, ..) => it.module_expr(body),
        ModuleExprDesc::Apply(functor, argument, _) => {
            it.module_expr(functor);
            it.module_expr(argument);
        }
        ModuleExprDesc::Unpack(expression, _) => it.expr(expression),
    }
}

pub fn walk_structure_item<I: TastIterator + ?Sized>(it: &mut I, item: &StructureItem) {
    match &item.desc {
        StructureItemDesc::Eval(expression, _) => it.expr(expression),
        StructureItemDesc::Value(_, bindings) => bindings.iter().for_each(|binding| it.value_binding(binding)),
        StructureItemDesc::Module(binding) => it.module_expr(&binding.expr),
        StructureItemDesc::RecModule(bindings) => bindings.iter().for_each(|binding| it.module_expr(&binding.expr)),
        StructureItemDesc::Open(open) => it.module_expr(&open.expr),
        StructureItemDesc::Include(include) => it.module_expr(&include.mod_),
        StructureItemDesc::Class(classes) => classes.iter().for_each(|(class, _)| it.class_expr(&class.expr)),
        StructureItemDesc::Primitive(_)
        | StructureItemDesc::Type(..)
        | StructureItemDesc::Typext(_)
        | StructureItemDesc::Exception(_)
        | StructureItemDesc::Modtype(_)
        | StructureItemDesc::ClassType(_)
        | StructureItemDesc::Attribute(_) => {}
    }
}

pub fn walk_class_expr<I: TastIterator + ?Sized>(it: &mut I, class: &ClassExpr) {
    match &class.desc {
        ClassExprDesc::Ident(..) => {}
        ClassExprDesc::Structure(structure) => it.class_structure(structure),
        ClassExprDesc::Fun(_, pattern, values, body, _) => {
            it.pat(pattern);
            values.iter().for_each(|(_, value)| it.expr(value));
            it.class_expr(body);
        }
        ClassExprDesc::Apply(class, args) => {
            it.class_expr(class);
            args.iter().filter_map(|(_, arg)| arg.as_ref()).for_each(|arg| it.expr(arg));
        }
        ClassExprDesc::Let(_, bindings, values, body) => {
            bindings.iter().for_each(|binding| it.value_binding(binding));
            values.iter().for_each(|(_, value)| it.expr(value));
            it.class_expr(body);
        }
        ClassExprDesc::Constraint(body, ..) | ClassExprDesc::Open(_, body) => it.class_expr(body),
    }
}

pub fn walk_class_structure<I: TastIterator + ?Sized>(it: &mut I, class: &ClassStructure) {
    it.pat(&class.self_);
    for field in &class.fields {
        match &field.desc {
            ClassFieldDesc::Inherit(_, class, ..) => it.class_expr(class),
            ClassFieldDesc::Val(_, _, _, ClassFieldKind::Concrete(_, value), _)
            | ClassFieldDesc::Method(_, _, ClassFieldKind::Concrete(_, value)) => it.expr(value),
            ClassFieldDesc::Initializer(value) => it.expr(value),
            ClassFieldDesc::Val(..)
            | ClassFieldDesc::Method(..)
            | ClassFieldDesc::Constraint(..)
            | ClassFieldDesc::Attribute(_) => {}
        }
    }
}

/// The idents at the heads of all value paths in an expression.
pub fn all_idents(expression: &Expression) -> IdSet<Ident> {
    struct Collect(IdSet<Ident>);
    impl Collect {
        fn heads(&mut self, path: &Path) {
            match path {
                Path::Ident(id) => {
                    self.0.insert(*id);
                }
                Path::Dot(path, _) | Path::ExtraTy(path, _) => self.heads(path),
                Path::Apply(functor, argument) => {
                    self.heads(functor);
                    self.heads(argument);
                }
            }
        }
    }
    impl TastIterator for Collect {
        fn expr(&mut self, expression: &Expression) {
            match &expression.desc {
                ExpressionDesc::Ident(path, ..) => self.heads(path),
                _ => walk_expr(self, expression),
            }
        }
    }
    let mut collect = Collect(IdSet::default());
    collect.expr(expression);
    collect.0
}
