//! The environment variable `OCAMLPARAM`: options for every run, as upstream's `Compenv` has them.
//!
//! `name=value,…,_,name=value,…`: what stands before the `_` is overridden by the command line,
//! what stands after it overrides the command line. Another separator may stand first. A mistake
//! is warning 46, and never keeps a program from being compiled.

use crate::options::{Color, Dump, Input, Options, WarningFlag};
use std::path::PathBuf;

/// Settings for before and after the command line.
#[derive(Default, Debug)]
pub struct Settings {
    before: Vec<(String, String)>,
    after: Vec<(String, String)>,
}

/// Reads the variable.
///
/// # Errors
/// What is wrong with its syntax.
pub fn parse(text: &str) -> Result<Settings, String> {
    let mut settings = Settings::default();
    if text.is_empty() {
        return Ok(settings);
    }
    let (separator, text) = match text.chars().next() {
        Some(c @ (':' | '|' | ';' | ' ' | ',')) => (c, &text[1..]),
        _ => (',', text),
    };
    let mut is_after = false;
    for word in text.split(separator).filter(|word| !word.is_empty()) {
        if word == "_" {
            if is_after {
                return Err("too many '_' separators".to_owned());
            }
            is_after = true;
            continue;
        }
        let (name, value) = word.split_once('=').ok_or_else(|| format!("missing '=' in {word}"))?;
        let list = if is_after { &mut settings.after } else { &mut settings.before };
        list.push((name.to_owned(), value.to_owned()));
    }
    if is_after { Ok(settings) } else { Err("no '_' separator found".to_owned()) }
}

impl Settings {
    /// What holds unless the command line says otherwise. Complaints go to the options.
    pub fn apply_before(&self, options: &mut Options) {
        self.before.iter().for_each(|(name, value)| apply(options, name, value));
    }
    /// What holds whatever the command line says.
    pub fn apply_after(&self, options: &mut Options) {
        self.after.iter().for_each(|(name, value)| apply(options, name, value));
    }
}

/// What a name sets.
enum Setting {
    Switch(fn(&mut Options, bool)),
    Text(fn(&mut Options, &str)),
    /// Of upstream's passes, or of other tools.
    Nothing,
}

use Setting::{Nothing, Switch, Text};

fn setting(name: &str) -> Option<Setting> {
    Some(match name {
        "g" => Switch(|o, on| o.debug = on),
        "annot" => Switch(|o, on| o.annot = on),
        "bin-annot" => Switch(|o, on| o.bin_annot = on),
        "absname" => Switch(|o, on| o.absolute_names = on),
        "noassert" => Switch(|o, on| o.no_assert = on),
        "noautolink" => Switch(|o, on| o.auto_link = !on),
        "nostdlib" => Switch(|o, on| o.include_stdlib = !on),
        "nocwd" => Switch(|o, on| o.include_cwd = !on),
        "linkall" => Switch(|o, on| o.link_all = on),
        "nolabels" => Switch(|o, on| o.classic_labels = on),
        "principal" => Switch(|o, on| o.principal = on),
        "rectypes" => Switch(|o, on| o.recursive_types = on),
        "strict-sequence" => Switch(|o, on| o.strict_sequence = on),
        "strict-formats" => Switch(|o, on| o.strict_formats = on),
        "thread" => Switch(|o, on| {
            if on {
                o.include_dirs.push("+threads".into());
            }
        }),
        "unboxed-types" => Switch(|o, on| o.unboxed_types = on),
        "unsafe" => Switch(|o, on| o.unsafe_ = on),
        "verbose" => Switch(|o, on| o.verbose = on),
        "nopervasives" => Switch(|o, on| o.open_stdlib = !on),
        "keep-docs" => Switch(|o, on| o.keep_docs = on),
        "keep-locs" => Switch(|o, on| o.keep_locs = on),
        "no-app-funct" => Switch(|o, on| o.applicative_functors = !on),
        "short-paths" => Switch(|o, on| o.short_paths = on),
        "no-alias-deps" => Switch(|o, on| o.no_alias_deps = on),
        "opaque" => Switch(|o, on| o.opaque = on),
        "with-runtime" => Switch(|o, on| o.with_runtime = on),
        "s" | "S" => Switch(|o, on| o.keep_assembly = on),
        "timings" | "profile" => Switch(|o, on| {
            o.dumps.retain(|dump| *dump != Dump::Timings);
            o.dumps.extend(on.then_some(Dump::Timings));
        }),
        "keywords" => Text(|o, v| o.keywords = Some(v.into())),
        "pp" => Text(|o, v| o.preprocessor = Some(v.into())),
        "ppx" => Text(|o, v| o.ppx.push(v.into())),
        "runtime-variant" => Text(|o, v| o.runtime_variant = v.into()),
        "open" => Text(|o, v| o.open_modules.extend(v.split(',').map(str::to_owned))),
        "cc" => Text(|o, v| o.cc = Some(v.into())),
        "w" => Text(|o, v| o.warnings.push((WarningFlag::Warn, v.into()))),
        "wwe" => Text(|o, v| o.warnings.push((WarningFlag::Warn, v.into()))),
        "we" | "warn-error" => Text(|o, v| o.warnings.push((WarningFlag::WarnError, v.into()))),
        "alert" => Text(|o, v| o.warnings.push((WarningFlag::Alert, v.into()))),
        "inline" => Text(|o, v| match v.parse::<u32>() {
            Ok(n) => o.inline = n,
            Err(_) => complain(o, format!("non-integer parameter {v} for \"inline\"")),
        }),
        "color" => Text(|o, v| match Color::parse(v) {
            Some(color) => o.color = Some(color),
            None => complain(o, format!("bad value {v} for \"color\", ({})", Color::USAGE)),
        }),
        "error-style" => Text(|o, v| match v {
            "contextual" => o.short_errors = Some(false),
            "short" => o.short_errors = Some(true),
            _ => complain(o, format!("bad value {v} for \"error-style\", (expected \"contextual\" or \"short\")")),
        }),
        "intf-suffix" => Text(|o, v| o.interface_suffix = v.into()),
        "I" => Text(|o, v| o.include_dirs.push(v.into())),
        "cclib" => Text(|o, v| o.inputs.extend(v.split_whitespace().map(|word| Input::CcLib(word.into())))),
        "ccopt" | "ccopts" => Text(|o, v| o.ccopts.push(v.into())),
        "cmx" | "cmxa" => Text(|o, v| o.inputs.push(Input::File(PathBuf::from(v)))),
        "dump-into-file" => Text(|o, _| o.dump_into_file = true),
        "dump-dir" => Text(|o, v| o.dump_dir = Some(v.into())),
        "can-discard" => Text(|o, v| o.discardable.push(v.into())),
        "afl-instrument"
        | "afl-inst-ratio"
        | "compat-32"
        | "safe-string"
        | "slash"
        | "no-slash"
        | "compact"
        | "nodynlink"
        | "clambda-checks"
        | "function-sections"
        | "inline-toplevel"
        | "rounds"
        | "inline-max-unroll"
        | "inline-call-cost"
        | "inline-alloc-cost"
        | "inline-prim-cost"
        | "inline-branch-cost"
        | "inline-indirect-cost"
        | "inline-lifting-benefit"
        | "inline-branch-factor"
        | "inline-max-depth"
        | "Oclassic"
        | "O2"
        | "O3"
        | "unbox-closures"
        | "unbox-closures-factor"
        | "remove-unused-arguments"
        | "inlining-report"
        | "flambda-verbose"
        | "flambda-invariants"
        | "cmm-invariants"
        | "linscan"
        | "insn-sched"
        | "no-insn-sched"
        | "cmo"
        | "cma"
        | "pic" => Nothing,
        _ => return None,
    })
}

fn apply(options: &mut Options, name: &str, value: &str) {
    match setting(name) {
        Some(Switch(set)) => match value {
            "0" => set(options, false),
            "1" => set(options, true),
            _ => {
                complain(options, format!("bad value {value} for {name}"));
                set(options, false);
            }
        },
        Some(Text(set)) => set(options, value),
        Some(Nothing) => {}
        None => {
            // Once is enough.
            if !options.discardable.iter().any(|known| known == name) {
                options.discardable.push(name.to_owned());
                complain(options, format!("Warning: discarding value of variable \"{name}\" in OCAMLPARAM\n"));
            }
        }
    }
}

fn complain(options: &mut Options, what: String) {
    options.environment_mistakes.push(("OCAMLPARAM".to_owned(), what));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str) -> Options {
        let mut options = Options::default();
        let settings = parse(text).expect("it is well formed");
        settings.apply_before(&mut options);
        options.debug = false;
        settings.apply_after(&mut options);
        options
    }

    #[test]
    fn settings_stand_around_the_command_line() {
        let options = applied("g=1,bin-annot=1,_,w=-a");
        assert!(!options.debug && options.bin_annot && options.warnings == [(WarningFlag::Warn, "-a".to_owned())]);
        assert!(applied(":_:g=1").debug);
    }

    #[test]
    fn mistakes_are_told_once() {
        assert_eq!(parse("g=1").unwrap_err(), "no '_' separator found");
        assert_eq!(parse("_,g").unwrap_err(), "missing '=' in g");
        let options = applied("foo=1,foo=2,g=maybe,_");
        let told: Vec<&str> = options.environment_mistakes.iter().map(|(_, what)| what.as_str()).collect();
        assert_eq!(told, ["Warning: discarding value of variable \"foo\" in OCAMLPARAM\n", "bad value maybe for g"]);
    }
}
