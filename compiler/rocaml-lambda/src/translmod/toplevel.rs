//! Phrases of a toplevel session, gathered into one unit.
//!
//! Definitions of a phrase are variables around all later phrases. A support unit is told of each phrase: that it
//! starts, then that it finished, with its values, or that it raised an exception. Its first three fields are the
//! functions for these: `starting : int -> unit`, `finished : Obj.t array -> unit`, `raised : exn -> unit`.

use super::structure::Frame;
use super::toplevel_root;
use crate::error::Result;
use crate::free_variables::free_in_order;
use crate::lambda::*;
use crate::translator::{Options, Translator, apply, let_, sequence};
use rocaml_base::Name;
use rocaml_types::Ident;
use rocaml_types::context::Context;
use rocaml_typing::typedtree::*;

/// A typed phrase.
#[derive(Clone, Debug)]
pub struct Phrase {
    /// What the support unit is told to identify it.
    pub number: usize,
    pub structure: Structure,
    pub result: PhraseResult,
}

/// What is to be known of a phrase.
#[derive(Clone, Debug)]
pub enum PhraseResult {
    /// The value of its only expression.
    Expression,
    /// The values and the extension constructors that it defines.
    Values(Vec<Ident>),
    /// It is known to raise an exception: nothing that it defines is seen later.
    Exception,
}

const STARTING: usize = 0;
const FINISHED: usize = 1;
const RAISED: usize = 2;

/// Translates one phrase by itself, for what that may complain of and to be shown: upstream's
/// `transl_toplevel_definition`. What it defines goes to the table of the toplevel; what other phrases defined comes
/// from there.
pub fn transl_phrase(cx: &Context, unit: Name, structure: &Structure, options: &Options) -> Result<Program> {
    let mut translator = Translator::new(cx, unit, options);
    let items: Result<Vec<Lambda>> = structure.items.iter().map(|item| translator.toplevel_item(item)).collect();
    let code = items?.into_iter().rev().reduce(|rest, item| sequence(item, rest));
    let code = code.unwrap_or_else(Lambda::unit);
    Ok(Program { unit, code, module_block_size: 0, exported_size: 0, required_globals: Vec::new() })
}

/// A unit that evaluates the phrases in sequence. `support` is the unit that is told of them.
pub fn transl_phrases(
    cx: &Context,
    unit: Name,
    phrases: &[Phrase],
    support: Name,
    options: &Options,
) -> Result<Program> {
    let mut translator = Translator::new(cx, unit, options);
    let code = translator.phrases(phrases, support)?;
    // What escapes from a definition ends the session.
    let exception = Ident::create_local("exn".into());
    let told = tell(support, RAISED, Lambda::Var(exception));
    let code = Lambda::TryWith(Box::new(code), exception, Box::new(told));
    let mut required_globals = vec![support];
    for used in translator.used_units.drain(..) {
        super::unit::add_unit(&mut required_globals, used);
    }
    super::unit::referenced_units(&code, &mut required_globals);
    Ok(Program { unit, code, module_block_size: 0, exported_size: 0, required_globals })
}

impl Translator<'_> {
    fn toplevel_item(&mut self, item: &StructureItem) -> Result<Lambda> {
        let mut frames = Vec::new();
        let code = match evaluated(item) {
            Some(expression) => self.exp(expression)?,
            None => {
                let ids = self.items(std::slice::from_ref(item), Some(&toplevel_root()), &mut frames, &mut None)?;
                // What is stored at once needs no name.
                let at_once = matches!(item.desc, StructureItemDesc::Exception(_) | StructureItemDesc::Module(_));
                if at_once
                    && let Some(Frame::Let(_, id, value)) = frames.pop_if(|frame| matches!(frame, Frame::Let(..)))
                {
                    let code = self.close_frames(frames, toploop(1, vec![name_of(id), value]))?;
                    return Ok(fetching(code));
                }
                let stored = ids.into_iter().map(stored).rev().reduce(|rest, id| sequence(id, rest));
                stored.unwrap_or_else(Lambda::unit)
            }
        };
        let code = self.close_frames(frames, code)?;
        let tables = self.class_tables(&mut None);
        Ok(fetching(self.close_frames(tables, code)?))
    }

    fn phrases(&mut self, phrases: &[Phrase], support: Name) -> Result<Lambda> {
        let mut frames = Vec::new();
        for phrase in phrases {
            let number = i64::try_from(phrase.number).expect("phrases are counted");
            frames.push(Frame::Sequence(tell(support, STARTING, Lambda::int(number))));
            match &phrase.result {
                PhraseResult::Expression => {
                    let value = match only_expression(&phrase.structure) {
                        Some(expression) => self.exp(expression)?,
                        None => Lambda::unit(),
                    };
                    let id = Ident::create_local("value".into());
                    let finished = tell(support, FINISHED, values(&[id]));
                    let told = let_(LetKind::Strict, ValueKind::Generic, id, value, finished);
                    frames.push(Frame::Sequence(guarded(support, told)));
                }
                PhraseResult::Values(ids) => {
                    self.items(&phrase.structure.items, Some(&toplevel_root()), &mut frames, &mut None)?;
                    frames.push(Frame::Sequence(tell(support, FINISHED, values(ids))));
                }
                PhraseResult::Exception => {
                    let mut inner = Vec::new();
                    self.items(&phrase.structure.items, Some(&toplevel_root()), &mut inner, &mut None)?;
                    let code = self.close_frames(inner, tell(support, FINISHED, values(&[])))?;
                    frames.push(Frame::Sequence(guarded(support, code)));
                }
            }
        }
        let code = self.close_frames(frames, Lambda::unit())?;
        let tables = self.class_tables(&mut None);
        self.close_frames(tables, code)
    }
}

/// The expression that a phrase consists of: `e;;` or `let _ = e;;`.
pub fn only_expression(structure: &Structure) -> Option<&Expression> {
    let [item] = structure.items.as_slice() else { return None };
    evaluated(item)
}

fn evaluated(item: &StructureItem) -> Option<&Expression> {
    match &item.desc {
        StructureItemDesc::Eval(expression, _) => Some(expression),
        StructureItemDesc::Value(rocaml_syntax::asttypes::RecFlag::Nonrecursive, bindings) => match &bindings[..] {
            [binding] if matches!(binding.pat.desc, PatternDesc::Any) => Some(&binding.expr),
            _ => None,
        },
        _ => None,
    }
}

/// A call of a function of upstream's toplevel: 0 reads a name, 1 defines it.
fn toploop(function: usize, arguments: Vec<Lambda>) -> Lambda {
    let place = ScopedLocation::none();
    let unit = Lambda::Prim(Primitive::GetGlobal(Name::new("Toploop")), vec![], place.clone());
    let info = FieldInfo { mutability: Mutability::Mutable, pointerness: Pointerness::Pointer };
    apply(Lambda::Prim(Primitive::Field(function, info), vec![unit], place.clone()), arguments, &place)
}

fn name_of(id: Ident) -> Lambda {
    Lambda::Const(StructuredConstant::String(id.name().as_str().as_bytes().into()))
}

fn stored(id: Ident) -> Lambda {
    toploop(1, vec![name_of(id), Lambda::Var(id)])
}

/// The code with what is defined elsewhere read first.
fn fetching(code: Lambda) -> Lambda {
    let mut free = free_in_order(&code);
    free.sort();
    free.into_iter()
        .fold(code, |code, id| let_(LetKind::Strict, ValueKind::Generic, id, toploop(0, vec![name_of(id)]), code))
}

fn tell(support: Name, function: usize, argument: Lambda) -> Lambda {
    let place = ScopedLocation::none();
    let function = Lambda::Prim(Primitive::GetGlobalField(support, function), vec![], place.clone());
    apply(function, vec![argument], &place)
}

fn values(ids: &[Ident]) -> Lambda {
    if ids.is_empty() {
        return Lambda::Const(StructuredConstant::Block(0, [].into()));
    }
    let fields = ids.iter().map(|id| Lambda::Var(*id)).collect();
    Lambda::Prim(Primitive::MakeArray(ArrayKind::Addr, Mutability::Immutable), fields, ScopedLocation::none())
}

fn guarded(support: Name, code: Lambda) -> Lambda {
    let exception = Ident::create_local("exn".into());
    let told = tell(support, RAISED, Lambda::Var(exception));
    // The result of a phrase is nothing to the others.
    sequence(Lambda::TryWith(Box::new(code), exception, Box::new(told)), Lambda::unit())
}
