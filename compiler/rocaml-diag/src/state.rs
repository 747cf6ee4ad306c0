//! Which warnings and alerts are active, and which of them are errors: the options `-w`,
//! `-warn-error` and `-alert`, and their scoped forms in attributes.

use std::collections::BTreeSet;

use crate::warning::{LAST_WARNING, TABLE, Warning};

/// The default of `-w`.
pub const DEFAULT_WARNINGS: &str = "+a-4-7-9-27-29-30-32..42-44-45-48-50-60-66..70-74";
/// The default of `-warn-error`.
pub const DEFAULT_WARN_ERROR: &str = "-a";
/// Alerts that are off unless asked for.
pub const DEFAULT_DISABLED_ALERTS: [&str; 2] = ["unstable", "unsynchronized_access"];

const ILL_FORMED_WARNINGS: &str = "Ill-formed list of warnings";
const ILL_FORMED_ALERTS: &str = "Ill-formed list of alert settings";

/// A set of names, or the complement of one.
#[derive(Clone, PartialEq, Debug)]
struct AlertSet {
    names: BTreeSet<String>,
    /// Whether the set holds `names`; otherwise it holds all the others.
    positive: bool,
}

impl AlertSet {
    fn contains(&self, kind: &str) -> bool {
        self.names.contains(kind) == self.positive
    }

    fn set(&mut self, kind: &str, enable: bool) {
        if kind == "all" {
            *self = AlertSet { names: BTreeSet::new(), positive: !enable };
        } else if enable == self.positive {
            self.names.insert(kind.to_owned());
        } else {
            self.names.remove(kind);
        }
    }
}

/// The settings of warnings and alerts; a scope saves them by cloning and restores the clone.
#[derive(Clone, PartialEq, Debug)]
pub struct WarningState {
    active: [bool; LAST_WARNING + 1],
    error: [bool; LAST_WARNING + 1],
    alerts: AlertSet,
    alert_errors: AlertSet,
}

impl Default for WarningState {
    fn default() -> Self {
        let mut state = WarningState {
            active: [true; LAST_WARNING + 1],
            error: [false; LAST_WARNING + 1],
            alerts: AlertSet { names: BTreeSet::new(), positive: false },
            alert_errors: AlertSet { names: BTreeSet::new(), positive: true },
        };
        state.parse_options(false, DEFAULT_WARNINGS).expect("the default is well formed");
        state.parse_options(true, DEFAULT_WARN_ERROR).expect("the default is well formed");
        for kind in DEFAULT_DISABLED_ALERTS {
            state.alerts.set(kind, false);
        }
        state
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Modifier {
    Set,
    Clear,
    SetAll,
}

#[derive(Clone, Copy)]
enum SpecToken {
    Letter(char, Option<Modifier>),
    Range(usize, usize, Modifier),
}

impl WarningState {
    /// Whether a warning is shown.
    pub fn is_active(&self, warning: &Warning) -> bool {
        self.active[warning.number()]
    }

    /// Whether a warning is an error.
    pub fn is_error(&self, warning: &Warning) -> bool {
        self.error[warning.number()]
    }

    /// Whether the warning of this number is shown.
    pub fn is_active_number(&self, number: usize) -> bool {
        self.active.get(number).copied().unwrap_or(false)
    }

    /// Whether an alert is shown.
    pub fn alert_is_active(&self, kind: &str) -> bool {
        self.alerts.contains(kind)
    }

    /// Whether an alert is an error.
    pub fn alert_is_error(&self, kind: &str) -> bool {
        self.alert_errors.contains(kind)
    }

    /// Applies `-alert`.
    ///
    /// # Errors
    /// When the specification is ill formed; what stands before the fault is applied.
    pub fn parse_alert_option(&mut self, spec: &str) -> Result<(), String> {
        let bytes = spec.as_bytes();
        let ill_formed = || Err(ILL_FORMED_ALERTS.to_owned());
        let mut i = 0;
        while i < bytes.len() {
            let (error, normal, enable, start) = match (bytes[i], bytes.get(i + 1)) {
                (_, None) => return ill_formed(),
                (b'+', Some(b'+')) => (true, false, true, i + 2),
                (b'+', _) => (false, true, true, i + 1),
                (b'-', Some(b'-')) => (true, false, false, i + 2),
                (b'-', _) => (false, true, false, i + 1),
                (b'@', _) => (true, true, true, i + 1),
                _ => return ill_formed(),
            };
            let is_id = |c: &&u8| c.is_ascii_alphanumeric() || **c == b'_' || **c == b'\'';
            let end = start + bytes[start..].iter().take_while(is_id).count();
            if end == start {
                return ill_formed();
            }
            let kind = &spec[start..end];
            if error {
                self.alert_errors.set(kind, enable);
            }
            if normal {
                self.alerts.set(kind, enable);
            }
            i = end;
        }
        Ok(())
    }

    /// Applies `-w`, or `-warn-error` if `errors`. The result is the text of the alert
    /// `ocaml_deprecated_cli` that the specification deserves, if any.
    ///
    /// # Errors
    /// When the specification is ill formed; then nothing is changed.
    pub fn parse_options(&mut self, errors: bool, spec: &str) -> Result<Option<String>, String> {
        let named = |name: &str| TABLE.iter().find(|row| row.name == Some(name));
        if let Some(row) = named(spec) {
            self.act(errors, Modifier::Set, row.number);
            return Ok(None);
        }
        let modifier = match spec.as_bytes().first() {
            Some(b'+') => Some(Modifier::Set),
            Some(b'-') => Some(Modifier::Clear),
            Some(b'@') => Some(Modifier::SetAll),
            _ => None,
        };
        if let Some(modifier) = modifier
            && let Some(row) = named(&spec[1..])
        {
            self.act(errors, modifier, row.number);
            return Ok(None);
        }
        let tokens = parse_spec(spec)?;
        for token in &tokens {
            self.evaluate(errors, *token);
        }
        Ok(letter_alert(&tokens))
    }

    fn evaluate(&mut self, errors: bool, token: SpecToken) {
        match token {
            SpecToken::Letter(c, modifier) => {
                let implied = if c.is_ascii_lowercase() { Modifier::Clear } else { Modifier::Set };
                for number in letter(c.to_ascii_lowercase()) {
                    self.act(errors, modifier.unwrap_or(implied), number);
                }
            }
            SpecToken::Range(first, last, modifier) => {
                for number in first..=last.min(LAST_WARNING) {
                    self.act(errors, modifier, number);
                }
            }
        }
    }

    fn act(&mut self, errors: bool, modifier: Modifier, number: usize) {
        if number == 3 {
            // Warning 3 is the alert `deprecated`.
            match modifier {
                Modifier::SetAll => {
                    self.alerts.set("deprecated", true);
                    self.alert_errors.set("deprecated", true);
                }
                _ if errors => self.alert_errors.set("deprecated", modifier == Modifier::Set),
                _ => self.alerts.set("deprecated", modifier == Modifier::Set),
            }
            return;
        }
        match modifier {
            Modifier::SetAll => {
                self.active[number] = true;
                self.error[number] = true;
            }
            _ if errors => self.error[number] = modifier == Modifier::Set,
            _ => self.active[number] = modifier == Modifier::Set,
        }
    }
}

/// The warnings that a letter stands for.
pub fn letter(letter: char) -> Vec<usize> {
    match letter {
        'a' => (1..=LAST_WARNING).rev().collect(),
        'c' => vec![1, 2],
        'd' => vec![3],
        'e' => vec![4],
        'f' => vec![5],
        'k' => (32..=39).collect(),
        'l' => vec![6],
        'm' => vec![7],
        'p' => vec![8],
        'r' => vec![9],
        's' => vec![10],
        'u' => vec![11, 12],
        'v' => vec![13],
        'x' => (14..=24).chain([30]).collect(),
        'y' => vec![26],
        'z' => vec![27],
        _ => vec![],
    }
}

fn parse_spec(spec: &str) -> Result<Vec<SpecToken>, String> {
    let ill_formed = || ILL_FORMED_WARNINGS.to_owned();
    let bytes = spec.as_bytes();
    let number = |mut i: usize| {
        let mut n = 0usize;
        while let Some(c) = bytes.get(i).filter(|c| c.is_ascii_digit()) {
            n = n.saturating_mul(10).saturating_add(usize::from(c - b'0'));
            i += 1;
        }
        (i, n)
    };
    let mut tokens = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let modifier = match bytes[i] {
            b'+' => Modifier::Set,
            b'-' => Modifier::Clear,
            b'@' => Modifier::SetAll,
            c if c.is_ascii_alphabetic() => {
                tokens.push(SpecToken::Letter(c as char, None));
                i += 1;
                continue;
            }
            _ => return Err(ill_formed()),
        };
        i += 1;
        match bytes.get(i) {
            Some(c) if c.is_ascii_digit() => {
                let (after, first) = number(i);
                let mut last = first;
                i = after;
                if i + 2 < bytes.len() && bytes[i..].starts_with(b"..") {
                    (i, last) = number(i + 2);
                    if last < first {
                        return Err(ill_formed());
                    }
                }
                tokens.push(SpecToken::Range(first, last, modifier));
            }
            Some(c) if c.is_ascii_alphabetic() => {
                tokens.push(SpecToken::Letter(*c as char, Some(modifier)));
                i += 1;
            }
            _ => return Err(ill_formed()),
        }
    }
    Ok(tokens)
}

/// Two or more unsigned letters in a row are most likely a mnemonic without its sign.
fn letter_alert(tokens: &[SpecToken]) -> Option<String> {
    use crate::doc::Doc;
    let mut runs: Vec<String> = vec![String::new()];
    for token in tokens {
        match (token, runs.last_mut()) {
            (SpecToken::Letter(c, None), Some(run)) => run.push(*c),
            _ => runs.push(String::new()),
        }
    }
    runs.retain(|run| run.len() >= 2);
    let example = runs.last()?;
    let sign = |modifier: &Modifier| match modifier {
        Modifier::Set => '+',
        Modifier::Clear => '-',
        Modifier::SetAll => '@',
    };
    let signed: String = tokens
        .iter()
        .map(|token| match token {
            SpecToken::Letter(c, None) if c.is_ascii_lowercase() => format!("-{c}"),
            SpecToken::Letter(c, None) => format!("+{c}"),
            SpecToken::Letter(c, Some(m)) => format!("{}{c}", sign(m)),
            SpecToken::Range(a, b, m) if a == b => format!("{}{a}", sign(m)),
            SpecToken::Range(a, b, m) => format!("{}{a}..{b}", sign(m)),
        })
        .collect();
    let spelling = if runs.iter().any(|run| run.len() >= 5) {
        "@ @[Hint: Did you make a spelling mistake when using a mnemonic name?@]"
    } else {
        ""
    };
    let template = format!(
        "@[<v>@[Setting a warning with a sequence of lowercase or uppercase letters,@ like '%s',@ is deprecated.@]@ @[Use the equivalent signed form:@ %s.@]@ @[Hint: Enabling or disabling a warning by its mnemonic name requires a + or - prefix.@]{spelling}@?@]"
    );
    Some(Doc::template(&template, &[example.as_str().into(), signed.into()]).to_text())
}

#[cfg(test)]
mod tests {
    use super::WarningState;

    #[test]
    fn specifications_change_what_they_name() {
        let mut state = WarningState::default();
        assert!(state.is_active_number(8) && !state.is_active_number(4));
        state.parse_options(false, "+4..7-8").unwrap();
        assert!(state.is_active_number(4) && state.is_active_number(7));
        assert!(!state.is_active_number(8));
        state.parse_options(false, "+partial-match").unwrap();
        assert!(state.is_active_number(8));
        state.parse_options(false, "-d").unwrap();
        assert!(!state.alert_is_active("deprecated"));
    }

    #[test]
    fn ill_formed_specifications_are_refused() {
        let mut state = WarningState::default();
        assert!(state.parse_options(false, "+").is_err());
        assert!(state.parse_options(false, "+9..2").is_err());
        assert!(state.parse_options(false, "*").is_err());
        assert!(state.parse_alert_option("+").is_err());
        assert!(state.parse_options(false, "ab").unwrap().is_some());
    }
}
