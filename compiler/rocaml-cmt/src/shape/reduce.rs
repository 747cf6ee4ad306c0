//! Reduction: functors applied and parts taken. Upstream's `Shape_reduce`.
//!
//! Call by need, under binders too. Results are kept by term and environment, as what functors make of their
//! arguments repeats itself.

use super::{Desc, Part, Shape, Table};
use rocaml_base::Name;
use rocaml_types::{Ident, Uid};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// How often a variable may be replaced by what the environment says of it.
const FUEL: u32 = 10;

/// What a path comes down to.
pub enum Resolution {
    Resolved(Uid),
    /// An alias, and what it stands for.
    Alias(Uid, Box<Resolution>),
    /// What another unit's shape decides.
    Unresolved(Rc<Shape>),
    Approximated(Option<Uid>),
    MissingUid,
}

/// What the parameters of functors stand for; nothing under a functor that is not applied.
type Env = Option<Rc<EnvNode>>;

struct EnvNode {
    var: Ident,
    value: Option<Thunk>,
    next: Env,
}

/// A shape to be reduced.
#[derive(Clone)]
struct Thunk(Env, Rc<Shape>);

/// A shape in normal form, lazily within.
#[derive(Clone)]
struct Normal {
    uid: Option<Uid>,
    desc: NormalDesc,
    approximated: bool,
}

#[derive(Clone)]
enum NormalDesc {
    Var(Ident),
    App(Rc<Normal>, Rc<Normal>),
    Abs { env: Env, var: Ident, body: Rc<Shape>, reduced: Thunk },
    Struct(Rc<BTreeMap<Part, Thunk>>),
    Alias(Thunk),
    Proj(Rc<Normal>, Part),
    Leaf,
    CompUnit(Name),
    Error(&'static str),
}

fn address(env: &Env) -> usize {
    env.as_ref().map_or(0, |node| Rc::as_ptr(node) as usize)
}

/// What has been reduced. The keys are addresses: what they point to is kept with the results.
#[derive(Default)]
pub(super) struct Memo {
    reduced: HashMap<(usize, usize), (Thunk, Rc<Normal>)>,
    read_back: HashMap<usize, (Rc<Normal>, Rc<Shape>)>,
    /// Environments, so that equal ones are one.
    envs: HashMap<(Ident, Option<(usize, usize)>, usize), Rc<EnvNode>>,
}

/// What the environment says of a variable.
pub(super) type Lookup<'a> = &'a mut dyn FnMut(&mut Table, Ident) -> Option<Rc<Shape>>;

pub(super) struct Reducer<'a> {
    pub table: &'a mut Table,
    pub memo: &'a mut Memo,
    lookup: Lookup<'a>,
    fuel: i64,
}

impl<'a> Reducer<'a> {
    pub fn new(table: &'a mut Table, memo: &'a mut Memo, lookup: Lookup<'a>) -> Reducer<'a> {
        Reducer { table, memo, lookup, fuel: i64::from(FUEL) }
    }

    /// The shape reduced everywhere.
    pub fn whole(&mut self, of: &Rc<Shape>) -> Rc<Shape> {
        let normal = self.reduce(&None, of);
        self.read_back(&normal)
    }

    /// What the shape is of.
    pub fn resolve(&mut self, of: &Rc<Shape>) -> Resolution {
        let normal = self.reduce(&None, of);
        if is_stuck_on_unit(&normal) {
            return Resolution::Unresolved(self.read_back(&normal));
        }
        self.through_aliases(&normal)
    }

    fn through_aliases(&mut self, of: &Normal) -> Resolution {
        match (of.uid, &of.desc) {
            (uid, _) if of.approximated => Resolution::Approximated(uid),
            (Some(uid), NormalDesc::Alias(inner)) => {
                let inner = self.force(inner);
                Resolution::Alias(uid, Box::new(self.through_aliases(&inner)))
            }
            (Some(uid), _) => Resolution::Resolved(uid),
            (None, _) => Resolution::MissingUid,
        }
    }

    fn bind(&mut self, env: &Env, var: Ident, value: Option<Thunk>) -> Env {
        let of_value = value.as_ref().map(|Thunk(env, shape)| (address(env), Rc::as_ptr(shape) as usize));
        let make = || Rc::new(EnvNode { var, value, next: env.clone() });
        Some(self.memo.envs.entry((var, of_value, address(env))).or_insert_with(make).clone())
    }

    fn force(&mut self, Thunk(env, shape): &Thunk) -> Rc<Normal> {
        self.reduce(env, shape)
    }

    fn reduce(&mut self, env: &Env, of: &Rc<Shape>) -> Rc<Normal> {
        let key = (address(env), Rc::as_ptr(of) as usize);
        if let Some((_, normal)) = self.memo.reduced.get(&key) {
            return normal.clone();
        }
        let normal = self.reduce_now(env, of);
        self.memo.reduced.insert(key, (Thunk(env.clone(), of.clone()), normal.clone()));
        normal
    }

    fn behind_aliases(&mut self, mut of: Rc<Normal>) -> Rc<Normal> {
        while let NormalDesc::Alias(inner) = &of.desc {
            let inner = inner.clone();
            of = self.force(&inner);
        }
        of
    }

    fn reduce_now(&mut self, env: &Env, of: &Rc<Shape>) -> Rc<Normal> {
        let done = |desc| Rc::new(Normal { uid: of.uid, desc, approximated: of.approximated });
        // A new binding gives its own identity.
        let renamed = |normal: Rc<Normal>| match of.uid {
            None => normal,
            uid => Rc::new(Normal { uid, ..(*normal).clone() }),
        };
        if self.fuel < 0 {
            return Rc::new(Normal { uid: of.uid, desc: NormalDesc::Error("NoFuelLeft"), approximated: true });
        }
        match &of.desc {
            Desc::CompUnit(name) => done(NormalDesc::CompUnit(*name)),
            Desc::App(f, arg) => {
                let f = self.reduce(env, f);
                let f = self.behind_aliases(f);
                match &f.desc {
                    NormalDesc::Abs { env: closure, var, body, .. } => {
                        let inner = self.bind(closure, *var, Some(Thunk(env.clone(), arg.clone())));
                        renamed(self.reduce(&inner, body))
                    }
                    _ => {
                        let arg = self.reduce(env, arg);
                        done(NormalDesc::App(f, arg))
                    }
                }
            }
            Desc::Proj(inner, part) => {
                let inner = self.reduce(env, inner);
                let inner = self.behind_aliases(inner);
                match &inner.desc {
                    NormalDesc::Struct(parts) if parts.contains_key(part) => renamed(self.force(&parts[part])),
                    _ => done(NormalDesc::Proj(inner, *part)),
                }
            }
            Desc::Abs(var, body) => {
                let inner = self.bind(env, *var, None);
                let reduced = Thunk(inner, body.clone());
                done(NormalDesc::Abs { env: env.clone(), var: *var, body: body.clone(), reduced })
            }
            Desc::Var(id) => self.variable(env, of, *id).unwrap_or_else(|| done(NormalDesc::Var(*id))),
            Desc::Leaf => done(NormalDesc::Leaf),
            Desc::Struct(parts) => {
                let parts = parts.iter().map(|(part, shape)| (*part, Thunk(env.clone(), shape.clone()))).collect();
                done(NormalDesc::Struct(Rc::new(parts)))
            }
            Desc::Alias(inner) => done(NormalDesc::Alias(Thunk(env.clone(), inner.clone()))),
            Desc::Error(text) => Rc::new(Normal { uid: of.uid, desc: NormalDesc::Error(text), approximated: true }),
        }
    }

    /// What a variable stands for; nothing if it stays.
    fn variable(&mut self, env: &Env, of: &Rc<Shape>, id: Ident) -> Option<Rc<Normal>> {
        let mut rest = env;
        while let Some(node) = rest {
            if node.var == id {
                let value = self.force(&node.value.clone()?);
                return Some(match value.uid {
                    Some(_) => value,
                    None => Rc::new(Normal { uid: of.uid, ..(*value).clone() }),
                });
            }
            rest = &node.next;
        }
        let found = (self.lookup)(self.table, id)?;
        if Rc::ptr_eq(&found, of) {
            return None;
        }
        self.fuel -= 1;
        Some(self.reduce(env, &found))
    }

    fn read_back(&mut self, of: &Rc<Normal>) -> Rc<Shape> {
        let key = Rc::as_ptr(of) as usize;
        if let Some((_, shape)) = self.memo.read_back.get(&key) {
            return shape.clone();
        }
        let desc = match &of.desc {
            NormalDesc::Var(id) => Desc::Var(*id),
            NormalDesc::App(f, arg) => Desc::App(self.read_back(f), self.read_back(arg)),
            NormalDesc::Abs { var, reduced, .. } => Desc::Abs(*var, self.read_thunk(reduced)),
            NormalDesc::Struct(parts) => {
                Desc::Struct(parts.iter().map(|(part, thunk)| (*part, self.read_thunk(thunk))).collect())
            }
            NormalDesc::Alias(inner) => Desc::Alias(self.read_thunk(inner)),
            NormalDesc::Proj(inner, part) => Desc::Proj(self.read_back(inner), *part),
            NormalDesc::Leaf => Desc::Leaf,
            NormalDesc::CompUnit(name) => Desc::CompUnit(*name),
            NormalDesc::Error(text) => Desc::Error(text),
        };
        let shape = self.table.intern(Shape { uid: of.uid, desc, approximated: of.approximated });
        self.memo.read_back.insert(key, (of.clone(), shape.clone()));
        shape
    }

    fn read_thunk(&mut self, thunk: &Thunk) -> Rc<Shape> {
        let normal = self.force(thunk);
        self.read_back(&normal)
    }
}

fn is_stuck_on_unit(of: &Normal) -> bool {
    match &of.desc {
        NormalDesc::App(inner, _) | NormalDesc::Proj(inner, _) => is_stuck_on_unit(inner),
        NormalDesc::CompUnit(_) => true,
        _ => false,
    }
}
