//! Structures: a list of frames around what remains, filled from the end.

use super::{bare, field_path};
use crate::attributes;
use crate::error::Result;
use crate::lambda::*;
use crate::translator::{Translator, ignore, let_, make_block, mutable_field, sequence};
use crate::translcore::{Bound, bound_value_idents, pure_module};
use rocaml_types as types;
use rocaml_types::{Ident, Path};
use rocaml_typing::typedtree::*;
use std::collections::HashMap;

/// What stands around the rest of a structure.
pub(super) enum Frame<'t> {
    Let(LetKind, Ident, Lambda),
    Sequence(Lambda),
    Bindings(Bound<'t>),
}

/// Where the definitions of a unit are kept.
#[derive(Default)]
pub(super) struct Layout {
    /// Exported fields by ident, with the coercion of each.
    pub exports: HashMap<Ident, Vec<(usize, ModuleCoercion)>>,
    /// The next free position.
    pub size: usize,
}

impl<'a> Translator<'a> {
    /// A structure that is a value.
    pub(super) fn local_structure(
        &mut self,
        structure: &Structure,
        coercion: &ModuleCoercion,
        root: Option<&Path>,
        loc: &ScopedLocation,
    ) -> Result<Lambda> {
        let mut frames = Vec::new();
        let idents = self.items(&structure.items, root, &mut frames, &mut None)?;
        let block = self.structure_block(&idents, coercion, loc)?;
        self.close_frames(frames, block)
    }

    pub(super) fn close_frames(&mut self, frames: Vec<Frame<'_>>, mut rest: Lambda) -> Result<Lambda> {
        for frame in frames.into_iter().rev() {
            rest = match frame {
                Frame::Let(kind, id, def) => let_(kind, ValueKind::Generic, id, def, rest),
                Frame::Sequence(first) => sequence(first, rest),
                Frame::Bindings(bound) => self.close_bindings(bound, rest)?,
            };
        }
        Ok(rest)
    }

    /// The block of a structure whose definitions are in scope.
    fn structure_block(&mut self, idents: &[Ident], coercion: &ModuleCoercion, loc: &ScopedLocation) -> Result<Lambda> {
        match coercion {
            ModuleCoercion::Structure(fields, aliases) => {
                let aliases: Vec<_> = aliases.iter().filter(|(id, ..)| !idents.contains(id)).cloned().collect();
                let get_field = |position: i32| match usize::try_from(position) {
                    Ok(position) => Lambda::Var(idents[position]),
                    Err(_) => Lambda::unit(),
                };
                self.coerced_block(loc, LetKind::Strict, fields, &aliases, &get_field)
            }
            _ => {
                let fields = idents.iter().map(|id| Lambda::Var(*id)).collect();
                Ok(make_block(0, Mutability::Immutable, None, fields, loc))
            }
        }
    }

    /// The items of a structure as frames; the idents they define, in the order of the fields.
    pub(super) fn items<'t>(
        &mut self,
        items: &'t [StructureItem],
        root: Option<&Path>,
        frames: &mut Vec<Frame<'t>>,
        layout: &mut Option<Layout>,
    ) -> Result<Vec<Ident>> {
        let mut defined = Vec::new();
        for item in items {
            let idents = self.item(item, root, frames, layout)?;
            defined.extend(idents);
        }
        Ok(defined)
    }

    pub(super) fn item<'t>(
        &mut self,
        item: &'t StructureItem,
        root: Option<&Path>,
        frames: &mut Vec<Frame<'t>>,
        layout: &mut Option<Layout>,
    ) -> Result<Vec<Ident>> {
        let loc = self.scopes.at(item.loc);
        match &item.desc {
            StructureItemDesc::Eval(e, _) => {
                let value = self.exp(e)?;
                frames.push(Frame::Sequence(ignore(value, &loc)));
                Ok(vec![])
            }
            StructureItemDesc::Value(flag, bindings) => {
                let idents = let_bound_idents(bindings);
                let bound = self.let_bindings(*flag, bindings, true)?;
                frames.push(Frame::Bindings(bound));
                self.store_all(&idents, frames, layout)?;
                Ok(idents)
            }
            StructureItemDesc::Primitive(declaration) => {
                if let types::ValueKind::Prim(desc) = &declaration.val.kind {
                    self.check_primitive_arity(declaration.loc, desc)?;
                }
                Ok(vec![])
            }
            StructureItemDesc::Typext(extension) => {
                let mut idents = Vec::new();
                for constructor in &extension.constructors {
                    let path = field_path(root, constructor.id);
                    let slot = self.extension_constructor(&item.env, path.as_ref(), constructor)?;
                    frames.push(Frame::Let(LetKind::Strict, constructor.id, slot));
                    idents.push(constructor.id);
                }
                self.store_all(&idents, frames, layout)?;
                Ok(idents)
            }
            StructureItemDesc::Exception(exception) => {
                let constructor = &exception.constructor;
                let path = field_path(root, constructor.id);
                let slot = self.extension_constructor(&item.env, path.as_ref(), constructor)?;
                frames.push(Frame::Let(LetKind::Strict, constructor.id, slot));
                self.store_all(&[constructor.id], frames, layout)?;
                Ok(vec![constructor.id])
            }
            StructureItemDesc::Module(binding) => self.module_binding(binding, root, frames, layout),
            StructureItemDesc::RecModule(bindings) => {
                let idents: Vec<Ident> = bindings.iter().filter_map(|binding| binding.id).collect();
                self.recursive_modules(bindings, root, frames)?;
                self.store_all(&idents, frames, layout)?;
                Ok(idents)
            }
            StructureItemDesc::Include(include) => {
                let idents = bound_value_idents(&include.type_);
                self.spread(&include.mod_, "include", &idents, None, frames, layout)?;
                Ok(idents)
            }
            StructureItemDesc::Open(open) => {
                let idents = bound_value_idents(&open.bound_items);
                if idents.is_empty() && pure_module(&open.expr) == LetKind::Alias {
                    return Ok(vec![]);
                }
                self.spread(&open.expr, "open", &idents, root, frames, layout)?;
                Ok(idents)
            }
            StructureItemDesc::Class(classes) => {
                let idents: Vec<Ident> = classes.iter().map(|(class, _)| class.id_class).collect();
                let bound = self.class_bindings(classes)?;
                frames.push(Frame::Bindings(bound));
                self.store_all(&idents, frames, layout)?;
                Ok(idents)
            }
            StructureItemDesc::Type(..)
            | StructureItemDesc::Modtype(_)
            | StructureItemDesc::ClassType(_)
            | StructureItemDesc::Attribute(_) => Ok(vec![]),
        }
    }

    fn module_binding<'t>(
        &mut self,
        binding: &'t ModuleBinding,
        root: Option<&Path>,
        frames: &mut Vec<Frame<'t>>,
        layout: &mut Option<Layout>,
    ) -> Result<Vec<Ident>> {
        if binding.presence == types::ModulePresence::Absent {
            return Ok(vec![]);
        }
        let loc = self.scopes.at(binding.loc);
        let Some(id) = binding.id else {
            let value = self.module(&binding.expr, &ModuleCoercion::None, None)?;
            frames.push(Frame::Sequence(ignore(value, &self.scopes.at(binding.name.loc))));
            return Ok(vec![]);
        };
        let path = field_path(root, id);
        let scopes = self.scopes.definition(id.name());
        let value = match (layout.is_some(), plain_structure(&binding.expr)) {
            (true, Some((structure, coercion))) => {
                // In place, so that what it defines is stored as well.
                let inner =
                    self.in_scopes(scopes, |this| this.items(&structure.items, path.as_ref(), frames, layout))?;
                self.structure_block(&inner, coercion, &loc)?
            }
            _ => self.in_scopes(scopes, |this| this.module(&binding.expr, &ModuleCoercion::None, path.as_ref()))?,
        };
        let value = attributes::add_inline(self.cx, value, binding.loc, &binding.attributes);
        frames.push(Frame::Let(pure_module(&binding.expr), id, value));
        self.store_all(&[id], frames, layout)?;
        Ok(vec![id])
    }

    /// `include` and `open` of a module expression: its fields become definitions.
    fn spread<'t>(
        &mut self,
        modl: &'t ModuleExpr,
        name: &str,
        idents: &[Ident],
        root: Option<&Path>,
        frames: &mut Vec<Frame<'t>>,
        layout: &mut Option<Layout>,
    ) -> Result<()> {
        let loc = self.scopes.at(modl.loc);
        if layout.is_some()
            && let Some((structure, coercion)) = plain_structure(modl)
        {
            let inner = self.items(&structure.items, root, frames, layout)?;
            for (index, id) in idents.iter().enumerate() {
                let value = match coercion {
                    ModuleCoercion::Structure(fields, _) => {
                        let (position, coercion) = &fields[index];
                        let source =
                            usize::try_from(*position).map_or_else(|_| Lambda::unit(), |p| Lambda::Var(inner[p]));
                        self.coerce(&loc, LetKind::Strict, coercion, source)?
                    }
                    _ => Lambda::Var(inner[index]),
                };
                frames.push(Frame::Let(LetKind::Alias, *id, value));
            }
            return self.store_all(idents, frames, layout);
        }
        let value = self.module(modl, &ModuleCoercion::None, None)?;
        let module = Ident::create_local(name.into());
        frames.push(Frame::Let(pure_module(modl), module, value));
        for (index, id) in idents.iter().enumerate() {
            let field = mutable_field(index, Lambda::Var(module), Pointerness::Pointer, &loc);
            frames.push(Frame::Let(LetKind::Alias, *id, field));
        }
        self.store_all(idents, frames, layout)
    }

    /// Stores definitions of the unit in its block.
    fn store_all(&mut self, idents: &[Ident], frames: &mut Vec<Frame<'_>>, layout: &mut Option<Layout>) -> Result<()> {
        let Some(layout) = layout else { return Ok(()) };
        for id in idents {
            let exports = layout.exports.get(id).cloned().unwrap_or_default();
            // One field holds the value as it is, for those who refer to it within the unit.
            if !exports.iter().any(|(_, coercion)| matches!(coercion, ModuleCoercion::None)) {
                frames.push(Frame::Sequence(store(layout.size, Lambda::Var(*id))));
                layout.size += 1;
            }
            for (position, coercion) in exports {
                let value =
                    self.coerce(&bare(rocaml_base::Location::none()), LetKind::Alias, &coercion, Lambda::Var(*id))?;
                frames.push(Frame::Sequence(store(position, value)));
            }
        }
        Ok(())
    }
}

/// Stores a field of the unit's block.
pub(super) fn store(position: usize, value: Lambda) -> Lambda {
    Lambda::Prim(Primitive::SetGlobalField(position), vec![value], ScopedLocation::none())
}

/// A structure with at most one constraint around it.
fn plain_structure(modl: &ModuleExpr) -> Option<(&Structure, &ModuleCoercion)> {
    match &modl.desc {
        ModuleExprDesc::Structure(structure) => Some((structure, &ModuleCoercion::None)),
        ModuleExprDesc::Constraint(inner, _, _, coercion @ (ModuleCoercion::None | ModuleCoercion::Structure(..))) => {
            match &inner.desc {
                ModuleExprDesc::Structure(structure) => Some((structure, coercion)),
                _ => None,
            }
        }
        _ => None,
    }
}
