//! Optional arguments with defaults: a function that begins by choosing them is split into a
//! wrapper, which is inlined, and the function itself, which takes the values: upstream's
//! `split_default_wrapper`.

use crate::free_variables::occurs;
use crate::lambda::*;
use crate::map::deep;
use crate::rename::rename_free;
use crate::translator::{apply, let_};
use rocaml_types::Ident;

/// See the module's documentation.
pub(super) fn split(lambda: &mut Lambda) {
    deep(|| {
        lambda.parts_mut(&mut |_, part| split(part));
        match lambda {
            Lambda::Let(_, _, id, def, body) => {
                if let Lambda::Function(function) = &mut **def
                    && let Some(inner) = split_function(*id, function)
                {
                    let wrapper = let_(LetKind::Strict, ValueKind::Generic, *id, def.take(), body.take());
                    let function = Lambda::Function(Box::new(inner.def));
                    *lambda = let_(LetKind::Strict, ValueKind::Generic, inner.id, function, wrapper);
                }
            }
            Lambda::LetRec(bindings, _) => {
                let inner: Vec<RecBinding> =
                    bindings.iter_mut().filter_map(|binding| split_function(binding.id, &mut binding.def)).collect();
                bindings.extend(inner);
            }
            _ => {}
        }
    });
}

/// The parameter whose default a definition chooses.
fn defaulted(def: &Lambda, params: &[(Ident, ValueKind)]) -> Option<Ident> {
    let Lambda::IfThenElse(condition, _, supplied) = def else { return None };
    let Lambda::Prim(Primitive::IsInt, args, _) = &**condition else { return None };
    let ([Lambda::Var(param)], Lambda::Prim(Primitive::Field(0, _), source, _)) = (args.as_slice(), &**supplied) else {
        return None;
    };
    let same = matches!(source.as_slice(), [Lambda::Var(id)] if id == param);
    (same && params.iter().any(|(id, _)| id == param)).then_some(*param)
}

/// Makes a function the wrapper of another, which is returned.
fn split_function(id: Ident, function: &mut Function) -> Option<RecBinding> {
    if function.kind != FunctionKind::Curried || function.attr.stub {
        return None;
    }
    // The leading bindings that choose defaults.
    let mut chosen: Vec<(Ident, Ident, ValueKind)> = Vec::new();
    let mut rest = &function.body;
    while let Lambda::Let(LetKind::Strict, kind, var, def, body) = rest {
        let Some(param) = defaulted(def, &function.params) else { break };
        if chosen.iter().any(|(known, ..)| *known == param) {
            break;
        }
        chosen.push((param, *var, *kind));
        rest = body;
    }
    if chosen.is_empty() || chosen.iter().any(|(param, ..)| occurs(*param, rest)) {
        return None;
    }
    let inner_id = Ident::create_local(format!("{}_inner", id.name()).as_str().into());
    let value_of = |(id, kind): &(Ident, ValueKind)| match chosen.iter().find(|(param, ..)| param == id) {
        Some((_, var, kind)) => (*var, *kind),
        None => (*id, *kind),
    };
    let values: Vec<(Ident, ValueKind)> = function.params.iter().map(value_of).collect();
    let renaming: Vec<(Ident, Ident)> = values.iter().map(|(id, _)| (*id, id.rename())).collect();
    let inner_params = renaming.iter().zip(&values).map(|((_, new), (_, kind))| (*new, *kind)).collect();
    // Replace what follows the choices by the call.
    let mut hole = &mut function.body;
    for _ in 0..chosen.len() {
        match hole {
            Lambda::Let(_, _, _, _, body) => hole = body,
            _ => return None,
        }
    }
    let mut body = hole.take();
    let args = values.iter().map(|(id, _)| Lambda::Var(*id)).collect();
    *hole = apply(Lambda::Var(inner_id), args, &ScopedLocation::none());
    rename_free(&mut body, renaming);
    let attr = std::mem::replace(&mut function.attr, FunctionAttribute { stub: true, ..FunctionAttribute::default() });
    let def = Function {
        kind: FunctionKind::Curried,
        params: inner_params,
        return_kind: function.return_kind,
        body,
        attr,
        loc: function.loc.clone(),
    };
    Some(RecBinding { id: inner_id, def })
}
