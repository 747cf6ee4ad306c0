//! Reads the symbol lists out of a real glibc: a developer's command, `cargo xtask codegen glibc-symbols`.
//!
//! The source is a release that still keeps `libpthread`, `libdl` and `librt` apart (2.31 of Debian 11), as the minimum
//! releases did; versions above a row's minimum are dropped. The lists are committed, so no build needs that release.

use std::collections::BTreeMap;
use std::path::Path;

use object::read::elf::{ElfFile64, FileHeader, Sym};
use object::{Endianness, elf};

use super::symbols::{Kind, Library, Symbol, Version};
use crate::tools::{self, BuildError, Result};

/// Libraries whose symbols programs may ask for; the dynamic loader's name is the row's.
pub const SONAMES: [&str; 6] =
    ["libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1"];

/// The symbols of one library at release `minimum`.
pub fn library(path: &Path, soname: &str, minimum: &Version) -> Result<Library> {
    let data = tools::read(path)?;
    let unreadable = |error: object::Error| BuildError::new(format!("cannot read {}: {error}", path.display()));
    let symbols = read_symbols(&data, minimum).map_err(unreadable)?;
    Ok(Library { soname: soname.to_string(), symbols })
}

/// One version of a symbol, as the library exports it.
struct Export {
    version: Version,
    is_default: bool,
    kind: Kind,
}

fn read_symbols(data: &[u8], minimum: &Version) -> object::Result<Vec<Symbol>> {
    let file = ElfFile64::<Endianness>::parse(data)?;
    let endian = file.endian();
    let header = file.elf_header();
    let sections = header.sections(endian, data)?;
    let dynamic_symbols = sections.symbols(endian, data, elf::SHT_DYNSYM)?;
    let Some(versions) = sections.versions(endian, data)? else { return Ok(Vec::new()) };
    let mut exports: BTreeMap<String, Vec<Export>> = BTreeMap::new();
    for (index, symbol) in dynamic_symbols.enumerate() {
        if symbol.is_undefined(endian) {
            continue;
        }
        let name = String::from_utf8_lossy(dynamic_symbols.symbol_name(endian, symbol)?).into_owned();
        let version_index = versions.version_index(endian, index);
        let version =
            versions.version(version_index.index())?.and_then(|v| Version::parse(&String::from_utf8_lossy(v.name())));
        // What has no public version (GLIBC_PRIVATE, the versions' own names) is not for programs.
        let (Some(version), Some(kind)) = (version, kind_of(symbol, endian)) else { continue };
        let is_default = !version_index.is_hidden();
        exports.entry(name).or_default().push(Export { version, is_default, kind });
    }
    Ok(exports.into_iter().filter_map(|(name, exports)| at_release(name, exports, minimum)).collect())
}

fn kind_of<S: Sym<Endian = Endianness>>(symbol: &S, endian: Endianness) -> Option<Kind> {
    let size: u64 = symbol.st_size(endian).into();
    match symbol.st_type() {
        elf::STT_FUNC | elf::STT_GNU_IFUNC | elf::STT_NOTYPE => Some(Kind::Function),
        elf::STT_OBJECT if size > 0 => Some(Kind::Object { size, address: symbol.st_value(endian).into() }),
        elf::STT_TLS => Some(Kind::Tls { size }),
        _ => None,
    }
}

/// The newest version that the minimum release had; none for symbols that no program can be linked with any more.
fn at_release(name: String, exports: Vec<Export>, minimum: &Version) -> Option<Symbol> {
    if !exports.iter().any(|export| export.is_default) {
        return None;
    }
    let export =
        exports.into_iter().filter(|export| export.version <= *minimum).max_by(|a, b| a.version.cmp(&b.version))?;
    Some(Symbol { name, version: export.version, kind: export.kind })
}
