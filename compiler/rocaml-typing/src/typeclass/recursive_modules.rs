//! Classes in the first round of recursive modules, where nothing is known but their names and
//! parameters.

use rocaml_base::Name;
use rocaml_syntax::ast;
use rocaml_types::context::Context;
use rocaml_types::env::{Env, EnvError, LookupError};

use super::{ClassInfo, class_type_declarations};
use crate::Result;
use crate::typedtree as tt;
use crate::typemod::type_open_descr;

/// The class types of a group, taken for `object end`.
pub fn approx_class_declarations(
    cx: &Context,
    env: &Env,
    sdecls: &[ast::ClassDescription],
) -> Result<(Vec<ClassInfo<tt::ClassType>>, Env)> {
    let approximations: Vec<ast::ClassDescription> = sdecls.iter().map(approximation).collect();
    let (classes, env) = class_type_declarations(cx, env, &approximations)?;
    for sdecl in sdecls {
        check_class_type(cx, &env, sdecl.name.txt, &sdecl.expr)?;
    }
    Ok((classes, env))
}

fn approximation(sdecl: &ast::ClassDescription) -> ast::ClassDescription {
    let self_ = ast::CoreType {
        desc: ast::CoreTypeDesc::Any,
        loc: rocaml_base::Location::none(),
        loc_stack: Vec::new(),
        attributes: Vec::new(),
    };
    let sign = ast::ClassSignature { self_, fields: Vec::new() };
    let desc = ast::ClassTypeDesc::Signature(Box::new(sign));
    let expr = ast::ClassType { desc, loc: sdecl.expr.loc, attributes: Vec::new() };
    ast::ClassDescription { expr, ..sdecl.clone() }
}

/// A class type may not be built from those of modules that are being defined.
fn check_class_type(cx: &Context, env: &Env, name: Name, scty: &ast::ClassType) -> Result<()> {
    match &scty.desc {
        ast::ClassTypeDesc::Constr(lid, _) => match env.lookup_cltype(cx, false, lid.loc, &lid.txt) {
            Err(e) => match *e {
                EnvError::LookupError(
                    loc,
                    env,
                    LookupError::IllegalReferenceToRecursiveModule { container, unbound },
                ) => {
                    let lookup_error = LookupError::IllegalReferenceToRecursiveClassType {
                        container,
                        unbound,
                        unbound_class_type: lid.txt.clone(),
                        container_class_type: name,
                    };
                    Err(Box::new(EnvError::LookupError(loc, env, lookup_error)).into())
                }
                e => Err(Box::new(e).into()),
            },
            Ok(_) => Ok(()),
        },
        ast::ClassTypeDesc::Extension(_) => Ok(()),
        ast::ClassTypeDesc::Arrow(_, _, inner) => check_class_type(cx, env, name, inner),
        ast::ClassTypeDesc::Open(sod, inner) => {
            let (_, env) = type_open_descr(cx, env, sod)?;
            check_class_type(cx, &env, name, inner)
        }
        ast::ClassTypeDesc::Signature(sign) => sign.fields.iter().try_for_each(|field| match &field.desc {
            ast::ClassTypeFieldDesc::Inherit(parent) => check_class_type(cx, env, name, parent),
            _ => Ok(()),
        }),
    }
}
