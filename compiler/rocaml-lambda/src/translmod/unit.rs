//! Whole units.

use super::structure::{Frame, Layout, store};
use crate::error::Result;
use crate::lambda::*;
use crate::map::deep;
use crate::translator::{Options, Translator, make_block, sequence};
use crate::translcore::bound_value_idents;
use rocaml_base::Name;
use rocaml_types::context::Context;
use rocaml_types::{Ident, Path, env};
use rocaml_typing::typedtree::*;

/// Translates an implementation: its code evaluates the unit and fills its block.
pub fn transl_implementation(cx: &Context, unit: Name, impl_: &Implementation, options: &Options) -> Result<Program> {
    let mut translator = Translator::new(cx, unit, options);
    let (code, exported_size, module_block_size) = translator.unit(impl_)?;
    let mut required_globals = env::get_required_globals(cx);
    env::reset_required_globals(cx);
    for used in translator.used_units.drain(..) {
        add_unit(&mut required_globals, used);
    }
    referenced_units(&code, &mut required_globals);
    required_globals.retain(|name| *name != unit);
    Ok(Program { unit, code, module_block_size, exported_size, required_globals })
}

/// The program of a pack: its module block holds those of its components, in the order or as the
/// coercion says. A component without code is an interface. Members name one another by the identifiers
/// that the pack's signature gives them.
pub fn transl_package(
    cx: &Context,
    unit: Name,
    components: &[(Ident, Option<Name>)],
    coercion: &ModuleCoercion,
) -> Result<Program> {
    let options = Options::default();
    let mut translator = Translator::new(cx, unit, &options);
    let none = ScopedLocation::none();
    let component = |position: i32| match usize::try_from(position).ok().and_then(|p| components[p].1) {
        Some(name) => Lambda::Prim(Primitive::GetGlobal(name), vec![], none.clone()),
        None => Lambda::unit(),
    };
    let mut fields = Vec::new();
    match coercion {
        ModuleCoercion::Structure(wanted, _) => {
            for (position, coercion) in wanted {
                fields.push(translator.coerce(&none, LetKind::Strict, coercion, component(*position))?);
            }
        }
        _ => fields.extend((0..components.len() as i32).map(component)),
    }
    let size = fields.len();
    let stores = fields.into_iter().enumerate().rev();
    let code = stores.fold(Lambda::unit(), |rest, (position, field)| sequence(store(position, field), rest));
    let named = (0..).zip(components).filter(|(_, (_, unit))| unit.is_some());
    let code = named.fold(code, |code, (position, (id, _))| {
        let member = Box::new(component(position));
        Lambda::Let(LetKind::Alias, ValueKind::Generic, *id, member, Box::new(code))
    });
    let required_globals = components.iter().filter_map(|(_, unit)| *unit).collect();
    Ok(Program { unit, code, module_block_size: size, exported_size: size, required_globals })
}

impl Translator<'_> {
    /// The blocks where classes keep their tables, as definitions of the unit.
    pub(super) fn class_tables(&mut self, layout: &mut Option<Layout>) -> Vec<Frame<'static>> {
        let none = ScopedLocation::none();
        let mut frames = Vec::new();
        for id in std::mem::take(&mut self.objects.tables) {
            let empty = make_block(0, Mutability::Mutable, None, vec![Lambda::unit(); 3], &none);
            frames.push(Frame::Let(LetKind::Strict, id, empty));
            if let Some(layout) = layout {
                frames.push(Frame::Sequence(store(layout.size, Lambda::Var(id))));
                layout.size += 1;
            }
        }
        frames
    }

    fn unit(&mut self, impl_: &Implementation) -> Result<(Lambda, usize, usize)> {
        let structure = &impl_.structure;
        let root = Path::Ident(Ident::global(self.unit));
        let defined = defined_idents(structure);
        let mut layout = Layout::default();
        let none = ScopedLocation::none();
        let (mut primitives, mut aliases) = (Vec::new(), Vec::new());
        match &impl_.coercion {
            ModuleCoercion::Structure(fields, _) => {
                layout.size = fields.len();
                for (field, (position, coercion)) in fields.iter().enumerate() {
                    match coercion {
                        ModuleCoercion::Primitive(prim) => {
                            let place = self.scopes.at(prim.loc);
                            let value = self.primitive_value(&place, &prim.desc, &prim.env, prim.type_, None)?;
                            primitives.push(store(field, value));
                        }
                        ModuleCoercion::Alias(..) => aliases.push((field, coercion)),
                        _ => match usize::try_from(*position).ok().and_then(|p| defined.get(p)) {
                            Some(id) => layout.exports.entry(*id).or_default().push((field, coercion.clone())),
                            None => primitives.push(store(field, Lambda::unit())),
                        },
                    }
                }
            }
            _ => {
                layout.size = defined.len();
                for (field, id) in defined.iter().enumerate() {
                    layout.exports.entry(*id).or_default().push((field, ModuleCoercion::None));
                }
            }
        }
        let exported_size = layout.size;
        let mut frames = Vec::new();
        let mut layout = Some(layout);
        self.items(&structure.items, Some(&root), &mut frames, &mut layout)?;
        // Aliases of modules are read last: what they name is complete by then.
        let mut code = Lambda::unit();
        for (field, coercion) in aliases.into_iter().rev() {
            let value = self.coerce(&none, LetKind::Strict, coercion, Lambda::unit())?;
            code = sequence(store(field, value), code);
        }
        let tables = self.class_tables(&mut layout);
        let code = self.close_frames(frames, code)?;
        let code = self.close_frames(tables, code)?;
        let code = primitives.into_iter().rev().fold(code, |code, store| sequence(store, code));
        let size = layout.map_or(exported_size, |layout| layout.size);
        Ok((code, exported_size, size))
    }
}

/// The idents with values that a structure defines, shadowed ones included, in order.
fn defined_idents(structure: &Structure) -> Vec<Ident> {
    let mut idents = Vec::new();
    for item in &structure.items {
        match &item.desc {
            StructureItemDesc::Value(_, bindings) => idents.extend(let_bound_idents(bindings)),
            StructureItemDesc::Typext(extension) => idents.extend(extension.constructors.iter().map(|c| c.id)),
            StructureItemDesc::Exception(exception) => idents.push(exception.constructor.id),
            StructureItemDesc::Module(binding) => {
                if binding.presence == rocaml_types::ModulePresence::Present {
                    idents.extend(binding.id);
                }
            }
            StructureItemDesc::RecModule(bindings) => idents.extend(bindings.iter().filter_map(|binding| binding.id)),
            StructureItemDesc::Open(open) => idents.extend(bound_value_idents(&open.bound_items)),
            StructureItemDesc::Include(include) => idents.extend(bound_value_idents(&include.type_)),
            StructureItemDesc::Class(classes) => idents.extend(classes.iter().map(|(class, _)| class.id_class)),
            StructureItemDesc::Eval(..)
            | StructureItemDesc::Primitive(_)
            | StructureItemDesc::Type(..)
            | StructureItemDesc::Modtype(_)
            | StructureItemDesc::ClassType(_)
            | StructureItemDesc::Attribute(_) => {}
        }
    }
    idents
}

pub(super) fn add_unit(units: &mut Vec<Name>, unit: Name) {
    if !units.contains(&unit) {
        units.push(unit);
    }
}

pub(super) fn referenced_units(lambda: &Lambda, units: &mut Vec<Name>) {
    deep(|| {
        if let Lambda::Prim(Primitive::GetGlobal(unit) | Primitive::GetGlobalField(unit, _), ..) = lambda {
            add_unit(units, *unit);
        }
        lambda.parts(&mut |_, part| referenced_units(part, units));
    });
}
