//! From a parsed format to the parse tree of the value that represents it.
//!
//! See [`super::format`] for the parser. The constructors are those of `CamlinternalFormatBasics`.

use std::sync::Arc;

use rocaml_base::{Loc, Location, Name};
use rocaml_syntax::ast;
use rocaml_syntax::longident::Longident;

use super::format::{
    ArgType, Counter, Directive, Format, Formatting, Ignored, IntKind, Padding, Precision, Side, parse_format_string,
};

/// The expression that a format string stands for, or the complaint about it.
pub fn type_format(loc: Location, text: &[u8], legacy: bool) -> Result<ast::Expression, String> {
    let format = parse_format_string(text, legacy)?;
    let tree = Tree { loc: loc.ghost() };
    Ok(tree.whole(&format, text))
}

struct Tree {
    loc: Location,
}

impl Tree {
    fn expression(&self, desc: ast::ExpressionDesc) -> ast::Expression {
        ast::Expression { desc, loc: self.loc, loc_stack: Vec::new(), attributes: Vec::new() }
    }

    fn construct(&self, lid: Longident, argument: Option<ast::Expression>) -> ast::Expression {
        self.expression(ast::ExpressionDesc::Construct(Loc::new(lid, self.loc), argument.map(Box::new)))
    }

    /// A constructor of `CamlinternalFormatBasics`.
    fn constr(&self, name: &str, mut arguments: Vec<ast::Expression>) -> ast::Expression {
        let module = Longident::Lident(Name::new("CamlinternalFormatBasics"));
        let lid = Longident::Ldot(Box::new(Loc::none(module)), Loc::none(Name::new(name)));
        let argument = if arguments.len() > 1 { Some(self.tuple(arguments)) } else { arguments.pop() };
        self.construct(lid, argument)
    }

    fn tuple(&self, parts: Vec<ast::Expression>) -> ast::Expression {
        self.expression(ast::ExpressionDesc::Tuple(parts.into_iter().map(|part| (None, part)).collect()))
    }

    fn constant(&self, desc: ast::ConstantDesc) -> ast::Expression {
        self.expression(ast::ExpressionDesc::Constant(ast::Constant { desc, loc: self.loc }))
    }

    fn int(&self, n: i64) -> ast::Expression {
        self.constant(ast::ConstantDesc::Integer(Name::new(&n.to_string()), None))
    }

    fn string(&self, text: &[u8]) -> ast::Expression {
        self.constant(ast::ConstantDesc::String(Arc::from(text), self.loc, None))
    }

    fn char(&self, c: u8) -> ast::Expression {
        self.constant(ast::ConstantDesc::Char(c))
    }

    fn int_option(&self, n: Option<i64>) -> ast::Expression {
        match n {
            None => self.construct(Longident::Lident(Name::new("None")), None),
            Some(n) => self.construct(Longident::Lident(Name::new("Some")), Some(self.int(n))),
        }
    }

    fn whole(&self, format: &Format, text: &[u8]) -> ast::Expression {
        self.constr("Format", vec![self.format(format), self.string(text)])
    }

    fn format(&self, format: &Format) -> ast::Expression {
        format.iter().fold(self.constr("End_of_format", vec![]), |rest, directive| self.directive(directive, rest))
    }

    fn directive(&self, directive: &Directive, rest: ast::Expression) -> ast::Expression {
        match directive {
            Directive::Char => self.constr("Char", vec![rest]),
            Directive::CamlChar => self.constr("Caml_char", vec![rest]),
            Directive::String(padding) => self.constr("String", vec![self.padding(padding), rest]),
            Directive::CamlString(padding) => self.constr("Caml_string", vec![self.padding(padding), rest]),
            Directive::Int(kind, conversion, padding, precision) => {
                let name = match kind {
                    IntKind::Int => "Int",
                    IntKind::Int32 => "Int32",
                    IntKind::Nativeint => "Nativeint",
                    IntKind::Int64 => "Int64",
                };
                let conversion = self.constr(conversion, vec![]);
                self.constr(name, vec![conversion, self.padding(padding), self.precision(precision), rest])
            }
            Directive::Float((flag, kind), padding, precision) => {
                let conversion = self.tuple(vec![self.constr(flag, vec![]), self.constr(kind, vec![])]);
                self.constr("Float", vec![conversion, self.padding(padding), self.precision(precision), rest])
            }
            Directive::Bool(padding) => self.constr("Bool", vec![self.padding(padding), rest]),
            Directive::Flush => self.constr("Flush", vec![rest]),
            Directive::Literal(text) => match text.as_slice() {
                [c] => self.constr("Char_literal", vec![self.char(*c), rest]),
                text => self.constr("String_literal", vec![self.string(text), rest]),
            },
            Directive::FormatArg(width, types) => {
                self.constr("Format_arg", vec![self.int_option(*width), self.types(types), rest])
            }
            Directive::FormatSubst(width, types) => {
                self.constr("Format_subst", vec![self.int_option(*width), self.types(types), rest])
            }
            Directive::Alpha => self.constr("Alpha", vec![rest]),
            Directive::Theta => self.constr("Theta", vec![rest]),
            Directive::Formatting(formatting) => self.constr("Formatting_lit", vec![self.formatting(formatting), rest]),
            Directive::OpenGroup { tag, format, text } => {
                let name = if *tag { "Open_tag" } else { "Open_box" };
                let group = self.constr(name, vec![self.whole(format, text)]);
                self.constr("Formatting_gen", vec![group, rest])
            }
            Directive::Reader => self.constr("Reader", vec![rest]),
            Directive::ScanCharSet(width, set) => {
                self.constr("Scan_char_set", vec![self.int_option(*width), self.string(set), rest])
            }
            Directive::ScanCounter(counter) => self.constr("Scan_get_counter", vec![self.counter(*counter), rest]),
            Directive::ScanNextChar => self.constr("Scan_next_char", vec![rest]),
            Directive::Ignored(ignored) => self.constr("Ignored_param", vec![self.ignored(ignored), rest]),
        }
    }

    fn formatting(&self, formatting: &Formatting) -> ast::Expression {
        match formatting {
            Formatting::Simple(name) => self.constr(name, vec![]),
            Formatting::Break(text, width, offset) => {
                self.constr("Break", vec![self.string(text), self.int(*width), self.int(*offset)])
            }
            Formatting::MagicSize(text, size) => self.constr("Magic_size", vec![self.string(text), self.int(*size)]),
            Formatting::ScanIndic(c) => self.constr("Scan_indic", vec![self.char(*c)]),
        }
    }

    fn ignored(&self, ignored: &Ignored) -> ast::Expression {
        match ignored {
            Ignored::Char => self.constr("Ignored_char", vec![]),
            Ignored::CamlChar => self.constr("Ignored_caml_char", vec![]),
            Ignored::String(width) => self.constr("Ignored_string", vec![self.int_option(*width)]),
            Ignored::CamlString(width) => self.constr("Ignored_caml_string", vec![self.int_option(*width)]),
            Ignored::Int(kind, conversion, width) => {
                let name = match kind {
                    IntKind::Int => "Ignored_int",
                    IntKind::Int32 => "Ignored_int32",
                    IntKind::Nativeint => "Ignored_nativeint",
                    IntKind::Int64 => "Ignored_int64",
                };
                self.constr(name, vec![self.constr(conversion, vec![]), self.int_option(*width)])
            }
            Ignored::Float(width, precision) => {
                self.constr("Ignored_float", vec![self.int_option(*width), self.int_option(*precision)])
            }
            Ignored::Bool(width) => self.constr("Ignored_bool", vec![self.int_option(*width)]),
            Ignored::FormatArg(width, types) => {
                self.constr("Ignored_format_arg", vec![self.int_option(*width), self.types(types)])
            }
            Ignored::FormatSubst(width, types) => {
                self.constr("Ignored_format_subst", vec![self.int_option(*width), self.types(types)])
            }
            Ignored::Reader => self.constr("Ignored_reader", vec![]),
            Ignored::ScanCharSet(width, set) => {
                self.constr("Ignored_scan_char_set", vec![self.int_option(*width), self.string(set)])
            }
            Ignored::ScanCounter(counter) => self.constr("Ignored_scan_get_counter", vec![self.counter(*counter)]),
            Ignored::ScanNextChar => self.constr("Ignored_scan_next_char", vec![]),
        }
    }

    fn types(&self, types: &[ArgType]) -> ast::Expression {
        types.iter().rev().fold(self.constr("End_of_fmtty", vec![]), |rest, ty| match ty {
            ArgType::Simple(name) => self.constr(name, vec![rest]),
            ArgType::FormatArg(sub) => self.constr("Format_arg_ty", vec![self.types(sub), rest]),
            ArgType::FormatSubst(sub) => self.constr("Format_subst_ty", vec![self.types(sub), self.types(sub), rest]),
        })
    }

    fn padding(&self, padding: &Padding) -> ast::Expression {
        match padding {
            Padding::None => self.constr("No_padding", vec![]),
            Padding::Literal(side, width) => self.constr("Lit_padding", vec![self.side(*side), self.int(*width)]),
            Padding::Argument(side) => self.constr("Arg_padding", vec![self.side(*side)]),
        }
    }

    fn side(&self, side: Side) -> ast::Expression {
        let name = match side {
            Side::Left => "Left",
            Side::Right => "Right",
            Side::Zeros => "Zeros",
        };
        self.constr(name, vec![])
    }

    fn precision(&self, precision: &Precision) -> ast::Expression {
        match precision {
            Precision::None => self.constr("No_precision", vec![]),
            Precision::Literal(n) => self.constr("Lit_precision", vec![self.int(*n)]),
            Precision::Argument => self.constr("Arg_precision", vec![]),
        }
    }

    fn counter(&self, counter: Counter) -> ast::Expression {
        let name = match counter {
            Counter::Line => "Line_counter",
            Counter::Char => "Char_counter",
            Counter::Token => "Token_counter",
        };
        self.constr(name, vec![])
    }
}
