//! Operations on module types that environments need: strengthening and scraping. The rest of
//! upstream's `Mtype` is in `rocaml-typing`.

#![allow(clippy::todo, unused_variables)]

use crate::context::Context;
use crate::env::Env;
use crate::path::Path;
use crate::types::*;
use std::rc::Rc;

/// Expands module type names at the head until a signature, functor or abstract name.
pub fn scrape(cx: &Context, env: &Env, mty: &ModuleType) -> ModuleType { todo!() }
/// A copy with fresh idents.
pub fn freshen(cx: &Context, scope: i32, mty: &ModuleType) -> ModuleType { todo!() }
/// Makes abstract components equal to those of `path`.
pub fn strengthen(cx: &Context, env: &Env, aliasable: bool, mty: &ModuleType, path: &Path) -> ModuleType { todo!() }
pub fn strengthen_sig(cx: &Context, env: &Env, aliasable: bool, sg: &[SignatureItem], path: &Path) -> Signature { todo!() }
pub fn strengthen_decl(cx: &Context, env: &Env, aliasable: bool, md: &ModuleDeclaration, path: &Path) -> ModuleDeclaration { todo!() }
