//! What can be wrong with a link or a library, and how it is said: upstream's errors of `Asmlink`,
//! `Asmlibrarian`, `Compilenv` and `Linkdeps`, and those of rows and of this machine.

use crate::unit_files::UnitFileError;
use rocaml_base::{Location, Name};
use rocaml_diag::Doc;
use rocaml_diag::report::Report;
use std::path::{Path, PathBuf};

/// A unit and the file of the command line that holds it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Reference {
    pub unit: String,
    pub file: PathBuf,
}

/// Why there is no executable, or no library.
#[derive(Debug)]
pub enum LinkError {
    FileNotFound(String),
    /// The archive of a variant of the runtime.
    RuntimeNotFound(String),
    /// A unit of a pack.
    MemberNotFound(String),
    UnitFile(UnitFileError),
    /// Units without an implementation, with those that name them.
    MissingImplementations(Vec<(String, Vec<Reference>)>),
    /// Units that stand after those that depend on them.
    WrongLinkOrder(Vec<(Reference, Vec<Reference>)>),
    MultipleDefinitions(Vec<(String, Vec<PathBuf>)>),
    /// Two units were compiled against different versions of a third.
    Inconsistent {
        what: &'static str,
        unit: String,
        user: PathBuf,
        authority: PathBuf,
    },
    WrongTarget {
        file: PathBuf,
        found: String,
        wanted: &'static str,
    },
    /// The options ask for a link that the row's linker cannot do.
    Command(linkers::LinkError),
    CannotRunLinker {
        program: PathBuf,
        error: std::io::Error,
    },
    Linking {
        exit_code: i32,
    },
    CannotWrite(PathBuf, std::io::Error),
    Archive(std::io::Error),
    Backend(String),
}

impl From<UnitFileError> for LinkError {
    fn from(error: UnitFileError) -> LinkError {
        LinkError::UnitFile(error)
    }
}

impl LinkError {
    /// The report; `input` is the source that was compiled last, if any.
    pub fn report(&self, input: Option<&str>) -> Report {
        let file = match self {
            // Upstream is compiling its startup file by then.
            LinkError::Linking { .. } | LinkError::RuntimeNotFound(_) => "caml_startup",
            _ => input.unwrap_or("_none_"),
        };
        Report::error(Location::in_file(Name::new(file)), self.doc())
    }

    fn doc(&self) -> Doc {
        match self {
            LinkError::FileNotFound(name) | LinkError::RuntimeNotFound(name) => {
                Doc::template("Cannot find file %a", &[Doc::code(name)])
            }
            LinkError::MemberNotFound(name) => Doc::template("File %a not found", &[Doc::code(name)]),
            LinkError::UnitFile(error) => error.doc(),
            LinkError::MissingImplementations(missing) => {
                let lines = missing.iter().map(|(unit, users)| {
                    let users = Doc::comma_list(users.iter().map(reference));
                    Doc::template("@ @[<hov 2>%a referenced from %a@]", &[Doc::code(unit), users])
                });
                let lines = Doc::separated(lines, |_| {});
                Doc::template("@[<v 2>No implementation provided for the following modules:%a@]", &[lines])
            }
            LinkError::WrongLinkOrder(wrong) => {
                let lines = wrong.iter().map(|(late, users)| {
                    let users = Doc::comma_list(users.iter().map(reference));
                    Doc::template("@ @[<hov 2>%a depends on %a@]", &[users, reference(late)])
                });
                Doc::template("@[<hov 2>Wrong link order:%a@]", &[Doc::comma_list(lines)])
            }
            LinkError::MultipleDefinitions(units) => {
                let lines = units.iter().map(|(unit, files)| {
                    let files = Doc::comma_list(files.iter().map(|file| code(file)));
                    Doc::template("@ @[<hov>Multiple definitions of module %a in files %a@]", &[Doc::code(unit), files])
                });
                // The space before the first word is upstream's.
                Doc::template("@[<hov 2> Duplicated implementations:%a@]", &[Doc::comma_list(lines)])
            }
            LinkError::Inconsistent { what, unit, user, authority } => Doc::template(
                "@[<hov>Files %a@ and %a@ make inconsistent assumptions over %s %a@]",
                &[code(user), code(authority), Doc::from(*what), Doc::code(unit)],
            ),
            LinkError::WrongTarget { file, found, wanted } => Doc::template(
                "@[<hov>File %a@ was compiled for %s,@ and this is for %s@]",
                &[code(file), Doc::from(found.as_str()), Doc::from(*wanted)],
            ),
            LinkError::Command(error) => Doc::from(error.to_string()),
            LinkError::CannotRunLinker { program, error } => Doc::from(format!(
                "Cannot run the linker {}: {} (choose another with -linker)",
                program.display(),
                crate::io_error_text(error)
            )),
            LinkError::Linking { exit_code } => Doc::from(format!("Error during linking (exit code {exit_code})")),
            LinkError::CannotWrite(path, error) => {
                Doc::from(format!("I/O error: {}: {}", path.display(), crate::io_error_text(error)))
            }
            LinkError::Archive(error) => Doc::from(format!("Error while creating the library: {error}")),
            LinkError::Backend(text) => Doc::from(text.as_str()),
        }
    }
}

fn code(file: &Path) -> Doc {
    Doc::code(file.display())
}

fn reference(reference: &Reference) -> Doc {
    Doc::template("%a (%s)", &[Doc::code(&reference.unit), Doc::from(reference.file.display().to_string())])
}
