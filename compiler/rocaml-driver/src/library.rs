//! `-a`: libraries of units. Upstream's `Asmlibrarian`.

use crate::host::Host;
use crate::options::{Input, Options};
use crate::unit_files::{self, LibraryInfo, CMXA_MAGIC};
use rocaml_target::ObjectFormat;
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
    let archive = archive(options, &members).map_err(|error| format!("Cannot make the archive: {error}"))?;
    let write = |path: &Path, bytes: &[u8]| {
        host.write(path, bytes).map_err(|error| format!("Cannot write {}: {}", path.display(), crate::io_error_text(&error)))
    };
    write(&output.with_extension("a"), &archive)?;
    write(output, &unit_files::encode(CMXA_MAGIC, &library))
}

/// An archive of objects with its symbol index. Nothing of it depends on the time or the user.
fn archive(options: &Options, members: &[(String, Vec<u8>)]) -> std::io::Result<Vec<u8>> {
    use ar_archive_writer::{write_archive_to_stream, ArchiveKind, NewArchiveMember, DEFAULT_OBJECT_READER};
    let kind = match options.target.object_format {
        ObjectFormat::Elf | ObjectFormat::Wasm => ArchiveKind::Gnu,
        ObjectFormat::MachO => ArchiveKind::Darwin,
        ObjectFormat::Coff => ArchiveKind::Coff,
    };
    let members: Vec<NewArchiveMember<'_>> = members
        .iter()
        .map(|(name, bytes)| NewArchiveMember {
            buf: Box::new(bytes.as_slice()),
            object_reader: &DEFAULT_OBJECT_READER,
            member_name: name.clone(),
            mtime: 0,
            uid: 0,
            gid: 0,
            perms: 0o644,
        })
        .collect();
    let mut output = std::io::Cursor::new(Vec::new());
    write_archive_to_stream(&mut output, &members, kind, false, None)?;
    Ok(output.into_inner())
}
