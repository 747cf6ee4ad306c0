//! What can be done with a term: code that returns its value, or code that stores it.

use crate::error::ErrorKind;
use crate::lambda::*;
use crate::map::Position;
use crate::translator::let_;
use rocaml_base::Location;
use rocaml_types::Ident;

/// A call that becomes a tail call, if its value is to be stored.
pub(super) struct TmcCall {
    pub loc: Location,
    /// It is asked for by `[@tailcall]`.
    pub explicit: bool,
}

/// A term in the tail of a marked function, or an argument of a constructor.
pub(super) struct Choice {
    pub code: Code,
    pub calls: Vec<TmcCall>,
    pub explicit: bool,
    /// Storing makes more of the calls tail calls than returning.
    pub benefits: bool,
    /// In how many places constructors around it would be applied.
    pub uses: usize,
}

pub(super) enum Code {
    /// A term that does not become another.
    Leaf(Lambda),
    OtherCall {
        apply: Apply,
        direct: Apply,
    },
    /// A call of a marked function, with its other version and all arguments.
    Call {
        apply: Apply,
        dps: Ident,
        args: Vec<Lambda>,
    },
    /// A constructor with a hole.
    Block {
        constructor: Constructor,
        inner: Box<Choice>,
    },
    /// Several arguments of a constructor could be its hole.
    Ambiguous {
        block: Lambda,
        args: Vec<Choice>,
        error: ErrorKind,
    },
    /// The value is that of one of the parts, which were taken out of the shell.
    Parts {
        shell: Lambda,
        parts: Vec<Choice>,
    },
}

/// A block with a hole.
#[derive(Clone)]
pub(super) struct Constructor {
    pub prim: Primitive,
    pub before: Vec<Lambda>,
    pub after: Vec<Lambda>,
    pub loc: ScopedLocation,
}

/// Where a value is stored.
pub(super) struct Destination {
    pub var: Ident,
    pub offset: Lambda,
    pub loc: ScopedLocation,
}

/// What holes hold until they are filled: easily recognised in a debugger.
const PLACEHOLDER: i64 = 0xBBBB / 2;

impl Choice {
    pub fn leaf(lambda: Lambda) -> Choice {
        Choice { code: Code::Leaf(lambda), calls: Vec::new(), explicit: false, benefits: false, uses: 1 }
    }

    pub fn other_call(apply: Apply, direct: Apply) -> Choice {
        let code = Code::OtherCall { apply, direct };
        Choice { code, calls: Vec::new(), explicit: false, benefits: false, uses: 1 }
    }

    pub fn call(apply: Apply, dps: Ident, args: Vec<Lambda>, call: TmcCall) -> Choice {
        let explicit = call.explicit;
        Choice { code: Code::Call { apply, dps, args }, calls: vec![call], explicit, benefits: true, uses: 1 }
    }

    pub fn block(constructor: Constructor, mut inner: Choice) -> Choice {
        let calls = std::mem::take(&mut inner.calls);
        let (explicit, uses) = (inner.explicit, inner.uses.min(1));
        // With a destination or without, the hole is one.
        Choice { code: Code::Block { constructor, inner: Box::new(inner) }, calls, explicit, benefits: false, uses }
    }

    pub fn ambiguous(block: Lambda, mut args: Vec<Choice>, error: ErrorKind) -> Choice {
        let calls = args.iter_mut().flat_map(|arg| std::mem::take(&mut arg.calls)).collect();
        let explicit = args.iter().any(|arg| arg.explicit);
        let benefits = args.iter().any(|arg| arg.benefits);
        Choice { code: Code::Ambiguous { block, args, error }, calls, explicit, benefits, uses: 1 }
    }

    pub fn of_parts(shell: Lambda, mut parts: Vec<Choice>) -> Choice {
        let calls = parts.iter_mut().flat_map(|part| std::mem::take(&mut part.calls)).collect();
        let explicit = parts.iter().any(|part| part.explicit);
        let benefits = parts.iter().any(|part| part.benefits);
        let uses = parts.iter().map(|part| part.uses).sum();
        Choice { code: Code::Parts { shell, parts }, calls, explicit, benefits, uses }
    }
}

impl Constructor {
    /// The block.
    pub fn apply(&self, value: Lambda) -> Lambda {
        self.make(self.prim.clone(), value)
    }

    fn make(&self, prim: Primitive, value: Lambda) -> Lambda {
        let args = self.before.iter().cloned().chain([value]).chain(self.after.iter().cloned()).collect();
        Lambda::Prim(prim, args, self.loc.clone())
    }

    /// Makes the block with a hole, which is then a destination.
    pub fn with_placeholder(&self, body: impl FnOnce(&Destination) -> Lambda) -> Lambda {
        let mut prim = self.prim.clone();
        if let Primitive::MakeBlock(_, mutability, _) = &mut prim {
            *mutability = Mutability::Mutable;
        }
        let block = self.make(prim, Lambda::int(PLACEHOLDER));
        let var = Ident::create_local("block".into());
        let dst = Destination { var, offset: Lambda::int(self.before.len() as i64), loc: self.loc.clone() };
        let_(LetKind::Strict, ValueKind::Generic, var, block, body(&dst))
    }

    /// Evaluates the arguments now, so that the block can be made later. `number` tells the
    /// variables of nested constructors apart.
    pub fn delay_impure(&self, number: usize, body: impl FnOnce(Constructor) -> Lambda) -> Lambda {
        let mut bindings = Vec::new();
        let mut delay = |(index, arg): (usize, &Lambda)| match arg {
            Lambda::Var(_) | Lambda::Const(_) => arg.clone(),
            arg => {
                let id = Ident::create_local(format!("block{number}_arg{index}").as_str().into());
                bindings.push((id, arg.clone()));
                Lambda::Var(id)
            }
        };
        let before: Vec<Lambda> = self.before.iter().enumerate().map(&mut delay).collect();
        let offset = before.len() + 1;
        let after = self.after.iter().enumerate().map(|(index, arg)| delay((offset + index, arg))).collect();
        let body = body(Constructor { before, after, ..self.clone() });
        let bind = |body: Lambda, (id, def): (Ident, Lambda)| let_(LetKind::Strict, ValueKind::Generic, id, def, body);
        bindings.into_iter().rev().fold(body, bind)
    }
}

impl Destination {
    /// Stores a value within constructors, the innermost of which is the last.
    pub fn store(&self, constructors: &[Constructor], value: Lambda) -> Lambda {
        let value = constructors.iter().rev().fold(value, |value, constructor| constructor.apply(value));
        let prim = Primitive::SetFieldComputed(Pointerness::Pointer, Initialization::HeapInitialization);
        Lambda::Prim(prim, vec![Lambda::Var(self.var), self.offset.clone(), value], self.loc.clone())
    }
}

/// Calls `f` on each part of a term, saying whether the value of the term may be its.
pub(super) fn each_part(lambda: &mut Lambda, f: &mut dyn FnMut(bool, &mut Lambda)) {
    let is_value = match lambda {
        Lambda::TryWith(..) | Lambda::Prim(Primitive::Opaque, ..) => true,
        _ => false,
    };
    lambda.parts_mut(&mut |position, part| f(is_value || position == Position::Tail, part));
}

/// The term whose values are these parts.
pub(super) fn with_parts(mut shell: Lambda, parts: Vec<Lambda>) -> Lambda {
    let mut parts = parts.into_iter();
    each_part(&mut shell, &mut |is_value, part| {
        if is_value && let Some(value) = parts.next() {
            *part = value;
        }
    });
    shell
}

/// A block with these arguments.
pub(super) fn with_arguments(block: Lambda, arguments: Vec<Lambda>) -> Lambda {
    match block {
        Lambda::Prim(prim, _, loc) => Lambda::Prim(prim, arguments, loc),
        other => other,
    }
}
