//! `-ccopt` and `-cclib` for a linker that is called directly.
//!
//! Upstream hands both to a C compiler. The few that matter at link time are translated here; what only a C compiler
//! understands is an error that names the way out, never silently dropped.

use crate::{LinkError, LinkJob};

/// The user's options in ld's own words.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LdOptions {
    pub flags: Vec<String>,
    /// `-l` names and files, in the order given.
    pub libraries: Vec<String>,
    /// `-ccopt -static` was given.
    pub is_static: bool,
}

pub fn ld_options(job: &LinkJob) -> Result<LdOptions, LinkError> {
    let mut options = LdOptions::default();
    let words = job.ccopts.iter().chain(&job.cclibs).flat_map(|value| split_words(value));
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-L" | "-l" | "-u" | "-T" => {
                let argument = words.next().ok_or_else(|| LinkError::OptionNeedsCc { option: word.clone() })?;
                options.translate(&format!("{word}{argument}"))?;
            }
            "-Xlinker" => options.flags.extend(words.next()),
            _ => options.translate(&word)?,
        }
    }
    Ok(options)
}

impl LdOptions {
    fn translate(&mut self, word: &str) -> Result<(), LinkError> {
        if let Some(flags) = word.strip_prefix("-Wl,") {
            self.flags.extend(flags.split(',').map(str::to_string));
        } else if word.starts_with("-l") || !word.starts_with('-') {
            self.libraries.push(word.to_string());
        } else if ["-L", "-u", "-T"].iter().any(|flag| word.starts_with(flag)) {
            self.flags.push(word.to_string());
        } else if word == "-static" {
            self.is_static = true;
        } else if matches!(word, "-s" | "-S" | "-rdynamic") {
            self.flags.push(if word == "-rdynamic" { "--export-dynamic".into() } else { word.into() });
        } else if !is_compile_only(word) {
            return Err(LinkError::OptionNeedsCc { option: word.to_string() });
        }
        Ok(())
    }
}

/// Options of the C compiler that say nothing to a linker.
fn is_compile_only(word: &str) -> bool {
    ["-O", "-g", "-W", "-I", "-D", "-U", "-std=", "-fPI", "-march=", "-mtune="]
        .iter()
        .any(|flag| word.starts_with(flag))
        || matches!(word, "-pthread" | "-pie" | "-pipe" | "-fno-strict-aliasing" | "-fwrapv")
}

/// Words of a value, as a shell would split them; quotes protect spaces.
fn split_words(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in value.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
