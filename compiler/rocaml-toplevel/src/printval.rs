//! Values shown by their types: upstream's `Genprintval`.

use crate::heap::{FORCING_TAG, FORWARD_TAG, LAZY_TAG, Value};
use rocaml_base::{Location, Name};
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::env::Env;
use rocaml_types::env::{ConstructorUsage, LabelUsage};
use rocaml_types::predef::TypeConstr;
use rocaml_types::printtyp;
use rocaml_types::printtyp::outcome::{OutIdent, OutValue};
use rocaml_types::*;
use std::cell::Cell;
use std::collections::HashMap;

/// Upstream's `max_printer_depth`.
const DEPTH_MAX: i64 = 100;
/// Upstream's `max_printer_steps`.
const STEPS_MAX: i64 = 300;

/// Stands for a value that was not evaluated; no program prints it.
pub const UNKNOWN: &str = "\u{1}";

/// A value of a type.
pub fn value(cx: &Context, env: &Env, constructors: &Identities, value: &Value, ty: TypeId) -> OutValue {
    Printer { cx, env, constructors, steps: Cell::new(STEPS_MAX) }.value(DEPTH_MAX, value, ty)
}

/// An exception.
pub fn exception(cx: &Context, env: &Env, constructors: &Identities, exn: &Value) -> OutValue {
    value(cx, env, constructors, exn, cx.predef().exn)
}

/// The extension constructors of a session by their idents: numbers that the running program gave them.
pub type Identities = HashMap<Ident, i64>;

struct Printer<'a> {
    cx: &'a Context,
    env: &'a Env,
    constructors: &'a Identities,
    steps: Cell<i64>,
}

fn stuff(text: &str) -> OutValue {
    OutValue::Stuff(text.to_owned())
}

fn name_of(name: &str) -> OutIdent {
    OutIdent::Ident(name.to_owned())
}

impl Printer<'_> {
    fn is_exhausted(&self, depth: i64) -> bool {
        self.steps.get() < 0 || depth < 0
    }

    fn value(&self, depth: i64, value: &Value, ty: TypeId) -> OutValue {
        if *value == Value::Cycle {
            return stuff("<cycle>");
        }
        self.steps.set(self.steps.get() - 1);
        if self.is_exhausted(depth) {
            return OutValue::Ellipsis;
        }
        if let Some(shown) = self.number(value, ty) {
            return shown;
        }
        match self.cx.desc(ty) {
            TypeDesc::Var(_) | TypeDesc::Univar(_) => stuff("<poly>"),
            TypeDesc::Arrow(..) => stuff("<fun>"),
            TypeDesc::Object(..) => stuff("<obj>"),
            TypeDesc::Package(..) => stuff("<module>"),
            TypeDesc::Poly(ty, _) => self.value(depth - 1, value, ty),
            TypeDesc::Tuple(components) => {
                let Some(fields) = self.fields(value) else { return stuff(UNKNOWN) };
                let items = components.iter().zip(fields);
                let items = items.map(|((label, ty), field)| {
                    (label.map(|label| label.to_string()), self.value(depth - 1, &field, *ty))
                });
                OutValue::Tuple(items.collect())
            }
            TypeDesc::Constr(..) => self.constr(depth, value, ty),
            TypeDesc::Variant(row) => self.polymorphic_variant(depth, value, &row),
            _ => stuff(UNKNOWN),
        }
    }

    /// The fields of a block; none if the value is not known.
    fn fields(&self, value: &Value) -> Option<Vec<Value>> {
        match value {
            Value::Block(_, size, fields) => {
                let mut all = fields.to_vec();
                all.resize(*size, Value::Unknown);
                Some(all)
            }
            Value::DoubleArray(size, doubles) => {
                let mut all: Vec<Value> = doubles.iter().map(|f| Value::Double(*f)).collect();
                all.resize(*size, Value::Unknown);
                Some(all)
            }
            _ => None,
        }
    }

    /// The printers that are installed from the start.
    fn number(&self, value: &Value, ty: TypeId) -> Option<OutValue> {
        let constr = self.predefined(ty)?.0;
        Some(match (constr, value) {
            (TypeConstr::Int, Value::Int(n)) => OutValue::Int(*n),
            (TypeConstr::Char, Value::Int(n)) => OutValue::Char(*n as u8),
            (TypeConstr::Float, Value::Double(f)) => OutValue::Float(*f),
            (TypeConstr::Int32, Value::Custom(word)) => OutValue::Int32(*word as i32),
            (TypeConstr::Int64, Value::Custom(word)) => OutValue::Int64(*word),
            (TypeConstr::Nativeint, Value::Custom(word)) => OutValue::Nativeint(*word),
            (
                TypeConstr::Int
                | TypeConstr::Char
                | TypeConstr::Float
                | TypeConstr::Int32
                | TypeConstr::Int64
                | TypeConstr::Nativeint,
                _,
            ) => stuff(UNKNOWN),
            _ => return None,
        })
    }

    /// The predefined type that a type expands to, with its arguments.
    fn predefined(&self, ty: TypeId) -> Option<(TypeConstr, Vec<TypeId>)> {
        match self.cx.desc(ctype::expand_head(self.cx, self.env, ty)) {
            TypeDesc::Constr(path, args, _) => Some((self.cx.predef().find_type_constr(&path)?, args.to_vec())),
            _ => None,
        }
    }

    fn constr(&self, depth: i64, value: &Value, ty: TypeId) -> OutValue {
        if let Some((constr, args)) = self.predefined(ty) {
            match (constr, value, &args[..]) {
                (TypeConstr::List, _, [item]) => return self.list(depth, value, *item),
                (TypeConstr::Array | TypeConstr::Iarray, _, [item]) => return self.array(depth, value, *item),
                (TypeConstr::String, Value::String(bytes), _) => {
                    return OutValue::String(bytes.to_vec(), self.shown_bytes());
                }
                (TypeConstr::Bytes, Value::String(bytes), _) => {
                    return OutValue::Bytes(bytes.to_vec(), self.shown_bytes());
                }
                (TypeConstr::Floatarray, Value::DoubleArray(_, floats), _) => {
                    return OutValue::FloatArray(floats.to_vec());
                }
                (TypeConstr::Floatarray, Value::Block(..), _) => return OutValue::FloatArray(Vec::new()),
                (TypeConstr::String | TypeConstr::Bytes | TypeConstr::Floatarray, ..) => return stuff(UNKNOWN),
                (TypeConstr::LazyT, _, [content]) => return self.lazy(depth, value, *content),
                _ => {}
            }
        }
        // By the name that was used, which may be that of an abbreviation or of a re-exported type.
        match self.cx.desc(ty) {
            TypeDesc::Constr(path, args, _) => self.declared(depth, value, &path, &args),
            _ => stuff(UNKNOWN),
        }
    }

    fn shown_bytes(&self) -> usize {
        usize::try_from(self.steps.get()).unwrap_or(0)
    }

    /// A value of a type that its declaration describes.
    fn declared(&self, depth: i64, value: &Value, path: &Path, args: &[TypeId]) -> OutValue {
        let Some(decl) = self.env.find_type(self.cx, path) else { return stuff("<abstr>") };
        match (&decl.kind, decl.manifest) {
            (TypeKind::Abstract(_), None) => stuff("<abstr>"),
            (TypeKind::Abstract(_), Some(body)) => self.value(depth, value, self.instance(&decl.params, args, body)),
            (TypeKind::Variant(constructors, representation), _) => {
                self.variant(depth, value, path, &decl, args, constructors, *representation)
            }
            (TypeKind::Record(labels, representation), _) => {
                let first = usize::from(matches!(representation, RecordRepresentation::Extension(_)));
                let unboxed = matches!(representation, RecordRepresentation::Unboxed(_));
                self.record(depth, value, path, &decl.params, args, labels, first, unboxed)
            }
            (TypeKind::Open, _) => self.extension(depth, value, path, args),
        }
    }

    fn instance(&self, params: &[TypeId], args: &[TypeId], body: TypeId) -> TypeId {
        ctype::apply(self.cx, self.env, params, body, args).unwrap_or_else(|_| {
            let id = Ident::create_local(Name::new("abstract"));
            btype::newgenty(&self.cx.store, TypeDesc::Constr(Path::Ident(id), [].into(), self.cx.new_memo()))
        })
    }

    fn list(&self, depth: i64, value: &Value, item: TypeId) -> OutValue {
        let mut shown = Vec::new();
        let mut rest = value.clone();
        loop {
            match &rest {
                Value::Int(_) => break,
                Value::Cycle => {
                    shown.push(stuff("<cycle>"));
                    break;
                }
                _ if self.is_exhausted(depth) => {
                    shown.push(OutValue::Ellipsis);
                    break;
                }
                Value::Block(_, 2, fields) if fields.len() == 2 => {
                    shown.push(self.value(depth - 1, &fields[0], item));
                    rest = fields[1].clone();
                }
                _ => return stuff(UNKNOWN),
            }
        }
        OutValue::List(shown)
    }

    fn array(&self, depth: i64, value: &Value, item: TypeId) -> OutValue {
        let Some(fields) = self.fields(value) else { return stuff(UNKNOWN) };
        let mut shown = Vec::new();
        for field in fields {
            if self.is_exhausted(depth) {
                shown.push(OutValue::Ellipsis);
                break;
            }
            shown.push(self.value(depth - 1, &field, item));
        }
        OutValue::Array(shown)
    }

    fn lazy(&self, depth: i64, value: &Value, content: TypeId) -> OutValue {
        match value {
            Value::Unknown => stuff(UNKNOWN),
            Value::Block(LAZY_TAG, ..) => stuff("<lazy>"),
            Value::Block(FORCING_TAG, ..) => stuff("<lazy (forcing)>"),
            Value::Block(FORWARD_TAG, _, fields) => {
                let forced = fields.first().unwrap_or(&Value::Unknown);
                OutValue::Lazy(Box::new(self.value(depth, forced, content)))
            }
            forced => OutValue::Lazy(Box::new(self.value(depth, forced, content))),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a declaration and where it is used")]
    fn variant(
        &self,
        depth: i64,
        value: &Value,
        path: &Path,
        decl: &TypeDeclaration,
        args: &[TypeId],
        constructors: &[ConstructorDeclaration],
        representation: VariantRepresentation,
    ) -> OutValue {
        let unboxed = representation == VariantRepresentation::Unboxed;
        let tag = match value {
            _ if unboxed => ConstructorTag::Unboxed,
            Value::Int(n) => ConstructorTag::Constant(u32::try_from(*n).unwrap_or(u32::MAX)),
            Value::Block(tag, ..) => ConstructorTag::Block(u32::from(*tag)),
            // A record of floats within a constructor would be a block all the same.
            _ => return stuff(UNKNOWN),
        };
        let Some(constructor) = datarepr::find_constr_by_tag(&tag, constructors) else {
            return stuff("<unknown constructor>");
        };
        let params = match constructor.res.map(|res| self.cx.desc(res)) {
            Some(TypeDesc::Constr(_, params, _)) => params.to_vec(),
            _ => decl.params.clone(),
        };
        let name = self.constructor_name(path, &constructor.id.name());
        match &constructor.args {
            ConstructorArguments::Tuple(tys) => {
                let tys: Vec<TypeId> = tys.iter().map(|ty| self.instance(&params, args, *ty)).collect();
                OutValue::Constr(name, self.arguments(depth, value, &tys, 0, unboxed))
            }
            ConstructorArguments::Record(labels) => {
                let record = self.record(depth, value, path, &params, args, labels, 0, unboxed);
                OutValue::Constr(name, vec![record])
            }
        }
    }

    fn arguments(&self, depth: i64, value: &Value, tys: &[TypeId], start: usize, whole: bool) -> Vec<OutValue> {
        if whole {
            return tys.iter().map(|ty| self.value(depth - 1, value, *ty)).collect();
        }
        let fields = self.fields(value).unwrap_or_default();
        let field = |index: usize| fields.get(start + index).cloned().unwrap_or(Value::Unknown);
        tys.iter().enumerate().map(|(index, ty)| self.value(depth - 1, &field(index), *ty)).collect()
    }

    #[expect(clippy::too_many_arguments, reason = "a declaration and where it is used")]
    fn record(
        &self,
        depth: i64,
        value: &Value,
        path: &Path,
        params: &[TypeId],
        args: &[TypeId],
        labels: &[LabelDeclaration],
        first: usize,
        unboxed: bool,
    ) -> OutValue {
        let fields = self.fields(value);
        if fields.is_none() && !unboxed {
            return stuff(UNKNOWN);
        }
        let fields = fields.unwrap_or_default();
        let shown = labels.iter().enumerate().map(|(index, label)| {
            let position = first + index;
            let ty = self.instance(params, args, label.type_);
            let text = label.id.name();
            // The path of the module is shown with the first field alone.
            let name = if position == 0 { self.label_name(path, &text) } else { name_of(&text) };
            let shown = if unboxed {
                self.value(depth - 1, value, ty)
            } else {
                self.value(depth - 1, fields.get(position).unwrap_or(&Value::Unknown), ty)
            };
            (name, shown)
        });
        OutValue::Record(shown.collect())
    }

    fn polymorphic_variant(&self, depth: i64, value: &Value, row: &RowDesc) -> OutValue {
        let row = btype::row_repr(&self.cx.store, row);
        let with_hash = |hash: i64| row.fields.iter().find(move |(tag, _)| btype::hash_variant(tag) == hash);
        match value {
            Value::Int(hash) => match with_hash(*hash) {
                Some((tag, _)) => OutValue::Variant(tag.to_string(), None),
                None => stuff("<variant>"),
            },
            Value::Block(_, _, fields) => {
                let (Some(Value::Int(hash)), Some(argument)) = (fields.first(), fields.get(1)) else {
                    return stuff(UNKNOWN);
                };
                let ty = with_hash(*hash).and_then(|(tag, field)| match field {
                    RowField::Present(Some(ty)) => Some((tag, *ty)),
                    RowField::Either { arg_type, .. } if arg_type.len() == 1 => Some((tag, arg_type[0])),
                    _ => None,
                });
                match ty {
                    Some((tag, ty)) => {
                        OutValue::Variant(tag.to_string(), Some(Box::new(self.value(depth - 1, argument, ty))))
                    }
                    None => stuff("<variant>"),
                }
            }
            _ => stuff(UNKNOWN),
        }
    }

    // -----------------------------------------------------------------------------------------
    // Extension constructors

    fn extension(&self, depth: i64, value: &Value, path: &Path, args: &[TypeId]) -> OutValue {
        let Some((name, is_constant)) = extension_name(value) else { return stuff(UNKNOWN) };
        let lid = Longident::parse(&name);
        let found = self.env.find_constructor_by_name(self.cx, &lid);
        // Another constructor of the name is not meant.
        let identity = extension_identity(value);
        let known = found.filter(|c| match &c.tag {
            ConstructorTag::Extension(Path::Ident(id), _) => {
                self.constructors.get(id).is_none_or(|known| Some(*known) == identity)
            }
            ConstructorTag::Extension(..) => true,
            _ => false,
        });
        let known = known.filter(|c| (c.arity == 0) == is_constant);
        if let Some(constructor) = known {
            let params = match self.cx.desc(constructor.res) {
                TypeDesc::Constr(_, params, _) => params.to_vec(),
                _ => Vec::new(),
            };
            let tys: Vec<TypeId> = constructor.args.iter().map(|ty| self.instance(&params, args, *ty)).collect();
            let shown = self.arguments(depth, value, &tys, 1, constructor.inlined.is_some());
            return OutValue::Constr(name_of(&name), shown);
        }
        if self.cx.predef().find_type_constr(path) == Some(TypeConstr::Exn) {
            return untyped_exception(value);
        }
        stuff("<extension>")
    }

    // -----------------------------------------------------------------------------------------
    // Names of constructors and labels

    fn constructor_name(&self, path: &Path, name: &str) -> OutIdent {
        self.qualified(path, name, |lid, path| {
            let found =
                self.env.lookup_all_constructors(self.cx, false, Location::none(), ConstructorUsage::Positive, lid);
            found.is_ok_and(|found| found.iter().any(|c| datarepr::cstr_res_type_path(self.cx, &c.descr) == *path))
        })
    }

    fn label_name(&self, path: &Path, name: &str) -> OutIdent {
        self.qualified(path, name, |lid, path| {
            let found = self.env.lookup_all_labels(self.cx, false, Location::none(), LabelUsage::Construct, lid);
            found.is_ok_and(|found| found.iter().any(|l| datarepr::lbl_res_type_path(self.cx, &l.descr) == *path))
        })
    }

    /// The shortest of `C`, `N.C`, `M.N.C` that names the constructor of the type `M.N.t`, else the last of them.
    fn qualified(&self, path: &Path, name: &str, means_it: impl Fn(&Longident, &Path) -> bool) -> OutIdent {
        let path = printtyp::shorten(self.cx, path);
        let Path::Dot(module, _) = &path else { return name_of(name) };
        let Some(mut all) = names_of(module) else {
            return OutIdent::Dot(Box::new(applied(module)), name.to_owned());
        };
        all.push(Name::new(name));
        let means_it = |start: &usize| Longident::unflatten(&all[*start..]).is_some_and(|lid| means_it(&lid, &path));
        let start = (0..all.len()).rev().find(means_it).unwrap_or(0);
        dotted(&all[start..])
    }
}

/// The names of a path without functor applications.
fn names_of(path: &Path) -> Option<Vec<Name>> {
    match path {
        Path::Ident(id) => Some(vec![id.name()]),
        Path::Dot(prefix, name) => {
            let mut names = names_of(prefix)?;
            names.push(*name);
            Some(names)
        }
        _ => None,
    }
}

/// A path as it stands.
fn applied(path: &Path) -> OutIdent {
    match path {
        Path::Ident(id) => name_of(&id.name()),
        Path::Dot(prefix, name) => OutIdent::Dot(Box::new(applied(prefix)), name.to_string()),
        Path::Apply(functor, arg) => OutIdent::Apply(Box::new(applied(functor)), Box::new(applied(arg))),
        Path::ExtraTy(prefix, _) => applied(prefix),
    }
}

fn dotted(names: &[Name]) -> OutIdent {
    let mut names = names.iter();
    let first = OutIdent::Ident(names.next().map(Name::to_string).unwrap_or_default());
    names.fold(first, |prefix, name| OutIdent::Dot(Box::new(prefix), name.to_string()))
}

/// The name of an extension constructor's value, and whether it has no arguments.
pub fn extension_name(value: &Value) -> Option<(String, bool)> {
    let Value::Block(tag, _, fields) = value else { return None };
    let (slot, is_constant) = if *tag == 0 { (fields.first()?, false) } else { (value, true) };
    match slot {
        Value::Block(_, _, fields) => match fields.first()? {
            Value::String(name) => Some((String::from_utf8_lossy(name).into_owned(), is_constant)),
            _ => None,
        },
        _ => None,
    }
}

/// The number that tells an extension constructor from others.
pub fn extension_identity(value: &Value) -> Option<i64> {
    let Value::Block(tag, _, fields) = value else { return None };
    let slot = if *tag == 0 { fields.first()? } else { value };
    match slot {
        Value::Block(_, _, fields) => match fields.get(1)? {
            Value::Int(identity) => Some(*identity),
            _ => None,
        },
        _ => None,
    }
}

/// An exception that no name in scope means: its arguments are guessed from their forms.
fn untyped_exception(value: &Value) -> OutValue {
    let Some((name, is_constant)) = extension_name(value) else { return stuff(UNKNOWN) };
    let shown = name_of(&name);
    let Value::Block(_, _, fields) = value else { return OutValue::Constr(shown, Vec::new()) };
    if is_constant {
        return OutValue::Constr(shown, Vec::new());
    }
    let has_place = matches!(name.as_str(), "Match_failure" | "Assert_failure" | "Undefined_recursive_module");
    let args = match fields.get(1) {
        Some(Value::Block(0, _, place)) if has_place && fields.len() == 2 => place.to_vec(),
        _ => fields[1.min(fields.len())..].to_vec(),
    };
    let guess = |value: &Value| match value {
        Value::Int(n) => OutValue::Int(*n),
        Value::String(bytes) => OutValue::String(bytes.to_vec(), usize::MAX),
        Value::Double(f) => OutValue::Float(*f),
        _ => OutValue::Constr(name_of("_"), Vec::new()),
    };
    OutValue::Constr(shown, args.iter().map(guess).collect())
}
