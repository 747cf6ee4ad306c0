//! Directives: lines of the form `name: value` in a test's first comment.
//!
//! ```ocaml
//! (* What the program tests, in words.
//!    args: one two
//!    exit: 2
//!    env: OCAMLRUNPARAM=b
//!    flags: -g
//!    only-native: takes too long under emulation
//!    skip s390x-linux-musl: the reason *)
//! ```
//! `exit` is 0 unless said. Standard error must be what `<name>.stderr` says; without that file it must be empty when
//! the program exits with 0, and is not looked at otherwise.

use rocaml_target::{Runner, Target};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    pub args: Vec<String>,
    pub exit: i32,
    pub env: Vec<(String, String)>,
    pub flags: Vec<String>,
    /// Seconds that the program may take natively.
    pub limit: Option<u64>,
    /// The reason why emulated rows leave the test out.
    pub only_native: Option<String>,
    /// Rows that leave the test out, with reasons.
    pub skipped: Vec<(String, String)>,
}

impl Directives {
    /// Reads the first comment of a program; the error names the line that is not understood.
    pub fn parse(source: &str) -> Result<Directives, String> {
        let mut directives = Directives::default();
        let comment =
            source.trim_start().strip_prefix("(*").and_then(|rest| rest.split("*)").next()).unwrap_or_default();
        for line in comment.lines() {
            if let Some((name, value)) = line.trim().split_once(':') {
                directives
                    .set(name.trim(), value.trim())
                    .map_err(|error| format!("directive '{}': {error}", line.trim()))?;
            }
        }
        Ok(directives)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let words = || value.split_whitespace().map(str::to_string);
        match name {
            "args" => self.args.extend(words()),
            "flags" => self.flags.extend(words()),
            "exit" => self.exit = value.parse().map_err(|_| "not a number".to_string())?,
            "limit" => self.limit = Some(value.parse().map_err(|_| "not a number".to_string())?),
            "env" => {
                let (name, value) = value.split_once('=').ok_or("no '=' in it")?;
                self.env.push((name.to_string(), value.to_string()));
            }
            "only-native" => self.only_native = Some(value.to_string()),
            _ => {
                // Any other `words: …` is a sentence of the description.
                if let Some(row) = name.strip_prefix("skip ") {
                    let target = Target::lookup(row.trim()).map_err(|error| error.to_string())?;
                    self.skipped.push((target.name.to_string(), value.to_string()));
                }
            }
        }
        Ok(())
    }

    /// Why `target` leaves the test out, if it does.
    pub fn skip_reason(&self, target: &Target) -> Option<&str> {
        let by_name = self.skipped.iter().find(|(row, _)| row == target.name).map(|(_, reason)| reason.as_str());
        let emulated = target.runner != Runner::Native;
        by_name.or(self.only_native.as_deref().filter(|_| emulated))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_comment_is_read() {
        let source =
            "(* Exceptions: what escapes.\n   exit: 2\n   env: A=b=c\n   skip riscv64-linux: slow *)\n(* args: x *)";
        let directives = Directives::parse(source).expect("directives");
        assert_eq!(directives.exit, 2);
        assert_eq!(directives.env, [("A".to_string(), "b=c".to_string())]);
        assert!(directives.args.is_empty());
        let riscv = Target::lookup("riscv64-linux-musl").expect("a row");
        assert_eq!(directives.skip_reason(riscv), Some("slow"));
        assert_eq!(directives.skip_reason(Target::host()), None);
        assert!(Directives::parse("(* exit: two *)").is_err());
        assert!(Directives::parse("(* skip pdp11: old *)").is_err());
    }
}
