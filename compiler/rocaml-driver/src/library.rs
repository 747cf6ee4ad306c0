//! `-a`: libraries of units. Upstream's `Asmlibrarian`.

use crate::host::Host;
use crate::options::{Input, Options};
use crate::unit_files::{self, LibraryInfo, CMXA_MAGIC};
use std::path::{Path, PathBuf};

/// Makes a `.cmxa` and its `.a` of units in the order given.
pub fn create(host: &dyn Host, options: &Options, units: &[PathBuf], output: &Path) -> Result<(), String> {
    let mut infos = Vec::new();
    let mut members = Vec::new();
    for path in units {
        let (info, digest) = unit_files::read_cmx(host, path).map_err(|error| error.to_string())?;
        if info.target != options.target.name {
            return Err(format!("File {} was compiled for {}, not for {}", path.display(), info.target, options.target.name));
        }
        if infos.iter().any(|(other, _): &(unit_files::UnitInfo, _)| other.name == info.name) {
            return Err(format!("Several files define the unit {}", info.name));
        }
        let object = path.with_extension("o");
        let bytes = host.read(&object).map_err(|error| format!("Cannot find file {}: {error}", object.display()))?;
        let name = object.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        members.push((name, bytes));
        infos.push((info, digest));
    }
    let ccobjs = options.inputs.iter().filter_map(|input| match input {
        Input::CcLib(lib) => Some(lib.clone()),
        _ => None,
    });
    let library = LibraryInfo { units: infos, ccobjs: ccobjs.collect(), ccopts: options.ccopts.clone() };
    let archive = rocaml_native::archive(options.target, &members).map_err(|error| error.to_string())?;
    let write = |path: &Path, bytes: &[u8]| {
        host.write(path, bytes).map_err(|error| format!("Cannot write {}: {}", path.display(), crate::io_error_text(&error)))
    };
    write(&output.with_extension("a"), &archive)?;
    write(output, &unit_files::encode(CMXA_MAGIC, &library))
}
