//! Toplevel phrases and directives.

use super::structure::text_item;
use super::{Parser, Res};
use crate::ast::*;
use crate::longident::Longident;
use crate::token::Token;

impl Parser {
    /// A phrase ended by `;;`, or nothing at the end of the text.
    pub(super) fn toplevel_phrase(&mut self) -> Res<Option<ToplevelPhrase>> {
        if self.is(Token::Eof) {
            return Ok(None);
        }
        let start = self.start();
        if self.is(Token::Hash) {
            let directive = self.toplevel_directive()?;
            self.expect(Token::Semisemi)?;
            return Ok(Some(ToplevelPhrase::Dir(directive)));
        }
        let mut items = Vec::new();
        if self.at_expr() {
            let item = self.str_exp_or_let()?;
            items.extend(self.text_before(start).into_iter().map(text_item));
            let is_expression = matches!(item.desc, StructureItemDesc::Eval(..));
            items.push(item);
            if is_expression {
                return self.end_phrase(start, items);
            }
        }
        while self.at_structure_item() {
            let start = self.start();
            let item = self.structure_item()?;
            items.extend(self.text_before(start).into_iter().map(text_item));
            items.push(item);
        }
        self.end_phrase(start, items)
    }

    fn end_phrase(&mut self, start: rocaml_base::Position, items: Structure) -> Res<Option<ToplevelPhrase>> {
        let items = self.extra_text(start, items, text_item);
        self.expect(Token::Semisemi)?;
        Ok(Some(ToplevelPhrase::Def(items)))
    }

    /// After an error: skips to the end of the phrase.
    pub(super) fn skip_phrase(&mut self) {
        while !matches!(self.token(), Token::Semisemi | Token::Eof | Token::Error) {
            self.bump();
        }
        self.bump();
    }

    pub(super) fn use_file(&mut self) -> Res<Vec<ToplevelPhrase>> {
        let start = self.start();
        let text = |attribute| ToplevelPhrase::Def(vec![text_item(attribute)]);
        let mut phrases = Vec::new();
        let mut standalone = true;
        loop {
            let item_start = self.start();
            let phrase = if standalone && self.at_expr() {
                ToplevelPhrase::Def(vec![self.str_exp_or_let()?])
            } else if self.eat(Token::Semisemi) {
                standalone = true;
                continue;
            } else if self.is(Token::Hash) {
                let directive = self.toplevel_directive()?;
                self.docs.mark(item_start.cnum, self.prev_end.cnum);
                ToplevelPhrase::Dir(directive)
            } else if self.at_structure_item() {
                ToplevelPhrase::Def(vec![self.structure_item()?])
            } else {
                break;
            };
            standalone = false;
            phrases.extend(self.text_before(item_start).into_iter().map(text));
            phrases.push(phrase);
        }
        let phrases = self.extra_text(start, phrases, text);
        self.expect(Token::Eof)?;
        Ok(phrases)
    }

    fn toplevel_directive(&mut self) -> Res<ToplevelDirective> {
        let start = self.start();
        self.bump();
        let name = self.ident_loc()?;
        let arg_start = self.start();
        let desc = match self.token() {
            Token::String(index) => {
                self.bump();
                Some(DirectiveArgumentDesc::String(self.lexed.strings[index as usize].0.clone()))
            }
            Token::Int(digits, suffix) => {
                self.bump();
                Some(DirectiveArgumentDesc::Int(digits, suffix))
            }
            Token::True | Token::False => {
                let value = self.is(Token::True);
                self.bump();
                Some(DirectiveArgumentDesc::Bool(value))
            }
            Token::Lident(_) | Token::Uident(_) | Token::Lparen => {
                Some(DirectiveArgumentDesc::Ident(self.directive_path()?))
            }
            _ => None,
        };
        let arg = desc.map(|desc| DirectiveArgument { desc, loc: self.loc(arg_start) });
        Ok(ToplevelDirective { name, arg, loc: self.loc(start) })
    }

    fn directive_path(&mut self) -> Res<Longident> {
        if !matches!(self.token(), Token::Uident(_)) {
            return Ok(Longident::Lident(self.val_ident()?));
        }
        let start = self.start();
        let path = self.mod_longident()?;
        if !self.eat(Token::Dot) {
            return Ok(path.txt);
        }
        let name = self.val_ident_loc()?;
        Ok(self.dotted(start, path, name).txt)
    }
}
