//! Modules: upstream's `Translmod`.
//!
//! The toplevel of a unit is compiled in the style of upstream's native code: what is defined is
//! stored in the unit's block as soon as it is bound, so that functions need not capture it. A
//! structure within is compiled in place, its definitions stored likewise.

mod coercion;
mod recursive;
mod structure;
pub mod toplevel;
mod unit;

pub use unit::{transl_implementation, transl_package};

use crate::attributes;
use crate::error::{Error, ErrorKind, Result};
use crate::lambda::*;
use crate::map::deep;
use crate::translator::{Translator, apply, let_};
use coercion::compose;
use rocaml_base::Location;
use rocaml_types::{Ident, Path};
use rocaml_typing::typedtree::*;

/// The path of a component, where the root is known.
pub(super) fn field_path(root: Option<&Path>, id: Ident) -> Option<Path> {
    root.map(|root| if *root == toplevel_root() { Path::Ident(id) } else { root.dot(id.name()) })
}

/// The root of what phrases of the toplevel define: their names stand alone.
pub(super) fn toplevel_root() -> Path {
    Path::Ident(Ident::global("//toplevel//".into()))
}

impl Translator<'_> {
    /// A module expression under a coercion.
    pub(crate) fn module(
        &mut self,
        modl: &ModuleExpr,
        coercion: &ModuleCoercion,
        root: Option<&Path>,
    ) -> Result<Lambda> {
        deep(|| self.module_expression(modl, coercion, root))
    }

    fn module_expression(
        &mut self,
        modl: &ModuleExpr,
        coercion: &ModuleCoercion,
        root: Option<&Path>,
    ) -> Result<Lambda> {
        let loc = self.scopes.at(modl.loc);
        match &modl.desc {
            ModuleExprDesc::Ident(path, _) => {
                let path = self.module_path(&loc, &modl.env, path)?;
                self.coerce(&loc, LetKind::Strict, coercion, path)
            }
            ModuleExprDesc::Structure(structure) => self.local_structure(structure, coercion, root, &loc),
            ModuleExprDesc::Functor(..) => self.repeated(&modl.env, |this| this.functor(modl, coercion, root, &loc)),
            ModuleExprDesc::Apply(functor, arg, arg_coercion) => {
                let arg = self.module(arg, arg_coercion, None)?;
                self.functor_application(functor, arg, coercion, &loc)
            }
            ModuleExprDesc::ApplyUnit(functor) => self.functor_application(functor, Lambda::unit(), coercion, &loc),
            ModuleExprDesc::Constraint(inner, _, _, inner_coercion) => {
                self.module(inner, &compose(coercion, inner_coercion), root)
            }
            ModuleExprDesc::Unpack(e, _) => {
                let packed = self.exp(e)?;
                self.coerce(&loc, LetKind::Strict, coercion, packed)
            }
        }
    }

    fn functor_application(
        &mut self,
        functor: &ModuleExpr,
        arg: Lambda,
        coercion: &ModuleCoercion,
        loc: &ScopedLocation,
    ) -> Result<Lambda> {
        let inlined = inlined_on_module(self, functor);
        let func = self.module(functor, &ModuleCoercion::None, None)?;
        let mut call = apply(func, vec![arg], loc);
        if let Lambda::Apply(apply) = &mut call {
            apply.inlined = inlined;
        }
        self.coerce(loc, LetKind::Strict, coercion, call)
    }

    /// A functor; nested ones become one function of several arguments.
    fn functor(
        &mut self,
        modl: &ModuleExpr,
        coercion: &ModuleCoercion,
        root: Option<&Path>,
        loc: &ScopedLocation,
    ) -> Result<Lambda> {
        let mut modl = modl;
        let mut coercion = coercion.clone();
        let mut root = root.cloned();
        let mut inline = InlineAttribute::Default;
        // Parameter, place, coercion of the argument.
        let mut params: Vec<(Ident, ScopedLocation, ModuleCoercion)> = Vec::new();
        while let ModuleExprDesc::Functor(param, body) = &modl.desc {
            let (arg_coercion, result_coercion) = match coercion {
                ModuleCoercion::Functor(arg, result) => (*arg, *result),
                _ => (ModuleCoercion::None, ModuleCoercion::None),
            };
            inline = self.merge_inline(inline, modl)?;
            let id = match param {
                FunctorParameter::Unit => Ident::create_local("*".into()),
                FunctorParameter::Named(id, ..) => id.unwrap_or_else(|| Ident::create_local("_".into())),
            };
            root = match param {
                FunctorParameter::Unit => None,
                FunctorParameter::Named(..) => root.map(|path| Path::Apply(path.into(), Path::Ident(id).into())),
            };
            params.push((id, self.scopes.at(modl.loc), arg_coercion));
            coercion = result_coercion;
            modl = body;
        }
        let mut body = self.module(modl, &coercion, root.as_ref())?;
        let mut formals = Vec::new();
        for (id, place, arg_coercion) in params.into_iter().rev() {
            let formal = id.rename();
            let arg = self.coerce(&place, LetKind::Alias, &arg_coercion, Lambda::Var(formal))?;
            body = let_(LetKind::Alias, ValueKind::Generic, id, arg, body);
            formals.insert(0, (formal, ValueKind::Generic));
        }
        let attr = FunctionAttribute { inline, is_a_functor: true, ..FunctionAttribute::default() };
        Ok(crate::translator::function(formals, ValueKind::Generic, body, attr, loc))
    }

    fn merge_inline(&self, before: InlineAttribute, functor: &ModuleExpr) -> Result<InlineAttribute> {
        let here = attributes::get_inline(self.cx, &functor.attributes);
        match (before, here) {
            (InlineAttribute::Default, attr) | (attr, InlineAttribute::Default) => Ok(attr),
            (a, b) if a == b => Ok(a),
            _ => Err(Error::new(functor.loc, ErrorKind::ConflictingInlineAttributes)),
        }
    }
}

/// `[@inlined]` on an applied functor, under its constraints.
fn inlined_on_module(translator: &Translator<'_>, modl: &ModuleExpr) -> InlineAttribute {
    let here = attributes::get_inlined(translator.cx, &modl.attributes);
    match &modl.desc {
        ModuleExprDesc::Constraint(inner, ..) if here == InlineAttribute::Default => {
            inlined_on_module(translator, inner)
        }
        _ => here,
    }
}

/// A place without scopes for what has none.
pub(super) fn bare(loc: Location) -> ScopedLocation {
    ScopedLocation { loc, scopes: None }
}
