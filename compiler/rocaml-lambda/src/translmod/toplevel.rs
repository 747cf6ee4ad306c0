//! Phrases of a toplevel session, gathered into one unit.
//!
//! Definitions of a phrase are variables around all later phrases. A support unit is told of each phrase: that it
//! starts, then that it finished, with its values, or that it raised an exception. Its first three fields are the
//! functions for these: `starting : int -> unit`, `finished : Obj.t array -> unit`, `raised : exn -> unit`.

use super::structure::Frame;
use super::toplevel_root;
use crate::error::Result;
use crate::lambda::*;
use crate::tail_mod_cons;
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

/// Translates one phrase for what that may complain of.
pub fn check_phrase(cx: &Context, unit: Name, structure: &Structure, options: &Options) -> Result<()> {
    let mut translator = Translator::new(cx, unit, options);
    let mut frames = Vec::new();
    translator.items(&structure.items, Some(&toplevel_root()), &mut frames, &mut None)?;
    let mut code = translator.close_frames(frames, Lambda::unit())?;
    tail_mod_cons::rewrite(cx, &mut code)
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
    let mut code = Lambda::TryWith(Box::new(code), exception, Box::new(told));
    tail_mod_cons::rewrite(cx, &mut code)?;
    let mut required_globals = vec![support];
    for used in translator.used_units.drain(..) {
        super::unit::add_unit(&mut required_globals, used);
    }
    super::unit::referenced_units(&code, &mut required_globals);
    Ok(Program { unit, code, module_block_size: 0, exported_size: 0, required_globals })
}

impl Translator<'_> {
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
    match &item.desc {
        StructureItemDesc::Eval(expression, _) => Some(expression),
        StructureItemDesc::Value(rocaml_syntax::asttypes::RecFlag::Nonrecursive, bindings) => match &bindings[..] {
            [binding] if matches!(binding.pat.desc, PatternDesc::Any) => Some(&binding.expr),
            _ => None,
        },
        _ => None,
    }
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
