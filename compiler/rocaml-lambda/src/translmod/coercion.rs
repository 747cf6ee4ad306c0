//! Coercions between modules: which fields are kept, in which order, and how each is changed.

use crate::error::Result;
use crate::free_variables::free_in;
use crate::lambda::*;
use crate::rename::rename_free;
use crate::translator::{Translator, apply, function, let_, make_block, mutable_field, name_lambda};
use rocaml_types::Ident;
use rocaml_typing::typedtree::ModuleCoercion;

/// Where the fields of the source are found.
type GetField<'f> = &'f dyn Fn(i32) -> Lambda;

impl Translator<'_> {
    /// A module, coerced: upstream's `apply_coercion`.
    pub(crate) fn coerce(
        &mut self,
        loc: &ScopedLocation,
        strict: LetKind,
        coercion: &ModuleCoercion,
        arg: Lambda,
    ) -> Result<Lambda> {
        match coercion {
            ModuleCoercion::None => Ok(arg),
            ModuleCoercion::Structure(fields, aliases) => name_lambda(strict, arg, |id| {
                let get_field = |position: i32| match usize::try_from(position) {
                    Ok(position) => mutable_field(position, Lambda::Var(id), Pointerness::Pointer, loc),
                    Err(_) => Lambda::unit(),
                };
                self.coerced_block(loc, LetKind::Alias, fields, aliases, &get_field)
            }),
            ModuleCoercion::Functor(..) => self.coerce_functor(loc, strict, coercion, arg),
            ModuleCoercion::Primitive(prim) => {
                let place = self.scopes.at(prim.loc);
                self.primitive_value(&place, &prim.desc, &prim.env, prim.type_, None)
            }
            ModuleCoercion::Alias(env, path, inner) => {
                let target = self.module_path(loc, env, path)?;
                name_lambda(strict, arg, |_| self.coerce(loc, LetKind::Alias, inner, target))
            }
        }
    }

    /// The block of a coerced structure.
    pub(super) fn coerced_block(
        &mut self,
        loc: &ScopedLocation,
        strict: LetKind,
        fields: &[(i32, ModuleCoercion)],
        aliases: &[(Ident, i32, ModuleCoercion)],
        get_field: GetField<'_>,
    ) -> Result<Lambda> {
        let mut values = Vec::new();
        for (position, coercion) in fields {
            values.push(self.coerce(loc, strict, coercion, get_field(*position))?);
        }
        let block = make_block(0, Mutability::Immutable, None, values, loc);
        self.bind_aliases(loc, aliases, get_field, block)
    }

    /// Binds the idents that coercions of aliases mention.
    fn bind_aliases(
        &mut self,
        loc: &ScopedLocation,
        aliases: &[(Ident, i32, ModuleCoercion)],
        get_field: GetField<'_>,
        mut lambda: Lambda,
    ) -> Result<Lambda> {
        if aliases.is_empty() {
            return Ok(lambda);
        }
        let mut free = free_in(&lambda);
        for (id, position, coercion) in aliases {
            if !free.contains(id) {
                continue;
            }
            let value = self.coerce(loc, LetKind::Alias, coercion, get_field(*position))?;
            free.extend(free_in(&value));
            let new = id.rename();
            lambda = let_(LetKind::Alias, ValueKind::Generic, new, value, lambda);
            rename_free(&mut lambda, [(*id, new)]);
        }
        Ok(lambda)
    }

    fn coerce_functor(
        &mut self,
        loc: &ScopedLocation,
        strict: LetKind,
        coercion: &ModuleCoercion,
        functor: Lambda,
    ) -> Result<Lambda> {
        let (mut params, mut args) = (Vec::new(), Vec::new());
        let mut coercion = coercion;
        while let ModuleCoercion::Functor(arg_coercion, result) = coercion {
            let param = Ident::create_local("funarg".into());
            args.push(self.coerce(loc, LetKind::Alias, arg_coercion, Lambda::Var(param))?);
            params.push((param, ValueKind::Generic));
            coercion = result;
        }
        name_lambda(strict, functor, |id| {
            let call = apply(Lambda::Var(id), args, loc);
            let body = self.coerce(loc, LetKind::Strict, coercion, call)?;
            let attr = FunctionAttribute { is_a_functor: true, stub: true, ..FunctionAttribute::default() };
            Ok(function(params, ValueKind::Generic, body, attr, loc))
        })
    }
}

/// The coercion that does `second`, then `first`.
pub(super) fn compose(first: &ModuleCoercion, second: &ModuleCoercion) -> ModuleCoercion {
    use ModuleCoercion as C;
    match (first, second) {
        (C::None, other) | (other, C::None) => other.clone(),
        (C::Structure(fields1, aliases1), C::Structure(fields2, aliases2)) => {
            let through = |position: i32, coercion: &ModuleCoercion| match usize::try_from(position)
                .ok()
                .and_then(|p| fields2.get(p))
            {
                Some((position2, coercion2)) => (*position2, compose(coercion, coercion2)),
                None => (position, coercion.clone()),
            };
            let fields = fields1.iter().map(|(position, coercion)| match coercion {
                // These take nothing from the source.
                C::Primitive(_) | C::Alias(..) => (*position, coercion.clone()),
                _ => through(*position, coercion),
            });
            let aliases = aliases1.iter().map(|(id, position, coercion)| {
                let (position, coercion) = through(*position, coercion);
                (*id, position, coercion)
            });
            C::Structure(fields.collect(), aliases.chain(aliases2.iter().cloned()).collect())
        }
        (C::Functor(arg1, result1), C::Functor(arg2, result2)) => {
            C::Functor(Box::new(compose(arg2, arg1)), Box::new(compose(result1, result2)))
        }
        (c1, C::Alias(env, path, c2)) => C::Alias(env.clone(), path.clone(), Box::new(compose(c1, c2))),
        (c1, c2) => unreachable!("coercions that do not compose: {c1:?}, {c2:?}"),
    }
}
