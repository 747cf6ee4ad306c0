//! Module expressions.

use super::names::SignatureNames;
use super::signature::transl_functor_parameter;
use super::structure::{check_nongen_modtype, type_structure_in};
use super::{Error, extract_sig_open, fail, has_remove_aliases, included, open_path, path_of_module, transl_modtype};
use crate::attributes;
use crate::error::{Error as AnyError, Result};
use crate::includemod::{self, ApplicationName, ApplyError, FunctorArgument};
use crate::mtype;
use crate::typecore;
use crate::typedtree::{self as tt, ModuleCoercion, ModuleExpr, ModuleExprDesc};
use rocaml_base::{Loc, Location};
use rocaml_diag::Warning;
use rocaml_syntax::ast;
use rocaml_syntax::longident::Longident;
use rocaml_types::context::{Context, FunctorApplication, FunctorApplicationError};
use rocaml_types::ctype;
use rocaml_types::env::{self, Env};
use rocaml_types::mtype::strengthen;
use rocaml_types::subst::{Scoping, Subst};
use rocaml_types::*;
use std::cell::Cell;
use std::rc::Rc;

/// How a module expression is typed.
#[derive(Clone, Default)]
pub struct Mode {
    /// A path stays an alias.
    pub alias: bool,
    /// Types of a path equal those of the module.
    pub strengthen: bool,
    /// Within the body of an applicative functor.
    pub funct_body: bool,
    /// The module being defined, so that its types can be said to equal those of its approximation.
    pub anchor: Option<Path>,
}

impl Mode {
    fn strong(&self) -> Mode {
        Mode { alias: false, strengthen: true, anchor: None, ..self.clone() }
    }
}

/// Types a module expression that may become an alias: for `let module`.
pub fn type_module(cx: &Context, env: &Env, smod: &ast::ModuleExpr) -> Result<ModuleExpr> {
    type_module_in(cx, env, &Mode { alias: true, strengthen: true, ..Mode::default() }, smod)
}

/// Types a module expression.
pub fn type_module_plain(cx: &Context, env: &Env, smod: &ast::ModuleExpr) -> Result<ModuleExpr> {
    type_module_in(cx, env, &Mode { strengthen: true, ..Mode::default() }, smod)
}

/// Types a module expression.
pub fn type_module_in(cx: &Context, env: &Env, mode: &Mode, smod: &ast::ModuleExpr) -> Result<ModuleExpr> {
    attributes::warning_scope(cx, &smod.attributes, || type_module_aux(cx, env, mode, smod))
}

fn type_module_aux(cx: &Context, env: &Env, mode: &Mode, smod: &ast::ModuleExpr) -> Result<ModuleExpr> {
    let make =
        |desc, type_| ModuleExpr { desc, loc: smod.loc, type_, env: env.clone(), attributes: smod.attributes.clone() };
    match &smod.desc {
        ast::ModuleExprDesc::Ident(lid) => type_path(cx, env, mode, smod, lid),
        ast::ModuleExprDesc::Structure(items) => {
            let typed = type_structure_in(cx, env, mode, false, items)?;
            let simple = typed.names.simplify(cx, &typed.final_env, &typed.signature)?;
            let same = simple.len() == typed.signature.len();
            let sg = Rc::new(typed.signature);
            let modl = make(ModuleExprDesc::Structure(Box::new(typed.structure)), ModuleType::Signature(sg));
            if same {
                Ok(modl)
            } else {
                wrap_constraint(cx, env, false, modl, ModuleType::Signature(Rc::new(simple)), None)
            }
        }
        ast::ModuleExprDesc::Functor(param, body) => {
            let applicative = matches!(**param, ast::FunctorParameter::Named(..));
            let (tparam, param, inner_env) = transl_functor_parameter(cx, env, param)?;
            let body = type_module_in(cx, &inner_env, &Mode { funct_body: applicative, ..mode.strong() }, body)?;
            let type_ = ModuleType::Functor(param, Rc::new(body.type_.clone()));
            Ok(make(ModuleExprDesc::Functor(tparam, Box::new(body)), type_))
        }
        ast::ModuleExprDesc::Apply(..) | ast::ModuleExprDesc::ApplyUnit(_) => type_application(cx, env, mode, smod),
        ast::ModuleExprDesc::Constraint(sarg, smty) => {
            let arg = type_module_in(cx, env, &Mode { strengthen: true, ..mode.clone() }, sarg)?;
            let mty = transl_modtype(cx, env, smty)?;
            let modl = wrap_constraint(cx, env, true, arg, mty.type_.clone(), Some(Box::new(mty)))?;
            Ok(ModuleExpr { loc: smod.loc, attributes: smod.attributes.clone(), ..modl })
        }
        ast::ModuleExprDesc::Unpack(sexp) => {
            let exp =
                ctype::with_local_level_generalize_structure_if_principal(cx, |cx| typecore::type_exp(cx, env, sexp))?;
            let mty = super::package::unpacked_type(cx, env, smod.loc, exp.type_)?;
            if mode.funct_body && mtype::contains_type(cx, env, &mty) {
                return fail(smod.loc, env, Error::NotAllowedInFunctorBody);
            }
            Ok(make(ModuleExprDesc::Unpack(Box::new(exp), mty.clone()), mty))
        }
        ast::ModuleExprDesc::Extension(extension) => Err(attributes::error_of_extension(extension).into()),
    }
}

fn type_path(cx: &Context, env: &Env, mode: &Mode, smod: &ast::ModuleExpr, lid: &Loc<Longident>) -> Result<ModuleExpr> {
    let path = env.lookup_module_path(cx, true, smod.loc, !mode.alias, &lid.txt)?;
    let modl = ModuleExpr {
        desc: ModuleExprDesc::Ident(path.clone(), lid.clone()),
        loc: smod.loc,
        type_: ModuleType::Alias(path.clone()),
        env: env.clone(),
        attributes: smod.attributes.clone(),
    };
    let aliasable = !env.is_functor_arg(&path);
    if mode.alias && aliasable {
        if let Ident::Global(unit) = path.head() {
            env::add_required_global(cx, unit);
        }
        return Ok(modl);
    }
    let mty = if mode.strengthen {
        env.find_strengthened_module(cx, aliasable, &path)
    } else {
        env.find_module(cx, &path).map(|md| md.type_.clone())
    };
    match mty {
        Some(ModuleType::Alias(target)) if !mode.alias => {
            let target = env.normalize_module_path(cx, Some(smod.loc), &target)?;
            let mty = if mode.strengthen {
                includemod::expand_alias(cx, env, &target)
            } else {
                Ok(env.find_module(cx, &target).map_or(ModuleType::Alias(target.clone()), |md| md.type_.clone()))
            };
            let mty = mty.or_else(|explanation| Err(Box::new(AnyError::Inclusion(smod.loc, Box::new(explanation)))))?;
            let coercion = ModuleCoercion::Alias(env.clone(), path, Box::new(ModuleCoercion::None));
            Ok(ModuleExpr {
                loc: modl.loc,
                type_: mty.clone(),
                env: env.clone(),
                attributes: modl.attributes.clone(),
                desc: ModuleExprDesc::Constraint(Box::new(modl), mty, None, coercion),
            })
        }
        Some(mty) => Ok(ModuleExpr { type_: mty, ..modl }),
        None => fail(smod.loc, env, Error::CannotScrapeAlias(path)),
    }
}

/// `arg : mty`
fn wrap_constraint(
    cx: &Context,
    env: &Env,
    mark: bool,
    arg: ModuleExpr,
    mty: ModuleType,
    explicit: Option<Box<tt::ModuleType>>,
) -> Result<ModuleExpr> {
    let coercion = included(
        includemod::modtypes_constraint(cx, env, arg.loc, mark, &arg.type_, &mty),
        arg.loc,
        env,
        Error::NotIncluded,
    )?;
    Ok(ModuleExpr {
        loc: arg.loc,
        type_: mty.clone(),
        env: env.clone(),
        attributes: vec![],
        desc: ModuleExprDesc::Constraint(Box::new(arg), mty, explicit, coercion),
    })
}

// ---------------------------------------------------------------------------------------------
// Application

struct Argument {
    is_syntactic_unit: bool,
    module: ModuleExpr,
    path: Option<Path>,
}

struct Application<'a> {
    smod: &'a ast::ModuleExpr,
    f_loc: Location,
    /// Nothing for `()`.
    arg: Option<Argument>,
}

fn summary(application: &Application<'_>) -> (FunctorArgument, ModuleType) {
    match &application.arg {
        None => (FunctorArgument::Unit, ModuleType::Signature(Rc::default())),
        Some(arg) => {
            let kind = match &arg.path {
                _ if arg.is_syntactic_unit => FunctorArgument::EmptyStruct,
                Some(path) => FunctorArgument::Named(path.clone()),
                None => FunctorArgument::Anonymous,
            };
            (kind, arg.module.type_.clone())
        }
    }
}

fn type_application(cx: &Context, env: &Env, mode: &Mode, smod: &ast::ModuleExpr) -> Result<ModuleExpr> {
    let mut applications = Vec::new();
    let mut sfunct = smod;
    loop {
        let (f, arg) = match &sfunct.desc {
            ast::ModuleExprDesc::Apply(f, sarg) => {
                let module = type_module_in(cx, env, &mode.strong(), sarg)?;
                let is_syntactic_unit = matches!(&sarg.desc, ast::ModuleExprDesc::Structure(items) if items.is_empty());
                let path = path_of_module(cx, &module);
                (f, Some(Argument { is_syntactic_unit, module, path }))
            }
            ast::ModuleExprDesc::ApplyUnit(f) => (f, None),
            _ => break,
        };
        applications.push(Application { smod: sfunct, f_loc: f.loc, arg });
        sfunct = f;
    }
    applications.reverse();
    let has_path = |application: &Application<'_>| application.arg.as_ref().is_some_and(|arg| arg.path.is_some());
    let strengthen = mode.strengthen && applications.iter().all(has_path);
    let funct = type_module_in(cx, env, &Mode { strengthen, ..mode.strong() }, sfunct)?;
    let whole = WholeApplication {
        loc: smod.loc,
        sfunct,
        mty_f: funct.type_.clone(),
        args: applications.iter().map(summary).collect(),
        funct_body: mode.funct_body,
    };
    applications.into_iter().try_fold(funct, |funct, application| whole.apply(cx, env, funct, application))
}

struct WholeApplication<'a> {
    loc: Location,
    sfunct: &'a ast::ModuleExpr,
    mty_f: ModuleType,
    args: Vec<(FunctorArgument, ModuleType)>,
    funct_body: bool,
}

impl WholeApplication<'_> {
    fn error<T>(&self, env: &Env) -> Result<T> {
        let app_name = match &self.sfunct.desc {
            ast::ModuleExprDesc::Ident(lid) => ApplicationName::NamedLeftmostFunctor(lid.txt.clone()),
            _ => ApplicationName::AnonymousFunctor,
        };
        let error = ApplyError {
            loc: self.loc,
            env: env.clone(),
            app_name,
            mty_f: self.mty_f.clone(),
            args: self.args.clone(),
        };
        Err(Box::new(AnyError::Apply(Box::new(error))))
    }

    fn apply(&self, cx: &Context, env: &Env, funct: ModuleExpr, application: Application<'_>) -> Result<ModuleExpr> {
        match env.scrape_alias(cx, &funct.type_) {
            ModuleType::Functor(FunctorParameter::Unit, result) => {
                self.apply_generative(cx, env, funct, application, &result)
            }
            ModuleType::Functor(FunctorParameter::Named(param, mty_param), result) => match application.arg {
                None => self.error(env),
                Some(arg) => self.apply_to(cx, env, funct, application.smod, arg, (param, &mty_param, &result)),
            },
            ModuleType::Alias(path) => fail(application.f_loc, env, Error::CannotScrapeAlias(path)),
            ModuleType::Ident(_) | ModuleType::Signature(_) => self.error(env),
        }
    }

    fn apply_generative(
        &self,
        cx: &Context,
        env: &Env,
        funct: ModuleExpr,
        application: Application<'_>,
        result: &ModuleType,
    ) -> Result<ModuleExpr> {
        if let Some(arg) = &application.arg {
            if !arg.is_syntactic_unit {
                return fail(application.f_loc, env, Error::ApplyGenerative);
            }
            attributes::warning_scope(cx, &arg.module.attributes, || {
                cx.warn(arg.module.loc, Warning::GenerativeApplicationExpectsUnit);
            });
        }
        if self.funct_body && mtype::contains_type(cx, env, &funct.type_) {
            return fail(self.loc, env, Error::NotAllowedInFunctorBody);
        }
        Ok(ModuleExpr {
            loc: funct.loc,
            type_: result.clone(),
            env: env.clone(),
            attributes: application.smod.attributes.clone(),
            desc: ModuleExprDesc::ApplyUnit(Box::new(funct)),
        })
    }

    fn apply_to(
        &self,
        cx: &Context,
        env: &Env,
        funct: ModuleExpr,
        smod: &ast::ModuleExpr,
        arg: Argument,
        (param, mty_param, result): (Option<Ident>, &ModuleType, &ModuleType),
    ) -> Result<ModuleExpr> {
        let Ok(coercion) = includemod::modtypes(cx, env, arg.module.loc, true, &arg.module.type_, mty_param) else {
            return self.error(env);
        };
        let type_ = match (&arg.path, param) {
            (Some(path), _) => {
                let scope = ctype::create_scope(cx);
                let subst = param.map_or(Subst::identity(), |param| Subst::identity().add_module(param, path.clone()));
                subst.modtype(cx, Scoping::Rescope(scope), result)
            }
            (None, None) => result.clone(),
            (None, Some(param)) => {
                let env = env.add_module(cx, true, param, ModulePresence::Present, &arg.module.type_);
                let context = "the signature of this functor application";
                super::recursive::check_well_formed_module(cx, &env, smod.loc, context, result)?;
                match mtype::nondep_supertype(cx, &env, &[param], result) {
                    Ok(mty) => mty,
                    Err(_) => return fail(smod.loc, &env, Error::CannotEliminateDependency(funct.type_.clone())),
                }
            }
        };
        super::recursive::check_well_formed_module(
            cx,
            env,
            self.loc,
            "the signature of this functor application",
            &type_,
        )?;
        Ok(ModuleExpr {
            desc: ModuleExprDesc::Apply(Box::new(funct), Box::new(arg.module), coercion),
            loc: smod.loc,
            type_,
            env: env.clone(),
            attributes: smod.attributes.clone(),
        })
    }
}

/// Checks `F(X)` within a path, for the environment.
pub fn check_functor_application_in_path(
    cx: &Context,
    env: &Env,
    application: FunctorApplication<'_>,
) -> std::result::Result<(), FunctorApplicationError> {
    let checked = includemod::check_modtype_inclusion(
        cx,
        env,
        application.loc,
        application.arg_mty,
        application.arg_path,
        application.param_mty,
    );
    if checked.is_ok() {
        return Ok(());
    }
    if !application.errors {
        return Err(Box::new(()));
    }
    let prepare = |(path, mty): &(Path, ModuleType)| {
        let aliasable = includemod::can_alias(env, path);
        (FunctorArgument::Named(path.clone()), strengthen(cx, env, aliasable, mty, path))
    };
    let error = ApplyError {
        loc: application.loc,
        env: env.clone(),
        app_name: ApplicationName::FullApplicationPath(application.lid_whole_app.clone()),
        mty_f: env
            .find_module(cx, application.f0_path)
            .map_or(ModuleType::Signature(Rc::default()), |md| md.type_.clone()),
        args: application.args.iter().map(prepare).collect(),
    };
    Err(Box::new(error))
}

// ---------------------------------------------------------------------------------------------
// `open` of a module expression, `module type of`

/// `let open M in`, and `open struct … end` where nothing is exported.
pub fn type_open_decl(
    cx: &Context,
    used_slot: Option<Rc<Cell<bool>>>,
    env: &Env,
    sod: &ast::OpenDeclaration,
) -> Result<(tt::OpenDeclaration, Rc<Signature>, Env)> {
    let mut names = SignatureNames::default();
    type_open_in(cx, used_slot, env, false, false, &mut names, sod)
}

/// The same within a structure, whose names are given.
pub fn type_open_in(
    cx: &Context,
    used_slot: Option<Rc<Cell<bool>>>,
    env: &Env,
    toplevel: bool,
    funct_body: bool,
    names: &mut SignatureNames,
    sod: &ast::OpenDeclaration,
) -> Result<(tt::OpenDeclaration, Rc<Signature>, Env)> {
    attributes::warning_scope(cx, &sod.attributes, || {
        let describe = |expr: ModuleExpr, bound_items: Rc<Signature>, env: &Env| tt::OpenDeclaration {
            expr,
            bound_items,
            override_: sod.override_,
            env: env.clone(),
            loc: sod.loc,
            attributes: sod.attributes.clone(),
        };
        if let ast::ModuleExprDesc::Ident(lid) = &sod.expr.desc {
            let (path, new_env) = open_path(cx, used_slot, toplevel, sod.override_, env, sod.loc, lid)?;
            let expr = ModuleExpr {
                desc: ModuleExprDesc::Ident(path.clone(), lid.clone()),
                loc: sod.expr.loc,
                type_: ModuleType::Alias(path),
                env: env.clone(),
                attributes: sod.expr.attributes.clone(),
            };
            return Ok((describe(expr, Rc::default(), &new_env), Rc::default(), new_env));
        }
        let mode = Mode { strengthen: true, funct_body, ..Mode::default() };
        let expr = type_module_in(cx, env, &mode, &sod.expr)?;
        let scope = ctype::create_scope(cx);
        let opened = extract_sig_open(cx, env, expr.loc, &expr.type_)?;
        let (sg, new_env) = env.enter_signature(cx, scope, &opened);
        names.check_signature(cx, sod.loc, &sg, !toplevel)?;
        let visibility = if toplevel { Visibility::Exported } else { Visibility::Hidden };
        let sg: Rc<Signature> = Rc::new(sg.into_iter().map(|item| with_visibility(item, visibility)).collect());
        Ok((describe(expr, sg.clone(), &new_env), sg, new_env))
    })
}

fn with_visibility(mut item: SignatureItem, to: Visibility) -> SignatureItem {
    let (SignatureItem::Value(_, _, visibility)
    | SignatureItem::Type(_, _, _, visibility)
    | SignatureItem::Typext(_, _, _, visibility)
    | SignatureItem::Module(_, _, _, _, visibility)
    | SignatureItem::Modtype(_, _, visibility)
    | SignatureItem::Class(_, _, _, visibility)
    | SignatureItem::ClassType(_, _, _, visibility)) = &mut item;
    *visibility = to;
    item
}

/// `module type of M`: the module and its type, without strengthening for a path.
pub fn type_module_type_of(cx: &Context, env: &Env, smod: &ast::ModuleExpr) -> Result<(ModuleExpr, ModuleType)> {
    let modl = match &smod.desc {
        ast::ModuleExprDesc::Ident(lid) => {
            let (path, md) = env.lookup_module(cx, true, smod.loc, &lid.txt)?;
            ModuleExpr {
                desc: ModuleExprDesc::Ident(path, lid.clone()),
                loc: smod.loc,
                type_: md.type_.clone(),
                env: env.clone(),
                attributes: smod.attributes.clone(),
            }
        }
        _ => type_module_plain(cx, env, smod)?,
    };
    let mty = mtype::scrape_for_type_of(cx, env, has_remove_aliases(&smod.attributes), &modl.type_);
    check_nongen_modtype(cx, env, smod.loc, &mty)?;
    Ok((modl, mty))
}
