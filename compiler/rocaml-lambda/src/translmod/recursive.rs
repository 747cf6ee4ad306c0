//! Recursive modules: blocks of stubs first, then definitions in an order that is safe, then the
//! blocks updated.

use super::field_path;
use super::structure::Frame;
use crate::error::{Error, ErrorKind, Result, UnsafeComponent, UnsafeReason};
use crate::free_variables::free_in;
use crate::lambda::*;
use crate::matching::position_constant;
use crate::translator::{Translator, apply, ignore};
use rocaml_base::{Location, Name};
use rocaml_types::env::Env;
use rocaml_types::predef::TypeConstr;
use rocaml_types::{Ident, ModulePresence, ModuleType, Path, SignatureItem, TypeDesc, ValueKind as Kind, ctype, mtype};
use rocaml_typing::typedtree::{ModuleBinding, ModuleCoercion, ModuleExpr};
use std::collections::HashSet;
use std::rc::Rc;

/// What is made before the definition: `CamlinternalMod.shape`, or why that is impossible.
type Shape = std::result::Result<StructuredConstant, UnsafeReason>;

struct Recursive {
    id: Option<Ident>,
    loc: Location,
    name_loc: ScopedLocation,
    shape: Shape,
    def: Lambda,
    free: HashSet<Ident>,
}

#[derive(Clone, Copy, PartialEq)]
enum Status {
    Undefined,
    InProgress(Option<usize>),
    Defined,
}

impl Translator<'_> {
    pub(super) fn recursive_modules(
        &mut self,
        bindings: &[ModuleBinding],
        root: Option<&Path>,
        frames: &mut Vec<Frame<'_>>,
    ) -> Result<()> {
        let mut modules = Vec::new();
        for binding in bindings {
            let def = match binding.id {
                None => self.module(&binding.expr, &ModuleCoercion::None, None)?,
                Some(id) => {
                    let scopes = self.scopes.definition(id.name());
                    let path = field_path(root, id);
                    self.in_scopes(scopes, |this| this.module(&binding.expr, &ModuleCoercion::None, path.as_ref()))?
                }
            };
            let shape = match binding.id {
                Some(id) => self.initial_shape(id, &binding.expr),
                None => Err(UnsafeReason { component: "_".into(), loc: binding.loc, kind: UnsafeComponent::Unnamed }),
            };
            modules.push(Recursive {
                id: binding.id,
                loc: binding.expr.loc,
                name_loc: self.scopes.at(binding.name.loc),
                shape,
                free: free_in(&def),
                def,
            });
        }
        let order = order(&modules)?;
        self.evaluate(modules, &order, frames)
    }

    fn evaluate(&self, mut modules: Vec<Recursive>, order: &[usize], frames: &mut Vec<Frame<'_>>) -> Result<()> {
        let none = ScopedLocation::none();
        for index in order {
            let module = &modules[*index];
            if let (Some(id), Ok(shape)) = (module.id, &module.shape) {
                let args = vec![Lambda::Const(position_constant(module.loc)), Lambda::Const(shape.clone())];
                let init = apply(self.library_value("CamlinternalMod", "init_mod")?, args, &none);
                frames.push(Frame::Let(LetKind::Strict, id, init));
            }
        }
        for index in order {
            let module = &mut modules[*index];
            match (module.id, &module.shape) {
                (None, _) => frames.push(Frame::Sequence(ignore(module.def.take(), &module.name_loc))),
                (Some(id), Err(_)) => frames.push(Frame::Let(LetKind::Strict, id, module.def.take())),
                (Some(_), Ok(_)) => {}
            }
        }
        for index in order {
            let module = &mut modules[*index];
            if let (Some(id), Ok(shape)) = (module.id, &module.shape) {
                let args = vec![Lambda::Const(shape.clone()), Lambda::Var(id), module.def.take()];
                frames.push(Frame::Sequence(apply(self.library_value("CamlinternalMod", "update_mod")?, args, &none)));
            }
        }
        Ok(())
    }

    fn initial_shape(&self, id: Ident, modl: &ModuleExpr) -> Shape {
        self.module_shape(id.name(), modl.loc, &modl.env, &modl.type_)
    }

    fn module_shape(&self, component: Name, loc: Location, env: &Env, mty: &ModuleType) -> Shape {
        match mtype::scrape(self.cx, env, mty) {
            ModuleType::Signature(signature) => {
                let fields = self.structure_shape(env, &signature)?;
                // `Module [| … |]`
                let fields = StructuredConstant::Block(0, fields.into());
                Ok(StructuredConstant::Block(0, Rc::from([fields])))
            }
            ModuleType::Functor(..) => Err(UnsafeReason { component, loc, kind: UnsafeComponent::Functor }),
            ModuleType::Ident(_) | ModuleType::Alias(_) => {
                Err(UnsafeReason { component, loc, kind: UnsafeComponent::ModuleBinding })
            }
        }
    }

    fn structure_shape(
        &self,
        env: &Env,
        signature: &[SignatureItem],
    ) -> std::result::Result<Vec<StructuredConstant>, UnsafeReason> {
        // Constructors of `CamlinternalMod.shape`.
        const FUNCTION: i64 = 0;
        const LAZY: i64 = 1;
        const CLASS: i64 = 2;
        let cx = self.cx;
        let mut env = env.clone();
        let mut fields = Vec::new();
        for item in signature {
            match item {
                SignatureItem::Value(_, desc, _) if matches!(desc.kind, Kind::Prim(_)) => {}
                SignatureItem::Value(id, desc, _) => {
                    let shape = match cx.desc(ctype::expand_head(cx, &env, desc.type_)) {
                        TypeDesc::Arrow(..) => FUNCTION,
                        TypeDesc::Constr(path, ..)
                            if cx.predef().find_type_constr(&path) == Some(TypeConstr::LazyT) =>
                        {
                            LAZY
                        }
                        _ => {
                            return Err(UnsafeReason {
                                component: id.name(),
                                loc: desc.loc,
                                kind: UnsafeComponent::NonFunction,
                            });
                        }
                    };
                    fields.push(StructuredConstant::Int(shape));
                }
                SignatureItem::Type(id, decl, ..) => env = env.add_type(cx, false, *id, decl.clone()),
                SignatureItem::Typext(id, ext, ..) => {
                    return Err(UnsafeReason { component: id.name(), loc: ext.loc, kind: UnsafeComponent::Typext });
                }
                SignatureItem::Module(id, presence, decl, ..) => {
                    if *presence == ModulePresence::Present {
                        fields.push(self.module_shape(id.name(), decl.loc, &env, &decl.type_)?);
                    }
                    env = env.add_module_declaration(cx, false, false, *id, *presence, decl.clone());
                }
                SignatureItem::Modtype(id, decl, _) => env = env.add_modtype(cx, *id, decl.clone()),
                SignatureItem::Class(..) => fields.push(StructuredConstant::Int(CLASS)),
                SignatureItem::ClassType(..) => {}
            }
        }
        Ok(fields)
    }
}

/// An order in which modules that cannot be made beforehand come after those they mention.
fn order(modules: &[Recursive]) -> Result<Vec<usize>> {
    let mut status = vec![Status::Undefined; modules.len()];
    let mut result = Vec::new();
    for index in 0..modules.len() {
        if status[index] == Status::Undefined {
            emit(modules, None, index, &mut status, &mut result)?;
        }
    }
    Ok(result)
}

fn emit(
    modules: &[Recursive],
    parent: Option<usize>,
    index: usize,
    status: &mut [Status],
    result: &mut Vec<usize>,
) -> Result<()> {
    match status[index] {
        Status::Defined => return Ok(()),
        Status::InProgress(_) => {
            status[index] = Status::InProgress(parent);
            return Err(Error::new(modules[index].loc, ErrorKind::CircularDependency(cycle(modules, index, status))));
        }
        Status::Undefined => {}
    }
    if modules[index].shape.is_err() {
        status[index] = Status::InProgress(parent);
        for other in 0..modules.len() {
            if modules[other].id.is_some_and(|id| modules[index].free.contains(&id)) {
                emit(modules, Some(index), other, status, result)?;
            }
        }
    }
    result.push(index);
    status[index] = Status::Defined;
    Ok(())
}

/// The modules from `start` on, each followed by the one that it mentions.
fn cycle(modules: &[Recursive], start: usize, status: &[Status]) -> Vec<(Name, UnsafeReason)> {
    let mut cycle = Vec::new();
    let mut index = start;
    while let Status::InProgress(Some(parent)) = status[index] {
        if let (Some(id), Err(reason)) = (modules[parent].id, &modules[parent].shape) {
            cycle.insert(0, (id.name(), reason.clone()));
        }
        if parent == start {
            break;
        }
        index = parent;
    }
    cycle
}
