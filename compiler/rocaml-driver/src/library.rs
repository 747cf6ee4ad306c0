//! `-a`: libraries of units. Upstream's `Asmlibrarian`.

use crate::host::Host;
use crate::link::Dependencies;
use crate::link_error::LinkError;
use crate::options::{Input, Options};
use crate::unit_files::{self, CMXA_MAGIC, LibraryInfo};
use rocaml_target::ObjectFormat;
use std::path::{Path, PathBuf};

/// Makes a `.cmxa` and its `.a` of units in the order given.
pub fn create(host: &dyn Host, options: &Options, units: &[PathBuf], output: &Path) -> Result<(), LinkError> {
    let mut infos = Vec::new();
    let mut members = Vec::new();
    let mut dependencies = Dependencies::default();
    for path in units.iter().rev() {
        let (mut info, digest) = unit_files::read_cmx(host, path)?;
        if info.target != options.target.name {
            return Err(LinkError::WrongTarget { file: path.clone(), found: info.target, wanted: options.target.name });
        }
        dependencies.add(&info, path);
        info.force_link |= options.link_all;
        let object = path.with_extension("o");
        let bytes = host.read(&object).map_err(|_| LinkError::FileNotFound(object.display().to_string()))?;
        let name = object.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        members.push((name, bytes));
        infos.push((info, digest));
    }
    dependencies.check(false)?;
    infos.reverse();
    members.reverse();
    let ccobjs = options.inputs.iter().filter_map(|input| match input {
        Input::CcLib(lib) => Some(lib.clone()),
        _ => None,
    });
    let library = LibraryInfo { units: infos, ccobjs: ccobjs.collect(), ccopts: options.ccopts.clone() };
    let archive = archive(options, &members).map_err(LinkError::Archive)?;
    let write = |path: &Path, bytes: &[u8]| {
        host.write(path, bytes).map_err(|error| LinkError::CannotWrite(path.to_owned(), error))
    };
    let archive_path = output.with_extension("a");
    write(&archive_path, &archive)?;
    write(output, &unit_files::encode(CMXA_MAGIC, &library)).inspect_err(|_| host.remove(&archive_path))
}

/// An archive of objects with its symbol index. Nothing of it depends on the time or the user.
fn archive(options: &Options, members: &[(String, Vec<u8>)]) -> std::io::Result<Vec<u8>> {
    use ar_archive_writer::{ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, write_archive_to_stream};
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
