//! The symbol lists of glibc: their data and their text form.
//!
//! ```text
//! library libc.so.6
//! version GLIBC_2.2.5
//! abort
//! environ object 8 3ee600
//! errno tls 4
//! ```
//! A symbol is a function unless it says `object` (with its size and its address in the library, which tells aliases)
//! or `tls` (with its size). Each carries its default version at the row's minimum release.

use std::collections::BTreeMap;
use std::fmt;

/// A symbol version such as `GLIBC_2.2.5`, ordered as releases are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(Vec<u16>);

impl Version {
    pub fn glibc(major: u16, minor: u16) -> Version {
        Version(vec![major, minor])
    }

    pub fn parse(text: &str) -> Option<Version> {
        let numbers = text.strip_prefix("GLIBC_")?;
        numbers.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u16>>>().map(Version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u16::to_string).collect();
        write!(f, "GLIBC_{}", numbers.join("."))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Function,
    Object { size: u64, address: u64 },
    Tls { size: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    pub name: String,
    pub version: Version,
    pub kind: Kind,
}

/// One shared library and what it exports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    pub soname: String,
    pub symbols: Vec<Symbol>,
}

impl Library {
    /// The versions that the symbols carry, oldest first.
    pub fn versions(&self) -> Vec<Version> {
        let mut versions: Vec<Version> = self.symbols.iter().map(|symbol| symbol.version.clone()).collect();
        versions.sort();
        versions.dedup();
        versions
    }
}

pub fn print(libraries: &[Library]) -> String {
    let mut text = String::new();
    for library in libraries {
        text.push_str(&format!("library {}\n", library.soname));
        let mut groups: BTreeMap<&Version, Vec<&Symbol>> = BTreeMap::new();
        for symbol in &library.symbols {
            groups.entry(&symbol.version).or_default().push(symbol);
        }
        for (version, symbols) in groups {
            text.push_str(&format!("version {version}\n"));
            for symbol in symbols {
                text.push_str(&print_symbol(symbol));
            }
        }
    }
    text
}

fn print_symbol(symbol: &Symbol) -> String {
    match symbol.kind {
        Kind::Function => format!("{}\n", symbol.name),
        Kind::Object { size, address } => format!("{} object {size} {address:x}\n", symbol.name),
        Kind::Tls { size } => format!("{} tls {size}\n", symbol.name),
    }
}

/// Reads the text form; the error names the line.
pub fn parse(text: &str) -> Result<Vec<Library>, String> {
    let mut libraries: Vec<Library> = Vec::new();
    let mut version = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let bad = || format!("line {}: '{line}' is not understood", index + 1);
        if let Some(soname) = line.strip_prefix("library ") {
            libraries.push(Library { soname: soname.to_string(), symbols: Vec::new() });
        } else if let Some(name) = line.strip_prefix("version ") {
            version = Some(Version::parse(name).ok_or_else(bad)?);
        } else {
            let (name, kind) = parse_symbol(line).ok_or_else(bad)?;
            let version = version.clone().ok_or_else(bad)?;
            libraries.last_mut().ok_or_else(bad)?.symbols.push(Symbol { name, version, kind });
        }
    }
    Ok(libraries)
}

fn parse_symbol(line: &str) -> Option<(String, Kind)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let kind = match words[1..] {
        [] => Kind::Function,
        ["object", size, address] => {
            Kind::Object { size: size.parse().ok()?, address: u64::from_str_radix(address, 16).ok()? }
        }
        ["tls", size] => Kind::Tls { size: size.parse().ok()? },
        _ => return None,
    };
    Some((words[0].to_string(), kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_versions_order_as_numbers() {
        let text = "library libc.so.6\nversion GLIBC_2.2.5\nabort\nenviron object 8 3ee600\nversion GLIBC_2.14\nmemcpy\nlibrary libm.so.6\nversion GLIBC_2.2.5\nsin\n";
        let libraries = parse(text).expect("a list");
        assert_eq!(print(&libraries), text);
        assert_eq!(
            libraries[0].versions().iter().map(Version::to_string).collect::<Vec<_>>(),
            ["GLIBC_2.2.5", "GLIBC_2.14"]
        );
        assert_eq!(parse("abort\n"), Err("line 1: 'abort' is not understood".to_string()));
    }
}
