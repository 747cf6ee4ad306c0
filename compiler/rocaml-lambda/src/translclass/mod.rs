//! Classes: upstream's `Translclass`.
//!
//! A class is a block of three fields, which [`CamlinternalOO`](../../../../runtimes/stdlib/camlinternalOO.ml)
//! knows: a function that makes objects, a function that adds the class to a table under
//! construction (`table -> env -> object -> parameters`), and the environment that the latter
//! takes. The parts are translated in this order, each over the whole class expression:
//!
//! 1. [`class_init`]: what fills the table, as a list of steps; methods are translated here.
//! 2. [`object_init`]: what makes and fills an object.
//! 3. This module puts them together, in the simplest form that the surroundings allow.
//!
//! [`rebind`] has the classes that are only others under new names or with other parameters.

mod class_init;
mod methods;
mod object_init;
mod rebind;

use crate::error::{Error, ErrorKind, Result};
use crate::free_variables::{free_in, free_in_order};
use crate::lambda::*;
use crate::rename::rename_free;
use crate::translator::{Translator, apply, function, let_, make_block, mutable_field, sequence};
use crate::translcore::{Bound, MAX_ARITY, RecursiveBinding};
use crate::translobj::{Surroundings, label, names};
use rocaml_base::Name;
use rocaml_syntax::asttypes::VirtualFlag;
use rocaml_types::{Ident, Path, btype};
use rocaml_typing::typedtree::*;
use std::collections::HashSet;

/// A step of the code that fills a table.
enum Step {
    Let(LetKind, Ident, Lambda),
    Do(Lambda),
}

/// A class that another one refers to.
struct Inherited {
    path: Path,
    class: Lambda,
    /// The function that initialises the inherited part of an object.
    object_init: Ident,
}

/// A class being translated.
struct ClassBuilder {
    /// The table that is filled.
    table: Ident,
    surroundings: Surroundings,
    /// What the class binds: the code that fills the table, and the functions of its methods.
    bound: HashSet<Ident>,
    /// Where in an object the environment is.
    env_index: Ident,
    /// What the environment holds: for methods, and for the initialisation of objects.
    captured_by_methods: Vec<Ident>,
    captured_by_init: Vec<Ident>,
    /// In the order of the source.
    inherited: Vec<Inherited>,
    /// How many of them the initialisation of objects has met.
    met: usize,
    /// Variables that the steps refer to.
    used: HashSet<Ident>,
    /// It is an `object … end` expression.
    immediate: bool,
}

impl Translator<'_> {
    /// The classes of a structure's item.
    pub(crate) fn class_bindings(&mut self, classes: &[(ClassDeclaration, Vec<Name>)]) -> Result<Bound<'static>> {
        let ids: Vec<Ident> = classes.iter().map(|(class, _)| class.id_class).collect();
        let mut bindings = Vec::new();
        for (class, public) in classes {
            let (def, kind) = self.class(&ids, class.id_class, public, &class.expr, class.virt)?;
            bindings.push(RecursiveBinding { id: class.id_class, kind, def, loc: class.loc });
        }
        Ok(Bound::Recursive(bindings))
    }

    /// `object … end`
    pub(crate) fn immediate_object(
        &mut self,
        e: &Expression,
        structure: &ClassStructure,
        public: &[Name],
    ) -> Result<Lambda> {
        let class = ClassExpr {
            desc: ClassExprDesc::Structure(Box::new(structure.clone())),
            loc: e.loc,
            type_: rocaml_types::ClassType::Signature(structure.type_.clone()),
            env: e.env.clone(),
            attributes: Vec::new(),
        };
        let id = Ident::create_local("object".into());
        Ok(self.class(&[], id, public, &class, VirtualFlag::Concrete)?.0)
    }

    fn class(
        &mut self,
        ids: &[Ident],
        id: Ident,
        public: &[Name],
        class: &ClassExpr,
        virt: VirtualFlag,
    ) -> Result<(Lambda, RecKind)> {
        self.in_class(&class.env, |this| {
            if let Some(rebound) = this.rebound_class(class, virt)? {
                return Ok((rebound, RecKind::Dynamic));
            }
            let public = sorted_by_hash(public, class)?;
            let scopes = this.scopes.class_definition(id.name());
            this.in_scopes(scopes, |this| this.class_definition(ids, id, &public, class, virt))
        })
    }

    fn class_definition(
        &mut self,
        ids: &[Ident],
        id: Ident,
        public: &[Name],
        class: &ClassExpr,
        virt: VirtualFlag,
    ) -> Result<(Lambda, RecKind)> {
        let mut builder = ClassBuilder::new(self.surroundings(), ids.is_empty());
        class_init::bound_variables(class, &mut builder.bound);
        let mut lets = Vec::new();
        self.class_lets(class, &mut lets)?;
        let mut steps = Vec::new();
        self.class_init(&mut builder, class, true, &class_init::Super::default(), &mut steps)?;
        builder.note_uses(&steps);
        let object_init = self.root_object_init(&mut builder, class)?;
        let parts = Parts { ids, id, public, virt, init: close(steps, object_init) };
        match builder.surroundings {
            Surroundings::Once => self.class_made_once(&builder, parts, lets),
            Surroundings::Repeated(_) => {
                let (class, kind) = self.cached_class(&builder, parts)?;
                Ok((self.close_lets(lets, class)?, kind))
            }
        }
    }

    fn close_lets(&mut self, lets: Vec<Bound<'_>>, body: Lambda) -> Result<Lambda> {
        lets.into_iter().rev().try_fold(body, |body, bound| self.close_bindings(bound, body))
    }

    /// The definitions around a class, which are evaluated once, before it.
    fn class_lets<'t>(&mut self, class: &'t ClassExpr, lets: &mut Vec<Bound<'t>>) -> Result<()> {
        match &class.desc {
            ClassExprDesc::Let(flag, bindings, _, body) => {
                lets.push(self.let_bindings(*flag, bindings, false)?);
                self.class_lets(body, lets)
            }
            ClassExprDesc::Open(_, body) => self.class_lets(body, lets),
            _ => Ok(()),
        }
    }

    /// A class that is made once: its code refers to whatever it needs.
    fn class_made_once(
        &mut self,
        builder: &ClassBuilder,
        parts: Parts<'_>,
        lets: Vec<Bound<'_>>,
    ) -> Result<(Lambda, RecKind)> {
        let none = ScopedLocation::none();
        let table = builder.table;
        let Parts { ids, id, public, virt, init } = parts;
        if ids.is_empty() {
            let object_init = Ident::create_local("obj_init".into());
            let object = apply(Lambda::Var(object_init), vec![Lambda::unit()], &none);
            let made = sequence(self.oo_call("init_class", vec![Lambda::Var(table)])?, object);
            let filled = strict(object_init, init, made);
            let object = self.with_table(table, public, filled)?;
            return Ok((self.close_lets(lets, object)?, RecKind::Dynamic));
        }
        if virt == VirtualFlag::Virtual {
            // There is nothing to make objects with.
            let fields = vec![Lambda::unit(), of_table(table, init), Lambda::unit()];
            return Ok((self.close_lets(lets, immutable_block(fields))?, RecKind::Static));
        }
        let class_init = Ident::create_local(format!("{}_init", id.name()).as_str().into());
        // The definitions around the class may mention it too.
        let init = self.close_lets(lets, of_table(table, init))?;
        let free = free_in(&init);
        if !ids.iter().any(|id| free.contains(id)) {
            let class = self.oo_call("make_class", vec![names(public), Lambda::Var(class_init)])?;
            return Ok((strict(class_init, init, class), RecKind::Dynamic));
        }
        // A recursive class has to be a block that is known as one.
        let (table, env_init) = (Ident::create_local("table".into()), Ident::create_local("env_init".into()));
        let fields =
            vec![apply(Lambda::Var(env_init), vec![Lambda::unit()], &none), Lambda::Var(class_init), Lambda::unit()];
        let done = sequence(self.oo_call("init_class", vec![Lambda::Var(table)])?, immutable_block(fields));
        let filled = strict(env_init, apply(Lambda::Var(class_init), vec![Lambda::Var(table)], &none), done);
        Ok((strict(class_init, init, self.with_table(table, public, filled)?), RecKind::Static))
    }

    /// A class whose definition runs several times: its table is made the first time for each
    /// tuple of ancestors, and kept.
    fn cached_class(&mut self, builder: &ClassBuilder, parts: Parts<'_>) -> Result<(Lambda, RecKind)> {
        let none = ScopedLocation::none();
        let Parts { ids, id, public, virt, init } = parts;
        let tables = Ident::create_local(format!("{}_tables", id.name()).as_str().into());
        self.objects.tables.push(tables);
        let (cached, envs) = (Ident::create_local("cached".into()), Ident::create_local("envs".into()));
        let immediate = ids.is_empty();
        let fill = self.fill_cache(builder, cached, Parts { ids, id, public, virt, init })?;
        let made = cached_field(cached, 0);
        let check = Lambda::IfThenElse(Box::new(made.clone()), Box::new(Lambda::unit()), Box::new(fill));
        let needs_env = !builder.inherited.is_empty()
            || !builder.captured_by_methods.is_empty()
            || !builder.captured_by_init.is_empty();
        let env = if needs_env { Lambda::Var(envs) } else { Lambda::unit() };
        let (value, kind) = if immediate {
            (apply(made, vec![env], &none), RecKind::Dynamic)
        } else if virt == VirtualFlag::Virtual {
            (immutable_block(vec![Lambda::unit(), made, env]), RecKind::Static)
        } else {
            let object_init = apply(made, vec![env.clone()], &none);
            (immutable_block(vec![object_init, cached_field(cached, 1), env]), RecKind::Static)
        };
        let value = let_(LetKind::StrictOpt, ValueKind::Generic, envs, builder.environments(), value);
        let lambda = sequence(check, value);
        let keys = builder.keys();
        let lambda = if keys.is_empty() {
            let_(LetKind::Alias, ValueKind::Generic, cached, Lambda::Var(tables), lambda)
        } else {
            let found = self.oo_call("lookup_tables", vec![Lambda::Var(tables), immutable_block(keys)])?;
            strict(cached, found, lambda)
        };
        Ok((lambda, kind))
    }

    /// What runs the first time.
    fn fill_cache(&mut self, builder: &ClassBuilder, cached: Ident, parts: Parts<'_>) -> Result<Lambda> {
        let table = builder.table;
        let Parts { ids, id, public, virt, init } = parts;
        let env_index = self.oo_call("new_variable", vec![Lambda::Var(table), label("")])?;
        let init = let_(LetKind::StrictOpt, ValueKind::Generic, builder.env_index, env_index, init);
        let set = |value| {
            let store = Primitive::SetField(0, Pointerness::Pointer, Initialization::Assignment);
            Lambda::Prim(store, vec![Lambda::Var(cached), value], ScopedLocation::none())
        };
        if ids.is_empty() {
            let env_init = Ident::create_local("env_init".into());
            let done = self.oo_call("init_class", vec![Lambda::Var(table)])?;
            let filled = strict(env_init, init, sequence(done, set(Lambda::Var(env_init))));
            return self.with_table(table, public, filled);
        }
        if virt == VirtualFlag::Virtual {
            return Ok(set(of_table(table, init)));
        }
        let class_init = Ident::create_local(format!("{}_init", id.name()).as_str().into());
        let args = vec![names(public), Lambda::Var(class_init), Lambda::Var(cached)];
        Ok(strict(class_init, of_table(table, init), self.oo_call("make_class_store", args)?))
    }

    /// Makes a table for the body.
    fn with_table(&self, table: Ident, public: &[Name], body: Lambda) -> Result<Lambda> {
        Ok(strict(table, self.oo_call("create_table", vec![names(public)])?, body))
    }

    /// Code in which what the environment holds is read from there.
    fn read_environment(
        &self,
        builder: &ClassBuilder,
        code: &mut Lambda,
        env: Ident,
        first: usize,
        captured: &mut Vec<Ident>,
    ) {
        let Surroundings::Repeated(outside) = &builder.surroundings else { return };
        let mut renaming = Vec::new();
        for id in free_in_order(code) {
            let index = match captured.iter().position(|known| *known == id) {
                Some(index) => index,
                None if builder.bound.contains(&id) || self.objects.tables.contains(&id) || outside.binds(id) => {
                    continue;
                }
                None => {
                    captured.push(id);
                    captured.len() - 1
                }
            };
            renaming.push((id, id.rename(), index));
        }
        rename_free(code, renaming.iter().map(|(id, new, _)| (*id, *new)));
        for (_, new, index) in renaming.into_iter().rev() {
            let read = cached_field(env, first + index);
            *code = let_(LetKind::Alias, ValueKind::Generic, new, read, code.take());
        }
    }
}

/// What the forms of a class are made of.
struct Parts<'p> {
    /// The classes that are defined together; none for an object.
    ids: &'p [Ident],
    id: Ident,
    /// Public methods by ascending hash.
    public: &'p [Name],
    virt: VirtualFlag,
    /// Fills the table; its value initialises objects.
    init: Lambda,
}

impl ClassBuilder {
    fn new(surroundings: Surroundings, immediate: bool) -> ClassBuilder {
        let (table, env_index) = (Ident::create_local("class".into()), Ident::create_local("env".into()));
        ClassBuilder {
            table,
            surroundings,
            bound: HashSet::from([table, env_index]),
            env_index,
            captured_by_methods: Vec::new(),
            captured_by_init: Vec::new(),
            inherited: Vec::new(),
            met: 0,
            used: HashSet::new(),
            immediate,
        }
    }

    fn is_made_once(&self) -> bool {
        matches!(self.surroundings, Surroundings::Once)
    }

    fn note_uses(&mut self, steps: &[Step]) {
        for step in steps {
            let (Step::Let(_, _, lambda) | Step::Do(lambda)) = step;
            self.used.extend(free_in(lambda));
        }
    }

    /// The environment, and those of inherited classes behind it.
    fn environments(&self) -> Lambda {
        let variables = |ids: &[Ident]| ids.iter().map(|id| Lambda::Var(*id)).collect::<Vec<_>>();
        let mut env = match self.captured_by_methods.as_slice() {
            [] => Lambda::unit(),
            ids => immutable_block(variables(ids)),
        };
        if !self.captured_by_init.is_empty() {
            let mut fields = vec![env];
            fields.extend(variables(&self.captured_by_init));
            env = immutable_block(fields);
        }
        if self.inherited.is_empty() {
            return env;
        }
        let mut fields = vec![env];
        fields.extend(self.inherited.iter().map(|inherited| class_field(inherited.class.clone(), 2)));
        immutable_block(fields)
    }

    /// What distinguishes the tables of a class that has inherited from what is not fixed.
    fn keys(&self) -> Vec<Lambda> {
        let Surroundings::Repeated(outside) = &self.surroundings else { return vec![] };
        let varies = |path: &Path| !path.head().is_global() && !outside.binds(path.head());
        let varying = self.inherited.iter().filter(|inherited| varies(&inherited.path));
        varying.map(|inherited| class_field(inherited.class.clone(), 1)).collect()
    }
}

/// Public methods by hash. Two names of one hash are an error.
fn sorted_by_hash(public: &[Name], class: &ClassExpr) -> Result<Vec<Name>> {
    let mut hashed: Vec<(i64, Name)> = public.iter().map(|name| (btype::hash_variant(name), *name)).collect();
    hashed.sort_by_key(|(hash, _)| *hash);
    if let Some([(_, first), (_, second)]) = hashed.array_windows().find(|[(a, _), (b, _)]| a == b) {
        return Err(Error::new(class.loc, ErrorKind::IncompatibleLabels(*second, *first)));
    }
    Ok(hashed.into_iter().map(|(_, name)| name).collect())
}

/// Code that runs steps before its value.
fn close(steps: Vec<Step>, value: Lambda) -> Lambda {
    steps.into_iter().rev().fold(value, |rest, step| match step {
        Step::Let(kind, id, def) => let_(kind, ValueKind::Generic, id, def, rest),
        Step::Do(effect) => sequence(effect, rest),
    })
}

fn strict(id: Ident, def: Lambda, body: Lambda) -> Lambda {
    let_(LetKind::Strict, ValueKind::Generic, id, def, body)
}

fn immutable_block(fields: Vec<Lambda>) -> Lambda {
    make_block(0, Mutability::Immutable, None, fields, &ScopedLocation::none())
}

/// A field of a class.
fn class_field(class: Lambda, index: usize) -> Lambda {
    mutable_field(index, class, Pointerness::Pointer, &ScopedLocation::none())
}

fn cached_field(block: Ident, index: usize) -> Lambda {
    class_field(Lambda::Var(block), index)
}

/// A function of a table.
fn of_table(table: Ident, body: Lambda) -> Lambda {
    plain_function(vec![(table, ValueKind::Generic)], body)
}

fn plain_function(params: Vec<(Ident, ValueKind)>, body: Lambda) -> Lambda {
    function(params, ValueKind::Generic, body, FunctionAttribute::default(), &ScopedLocation::none())
}

/// A function of more parameters, if the body is one already.
fn abstracted(mut params: Vec<(Ident, ValueKind)>, body: Lambda) -> Lambda {
    match body {
        Lambda::Function(mut inner)
            if inner.kind == FunctionKind::Curried && params.len() + inner.params.len() <= MAX_ARITY =>
        {
            params.append(&mut inner.params);
            inner.params = params;
            Lambda::Function(inner)
        }
        body => plain_function(params, body),
    }
}
