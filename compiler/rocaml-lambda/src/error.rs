//! What the translation to Lambda refuses, with upstream's words.

use rocaml_base::{Location, Name};
use rocaml_diag::doc::Doc;
use rocaml_diag::report::Report;

/// Result of a translation.
pub type Result<T> = std::result::Result<T, Box<Error>>;

/// An error and its place.
#[derive(Debug)]
pub struct Error {
    pub loc: Location,
    pub kind: ErrorKind,
}

/// What is wrong.
#[derive(Clone, Debug)]
pub enum ErrorKind {
    /// An ancestor used other than to call its methods.
    FreeSuperVar,
    /// `.` was reached by the translation.
    UnreachableReached,
    UnknownBuiltinPrimitive(Name),
    WrongArityBuiltinPrimitive(Name),
    /// Recursive modules that cannot be initialised in any order: the cycle, with why each is unsafe.
    CircularDependency(Vec<(Name, UnsafeReason)>),
    ConflictingInlineAttributes,
    /// Methods of a class whose names have the same hash.
    IncompatibleLabels(Name, Name),
    /// A unit whose interface is not at hand.
    MissingUnit(String),
    /// `[@tail_mod_cons]` with several candidates and no choice.
    AmbiguousConstructorArguments {
        explicit: bool,
        calls: Vec<Location>,
    },
    /// A pattern deeper than matches are compiled.
    PatternTooDeep,
    /// Accepted by the type checker, not translated by this version.
    NotSupported(&'static str),
}

/// Why a component of a recursive module cannot be initialised before it is defined.
#[derive(Clone, Debug)]
pub struct UnsafeReason {
    pub component: Name,
    pub loc: Location,
    pub kind: UnsafeComponent,
}

/// See [`UnsafeReason`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnsafeComponent {
    ModuleBinding,
    Functor,
    NonFunction,
    Typext,
    Unnamed,
}

impl Error {
    pub fn new(loc: Location, kind: ErrorKind) -> Box<Error> {
        Box::new(Error { loc, kind })
    }

    /// The diagnostic.
    pub fn report(&self) -> Report {
        let text = match &self.kind {
            ErrorKind::FreeSuperVar => "Ancestor names can only be used to select inherited methods".to_owned(),
            ErrorKind::UnreachableReached => "Unreachable expression was reached".to_owned(),
            ErrorKind::UnknownBuiltinPrimitive(name) => format!("Unknown builtin primitive \"{name}\""),
            ErrorKind::WrongArityBuiltinPrimitive(name) => format!("Wrong arity for builtin primitive \"{name}\""),
            ErrorKind::ConflictingInlineAttributes => "Conflicting \"inline\" attributes".to_owned(),
            ErrorKind::PatternTooDeep => "This match has a pattern that is nested too deeply".to_owned(),
            ErrorKind::MissingUnit(path) => format!("The interface that defines {path} is not available"),
            ErrorKind::AmbiguousConstructorArguments { explicit, calls } => {
                return self.ambiguous_arguments(*explicit, calls);
            }
            ErrorKind::NotSupported(construct) => format!("{construct} not supported yet"),
            ErrorKind::IncompatibleLabels(one, other) => {
                let template = "Method labels %a and %a are incompatible.@ Change one of them.";
                let text = Doc::template(template, &[Doc::code(one), Doc::code(other)]);
                return Report::error(self.loc, text);
            }
            ErrorKind::CircularDependency(cycle) => return self.circular(cycle),
        };
        Report::error(self.loc, text)
    }

    fn ambiguous_arguments(&self, explicit: bool, calls: &[Location]) -> Report {
        let ways = "%a:@ this@ constructor@ application@ may@ be@ TMC-transformed@ in@ several@ different@ ways.@ ";
        let advice = if explicit {
            "Only@ one@ of@ the@ arguments@ may@ become@ a@ TMC@ call,@ but@ several@ arguments@ contain@ calls@ \
             that@ are@ explicitly@ marked@ as@ tail-recursive.@ Please@ fix@ the@ conflict@ by@ reviewing@ and@ \
             fixing@ the@ conflicting@ annotations."
        } else {
            "Please@ disambiguate@ by@ adding@ an@ explicit@ %a attribute@ to@ the@ call@ that@ should@ be@ made@ \
             tail-recursive,@ or@ a@ %a attribute@ on@ calls@ that@ should@ not@ be@ transformed."
        };
        let mut words = vec![Doc::code("[@tail_mod_cons]")];
        if !explicit {
            words.extend([Doc::code("[@tailcall]"), Doc::code("[@tailcall false]")]);
        }
        let text = Doc::template(&format!("{ways}{advice}"), &words);
        let note = if explicit { "This call is explicitly annotated." } else { "This call could be annotated." };
        calls.iter().fold(Report::error(self.loc, text), |report, loc| report.with_note(*loc, note))
    }

    fn circular(&self, cycle: &[(Name, UnsafeReason)]) -> Report {
        let mut names = Doc::default();
        for (name, _) in cycle {
            names.text(name.as_str()).append(Doc::template("@ -> ", &[]));
        }
        names.text(cycle.first().map_or("", |(name, _)| name.as_str()));
        let template = "Cannot safely evaluate the definition of the following cycle@ of recursively-defined modules:@ \
                        %a.@ There are no safe modules in this cycle@ (see manual section 12.2).";
        let mut report = Report::error(self.loc, Doc::template(template, &[names]));
        for (name, reason) in cycle {
            let template = match reason.kind {
                UnsafeComponent::Unnamed => continue,
                UnsafeComponent::ModuleBinding => "Module %a defines an unsafe module, %a .",
                UnsafeComponent::Functor => "Module %a defines an unsafe functor, %a .",
                UnsafeComponent::Typext => "Module %a defines an unsafe extension constructor, %a .",
                UnsafeComponent::NonFunction => "Module %a defines an unsafe value, %a .",
            };
            let text = Doc::template(template, &[Doc::code(name), Doc::code(&reason.component)]);
            report = report.with_note(reason.loc, text);
        }
        report
    }
}
