//! Operations on class signatures: members are added, completed, checked, with the errors of
//! classes.

use rocaml_base::{Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{MutableFlag, PrivateFlag, VirtualFlag};
use rocaml_types::context::Context;
use rocaml_types::ctype::{self, AddInstanceVariableFailure, AddMethodFailure, InheritClassSignatureFailure};
use rocaml_types::env::Env;
use rocaml_types::{ClassSignature, ClassType, Commutable, TypeDesc, TypeId, btype};

use super::error::{Error, Kind, class_error, error};
use crate::Result;
use crate::typedtree::CoreType;
use crate::typetexp;

/// A member as a message calls it.
pub const METHOD: &str = "method";
pub const INSTANCE_VARIABLE: &str = "instance variable";

/// Enters what the type of self has become. Methods that were only used must be declared, those
/// that became public may be told of.
pub fn update_class_signature(
    cx: &Context,
    loc: Location,
    env: &Env,
    warn_implicit_public: bool,
    virt: VirtualFlag,
    kind: Kind,
    sign: &ClassSignature,
) -> Result<()> {
    let (public, declared) = ctype::update_class_signature(cx, env, sign);
    if !declared.is_empty() && virt == VirtualFlag::Concrete {
        return error(loc, env, Error::UndeclaredMethods(kind, declared));
    }
    if warn_implicit_public && !public.is_empty() {
        cx.warn(loc, Warning::ImplicitPublicMethods(strings(&public)));
    }
    Ok(())
}

/// Names as warnings take them.
pub fn strings(names: &[Name]) -> Vec<String> {
    names.iter().map(Name::to_string).collect()
}

/// Ends a signature: private methods are no longer seen from outside.
pub fn complete_class_signature(
    cx: &Context,
    loc: Location,
    env: &Env,
    virt: VirtualFlag,
    kind: Kind,
    sign: &ClassSignature,
) -> Result<()> {
    update_class_signature(cx, loc, env, false, virt, kind, sign)?;
    ctype::hide_private_methods(cx, env, sign);
    Ok(())
}

/// Likewise for the signature within a class type.
pub fn complete_class_type(
    cx: &Context,
    loc: Location,
    env: &Env,
    virt: VirtualFlag,
    kind: Kind,
    cty: &ClassType,
) -> Result<()> {
    complete_class_signature(cx, loc, env, virt, kind, btype::signature_of_class_type(cty))
}

/// A concrete class has no virtual members.
pub fn check_virtual(loc: Location, env: &Env, virt: VirtualFlag, kind: Kind, sign: &ClassSignature) -> Result<()> {
    if virt == VirtualFlag::Virtual {
        return Ok(());
    }
    let (meths, vars) = (btype::virtual_methods(sign), btype::virtual_instance_vars(sign));
    if meths.is_empty() && vars.is_empty() {
        return Ok(());
    }
    error(loc, env, Error::VirtualClass(kind, meths, vars))
}

/// The type of `new c`, given the type of the object.
pub fn constructor_type(cx: &Context, object: TypeId, cty: &ClassType) -> TypeId {
    match cty {
        ClassType::Constr(_, _, inner) => constructor_type(cx, object, inner),
        ClassType::Signature(_) => object,
        ClassType::Arrow(label, ty, inner) => {
            let result = constructor_type(cx, object, inner);
            ctype::newty(cx, TypeDesc::Arrow(*label, *ty, result, Commutable::Ok))
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Additions

fn method_failure(
    loc: Location,
    env: &Env,
    label: Name,
    sign: &ClassSignature,
    failure: AddMethodFailure,
) -> Box<crate::Error> {
    let e = match failure {
        AddMethodFailure::UnexpectedMethod => Error::UnexpectedField(sign.self_, label),
        AddMethodFailure::TypeMismatch(trace) => Error::FieldTypeMismatch(METHOD, label, trace),
    };
    class_error(loc, env, e)
}

fn variable_failure(loc: Location, env: &Env, label: Name, failure: AddInstanceVariableFailure) -> Box<crate::Error> {
    let e = match failure {
        AddInstanceVariableFailure::MutabilityMismatch(mutable) => Error::MutabilityMismatch(mutable),
        AddInstanceVariableFailure::TypeMismatch(trace) => Error::FieldTypeMismatch(INSTANCE_VARIABLE, label, trace),
    };
    class_error(loc, env, e)
}

/// A member to be added to a signature.
pub struct Addition<'a> {
    pub cx: &'a Context,
    pub loc: Location,
    pub env: &'a Env,
    pub sign: &'a ClassSignature,
}

impl Addition<'_> {
    pub fn method(&self, label: Name, private: PrivateFlag, virt: VirtualFlag, ty: TypeId) -> Result<()> {
        ctype::add_method(self.cx, self.env, label, private, virt, ty, self.sign)
            .map_err(|failure| method_failure(self.loc, self.env, label, self.sign, failure))
    }

    /// `strict`: it may not change what is known of a variable of that name.
    pub fn variable(
        &self,
        strict: bool,
        label: Name,
        mutable: MutableFlag,
        virt: VirtualFlag,
        ty: TypeId,
    ) -> Result<()> {
        ctype::add_instance_variable(self.cx, self.env, strict, label, mutable, virt, ty, self.sign)
            .map_err(|failure| variable_failure(self.loc, self.env, label, failure))
    }

    /// The members of a parent.
    pub fn inherit(&self, strict: bool, parent: &ClassType) -> Result<()> {
        let ClassType::Signature(inherited) = btype::scrape_class_type(parent) else {
            return error(self.loc, self.env, Error::StructureExpected(parent.clone()));
        };
        ctype::inherit_class_signature(self.cx, self.env, strict, self.sign, inherited).map_err(|failure| match failure
        {
            InheritClassSignatureFailure::SelfTypeMismatch(trace) => {
                class_error(self.loc, self.env, Error::SelfClash(trace))
            }
            InheritClassSignatureFailure::Method(label, failure) => {
                method_failure(self.loc, self.env, label, self.sign, failure)
            }
            InheritClassSignatureFailure::InstanceVariable(label, failure) => {
                variable_failure(self.loc, self.env, label, failure)
            }
        })
    }
}

/// `constraint t = t'`
pub fn type_constraint(
    cx: &Context,
    env: &Env,
    loc: Location,
    sty1: &ast::CoreType,
    sty2: &ast::CoreType,
) -> Result<(CoreType, CoreType)> {
    let cty1 = typetexp::transl_simple_type(cx, env, None, false, sty1)?;
    let cty2 = typetexp::transl_simple_type(cx, env, None, false, sty2)?;
    match ctype::unify(cx, env, cty1.type_, cty2.type_) {
        Ok(()) => Ok((cty1, cty2)),
        Err(trace) => error(loc, env, Error::InconsistentConstraint(trace)),
    }
}

/// Unifies the parameters of a class with the arguments written.
pub fn unify_params(cx: &Context, env: &Env, args: &[CoreType], params: &[TypeId]) -> Result<()> {
    for (arg, param) in args.iter().zip(params) {
        if let Err(trace) = ctype::unify(cx, env, arg.type_, *param) {
            return error(arg.loc, env, Error::ParameterMismatch(trace));
        }
    }
    Ok(())
}
