//! `object … end`: self, then the members, then the bodies of methods.

use std::rc::Rc;

use rocaml_base::{Location, Name};
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::VirtualFlag;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::printtyp;
use rocaml_types::{ClassSignature, Ident, SelfDesc, SelfMeths, ValueDescription, ValueKind, ValueUnboundReason};

use super::Final;
use super::error::{Error, Kind, error};
use super::fields::FirstPass;
use super::members::{check_virtual, update_class_signature};
use super::methods::SecondPass;
use crate::Result;
use crate::attributes::fresh_warning_scope;
use crate::typecore::type_self_pattern;
use crate::typecore::{PatternVariable, VariableKind, unused_var, unused_var_strict};
use crate::typedtree::ClassStructure;

/// Where class expressions are typed.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub cx: &'a Context,
    /// In the names of self's variables.
    pub class_num: Name,
    pub virt: VirtualFlag,
    /// Keeps the type of self from escaping.
    pub self_scope: i32,
}

impl Place<'_> {
    /// The same, methods being allowed to stay virtual.
    pub fn parent(&self) -> Self {
        Place { virt: VirtualFlag::Virtual, ..*self }
    }

    /// Types a structure. The type of an object's self is closed; it may turn out to be that of an
    /// unfinished class, which has a dummy method against that.
    pub fn class_structure(
        &self,
        is_final: Final,
        val_env: &Env,
        met_env: &Env,
        loc: Location,
        class: &ast::ClassStructure,
    ) -> Result<ClassStructure> {
        let Place { cx, virt, .. } = *self;
        let kind = if is_final == Final::Final { Kind::Object } else { Kind::Class };
        let spat = &class.self_;
        let sign = Rc::new(ctype::new_class_signature(cx));
        if is_final == Final::NotFinal {
            ctype::add_dummy_method(cx, val_env, self.self_scope, &sign);
        }
        let (self_pat, self_vars) = type_self_pattern(cx, val_env, spat)?;
        let hide_self = |env: &Env| {
            self_vars.iter().fold(env.clone(), |env, variable| {
                env.enter_unbound_value(variable.id.name(), ValueUnboundReason::Self_)
            })
        };
        let (val_env, par_env) = (hide_self(val_env), hide_self(met_env));
        if ctype::unify(cx, &val_env, self_pat.type_, sign.self_).is_err() {
            return error(spat.loc, &val_env, Error::PatternTypeClash(self_pat.type_));
        }

        let mut pass = FirstPass::new(self, spat.loc.ghost(), &sign, val_env.clone(), par_env);
        fresh_warning_scope(cx, || class.fields.iter().try_for_each(|field| pass.field(field)))?;
        let (fields, vars) = pass.finish();
        check_virtual(loc, &val_env, virt, kind, &sign)?;
        update_class_signature(cx, loc, &val_env, false, virt, kind, &sign)?;
        let meths = sign.meths.borrow().keys().map(|label| (*label, Ident::create_local(*label))).collect();
        if is_final == Final::Final && !ctype::close_class_signature(cx, &val_env, &sign) {
            let shown = printtyp::wrap_printing_env(cx, &val_env, true, || printtyp::type_scheme(cx, sign.self_));
            return error(loc, &val_env, Error::ClosingSelfType(shown));
        }

        ctype::generalize_class_signature_spine(cx, &sign);
        let meths = match virt {
            VirtualFlag::Virtual => SelfMeths::Virtual(Rc::new(std::cell::RefCell::new(meths))),
            VirtualFlag::Concrete => SelfMeths::Concrete(meths),
        };
        let self_desc = SelfDesc { signature: sign.clone(), meths, vars, class_num: self.class_num };
        let self_desc = Rc::new(self_desc);
        let met_env = self_vars.iter().fold(met_env.clone(), |env, variable| add_self(cx, &env, variable, &self_desc));
        let mut pass = SecondPass { cx, class_num: self.class_num, sign: &sign, met_env };
        let fields = fields.into_iter().map(|field| pass.field(field)).collect::<Result<_>>()?;

        update_class_signature(cx, loc, &val_env, true, virt, kind, &sign)?;
        let meths = match &self_desc.meths {
            SelfMeths::Virtual(meths) => meths.borrow().clone(),
            SelfMeths::Concrete(meths) => meths.clone(),
        };
        Ok(ClassStructure { self_: self_pat, fields, type_: sign, meths })
    }
}

/// A variable of the pattern of self, as methods see it.
fn add_self(cx: &Context, env: &Env, variable: &PatternVariable, self_desc: &Rc<SelfDesc>) -> Env {
    let check = if variable.kind == VariableKind::As { unused_var } else { unused_var_strict };
    let desc = ValueDescription {
        type_: variable.type_,
        kind: ValueKind::SelfVal(self_desc.clone()),
        loc: variable.loc,
        attributes: variable.attributes.clone(),
        uid: cx.fresh_uid(),
    };
    env.add_value(cx, Some(check), variable.id, Rc::new(desc))
}

/// An instance variable, as methods see it.
pub fn add_instance_variable(
    cx: &Context,
    env: &Env,
    (label, id): (Name, Ident),
    sign: &ClassSignature,
    class_num: Name,
    loc: Location,
    attributes: &ast::Attributes,
) -> Env {
    let (mutable, _, type_) = *sign.vars.borrow().get(&label).expect("a variable with an ident is in the signature");
    let desc = ValueDescription {
        type_,
        kind: ValueKind::Ivar(mutable, class_num),
        loc,
        attributes: attributes.clone(),
        uid: cx.fresh_uid(),
    };
    env.add_value(cx, None, id, Rc::new(desc))
}
