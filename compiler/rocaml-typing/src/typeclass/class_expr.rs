//! Class expressions.

use std::cell::Cell;
use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{ArgLabel, MutableFlag, RecFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::{self as types, Ident, Path, TypeId, ValueDescription, ValueKind, btype};

use super::Final;
use super::class_type::class_type;
use super::declarations::is_unbound_class;
use super::error::{Error, Kind, error};
use super::members::{check_virtual, complete_class_type, unify_params};
use super::structure::Place;
use crate::Result;
use crate::attributes::{error_of_extension, warning_scope};
use crate::includeclass;
use crate::saved_types::{self, BinaryPart};

use crate::typecore::{self, ExistentialRestriction, type_class_arg_pattern};
use crate::typedtree::*;
use crate::typemod::type_open_descr_with;
use crate::typetexp::{transl_simple_type, vars};

impl Place<'_> {
    /// Types a class expression.
    pub fn class_expr(&self, val_env: &Env, met_env: &Env, scl: &ast::ClassExpr) -> Result<ClassExpr> {
        let class = warning_scope(self.cx, &scl.attributes, || self.class_expr_aux(val_env, met_env, scl))?;
        saved_types::add(self.cx, || BinaryPart::ClassExpr(class.clone()));
        Ok(class)
    }

    fn class_expr_aux(&self, val_env: &Env, met_env: &Env, scl: &ast::ClassExpr) -> Result<ClassExpr> {
        let make = |desc, type_| ClassExpr {
            desc,
            loc: scl.loc,
            type_,
            env: val_env.clone(),
            attributes: scl.attributes.clone(),
        };
        match &scl.desc {
            ast::ClassExprDesc::Constr(lid, styps) => {
                let (path, args, type_, shown) = self.constr(val_env, scl.loc, lid, styps)?;
                let class = make(ClassExprDesc::Ident(path, lid.clone(), args), type_.clone());
                let desc = constraint(class, None, &shown);
                // The attributes are kept by the inner node.
                Ok(ClassExpr { attributes: Vec::new(), ..make(desc, type_) })
            }
            ast::ClassExprDesc::Structure(structure) => {
                let structure = self.class_structure(Final::NotFinal, val_env, met_env, scl.loc, structure)?;
                let type_ = types::ClassType::Signature(structure.type_.clone());
                Ok(make(ClassExprDesc::Structure(Box::new(structure)), type_))
            }
            ast::ClassExprDesc::Fun(label, Some(default), spat, sbody) => {
                self.class_expr(val_env, met_env, &with_default(scl, *label, default, spat, sbody))
            }
            ast::ClassExprDesc::Fun(label, None, spat, sbody) => {
                let (desc, type_) = self.function(val_env, met_env, *label, spat, sbody)?;
                Ok(make(desc, type_))
            }
            ast::ClassExprDesc::Apply(sfunct, sargs) => {
                let funct = ctype::with_local_level_generalize_structure_if_principal(self.cx, |_| {
                    self.class_expr(val_env, met_env, sfunct)
                })?;
                let (args, type_) = super::application::type_arguments(self.cx, val_env, &funct, sargs)?;
                Ok(make(ClassExprDesc::Apply(Box::new(funct), args), type_))
            }
            ast::ClassExprDesc::Let(rec_flag, sdefs, sbody) => {
                let (desc, type_) = self.let_(val_env, met_env, *rec_flag, sdefs, sbody)?;
                Ok(make(desc, type_))
            }
            ast::ClassExprDesc::Constraint(sbody, scty) => {
                let (desc, type_) = self.constraint(val_env, met_env, sbody, scty)?;
                Ok(make(desc, type_))
            }
            ast::ClassExprDesc::Open(sod, sbody) => {
                let used = Rc::new(Cell::new(false));
                let (od, val_env) = type_open_descr_with(self.cx, Some(used.clone()), val_env, sod)?;
                let (_, met_env) = type_open_descr_with(self.cx, Some(used), met_env, sod)?;
                let body = self.class_expr(&val_env, &met_env, sbody)?;
                let type_ = body.type_.clone();
                Ok(make(ClassExprDesc::Open(Box::new(od), Box::new(body)), type_))
            }
            ast::ClassExprDesc::Extension(extension) => Err(error_of_extension(extension).into()),
        }
    }

    /// `[t, …] c`: path, arguments, type, and the type whose members are visible.
    fn constr(
        &self,
        env: &Env,
        loc: Location,
        lid: &Loc<Longident>,
        styps: &[ast::CoreType],
    ) -> Result<(Path, Vec<CoreType>, types::ClassType, types::ClassType)> {
        let cx = self.cx;
        let (path, decl) = env.lookup_class(cx, true, loc, &lid.txt)?;
        if is_unbound_class(&decl.path) {
            return error(loc, env, Error::UnboundClass2(lid.txt.clone()));
        }
        let args =
            styps.iter().map(|styp| transl_simple_type(cx, env, None, false, styp)).collect::<Result<Vec<_>>>()?;
        let (params, body) = ctype::instance_class(cx, &decl.params, &decl.type_);
        let type_ = btype::abbreviate_class_type(&path, &params, &body);
        let sign = btype::signature_of_class_type(&type_);
        // With this method the type of self cannot be closed.
        ctype::add_dummy_method(cx, env, self.self_scope, sign);
        if params.len() != args.len() {
            return error(loc, env, Error::ParameterArityMismatch(lid.txt.clone(), params.len(), args.len()));
        }
        unify_params(cx, env, &args, &params)?;
        check_virtual(loc, env, self.virt, Kind::Class, sign)?;
        Ok((path, args, type_, body))
    }

    /// `fun p -> c`. A variable of the pattern is a value for what runs when the object is made,
    /// and a variable of the object for methods.
    fn function(
        &self,
        val_env: &Env,
        met_env: &Env,
        label: ArgLabel,
        spat: &ast::Pattern,
        sbody: &ast::ClassExpr,
    ) -> Result<(ClassExprDesc, types::ClassType)> {
        let cx = self.cx;
        let arg = ctype::with_local_level_generalize_structure_if_principal(cx, |_| {
            type_class_arg_pattern(cx, self.class_num, val_env, met_env, label, spat)
        })?;
        let variables = arg
            .variables
            .iter()
            .map(|(in_methods, id)| {
                let ident = self.variable(&arg.val_env, *id, in_methods.name(), None);
                (*in_methods, ident)
            })
            .collect();
        let dummy = typecore::type_exp(cx, val_env, &unreachable_expression())?;
        let case = Case { lhs: arg.pat.clone(), cont: None, guard: None, rhs: dummy };
        let partial = typecore::check_partial(cx, val_env, arg.pat.type_, arg.pat.loc, &[case])?;
        let body = ctype::with_raised_nongen_level(cx, |_| self.class_expr(&arg.val_env, &arg.met_env, sbody))?;
        if btype::is_optional(label) && takes_no_positional(&body.type_) {
            cx.warn(arg.pat.loc, Warning::UnerasableOptionalArgument);
        }
        let ty = ctype::instance(cx, arg.pat.type_);
        let type_ = types::ClassType::Arrow(label, ty, Rc::new(body.type_.clone()));
        Ok((ClassExprDesc::Fun(label, Box::new(arg.pat), variables, Box::new(body), partial), type_))
    }

    /// A variable as an expression; this does not use it.
    fn variable(&self, env: &Env, id: Ident, name: Name, type_: Option<TypeId>) -> Expression {
        let path = Path::Ident(id);
        let desc = env.find_value(self.cx, &path).expect("the variable was just bound");
        let type_ = type_.unwrap_or_else(|| ctype::instance(self.cx, desc.type_));
        Expression {
            desc: ExpressionDesc::Ident(path, Loc::none(Longident::Lident(name)), desc),
            loc: Location::none(),
            extra: Vec::new(),
            type_,
            env: env.clone(),
            attributes: Vec::new(),
        }
    }

    /// `let p = e in c`
    fn let_(
        &self,
        val_env: &Env,
        met_env: &Env,
        rec_flag: RecFlag,
        sdefs: &[ast::ValueBinding],
        sbody: &ast::ClassExpr,
    ) -> Result<(ClassExprDesc, types::ClassType)> {
        let cx = self.cx;
        let (defs, val_env) = typecore::type_let(cx, val_env, ExistentialRestriction::InClassDef, rec_flag, sdefs)?;
        let mut met_env = met_env.clone();
        let mut variables = Vec::new();
        for (id, ..) in let_bound_idents_full(&defs).into_iter().rev() {
            let decl = val_env.find_value(cx, &Path::Ident(id)).expect("the variable was just bound");
            let ty = ctype::with_local_level_generalize_always(cx, |cx| ctype::instance(cx, decl.type_));
            let desc = ValueDescription {
                type_: ty,
                kind: ValueKind::Ivar(MutableFlag::Immutable, self.class_num),
                loc: decl.loc,
                attributes: Vec::new(),
                uid: decl.uid,
            };
            let in_methods = Ident::create_local(id.name());
            variables.push((in_methods, self.variable(&val_env, id, id.name(), Some(ty))));
            met_env = met_env.add_value(cx, None, in_methods, Rc::new(desc));
        }
        variables.reverse();
        let body = self.class_expr(&val_env, &met_env, sbody)?;
        let defs = match rec_flag {
            RecFlag::Recursive => typecore::annotate_recursive_bindings(cx, &val_env, defs)?,
            RecFlag::Nonrecursive => defs,
        };
        let type_ = body.type_.clone();
        Ok((ClassExprDesc::Let(rec_flag, defs, variables, Box::new(body)), type_))
    }

    /// `(c : ct)`
    fn constraint(
        &self,
        env: &Env,
        met_env: &Env,
        sbody: &ast::ClassExpr,
        scty: &ast::ClassType,
    ) -> Result<(ClassExprDesc, types::ClassType)> {
        let Place { cx, virt, .. } = *self;
        let typed = ctype::with_local_level_for_class(
            cx,
            |cx| -> Result<_> {
                let body = vars::with_local_scope(cx, || -> Result<_> {
                    let body = self.class_expr(env, met_env, sbody)?;
                    complete_class_type(cx, body.loc, env, virt, Kind::ClassType, &body.type_)?;
                    Ok(body)
                })?;
                let cty = vars::with_local_scope(cx, || -> Result<_> {
                    let cty = class_type(cx, env, virt, self.self_scope, scty)?;
                    complete_class_type(cx, cty.loc, env, virt, Kind::Class, &cty.type_)?;
                    Ok(cty)
                })?;
                Ok((body, cty))
            },
            |cx, typed| {
                if let Ok((body, cty)) = typed {
                    for cty in [&body.type_, &cty.type_] {
                        ctype::limited_generalize_class_type(cx, btype::self_type_row(cty), cty);
                    }
                }
            },
        );
        let (body, cty) = typed?;
        let failures = includeclass::class_types(cx, env, &body.type_, &cty.type_);
        if !failures.is_empty() {
            return error(body.loc, env, Error::ClassMatchFailure(failures));
        }
        let (_, type_) = ctype::instance_class(cx, &[], &cty.type_);
        ctype::add_dummy_method(cx, env, self.self_scope, btype::signature_of_class_type(&type_));
        let shown = cty.type_.clone();
        Ok((constraint(body, Some(Box::new(cty)), &shown), type_))
    }
}

/// A class whose visible members are those of a type.
fn constraint(class: ClassExpr, written: Option<Box<ClassType>>, shown: &types::ClassType) -> ClassExprDesc {
    let sign = btype::signature_of_class_type(shown);
    let (vals, meths, concretes) = (btype::instance_vars(sign), btype::methods(sign), btype::concrete_methods(sign));
    ClassExprDesc::Constraint(Box::new(class), written, vals, meths, concretes)
}

/// Whether no positional argument follows, so that an optional one cannot be left out.
fn takes_no_positional(cty: &types::ClassType) -> bool {
    match cty {
        types::ClassType::Arrow(ArgLabel::Nolabel, ..) => false,
        types::ClassType::Arrow(_, _, inner) => takes_no_positional(inner),
        _ => true,
    }
}

// ---------------------------------------------------------------------------------------------
// Syntax

fn unreachable_expression() -> ast::Expression {
    expression(ast::ExpressionDesc::Unreachable, Location::none())
}

fn expression(desc: ast::ExpressionDesc, loc: Location) -> ast::Expression {
    ast::Expression { desc, loc, loc_stack: Vec::new(), attributes: Vec::new() }
}

fn pattern(desc: ast::PatternDesc, loc: Location) -> ast::Pattern {
    ast::Pattern { desc, loc, loc_stack: Vec::new(), attributes: Vec::new() }
}

/// `fun ?l:(p = default) -> c` as `fun ?l:opt -> let p = match opt with … in c`.
fn with_default(
    scl: &ast::ClassExpr,
    label: ArgLabel,
    default: &ast::Expression,
    spat: &ast::Pattern,
    sbody: &ast::ClassExpr,
) -> ast::ClassExpr {
    let loc = default.loc;
    let name = |text: &str| Loc::none(Name::new(text));
    let variable =
        |text: &str| expression(ast::ExpressionDesc::Ident(Loc::none(Longident::Lident(Name::new(text)))), loc);
    let constructor = |text: &str| {
        let prefix = Loc::none(Longident::Lident(Name::new("*predef*")));
        Loc::none(Longident::Ldot(Box::new(prefix), name(text)))
    };
    let case = |lhs, rhs| ast::Case { lhs, guard: None, rhs };
    let given = pattern(ast::PatternDesc::Var(name("*sth*")), loc);
    let some = ast::PatternDesc::Construct(constructor("Some"), Some((Vec::new(), Box::new(given))));
    let none = ast::PatternDesc::Construct(constructor("None"), None);
    let cases = vec![case(pattern(some, loc), variable("*sth*")), case(pattern(none, loc), default.clone())];
    let value = expression(ast::ExpressionDesc::Match(Box::new(variable("*opt*")), cases), loc);
    let binding = ast::ValueBinding {
        pat: spat.clone(),
        expr: value,
        constraint: None,
        attributes: Vec::new(),
        loc: Location::none(),
    };
    let class = |desc| ast::ClassExpr { desc, loc: scl.loc, attributes: Vec::new() };
    let body = class(ast::ClassExprDesc::Let(RecFlag::Nonrecursive, vec![binding], Box::new(sbody.clone())));
    let param = pattern(ast::PatternDesc::Var(name("*opt*")), Location::none());
    class(ast::ClassExprDesc::Fun(label, None, Box::new(param), Box::new(body)))
}
