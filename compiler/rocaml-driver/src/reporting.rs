//! Warnings, alerts and errors of a compilation, printed as they come.

use crate::build_path::absolute;
use crate::host::HostRef;
use crate::options::{Color, Options, WarningFlag};
use rocaml_base::{Location, Name, Position};
use rocaml_diag::report::{Alert, Report, Style};
use rocaml_diag::{Warning, WarningState};
use rocaml_types::context::{Reporter, WarningAttribute};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

thread_local! {
    /// Whether this run has printed a report, of whatever file: the next one is set off from it.
    static PRINTED: Cell<bool> = const { Cell::new(false) };
}

/// Forgets what an earlier run on this thread printed.
pub fn start_run() {
    PRINTED.set(false);
}

/// Tells what is outdated in the specifications of warnings on the command line. Ill-formed ones
/// are refused where they are obeyed.
pub fn advise_on_specifications(host: HostRef, options: &Options) {
    let Ok(console) = Console::new(host, options) else { return };
    let mut state = WarningState::default();
    for (flag, spec) in &options.warnings {
        let advice = match flag {
            WarningFlag::Warn => state.parse_options(false, spec),
            WarningFlag::WarnError => state.parse_options(true, spec),
            WarningFlag::Alert => state.parse_alert_option(spec).map(|()| None),
        };
        if let Ok(Some(message)) = advice {
            let (def, use_) = (Location::none(), Location::none());
            let alert = Alert { kind: "ocaml_deprecated_cli".to_owned(), message, def, use_ };
            Report::alert(&state, Location::none(), &alert).iter().for_each(|report| console.print(report));
        }
    }
}

/// The command line's choice, or that of the environment.
fn color_of(host: HostRef, options: &Options) -> Color {
    let chosen = options.color.or_else(|| Color::parse(&host.variable("OCAML_COLOR")?));
    let without_color = || host.variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    chosen.unwrap_or_else(|| if without_color() { Color::Never } else { Color::Auto })
}

/// Warns of environment variables that make no sense.
pub fn tell_environment_mistakes(host: HostRef, options: &Options) {
    let Ok(console) = Console::new(host, options) else { return };
    let tell = |variable: &str, what: &str| {
        console.warn(Location::none(), Warning::BadEnvVariable(variable.to_owned(), what.to_owned()));
    };
    options.environment_mistakes.iter().for_each(|(variable, what)| tell(variable, what));
    if host.variable("OCAML_COLOR").is_some_and(|text| Color::parse(&text).is_none()) {
        tell("OCAML_COLOR", Color::USAGE);
    }
    let known = |style: &str| matches!(style, "contextual" | "short");
    if host.variable("OCAML_ERROR_STYLE").is_some_and(|style| !known(&style)) {
        tell("OCAML_ERROR_STYLE", "expected \"contextual\" or \"short\"");
    }
}

/// Prints reports on standard error, with excerpts of the source being compiled.
pub struct Console {
    host: HostRef,
    source: RefCell<Option<(String, Rc<[u8]>)>>,
    short: bool,
    color: bool,
    quotes: bool,
    /// `-absname`
    absolute_names: bool,
    state: RefCell<WarningState>,
    /// States that checks return to, by number.
    saved: RefCell<Vec<WarningState>>,
    fatal: Cell<bool>,
}

impl Console {
    /// A console with the settings of the command line.
    ///
    /// # Errors
    /// When a `-w`, `-warn-error` or `-alert` is ill formed: the text of the complaint.
    pub fn new(host: HostRef, options: &Options) -> Result<Console, String> {
        let mut state = WarningState::default();
        for (flag, spec) in options.warnings.iter().cloned() {
            match flag {
                WarningFlag::Warn => drop(state.parse_options(false, &spec)?),
                WarningFlag::WarnError => drop(state.parse_options(true, &spec)?),
                WarningFlag::Alert => state.parse_alert_option(&spec)?,
            }
        }
        let on_terminal = || {
            let term = host.variable("TERM").unwrap_or_default();
            host.error_is_terminal() && !term.is_empty() && term != "dumb"
        };
        let color = match color_of(host, options) {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => on_terminal(),
        };
        let style = || host.variable("OCAML_ERROR_STYLE").is_some_and(|style| style == "short");
        let short = options.short_errors.unwrap_or_else(style);
        Ok(Console {
            host,
            source: RefCell::default(),
            short,
            color,
            quotes: false,
            absolute_names: options.absolute_names,
            state: RefCell::new(state),
            saved: RefCell::default(),
            fatal: Cell::new(false),
        })
    }

    /// The source that excerpts are taken from.
    pub fn with_source(self, name: &str, text: Rc<[u8]>) -> Console {
        Console { source: RefCell::new(Some((name.to_owned(), text))), ..self }
    }

    /// Takes excerpts from another source; returns the one before.
    pub fn set_source(&self, source: Option<(String, Rc<[u8]>)>) -> Option<(String, Rc<[u8]>)> {
        self.source.replace(source)
    }

    /// Shows pieces of programs within messages in quotes.
    pub fn with_quotes(self) -> Console {
        Console { quotes: true, ..self }
    }

    /// Prints a report.
    pub fn print(&self, report: &Report) {
        let source = self.source.borrow();
        if self.absolute_names {
            let named = |name: &String| if name.is_empty() { name.clone() } else { absolute(self.host, name) };
            let source = source.as_ref().map(|(name, text)| (named(name), text.clone()));
            return self.render(&self.with_absolute_names(report), source.as_ref());
        }
        self.render(report, source.as_ref());
    }

    fn render(&self, report: &Report, source: Option<&(String, Rc<[u8]>)>) {
        let style = Style {
            source: source.map(|(name, text)| (name.as_str(), &**text)),
            short: self.short,
            color: self.color,
            quotes: self.quotes,
        };
        self.print_text(&style.render(report));
    }

    /// The report with the absolute names of files.
    fn with_absolute_names(&self, report: &Report) -> Report {
        let position = |position: &mut Position| {
            if !position.file.is_empty() {
                position.file = Name::new(&absolute(self.host, &position.file));
            }
        };
        let mut report = report.clone();
        for message in std::iter::once(&mut report.main).chain(&mut report.sub) {
            position(&mut message.loc.start);
            position(&mut message.loc.end);
        }
        report
    }

    /// Prints a text, set off from a report before it.
    pub fn print_text(&self, text: &str) {
        let separator = if PRINTED.replace(true) { "\n" } else { "" };
        self.host.print_error(&format!("{separator}{text}"));
    }

    /// Prints a text that is no message.
    pub fn host_text(&self, text: &str) {
        self.host.print_error(text);
    }

    /// Whether a warning or alert was an error since this was last asked.
    pub fn take_fatal_warnings(&self) -> bool {
        self.fatal.replace(false)
    }

    /// Silences warnings, whatever the command line says.
    pub fn silence(&self, spec: &str) {
        // A list of numbers cannot be ill formed.
        drop(self.state.borrow_mut().parse_options(false, spec));
    }

    /// Whether a warning or alert was an error.
    pub fn some_fatal_warnings(&self) -> bool {
        self.fatal.get()
    }

    fn emit(&self, report: Option<Report>) {
        if let Some(report) = report {
            self.fatal.set(self.fatal.get() || report.is_error());
            self.print(&report);
        }
    }
}

impl Reporter for Console {
    fn is_active(&self, number: usize) -> bool {
        self.state.borrow().is_active_number(number)
    }

    fn warn(&self, loc: Location, warning: Warning) {
        let report = Report::warning(&self.state.borrow(), loc, &warning);
        self.emit(report);
    }

    fn alert(&self, kind: &str, loc: Location, differing: Option<(Location, Location)>, message: &str) {
        let (def, use_) = differing.unwrap_or((Location::none(), Location::none()));
        let alert = Alert { kind: kind.to_owned(), message: message.to_owned(), def, use_ };
        let report = Report::alert(&self.state.borrow(), loc, &alert);
        self.emit(report);
    }

    fn backup(&self) -> usize {
        let mut saved = self.saved.borrow_mut();
        let state = self.state.borrow();
        // Most scopes change nothing: the last state saved is the present one.
        if saved.last() != Some(&*state) {
            saved.push(state.clone());
        }
        saved.len() - 1
    }

    fn restore(&self, state: usize) {
        if let Some(saved) = self.saved.borrow().get(state) {
            self.state.borrow_mut().clone_from(saved);
        }
    }

    fn attribute(&self, loc: Location, kind: WarningAttribute, spec: &str) {
        let name = match kind {
            WarningAttribute::Warning => "warning",
            WarningAttribute::WarnError => "warnerror",
            WarningAttribute::Alert => "alert",
        };
        let result = {
            let mut state = self.state.borrow_mut();
            match kind {
                WarningAttribute::Warning => state.parse_options(false, spec),
                WarningAttribute::WarnError => state.parse_options(true, spec),
                WarningAttribute::Alert => state.parse_alert_option(spec).map(|()| None),
            }
        };
        match result {
            Ok(None) => {}
            Ok(Some(advice)) => self.alert("ocaml_deprecated_cli", loc, None, &advice),
            Err(why) => self.warn(loc, Warning::AttributePayload(name.to_owned(), why)),
        }
    }
}
