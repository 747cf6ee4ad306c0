//! The first pass over the fields of an object: parents and initial values are typed, methods get
//! the types that their declarations show. Bodies wait for the second pass ([`super::methods`]).

use std::collections::{BTreeMap, BTreeSet};

use rocaml_base::{Loc, Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast::{self, Attribute, Attributes};
use rocaml_syntax::asttypes::{ArgLabel, MutableFlag, OverrideFlag, PrivateFlag, VirtualFlag};
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::errortrace::UnifyError;
use rocaml_types::{ClassSignature, ClassType, Ident, TypeDesc, TypeId, ValueUnboundReason, btype};

use super::error::{Error, Kind, error};
use super::members::{Addition, INSTANCE_VARIABLE, METHOD, complete_class_type, strings, type_constraint};
use super::structure::Place;
use crate::Result;
use crate::attributes::{error_of_extension, warning_attribute_item, warning_scope};
use crate::typecore::{type_approx, type_exp};
use crate::typedtree::{ClassExpr, CoreType, Expression};
use crate::typetexp::{force_poly, transl_simple_type};

/// A field between the passes.
pub struct HalfTypedField {
    pub desc: HalfTypedDesc,
    pub loc: Location,
    pub attributes: Attributes,
}

pub enum HalfTypedDesc {
    Inherit {
        override_: OverrideFlag,
        parent: Box<ClassExpr>,
        super_: Option<Name>,
        inherited_vars: Vec<(Name, Ident)>,
        super_meths: Vec<(Name, Ident)>,
    },
    Val {
        label: Loc<Name>,
        mutable: MutableFlag,
        id: Ident,
        value: HalfTypedValue,
        already_declared: bool,
    },
    VirtualMethod(Loc<Name>, PrivateFlag, CoreType),
    ConcreteMethod(Loc<Name>, PrivateFlag, OverrideFlag, Body),
    Constraint(CoreType, CoreType),
    Initializer(Body),
    Attribute(Attribute),
}

pub enum HalfTypedValue {
    Virtual(CoreType),
    Concrete(OverrideFlag, Expression),
}

/// A function of self, still to be typed, and the state of warnings for it.
pub struct Body {
    pub sexpr: ast::Expression,
    pub warnings: usize,
}

/// What is known of the fields before the present one.
pub struct FirstPass<'a> {
    place: &'a Place<'a>,
    self_loc: Location,
    sign: &'a ClassSignature,
    fields: Vec<HalfTypedField>,
    val_env: Env,
    /// Where parents are typed: the environment of methods without self.
    par_env: Env,
    concrete_meths: BTreeSet<Name>,
    concrete_vals: BTreeSet<Name>,
    /// Defined here, not inherited.
    local_meths: BTreeSet<Name>,
    local_vals: BTreeSet<Name>,
    vars: BTreeMap<Name, Ident>,
}

impl<'a> FirstPass<'a> {
    pub fn new(
        place: &'a Place<'a>,
        self_loc: Location,
        sign: &'a ClassSignature,
        val_env: Env,
        par_env: Env,
    ) -> FirstPass<'a> {
        FirstPass {
            place,
            self_loc,
            sign,
            fields: Vec::new(),
            val_env,
            par_env,
            concrete_meths: BTreeSet::new(),
            concrete_vals: BTreeSet::new(),
            local_meths: BTreeSet::new(),
            local_vals: BTreeSet::new(),
            vars: BTreeMap::new(),
        }
    }

    /// The fields, and the idents of the instance variables.
    pub fn finish(self) -> (Vec<HalfTypedField>, BTreeMap<Name, Ident>) {
        (self.fields, self.vars)
    }

    pub fn field(&mut self, field: &ast::ClassField) -> Result<()> {
        let desc = match &field.desc {
            // Its effect goes beyond the field.
            ast::ClassFieldDesc::Attribute(attribute) => {
                warning_attribute_item(self.place.cx, attribute);
                HalfTypedDesc::Attribute(attribute.clone())
            }
            ast::ClassFieldDesc::Extension(extension) => return Err(error_of_extension(extension).into()),
            _ => warning_scope(self.place.cx, &field.attributes, || self.desc(field))?,
        };
        self.fields.push(HalfTypedField { desc, loc: field.loc, attributes: field.attributes.clone() });
        Ok(())
    }

    fn desc(&mut self, field: &ast::ClassField) -> Result<HalfTypedDesc> {
        let (cx, loc) = (self.place.cx, field.loc);
        match &field.desc {
            ast::ClassFieldDesc::Inherit(override_, sparent, super_) => {
                self.inherit(loc, *override_, sparent, super_.map(|name| name.txt))
            }
            ast::ClassFieldDesc::Val(label, mutable, kind) => self.value(loc, *label, *mutable, kind),
            ast::ClassFieldDesc::Method(label, private, ast::ClassFieldKind::Virtual(styp)) => {
                let cty = transl_simple_type(cx, &self.val_env, None, false, &force_poly(styp))?;
                self.addition(loc).method(label.txt, *private, VirtualFlag::Virtual, cty.type_)?;
                Ok(HalfTypedDesc::VirtualMethod(*label, *private, cty))
            }
            ast::ClassFieldDesc::Method(label, private, ast::ClassFieldKind::Concrete(override_, sbody)) => {
                self.method(loc, *label, *private, *override_, sbody)
            }
            ast::ClassFieldDesc::Constraint(sty1, sty2) => {
                let (cty1, cty2) = type_constraint(cx, &self.val_env, loc, sty1, sty2)?;
                Ok(HalfTypedDesc::Constraint(cty1, cty2))
            }
            ast::ClassFieldDesc::Initializer(sexpr) => Ok(HalfTypedDesc::Initializer(self.body(sexpr.clone()))),
            ast::ClassFieldDesc::Attribute(_) | ast::ClassFieldDesc::Extension(_) => {
                unreachable!("they need no warning scope")
            }
        }
    }

    fn addition(&self, loc: Location) -> Addition<'_> {
        Addition { cx: self.place.cx, loc, env: &self.val_env, sign: self.sign }
    }

    fn body(&self, sexpr: ast::Expression) -> Body {
        let sexpr = make_method(self.self_loc, self.place.class_num, sexpr);
        Body { sexpr, warnings: self.place.cx.reporter.borrow().backup() }
    }

    /// A name that initial values and parents cannot use.
    fn hide(&mut self, name: Name, reason: ValueUnboundReason) {
        self.val_env = self.val_env.enter_unbound_value(name, reason);
        self.par_env = self.par_env.enter_unbound_value(name, reason);
    }

    /// `inherit c as x`
    fn inherit(
        &mut self,
        loc: Location,
        override_: OverrideFlag,
        sparent: &ast::ClassExpr,
        super_: Option<Name>,
    ) -> Result<HalfTypedDesc> {
        let cx = self.place.cx;
        let parent = self.place.parent().class_expr(&self.val_env, &self.par_env, sparent)?;
        complete_class_type(cx, parent.loc, &self.par_env, VirtualFlag::Virtual, Kind::Class, &parent.type_)?;
        self.addition(loc).inherit(true, &parent.type_)?;
        let parent_sign = btype::signature_of_class_type(&parent.type_).clone();
        self.check_overriding(loc, override_, &parent.type_)?;
        self.concrete_vals.extend(btype::concrete_instance_vars(&parent_sign));
        self.concrete_meths.extend(btype::concrete_methods(&parent_sign));
        let mut inherited_vars = Vec::new();
        for label in btype::instance_vars(&parent_sign).into_iter().rev() {
            self.hide(label, ValueUnboundReason::InstanceVariable);
            let id = Ident::create_local(label);
            inherited_vars.insert(0, (label, id));
            self.vars.insert(label, id);
        }
        let super_meths = btype::concrete_methods(&parent_sign);
        let super_meths = super_meths.into_iter().map(|label| (label, Ident::create_local(label))).collect();
        if let Some(name) = super_ {
            self.hide(name, ValueUnboundReason::Ancestor);
        }
        Ok(HalfTypedDesc::Inherit { override_, parent: Box::new(parent), super_, inherited_vars, super_meths })
    }

    /// What a parent overrides must be meant to be, or is warned of.
    fn check_overriding(&self, loc: Location, override_: OverrideFlag, parent: &ClassType) -> Result<()> {
        let cx = self.place.cx;
        let sign = btype::signature_of_class_type(parent);
        let overridden = |new: Vec<Name>, known: &BTreeSet<Name>| -> Vec<Name> {
            new.into_iter().rev().filter(|label| known.contains(label)).collect()
        };
        let meths = overridden(btype::concrete_methods(sign), &self.concrete_meths);
        let vals = overridden(btype::concrete_instance_vars(sign), &self.concrete_vals);
        if override_ == OverrideFlag::Override {
            if meths.is_empty() && vals.is_empty() {
                return error(loc, &self.val_env, Error::NoOverriding(None));
            }
            return Ok(());
        }
        let class = match parent {
            ClassType::Constr(path, ..) => path.name(),
            _ => "inherited".to_owned(),
        };
        let listed = |labels: &[Name]| std::iter::once(class.clone()).chain(strings(labels)).collect();
        if !meths.is_empty() {
            cx.warn(loc, Warning::MethodOverride(listed(&meths)));
        }
        if !vals.is_empty() {
            cx.warn(loc, Warning::InstanceVariableOverride(listed(&vals)));
        }
        Ok(())
    }

    /// `val x = e`, `val virtual x : t`
    fn value(
        &mut self,
        loc: Location,
        label: Loc<Name>,
        mutable: MutableFlag,
        kind: &ast::ClassFieldKind,
    ) -> Result<HalfTypedDesc> {
        let cx = self.place.cx;
        let generalize = |f: &mut dyn FnMut() -> Result<HalfTypedValue>| {
            ctype::with_local_level_generalize_structure_if_principal(cx, |_| f())
        };
        let (value, virt, ty) = match kind {
            ast::ClassFieldKind::Virtual(styp) => {
                let value = generalize(&mut || {
                    Ok(HalfTypedValue::Virtual(transl_simple_type(cx, &self.val_env, None, false, styp)?))
                })?;
                let ty = value.type_();
                (value, VirtualFlag::Virtual, ty)
            }
            ast::ClassFieldKind::Concrete(override_, sdefinition) => {
                if self.local_vals.contains(&label.txt) {
                    return error(loc, &self.val_env, Error::Duplicate(INSTANCE_VARIABLE, label.txt));
                }
                if self.concrete_vals.contains(&label.txt) {
                    if *override_ == OverrideFlag::Fresh {
                        cx.warn(label.loc, Warning::InstanceVariableOverride(vec![label.txt.to_string()]));
                    }
                } else if *override_ == OverrideFlag::Override {
                    return error(loc, &self.val_env, Error::NoOverriding(Some((INSTANCE_VARIABLE, label.txt))));
                }
                let value = generalize(&mut || {
                    Ok(HalfTypedValue::Concrete(*override_, type_exp(cx, &self.val_env, sdefinition)?))
                })?;
                let ty = value.type_();
                (value, VirtualFlag::Concrete, ty)
            }
        };
        self.addition(loc).variable(true, label.txt, mutable, virt, ty)?;
        let known = self.vars.get(&label.txt).copied();
        let id = known.unwrap_or_else(|| {
            self.hide(label.txt, ValueUnboundReason::InstanceVariable);
            let id = Ident::create_local(label.txt);
            self.vars.insert(label.txt, id);
            id
        });
        if virt == VirtualFlag::Concrete {
            self.concrete_vals.insert(label.txt);
            self.local_vals.insert(label.txt);
        }
        Ok(HalfTypedDesc::Val { label, mutable, id, value, already_declared: known.is_some() })
    }

    /// `method m = e`
    fn method(
        &mut self,
        loc: Location,
        label: Loc<Name>,
        private: PrivateFlag,
        override_: OverrideFlag,
        sbody: &ast::Expression,
    ) -> Result<HalfTypedDesc> {
        let cx = self.place.cx;
        if self.local_meths.contains(&label.txt) {
            return error(loc, &self.val_env, Error::Duplicate(METHOD, label.txt));
        }
        if self.concrete_meths.contains(&label.txt) {
            if override_ == OverrideFlag::Fresh {
                cx.warn(loc, Warning::MethodOverride(vec![label.txt.to_string()]));
            }
        } else if override_ == OverrideFlag::Override {
            return error(loc, &self.val_env, Error::NoOverriding(Some((METHOD, label.txt))));
        }
        let spoly = as_poly(sbody);
        let ast::ExpressionDesc::Poly(sbody, styp) = &spoly.desc else { unreachable!("it was made one") };
        let ty = match styp {
            None => ctype::newvar(cx),
            Some(styp) => transl_simple_type(cx, &self.val_env, None, false, &force_poly(styp))?.type_,
        };
        self.addition(loc).method(label.txt, private, VirtualFlag::Concrete, ty)?;
        if let Err(trace) = self.approximate(ty, sbody)? {
            return error(loc, &self.val_env, Error::FieldTypeMismatch(METHOD, label.txt, trace));
        }
        self.concrete_meths.insert(label.txt);
        self.local_meths.insert(label.txt);
        Ok(HalfTypedDesc::ConcreteMethod(label, private, override_, self.body(spoly)))
    }

    /// Unifies the type of a method with what its body shows at first sight.
    fn approximate(&self, ty: TypeId, sbody: &ast::Expression) -> Result<std::result::Result<(), UnifyError>> {
        let (cx, env) = (self.place.cx, &self.val_env);
        Ok(match cx.desc(ty) {
            TypeDesc::Poly(body, univars) => {
                let (_, body) = ctype::instance_poly(cx, false, false, &univars, body);
                ctype::unify(cx, env, type_approx(cx, env, sbody)?, body)
            }
            _ => {
                let body = ctype::newvar(cx);
                let poly = ctype::newty(cx, TypeDesc::Poly(body, [].into()));
                match ctype::unify(cx, env, poly, ty) {
                    Ok(()) => ctype::unify(cx, env, type_approx(cx, env, sbody)?, body),
                    Err(trace) => Err(trace),
                }
            }
        })
    }
}

impl HalfTypedValue {
    fn type_(&self) -> TypeId {
        match self {
            HalfTypedValue::Virtual(cty) => cty.type_,
            HalfTypedValue::Concrete(_, definition) => definition.type_,
        }
    }
}

/// A method's body with its place for a polymorphic type.
fn as_poly(sbody: &ast::Expression) -> ast::Expression {
    match sbody.desc {
        ast::ExpressionDesc::Poly(..) => sbody.clone(),
        _ => expression(ast::ExpressionDesc::Poly(Box::new(sbody.clone()), None), sbody.loc),
    }
}

fn expression(desc: ast::ExpressionDesc, loc: Location) -> ast::Expression {
    ast::Expression { desc, loc, loc_stack: Vec::new(), attributes: Vec::new() }
}

fn pattern(desc: ast::PatternDesc, loc: Location) -> ast::Pattern {
    ast::Pattern { desc, loc, loc_stack: Vec::new(), attributes: Vec::new() }
}

/// The function of self that a method or an initializer is.
fn make_method(self_loc: Location, class_num: Name, sbody: ast::Expression) -> ast::Expression {
    let name = |text: &str| Loc::new(Name::new(text), self_loc);
    let var = pattern(ast::PatternDesc::Var(name("self-*")), self_loc);
    let alias = ast::PatternDesc::Alias(Box::new(var), name(&format!("self-{class_num}")));
    let param = ast::FunctionParamDesc::Val(ArgLabel::Nolabel, None, pattern(alias, self_loc));
    let params = vec![ast::FunctionParam { loc: self_loc, desc: param }];
    let loc = sbody.loc;
    let body = ast::FunctionBody::Body(Box::new(sbody));
    expression(ast::ExpressionDesc::Function(params, None, body), loc)
}
