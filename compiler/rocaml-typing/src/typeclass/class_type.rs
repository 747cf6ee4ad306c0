//! Class types.
//!
//! The variables of a public method's type that no other part of the class type binds are
//! quantified in the method. Which these are is known at the end only, so the types of such methods
//! are translated last ([`Delayed`]) and then take their places in the tree.

use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{PrivateFlag, VirtualFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::predef::TypeConstr;
use rocaml_types::{self as types, TypeDesc, TypeId, btype};

use super::declarations::is_unbound_class;
use super::error::{Error, Kind, error};
use super::members::{Addition, check_virtual, complete_class_type, type_constraint, unify_params};
use crate::Result;
use crate::attributes::{error_of_extension, warning_attribute_item, warning_scope};
use crate::typedtree::*;
use crate::typemod::type_open_descr;
use crate::typetexp::{force_poly, transl_simple_type, transl_simple_type_univars};

/// A class type in which methods may stay virtual if `virt`; `self_scope` keeps the type of self
/// from escaping.
pub fn class_type(
    cx: &Context,
    env: &Env,
    virt: VirtualFlag,
    self_scope: i32,
    scty: &ast::ClassType,
) -> Result<ClassType> {
    let mut translation = Translation { cx, virt, self_scope, delayed: Vec::new() };
    let mut cty = translation.class_type(env, virt, scty)?;
    let mut bodies = Vec::new();
    for delayed in std::mem::take(&mut translation.delayed) {
        bodies.push(delayed.run(cx)?);
    }
    fill(&mut cty, &mut bodies.into_iter());
    Ok(cty)
}

/// A method whose type is still to be translated.
struct Delayed<'a> {
    env: Env,
    loc: Location,
    label: Name,
    styp: &'a ast::CoreType,
    /// What the class takes it for.
    expected: TypeId,
    warnings: usize,
}

impl Delayed<'_> {
    /// The method's type as a node of the tree.
    fn run(self, cx: &Context) -> Result<CoreType> {
        let reporter = cx.reporter.borrow().clone();
        let present = reporter.backup();
        reporter.restore(self.warnings);
        let cty = transl_simple_type_univars(cx, &self.env, self.styp)?;
        reporter.restore(present);
        if let Err(trace) = ctype::unify(cx, &self.env, cty.type_, self.expected) {
            return error(self.loc, &self.env, Error::FieldTypeMismatch(super::members::METHOD, self.label, trace));
        }
        let type_ = cty.type_;
        Ok(core_type(CoreTypeDesc::Poly(Vec::new(), Box::new(cty)), type_, self.env, self.loc))
    }
}

fn core_type(desc: CoreTypeDesc, type_: TypeId, env: Env, loc: Location) -> CoreType {
    CoreType { desc, type_, env, loc, attributes: Vec::new() }
}

/// Puts the delayed types in their places, which are marked by `_` and met in the same order.
fn fill(cty: &mut ClassType, bodies: &mut impl Iterator<Item = CoreType>) {
    match &mut cty.desc {
        ClassTypeDesc::Constr(..) => {}
        ClassTypeDesc::Arrow(_, _, inner) | ClassTypeDesc::Open(_, inner) => fill(inner, bodies),
        ClassTypeDesc::Signature(sign) => {
            for field in &mut sign.fields {
                match &mut field.desc {
                    ClassTypeFieldDesc::Inherit(parent) => fill(parent, bodies),
                    ClassTypeFieldDesc::Method(_, _, _, cty) if matches!(cty.desc, CoreTypeDesc::Any) => {
                        **cty = bodies.next().expect("each place marked has its type");
                    }
                    _ => {}
                }
            }
        }
    }
}

struct Translation<'c, 'a> {
    cx: &'c Context,
    virt: VirtualFlag,
    self_scope: i32,
    delayed: Vec<Delayed<'a>>,
}

impl<'a> Translation<'_, 'a> {
    fn class_type(&mut self, env: &Env, virt: VirtualFlag, scty: &'a ast::ClassType) -> Result<ClassType> {
        let cx = self.cx;
        let outer = std::mem::replace(&mut self.virt, virt);
        let translated = warning_scope(cx, &scty.attributes, || self.desc(env, scty));
        self.virt = outer;
        let (desc, type_) = translated?;
        Ok(ClassType { desc, type_, env: env.clone(), loc: scty.loc, attributes: scty.attributes.clone() })
    }

    fn desc(&mut self, env: &Env, scty: &'a ast::ClassType) -> Result<(ClassTypeDesc, types::ClassType)> {
        let (cx, virt) = (self.cx, self.virt);
        match &scty.desc {
            ast::ClassTypeDesc::Constr(lid, styps) => self.constr(env, scty.loc, lid, styps),
            ast::ClassTypeDesc::Signature(sign) => {
                let sign = self.signature(env, sign, scty.loc)?;
                let type_ = types::ClassType::Signature(sign.type_.clone());
                Ok((ClassTypeDesc::Signature(Box::new(sign)), type_))
            }
            ast::ClassTypeDesc::Arrow(label, styp, inner) => {
                let cty = transl_simple_type(cx, env, None, false, styp)?;
                let ty = if btype::is_optional(*label) {
                    ctype::newconstr(cx, &cx.predef().path(TypeConstr::Option), &[cty.type_])
                } else {
                    cty.type_
                };
                let inner = self.class_type(env, virt, inner)?;
                let type_ = types::ClassType::Arrow(*label, ty, Rc::new(inner.type_.clone()));
                Ok((ClassTypeDesc::Arrow(*label, Box::new(cty), Box::new(inner)), type_))
            }
            ast::ClassTypeDesc::Open(sod, inner) => {
                let (od, env) = type_open_descr(cx, env, sod)?;
                let inner = self.class_type(&env, virt, inner)?;
                let type_ = inner.type_.clone();
                Ok((ClassTypeDesc::Open(Box::new(od), Box::new(inner)), type_))
            }
            ast::ClassTypeDesc::Extension(extension) => Err(error_of_extension(extension).into()),
        }
    }

    /// `[t, …] c`
    fn constr(
        &mut self,
        env: &Env,
        loc: Location,
        lid: &Loc<Longident>,
        styps: &[ast::CoreType],
    ) -> Result<(ClassTypeDesc, types::ClassType)> {
        let cx = self.cx;
        let (path, decl) = env.lookup_cltype(cx, true, loc, &lid.txt)?;
        if is_unbound_class(&decl.path) {
            return error(loc, env, Error::UnboundClassType2(lid.txt.clone()));
        }
        let (params, body) = ctype::instance_class(cx, &decl.params, &decl.type_);
        ctype::add_dummy_method(cx, env, self.self_scope, btype::signature_of_class_type(&body));
        if params.len() != styps.len() {
            return error(loc, env, Error::ParameterArityMismatch(lid.txt.clone(), params.len(), styps.len()));
        }
        let mut args = Vec::new();
        for (styp, param) in styps.iter().zip(&params) {
            let arg = transl_simple_type(cx, env, None, false, styp)?;
            unify_params(cx, env, std::slice::from_ref(&arg), std::slice::from_ref(param))?;
            args.push(arg);
        }
        let type_ = types::ClassType::Constr(path.clone(), params, Rc::new(body));
        check_virtual(loc, env, self.virt, Kind::ClassType, btype::signature_of_class_type(&type_))?;
        Ok((ClassTypeDesc::Constr(path, lid.clone(), args), type_))
    }

    /// `object (t) … end`
    fn signature(&mut self, env: &Env, ssign: &'a ast::ClassSignature, loc: Location) -> Result<ClassSignature> {
        let cx = self.cx;
        let sign = Rc::new(ctype::new_class_signature(cx));
        // With this method the type of self cannot be closed.
        ctype::add_dummy_method(cx, env, self.self_scope, &sign);
        let self_ = transl_simple_type(cx, env, None, false, &ssign.self_)?;
        if ctype::unify(cx, env, self_.type_, sign.self_).is_err() {
            return error(ssign.self_.loc, env, Error::PatternTypeClash(self_.type_));
        }
        let virt = self.virt;
        let fields = crate::attributes::fresh_warning_scope(cx, || {
            ssign.fields.iter().map(|field| self.field(env, &sign, field)).collect::<Result<Vec<_>>>()
        })?;
        check_virtual(loc, env, virt, Kind::ClassType, &sign)?;
        Ok(ClassSignature { self_, fields, type_: sign })
    }

    fn field(
        &mut self,
        env: &Env,
        sign: &types::ClassSignature,
        field: &'a ast::ClassTypeField,
    ) -> Result<ClassTypeField> {
        let cx = self.cx;
        let desc = warning_scope(cx, &field.attributes, || self.field_desc(env, sign, field))?;
        Ok(ClassTypeField { desc, loc: field.loc, attributes: field.attributes.clone() })
    }

    fn field_desc(
        &mut self,
        env: &Env,
        sign: &types::ClassSignature,
        field: &'a ast::ClassTypeField,
    ) -> Result<ClassTypeFieldDesc> {
        let (cx, loc) = (self.cx, field.loc);
        let addition = Addition { cx, loc, env, sign };
        Ok(match &field.desc {
            ast::ClassTypeFieldDesc::Inherit(sparent) => {
                let parent = self.class_type(env, VirtualFlag::Virtual, sparent)?;
                complete_class_type(cx, parent.loc, env, VirtualFlag::Virtual, Kind::ClassType, &parent.type_)?;
                addition.inherit(false, &parent.type_)?;
                ClassTypeFieldDesc::Inherit(Box::new(parent))
            }
            ast::ClassTypeFieldDesc::Val(label, mutable, virt, styp) => {
                let cty = transl_simple_type(cx, env, None, false, styp)?;
                addition.variable(false, label.txt, *mutable, *virt, cty.type_)?;
                ClassTypeFieldDesc::Val(label.txt, *mutable, *virt, Box::new(cty))
            }
            ast::ClassTypeFieldDesc::Method(label, private, virt, styp) => {
                let cty = match monomorphic(styp) {
                    Some(body) if *private == PrivateFlag::Public => {
                        let expected = ctype::newvar(cx);
                        addition.method(label.txt, *private, *virt, expected)?;
                        self.delay(env, loc, label.txt, body, expected)
                    }
                    _ => {
                        let cty = transl_simple_type(cx, env, None, false, &force_poly(styp))?;
                        addition.method(label.txt, *private, *virt, cty.type_)?;
                        cty
                    }
                };
                ClassTypeFieldDesc::Method(label.txt, *private, *virt, Box::new(cty))
            }
            ast::ClassTypeFieldDesc::Constraint(sty1, sty2) => {
                let (cty1, cty2) = type_constraint(cx, env, loc, sty1, sty2)?;
                ClassTypeFieldDesc::Constraint(Box::new(cty1), Box::new(cty2))
            }
            ast::ClassTypeFieldDesc::Attribute(attribute) => {
                warning_attribute_item(cx, attribute);
                ClassTypeFieldDesc::Attribute(attribute.clone())
            }
            ast::ClassTypeFieldDesc::Extension(extension) => return Err(error_of_extension(extension).into()),
        })
    }

    /// The mark of a type that is translated later.
    fn delay(&mut self, env: &Env, loc: Location, label: Name, styp: &'a ast::CoreType, expected: TypeId) -> CoreType {
        let warnings = self.cx.reporter.borrow().backup();
        self.delayed.push(Delayed { env: env.clone(), loc, label, styp, expected, warnings });
        core_type(CoreTypeDesc::Any, ctype::newty(self.cx, TypeDesc::Nil), env.clone(), loc)
    }
}

/// The type of a method that is written without `'a.`
fn monomorphic(styp: &ast::CoreType) -> Option<&ast::CoreType> {
    match &styp.desc {
        ast::CoreTypeDesc::Poly(names, body) => names.is_empty().then_some(body),
        _ => Some(styp),
    }
}
