//! Attributes of functions and calls: upstream's `Translattribute`.

use crate::lambda::{Function, FunctionAttribute, InlineAttribute, Lambda, LocalAttribute, TailcallAttribute};
use rocaml_base::Location;
use rocaml_diag::warning::Warning;
use rocaml_syntax::ast::{self, Attribute, Attributes, Payload};
use rocaml_syntax::attribute_use::{is_named, mark, mark_named};
use rocaml_types::context::Context;

/// The attribute of a name: the first, if there are several.
fn find<'a>(cx: &Context, attributes: &'a Attributes, name: &str) -> Option<&'a Attribute> {
    let mut all = attributes.iter().filter(|attribute| is_named(attribute, name));
    let first = all.next()?;
    mark(first);
    let mut rest = all.inspect(|attribute| mark(attribute));
    if let Some(second) = rest.next() {
        cx.warn(second.name.loc, Warning::DuplicatedAttribute(second.name.txt.to_string()));
    }
    rest.for_each(drop);
    Some(first)
}

/// The payload's only expression; `None` if there is no payload.
fn expression(payload: &Payload) -> Result<Option<&ast::Expression>, ()> {
    match payload {
        Payload::Str(items) => match items.as_slice() {
            [] => Ok(None),
            [ast::StructureItem { desc: ast::StructureItemDesc::Eval(exp, attributes), .. }]
                if attributes.is_empty() =>
            {
                Ok(Some(exp))
            }
            _ => Err(()),
        },
        _ => Err(()),
    }
}

fn bad_payload(cx: &Context, attribute: &Attribute, text: String) {
    cx.warn(attribute.name.loc, Warning::AttributePayload(attribute.name.txt.to_string(), text));
}

/// What an attribute says: one of the words, or nothing.
fn word_of<T: Copy>(cx: &Context, attribute: &Attribute, default: T, empty: T, words: &[(&str, T)]) -> T {
    let known = match expression(&attribute.payload).map(|e| e.map(|e| &e.desc)) {
        Ok(None) => return empty,
        Ok(Some(ast::ExpressionDesc::Ident(id))) => {
            let written = id.txt.to_string();
            words.iter().find(|(word, _)| *word == written).map(|(_, meaning)| *meaning)
        }
        _ => None,
    };
    known.unwrap_or_else(|| {
        let quoted: Vec<String> = words.iter().map(|(word, _)| format!("'{word}'")).collect();
        bad_payload(cx, attribute, format!("It must be either {} or empty", quoted.join(", ")));
        default
    })
}

fn inline_of(cx: &Context, attribute: Option<&Attribute>) -> InlineAttribute {
    use InlineAttribute::{Always, Default, Hint, Never};
    let Some(attribute) = attribute else { return Default };
    word_of(cx, attribute, Default, Always, &[("never", Never), ("always", Always), ("hint", Hint)])
}

/// `[@inline]`
pub fn get_inline(cx: &Context, attributes: &Attributes) -> InlineAttribute {
    inline_of(cx, find(cx, attributes, "inline"))
}

/// `[@inlined]`. The attributes of another middle end are accepted.
pub fn get_inlined(cx: &Context, attributes: &Attributes) -> InlineAttribute {
    mark_named(attributes, &["unrolled", "specialised"]);
    inline_of(cx, find(cx, attributes, "inlined"))
}

/// `[@tailcall]`
pub fn get_tailcall(cx: &Context, attributes: &Attributes) -> TailcallAttribute {
    let Some(attribute) = find(cx, attributes, "tailcall") else { return TailcallAttribute::Default };
    let literal = match expression(&attribute.payload).map(|e| e.map(|e| &e.desc)) {
        Ok(None) => Some(true),
        Ok(Some(ast::ExpressionDesc::Construct(id, None))) => match id.txt.to_string().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        _ => None,
    };
    match literal {
        Some(expected) => TailcallAttribute::Expect(expected),
        None => {
            bad_payload(cx, attribute, "Only an optional boolean literal is supported.".to_owned());
            TailcallAttribute::Default
        }
    }
}

/// Gives a function the attributes of its definition. On anything else they mean nothing.
pub fn add_function_attributes(cx: &Context, lambda: Lambda, loc: Location, attributes: &Attributes) -> Lambda {
    let Lambda::Function(mut function) = lambda else { return lambda };
    if !attributes.is_empty() {
        let mut reader = Reader { cx, loc, attributes };
        if !function.attr.stub {
            reader.inline(&mut function.attr);
            mark_named(attributes, &["specialise"]);
            reader.local(&mut function.attr);
        }
        reader.tail_mod_cons(&mut function);
        if !function.attr.stub {
            // Last: it overrides the others.
            reader.poll(&mut function.attr);
        }
    }
    Lambda::Function(function)
}

/// Gives a functor its `[@inline]`.
pub fn add_inline(cx: &Context, lambda: Lambda, loc: Location, attributes: &Attributes) -> Lambda {
    match lambda {
        Lambda::Function(mut function) if !attributes.is_empty() && !function.attr.stub => {
            Reader { cx, loc, attributes }.inline(&mut function.attr);
            Lambda::Function(function)
        }
        other => other,
    }
}

/// Reads attributes of a definition.
struct Reader<'a> {
    cx: &'a Context,
    loc: Location,
    attributes: &'a Attributes,
}

impl Reader<'_> {
    fn warn_duplicate(&self, name: &str) {
        self.cx.warn(self.loc, Warning::DuplicatedAttribute(name.to_owned()));
    }

    fn warn_impossible(&self, text: &str) {
        self.cx.warn(self.loc, Warning::InliningImpossible(text.to_owned()));
    }

    fn inline(&mut self, attr: &mut FunctionAttribute) {
        let inline = get_inline(self.cx, self.attributes);
        if inline == InlineAttribute::Default {
            return;
        }
        if attr.inline != InlineAttribute::Default {
            self.warn_duplicate("inline");
        }
        attr.inline = inline;
        self.check_local_inline(attr);
        self.check_poll_inline(attr);
    }

    fn local(&mut self, attr: &mut FunctionAttribute) {
        use LocalAttribute::{Always, Default, Never};
        let Some(attribute) = find(self.cx, self.attributes, "local") else { return };
        let words = [("never", Never), ("always", Always), ("maybe", Default)];
        let local = word_of(self.cx, attribute, Default, Always, &words);
        if local == Default {
            return;
        }
        if attr.local != Default {
            self.warn_duplicate("local");
        }
        attr.local = local;
        self.check_local_inline(attr);
        self.check_poll_local(attr);
    }

    fn tail_mod_cons(&mut self, function: &mut Function) {
        if find(self.cx, self.attributes, "tail_mod_cons").is_some() {
            if function.attr.tmc_candidate {
                self.warn_duplicate("tail_mod_cons");
            }
            function.attr.tmc_candidate = true;
        }
    }

    fn poll(&mut self, attr: &mut FunctionAttribute) {
        let Some(attribute) = find(self.cx, self.attributes, "poll") else { return };
        if !word_of(self.cx, attribute, false, false, &[("error", true)]) {
            return;
        }
        if attr.poll_error {
            self.warn_duplicate("poll error");
        }
        attr.poll_error = true;
        self.check_poll_inline(attr);
        self.check_poll_local(attr);
        attr.inline = InlineAttribute::Never;
        attr.local = LocalAttribute::Never;
    }

    fn check_local_inline(&self, attr: &FunctionAttribute) {
        if attr.local == LocalAttribute::Always && asks_for_inlining(attr) {
            self.warn_duplicate("local/inline");
        }
    }

    fn check_poll_inline(&self, attr: &FunctionAttribute) {
        if attr.poll_error && asks_for_inlining(attr) {
            self.warn_impossible("[@poll error] is incompatible with inlining");
        }
    }

    fn check_poll_local(&self, attr: &FunctionAttribute) {
        if attr.poll_error && attr.local == LocalAttribute::Always {
            self.warn_impossible("[@poll error] is incompatible with local function optimization");
        }
    }
}

fn asks_for_inlining(attr: &FunctionAttribute) -> bool {
    matches!(attr.inline, InlineAttribute::Always | InlineAttribute::Hint | InlineAttribute::Unroll(_))
}
