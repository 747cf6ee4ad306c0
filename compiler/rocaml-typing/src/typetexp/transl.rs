//! The translation itself.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::{ArgLabel, ClosedFlag, OverrideFlag};
use rocaml_syntax::longident::Longident;
use rocaml_types::btype;
use rocaml_types::context::Context;
use rocaml_types::ctype;
use rocaml_types::env::Env;
use rocaml_types::errortrace::UnifyError;
use rocaml_types::store::GENERIC_LEVEL;
use rocaml_types::{Commutable, FieldKind, Path, RowDesc, RowField, TypeDesc, TypeId};

use super::vars::{self, Policy, RowSlot};
use super::{Error, check_tyvar_name, error};
use crate::Result;
use crate::attributes::{error_of_extension, warning_scope};
use crate::rows;
use crate::typedtree::{CoreType, CoreTypeDesc, ObjectField, PackageType, RowField as TypedRowField};

/// Translates a type; variables are those of [`vars`].
pub(super) fn transl_type(cx: &Context, env: &Env, policy: Policy, styp: &ast::CoreType) -> Result<CoreType> {
    Translation { cx, policy }.transl(env, &[], false, styp)
}

/// Labels that occur more than once.
pub fn repeated_label<T>(parts: &[(Option<Name>, T)]) -> Option<Name> {
    let labels: Vec<Name> = parts.iter().filter_map(|(label, _)| *label).collect();
    labels.iter().enumerate().find(|(i, label)| labels[..*i].contains(label)).map(|(_, label)| *label)
}

struct Translation<'a> {
    cx: &'a Context,
    policy: Policy,
}

type Transl<'a> = (CoreTypeDesc, TypeId);

impl Translation<'_> {
    /// `row_context` holds the row variables of the variant types around.
    fn transl(&self, env: &Env, row_context: &[RowSlot], aliased: bool, styp: &ast::CoreType) -> Result<CoreType> {
        warning_scope(self.cx, &styp.attributes, || {
            let (desc, type_) = self.desc(env, row_context, aliased, styp)?;
            Ok(CoreType { desc, type_, env: env.clone(), loc: styp.loc, attributes: styp.attributes.clone() })
        })
    }

    fn all(&self, env: &Env, row_context: &[RowSlot], styps: &[ast::CoreType]) -> Result<Vec<CoreType>> {
        styps.iter().map(|styp| self.transl(env, row_context, false, styp)).collect()
    }

    fn desc<'t>(&self, env: &Env, row_context: &[RowSlot], aliased: bool, styp: &ast::CoreType) -> Result<Transl<'t>> {
        let cx = self.cx;
        Ok(match &styp.desc {
            ast::CoreTypeDesc::Any => (CoreTypeDesc::Any, vars::new_any_var(cx, styp.loc, env, self.policy)?),
            ast::CoreTypeDesc::Var(name) => {
                check_tyvar_name(env, styp.loc, *name)?;
                let var = vars::lookup_local(cx, row_context, *name).unwrap_or_else(|| {
                    let var = vars::new_var(cx, Some(*name), self.policy);
                    vars::remember_used(cx, None, *name, var, styp.loc);
                    var
                });
                (CoreTypeDesc::Var(*name), var)
            }
            ast::CoreTypeDesc::Arrow(label, arg, res) => {
                let arg = self.transl(env, row_context, false, arg)?;
                let res = self.transl(env, row_context, false, res)?;
                let arg_type = match label {
                    ArgLabel::Optional(_) => option_type(cx, arg.type_),
                    ArgLabel::Nolabel | ArgLabel::Labelled(_) => arg.type_,
                };
                let ty = ctype::newty(cx, TypeDesc::Arrow(*label, arg_type, res.type_, Commutable::Ok));
                (CoreTypeDesc::Arrow(*label, Box::new(arg), Box::new(res)), ty)
            }
            ast::CoreTypeDesc::Tuple(parts) => {
                if let Some(label) = repeated_label(parts) {
                    return error(styp.loc, env, Error::RepeatedTupleLabel(label));
                }
                let mut typed = Vec::new();
                for (label, part) in parts {
                    typed.push((*label, self.transl(env, row_context, false, part)?));
                }
                let types = typed.iter().map(|(label, part)| (*label, part.type_)).collect();
                let ty = ctype::newty(cx, TypeDesc::Tuple(types));
                (CoreTypeDesc::Tuple(typed), ty)
            }
            ast::CoreTypeDesc::Constr(lid, args) => self.constr(env, row_context, styp, lid, args)?,
            ast::CoreTypeDesc::Object(fields, closed) => {
                let (ty, fields) = self.object_fields(env, row_context, fields, *closed)?;
                (CoreTypeDesc::Object(fields, *closed), ctype::newobj(cx, ty))
            }
            ast::CoreTypeDesc::Class(lid, args) => self.class(env, row_context, styp, lid, args)?,
            ast::CoreTypeDesc::Alias(body, alias) => self.alias(env, row_context, styp, body, alias)?,
            ast::CoreTypeDesc::Variant(fields, closed, present) => {
                self.variant(env, row_context, aliased, styp, fields, *closed, present.as_deref())?
            }
            ast::CoreTypeDesc::Poly(names, body) => self.poly(env, row_context, styp, names, body)?,
            ast::CoreTypeDesc::Package(package) => self.package(env, row_context, package)?,
            ast::CoreTypeDesc::Open(lid, body) => {
                let (path, env) = crate::typemod::type_open_(cx, None, OverrideFlag::Fresh, env, styp.loc, lid)?;
                let body = self.transl(&env, row_context, false, body)?;
                let ty = body.type_;
                (CoreTypeDesc::Open(path, lid.clone(), Box::new(body)), ty)
            }
            ast::CoreTypeDesc::Extension(extension) => return Err(error_of_extension(extension).into()),
        })
    }

    /// Unifies the parameters of an instantiated declaration with arguments.
    fn unify_params(
        &self,
        env: &Env,
        params: &[TypeId],
        args: &[CoreType],
        unify: impl Fn(TypeId, TypeId) -> std::result::Result<(), UnifyError>,
    ) -> Result<()> {
        for (param, arg) in params.iter().zip(args) {
            if let Err(e) = unify(*param, arg.type_) {
                return error(arg.loc, env, Error::TypeMismatch(e.swap()));
            }
        }
        Ok(())
    }

    fn constr<'t>(
        &self,
        env: &Env,
        row_context: &[RowSlot],
        styp: &ast::CoreType,
        lid: &Loc<Longident>,
        args: &[ast::CoreType],
    ) -> Result<Transl<'t>> {
        let cx = self.cx;
        let (path, decl) = env.lookup_type(cx, true, lid.loc, &lid.txt)?;
        // `_ t` stands for any number of arguments.
        let repeated;
        let args = match args {
            [any] if decl.arity > 1 && matches!(any.desc, ast::CoreTypeDesc::Any) => {
                repeated = vec![any.clone(); decl.params.len()];
                &repeated
            }
            _ => args,
        };
        if args.len() != decl.arity {
            return error(styp.loc, env, Error::TypeArityMismatch(lid.txt.clone(), decl.arity, args.len()));
        }
        let args = self.all(env, row_context, args)?;
        let params = ctype::instance_list(cx, &decl.params);
        let is_generic = decl.manifest.is_none_or(|ty| cx.level(ty) == GENERIC_LEVEL);
        self.unify_params(env, &params, &args, |param, arg| {
            if is_generic { ctype::unify_var(cx, env, param, arg) } else { ctype::unify(cx, env, param, arg) }
        })?;
        let types: Vec<TypeId> = args.iter().map(|arg| arg.type_).collect();
        let ty = ctype::newconstr(cx, &path, &types);
        Ok((CoreTypeDesc::Constr(path, lid.clone(), args), ty))
    }

    fn class<'t>(
        &self,
        env: &Env,
        row_context: &[RowSlot],
        styp: &ast::CoreType,
        lid: &Loc<Longident>,
        args: &[ast::CoreType],
    ) -> Result<Transl<'t>> {
        let cx = self.cx;
        let (path, decl) = env.lookup_cltype(cx, true, lid.loc, &lid.txt)?;
        let decl = decl.hash_type.clone();
        if args.len() != decl.arity {
            return error(styp.loc, env, Error::TypeArityMismatch(lid.txt.clone(), decl.arity, args.len()));
        }
        let args = self.all(env, row_context, args)?;
        let body = decl.manifest.expect("the type of a class's objects is an abbreviation");
        let (params, body) = ctype::instance_parameterized_type(cx, false, &decl.params, body);
        self.unify_params(env, &params, &args, |param, arg| ctype::unify_var(cx, env, param, arg))?;
        let types: Vec<TypeId> = args.iter().map(|arg| arg.type_).collect();
        let ty = ctype::apply_at_current_level(cx, env, &params, body, &types)
            .expect("the arguments were unified with the parameters");
        if let TypeDesc::Object(fields, _) = cx.desc(ty) {
            let (_, rest) = ctype::flatten_fields(cx, fields);
            vars::add_pre_univar(cx, rest, self.policy);
        }
        Ok((CoreTypeDesc::Class(path, lid.clone(), args), ty))
    }

    fn alias<'t>(
        &self,
        env: &Env,
        row_context: &[RowSlot],
        styp: &ast::CoreType,
        body: &ast::CoreType,
        alias: &Loc<Name>,
    ) -> Result<Transl<'t>> {
        let cx = self.cx;
        check_tyvar_name(env, alias.loc, alias.txt)?;
        let unify = |var, ty| match ctype::unify_var(cx, env, var, ty) {
            Ok(()) => Ok(()),
            Err(e) => error(alias.loc, env, Error::AliasTypeMismatch(e.swap())),
        };
        if let Some(var) = vars::lookup_local(cx, row_context, alias.txt) {
            let body = self.transl(env, row_context, true, body)?;
            unify(var, body.type_)?;
            let ty = body.type_;
            return Ok((CoreTypeDesc::Alias(Box::new(body), *alias), ty));
        }
        let (var, body) = ctype::with_local_level_generalize_structure_if_principal(cx, |cx| -> Result<_> {
            let var = super::newvar(cx, None);
            vars::remember_used(cx, Some(alias.loc), alias.txt, var, styp.loc);
            let body = self.transl(env, row_context, false, body)?;
            unify(var, body.type_)?;
            Ok((var, body))
        })?;
        let ty = ctype::instance(cx, var);
        let proxy = btype::proxy(cx, ty);
        match cx.desc(proxy) {
            TypeDesc::Var(None) => cx.set_desc(proxy, TypeDesc::Var(Some(alias.txt))),
            TypeDesc::Univar(None) => cx.set_desc(proxy, TypeDesc::Univar(Some(alias.txt))),
            _ => {}
        }
        let body = CoreType { type_: ty, ..body };
        Ok((CoreTypeDesc::Alias(Box::new(body), *alias), ty))
    }

    fn poly<'t>(
        &self,
        env: &Env,
        row_context: &[RowSlot],
        styp: &ast::CoreType,
        names: &[Loc<Name>],
        body: &ast::CoreType,
    ) -> Result<Transl<'t>> {
        let cx = self.cx;
        let names: Vec<Name> = names.iter().map(|name| name.txt).collect();
        let (univars, body) = ctype::with_local_level_generalize(cx, |cx| -> Result<_> {
            let univars = vars::make_poly_univars(cx, &names);
            let body = vars::with_univars(cx, &univars, || self.transl(env, row_context, false, body))?;
            Ok((univars, body))
        })?;
        let mut univars = vars::check_poly_univars(cx, env, styp.loc, &univars)?;
        univars.retain(|var| ctype::deep_occur(cx, *var, body.type_));
        let ty = ctype::newgenty(cx, TypeDesc::Poly(body.type_, univars.into()));
        // Brings the type to the current level.
        if let Err(e) = ctype::unify_var(cx, env, ctype::newvar(cx), ty) {
            return error(styp.loc, env, Error::TypeMismatch(e));
        }
        Ok((CoreTypeDesc::Poly(names, Box::new(body)), ty))
    }

    fn package<'t>(&self, env: &Env, row_context: &[RowSlot], package: &ast::PackageType) -> Result<Transl<'t>> {
        let cx = self.cx;
        let mut constraints: Vec<&(Loc<Longident>, ast::CoreType)> = package.cstrs.iter().collect();
        constraints.sort_by_key(|(lid, _)| lid.txt.flatten());
        if let Some(pair) = constraints.windows(2).find(|pair| pair[0].0.txt.same(&pair[1].0.txt)) {
            return error(package.loc, env, Error::MultipleConstraintsOnType(pair[0].0.txt.clone()));
        }
        let smty = ast::ModuleType {
            desc: ast::ModuleTypeDesc::Ident(package.path.clone()),
            loc: package.loc,
            attributes: Vec::new(),
        };
        let mty = vars::with_local_scope(cx, || crate::typemod::transl_modtype(cx, env, &smty))?.type_;
        let mut fields = Vec::new();
        for (lid, styp) in constraints {
            fields.push((lid.clone(), self.transl(env, row_context, false, styp)?));
        }
        let mty = if fields.is_empty() {
            mty
        } else {
            crate::typemod::check_package_with_type_constraints(cx, package.loc, env, &mty, &fields)?
        };
        let path = crate::typemod::transl_modtype_longident(cx, package.loc, env, &package.path.txt)?;
        let constraints =
            fields.iter().map(|(lid, cty)| (Rc::from(lid.txt.flatten().unwrap_or_default()), cty.type_)).collect();
        let ty = ctype::newty(cx, TypeDesc::Package(rocaml_types::PackageType { path: path.clone(), constraints }));
        let typed = PackageType { path, fields, type_: mty, txt: package.path.clone() };
        Ok((CoreTypeDesc::Package(Box::new(typed)), ty))
    }

    // -- Polymorphic variants ----------------------------------------------------------------------

    #[allow(clippy::too_many_arguments)]
    fn variant<'t>(
        &self,
        env: &Env,
        row_context: &[RowSlot],
        aliased: bool,
        styp: &ast::CoreType,
        fields: &[ast::RowField],
        closed: ClosedFlag,
        present: Option<&[Name]>,
    ) -> Result<Transl<'t>> {
        let cx = self.cx;
        let slot: RowSlot = Rc::new(Cell::new(None));
        let context: Vec<RowSlot> = if aliased {
            row_context.to_vec()
        } else {
            std::iter::once(slot.clone()).chain(row_context.iter().cloned()).collect()
        };
        let mut row = VariantRow { cx, env, loc: styp.loc, by_hash: HashMap::new(), fields: Vec::new(), name: None };
        let mut typed = Vec::new();
        for field in fields {
            typed.push(self.row_field(&mut row, &context, present, field)?);
        }
        let VariantRow { fields, name, .. } = row;
        if let Some(missing) = present.and_then(|p| p.iter().find(|tag| !fields.iter().any(|(t, _)| t == *tag))) {
            return error(styp.loc, env, Error::PresentHasNoType(*missing));
        }
        let fields = rows::in_table_order(fields);
        let closed_row = closed == ClosedFlag::Closed;
        let make =
            |more| RowDesc { fields: fields.clone().into(), more, closed: closed_row, fixed: None, name: name.clone() };
        let more = if btype::static_row(cx, &make(ctype::newvar(cx))) {
            ctype::newty(cx, TypeDesc::Nil)
        } else {
            vars::new_var(cx, None, self.policy)
        };
        slot.set(Some(more));
        let ty = ctype::newty(cx, TypeDesc::Variant(make(more)));
        Ok((CoreTypeDesc::Variant(typed, closed, present.map(<[Name]>::to_vec)), ty))
    }

    fn row_field(
        &self,
        row: &mut VariantRow<'_>,
        context: &[RowSlot],
        present: Option<&[Name]>,
        field: &ast::RowField,
    ) -> Result<TypedRowField> {
        let cx = self.cx;
        let is_present = |tag: Name| present.is_none_or(|present| present.contains(&tag));
        match &field.desc {
            ast::RowFieldDesc::Tag(tag, constant, args) => {
                row.name = None;
                let args = warning_scope(cx, &field.attributes, || self.all(row.env, context, args))?;
                let types: Vec<TypeId> = args.iter().map(|arg| arg.type_).collect();
                let row_field = if !is_present(tag.txt) {
                    btype::rf_either(cx, *constant, types, false)
                } else if types.len() > 1 || *constant && !types.is_empty() {
                    return error(row.loc, row.env, Error::PresentHasConjunction(tag.txt));
                } else {
                    RowField::Present(types.first().copied())
                };
                row.add(row.loc, tag.txt, row_field)?;
                Ok(TypedRowField::Tag(*tag, *constant, args, field.attributes.clone(), field.loc))
            }
            ast::RowFieldDesc::Inherit(styp) => {
                let inherited = self.transl(row.env, context, false, styp)?;
                let name = match cx.desc(inherited.type_) {
                    TypeDesc::Constr(path, args, _) => Some((path, args)),
                    _ => None,
                };
                row.name = if row.fields.is_empty() { name.clone() } else { None };
                let fields = match (cx.desc(ctype::expand_head(cx, row.env, inherited.type_)), name) {
                    (TypeDesc::Variant(inner), _) if btype::static_row(cx, &inner) => rows::fields(cx, &inner),
                    (TypeDesc::Var(_), Some((path, _))) => {
                        return error(styp.loc, row.env, Error::UndefinedTypeConstructor(path));
                    }
                    _ => return error(styp.loc, row.env, Error::NotAVariant(inherited.type_)),
                };
                for (tag, field) in fields.iter() {
                    let field = match cx.row_field(field) {
                        RowField::Present(arg) if !is_present(*tag) => btype::rf_either_of(cx, arg),
                        _ => field.clone(),
                    };
                    row.add(styp.loc, *tag, field)?;
                }
                Ok(TypedRowField::Inherit(inherited, field.attributes.clone(), field.loc))
            }
        }
    }

    // -- Objects -----------------------------------------------------------------------------------

    fn object_fields(
        &self,
        env: &Env,
        row_context: &[RowSlot],
        fields: &[ast::ObjectField],
        closed: ClosedFlag,
    ) -> Result<(TypeId, Vec<ObjectField>)> {
        let cx = self.cx;
        let methods: RefCell<Vec<(Name, TypeId)>> = RefCell::default();
        let add = |loc: Location, name: Name, ty: TypeId| -> Result<()> {
            let known = methods.borrow().iter().find(|(n, _)| *n == name).map(|(_, ty)| *ty);
            let Some(known) = known else {
                methods.borrow_mut().push((name, ty));
                return Ok(());
            };
            if ctype::is_equal(cx, env, false, &[ty], &[known]) || ctype::unify(cx, env, ty, known).is_ok() {
                return Ok(());
            }
            error(loc, env, Error::MethodMismatch(name, ty, known))
        };
        let mut typed = Vec::new();
        for field in fields {
            typed.push(match &field.desc {
                ast::ObjectFieldDesc::Tag(name, styp) => {
                    let cty = warning_scope(cx, &field.attributes, || {
                        self.transl(env, row_context, false, &force_poly(styp))
                    })?;
                    add(cty.loc, name.txt, cty.type_)?;
                    ObjectField::Tag(*name, cty, field.attributes.clone(), field.loc)
                }
                ast::ObjectFieldDesc::Inherit(styp) => {
                    let cty = self.transl(env, row_context, false, styp)?;
                    self.inherit_fields(env, styp.loc, cty.type_, &add)?;
                    ObjectField::Inherit(cty, field.attributes.clone(), field.loc)
                }
            });
        }
        let init = match closed {
            ClosedFlag::Closed => ctype::newty(cx, TypeDesc::Nil),
            ClosedFlag::Open => vars::new_var(cx, None, self.policy),
        };
        let row = methods
            .into_inner()
            .into_iter()
            .fold(init, |rest, (name, ty)| ctype::newty(cx, TypeDesc::Field(name, FieldKind::Public, ty, rest)));
        Ok((row, typed))
    }

    fn inherit_fields(
        &self,
        env: &Env,
        loc: Location,
        ty: TypeId,
        add: &dyn Fn(Location, Name, TypeId) -> Result<()>,
    ) -> Result<()> {
        let cx = self.cx;
        let name: Option<Path> = match cx.desc(ty) {
            TypeDesc::Constr(path, ..) => Some(path),
            _ => None,
        };
        let expanded = ctype::expand_head(cx, env, ty);
        match (cx.desc(expanded), name) {
            (TypeDesc::Object(fields, _), name) if matches!(cx.desc(fields), TypeDesc::Field(..) | TypeDesc::Nil) => {
                if ctype::opened_object(cx, expanded) {
                    return error(loc, env, Error::OpenedObject(name));
                }
                let mut rest = fields;
                while let TypeDesc::Field(method, _, ty, next) = cx.desc(rest) {
                    add(loc, method, ty)?;
                    rest = next;
                }
                Ok(())
            }
            (TypeDesc::Var(_), Some(path)) => error(loc, env, Error::UndefinedTypeConstructor(path)),
            _ => error(loc, env, Error::NotAnObject(expanded)),
        }
    }
}

/// The fields of a variant type as they are collected.
struct VariantRow<'a> {
    cx: &'a Context,
    env: &'a Env,
    loc: Location,
    by_hash: HashMap<i64, usize>,
    fields: Vec<(Name, RowField)>,
    /// The type whose row this is, as long as nothing else was added.
    name: Option<(Path, Rc<[TypeId]>)>,
}

impl VariantRow<'_> {
    fn add(&mut self, loc: Location, tag: Name, field: RowField) -> Result<()> {
        let cx = self.cx;
        let hash = btype::hash_variant(&tag);
        let Some(&index) = self.by_hash.get(&hash) else {
            self.by_hash.insert(hash, self.fields.len());
            self.fields.push((tag, field));
            return Ok(());
        };
        let (known_tag, known) = self.fields[index].clone();
        if known_tag != tag {
            return error(self.loc, self.env, Error::VariantTags(tag, known_tag));
        }
        let single = |field| {
            let row = rows::make(vec![(tag, field)], ctype::newvar(cx), true);
            ctype::newty(cx, TypeDesc::Variant(row))
        };
        let (ty, known) = (single(field), single(known));
        if ctype::is_equal(cx, self.env, false, &[ty], &[known]) || ctype::unify(cx, self.env, ty, known).is_ok() {
            return Ok(());
        }
        error(loc, self.env, Error::ConstructorMismatch(ty, known))
    }
}

/// `ty option`, at the current level.
fn option_type(cx: &Context, ty: TypeId) -> TypeId {
    let path = cx.predef().path(rocaml_types::predef::TypeConstr::Option);
    ctype::newty(cx, TypeDesc::Constr(path, [ty].into(), cx.new_memo()))
}

/// A method's type is polymorphic, if only in nothing.
pub fn force_poly(styp: &ast::CoreType) -> ast::CoreType {
    match styp.desc {
        ast::CoreTypeDesc::Poly(..) => styp.clone(),
        _ => ast::CoreType {
            desc: ast::CoreTypeDesc::Poly(Vec::new(), Box::new(styp.clone())),
            loc: styp.loc,
            loc_stack: Vec::new(),
            attributes: Vec::new(),
        },
    }
}
