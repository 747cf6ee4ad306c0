//! Typing of applications: labels commute, optional arguments are filled in, omitted arguments
//! make the result a function of them.

use std::collections::HashSet;

use rocaml_base::{Location, Name};
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::ArgLabel;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::store::GENERIC_LEVEL;
use rocaml_types::{Commutable, Level, TypeDesc, TypeId};

use super::base::{
    extract_option_type, instance, mk_expected, option_none, option_some, type_option, unify_exp, warn_not_principal,
};
use super::checks::{check_partial_application, is_prim};
use super::error::{Error, error};
use super::expression::{type_argument, type_expect};
use crate::Result;
use crate::typedtree::Expression;

type SyntaxArg = (ArgLabel, ast::Expression);

/// An argument before it is typed.
enum Arg<'a> {
    /// The function's type is known here: the expected type, generic and instantiated.
    Known { sarg: &'a ast::Expression, ty: TypeId, ty0: TypeId, wrapped_in_some: bool },
    /// It is not: the type is most often a variable.
    Unknown { sarg: &'a ast::Expression, ty: TypeId },
    /// Not given although a later positional argument is: `None`.
    Eliminated { ty: TypeId, level: Level },
    /// Not given: the result is a function of it.
    Omitted { ty: TypeId, level: Level },
}

/// The name of a label; empty without one.
fn label_name(label: ArgLabel) -> Option<Name> {
    match label {
        ArgLabel::Nolabel => None,
        ArgLabel::Labelled(name) | ArgLabel::Optional(name) => Some(name),
    }
}

/// Whether a label is `?l`.
pub fn is_optional(label: ArgLabel) -> bool {
    matches!(label, ArgLabel::Optional(_))
}

/// A label as source text: `~l`, `?l`.
pub fn prefixed_label_name(label: ArgLabel) -> String {
    match label {
        ArgLabel::Nolabel => String::new(),
        ArgLabel::Labelled(name) => format!("~{name}"),
        ArgLabel::Optional(name) => format!("?{name}"),
    }
}

/// The labels of a function type, and whether its result is a variable.
pub fn list_labels(cx: &Context, env: &Env, ty: TypeId) -> (Vec<ArgLabel>, bool) {
    let snapshot = cx.snapshot();
    let result = ctype::wrap_trace_gadt_instances(cx, env, || {
        let mut visited = HashSet::new();
        let mut labels = Vec::new();
        let mut ty = ctype::expand_head(cx, env, ty);
        loop {
            if !visited.insert(cx.repr(ty)) {
                return (labels, false);
            }
            let TypeDesc::Arrow(label, _, res, _) = cx.desc(ty) else {
                return (labels, btype::is_tvar(cx, ty));
            };
            labels.push(label);
            ty = ctype::expand_head(cx, env, res);
        }
    });
    cx.backtrack(snapshot);
    result
}

struct Application<'a> {
    cx: &'a Context,
    env: &'a Env,
    sfunct: &'a ast::Expression,
    funct: &'a Expression,
}

impl<'a> Application<'a> {
    /// The type of what remains, with the parameters not given: for messages.
    fn remaining_type(&self, ret: TypeId, args: &[(ArgLabel, Arg<'a>)]) -> TypeId {
        args.iter().rev().fold(ret, |ret, (label, arg)| match arg {
            Arg::Known { .. } | Arg::Unknown { .. } => ret,
            Arg::Eliminated { ty, level } | Arg::Omitted { ty, level } => {
                ctype::newty2(self.cx, *level, TypeDesc::Arrow(*label, *ty, ret, Commutable::Ok))
            }
        })
    }

    fn previous_arg_loc(&self, args: &[(ArgLabel, Arg<'a>)]) -> Location {
        let last = args.iter().rev().find_map(|(_, arg)| match arg {
            Arg::Known { sarg, .. } | Arg::Unknown { sarg, .. } => Some(sarg.loc),
            Arg::Eliminated { .. } | Arg::Omitted { .. } => None,
        });
        last.unwrap_or(self.funct.loc)
    }

    /// The arguments from where the function's type is not known any more.
    fn collect_unknown(
        &self,
        mut ty_fun: TypeId,
        mut args: Vec<(ArgLabel, Arg<'a>)>,
        sargs: &[&'a SyntaxArg],
    ) -> Result<(TypeId, Vec<(ArgLabel, Arg<'a>)>)> {
        let (cx, env) = (self.cx, self.env);
        let labels_match = |param: ArgLabel, arg: ArgLabel| {
            param == arg || cx.options.classic && arg == ArgLabel::Nolabel && !is_optional(param)
        };
        for (label, sarg) in sargs.iter().map(|sarg| (sarg.0, &sarg.1)) {
            let head = ctype::expand_head(cx, env, ty_fun);
            let (arg, res) = match cx.desc(head) {
                TypeDesc::Var(_) => {
                    let (arg, res) = (ctype::newvar(cx), ctype::newvar(cx));
                    if cx.level(head) >= cx.level(arg) && !is_prim("%identity", self.funct) {
                        cx.warn(sarg.loc, Warning::IgnoredExtraArgument);
                    }
                    let function = TypeDesc::Arrow(label, arg, res, cx.new_commutable());
                    let function = ctype::newty(cx, function);
                    if let Err(e) = ctype::unify(cx, env, head, function) {
                        return error(sarg.loc, env, Error::ExprTypeClash(e, None, None));
                    }
                    (arg, res)
                }
                TypeDesc::Arrow(param, arg, res, _) if labels_match(param, label) => (arg, res),
                desc => return self.mismatch(head, desc, label, sarg, &args),
            };
            args.push((label, Arg::Unknown { sarg, ty: arg }));
            ty_fun = res;
        }
        Ok((ty_fun, args))
    }

    fn mismatch<T>(
        &self,
        head: TypeId,
        desc: TypeDesc,
        label: ArgLabel,
        sarg: &ast::Expression,
        args: &[(ArgLabel, Arg<'a>)],
    ) -> Result<T> {
        let (cx, env) = (self.cx, self.env);
        let ty_fun = if matches!(desc, TypeDesc::Arrow(..)) { ctype::newty(cx, desc) } else { head };
        let res = self.remaining_type(ty_fun, args);
        if let TypeDesc::Arrow(..) = cx.desc(res) {
            let (labels, variable) = list_labels(cx, env, ty_fun);
            if cx.options.classic || !(variable || labels.contains(&label)) {
                return error(sarg.loc, env, Error::ApplyWrongLabel(label, res, false));
            }
            return error(self.funct.loc, env, Error::IncoherentLabelOrder);
        }
        error(
            self.funct.loc,
            env,
            Error::ApplyNonFunction {
                funct: Box::new(self.funct.clone()),
                source: Box::new(self.sfunct.clone()),
                func_ty: ctype::expand_head(cx, env, self.funct.type_),
                res_ty: ctype::expand_head(cx, env, res),
                previous_arg_loc: self.previous_arg_loc(args),
                extra_arg_loc: sarg.loc,
            },
        )
    }

    /// Pairs parameters with arguments. `ty_fun` may be generic, `ty_fun0` is an instance of it.
    fn collect(
        &self,
        ignore_labels: bool,
        mut ty_fun: TypeId,
        mut ty_fun0: TypeId,
        sargs: &'a [SyntaxArg],
    ) -> Result<(TypeId, Vec<(ArgLabel, Arg<'a>)>)> {
        let (cx, env) = (self.cx, self.env);
        let mut sargs: Vec<&'a SyntaxArg> = sargs.iter().collect();
        let mut args: Vec<(ArgLabel, Arg<'a>)> = Vec::new();
        let mut warned = false;
        while !sargs.is_empty() {
            let head = ctype::expand_head(cx, env, ty_fun);
            let level = cx.level(head);
            let mut may_warn = |f: &dyn Fn()| {
                if !warned && cx.options.principal && level != GENERIC_LEVEL {
                    warned = true;
                    f();
                }
            };
            let (TypeDesc::Arrow(label, ty, ret, commu), TypeDesc::Arrow(_, ty0, ret0, _)) =
                (cx.desc(head), cx.desc(ctype::expand_head(cx, env, ty_fun0)))
            else {
                break;
            };
            if !btype::is_commu_ok(cx, commu) {
                break;
            }
            let optional = is_optional(label);
            let chosen = if ignore_labels {
                self.in_order(head, label, &sargs)?
            } else {
                self.by_label(label, &sargs, &mut may_warn)
            };
            let arg = match chosen {
                Some(index) => {
                    let (given, sarg) = sargs.remove(index);
                    let wrapped_in_some = optional && !is_optional(*given);
                    if wrapped_in_some {
                        may_warn(&|| warn_not_principal(cx, sarg.loc, "using an optional argument here"));
                    }
                    Arg::Known { sarg, ty, ty0, wrapped_in_some }
                }
                None if optional && sargs.iter().any(|(l, _)| *l == ArgLabel::Nolabel) => {
                    may_warn(&|| {
                        let what = "eliminated optional argument".to_owned();
                        cx.warn(self.funct.loc, Warning::NonPrincipalLabels(what));
                    });
                    Arg::Eliminated { ty, level }
                }
                None => {
                    may_warn(&|| {
                        let what = "commuted an argument".to_owned();
                        cx.warn(self.funct.loc, Warning::NonPrincipalLabels(what));
                    });
                    Arg::Omitted { ty, level }
                }
            };
            args.push((label, arg));
            ty_fun = ret;
            ty_fun0 = ret0;
        }
        self.collect_unknown(ty_fun0, args, &sargs)
    }

    /// Without reordering: whether the next argument is for this parameter.
    fn in_order(&self, head: TypeId, label: ArgLabel, sargs: &[&SyntaxArg]) -> Result<Option<usize>> {
        let optional = is_optional(label);
        let name = label_name(label);
        let (given, sarg) = &sargs[0];
        if name == label_name(*given) || !optional && *given == ArgLabel::Nolabel {
            return Ok(Some(0));
        }
        let later = sargs[1..].iter().any(|(l, _)| label_name(*l) == name);
        if optional && !later && sargs.iter().any(|(l, _)| *l == ArgLabel::Nolabel) {
            return Ok(None);
        }
        error(sarg.loc, self.env, Error::ApplyWrongLabel(*given, head, optional))
    }

    /// The argument with the label of a parameter, wherever it stands.
    fn by_label(&self, label: ArgLabel, sargs: &[&SyntaxArg], may_warn: &mut dyn FnMut(&dyn Fn())) -> Option<usize> {
        let name = label_name(label);
        let index = sargs.iter().position(|(l, _)| label_name(*l) == name)?;
        let (given, sarg) = &sargs[index];
        // Only arguments of other labels were passed over.
        if index > 0 {
            may_warn(&|| warn_not_principal(self.cx, sarg.loc, "commuting this argument"));
        }
        if !is_optional(label) && is_optional(*given) {
            self.cx.warn(sarg.loc, Warning::NonoptionalLabel(label.to_text()));
        }
        Some(index)
    }

    fn type_arg(&self, label: ArgLabel, arg: &Arg<'a>) -> Result<Option<Expression>> {
        let (cx, env) = (self.cx, self.env);
        Ok(match *arg {
            Arg::Unknown { sarg, ty } => {
                let exp = type_expect(cx, env, sarg, mk_expected(ty))?;
                if is_optional(label) {
                    unify_exp(cx, env, sarg, &exp, type_option(cx, ctype::newvar(cx)))?;
                }
                Some(exp)
            }
            Arg::Known { sarg, ty, ty0, wrapped_in_some: true } => {
                let (ty, ty0) = (extract_option_type(cx, env, ty), extract_option_type(cx, env, ty0));
                Some(option_some(cx, env, type_argument(cx, env, sarg, ty, ty0)?))
            }
            Arg::Known { sarg, ty, ty0, .. } => Some(type_argument(cx, env, sarg, ty, ty0)?),
            Arg::Eliminated { ty, .. } => Some(option_none(cx, env, instance(cx, ty), Location::none())),
            Arg::Omitted { .. } => None,
        })
    }
}

/// The arguments of an application, by parameter, and the type of its result.
pub type Applied = (Vec<(ArgLabel, Option<Expression>)>, TypeId);

/// Types the arguments of `funct`.
pub fn type_application(
    cx: &Context,
    env: &Env,
    sfunct: &ast::Expression,
    funct: &Expression,
    sargs: &[SyntaxArg],
) -> Result<Applied> {
    // `ignore` is looked at more closely.
    if let [(ArgLabel::Nolabel, sarg)] = sargs
        && is_prim("%ignore", funct)
        && let Ok((arg, res)) = ctype::filter_arrow(cx, env, instance(cx, funct.type_), ArgLabel::Nolabel)
    {
        let exp = type_expect(cx, env, sarg, mk_expected(arg))?;
        check_partial_application(cx, false, &exp);
        return Ok((vec![(ArgLabel::Nolabel, Some(exp))], res));
    }
    let application = Application { cx, env, sfunct, funct };
    let ignore_labels = cx.options.classic || labels_are_omitted(cx, env, funct, sargs);
    let (ret, args) = application.collect(ignore_labels, funct.type_, instance(cx, funct.type_), sargs)?;
    let mut typed = Vec::new();
    for (label, arg) in &args {
        typed.push((*label, application.type_arg(*label, arg)?));
    }
    let ret = args.iter().rev().fold(ret, |ret, (label, arg)| match arg {
        Arg::Omitted { ty, level } => ctype::newty2(cx, *level, TypeDesc::Arrow(*label, *ty, ret, Commutable::Ok)),
        _ => ret,
    });
    Ok((typed, instance(cx, ret)))
}

/// Whether a total application gives no label at all: allowed with warning 6.
fn labels_are_omitted(cx: &Context, env: &Env, funct: &Expression, sargs: &[SyntaxArg]) -> bool {
    let (labels, variable) = list_labels(cx, env, funct.type_);
    let labels: Vec<ArgLabel> = labels.into_iter().filter(|label| !is_optional(*label)).collect();
    let omitted = !variable
        && labels.len() == sargs.len()
        && sargs.iter().all(|(label, _)| *label == ArgLabel::Nolabel)
        && labels.iter().any(|label| *label != ArgLabel::Nolabel);
    if omitted {
        let names = labels.iter().filter(|l| **l != ArgLabel::Nolabel).map(|l| l.to_text()).collect();
        cx.warn(funct.loc, Warning::LabelsOmitted(names));
    }
    omitted
}
