//! Keys of small terms, equal when the terms do the same: upstream's `make_key`. Aliases are
//! substituted, most places are left out, other variables that a term binds are numbered.

use crate::lambda::*;
use rocaml_base::Location;
use rocaml_types::Ident;
use std::collections::HashMap;

/// The parts of a term in prefix order.
pub(crate) type Key = Vec<Token>;

/// A part of a key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// A construct, or the end of a list.
    Construct(u8),
    Variable(Ident),
    /// A variable bound within the term.
    Bound(usize),
    Label(StaticLabel),
    Number(i64),
    Constant(StructuredConstant),
    /// The bits of a float: `0.` is not `-0.`.
    Float(u64),
    Primitive(Primitive),
    Text(std::sync::Arc<[u8]>),
    /// Switches at different places are not shared.
    Place(Location),
}

/// Larger terms have no key.
const MAX_SIZE: usize = 32;

/// The key of a term, given what its free variables stand for; none if it is large or not simple.
pub(crate) fn make_key<'l>(lambda: &'l Lambda, aliases: &[(Ident, &'l Lambda)]) -> Option<Key> {
    let mut maker = Maker { key: Vec::new(), size: 0, variables: HashMap::new(), bound: 0 };
    for (id, value) in aliases {
        maker.alias(*id, value)?;
    }
    maker.term(lambda)?;
    Some(maker.key)
}

struct Maker {
    key: Key,
    size: usize,
    /// What variables stand for.
    variables: HashMap<Ident, Key>,
    bound: usize,
}

impl Maker {
    fn construct(&mut self, number: u8) {
        self.key.push(Token::Construct(number));
    }

    fn terms(&mut self, lambdas: &[Lambda]) -> Option<()> {
        for lambda in lambdas {
            self.term(lambda)?;
        }
        self.construct(0);
        Some(())
    }

    fn variable(&mut self, id: Ident) {
        match self.variables.get(&id) {
            Some(key) => self.key.extend_from_slice(&key.clone()),
            None => self.key.push(Token::Variable(id)),
        }
    }

    fn alias(&mut self, id: Ident, value: &Lambda) -> Option<()> {
        let outer = std::mem::take(&mut self.key);
        self.term(value)?;
        let key = std::mem::replace(&mut self.key, outer);
        self.variables.insert(id, key);
        Some(())
    }

    fn bind(&mut self, id: Ident) {
        self.bound += 1;
        self.variables.insert(id, vec![Token::Bound(self.bound)]);
    }

    fn term(&mut self, lambda: &Lambda) -> Option<()> {
        self.size += 1;
        if self.size > MAX_SIZE {
            return None;
        }
        match lambda {
            Lambda::Var(id) | Lambda::MutVar(id) => self.variable(*id),
            // Strings may be told apart by their addresses.
            Lambda::Const(StructuredConstant::String(_)) => return None,
            Lambda::Const(StructuredConstant::Float(value)) => self.key.push(Token::Float(value.to_bits())),
            Lambda::Const(StructuredConstant::Block(_, parts)) if !is_simple(parts) => return None,
            Lambda::Const(StructuredConstant::FloatBlock(_)) => return None,
            Lambda::Const(constant) => self.key.push(Token::Constant(constant.clone())),
            Lambda::Apply(apply) => {
                self.construct(1);
                self.term(&apply.func)?;
                self.terms(&apply.args)?;
            }
            Lambda::Let(LetKind::Alias, _, id, def, body) => {
                self.alias(*id, def)?;
                self.term(body)?;
            }
            Lambda::Let(_, _, id, def, body) if matches!(&**body, Lambda::Var(other) if other == id) => {
                self.term(def)?
            }
            Lambda::Let(kind, _, id, def, body) => {
                self.construct(if *kind == LetKind::Strict { 2 } else { 3 });
                self.term(def)?;
                self.bind(*id);
                self.term(body)?;
            }
            Lambda::MutLet(_, id, def, body) => {
                self.construct(4);
                self.term(def)?;
                self.bind(*id);
                self.term(body)?;
            }
            Lambda::Prim(prim, args, _) => {
                self.key.push(Token::Primitive(prim.clone()));
                self.terms(args)?;
            }
            Lambda::Switch(scrutinee, switch, loc) => {
                self.construct(5);
                self.key.push(Token::Place(loc.loc));
                self.term(scrutinee)?;
                for (n, case) in &switch.consts {
                    self.key.push(Token::Number(*n));
                    self.term(case)?;
                }
                self.construct(0);
                for (n, case) in &switch.blocks {
                    self.key.push(Token::Number(i64::from(*n)));
                    self.term(case)?;
                }
                self.construct(0);
                if let Some(case) = &switch.failaction {
                    self.term(case)?;
                }
                self.construct(0);
            }
            Lambda::StringSwitch(scrutinee, cases, default, _) => {
                self.construct(6);
                self.term(scrutinee)?;
                for (text, case) in cases {
                    self.key.push(Token::Text(text.clone()));
                    self.term(case)?;
                }
                self.construct(0);
                if let Some(case) = default {
                    self.term(case)?;
                }
                self.construct(0);
            }
            Lambda::StaticRaise(label, args) => {
                self.construct(7);
                self.key.push(Token::Label(*label));
                self.terms(args)?;
            }
            Lambda::StaticCatch(body, (label, vars), handler) => {
                self.construct(8);
                self.term(body)?;
                self.key.push(Token::Label(*label));
                self.key.extend(vars.iter().map(|(id, _)| Token::Variable(*id)));
                self.term(handler)?;
            }
            Lambda::TryWith(body, id, handler) => {
                self.construct(9);
                self.term(body)?;
                self.key.push(Token::Variable(*id));
                self.term(handler)?;
            }
            Lambda::IfThenElse(condition, then, otherwise) => {
                self.construct(10);
                self.term(condition)?;
                self.term(then)?;
                self.term(otherwise)?;
            }
            Lambda::Sequence(first, second) => {
                self.construct(11);
                self.term(first)?;
                self.term(second)?;
            }
            Lambda::Assign(id, value) => {
                self.construct(12);
                self.variable(*id);
                self.term(value)?;
            }
            Lambda::Send(kind, method, object, args, _) => {
                self.construct(13);
                self.key.push(Token::Number(*kind as i64));
                self.term(method)?;
                self.term(object)?;
                self.terms(args)?;
            }
            Lambda::LetRec(..) | Lambda::Function(_) | Lambda::For(..) | Lambda::While(..) => return None,
        }
        Some(())
    }
}

/// Whether blocks that are equal need not be told apart.
fn is_simple(parts: &[StructuredConstant]) -> bool {
    parts.iter().all(|part| match part {
        StructuredConstant::String(_) | StructuredConstant::Float(_) | StructuredConstant::FloatBlock(_) => false,
        StructuredConstant::Block(_, parts) => is_simple(parts),
        _ => true,
    })
}

/// What a term raises to, aliases substituted, if that is all it does.
pub(crate) fn raise_of(lambda: &Lambda) -> Option<(StaticLabel, Vec<Lambda>)> {
    let mut aliases: Vec<(Ident, &Lambda)> = Vec::new();
    let mut rest = lambda;
    while let Lambda::Let(LetKind::Alias, _, id, def, body) = rest {
        aliases.push((*id, def));
        rest = body;
    }
    let Lambda::StaticRaise(label, args) = rest else { return None };
    let args = args.iter().map(|arg| {
        let mut arg = arg.clone();
        for (id, value) in aliases.iter().rev() {
            substitute(*id, value, &mut arg);
        }
        arg
    });
    Some((*label, args.collect()))
}

fn substitute(id: Ident, value: &Lambda, lambda: &mut Lambda) {
    match lambda {
        Lambda::Var(other) if *other == id => *lambda = value.clone(),
        other => other.parts_mut(&mut |_, part| substitute(id, value, part)),
    }
}

/// The handler that a term does nothing but raise to.
pub(crate) fn as_simple_exit(lambda: &Lambda) -> Option<StaticLabel> {
    match lambda {
        Lambda::StaticRaise(label, args) if args.is_empty() => Some(*label),
        Lambda::Let(LetKind::Alias, _, _, _, body) => as_simple_exit(body),
        _ => None,
    }
}

/// Whether terms do all the same; none if they do not.
pub(crate) fn same_actions<'l>(actions: impl IntoIterator<Item = &'l Lambda>) -> bool {
    let mut actions = actions.into_iter();
    let Some(first) = actions.next() else { return false };
    let mut rest = actions.peekable();
    if rest.peek().is_none() {
        return true;
    }
    let Some(key) = make_key(first, &[]) else { return false };
    rest.all(|action| make_key(action, &[]).as_ref() == Some(&key))
}
