//! Method calls.
//!
//! A method of the object at hand is found by its index in the array of methods. A public method of
//! any object is found by its tag: a binary search, behind a cache for each place of the program.
//! The cache is a word with the place of the last hit, as the byte offset of its pair from the
//! array's third word, tagged. The mask in the array makes any such offset safe to read at, so that
//! domains may share the word without order between them.

use super::Generator;
use super::build::*;
use crate::clambda::{Debug as Place, Expr as Clambda};
use crate::cmm::{Chunk, DataItem, Debug, Expr, IntCompare, Op, Type, VarId};
use rocaml_base::Name;
use rocaml_lambda::lambda::MethodKind;

/// Offsets in a closure of several parameters (ABI §1), and where the arity stands in its word.
const CLOSURE_INFO: i32 = 8;
const CLOSURE_CODE: i32 = 16;
const ARITY_SHIFT: i64 = 56;
/// Offset of the mask in an array of methods.
const MASK: i32 = 8;
/// Offsets of a method and of its tag from the (tagged) position that caches hold.
const METHOD: i64 = 2 * 8 - 1;
const TAG: i64 = 3 * 8 - 1;

impl Generator<'_> {
    pub(super) fn send(
        &mut self,
        kind: MethodKind,
        method: &Clambda,
        object: &Clambda,
        args: &[Clambda],
        place: &Place,
    ) -> Expr {
        let debug = self.debug(place);
        let method = self.transl(method);
        let object = self.transl(object);
        let mut args = self.transl_list(args);
        self.bind(object, Type::Val, |this, object| {
            let function = match kind {
                MethodKind::Self_ => {
                    let methods = load(Chunk::WordVal, true, object.clone(), 0);
                    load_at(Chunk::WordVal, true, methods, word_offset(method))
                }
                MethodKind::Public if !this.repeated => this.search(object.clone(), method),
                MethodKind::Public => {
                    let cache = this.new_cache();
                    let noted = load(Chunk::WordInt, true, code_symbol(cache), 0);
                    this.cached_method(object.clone(), method, noted, code_symbol(cache))
                }
                MethodKind::Cached => {
                    let position = args.remove(1);
                    let cache = args.remove(0);
                    return this.bind(cache, Type::Val, |this, cache| {
                        this.bind(position, Type::Int, |this, position| {
                            let offset = word_offset(position);
                            let noted = load_at(Chunk::WordInt, true, cache.clone(), offset.clone());
                            let address = add(op1(Op::ValAsInt, cache), offset);
                            let function = this.cached_method(object.clone(), method, noted, address);
                            this.apply_method(function, object, args, debug)
                        })
                    });
                }
            };
            this.apply_method(function, object, args, debug)
        })
    }

    /// Calls a method. One of several parameters nearly always takes what it is given: that is
    /// tested in place.
    fn apply_method(&mut self, function: Expr, object: Expr, args: Vec<Expr>, debug: Debug) -> Expr {
        if args.is_empty() || !self.repeated {
            let mut all = vec![object];
            all.extend(args);
            return self.apply(function, all, debug);
        }
        // Right to left, and before the method is looked up: less lives across their evaluation.
        let names: Vec<VarId> = args.iter().map(|_| self.fresh_var()).collect();
        let mut all = vec![object];
        all.extend(names.iter().map(|name| Expr::Var(*name)));
        let call = self.bind(function, Type::Val, |this, function| {
            let info = load(Chunk::WordInt, false, function.clone(), CLOSURE_INFO);
            let arity = op2(Op::Asri, info, int(ARITY_SHIFT));
            let fits = compare(IntCompare::Eq, arity, int(all.len() as i64));
            let code = load(Chunk::WordInt, false, function.clone(), CLOSURE_CODE);
            let general = this.apply(function.clone(), all.clone(), debug.clone());
            all.push(function);
            Expr::If(Box::new(fits), Box::new(indirect_call(code, all, debug)), Box::new(general))
        });
        // The last is evaluated first.
        let bind = |call, (name, arg)| Expr::Let(name, Type::Val, Box::new(arg), Box::new(call));
        names.into_iter().zip(args).fold(call, bind)
    }

    /// A method found without a cache.
    fn search(&mut self, object: Expr, tag: Expr) -> Expr {
        let params = [Type::Val, Type::Val];
        ext_call("caml_get_public_method", &params, Type::Val, Effect::NoAlloc, vec![object, tag], None)
    }

    /// A cache of the unit that has met nothing yet.
    fn new_cache(&mut self) -> Name {
        self.next_cache += 1;
        let symbol = Name::new(&format!("caml{}.send_cache_{}", self.unit, self.next_cache));
        self.data.data.push(vec![DataItem::Align(8), DataItem::GlobalSymbol(symbol), DataItem::Word(1)]);
        symbol
    }

    /// A method by its tag: where the cache says, else where a search finds it, which is noted in
    /// the cache.
    fn cached_method(&mut self, object: Expr, tag: Expr, noted: Expr, cache: Expr) -> Expr {
        let methods = load(Chunk::WordVal, true, object, 0);
        self.bind(methods, Type::Val, |this, methods| {
            this.bind(tag, Type::Int, |this, tag| {
                let masked = op2(Op::Andi, noted, load(Chunk::WordInt, false, methods.clone(), MASK));
                this.bind(masked, Type::Int, |_, position| {
                    let found = load_at(Chunk::WordInt, false, methods.clone(), add_const(position.clone(), TAG));
                    let method = load_at(Chunk::WordVal, false, methods.clone(), add_const(position, METHOD));
                    let search = ext_call(
                        "caml_find_and_cache_method",
                        &[Type::Val, Type::Int, Type::Int],
                        Type::Val,
                        Effect::NoAlloc,
                        vec![methods, tag.clone(), cache],
                        None,
                    );
                    Expr::If(Box::new(compare(IntCompare::Eq, found, tag)), Box::new(method), Box::new(search))
                })
            })
        })
    }
}
