//! Typing of classes and objects: upstream's `Typeclass`.
//!
//! [`class_type`] translates class types, [`class_expr`] types class expressions. An `object … end`
//! ([`structure`]) is typed in two passes: [`fields`] finds the members and the types that are known
//! from their declarations, [`methods`] types the bodies once all members are known.
//! [`declarations`] ties recursive definitions together; [`recursive_modules`] approximates them.
//! [`members`] holds the operations on class signatures, with their errors ([`error`], worded in
//! [`report`]).
//!
//! Two environments go along a class expression: in the one of *values*, the expressions that run
//! while an object is made (initial values, arguments) do not see self; in the one of *methods* they
//! do, and what classes bind are variables of the object.

mod application;
mod class_expr;
mod class_type;
mod declarations;
mod error;
mod fields;
mod members;
mod methods;
mod recursive_modules;
mod report;
mod structure;

use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::VirtualFlag;
use rocaml_types::context::Context;
use rocaml_types::env::Env;
use rocaml_types::store::LOWEST_LEVEL;
use rocaml_types::{self as types, Ident, btype};
use std::rc::Rc;

use crate::Result;
use crate::state::typing_state;
use crate::typedtree::{ClassInfos, ClassStructure};

pub use declarations::{class_declarations, class_descriptions, class_type_declarations};
pub use error::{Error, Kind};
pub use recursive_modules::approx_class_declarations;
pub use report::report_error;

/// All that a class definition, description or class type definition declares.
pub struct ClassInfo<T> {
    pub id: Ident,
    pub id_loc: Loc<Name>,
    pub decl: Rc<types::ClassDeclaration>,
    pub ty_id: Ident,
    pub ty_decl: Rc<types::ClassTypeDeclaration>,
    pub obj_id: Ident,
    pub obj_abbr: Rc<types::TypeDeclaration>,
    pub pub_methods: Vec<Name>,
    pub info: ClassInfos<T>,
}

/// Whether the type of self is final: that of an immediate object is, that of a class may grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Final {
    Final,
    NotFinal,
}

/// The name of self's variable depends on the class: a number that no other class has.
fn next_class_number(cx: &Context) -> Name {
    let number = &typing_state(cx).class_number;
    number.set(number.get() + 1);
    Name::new(&number.get().to_string())
}

/// Types `object … end` as an expression; also the names of its public methods.
pub fn type_object(
    cx: &Context,
    env: &Env,
    loc: Location,
    class: &ast::ClassStructure,
) -> Result<(ClassStructure, Vec<Name>)> {
    let place = structure::Place {
        cx,
        class_num: next_class_number(cx),
        virt: VirtualFlag::Concrete,
        self_scope: LOWEST_LEVEL,
    };
    let structure = place.class_structure(Final::Final, env, env, loc, class)?;
    members::complete_class_signature(cx, loc, env, VirtualFlag::Concrete, Kind::Object, &structure.type_)?;
    let methods = btype::public_methods(&structure.type_);
    Ok((structure, methods))
}
