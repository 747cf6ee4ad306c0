//! `.cmir-linear` files: units as they are before code is emitted (`-save-ir-after scheduling`).
//!
//! The format is that of `.cmx` files, with a magic line of its own.

use crate::host::Host;
use crate::unit_files::{self, UnitFileError, UnitInfo};
use rocaml_diag::Doc;
use rocaml_middle::cmm;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// First line of a file. The number changes with every change of the encoding.
pub const IR_MAGIC: &str = "RocamlL00001";

/// The extension of the files.
pub const EXTENSION: &str = "cmir-linear";

/// What a file holds.
#[derive(Serialize, Deserialize)]
pub struct SavedUnit {
    pub unit: cmm::Unit,
    /// What its `.cmx` says.
    pub info: UnitInfo,
    /// `-for-pack` when it was made.
    pub for_pack: Option<String>,
}

/// The bytes of a file.
pub fn encode(saved: &SavedUnit) -> Vec<u8> {
    unit_files::encode(IR_MAGIC, saved)
}

/// Reads a file.
///
/// # Errors
/// Why it cannot be used, in words.
pub fn read(host: &dyn Host, path: &Path) -> Result<SavedUnit, Doc> {
    let bytes = host.read(path).map_err(|error| UnitFileError::Io(path.into(), error));
    bytes.and_then(|bytes| decode(&bytes, path)).map_err(|error| explain(&error))
}

fn decode(bytes: &[u8], path: &Path) -> Result<SavedUnit, UnitFileError> {
    let (saved, _): (SavedUnit, _) = unit_files::decode(bytes, path, IR_MAGIC)?;
    // What a backend relies on holds of whatever came from a file.
    cmm::verify(&saved.unit).map_err(|_| UnitFileError::Corrupted(path.into()))?;
    Ok(saved)
}

fn explain(error: &UnitFileError) -> Doc {
    match error {
        UnitFileError::NotAUnit(path) => {
            Doc::template("Expected Linear format. Incompatible file %a", &[Doc::code(path.display())])
        }
        UnitFileError::WrongVersion(path) => {
            Doc::template("%a@ is not compatible with this version of rocaml", &[Doc::code(path.display())])
        }
        UnitFileError::Corrupted(path) => Doc::template("Corrupted format@ %a", &[Doc::code(path.display())]),
        UnitFileError::Io(path, error) => {
            Doc::from(format!("I/O error: {}: {}", path.display(), crate::io_error_text(error)))
        }
        other => other.doc(),
    }
}

/// What is wrong when a unit was made for another pack than it is to be compiled for.
pub fn mismatched_for_pack(wanted: Option<&str>, saved: Option<&str>) -> Doc {
    let words = |pack: Option<&str>| match pack {
        None => Doc::template("without %a", &[Doc::code("-for-pack")]),
        Some(pack) => Doc::template("with %a", &[Doc::code(format!("-for-pack {pack}"))]),
    };
    Doc::template("This input file cannot be compiled %a: it was generated %a.", &[words(wanted), words(saved)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use rocaml_base::Name;

    fn saved() -> SavedUnit {
        let entry = Name::new("camlA.entry");
        let body = cmm::Expr::Const(cmm::Const::Int(1));
        let function = cmm::Function {
            symbol: entry,
            params: Vec::new(),
            result: cmm::Type::Val,
            body,
            debug: None,
            num_vars: 0,
            num_labels: 0,
            exported: true,
        };
        let unit = cmm::Unit {
            name: Name::new("A"),
            functions: vec![function],
            data: vec![vec![cmm::DataItem::GlobalSymbol(Name::new("camlA")), cmm::DataItem::Word(1)]],
            gc_roots: Vec::new(),
            entry,
            apply_arities: vec![2],
            curry_arities: Vec::new(),
            tuplify_arities: Vec::new(),
        };
        let info = UnitInfo {
            name: "A".to_owned(),
            symbol: "A".to_owned(),
            defines: vec!["A".to_owned()],
            target: "x86_64-linux-gnu".to_owned(),
            version: "1".to_owned(),
            imports_cmi: Vec::new(),
            imports_cmx: Vec::new(),
            required: Vec::new(),
            force_link: false,
            apply_arities: vec![2],
            curry_arities: Vec::new(),
            tuplify_arities: Vec::new(),
            export: None,
        };
        SavedUnit { unit, info, for_pack: None }
    }

    #[test]
    fn files_are_read_as_they_were_written() {
        let bytes = encode(&saved());
        let again = decode(&bytes, Path::new("a")).expect("it is whole");
        assert_eq!(again.unit, saved().unit);
        assert_eq!(encode(&again), bytes);
    }

    #[test]
    fn damage_is_an_error_of_its_own() {
        let good = encode(&saved());
        for length in 0..good.len() {
            assert!(decode(&good[..length], Path::new("a")).is_err());
        }
        for position in (0..good.len()).filter(|position| *position != IR_MAGIC.len()) {
            let mut bad = good.clone();
            bad[position] ^= 0x21;
            assert!(decode(&bad, Path::new("a")).is_err(), "byte {position}");
        }
        // Damage that keeps the digest right: whatever comes of it, it comes as a result.
        let header = IR_MAGIC.len() + 1 + 8 + 16;
        for position in header..good.len() {
            for flip in [1, 0x7f, 0xff] {
                let mut body = good[header..].to_vec();
                body[position - header] ^= flip;
                let mut bad = format!("{IR_MAGIC}\n").into_bytes();
                bad.extend((body.len() as u64).to_le_bytes());
                bad.extend(unit_files::digest(&body));
                bad.extend(body);
                drop(decode(&bad, Path::new("a")));
            }
        }
    }
}
