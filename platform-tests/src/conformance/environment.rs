//! The variables of a test: what the header assigns and the actions read, and what commands get in their environment.
//!
//! A value is kept as written; `$name`, `${name}` and `$(name)` in it are replaced when it is looked up. A variable may
//! also be marked as removed, so that commands do not inherit it.

use std::collections::BTreeMap;
use std::path::Path;

/// How deep variables may refer to one another: deeper is a variable that refers to itself.
const DEPTH_MAX: usize = 32;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    bindings: BTreeMap<String, Option<String>>,
}

impl Environment {
    /// The value with its references replaced, if the variable has one.
    pub fn lookup(&self, variable: &str) -> Option<String> {
        let value = self.bindings.get(variable)?.as_ref()?;
        Some(self.expand(value, DEPTH_MAX))
    }

    /// The value, or nothing.
    pub fn get(&self, variable: &str) -> String {
        self.lookup(variable).unwrap_or_default()
    }

    /// The value where it is more than blanks.
    pub fn lookup_nonempty(&self, variable: &str) -> Option<String> {
        self.lookup(variable).filter(|value| !words(value).is_empty())
    }

    pub fn is_true(&self, variable: &str) -> bool {
        self.lookup(variable).as_deref() == Some("true")
    }

    /// The exit status that a variable gives; 0 where it gives none.
    pub fn exit_status(&self, variable: &str) -> i32 {
        self.get(variable).trim().parse().unwrap_or(0)
    }

    pub fn words(&self, variable: &str) -> Vec<String> {
        words(&self.get(variable))
    }

    pub fn add(&mut self, variable: &str, value: impl Into<String>) {
        self.bindings.insert(variable.to_string(), Some(value.into()));
    }

    pub fn add_path(&mut self, variable: &str, value: &Path) {
        self.add(variable, value.to_string_lossy());
    }

    pub fn add_if_undefined(&mut self, variable: &str, value: impl Into<String>) {
        self.bindings.entry(variable.to_string()).or_insert_with(|| Some(value.into()));
    }

    pub fn append(&mut self, variable: &str, value: &str) {
        let value = self.get(variable) + value;
        self.add(variable, value);
    }

    pub fn remove(&mut self, variable: &str) {
        self.bindings.remove(variable);
    }

    /// Commands are not to inherit the variable either.
    pub fn unset(&mut self, variable: &str) {
        self.bindings.insert(variable.to_string(), None);
    }

    /// What commands see: names with values, or with nothing where they are to be removed.
    pub fn exported(&self) -> impl Iterator<Item = (String, Option<String>)> {
        self.bindings.iter().map(|(name, value)| {
            let name = if name == "ocamlrunparam" { "OCAMLRUNPARAM" } else { name };
            (name.to_string(), value.as_ref().map(|value| self.expand(value, DEPTH_MAX)))
        })
    }

    fn expand(&self, value: &str, depth: usize) -> String {
        let mut result = String::new();
        let mut rest = value;
        while let Some(at) = rest.find(['$', '\\']) {
            result.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if rest[at..].starts_with("\\$") {
                result.push('$');
                rest = &after[1..];
                continue;
            }
            let name = if rest[at..].starts_with('$') { reference(after) } else { None };
            match name {
                Some((name, left)) => {
                    if let Some(Some(value)) = self.bindings.get(name).filter(|_| depth > 0) {
                        result.push_str(&self.expand(value, depth - 1));
                    }
                    rest = left;
                }
                None => {
                    result.push_str(&rest[at..=at]);
                    rest = after;
                }
            }
        }
        result + rest
    }

    /// Applies a line that a script or hook wrote: `-name`, `name="value"` or `name+="value"`.
    pub fn apply_response(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('-') {
            self.remove(name);
            return Ok(());
        }
        let (name, value) = line.split_once('=').ok_or_else(|| format!("'{line}' in a script's response"))?;
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        let value = value.ok_or_else(|| format!("'{line}' in a script's response"))?;
        match name.strip_suffix('+') {
            Some(name) => self.append(name, value),
            None => self.add(name, value),
        }
        Ok(())
    }
}

/// The name that follows a `$`, and what follows the name.
fn reference(after: &str) -> Option<(&str, &str)> {
    for (opening, closing) in [('{', '}'), ('(', ')')] {
        if let Some(inside) = after.strip_prefix(opening) {
            return inside.split_once(closing);
        }
    }
    let length = after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
    (length > 0).then(|| after.split_at(length))
}

/// The words of a command line: separated by blanks, with parts in quotes.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in text.chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            (' ' | '\n' | '\t' | '\r', None) => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced_when_looked_up() {
        let mut env = Environment::default();
        env.add("a", "x${b}z\\$");
        env.add("b", "1");
        assert_eq!(env.get("a"), "x1z$");
        env.add("b", "2");
        env.append("a", " $b-$c");
        assert_eq!(env.get("a"), "x2z$ 2-");
        env.add("b", "${b}");
        assert_eq!(env.get("b"), "");
        assert_eq!(words("  a 'b  \"c' d\"e f\" "), ["a", "b  \"c", "de f"]);
    }

    #[test]
    fn responses_change_variables() {
        let mut env = Environment::default();
        env.apply_response("exit_status=\"2\"").expect("an assignment");
        env.apply_response("exit_status+=\"1\"").expect("an addition");
        assert_eq!(env.exit_status("exit_status"), 21);
        env.apply_response("-exit_status").expect("a removal");
        assert_eq!(env.lookup("exit_status"), None);
        assert!(env.apply_response("what").is_err());
    }
}
