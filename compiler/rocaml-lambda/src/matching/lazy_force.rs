//! Forcing in place.

use crate::lambda::*;
use crate::translator::{Translator, let_};
use rocaml_types::Ident;

const FORCING_TAG: i64 = 244;
const LAZY_TAG: i64 = 246;
const FORWARD_TAG: i64 = 250;

impl Translator<'_> {
    /// Forces a value: the start of `Lazy.force` in place, which calls only for a suspension.
    pub(crate) fn inline_lazy_force(&mut self, value: Lambda, loc: &ScopedLocation) -> Lambda {
        let force = self.lazy_force_function();
        lazy_force(value, &force, loc, self.cx.options.native_code)
    }
}

/// See [`Translator::inline_lazy_force`].
fn lazy_force(value: Lambda, force_function: &Lambda, loc: &ScopedLocation, native: bool) -> Lambda {
    let id = Ident::create_local("lzarg".into());
    let var = || Lambda::Var(id);
    let call = || {
        Lambda::Apply(Box::new(Apply {
            func: force_function.clone(),
            // Nothing may be assumed of what it becomes.
            args: vec![Lambda::Prim(Primitive::Opaque, vec![var()], loc.clone())],
            loc: loc.clone(),
            tailcall: TailcallAttribute::Default,
            inlined: InlineAttribute::Default,
        }))
    };
    let if_ = |condition: Lambda, then: Lambda, otherwise: Lambda| {
        Lambda::IfThenElse(Box::new(condition), Box::new(then), Box::new(otherwise))
    };
    let mutable = FieldInfo { mutability: Mutability::Mutable, pointerness: Pointerness::Pointer };
    let forwarded = Lambda::Prim(Primitive::Field(0, mutable), vec![var()], loc.clone());
    let tag = Lambda::Prim(crate::translprim::c_call("caml_obj_tag", 1, false), vec![var()], loc.clone());
    let body = if native {
        let switch = Switch {
            num_consts: 256,
            consts: vec![(FORWARD_TAG, forwarded), (LAZY_TAG, call()), (FORCING_TAG, call())],
            num_blocks: 0,
            blocks: vec![],
            failaction: Some(var()),
        };
        let is_int = Lambda::Prim(Primitive::IsInt, vec![var()], loc.clone());
        if_(is_int, var(), Lambda::Switch(Box::new(tag), Box::new(switch), loc.clone()))
    } else {
        // A table of all tags would be large.
        let tag_id = Ident::create_local("tag".into());
        let is = |tag: i64| {
            let args = vec![Lambda::Var(tag_id), Lambda::int(tag)];
            Lambda::Prim(Primitive::IntComp(Comparison::Eq), args, loc.clone())
        };
        let suspended = Lambda::Prim(Primitive::SequOr, vec![is(LAZY_TAG), is(FORCING_TAG)], loc.clone());
        let tests = if_(is(FORWARD_TAG), forwarded, if_(suspended, call(), var()));
        let_(LetKind::Alias, ValueKind::Generic, tag_id, tag, tests)
    };
    let_(LetKind::Strict, ValueKind::Generic, id, value, body)
}
