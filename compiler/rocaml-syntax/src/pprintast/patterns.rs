//! Patterns and parameters.

use super::{Context, Printer};
use crate::ast::*;
use crate::asttypes::{ArgLabel, ClosedFlag};
use crate::longident::Longident;
use rocaml_base::Name;

/// The variable that a pattern is.
pub(super) fn variable(pattern: &Pattern) -> Option<Name> {
    match &pattern.desc {
        PatternDesc::Var(name) if pattern.attributes.is_empty() => Some(name.txt),
        _ => None,
    }
}

/// `()`, `[]`, `true` or `false`.
fn is_symbolic(lid: &Longident) -> bool {
    matches!(lid, Longident::Lident(name) if matches!(name.as_str(), "()" | "[]" | "true" | "false"))
}

impl Printer {
    pub(super) fn pattern(&mut self, pattern: &Pattern) {
        if pattern.attributes.is_empty() {
            self.pattern_bare(pattern);
        } else {
            self.with_attributes(&pattern.attributes, "", |p| p.pattern_bare(pattern));
        }
    }

    fn pattern_bare(&mut self, pattern: &Pattern) {
        if let PatternDesc::Alias(inner, name) = &pattern.desc {
            self.lay("@[<2>");
            self.pattern(inner);
            self.lay("@;as@;");
            self.name(name.txt);
            return self.lay("@]");
        }
        let mut last = pattern;
        let mut alternatives = Vec::new();
        while let PatternDesc::Or(left, right) = &last.desc
            && (last.attributes.is_empty() || alternatives.is_empty())
        {
            alternatives.push(&**right);
            last = left;
        }
        if alternatives.is_empty() {
            return self.constructed_pattern_bare(pattern);
        }
        alternatives.push(last);
        alternatives.reverse();
        self.lay("@[<hov0>");
        self.list(&alternatives, "@ | ", |p, alternative| p.constructed_pattern(alternative));
        self.lay("@]");
    }

    pub(super) fn constructed_pattern(&mut self, pattern: &Pattern) {
        if pattern.attributes.is_empty() { self.constructed_pattern_bare(pattern) } else { self.pattern(pattern) }
    }

    fn constructed_pattern_bare(&mut self, pattern: &Pattern) {
        match &pattern.desc {
            PatternDesc::Variant(tag, Some(arg)) => {
                self.lay("@[<2>");
                self.tag(*tag);
                self.lay("@;");
                self.simple_pattern(arg);
                self.lay("@]");
            }
            PatternDesc::Construct(lid, _) if is_symbolic(&lid.txt) => self.simple_pattern_bare(pattern),
            PatternDesc::Construct(lid, Some((types, arg))) => {
                if let (Longident::Lident(name), [], PatternDesc::Tuple(items, ClosedFlag::Closed)) =
                    (&lid.txt, types.as_slice(), &arg.desc)
                    && let ("::", [(None, head), (None, tail)]) = (name.as_str(), items.as_slice())
                {
                    self.simple_pattern(head);
                    self.text("::");
                    return self.constructed_pattern(tail);
                }
                self.longident(lid);
                if !types.is_empty() {
                    self.lay("@ (type ");
                    self.list(types, "@ ", |p, name| p.name(name.txt));
                    self.text(")");
                }
                self.lay("@;");
                self.simple_pattern(arg);
            }
            PatternDesc::Construct(lid, None) => self.longident(lid),
            _ => self.simple_pattern_bare(pattern),
        }
    }

    pub(super) fn simple_pattern(&mut self, pattern: &Pattern) {
        if pattern.attributes.is_empty() { self.simple_pattern_bare(pattern) } else { self.pattern(pattern) }
    }

    fn simple_pattern_bare(&mut self, pattern: &Pattern) {
        match &pattern.desc {
            PatternDesc::Construct(lid, None) if is_symbolic(&lid.txt) => {
                self.text(lid.txt.last().as_deref().unwrap_or_default());
            }
            PatternDesc::Any => self.text("_"),
            PatternDesc::Var(name) => self.name(name.txt),
            PatternDesc::Array(items) => {
                self.lay("@[<2>[|");
                self.list(items, ";", |p, item| p.constructed_pattern(item));
                self.lay("|]@]");
            }
            PatternDesc::Unpack(name) => {
                self.lay("(module@ ");
                self.module_name(name);
                self.lay(")@ ");
            }
            PatternDesc::Type(lid) => {
                self.text("#");
                self.type_longident(lid);
            }
            PatternDesc::Record(fields, closed) => self.record_pattern(fields, *closed),
            PatternDesc::Tuple(items, closed) => {
                self.lay("@[<1>(");
                self.list(items, ",@;", |p, (label, item)| p.tuple_component(*label, item));
                self.lay(if *closed == ClosedFlag::Open { ",@;..)@]" } else { ")@]" });
            }
            PatternDesc::Constant(constant) => self.constant(constant),
            PatternDesc::Interval(from, to) => {
                self.constant(from);
                self.text("..");
                self.constant(to);
            }
            PatternDesc::Variant(tag, None) => self.tag(*tag),
            PatternDesc::Constraint(inner, ty) => {
                self.lay("@[<2>(");
                self.constructed_pattern(inner);
                self.lay("@;:@;");
                self.core_type(ty);
                self.lay(")@]");
            }
            PatternDesc::Lazy(inner) => {
                self.lay("@[<2>(lazy@;");
                self.simple_pattern(inner);
                self.lay(")@]");
            }
            PatternDesc::Exception(inner) => {
                self.lay("@[<2>exception@;");
                self.constructed_pattern(inner);
                self.lay("@]");
            }
            PatternDesc::Effect(effect, continuation) => {
                self.lay("@[<2>effect@;");
                self.constructed_pattern(effect);
                self.lay(", @;");
                self.constructed_pattern(continuation);
                self.lay("@]");
            }
            PatternDesc::Extension(extension) => self.extension(extension),
            PatternDesc::Open(lid, inner) => {
                let closed = match &inner.desc {
                    PatternDesc::Array(_) | PatternDesc::Record(..) => true,
                    PatternDesc::Construct(lid, None) => is_symbolic(&lid.txt),
                    _ => false,
                };
                self.lay("@[<2>");
                self.longident(lid);
                self.text(".");
                self.parenthesised_if(!closed, |p| p.constructed_pattern(inner));
                self.lay(" @]");
            }
            PatternDesc::Alias(..) | PatternDesc::Or(..) | PatternDesc::Construct(..) | PatternDesc::Variant(..) => {
                self.parenthesised(|p| p.pattern_bare(pattern));
            }
        }
    }

    fn record_pattern(&mut self, fields: &[(rocaml_base::Loc<Longident>, Pattern)], closed: ClosedFlag) {
        self.lay("@[<2>{@;");
        self.list(fields, ";@;", |p, (lid, pattern)| {
            p.lay("@[<2>");
            p.longident(lid);
            let punned = matches!(lid.txt, Longident::Lident(label) if variable(pattern) == Some(label));
            if !punned {
                p.lay("@;=@;");
                p.constructed_pattern(pattern);
            }
            p.lay("@]");
        });
        self.lay(if closed == ClosedFlag::Closed { "@;}@]" } else { ";_}@]" });
    }

    fn tuple_component(&mut self, label: Option<Name>, pattern: &Pattern) {
        if let Some(label) = label {
            self.text("~");
            self.text(&label);
            if variable(pattern) == Some(label) {
                return;
            }
            self.text(":");
        }
        self.constructed_pattern(pattern);
    }

    /// A parameter with the break after it.
    pub(super) fn parameter(
        &mut self,
        context: Context,
        label: ArgLabel,
        default: Option<&Expression>,
        pattern: &Pattern,
    ) {
        match label {
            ArgLabel::Nolabel => {
                self.simple_pattern(pattern);
                self.lay("@ ");
            }
            ArgLabel::Labelled(label) => {
                self.text("~");
                self.name(label);
                if variable(pattern) != Some(label) {
                    self.text(":");
                    self.simple_pattern(pattern);
                }
                self.lay("@;");
            }
            ArgLabel::Optional(label) => {
                let punned = variable(pattern) == Some(label);
                self.text("?");
                match default {
                    Some(default) => {
                        if !punned {
                            self.name(label);
                            self.text(":");
                        }
                        self.text("(");
                        if punned {
                            self.name(label)
                        } else {
                            self.constructed_pattern(pattern)
                        }
                        self.lay("=@;");
                        self.expression(context, default);
                        self.lay(")@;");
                    }
                    None => {
                        self.name(label);
                        if !punned {
                            self.text(":");
                            self.simple_pattern(pattern);
                        }
                        self.lay("@;");
                    }
                }
            }
        }
    }
}
