//! What all of the core language's typing uses: unification with its errors, constants, options,
//! the shape of an expected type.

use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_diag::doc::Doc;
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::ArgLabel;
use rocaml_syntax::asttypes::{Constant, MutableFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::ctype::{self, TypedeclExtraction};
use rocaml_types::env::Env;
use rocaml_types::errortrace::{Elt, Escape, ExpandedType, UnifyError};
use rocaml_types::predef::TypeConstr;
use rocaml_types::store::GENERIC_LEVEL;
use rocaml_types::{Commutable, Ident, LabelDeclaration, Path, TypeDesc, TypeId, TypeKind};

use super::error::{Error, TypeExpected, TypeForcingContext, WrongKindSort, error};
use crate::Result;
use crate::typedtree::{Expression, ExpressionDesc, ExpressionExtra, Pattern};

/// An expected type without explanation.
pub fn mk_expected(ty: TypeId) -> TypeExpected {
    TypeExpected { ty, explanation: None }
}

/// An expected type that a construct forces.
pub fn mk_expected_because(ty: TypeId, explanation: TypeForcingContext) -> TypeExpected {
    TypeExpected { ty, explanation: Some(explanation) }
}

/// Whether the record of a constructor may, must or must not be what an ident stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recarg {
    Allowed,
    Required,
    Rejected,
}

// ---------------------------------------------------------------------------------------------
// Levels

/// `f` at a raised level, generalised after; `before` runs at the outer level before that.
pub fn generalize_before<T>(
    cx: &Context,
    f: impl FnOnce() -> Result<T>,
    before: impl FnOnce(&T) -> Result<()>,
) -> Result<T> {
    generalize_before_if(cx, true, f, before)
}

/// [`generalize_before`], or just `f`.
pub fn generalize_before_if<T>(
    cx: &Context,
    on: bool,
    f: impl FnOnce() -> Result<T>,
    before: impl FnOnce(&T) -> Result<()>,
) -> Result<T> {
    ctype::with_local_level_generalize_if(cx, on, |_| f(), |_, value| before(value))
}

/// `f` at a raised level, generalised after.
pub fn generalize<T>(cx: &Context, f: impl FnOnce() -> Result<T>) -> Result<T> {
    ctype::with_local_level_generalize(cx, |_| f())
}

/// Likewise for the structure only, variables being kept.
pub fn generalize_structure<T>(cx: &Context, f: impl FnOnce() -> Result<T>) -> Result<T> {
    ctype::with_local_level_generalize_structure(cx, |_| f())
}

/// [`generalize_structure`], or just `f`.
pub fn generalize_structure_if<T>(cx: &Context, on: bool, f: impl FnOnce() -> Result<T>) -> Result<T> {
    ctype::with_local_level_generalize_structure_if(cx, on, |_| f())
}

/// [`generalize_structure`] in principal mode.
pub fn generalize_structure_if_principal<T>(cx: &Context, f: impl FnOnce() -> Result<T>) -> Result<T> {
    ctype::with_local_level_generalize_structure_if_principal(cx, |_| f())
}

/// Whether types are to be propagated by copies: in principal mode or under equations.
pub fn separate(cx: &Context, env: &Env) -> bool {
    cx.options.principal || env.has_local_constraints()
}

fn escape_error(escape: Escape) -> UnifyError {
    UnifyError { trace: vec![Elt::Escape(escape.map(ExpandedType::trivial))] }
}

/// Lowers a type to the current level.
pub fn enforce_current_level(cx: &Context, env: &Env, loc: Location, ty: TypeId) -> Result<()> {
    match ctype::enforce_current_level(cx, env, ty) {
        Ok(()) => Ok(()),
        Err(escape) => error(loc, env, Error::ExprTypeClash(escape_error(escape), None, None)),
    }
}

/// Checks that the type of a pattern could be raised to a level.
pub fn check_scope_escape(cx: &Context, env: &Env, loc: Location, level: i32, ty: TypeId) -> Result<()> {
    match ctype::check_scope_escape(cx, env, level, ty) {
        Ok(()) => Ok(()),
        // No expansion: it might show the type that escapes.
        Err(escape) => error(loc, env, Error::PatternTypeClash(escape_error(escape), None)),
    }
}

// ---------------------------------------------------------------------------------------------
// Unification

/// The error of tags that share their hash, if that is why a unification failed.
pub fn tag_clash(cx: &Context, env: &Env, loc: Location) -> Result<()> {
    match cx.take_tag_clash() {
        None => Ok(()),
        Some((first, second)) => {
            Err(Box::new(crate::Error::TypeExpr(loc, env.clone(), crate::typetexp::Error::VariantTags(first, second))))
        }
    }
}

/// Unifies the type of an expression with what is expected.
pub fn unify_exp_types(cx: &Context, env: &Env, loc: Location, ty: TypeId, expected: TypeId) -> Result<()> {
    match ctype::unify(cx, env, ty, expected) {
        Ok(()) => Ok(()),
        Err(e) => {
            tag_clash(cx, env, loc)?;
            error(loc, env, Error::ExprTypeClash(e, None, None))
        }
    }
}

/// The place of an expression with its type constraints.
pub fn proper_exp_loc(exp: &Expression) -> Location {
    exp.extra
        .iter()
        .find(|(extra, ..)| matches!(extra, ExpressionExtra::Constraint(_) | ExpressionExtra::Coerce(..)))
        .map_or(exp.loc, |(_, loc, _)| *loc)
}

/// Unifies the type of a typed expression with what is expected; `sexp` is for the message.
pub fn unify_exp(cx: &Context, env: &Env, sexp: &ast::Expression, exp: &Expression, expected: TypeId) -> Result<()> {
    match ctype::unify(cx, env, exp.type_, expected) {
        Ok(()) => Ok(()),
        Err(e) => {
            let loc = proper_exp_loc(exp);
            tag_clash(cx, env, loc)?;
            error(loc, env, Error::ExprTypeClash(e, None, Some(Box::new(sexp.clone()))))
        }
    }
}

/// Adds to a clash of types why the type was expected.
pub fn with_explanation<T>(explanation: Option<TypeForcingContext>, result: Result<T>) -> Result<T> {
    let Some(explanation) = explanation else { return result };
    result.map_err(|mut e| {
        if let crate::Error::Core(loc, _, Error::ExprTypeClash(_, because @ None, _)) = &mut *e
            && !loc.ghost
        {
            *because = Some(explanation);
        }
        e
    })
}

/// Unifies types in a pattern.
pub fn unify_pat_types(cx: &Context, env: &Env, loc: Location, ty: TypeId, expected: TypeId) -> Result<()> {
    match ctype::unify(cx, env, ty, expected) {
        Ok(()) => Ok(()),
        Err(e) => {
            tag_clash(cx, env, loc)?;
            error(loc, env, Error::PatternTypeClash(e, None))
        }
    }
}

/// Unifies the type of a pattern with what is expected.
pub fn unify_pat(cx: &Context, env: &Env, pat: &Pattern, expected: TypeId) -> Result<()> {
    unify_pat_types(cx, env, pat.loc, pat.type_, expected)
}

// ---------------------------------------------------------------------------------------------
// Types

/// `l:a -> b`, arguments commuting.
pub fn arrow(cx: &Context, label: ArgLabel, arg: TypeId, res: TypeId) -> TypeId {
    ctype::newty(cx, TypeDesc::Arrow(label, arg, res, Commutable::Ok))
}

/// `ty option` at the current level.
pub fn type_option(cx: &Context, ty: TypeId) -> TypeId {
    let path = cx.predef().path(TypeConstr::Option);
    ctype::newty(cx, TypeDesc::Constr(path, [ty].into(), cx.new_memo()))
}

/// An instance of a predefined type.
pub fn instance(cx: &Context, ty: TypeId) -> TypeId {
    ctype::instance(cx, ty)
}

/// Whether a type is this predefined one.
pub fn is_predef(cx: &Context, env: &Env, ty: TypeId, constr: TypeConstr) -> bool {
    match cx.desc(ctype::expand_head(cx, env, ty)) {
        TypeDesc::Constr(path, ..) => cx.predef().find_type_constr(&path) == Some(constr),
        _ => false,
    }
}

/// A type whose expansion leaves no trace in the type itself.
pub fn protect_expansion(cx: &Context, env: &Env, ty: TypeId) -> TypeId {
    if env.has_local_constraints() { ctype::generic_instance(cx, ty) } else { ty }
}

/// Whether what is known of a type is known whatever the order of inference.
pub fn is_principal(cx: &Context, ty: TypeId) -> bool {
    !cx.options.principal || cx.level(ty) == GENERIC_LEVEL
}

/// Warning 18.
pub fn warn_not_principal(cx: &Context, loc: Location, what: &str) {
    cx.warn(loc, Warning::NotPrincipal(Doc::from(what)));
}

/// What an expected type tells of a record or a variant.
pub enum Extraction<T> {
    /// The path as given, the path of the declaration, what it declares.
    Is(Path, Path, T),
    IsNot,
    MayBe,
}

fn extract_protected(cx: &Context, env: &Env, ty: TypeId) -> TypedeclExtraction {
    ctype::extract_concrete_typedecl(cx, env, protect_expansion(cx, env, ty))
}

/// Whether a type is that of a record.
pub fn extract_concrete_record(cx: &Context, env: &Env, ty: TypeId) -> Extraction<Rc<[LabelDeclaration]>> {
    match extract_protected(cx, env, ty) {
        TypedeclExtraction::Typedecl(p0, p, decl) => match &decl.kind {
            TypeKind::Record(labels, _) => Extraction::Is(p0, p, labels.clone()),
            _ => Extraction::IsNot,
        },
        TypedeclExtraction::HasNoTypedecl => Extraction::IsNot,
        TypedeclExtraction::MayHaveTypedecl => Extraction::MayBe,
    }
}

/// Whether a type is a variant or an extensible type.
pub fn extract_concrete_variant(cx: &Context, env: &Env, ty: TypeId) -> Extraction<()> {
    match extract_protected(cx, env, ty) {
        TypedeclExtraction::Typedecl(p0, p, decl) => match &decl.kind {
            TypeKind::Variant(..) | TypeKind::Open => Extraction::Is(p0, p, ()),
            _ => Extraction::IsNot,
        },
        TypedeclExtraction::HasNoTypedecl => Extraction::IsNot,
        TypedeclExtraction::MayHaveTypedecl => Extraction::MayBe,
    }
}

/// The idents of a record type's labels.
pub fn extract_label_names(cx: &Context, env: &Env, ty: TypeId) -> Vec<Ident> {
    match extract_concrete_record(cx, env, ty) {
        Extraction::Is(_, _, labels) => labels.iter().map(|label| label.id).collect(),
        _ => Vec::new(),
    }
}

/// What a constructor's name says of the value.
pub fn wrong_kind_sort_of_constructor(lid: &Longident) -> WrongKindSort {
    match lid.last().map(Name::as_str) {
        Some("true" | "false") => WrongKindSort::Boolean,
        Some("[]" | "::") => WrongKindSort::List,
        Some("()") => WrongKindSort::Unit,
        _ => WrongKindSort::Constructor,
    }
}

/// What is known of the type of an array literal.
pub fn disambiguate_array_literal(
    cx: &Context,
    env: &Env,
    loc: Location,
    expected: TypeId,
) -> (Option<TypeId>, MutableFlag) {
    let warn = || {
        if !is_principal(cx, expected) {
            warn_not_principal(cx, loc, "this type-based array disambiguation");
        }
    };
    if is_predef(cx, env, expected, TypeConstr::Floatarray) {
        warn();
        (Some(instance(cx, cx.predef().float)), MutableFlag::Mutable)
    } else if is_predef(cx, env, expected, TypeConstr::Iarray) {
        warn();
        (None, MutableFlag::Immutable)
    } else {
        (None, MutableFlag::Mutable)
    }
}

// ---------------------------------------------------------------------------------------------
// Constants

/// The type of a constant.
pub fn type_constant(cx: &Context, constant: &Constant) -> TypeId {
    let predef = cx.predef();
    instance(
        cx,
        match constant {
            Constant::Int(_) => predef.int,
            Constant::Char(_) => predef.char,
            Constant::String(..) => predef.string,
            Constant::Float(_) => predef.float,
            Constant::Int32(_) => predef.int32,
            Constant::Int64(_) => predef.int64,
            Constant::Nativeint(_) => predef.nativeint,
        },
    )
}

/// The value of an integer literal of this many bits; decimal ones must be in the signed range.
fn integer(text: &str, bits: u32) -> Option<i64> {
    let text: String = text.chars().filter(|&c| c != '_').collect();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let lower = digits.to_ascii_lowercase();
    let radix = [("0x", 16), ("0o", 8), ("0b", 2), ("0u", 10)].into_iter().find(|(p, _)| lower.starts_with(p));
    let limit = 1u128 << (bits - 1);
    match radix {
        Some((_, radix)) => {
            let value = u128::from_str_radix(&lower[2..], radix).ok()?;
            if value >= limit * 2 {
                return None;
            }
            let value = if value >= limit { value as i128 - (limit * 2) as i128 } else { value as i128 };
            Some(if negative { (-value) as i64 } else { value as i64 })
        }
        None => {
            let value: u128 = lower.parse().ok()?;
            // Upstream negates the literal of the opposite sign: one more than the greatest wraps.
            (value <= limit).then(|| {
                let value = -(value as i128);
                if negative || value == -(limit as i128) { value as i64 } else { -value as i64 }
            })
        }
    }
}

/// The value of a constant as written.
pub fn constant(constant: &ast::Constant) -> std::result::Result<Constant, Error> {
    let literal = |text: Name, bits, name| integer(&text, bits).ok_or(Error::LiteralOverflow(name));
    Ok(match &constant.desc {
        ast::ConstantDesc::Integer(text, None) => Constant::Int(literal(*text, 63, "int")?),
        ast::ConstantDesc::Integer(text, Some('l')) => Constant::Int32(literal(*text, 32, "int32")? as i32),
        ast::ConstantDesc::Integer(text, Some('L')) => Constant::Int64(literal(*text, 64, "int64")?),
        ast::ConstantDesc::Integer(text, Some('n')) => Constant::Nativeint(literal(*text, 64, "nativeint")?),
        ast::ConstantDesc::Integer(text, Some(suffix)) | ast::ConstantDesc::Float(text, Some(suffix)) => {
            return Err(Error::UnknownLiteral(*text, *suffix));
        }
        ast::ConstantDesc::Char(c) => Constant::Char(*c),
        ast::ConstantDesc::String(text, loc, delimiter) => Constant::String(text.clone(), *loc, *delimiter),
        ast::ConstantDesc::Float(text, None) => Constant::Float(*text),
    })
}

/// [`constant`], with the place of the error.
pub fn constant_or_raise(env: &Env, loc: Location, sconstant: &ast::Constant) -> Result<Constant> {
    match constant(sconstant) {
        Ok(constant) => Ok(constant),
        Err(e) => error(loc, env, e),
    }
}

// ---------------------------------------------------------------------------------------------
// Options

/// An expression without annotations.
pub fn mkexp(desc: ExpressionDesc, type_: TypeId, loc: Location, env: &Env) -> Expression {
    Expression { desc, loc, extra: Vec::new(), type_, env: env.clone(), attributes: Vec::new() }
}

/// `None : ty`
pub fn option_none(cx: &Context, env: &Env, ty: TypeId, loc: Location) -> Expression {
    let none = env.find_ident_constructor(cx, cx.predef().none).expect("None is predefined");
    let lid = Loc::none(Longident::Lident(Name::new("None")));
    mkexp(ExpressionDesc::Construct(lid, none, Vec::new()), ty, loc, env)
}

/// `Some exp`
pub fn option_some(cx: &Context, env: &Env, exp: Expression) -> Expression {
    let some = env.find_ident_constructor(cx, cx.predef().some).expect("Some is predefined");
    let lid = Loc::none(Longident::Lident(Name::new("Some")));
    let (ty, loc, env) = (type_option(cx, exp.type_), exp.loc, exp.env.clone());
    mkexp(ExpressionDesc::Construct(lid, some, vec![exp]), ty, loc, &env)
}

/// The argument of an option type.
pub fn extract_option_type(cx: &Context, env: &Env, ty: TypeId) -> TypeId {
    match cx.desc(ctype::expand_head(cx, env, ty)) {
        TypeDesc::Constr(_, args, _) if args.len() == 1 => args[0],
        other => unreachable!("an optional argument of type {other:?}"),
    }
}
