//! Patterns of classes: self, and the arguments of class functions.

use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{ArgLabel, MutableFlag};
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::{Ident, ValueDescription, ValueKind};

use super::base::{type_option, unify_pat};
use super::error::ExistentialRestriction;
use super::pattern::{finalize_variants, has_variants, type_pattern_list};
use super::pattern_state::{AllowModules, PatternVariable, VariableKind, unused_var, unused_var_strict};
use crate::Result;
use crate::parmatch;
use crate::typedtree::Pattern;

fn type_single_pattern(
    cx: &Context,
    restriction: ExistentialRestriction,
    env: &Env,
    spat: &ast::Pattern,
    before_force: impl FnOnce(&Pattern) -> Result<()>,
) -> Result<(Pattern, Vec<PatternVariable>)> {
    let ty = ctype::newvar(cx);
    let spats = [(&Vec::new(), spat.clone())];
    let mut typed = type_pattern_list(cx, restriction, env, &spats, &[ty], AllowModules::Rejected)?;
    let pat = typed.pats.pop().expect("one pattern was typed");
    before_force(&pat)?;
    for force in typed.force.into_iter().rev() {
        force.run(cx)?;
    }
    Ok((pat, typed.variables))
}

/// Types the pattern of self; the checker's own name `selfpat-*` is bound besides.
pub fn type_self_pattern(cx: &Context, env: &Env, spat: &ast::Pattern) -> Result<(Pattern, Vec<PatternVariable>)> {
    let alias = ast::Pattern {
        desc: ast::PatternDesc::Alias(Box::new(spat.clone()), Loc::none(Name::new("selfpat-*"))),
        loc: Location::none(),
        loc_stack: Vec::new(),
        attributes: Vec::new(),
    };
    type_single_pattern(cx, ExistentialRestriction::InSelfPattern, env, &alias, |_| Ok(()))
}

/// A typed argument of a class.
pub struct ClassArgument {
    pub pat: Pattern,
    /// The variables' idents: in methods, and as values.
    pub variables: Vec<(Ident, Ident)>,
    pub val_env: Env,
    pub met_env: Env,
}

/// Types the pattern of a class function. Its variables are values in `val_env` and variables of
/// the object in `met_env`.
pub fn type_class_arg_pattern(
    cx: &Context,
    class_num: Name,
    val_env: &Env,
    met_env: &Env,
    label: ArgLabel,
    spat: &ast::Pattern,
) -> Result<ClassArgument> {
    let (pat, bound) = type_single_pattern(cx, ExistentialRestriction::InClassArgs, val_env, spat, |pat| {
        if has_variants(pat) {
            parmatch::pressure_variants(cx, val_env, std::slice::from_ref(pat));
            finalize_variants(cx, pat)?;
        }
        Ok(())
    })?;
    if matches!(label, ArgLabel::Optional(_)) {
        let option = type_option(cx, ctype::newvar(cx));
        unify_pat(cx, val_env, &pat, option)?;
    }
    let (mut val_env, mut met_env, mut variables) = (val_env.clone(), met_env.clone(), Vec::new());
    for variable in bound {
        let check = if variable.kind == VariableKind::As { unused_var } else { unused_var_strict };
        let in_methods = variable.id.rename();
        let uid = cx.fresh_uid();
        let describe = |kind| {
            Rc::new(ValueDescription {
                type_: variable.type_,
                kind,
                loc: variable.loc,
                attributes: variable.attributes.clone(),
                uid,
            })
        };
        val_env = val_env.add_value(cx, None, variable.id, describe(ValueKind::Reg));
        let in_object = describe(ValueKind::Ivar(MutableFlag::Immutable, class_num));
        met_env = met_env.add_value(cx, Some(check), in_methods, in_object);
        variables.push((in_methods, variable.id));
    }
    // Upstream has the last bound first.
    variables.reverse();
    Ok(ClassArgument { pat, variables, val_env, met_env })
}
