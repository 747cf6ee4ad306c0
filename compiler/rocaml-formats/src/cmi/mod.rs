//! Compiled interfaces, `.cmi`: upstream's `Cmi_format`.
//!
//! The magic number, the marshalled pair of name and signature, the marshalled digests of
//! imports, the marshalled flags. The digest of an interface is that of the bytes before the
//! digests. What upstream wrote with compression is read as well; nothing is compressed here.

mod decode;
pub mod encode;

use crate::marshal::{self, Heap, Value};
use crate::md5;
use rocaml_base::Name;
use rocaml_types::env::persistent::{CmiInfos, Digest, PersFlag, PersistentError};
use rocaml_types::{Context, ModuleType};
use std::rc::Rc;

/// What a `.cmi` begins with.
pub const MAGIC: &[u8; 12] = b"Caml1999I036";

/// The bytes of an interface whose signature was substituted for saving, and its digest.
pub fn write(cx: &Context, cmi: &CmiInfos) -> (Vec<u8>, Digest) {
    let mut bytes = MAGIC.to_vec();
    let mut encoder = encode::Encoder::new(cx);
    let name = encoder.name(cmi.name);
    let sign = encoder.signature(&cmi.sign);
    let header = encoder.w.block(0, vec![name, sign]);
    bytes.extend(marshal::write(&encoder.w.heap, header));
    let digest = md5::digest(&bytes);
    let mut heap = Heap::new();
    let own = (cmi.name, Some(digest));
    let crcs = std::iter::once(&own)
        .chain(&cmi.crcs)
        .map(|(unit, crc)| {
            let unit = heap.string(unit.as_bytes());
            let crc = match crc {
                None => Value::Int(0),
                Some(crc) => {
                    let crc = heap.string(crc);
                    heap.block(0, vec![crc])
                }
            };
            heap.block(0, vec![unit, crc])
        })
        .collect();
    let crcs = heap.list(crcs);
    bytes.extend(marshal::write(&heap, crcs));
    let mut heap = Heap::new();
    let flags = cmi.flags.iter().map(|flag| write_flag(&mut heap, flag)).collect();
    let flags = heap.list(flags);
    bytes.extend(marshal::write(&heap, flags));
    (bytes, digest)
}

/// How many bytes module types take, marshalled together.
pub fn size(cx: &Context, mtys: &[&ModuleType]) -> usize {
    let mut encoder = encode::Encoder::new(cx);
    let fields: Vec<Value> = mtys.iter().map(|mty| encoder.module_type(mty)).collect();
    let root = encoder.w.block(0, fields);
    marshal::write(&encoder.w.heap, root).len()
}

fn write_flag(heap: &mut Heap, flag: &PersFlag) -> Value {
    match flag {
        PersFlag::Rectypes => Value::Int(0),
        PersFlag::Opaque => Value::Int(1),
        PersFlag::Alerts(alerts) => {
            let mut sorted = alerts.clone();
            sorted.sort();
            let entries: Vec<(Value, Value)> = sorted
                .iter()
                .map(|(kind, text)| (heap.string(kind.as_bytes()), heap.string(text.as_bytes())))
                .collect();
            let map = encode::map(heap, &entries);
            heap.block(0, vec![map])
        }
    }
}

/// Reads an interface: its types become generic nodes, its bound idents are fresh.
pub fn read(cx: &Context, file: &str, bytes: &[u8]) -> Result<CmiInfos, PersistentError> {
    let corrupted =
        |error: marshal::Error| PersistentError::Corrupted { file: file.to_owned(), explanation: error.to_string() };
    let magic = bytes.get(..MAGIC.len()).ok_or_else(|| corrupted(marshal::Error::Truncated))?;
    if magic != MAGIC {
        let same_kind = magic[..MAGIC.len() - 3] == MAGIC[..MAGIC.len() - 3];
        return Err(if same_kind {
            PersistentError::WrongVersion { file: file.to_owned(), older: magic < &MAGIC[..] }
        } else {
            PersistentError::NotAnInterface(file.to_owned())
        });
    }
    read_body(cx, &bytes[MAGIC.len()..]).map_err(corrupted)
}

fn read_body(cx: &Context, bytes: &[u8]) -> Result<CmiInfos, marshal::Error> {
    let (heap, header, used) = marshal::read(bytes)?;
    let rest = &bytes[used..];
    let (_, [name, sign]) = heap.as_block(header)? else { return Err(marshal::Error::Shape("a header")) };
    let mut decoder = decode::Decoder::new(cx, &heap);
    let name = decoder.name(*name)?;
    let sign = Rc::new(decoder.signature(*sign)?);
    let (heap, crcs, used) = marshal::read(rest)?;
    let crcs = read_crcs(&heap, crcs)?;
    let (heap, flags, _) = marshal::read(&rest[used..])?;
    let flags = heap.items(flags)?.into_iter().map(|flag| read_flag(&heap, flag)).collect::<Result<_, _>>()?;
    Ok(CmiInfos { name, sign, crcs, flags })
}

fn read_name(heap: &Heap, v: Value) -> Result<Name, marshal::Error> {
    Ok(Name::new(&String::from_utf8_lossy(heap.as_bytes(v)?)))
}
fn read_crcs(heap: &Heap, v: Value) -> Result<Vec<(Name, Option<Digest>)>, marshal::Error> {
    let mut crcs = Vec::new();
    for item in heap.items(v)? {
        let (_, [unit, crc]) = heap.as_block(item)? else { return Err(marshal::Error::Shape("an import")) };
        let crc = match crc {
            Value::Int(_) => None,
            crc => {
                let (_, [crc]) = heap.as_block(*crc)? else { return Err(marshal::Error::Shape("a digest")) };
                Some(heap.as_bytes(*crc)?.try_into().map_err(|_| marshal::Error::Shape("a digest"))?)
            }
        };
        crcs.push((read_name(heap, *unit)?, crc));
    }
    Ok(crcs)
}
fn read_flag(heap: &Heap, v: Value) -> Result<PersFlag, marshal::Error> {
    match v {
        Value::Int(0) => Ok(PersFlag::Rectypes),
        Value::Int(_) => Ok(PersFlag::Opaque),
        v => {
            let (_, [map]) = heap.as_block(v)? else { return Err(marshal::Error::Shape("a flag")) };
            let mut alerts = Vec::new();
            for (kind, text) in decode::map_entries(heap, *map)? {
                alerts.push((read_name(heap, kind)?, String::from_utf8_lossy(heap.as_bytes(text)?).into_owned()));
            }
            Ok(PersFlag::Alerts(alerts))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rocaml_base::Location;
    use rocaml_types::*;

    fn interface(cx: &Context) -> CmiInfos {
        let t = Ident::create_local(Name::new("t"));
        let a = ctype::newgenvar(cx, None);
        let desc = TypeDesc::Constr(Path::Ident(t), [].into(), cx.new_memo());
        let t_ty = ctype::newgenty(cx, desc);
        let arrow =
            TypeDesc::Arrow(rocaml_syntax::asttypes::ArgLabel::Nolabel, a, predef::type_list(cx, t_ty), Commutable::Ok);
        let decl = ctype::new_local_type(cx, Location::none(), Some((cx.predef().int, 0)), AbstractOrigin::Definition);
        let value = ValueDescription {
            type_: ctype::newgenty(cx, arrow),
            kind: ValueKind::Reg,
            loc: Location::none(),
            attributes: Vec::new(),
            uid: cx.fresh_uid(),
        };
        let sg = vec![
            SignatureItem::Type(t, Rc::new(decl), RecStatus::First, Visibility::Exported),
            SignatureItem::Value(Ident::create_local(Name::new("f")), Rc::new(value), Visibility::Exported),
        ];
        cx.make_cmi(Name::new("M"), Vec::new(), &sg)
    }

    #[test]
    fn interfaces_survive_a_round_trip() {
        let cx = &Context::for_tests();
        let (bytes, digest) = write(cx, &interface(cx));
        let copy = read(cx, "m.cmi", &bytes).unwrap();
        assert_eq!((copy.name, copy.crcs[0]), (Name::new("M"), (Name::new("M"), Some(digest))));
        assert_eq!(printtyp::signature(cx, &copy.sign).to_text(), "type t = int\nval f : 'a -> t list");
        for cut in (0..bytes.len()).step_by(7) {
            assert!(read(cx, "m.cmi", &bytes[..cut]).is_err());
        }
        let mut damaged = bytes.clone();
        for i in 0..bytes.len() {
            damaged[i] ^= 0x15;
            // Whatever comes of it, nothing panics.
            let _ = read(cx, "m.cmi", &damaged);
            damaged[i] = bytes[i];
        }
    }
}
