//! `-sort`: files in the order of their dependencies.

use super::{FileDependencies, Kind, unit_of};
use crate::host::HostRef;
use crate::options::Options;
use crate::reporting::Console;
use rocaml_base::Location;
use rocaml_diag::report::Report;
use std::collections::HashMap;

type Key = (String, Kind);

/// A file that waits for others.
struct Waiting<'f> {
    file: &'f str,
    /// The last one found first.
    dependencies: Vec<Key>,
}

/// The names of the files on one line, and whether they depend on each other in a cycle, which is reported. Files are
/// given in the order of the command line.
pub fn sorted(host: HostRef, options: &Options, files: &[FileDependencies]) -> (String, bool) {
    let keys: Vec<Key> = files.iter().map(|file| (unit_of(&file.file), file.kind)).collect();
    let is_there = |unit: &str, kind: Kind| keys.iter().any(|(name, other)| name == unit && *other == kind);
    // Of files of one unit the last one hides the others until it is done.
    let mut waiting: HashMap<&Key, Vec<Waiting<'_>>> = HashMap::new();
    for (file, key) in files.iter().rev().zip(keys.iter().rev()) {
        let dependencies = dependencies(file, key, is_there);
        waiting.entry(key).or_default().push(Waiting { file: &file.file, dependencies });
    }
    let mut worklist: Vec<&Key> = keys.iter().collect();
    let mut text = String::new();
    loop {
        let mut progress = false;
        let mut rest = Vec::new();
        for key in worklist {
            let Some(others) = waiting.get(key) else { continue };
            let Some(first) = others.last() else { continue };
            let mut left: Vec<Key> =
                first.dependencies.iter().filter(|key| waiting.contains_key(key)).cloned().collect();
            left.reverse();
            if !left.is_empty() {
                rest.push(key);
            }
            let Some(others) = waiting.get_mut(key) else { continue };
            if left.is_empty() {
                progress = true;
                text.push_str(&others.pop().map(|done| format!("{} ", done.file)).unwrap_or_default());
                if others.is_empty() {
                    waiting.remove(key);
                }
            } else if let Some(first) = others.last_mut() {
                first.dependencies = left;
            }
        }
        rest.reverse();
        worklist = rest;
        if !progress || worklist.is_empty() {
            break;
        }
    }
    let is_cyclic = !worklist.is_empty();
    if is_cyclic {
        if let Ok(console) = Console::new(host, options) {
            console.print(&Report::error(Location::none(), "cycle in dependencies. End of list is not sorted."));
        }
        let mut left: Vec<Waiting<'_>> = waiting.into_values().flatten().collect();
        left.sort_by(|a, b| a.file.cmp(b.file));
        for Waiting { file, dependencies } in left {
            let names: String = dependencies
                .iter()
                .map(|(unit, kind)| format!("{unit}.{} ", if *kind == Kind::Implementation { "ml" } else { "mli" }))
                .collect();
            host.print_error(&format!("\t{file}: {names}\n"));
            text.push_str(&format!("{file} "));
        }
    }
    text.push('\n');
    (text, is_cyclic)
}

/// The files among those that are sorted which a file depends on.
fn dependencies(file: &FileDependencies, key: &Key, is_there: impl Fn(&str, Kind) -> bool) -> Vec<Key> {
    let mut dependencies = Vec::new();
    let mut add = |unit: &str, kind: Kind| {
        let found = is_there(unit, kind);
        if found {
            dependencies.insert(0, (unit.to_owned(), kind));
        }
        found
    };
    for unit in &file.units {
        let has_interface = add(unit.as_str(), Kind::Interface);
        // An interface depends on an implementation only where that is all there is.
        if file.kind == Kind::Implementation || !has_interface {
            add(unit.as_str(), Kind::Implementation);
        }
    }
    if file.kind == Kind::Implementation {
        add(&key.0, Kind::Interface);
    }
    dependencies
}
