//! The files that a unit is made of, and what depends on them.

use super::{Depend, Kind};
use crate::host::HostRef;
use rocaml_depend::Names;
use rocaml_syntax::utf8_lexeme;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The directories with their files.
#[derive(Default)]
pub struct Finder {
    path: Vec<PathBuf>,
    listed: HashMap<PathBuf, Vec<String>>,
}

/// The name of a file up to its extension, if it has one.
pub fn without_extension(file: &str) -> Option<&str> {
    let base = file.rfind('/').map_or(0, |slash| slash + 1);
    let dot = file[base..].rfind('.')?;
    Some(&file[..base + dot])
}

/// Whether there is a file of this name with one of the extensions.
pub fn has_one_of(host: HostRef, base: &str, extensions: &[String]) -> bool {
    extensions.iter().any(|extension| host.exists(Path::new(&format!("{base}{extension}"))))
}

impl Finder {
    /// Lists the directories that were not listed yet; what is wrong with them.
    pub fn list(&mut self, host: HostRef, include_cwd: bool, directories: &[PathBuf]) -> Vec<String> {
        let cwd = include_cwd.then(|| PathBuf::from("."));
        self.path = cwd.into_iter().chain(directories.iter().cloned()).collect();
        let mut complaints = Vec::new();
        // The last one first: they are put in front of one another.
        for directory in self.path.iter().rev() {
            if !self.listed.contains_key(directory) {
                let files = host.read_directory(directory).unwrap_or_else(|error| {
                    let text = crate::io_error_text(&error);
                    complaints.push(format!("Bad -I option: {}: {text}\n", directory.display()));
                    Vec::new()
                });
                self.listed.insert(directory.clone(), files);
            }
        }
        complaints
    }

    /// A source of a unit.
    fn source(&self, unit: &str, extensions: &[&String]) -> Option<String> {
        let small = utf8_lexeme::uncapitalize(unit);
        let names: Vec<String> = extensions
            .iter()
            .flat_map(|extension| [format!("{unit}{extension}"), format!("{small}{extension}")])
            .collect();
        self.path.iter().find_map(|directory| {
            let name = self.listed.get(directory)?.iter().find(|name| names.contains(name))?;
            if directory == Path::new(".") {
                return Some(name.clone());
            }
            let directory = directory.display().to_string();
            let slash = if directory.is_empty() || directory.ends_with('/') { "" } else { "/" };
            Some(format!("{directory}{slash}{name}"))
        })
    }

    /// What a file of this kind depends on when it refers to these units: for bytecode and for native code, after what
    /// it depends on anyway.
    pub fn dependencies(
        &self,
        run: &Depend<'_>,
        kind: Kind,
        units: &Names,
        first: Vec<String>,
    ) -> (Vec<String>, Vec<String>) {
        let settings = run.settings;
        let extensions: Vec<&String> = settings.mli_synonyms.iter().chain(&settings.ml_synonyms).collect();
        let (mut bytecode, mut native) = (first.clone(), first);
        for unit in units {
            let Some(source) = self.source(unit.as_str(), &extensions) else { continue };
            let Some(base) = without_extension(&source) else { continue };
            let named = |extension: &str| format!("{base}{extension}");
            let has_interface = has_one_of(run.host, base, &settings.mli_synonyms);
            let has_implementation = has_one_of(run.host, base, &settings.ml_synonyms);
            let (for_bytecode, for_native) = match (settings.all, has_interface) {
                (true, _) => {
                    let is_used = kind == Kind::Implementation && (has_implementation || !has_interface);
                    let native = [Some(named(".cmi")), is_used.then(|| named(".cmx"))];
                    (named(".cmi"), native.into_iter().flatten().collect())
                }
                // A `.cmx` stands for the `.cmi` that it depends on.
                (false, true) => (named(".cmi"), vec![named(if has_implementation { ".cmx" } else { ".cmi" })]),
                (false, false) => (named(if settings.native_only { ".cmx" } else { ".cmo" }), vec![named(".cmx")]),
            };
            bytecode.insert(0, for_bytecode);
            native.splice(0..0, for_native);
        }
        (bytecode, native)
    }
}
