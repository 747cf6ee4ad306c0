//! Binary syntax trees, as preprocessors exchange them with compilers: upstream's `Pparse`.
//!
//! A magic number, the marshalled name of the source, the marshalled tree.

use crate::codec::{Codec, Reader, Writer};
use crate::marshal::{self, Error, Heap};

/// The magic number of an implementation.
pub const IMPLEMENTATION_MAGIC: &[u8; 12] = b"Caml1999M036";
/// The magic number of an interface.
pub const INTERFACE_MAGIC: &[u8; 12] = b"Caml1999N036";

/// What a file is, judged by its beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Contents {
    Source,
    Tree,
    /// A tree of another version.
    OtherVersion,
}

/// Tells a tree with this magic number from a source text.
pub fn contents(magic: &[u8; 12], bytes: &[u8]) -> Contents {
    if bytes.len() < magic.len() || bytes[..9] != magic[..9] {
        Contents::Source
    } else if bytes[..magic.len()] == *magic {
        Contents::Tree
    } else {
        Contents::OtherVersion
    }
}

/// The bytes of a tree.
pub fn write<T: Codec>(magic: &[u8; 12], source: &str, tree: &T) -> Vec<u8> {
    let mut heap = Heap::new();
    let name = heap.string(source.as_bytes());
    let mut writer = Writer::default();
    let root = tree.encode(&mut writer);
    let mut bytes = magic.to_vec();
    bytes.extend(marshal::write(&heap, name));
    bytes.extend(marshal::write(&writer.heap, root));
    bytes
}

/// The name of the source, and where the tree begins.
pub fn read_name(bytes: &[u8]) -> Result<(String, usize), Error> {
    let start = IMPLEMENTATION_MAGIC.len();
    let (heap, name, len) = marshal::read(bytes.get(start..).ok_or(Error::Truncated)?)?;
    Ok((String::from_utf8_lossy(heap.as_bytes(name)?).into_owned(), start + len))
}

/// The name of the source, and the tree.
pub fn read<T: Codec>(bytes: &[u8]) -> Result<(String, T), Error> {
    let (name, start) = read_name(bytes)?;
    let (heap, root, _) = marshal::read(&bytes[start..])?;
    Ok((name, T::decode(&mut Reader::new(&heap), root)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rocaml_base::Name;
    use rocaml_syntax::ast::Structure;
    use rocaml_syntax::{ParseOptions, deep, parse_implementation};

    const SOURCE: &[u8] = br#"
        open! M [@@a "text"]
        (** Documented. *)
        type +'a t = A of { mutable x : int; y : 'a } | B : 'b. 'b -> 'b t [@@deriving show]
        and r = private < m : int; .. >
        let rec f ?(x = 1l) ~y:(a, ~b, ..) : int = function 'a'..'z' | lazy `B as z when z -> {|q|} | _ -> .
        module F (X : S with type t = int and module N := M) () = struct include X(Y)(struct end) end
        class virtual ['a] c (x : int) = let y = x in object (self) inherit! d as s
          val mutable v = 1.5 method private virtual m : 'a . int initializer self#m {< v = 2 >} end
        let w = let* x = [%ext? (module P)] and* _ = [| (fun (type t) -> (x : t :> u)) |] in x.M.l <- new c; [1; 2]
        exception E = M.E
        let v : type a. a = try effect_ with effect E, k -> assert (not true)
    "#;

    fn tree(source: &[u8]) -> Structure {
        parse_implementation(Name::new("a.ml"), source, ParseOptions::default()).result.expect("it is well formed")
    }

    #[test]
    fn trees_survive_a_round_trip() {
        let tree = tree(SOURCE);
        let bytes = write(IMPLEMENTATION_MAGIC, "a.ml", &tree);
        let (name, copy) = read::<Structure>(&bytes).expect("it is whole");
        assert_eq!((name.as_str(), &copy), ("a.ml", &tree));
        assert_eq!(contents(INTERFACE_MAGIC, &bytes), Contents::Source);
        assert_eq!(contents(IMPLEMENTATION_MAGIC, b"Caml1999M035"), Contents::OtherVersion);
    }

    #[test]
    fn damage_never_panics() {
        deep::on_deep_stack(|| {
            let bytes = write(IMPLEMENTATION_MAGIC, "a.ml", &tree(SOURCE));
            let mut damaged = bytes.clone();
            for i in (0..bytes.len()).step_by(3) {
                for change in [0x01, 0x15, 0x80] {
                    damaged[i] ^= change;
                    // Whatever comes of it, nothing panics, and it ends.
                    let _ = read::<Structure>(&damaged);
                    damaged[i] = bytes[i];
                }
                assert!(read::<Structure>(&bytes[..i]).is_err());
            }
        });
    }
}
