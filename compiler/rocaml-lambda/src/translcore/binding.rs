//! `let` and `let rec`.
//!
//! Recursive values that are not functions follow upstream's `Value_rec_compiler`: a block is
//! allocated with its final size, the functions are defined, the block gets its contents.

use crate::attributes::add_function_attributes;
use crate::error::{Error, ErrorKind, Result};
use crate::free_variables::occurs;
use crate::lambda::*;
use crate::map::deep;
use crate::rename::rename_free;
use crate::translator::{Translator, apply, ignore, let_, make_block, mutable_field, sequence};
use crate::translprim::c_call;
use rocaml_base::Location;
use rocaml_syntax::asttypes::RecFlag;
use rocaml_types::Ident;
use rocaml_typing::typedtree::*;
use std::collections::HashMap;

/// Translated bindings, waiting for the body.
pub(crate) enum Bound<'t> {
    Plain(Vec<(&'t Pattern, Lambda)>),
    Recursive(Vec<RecursiveBinding>),
}

/// A binding of `let rec`.
pub(crate) struct RecursiveBinding {
    pub id: Ident,
    pub kind: RecKind,
    pub def: Lambda,
    pub loc: Location,
}

impl Translator<'_> {
    /// Translates what is bound, before the body.
    pub(crate) fn let_bindings<'t>(
        &mut self,
        flag: RecFlag,
        bindings: &'t [ValueBinding],
        in_structure: bool,
    ) -> Result<Bound<'t>> {
        let mut defs = Vec::new();
        for binding in bindings {
            let def = self.bound_expression(&binding.pat, &binding.expr, in_structure)?;
            defs.push(add_function_attributes(self.cx, def, binding.loc, &binding.attributes));
        }
        if flag == RecFlag::Nonrecursive {
            return Ok(Bound::Plain(bindings.iter().map(|binding| &binding.pat).zip(defs).collect()));
        }
        let mut recursive = Vec::new();
        for (binding, def) in bindings.iter().zip(defs) {
            let id = match &binding.pat.desc {
                PatternDesc::Var(id, ..) | PatternDesc::Alias(_, id, ..) => *id,
                // The checker refuses other patterns.
                _ => Ident::create_local("_".into()),
            };
            recursive.push(RecursiveBinding { id, kind: binding.rec_kind, def, loc: binding.loc });
        }
        Ok(Bound::Recursive(recursive))
    }

    /// Puts the body in.
    pub(crate) fn close_bindings(&mut self, bound: Bound<'_>, body: Lambda) -> Result<Lambda> {
        match bound {
            Bound::Plain(bindings) => {
                let mut body = body;
                for (pattern, def) in bindings.into_iter().rev() {
                    body = self.match_let(pattern.loc, def, pattern, body)?;
                }
                Ok(body)
            }
            Bound::Recursive(bindings) => self.let_rec(bindings, body),
        }
    }

    /// The expression of a binding, in the scopes of what it defines.
    fn bound_expression(&mut self, pattern: &Pattern, e: &Expression, in_structure: bool) -> Result<Lambda> {
        let names_scope = in_structure || matches!(e.desc, ExpressionDesc::Function(..));
        match pat_bound_idents(pattern).first() {
            Some(id) if names_scope => {
                let scopes = self.scopes.definition(id.name());
                self.in_scopes(scopes, |this| this.scoped_exp(e))
            }
            _ => self.exp(e),
        }
    }

    /// Recursive bindings: upstream's `compile_letrec`.
    pub(crate) fn let_rec(&mut self, bindings: Vec<RecursiveBinding>, body: Lambda) -> Result<Lambda> {
        let idents: Vec<Ident> = bindings.iter().map(|binding| binding.id).collect();
        let (mut allocated, mut functions, mut dynamic) = (Vec::new(), Vec::new(), Vec::new());
        for RecursiveBinding { id, kind, mut def, loc } in bindings {
            if kind == RecKind::Dynamic {
                dynamic.push((id, def));
                continue;
            }
            if let Lambda::Function(function) = def {
                functions.push(RecBinding { id, def: *function });
                continue;
            }
            match size_of(&def, &mut HashMap::new()) {
                // Not recursive after all.
                _ if !idents.iter().any(|id| occurs(*id, &def)) => dynamic.push((id, def)),
                Some(Size::Constant | Size::Unreachable) => {
                    // It never looks at the recursive values: anything may stand for them.
                    let dummy = Ident::create_local("dummy".into());
                    rename_free(&mut def, idents.iter().map(|id| (*id, dummy)));
                    dynamic.push((id, let_(LetKind::Alias, ValueKind::Generic, dummy, Lambda::unit(), def)));
                }
                Some(Size::Block(size)) => allocated.push((id, size, def)),
                Some(Size::Function) => {
                    let context = Ident::create_local("letrec_function_context".into());
                    let Some(split) = split_function(context, &mut Vec::new(), &mut def) else {
                        return Err(Error::new(loc, ErrorKind::NotSupported("This kind of recursive function is")));
                    };
                    functions.push(RecBinding { id, def: split.function });
                    allocated.push((context, BlockSize::Regular(split.captured), def));
                }
                None => return Err(Error::new(loc, ErrorKind::NotSupported("This kind of recursive value is"))),
            }
        }
        let mut result = body;
        for (id, size, def) in allocated.iter_mut().rev() {
            let update = self.update_dummy(*size, *id, def.take())?;
            result = sequence(update, result);
        }
        if !functions.is_empty() {
            result = Lambda::LetRec(functions, Box::new(result));
        }
        for (id, def) in dynamic.into_iter().rev() {
            result = let_(LetKind::Strict, ValueKind::Generic, id, def, result);
        }
        for (id, size, _) in allocated.into_iter().rev() {
            result = let_(LetKind::Strict, ValueKind::Generic, id, alloc_dummy(size), result);
        }
        Ok(result)
    }

    fn update_dummy(&self, size: BlockSize, id: Ident, def: Lambda) -> Result<Lambda> {
        let none = ScopedLocation::none();
        let (name, def) = match size {
            // A context without variables: only the effects of the definition remain.
            BlockSize::Regular(0) => return Ok(ignore(def, &none)),
            BlockSize::Regular(_) | BlockSize::Float(_) => ("caml_update_dummy", def),
            BlockSize::Lazy => {
                let fresh = matches!(&def, Lambda::Prim(Primitive::MakeBlock(LAZY_TAG, ..), ..));
                // A suspension that others may be forcing is reached through a fresh one.
                let def = if fresh {
                    def
                } else {
                    apply(self.library_value("CamlinternalLazy", "indirect")?, vec![def], &none)
                };
                ("caml_update_dummy_lazy", def)
            }
        };
        Ok(Lambda::Prim(c_call(name, 2, true), vec![Lambda::Var(id), def], none))
    }
}

const LAZY_TAG: u8 = 246;

/// The size of a block that is allocated before its contents are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum BlockSize {
    Regular(usize),
    Float(usize),
    Lazy,
}

/// What a recursive definition evaluates to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Size {
    /// It never returns.
    Unreachable,
    Constant,
    Function,
    Block(BlockSize),
}

fn alloc_dummy(size: BlockSize) -> Lambda {
    let (name, arg) = match size {
        BlockSize::Regular(0) => return Lambda::unit(),
        BlockSize::Regular(size) => ("caml_alloc_dummy", size),
        BlockSize::Float(size) => ("caml_alloc_dummy_float", size),
        BlockSize::Lazy => ("caml_alloc_dummy_lazy", 0),
    };
    Lambda::Prim(c_call(name, 1, true), vec![Lambda::int(arg as i64)], ScopedLocation::none())
}

/// What the branches of a term agree on.
fn join(sizes: impl IntoIterator<Item = Option<Size>>) -> Option<Size> {
    let mut joined = Size::Unreachable;
    for size in sizes {
        joined = match (joined, size?) {
            (Size::Unreachable, size) | (size, Size::Unreachable) => size,
            (a, b) if a == b && a != Size::Function => a,
            _ => return None,
        };
    }
    Some(joined)
}

fn size_of(lambda: &Lambda, known: &mut HashMap<Ident, Option<Size>>) -> Option<Size> {
    deep(|| match lambda {
        Lambda::Var(id) => known.get(id).copied().flatten(),
        Lambda::Const(_) => Some(Size::Constant),
        Lambda::Function(_) => Some(Size::Function),
        Lambda::Let(_, _, id, def, body) | Lambda::MutLet(_, id, def, body) => {
            let size = size_of(def, known);
            known.insert(*id, size);
            size_of(body, known)
        }
        Lambda::LetRec(bindings, body) => {
            bindings.iter().for_each(|binding| {
                known.insert(binding.id, Some(Size::Function));
            });
            size_of(body, known)
        }
        Lambda::Prim(prim, args, _) => size_of_primitive(prim, args),
        Lambda::Sequence(_, body) => size_of(body, known),
        Lambda::IfThenElse(_, then, otherwise) => join([size_of(then, known), size_of(otherwise, known)]),
        Lambda::Switch(_, switch, _) => {
            let cases = switch.consts.iter().map(|(_, l)| l).chain(switch.blocks.iter().map(|(_, l)| l));
            let sizes: Vec<_> = cases.chain(switch.failaction.iter()).map(|l| size_of(l, known)).collect();
            join(sizes)
        }
        Lambda::StringSwitch(_, cases, default, _) => {
            let sizes: Vec<_> =
                cases.iter().map(|(_, l)| l).chain(default.iter().map(|l| &**l)).map(|l| size_of(l, known)).collect();
            join(sizes)
        }
        Lambda::StaticRaise(..) => Some(Size::Unreachable),
        Lambda::StaticCatch(body, _, handler) => join([size_of(body, known), size_of(handler, known)]),
        Lambda::TryWith(body, _, handler) => join([size_of(body, known), size_of(handler, known)]),
        Lambda::While(..) | Lambda::For(..) | Lambda::Assign(..) => Some(Size::Constant),
        Lambda::Apply(_) | Lambda::Send(..) | Lambda::MutVar(_) => None,
    })
}

fn size_of_primitive(prim: &Primitive, args: &[Lambda]) -> Option<Size> {
    match prim {
        Primitive::MakeBlock(LAZY_TAG, ..) | Primitive::MakeLazy => Some(Size::Block(BlockSize::Lazy)),
        Primitive::MakeBlock(..) => Some(Size::Block(BlockSize::Regular(args.len()))),
        Primitive::MakeArray(ArrayKind::Float, _) => Some(Size::Block(BlockSize::Float(args.len()))),
        Primitive::MakeArray(ArrayKind::Addr | ArrayKind::Int, _) => Some(Size::Block(BlockSize::Regular(args.len()))),
        Primitive::DupRecord(RecordDup::Float, size) => Some(Size::Block(BlockSize::Float(*size))),
        Primitive::DupRecord(_, size) => Some(Size::Block(BlockSize::Regular(*size))),
        Primitive::Raise(_) => Some(Size::Unreachable),
        // A recursive definition within: its block was allocated the same way.
        Primitive::CCall(desc) => match (desc.name.as_str(), args) {
            ("caml_alloc_dummy", [Lambda::Const(StructuredConstant::Int(n))]) => {
                Some(Size::Block(BlockSize::Regular(*n as usize)))
            }
            ("caml_alloc_dummy_float", [Lambda::Const(StructuredConstant::Int(n))]) => {
                Some(Size::Block(BlockSize::Float(*n as usize)))
            }
            ("caml_alloc_dummy_lazy", _) => Some(Size::Block(BlockSize::Lazy)),
            _ => None,
        },
        Primitive::DupArray(kind, _) => match args {
            [Lambda::Const(StructuredConstant::Block(_, fields))] if *kind != ArrayKind::Float => {
                Some(Size::Block(BlockSize::Regular(fields.len())))
            }
            [Lambda::Const(StructuredConstant::FloatBlock(fields))] => {
                Some(Size::Block(BlockSize::Float(fields.len())))
            }
            _ => None,
        },
        Primitive::Ignore | Primitive::SetField(..) | Primitive::ArraySet(..) => Some(Size::Constant),
        _ => None,
    }
}

/// A function taken out of the term that made it.
struct SplitFunction {
    function: Function,
    /// Number of variables of the term that it captures.
    captured: usize,
}

/// Takes out the function that a term ends in: the term then makes a block of the variables that
/// the function captures, which reads them from there.
fn split_function(context: Ident, locals: &mut Vec<Ident>, term: &mut Lambda) -> Option<SplitFunction> {
    let depth = locals.len();
    let result = deep(|| match term {
        Lambda::Function(_) => {
            let Lambda::Function(function) = term.take() else { return None };
            let (split, block) = capture(context, locals, *function);
            *term = block;
            Some(split)
        }
        Lambda::Var(id) if locals.contains(id) => {
            // The function was bound: apply it through its context.
            let id = *id;
            let param = Ident::create_local("param".into());
            let none = ScopedLocation::none();
            let body = apply(Lambda::Var(id), vec![Lambda::Var(param)], &none);
            let attr = FunctionAttribute { stub: true, ..FunctionAttribute::default() };
            let params = vec![(param, ValueKind::Generic)];
            let function = Function {
                kind: FunctionKind::Curried,
                params,
                return_kind: ValueKind::Generic,
                body,
                attr,
                loc: none,
            };
            let (split, block) = capture(context, locals, function);
            *term = block;
            Some(split)
        }
        Lambda::Let(_, _, id, _, body) => {
            locals.push(*id);
            split_function(context, locals, body)
        }
        Lambda::LetRec(bindings, body) => {
            locals.extend(bindings.iter().map(|binding| binding.id));
            split_function(context, locals, body)
        }
        Lambda::Sequence(_, body) => split_function(context, locals, body),
        Lambda::IfThenElse(_, then, otherwise) => match split_function(context, locals, then) {
            Some(split) => Some(split),
            None => split_function(context, locals, otherwise),
        },
        Lambda::Switch(_, switch, _) => {
            let cases = switch.consts.iter_mut().map(|(_, l)| l).chain(switch.blocks.iter_mut().map(|(_, l)| l));
            cases.chain(switch.failaction.iter_mut()).find_map(|case| split_function(context, locals, case))
        }
        Lambda::StringSwitch(_, cases, default, _) => {
            let cases = cases.iter_mut().map(|(_, l)| l).chain(default.iter_mut().map(|l| &mut **l));
            cases.into_iter().find_map(|case| split_function(context, locals, case))
        }
        Lambda::StaticCatch(body, (_, vars), handler) => match split_function(context, locals, body) {
            Some(split) => Some(split),
            None => {
                locals.extend(vars.iter().map(|(id, _)| *id));
                split_function(context, locals, handler)
            }
        },
        Lambda::TryWith(body, id, handler) => match split_function(context, locals, body) {
            Some(split) => Some(split),
            None => {
                locals.push(*id);
                split_function(context, locals, handler)
            }
        },
        _ => None,
    });
    locals.truncate(depth);
    result
}

fn capture(context: Ident, locals: &[Ident], mut function: Function) -> (SplitFunction, Lambda) {
    let none = ScopedLocation::none();
    let captured: Vec<Ident> =
        crate::free_variables::free_variables(&function).into_iter().filter(|id| locals.contains(id)).collect();
    let renaming: Vec<(Ident, Ident)> = captured.iter().map(|id| (*id, id.rename())).collect();
    rename_free(&mut function.body, renaming.iter().copied());
    for (index, (_, id)) in renaming.iter().enumerate().rev() {
        let read = mutable_field(index, Lambda::Var(context), Pointerness::Pointer, &none);
        function.body = let_(LetKind::StrictOpt, ValueKind::Generic, *id, read, function.body);
    }
    let fields: Vec<Lambda> = captured.iter().map(|id| Lambda::Var(*id)).collect();
    let block = match fields.is_empty() {
        true => Lambda::unit(),
        // Mutable: its contents come after it is made.
        false => make_block(0, Mutability::Mutable, None, fields, &none),
    };
    (SplitFunction { function, captured: captured.len() }, block)
}
