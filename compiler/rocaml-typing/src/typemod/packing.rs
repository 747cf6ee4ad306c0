//! Packs: the interface of a unit whose modules are other units (`-pack`).

use super::*;
use rocaml_types::subst::{Scoping, Subst};

/// The signature of a unit made of others. What they say of one another becomes local to it.
pub fn package_signature(cx: &Context, pack: Name, units: &[(Name, Rc<Signature>)]) -> Signature {
    let idents: Vec<(Ident, Ident)> =
        units.iter().map(|(name, _)| (Ident::global(*name), Ident::create_local(*name))).collect();
    let subst = idents.iter().fold(Subst::identity(), |subst, (unit, id)| subst.add_module(*unit, Path::Ident(*id)));
    let module = |(index, ((_, id), (_, sg))): (usize, (&(Ident, Ident), &(Name, Rc<Signature>)))| {
        let type_ = ModuleType::Signature(Rc::new(subst.signature(cx, Scoping::MakeLocal, sg)));
        let uid = Uid::Item { comp_unit: pack, id: index as u32, from_intf: false };
        let decl = ModuleDeclaration { type_, attributes: Vec::new(), loc: Location::none(), uid };
        SignatureItem::Module(*id, ModulePresence::Present, Rc::new(decl), RecStatus::Not, Visibility::Exported)
    };
    idents.iter().zip(units).enumerate().map(module).collect()
}

/// How the modules of a pack become what its interface declares.
pub fn package_coercion(
    cx: &Context,
    env: &Env,
    signature: &Signature,
    interface: &Interface,
) -> Result<tt::ModuleCoercion> {
    match interface {
        Interface::Inferred => Ok(tt::ModuleCoercion::None),
        Interface::NotCompiled(name) => {
            fail(Location::in_file(Name::new(name)), &Env::empty(), Error::InterfaceNotCompiled(name.clone()))
        }
        Interface::Compiled(declared, name) => {
            includemod::compunit(cx, env, "(obtained by packing)", signature, name, declared).or_else(|explanation| {
                Err(Box::new(AnyError::Inclusion(Location::in_file(Name::new(name)), Box::new(explanation))))
            })
        }
    }
}
