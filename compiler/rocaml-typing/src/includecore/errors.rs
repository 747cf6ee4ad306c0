//! The wording of mismatches between declarations.

use super::*;
use rocaml_diag::Tag;
use rocaml_diag::doc::Doc;
use rocaml_types::printtyp::{self, TypeOrScheme};

/// What the two sides are called, and what is declared.
struct Sides<'a> {
    first: &'a str,
    second: &'a str,
    decl: &'a str,
}

impl Sides<'_> {
    fn choose(&self, position: Position) -> &str {
        if position == Position::First { self.first } else { self.second }
    }
    fn other(&self, position: Position) -> &str {
        if position == Position::First { self.second } else { self.first }
    }
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| c.to_ascii_uppercase().to_string() + chars.as_str())
}

fn code(text: impl std::fmt::Display) -> Doc {
    Doc::code(text)
}

fn inline(doc: Doc) -> Doc {
    Doc::tagged(Tag::InlineCode, doc)
}

fn words(text: impl Into<String>) -> Doc {
    Doc::from(text.into())
}

fn contrast(sides: &Sides<'_>, position: Position, template: &str) -> Doc {
    Doc::template(template, &[words(capitalize(sides.choose(position))), words(sides.other(position))])
}

fn type_inequality(cx: &Context, env: &Env, error: &EqualityError) -> Doc {
    printtyp::report_equality_error(
        cx,
        env,
        TypeOrScheme::Scheme,
        error,
        Doc::from("The type"),
        Doc::from("is not equal to the type"),
    )
}

/// Why a value does not fit its specification.
pub fn report_value_mismatch(cx: &Context, first: &str, second: &str, env: &Env, error: &ValueMismatch) -> Doc {
    let mut doc = Doc::new();
    doc.space();
    doc.append(match error {
        ValueMismatch::Primitive(mismatch) => primitive_mismatch(&Sides { first, second, decl: "" }, mismatch),
        ValueMismatch::NotAPrimitive => Doc::from("The implementation is not a primitive."),
        ValueMismatch::Type(error) => printtyp::report_moregen_error(
            cx,
            env,
            TypeOrScheme::Scheme,
            error,
            Doc::from("The type"),
            Doc::from("is not compatible with the type"),
        ),
    });
    doc
}

fn primitive_mismatch(sides: &Sides<'_>, mismatch: &PrimitiveMismatch) -> Doc {
    match mismatch {
        PrimitiveMismatch::Name => Doc::from("The names of the primitives are not the same"),
        PrimitiveMismatch::Arity => Doc::template(
            "The syntactic arities of these primitives were not the same.@ (They must have the same number of arrows present in the source.)",
            &[],
        ),
        PrimitiveMismatch::NoAlloc(position) => Doc::template(
            "%s primitive is %a but %s is not",
            &[words(capitalize(sides.choose(*position))), code("[@@noalloc]"), words(sides.other(*position))],
        ),
        PrimitiveMismatch::NativeName => Doc::from("The native names of the primitives are not the same"),
        PrimitiveMismatch::ResultRepr => Doc::from("The two primitives' results have different representations"),
        PrimitiveMismatch::ArgumentRepr(n) => {
            let suffix = match (n % 10, n % 100) {
                (_, 11..=13) => "th",
                (1, _) => "st",
                (2, _) => "nd",
                (3, _) => "rd",
                _ => "th",
            };
            words(format!("The two primitives' {n}{suffix} arguments have different representations"))
        }
    }
}

/// A patch: its only step, or its steps with numbers.
fn patch<T, D>(changes: &[Change<T, D>], show: impl Fn(&Change<T, D>, Doc) -> Doc) -> Doc {
    let mut doc = Doc::new();
    doc.open_box(rocaml_diag::BoxKind::Hv, 0);
    match changes {
        [only] => {
            doc.append(show(only, Doc::new()));
        }
        _ => {
            let steps = changes.iter().map(|change| show(change, words(change.prefix())));
            doc.append(Doc::separated(steps, |doc| {
                doc.cut();
            }));
        }
    }
    doc.close_box();
    doc
}

fn changed_places<T, D>(change: &Change<T, D>, prefix: &Doc, what: &str) -> Option<Doc> {
    match change {
        Change::Swap { first, last, .. } => Some(Doc::template(
            &format!("%a{what}s %a and %a have been swapped."),
            &[prefix.clone(), code(first), code(last)],
        )),
        Change::Move { name, got, expected } => Some(Doc::template(
            &format!("@[<2>%a{what} %a has been moved@ from@ position %d@ to %d.@]"),
            &[prefix.clone(), code(name), words(expected.to_string()), words(got.to_string())],
        )),
        Change::Change(diffing::Mismatch::Name { got, expected, .. }) => Some(Doc::template(
            &format!("%a{what}s have different names, %a and %a."),
            &[prefix.clone(), code(got), code(expected)],
        )),
        _ => None,
    }
}

fn record_change(cx: &Context, sides: &Sides<'_>, env: &Env, change: &RecordChange, prefix: Doc) -> Doc {
    if let Some(doc) = changed_places(change, &prefix, "Field") {
        return doc;
    }
    match change {
        Change::Delete { delete, .. } => Doc::template(
            "%aAn extra field, %a, is provided in %s %s.",
            &[prefix, code(delete.id.name()), words(sides.first), words(sides.decl)],
        ),
        Change::Insert { insert, .. } => Doc::template(
            "%aA field, %a, is missing in %s %s.",
            &[prefix, code(insert.id.name()), words(sides.first), words(sides.decl)],
        ),
        Change::Change(diffing::Mismatch::Type { got, expected, reason, .. }) => Doc::template(
            "@[<hv>%aFields do not match:@;<1 2>%a@ is not the same as:@;<1 2>%a@ %a@]",
            &[
                prefix,
                inline(printtyp::label(cx, got)),
                inline(printtyp::label(cx, expected)),
                label_mismatch(cx, sides, env, reason),
            ],
        ),
        _ => Doc::new(),
    }
}

fn label_mismatch(cx: &Context, sides: &Sides<'_>, env: &Env, mismatch: &LabelMismatch) -> Doc {
    match mismatch {
        LabelMismatch::Type(error) => type_inequality(cx, env, error),
        LabelMismatch::Mutability(position) => contrast(sides, *position, "%s is mutable and %s is not."),
        LabelMismatch::Atomicity(position) => contrast(sides, *position, "%s is atomic and %s is not."),
    }
}

fn variant_change(cx: &Context, sides: &Sides<'_>, env: &Env, change: &VariantChange, prefix: Doc) -> Doc {
    if let Some(doc) = changed_places(change, &prefix, "Constructor") {
        return doc;
    }
    match change {
        Change::Delete { delete, .. } => Doc::template(
            "%aAn extra constructor, %a, is provided in %s %s.",
            &[prefix, code(delete.id.name()), words(sides.first), words(sides.decl)],
        ),
        Change::Insert { insert, .. } => Doc::template(
            "%aA constructor, %a, is missing in %s %s.",
            &[prefix, code(insert.id.name()), words(sides.first), words(sides.decl)],
        ),
        Change::Change(diffing::Mismatch::Type { got, expected, reason, .. }) => Doc::template(
            "@[<hv>%aConstructors do not match:@;<1 2>%a@ is not the same as:@;<1 2>%a@ %a@]",
            &[
                prefix,
                inline(printtyp::constructor(cx, got)),
                inline(printtyp::constructor(cx, expected)),
                constructor_mismatch(cx, sides, env, reason),
            ],
        ),
        _ => Doc::new(),
    }
}

fn constructor_mismatch(cx: &Context, sides: &Sides<'_>, env: &Env, mismatch: &ConstructorMismatch) -> Doc {
    match mismatch {
        ConstructorMismatch::Type(error) => type_inequality(cx, env, error),
        ConstructorMismatch::Arity => Doc::from("They have different arities."),
        ConstructorMismatch::InlineRecord(changes) => {
            patch(changes, |change, prefix| record_change(cx, sides, env, change, prefix))
        }
        ConstructorMismatch::Kind(position) => contrast(sides, *position, "%s uses inline records and %s doesn't."),
        ConstructorMismatch::ExplicitReturnType(position) => {
            contrast(sides, *position, "%s has explicit return type and %s doesn't.")
        }
    }
}

/// Why an extension constructor does not fit.
pub fn report_extension_constructor_mismatch(
    cx: &Context,
    first: &str,
    second: &str,
    decl: &str,
    env: &Env,
    error: &ExtensionConstructorMismatch,
) -> Doc {
    match error {
        ExtensionConstructorMismatch::Privacy => Doc::from("Private extension constructor(s) would be revealed."),
        ExtensionConstructorMismatch::Constructor(id, ext1, ext2, mismatch) => {
            let show = |ext: &ExtensionConstructor| inline(printtyp::extension_only_constructor(cx, *id, ext));
            Doc::template(
                "@[<hv>Constructors do not match:@;<1 2>%a@ is not the same as:@;<1 2>%a@ %a@]",
                &[show(ext1), show(ext2), constructor_mismatch(cx, &Sides { first, second, decl }, env, mismatch)],
            )
        }
    }
}

fn private_variant_mismatch(cx: &Context, sides: &Sides<'_>, env: &Env, mismatch: &PrivateVariantMismatch) -> Doc {
    match mismatch {
        PrivateVariantMismatch::OnlyOuterClosed => {
            contrast(sides, Position::Second, "%s is private and closed, but %s is not closed")
        }
        PrivateVariantMismatch::Missing(position, tag) => Doc::template(
            "The constructor %a is only present in %s %s.",
            &[code(tag), words(sides.choose(*position)), words(sides.decl)],
        ),
        PrivateVariantMismatch::Presence(tag) => Doc::template(
            "The tag %a is present in the %s %s,@ but might not be in the %s",
            &[code(format!("`{tag}")), words(sides.second), words(sides.decl), words(sides.first)],
        ),
        PrivateVariantMismatch::IncompatibleTypesFor(tag) => words(format!("Types for tag `{tag} are incompatible")),
        PrivateVariantMismatch::Types(error) => type_inequality(cx, env, error),
    }
}

fn kind_words(kind: KindOfType) -> &'static str {
    match kind {
        KindOfType::Abstract => "abstract",
        KindOfType::Record => "a record",
        KindOfType::Variant => "a variant",
        KindOfType::Open => "an extensible variant",
    }
}

/// Why two type declarations differ. `first` and `second` name the sides, `decl` what they are.
pub fn report_type_mismatch(
    cx: &Context,
    first: &str,
    second: &str,
    decl: &str,
    env: &Env,
    error: &TypeMismatch,
) -> Doc {
    let sides = Sides { first, second, decl };
    match error {
        TypeMismatch::Arity => Doc::from("They have different arities."),
        TypeMismatch::Privacy(mismatch) => Doc::from(match mismatch {
            PrivacyMismatch::TypeAbbreviation => "A private type abbreviation would be revealed.",
            PrivacyMismatch::VariantType => "Private variant constructor(s) would be revealed.",
            PrivacyMismatch::RecordType => "A private record constructor would be revealed.",
            PrivacyMismatch::ExtensibleVariant => "A private extensible variant would be revealed.",
            PrivacyMismatch::RowType => "A private row type would be revealed.",
        }),
        TypeMismatch::Kind(kind1, kind2) => {
            words(format!("{} is {}, but {} is {}.", capitalize(first), kind_words(*kind1), second, kind_words(*kind2)))
        }
        TypeMismatch::Constraint(error) => {
            Doc::template("Their parameters differ@,%a", &[type_inequality(cx, env, error)])
        }
        TypeMismatch::Manifest(error) => type_inequality(cx, env, error),
        TypeMismatch::PrivateVariant(mismatch) => private_variant_mismatch(cx, &sides, env, mismatch),
        TypeMismatch::PrivateObject(PrivateObjectMismatch::Missing(name)) => {
            Doc::template("The implementation is missing the method %a", &[code(name)])
        }
        TypeMismatch::PrivateObject(PrivateObjectMismatch::Types(error)) => type_inequality(cx, env, error),
        TypeMismatch::Variance => Doc::from("Their variances do not agree."),
        TypeMismatch::Record(changes) => {
            patch(changes, |change, prefix| record_change(cx, &sides, env, change, prefix))
        }
        TypeMismatch::UnboxedFloatRepresentation(position) => Doc::template(
            "@[<hv>Their internal representations differ:@ %s %s uses unboxed float representation.@]",
            &[words(sides.choose(*position)), words(decl)],
        ),
        TypeMismatch::Variant(changes) => {
            patch(changes, |change, prefix| variant_change(cx, &sides, env, change, prefix))
        }
        TypeMismatch::UnboxedRepresentation(position) => Doc::template(
            "Their internal representations differ:@ %s %s uses unboxed representation.",
            &[words(sides.choose(*position)), words(decl)],
        ),
        TypeMismatch::Immediate(Immediacy::AlwaysOn64Bits) => {
            words(format!("{} is not a type that is always immediate on 64 bit platforms.", capitalize(first)))
        }
        TypeMismatch::Immediate(_) => words(format!("{} is not an immediate type.", capitalize(first))),
    }
}
