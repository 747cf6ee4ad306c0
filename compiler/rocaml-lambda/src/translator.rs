//! The state of a translation, and how paths become Lambda.

use crate::error::{Error, ErrorKind, Result};
use crate::lambda::*;
use crate::matching::field;
use crate::scopes::Scopes;
use crate::translobj::ObjectState;
use rocaml_base::Name;
use rocaml_types::context::Context;
use rocaml_types::env::{Address, Env};
use rocaml_types::{Ident, Path};
use std::collections::HashSet;

/// What steers the translation.
#[derive(Clone, Debug)]
pub struct Options {
    /// `-unsafe`: no bounds checks.
    pub unsafe_: bool,
    /// `-noassert`
    pub no_assert: bool,
    /// `-g`
    pub debug: bool,
    /// Arrays of floats are flat.
    pub flat_float_array: bool,
    /// `-safer-matching`: a match fails on what its type says cannot be.
    pub safer_matching: bool,
    /// `-for-pack`
    pub pack: Option<Name>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            unsafe_: false,
            no_assert: false,
            debug: false,
            flat_float_array: true,
            safer_matching: false,
            pack: None,
        }
    }
}

/// The translation of a unit.
pub struct Translator<'a> {
    pub(crate) cx: &'a Context,
    pub(crate) unit: Name,
    pub(crate) options: &'a Options,
    pub(crate) scopes: Scopes,
    /// Exception variables of the handlers around: raising one of them is raising it again.
    pub(crate) caught: HashSet<Ident>,
    /// Units whose externals are used: their code must be linked.
    pub(crate) used_units: Vec<Name>,
    pub(crate) objects: ObjectState,
}

impl<'a> Translator<'a> {
    pub fn new(cx: &'a Context, unit: Name, options: &'a Options) -> Translator<'a> {
        let scopes = Scopes::default().definition(unit);
        Translator {
            cx,
            unit,
            options,
            scopes,
            caught: HashSet::new(),
            used_units: Vec::new(),
            objects: ObjectState::default(),
        }
    }

    /// Translates within other scopes.
    pub(crate) fn in_scopes<T>(&mut self, scopes: Scopes, f: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.scopes, scopes);
        let result = f(self);
        self.scopes = outer;
        result
    }

    // -----------------------------------------------------------------------------------------
    // Paths

    fn address(&self, loc: &ScopedLocation, address: &Address) -> Lambda {
        match address {
            Address::Ident(id) if id.is_global() => Lambda::Prim(Primitive::GetGlobal(id.name()), vec![], loc.clone()),
            Address::Ident(id) if id.is_predef() => Lambda::Prim(Primitive::GetPredef(id.name()), vec![], loc.clone()),
            Address::Ident(id) => Lambda::Var(*id),
            Address::Dot(module, position) => match &**module {
                Address::Ident(id) if id.is_global() => {
                    Lambda::Prim(Primitive::GetGlobalField(id.name(), *position), vec![], loc.clone())
                }
                module => field(*position, self.address(loc, module), loc),
            },
        }
    }

    fn found(&self, loc: &ScopedLocation, path: &Path, address: Option<Address>) -> Result<Lambda> {
        match address {
            Some(address) => Ok(self.address(loc, &address)),
            None => Err(Error::new(loc.loc, ErrorKind::MissingUnit(path.name()))),
        }
    }

    pub(crate) fn value_path(&self, loc: &ScopedLocation, env: &Env, path: &Path) -> Result<Lambda> {
        self.found(loc, path, env.find_value_address(self.cx, path))
    }

    pub(crate) fn module_path(&self, loc: &ScopedLocation, env: &Env, path: &Path) -> Result<Lambda> {
        self.found(loc, path, env.find_module_address(self.cx, path))
    }

    pub(crate) fn class_path(&self, loc: &ScopedLocation, env: &Env, path: &Path) -> Result<Lambda> {
        self.found(loc, path, env.find_class_address(self.cx, path))
    }

    pub(crate) fn extension_path(&self, loc: &ScopedLocation, env: &Env, path: &Path) -> Result<Lambda> {
        if let Path::Ident(id) = path
            && id.is_predef()
        {
            return Ok(Lambda::Prim(Primitive::GetPredef(id.name()), vec![], loc.clone()));
        }
        self.found(loc, path, env.find_constructor_address(self.cx, path))
    }

    /// A value of the standard library's inner units.
    pub(crate) fn library_value(&self, unit: &str, value: &str) -> Result<Lambda> {
        let path = Path::Ident(Ident::global(unit.into())).dot(value.into());
        self.value_path(&ScopedLocation::none(), &Env::empty(), &path)
    }

    /// `CamlinternalLazy.force_lazy_block`. Without that unit, forcing is left to the linker.
    pub(crate) fn lazy_force_function(&self) -> Lambda {
        self.library_value("CamlinternalLazy", "force_lazy_block").unwrap_or_else(|_| {
            Lambda::Prim(Primitive::GetGlobalField("CamlinternalLazy".into(), 0), vec![], ScopedLocation::none())
        })
    }
}

// ---------------------------------------------------------------------------------------------
// Small terms

pub(crate) fn let_(kind: LetKind, value_kind: ValueKind, id: Ident, def: Lambda, body: Lambda) -> Lambda {
    Lambda::Let(kind, value_kind, id, Box::new(def), Box::new(body))
}

pub(crate) fn sequence(first: Lambda, second: Lambda) -> Lambda {
    Lambda::Sequence(Box::new(first), Box::new(second))
}

pub(crate) fn ignore(value: Lambda, loc: &ScopedLocation) -> Lambda {
    Lambda::Prim(Primitive::Ignore, vec![value], loc.clone())
}

pub(crate) fn make_block(
    tag: u8,
    mutability: Mutability,
    shape: BlockShape,
    fields: Vec<Lambda>,
    loc: &ScopedLocation,
) -> Lambda {
    Lambda::Prim(Primitive::MakeBlock(tag, mutability, shape), fields, loc.clone())
}

pub(crate) fn mutable_field(index: usize, block: Lambda, pointerness: Pointerness, loc: &ScopedLocation) -> Lambda {
    Lambda::Prim(Primitive::Field(index, field_info(Mutability::Mutable, pointerness)), vec![block], loc.clone())
}

/// An application without attributes.
pub(crate) fn apply(func: Lambda, args: Vec<Lambda>, loc: &ScopedLocation) -> Lambda {
    Lambda::Apply(Box::new(Apply {
        func,
        args,
        loc: loc.clone(),
        tailcall: TailcallAttribute::Default,
        inlined: InlineAttribute::Default,
    }))
}

/// A curried function.
pub(crate) fn function(
    params: Vec<(Ident, ValueKind)>,
    return_kind: ValueKind,
    body: Lambda,
    attr: FunctionAttribute,
    loc: &ScopedLocation,
) -> Lambda {
    Lambda::Function(Box::new(Function {
        kind: FunctionKind::Curried,
        params,
        return_kind,
        body,
        attr,
        loc: loc.clone(),
    }))
}

/// Names a value unless it is a variable: upstream's `name_lambda`.
pub(crate) fn name_lambda(kind: LetKind, value: Lambda, f: impl FnOnce(Ident) -> Result<Lambda>) -> Result<Lambda> {
    match value {
        Lambda::Var(id) => f(id),
        value => {
            let id = Ident::create_local("let".into());
            Ok(let_(kind, ValueKind::Generic, id, value, f(id)?))
        }
    }
}

pub(crate) fn string_constant(text: &str) -> StructuredConstant {
    StructuredConstant::String(text.as_bytes().into())
}

pub(crate) fn string(text: &str) -> Lambda {
    Lambda::Const(string_constant(text))
}

pub(crate) fn field_info(mutability: Mutability, pointerness: Pointerness) -> FieldInfo {
    FieldInfo { mutability, pointerness }
}

/// The value of a float literal: decimal or hexadecimal, with underscores.
pub(crate) fn parse_float(text: &str) -> f64 {
    let text: String = text.chars().filter(|c| *c != '_').collect();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => parse_hex_float(hex),
        // The lexer has checked the form.
        None => digits.parse().unwrap_or(f64::NAN),
    };
    if negative { -value } else { value }
}

/// `h.hhhp±d`, rounded once to nearest even.
fn parse_hex_float(text: &str) -> f64 {
    let (digits, exponent) = match text.find(['p', 'P']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().unwrap_or(0)),
        None => (text, 0),
    };
    let (mut mantissa, mut exponent, mut sticky) = (0u128, exponent, false);
    let mut fraction = false;
    for c in digits.chars() {
        let Some(digit) = c.to_digit(16) else {
            fraction |= c == '.';
            continue;
        };
        if mantissa >> 116 == 0 {
            mantissa = mantissa << 4 | u128::from(digit);
            exponent -= if fraction { 4 } else { 0 };
        } else {
            // Beyond any precision: only whether it is zero matters.
            sticky |= digit != 0;
            exponent += if fraction { 0 } else { 4 };
        }
    }
    if mantissa == 0 {
        return 0.0;
    }
    let bits = 128 - i64::from(mantissa.leading_zeros());
    // Bits that a double of this magnitude keeps.
    let kept = (bits + exponent + 1074).clamp(0, 53).min(bits);
    let dropped = bits - kept;
    let mut value = if dropped >= 128 { 0 } else { mantissa >> dropped };
    let rest = if dropped >= 128 { mantissa } else { mantissa & ((1u128 << dropped) - 1) };
    if dropped > 0 {
        let half = 1u128 << (dropped - 1).min(127);
        if rest > half || rest == half && (sticky || value & 1 == 1) {
            value += 1;
        }
    }
    scale(value as f64, exponent + dropped)
}

/// `value * 2^exponent`, in steps that are exact until the last.
fn scale(mut value: f64, mut exponent: i64) -> f64 {
    while exponent > 1000 {
        if value.is_infinite() {
            return value;
        }
        value *= 2f64.powi(1000);
        exponent -= 1000;
    }
    while exponent < -1000 {
        if value == 0.0 {
            return value;
        }
        value *= 2f64.powi(-500);
        exponent += 500;
    }
    // Small results: first the exact part, then one step into the subnormals.
    if exponent < -500 {
        value * 2f64.powi(-500) * 2f64.powi((exponent + 500) as i32)
    } else {
        value * 2f64.powi(exponent as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::parse_float;

    #[test]
    fn hexadecimal_floats_are_rounded_once() {
        assert_eq!(parse_float("0x1p-1074"), 5e-324);
        assert_eq!(parse_float("0x1.8p1"), 3.0);
        assert_eq!(parse_float("-0x1.fffffffffffffp+1023"), -f64::MAX);
        assert_eq!(parse_float("0x1p1024"), f64::INFINITY);
        assert_eq!(parse_float("0x1.00000000000008p0"), 1.0);
        assert_eq!(parse_float("0x1.000000000000081p0"), 1.0 + f64::EPSILON);
        assert_eq!(parse_float("1_000.5"), 1000.5);
    }
}
