//! Where the names that occur in a tree were defined: `-bin-annot-occurrences`, upstream's `cmt_ident_occurrences`.

use crate::iterator::{Visitor, Walk};
use crate::shape::{Kind, Resolution, Shapes};
use rocaml_base::{Loc, Name};
use rocaml_syntax::longident::Longident;
use rocaml_types::env::Env;
use rocaml_types::path::ExtraTy;
use rocaml_types::{ConstructorDescription, ConstructorTag, LabelDescription, Path, TypeDesc, TypeId, Uid};
use rocaml_typing::saved_types::BinaryPart;
use rocaml_typing::typedtree::*;
use std::rc::Rc;

/// A name as written, and what it stands for.
pub type Occurrence = (Loc<Longident>, Resolution);

/// The occurrences in an implementation, the last first.
pub fn of_structure(shapes: &mut Shapes<'_>, structure: &Structure) -> Vec<Occurrence> {
    collected(shapes, |walk| walk.structure(structure))
}

/// The occurrences in an interface, the last first.
pub fn of_signature(shapes: &mut Shapes<'_>, signature: &Signature) -> Vec<Occurrence> {
    collected(shapes, |walk| walk.signature(signature))
}

/// The occurrences in the parts of an implementation, the last first.
pub fn of_parts(shapes: &mut Shapes<'_>, parts: &[BinaryPart]) -> Vec<Occurrence> {
    // The last is first: what is defined is known before all that uses it.
    for part in parts.iter().rev() {
        match part {
            BinaryPart::Structure(structure) => shapes.define(&structure.items),
            BinaryPart::StructureItem(item) => shapes.define(std::slice::from_ref(item)),
            _ => {}
        }
    }
    collected(shapes, |walk| parts.iter().for_each(|part| walk.part(part)))
}

fn collected(shapes: &mut Shapes<'_>, visit: impl FnOnce(&mut Walk<'_>)) -> Vec<Occurrence> {
    let mut index = Index { shapes, found: Vec::new() };
    visit(&mut Walk(&mut index));
    index.found.reverse();
    index.found
}

struct Index<'a, 'b> {
    shapes: &'a mut Shapes<'b>,
    found: Vec<Occurrence>,
}

impl Index<'_, '_> {
    fn add(&mut self, kind: Kind, env: &Env, path: &Path, lid: &Loc<Longident>) {
        let mut scraped = path;
        while let Path::ExtraTy(prefix, _) = scraped {
            scraped = prefix;
        }
        match (&lid.txt, scraped) {
            (Longident::Ldot(prefix_lid, _), Path::Dot(prefix, _)) => {
                self.resolve(kind, env, path, lid);
                self.add(Kind::Module, env, prefix, prefix_lid);
            }
            (Longident::Lapply(f_lid, arg_lid), Path::Apply(f, arg)) => {
                self.add(Kind::Module, env, arg, arg_lid);
                self.add(Kind::Module, env, f, f_lid);
            }
            (Longident::Lident(_), _) => self.resolve(kind, env, path, lid),
            _ => {}
        }
    }

    fn resolve(&mut self, kind: Kind, env: &Env, path: &Path, lid: &Loc<Longident>) {
        if !lid.loc.ghost
            && let Some(resolution) = self.shapes.resolution(env, kind, path)
        {
            self.found.push((lid.clone(), resolution));
        }
    }

    fn name(&mut self, kind: Kind, env: &Env, path: &Path, name: &Loc<Name>) {
        self.add(kind, env, path, &name.map(Longident::Lident));
    }

    /// The path of a part of a type that is a constructor.
    fn path_in_type(&self, ty: TypeId, name: Name) -> Option<Path> {
        let cx = self.shapes.cx;
        match cx.desc(cx.repr(ty)) {
            TypeDesc::Constr(path, ..) => Some(Path::ExtraTy(Rc::new(path), ExtraTy::CstrTy(name))),
            _ => None,
        }
    }

    fn constructor(&mut self, env: &Env, lid: &Loc<Longident>, c: &ConstructorDescription) {
        match (&c.tag, c.uid) {
            (ConstructorTag::Extension(path, _), _) => self.add(Kind::ExtensionConstructor, env, path, lid),
            // Nothing is said of what is predefined.
            (_, Uid::Predef(_)) => {}
            _ => {
                if let Some(path) = self.path_in_type(c.res, c.name) {
                    self.add(Kind::Constructor, env, &path, lid);
                }
            }
        }
    }

    fn label(&mut self, env: &Env, lid: &Loc<Longident>, label: &LabelDescription) {
        if let Some(path) = self.path_in_type(label.res, label.name) {
            self.add(Kind::Label, env, &path, lid);
        }
    }

    /// A label that may be written together with its value, which makes its place a ghost.
    fn punned_label(
        &mut self,
        env: &Env,
        lid: &Loc<Longident>,
        label: &LabelDescription,
        value: rocaml_base::Location,
    ) {
        let mut lid = lid.clone();
        if !value.ghost && (lid.loc.start, lid.loc.end) == (value.start, value.end) {
            lid.loc.ghost = false;
        }
        self.label(env, &lid, label);
    }
}

/// Whether a pattern unpacks a module: its variable is the module's name too.
fn is_unpack(p: &Pattern) -> bool {
    p.extra.iter().any(|(extra, ..)| matches!(extra, PatternExtra::Unpack))
}

impl Visitor for Index<'_, '_> {
    fn expr(&mut self, e: &Expression) {
        use ExpressionDesc as E;
        let env = &e.env;
        match &e.desc {
            E::Ident(path, lid, _) => self.add(Kind::Value, env, path, lid),
            E::Construct(lid, c, _) => self.constructor(env, lid, c),
            E::Field(_, lid, label) | E::SetField(_, lid, label, _) | E::AtomicLoc(_, lid, label) => {
                self.label(env, lid, label);
            }
            E::New(path, lid, _) => self.add(Kind::Class, env, path, lid),
            E::Record { fields, .. } => {
                for (label, definition) in fields {
                    if let RecordLabelDefinition::Overridden(lid, value) = definition {
                        self.punned_label(env, lid, label, value.loc);
                    }
                }
            }
            E::InstVar(_, path, name) | E::SetInstVar(_, path, name, _) => self.name(Kind::Value, env, path, name),
            E::Override(_, fields) => {
                for (id, name, _) in fields {
                    self.name(Kind::Value, env, &Path::Ident(*id), name);
                }
            }
            E::ExtensionConstructor(lid, path) => self.add(Kind::ExtensionConstructor, env, path, lid),
            E::LetModule(id, _, _, module, body) => self.shapes.let_module(*id, module, &body.env),
            E::LetException(c, _) => drop(self.shapes.extension_shape(c)),
            E::Pack(module) => drop(self.shapes.module(module)),
            _ => {}
        }
    }

    fn typ(&mut self, ty: &CoreType) {
        let env = &ty.env;
        match &ty.desc {
            CoreTypeDesc::Constr(path, lid, _) | CoreTypeDesc::Class(path, lid, _) => {
                self.add(Kind::Type, env, path, lid);
            }
            CoreTypeDesc::Package(package) => self.add(Kind::ModuleType, env, &package.path, &package.txt),
            CoreTypeDesc::Open(path, lid, _) => self.add(Kind::Module, env, path, lid),
            _ => {}
        }
    }

    fn pat(&mut self, p: &Pattern) {
        let env = &p.env;
        match &p.desc {
            PatternDesc::Construct(lid, c, ..) => self.constructor(env, lid, c),
            PatternDesc::Record(fields, _) => {
                for (lid, label, value) in fields {
                    self.punned_label(env, lid, label, value.loc);
                }
            }
            PatternDesc::Var(id, ..) if is_unpack(p) => self.shapes.unpack(*id),
            PatternDesc::Alias(inner, id, ..) if is_unpack(inner) => self.shapes.unpack(*id),
            _ => {}
        }
        for (extra, _, _) in &p.extra {
            match extra {
                PatternExtra::Open(path, lid, _) => self.add(Kind::Module, env, path, lid),
                PatternExtra::Type(path, lid) => self.add(Kind::Type, env, path, lid),
                PatternExtra::Constraint(_) | PatternExtra::Unpack => {}
            }
        }
    }

    fn binding_op(&mut self, op: &BindingOp) {
        self.name(Kind::Value, &op.exp.env, &op.op_path, &op.op_name);
    }

    fn module_expr(&mut self, module: &ModuleExpr) {
        if let ModuleExprDesc::Ident(path, lid) = &module.desc {
            self.add(Kind::Module, &module.env, path, lid);
        }
    }

    fn open_declaration(&mut self, open: &OpenDeclaration) {
        self.shapes.open(open);
    }

    fn open_description(&mut self, open: &OpenDescription) {
        let (path, lid) = &open.expr;
        self.add(Kind::Module, &open.env, path, lid);
    }

    fn module_type(&mut self, ty: &ModuleType) {
        let env = &ty.env;
        match &ty.desc {
            ModuleTypeDesc::Ident(path, lid) => self.add(Kind::ModuleType, env, path, lid),
            ModuleTypeDesc::Alias(path, lid) => self.add(Kind::Module, env, path, lid),
            ModuleTypeDesc::With(_, constraints) => {
                for (_, _, constraint) in constraints {
                    if let WithConstraint::Module(path, lid) | WithConstraint::ModSubst(path, lid) = constraint {
                        self.add(Kind::Module, env, path, lid);
                    }
                }
            }
            ModuleTypeDesc::TypeOf(module) => drop(self.shapes.module(module)),
            _ => {}
        }
    }

    fn class_expr(&mut self, class: &ClassExpr) {
        if let ClassExprDesc::Ident(path, lid, _) = &class.desc {
            self.add(Kind::Class, &class.env, path, lid);
        }
    }

    fn class_type(&mut self, class: &ClassType) {
        if let ClassTypeDesc::Constr(path, lid, _) = &class.desc {
            self.add(Kind::ClassType, &class.env, path, lid);
        }
    }

    fn signature_item(&mut self, item: &SignatureItem) {
        match &item.desc {
            SignatureItemDesc::RecModule(decls) => {
                decls.iter().for_each(|d| self.shapes.bind_by_name(d.id, d.uid));
            }
            SignatureItemDesc::ModSubst(d) => self.add(Kind::Module, &item.env, &d.manifest, &d.txt),
            SignatureItemDesc::Typext(extension) => self.add(Kind::Type, &item.env, &extension.path, &extension.txt),
            _ => {}
        }
    }

    fn structure_item(&mut self, item: &StructureItem, _next: Option<&StructureItem>) {
        match &item.desc {
            StructureItemDesc::Exception(exception) => {
                if let ExtensionConstructorKind::Rebind(path, lid) = &exception.constructor.kind {
                    self.add(Kind::ExtensionConstructor, &item.env, path, lid);
                }
            }
            StructureItemDesc::Typext(extension) => {
                self.add(Kind::Type, &item.env, &extension.path, &extension.txt);
            }
            StructureItemDesc::RecModule(bindings) => self.shapes.bind_recursively(bindings),
            _ => {}
        }
    }

    fn leave_structure_item(&mut self, item: &StructureItem) {
        if let StructureItemDesc::RecModule(bindings) = &item.desc {
            self.shapes.recursive_modules(bindings);
        }
    }
}
