//! Binding operators: `let* p = e and* … in body`.

use rocaml_base::{Loc, Name};
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{ArgLabel, ClosedFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::{Path, TypeDesc, TypeId, ValueDescription, ValueKind};
use std::rc::Rc;

use super::base::{Recarg, arrow, generalize_structure_if_principal, instance, mk_expected};
use super::cases::{UntypedCase, type_cases};
use super::checks::name_cases;
use super::error::{Error, error};
use super::expression::{Typer, binding_op, self_path, type_expect, type_ident};
use super::pattern::Category;
use crate::Result;
use crate::typedtree::{BindingOp, Expression, ExpressionDesc};

fn type_binding_op_ident(cx: &Context, env: &Env, op: &Loc<Name>) -> Result<(Path, Rc<ValueDescription>)> {
    let lid = Loc::new(Longident::Lident(op.txt), op.loc);
    let (path, desc) = type_ident(cx, env, Recarg::Rejected, &lid)?;
    let path = match &desc.kind {
        ValueKind::SelfVal(self_) => self_path(cx, env, self_.class_num),
        _ => path,
    };
    Ok((path, desc))
}

/// The patterns of all bindings as nested pairs, and their type.
fn parameters(cx: &Context, letop: &ast::LetOp) -> (ast::Pattern, TypeId) {
    let loc = letop.let_.op.loc.ghost();
    letop.ands.iter().fold((letop.let_.pat.clone(), ctype::newvar(cx)), |(pat, ty), and| {
        let pair = ast::PatternDesc::Tuple(vec![(None, pat), (None, and.pat.clone())], ClosedFlag::Closed);
        let pat = ast::Pattern { desc: pair, loc, loc_stack: Vec::new(), attributes: Vec::new() };
        let types = [(None, ty), (None, ctype::newvar(cx))];
        (pat, ctype::newty(cx, TypeDesc::Tuple(types.into())))
    })
}

pub(super) fn type_letop(typer: &Typer<'_>, letop: &ast::LetOp) -> Result<Expression> {
    let (cx, env, loc) = (typer.cx, typer.env, typer.sexp.loc);
    let op = &letop.let_.op;
    let (path, desc, op_type, spat, ty_params, ty_body, ty_result, ty_ands) =
        generalize_structure_if_principal(cx, || {
            let (path, desc) = type_binding_op_ident(cx, env, op)?;
            let op_type = instance(cx, desc.type_);
            let (spat, ty_params) = parameters(cx, letop);
            let (ty_body, ty_result, ty_ands) = (ctype::newvar(cx), ctype::newvar(cx), ctype::newvar(cx));
            let body = arrow(cx, ArgLabel::Nolabel, ty_params, ty_body);
            let rest = arrow(cx, ArgLabel::Nolabel, body, ty_result);
            let expected = arrow(cx, ArgLabel::Nolabel, ty_ands, rest);
            if let Err(e) = ctype::unify(cx, env, op_type, expected) {
                return error(op.loc, env, Error::LetopTypeClash(op.txt, e));
            }
            Ok((path, desc, op_type, spat, ty_params, ty_body, ty_result, ty_ands))
        })?;
    let (exp, ands) = type_andops(cx, env, &letop.let_.exp, &letop.ands, ty_ands)?;
    let case = UntypedCase { lhs: &spat, guard: None, rhs: &letop.body };
    let expected = mk_expected(ty_body);
    let (mut cases, partial) = type_cases(cx, Category::Value, env, ty_params, expected, loc, &[case], None, true)?;
    let param = name_cases("param", &cases);
    let body = Box::new(cases.pop().expect("one case was given"));
    let let_ = Box::new(binding_op(path, *op, desc, op_type, exp, letop.let_.loc));
    let desc = ExpressionDesc::LetOp { let_, ands, param, body, partial };
    typer.unified(typer.make(desc, instance(cx, ty_result)))
}

/// The expressions of `let*` and of each `and*`, from the last to the first.
fn type_andops(
    cx: &Context,
    env: &Env,
    let_exp: &ast::Expression,
    ands: &[ast::BindingOp],
    expected: TypeId,
) -> Result<(Expression, Vec<BindingOp>)> {
    let Some((and, rest)) = ands.split_last() else {
        return Ok((type_expect(cx, env, let_exp, mk_expected(expected))?, Vec::new()));
    };
    let (path, desc, op_type, ty_arg, ty_rest, ty_result) = generalize_structure_if_principal(cx, || {
        let (path, desc) = type_binding_op_ident(cx, env, &and.op)?;
        let op_type = instance(cx, desc.type_);
        let (ty_arg, ty_rest, ty_result) = (ctype::newvar(cx), ctype::newvar(cx), ctype::newvar(cx));
        let rest = arrow(cx, ArgLabel::Nolabel, ty_arg, ty_result);
        let expected = arrow(cx, ArgLabel::Nolabel, ty_rest, rest);
        if let Err(e) = ctype::unify(cx, env, op_type, expected) {
            return error(and.op.loc, env, Error::AndopTypeClash(and.op.txt, e));
        }
        Ok((path, desc, op_type, ty_arg, ty_rest, ty_result))
    })?;
    let (let_exp, mut typed) = type_andops(cx, env, let_exp, rest, ty_rest)?;
    let exp = type_expect(cx, env, &and.exp, mk_expected(ty_arg))?;
    if let Err(e) = ctype::unify(cx, env, instance(cx, ty_result), instance(cx, expected)) {
        return error(and.loc, env, Error::BindingsTypeClash(e));
    }
    typed.push(binding_op(path, and.op, desc, op_type, exp, and.loc));
    Ok((let_exp, typed))
}
