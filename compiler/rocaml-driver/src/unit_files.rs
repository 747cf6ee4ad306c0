//! `.cmx` and `.cmxa` files: what other units and the link need to know of compiled units.
//!
//! The format is ours: a magic line, the length and MD5 of the body, and the body in `postcard`
//! encoding. A file that was cut short or changed is recognised before it is decoded.

use crate::host::Host;
use rocaml_diag::Doc;
use rocaml_middle::export::UnitExport;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// MD5 of a file's contents, as upstream records it for interfaces.
pub type Digest = [u8; 16];

/// First line of a `.cmx`. The number changes with every change of the encoding.
pub const CMX_MAGIC: &str = "RocamlY00002";
/// First line of a `.cmxa`.
pub const CMXA_MAGIC: &str = "RocamlZ00002";

/// A unit's name and the digest of the file that was read; none when only its name was used.
pub type Import = (String, Option<Digest>);

/// What a `.cmx` says of its unit: upstream's `Cmx_format.unit_infos`.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub struct UnitInfo {
    pub name: String,
    /// Its name in symbols: that of the packs it is made for comes first.
    pub symbol: String,
    /// The units whose code its object has, by their names in symbols, in the order of their
    /// initialisation: itself last.
    pub defines: Vec<String>,
    /// The row it was compiled for.
    pub target: String,
    /// The version of the compiler.
    pub version: String,
    /// Interfaces read, its own first.
    pub imports_cmi: Vec<Import>,
    /// Optimisation information read.
    pub imports_cmx: Vec<Import>,
    /// Units that must be linked before, for their effects.
    pub required: Vec<String>,
    /// `-linkall` when it was compiled: never dropped from a library.
    pub force_link: bool,
    /// Helper functions that the startup object must hold.
    pub apply_arities: Vec<u32>,
    pub curry_arities: Vec<u32>,
    pub tuplify_arities: Vec<u32>,
    /// For inlining and known calls; nothing with `-opaque`.
    pub export: Option<UnitExport>,
}

/// What a `.cmxa` says: upstream's `library_infos`.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub struct LibraryInfo {
    /// Units with the digest of their `.cmx`, in link order.
    pub units: Vec<(UnitInfo, Digest)>,
    pub ccobjs: Vec<String>,
    pub ccopts: Vec<String>,
}

/// Why a file cannot be used.
#[derive(Debug)]
pub enum UnitFileError {
    Io(PathBuf, std::io::Error),
    /// Not a file of this kind.
    NotAUnit(PathBuf),
    /// Of this kind, and of another version of rocaml.
    WrongVersion(PathBuf),
    Corrupted(PathBuf),
    /// It is for a pack, and the unit that refers to it is not.
    MismatchingForPack {
        path: PathBuf,
        pack: String,
        unit: String,
        unit_pack: Option<String>,
    },
    /// It describes another unit than its name says.
    IllegalRenaming {
        path: PathBuf,
        found: String,
        expected: String,
    },
}

impl UnitInfo {
    /// The packs that it was compiled for.
    pub fn pack(&self) -> Option<String> {
        let prefix = self.symbol.strip_suffix(&self.name)?.strip_suffix("__")?;
        Some(prefix.replace("__", "."))
    }
}

impl UnitFileError {
    /// The message as a document.
    pub fn doc(&self) -> Doc {
        let file = |path: &PathBuf| Doc::code(path.display());
        match self {
            UnitFileError::Io(_, error) if error.kind() == std::io::ErrorKind::IsADirectory => {
                Doc::from(format!("I/O error: {}", crate::io_error_text(error)))
            }
            UnitFileError::Io(path, error) if error.kind() == std::io::ErrorKind::NotFound => {
                Doc::template("Cannot find file %a", &[file(path)])
            }
            UnitFileError::Io(path, error) => {
                Doc::from(format!("I/O error: {}: {}", path.display(), crate::io_error_text(error)))
            }
            UnitFileError::NotAUnit(path) => Doc::template("%a@ is not a compilation unit description.", &[file(path)]),
            UnitFileError::WrongVersion(path) => {
                Doc::template("%a@ is not a compilation unit description for this version of rocaml.", &[file(path)])
            }
            UnitFileError::Corrupted(path) => {
                Doc::template("Corrupted compilation unit description@ %a", &[file(path)])
            }
            UnitFileError::MismatchingForPack { path, pack, unit, unit_pack } => {
                let option = |pack: &String| Doc::code(format!("-for-pack {pack}"));
                let mut arguments = vec![file(path), option(pack), Doc::code(unit)];
                match unit_pack {
                    None => Doc::template("%a@ was built with %a, but the @ current unit %a is not", &arguments),
                    Some(own) => {
                        arguments.push(option(own));
                        let template = "%a@ was built with %a, but the @ current unit %a is built with %a";
                        Doc::template(template, &arguments)
                    }
                }
            }
            UnitFileError::IllegalRenaming { path, found, expected } => Doc::template(
                "%a@ contains the description for unit@ %a when %a was expected",
                &[file(path), Doc::code(found), Doc::code(expected)],
            ),
        }
    }
}

/// The MD5 of some bytes.
pub fn digest(bytes: &[u8]) -> Digest {
    use md5::{Digest as _, Md5};
    Md5::digest(bytes).into()
}

/// The bytes of a file with this magic and contents.
pub fn encode<T: Serialize>(magic: &str, contents: &T) -> Vec<u8> {
    let body = postcard::to_allocvec(contents).expect("unit descriptions hold only encodable data");
    let mut bytes = format!("{magic}\n").into_bytes();
    bytes.extend((body.len() as u64).to_le_bytes());
    bytes.extend(digest(&body));
    bytes.extend(body);
    bytes
}

/// Reads a `.cmx` with its digest.
pub fn read_cmx(host: &dyn Host, path: &Path) -> Result<(UnitInfo, Digest), UnitFileError> {
    read(host, path, CMX_MAGIC)
}

/// Reads a `.cmxa`.
pub fn read_cmxa(host: &dyn Host, path: &Path) -> Result<LibraryInfo, UnitFileError> {
    Ok(read(host, path, CMXA_MAGIC)?.0)
}

fn read<T: DeserializeOwned>(host: &dyn Host, path: &Path, magic: &str) -> Result<(T, Digest), UnitFileError> {
    let bytes = host.read(path).map_err(|error| UnitFileError::Io(path.into(), error))?;
    decode(&bytes, path, magic)
}

pub(crate) fn decode<T: DeserializeOwned>(
    bytes: &[u8],
    path: &Path,
    magic: &str,
) -> Result<(T, Digest), UnitFileError> {
    let header_len = magic.len() + 1 + 8 + 16;
    let kind_len = "RocamlY".len();
    if bytes.len() < magic.len() {
        return Err(UnitFileError::Corrupted(path.into()));
    }
    if bytes[..kind_len] != magic.as_bytes()[..kind_len] {
        return Err(UnitFileError::NotAUnit(path.into()));
    }
    if bytes.len() < header_len {
        return Err(UnitFileError::Corrupted(path.into()));
    }
    if bytes[..magic.len()] != *magic.as_bytes() {
        return Err(UnitFileError::WrongVersion(path.into()));
    }
    let (head, body) = bytes.split_at(header_len);
    let (length, sum) = head[magic.len() + 1..].split_at(8);
    if length != (body.len() as u64).to_le_bytes() || sum != digest(body) {
        return Err(UnitFileError::Corrupted(path.into()));
    }
    let contents = postcard::from_bytes(body).map_err(|_| UnitFileError::Corrupted(path.into()))?;
    Ok((contents, digest(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_recognised() {
        let path = Path::new("a.cmx");
        let good = encode(CMX_MAGIC, &vec![1u32, 2, 3]);
        let read = |bytes: &[u8]| decode::<Vec<u32>>(bytes, path, CMX_MAGIC).map(|(v, _)| v);
        assert_eq!(read(&good).expect("it is whole"), [1, 2, 3]);
        for length in 0..good.len() {
            assert!(read(&good[..length]).is_err());
        }
        for position in 0..good.len() {
            let mut bad = good.clone();
            bad[position] ^= 0x10;
            assert!(position == CMX_MAGIC.len() || read(&bad).is_err(), "byte {position}");
        }
    }
}
