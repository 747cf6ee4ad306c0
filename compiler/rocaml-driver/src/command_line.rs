//! Command lines as tables of options: upstream's `Arg`.

use std::io;

/// A command line that makes no sense; the text is complete, for standard error.
#[derive(Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

/// What is wrong with an argument of an option.
pub enum Mistake {
    /// It should be something else.
    Expected(String),
    /// A text of its own, after the name of the program.
    Named(String),
    /// A text of its own.
    Said(String),
    /// A text of its own, after which nothing is said of usage.
    Alone(String),
    /// The same after the name of the program.
    Whole(String),
}

impl Mistake {
    pub fn expected(words: impl Into<String>) -> Mistake {
        Mistake::Expected(words.into())
    }
}

/// How an option takes its argument and what it does.
pub enum Action<T> {
    Do(fn(&mut T)),
    Take(fn(&mut T, &str) -> Result<(), Mistake>),
    /// Accepted for compatibility; without effect on what is generated here.
    Ignore,
    /// The same of an option with an argument, which must be well formed.
    IgnoreArgument(Argument),
    /// Known upstream, not supported here.
    Refuse,
    /// Nobody supports it any more.
    Fail(fn() -> Mistake),
    /// `-args` and `-args0`: more arguments in a file, separated by the byte.
    ArgsFile(u8),
}

/// What an argument should be.
#[derive(Clone, Copy)]
pub enum Argument {
    Any,
    Integer,
    /// A number for all rounds, or for some: `1,2=3`.
    IntegerByRound,
    FloatByRound,
}

impl Argument {
    /// What is wrong with an argument of the option of this name.
    pub fn check(self, name: &str, text: &str) -> Result<(), Mistake> {
        let is_integer = |text: &str| text.parse::<i64>().is_ok();
        let is_float = |text: &str| text.parse::<f64>().is_ok();
        let by_round = |text: &str, is_number: fn(&str) -> bool| {
            text.split(',').filter(|part| !part.is_empty()).all(|part| match part.split_once('=') {
                Some((round, value)) => is_integer(round) && is_number(value),
                None => is_number(part),
            })
        };
        let syntax = |conversion: &str| {
            Mistake::Alone(format!("Failure(\"{conversion}\"): Syntax: {name} <n> | <round>=<n>[,...]"))
        };
        match self {
            Argument::Any => Ok(()),
            Argument::Integer if is_integer(text) => Ok(()),
            Argument::Integer => Err(Mistake::expected("an integer")),
            Argument::IntegerByRound if by_round(text, is_integer) => Ok(()),
            Argument::IntegerByRound => Err(syntax("int_of_string")),
            Argument::FloatByRound if by_round(text, is_float) => Ok(()),
            Argument::FloatByRound => Err(syntax("float_of_string")),
        }
    }
}

/// An option.
pub struct Flag<T> {
    pub name: &'static str,
    /// Name of the argument in the help text.
    argument: &'static str,
    action: Action<T>,
    /// Empty where the option is not documented.
    help: &'static str,
}

pub const fn flag<T>(name: &'static str, argument: &'static str, action: Action<T>, help: &'static str) -> Flag<T> {
    Flag { name, argument, action, help }
}

/// Obeys the words of a command line in order.
///
/// # Errors
/// At the first word that makes no sense.
pub fn parse<T>(
    program: &str,
    args: &[String],
    flags: &[Flag<T>],
    anonymous: impl Fn(&mut T, &str),
    read: &dyn Fn(&str) -> io::Result<Vec<u8>>,
    state: &mut T,
) -> Result<(), UsageError> {
    let mut pending: Vec<String> = args.iter().rev().cloned().collect();
    let fail = |text: String| UsageError(format!("{program}: {text}\n{}", usage(program)));
    while let Some(arg) = pending.pop() {
        if !arg.starts_with('-') {
            anonymous(state, &arg);
            continue;
        }
        let known = |name: &str| flags.iter().find(|flag| flag.name == name);
        // An argument may stand behind the name and an equals sign.
        let whole = known(&arg).map(|flag| (flag, None));
        let split = || arg.split_once('=').and_then(|(name, value)| Some((known(name)?, Some(value))));
        let Some((flag, inline)) = whole.or_else(split) else {
            return Err(fail(format!("unknown option '{arg}'.")));
        };
        let name = flag.name;
        let wrong = |argument: &str, expected: &str| {
            fail(format!("wrong argument '{argument}'; option '{arg}' expects {expected}."))
        };
        if let (Action::Do(_) | Action::Ignore, Some(argument)) = (&flag.action, inline) {
            return Err(wrong(argument, "no argument"));
        }
        let mut argument = || {
            inline
                .map(str::to_owned)
                .or_else(|| pending.pop())
                .ok_or_else(|| fail(format!("option '{arg}' needs an argument.")))
        };
        let explain = |argument: &str, mistake: Mistake| match mistake {
            Mistake::Expected(what) => wrong(argument, &what),
            Mistake::Named(what) => fail(format!("{what}.")),
            Mistake::Said(what) => UsageError(format!("{what}\n{}", usage(program))),
            Mistake::Whole(what) => UsageError(format!("{program}: {what}\n")),
            Mistake::Alone(what) => UsageError(format!("{what}\n")),
        };
        match flag.action {
            Action::Do(set) => set(state),
            Action::Take(set) => {
                let argument = argument()?;
                set(state, &argument).map_err(|mistake| explain(&argument, mistake))?;
            }
            Action::Ignore => {}
            Action::IgnoreArgument(kind) => {
                let argument = argument()?;
                kind.check(name, &argument).map_err(|mistake| explain(&argument, mistake))?;
            }
            Action::Refuse => return Err(fail(format!("option '{name}' is not supported."))),
            Action::Fail(mistake) => return Err(explain("", mistake())),
            Action::ArgsFile(separator) => {
                let file = argument()?;
                let bytes = read(&file).map_err(|error| {
                    let text = crate::io_error_text(&error);
                    UsageError(format!("File \"_none_\", line 1:\nError: I/O error: {file}: {text}\n"))
                })?;
                pending.extend(split_args(&bytes, separator).into_iter().rev());
            }
        }
    }
    Ok(())
}

fn split_args(bytes: &[u8], separator: u8) -> Vec<String> {
    let mut words: Vec<String> = bytes
        .split(|b| *b == separator)
        .map(|w| String::from_utf8_lossy(w).trim_end_matches('\r').to_owned())
        .collect();
    if words.last().is_some_and(String::is_empty) {
        words.pop();
    }
    words
}

fn usage(program: &str) -> String {
    format!("Usage: {program} <options> <files>\nTry '{program} --help' for more information.\n")
}

/// The text of `-help`.
pub fn help<T>(program: &str, flags: &[Flag<T>]) -> String {
    let mut text = format!("Usage: {program} <options> <files>\nOptions are:\n");
    for flag in flags.iter().filter(|flag| !flag.help.is_empty()) {
        let head = format!("  {} {}", flag.name, flag.argument);
        text.push_str(&format!("{:<32}  {}\n", head.trim_end(), flag.help));
    }
    text
}
