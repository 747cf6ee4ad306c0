//! Errors of type checking: one variant per phase, each with its place, environment and data.
//!
//! The wording is beside each phase; [`Error::report`] gives the diagnostic.

use rocaml_base::Location;
use rocaml_diag::report::Report;
use rocaml_types::context::Context;
use rocaml_types::env::{Env, EnvError};

use crate::includemod;
use crate::typeclass;
use crate::typecore;
use crate::typedecl;
use crate::typemod;
use crate::typetexp;

/// Result of a checking function.
pub type Result<T> = std::result::Result<T, Box<Error>>;

/// What is wrong with a program.
pub enum Error {
    /// In an expression or a pattern.
    Core(Location, Env, typecore::Error),
    /// In a type expression.
    TypeExpr(Location, Env, typetexp::Error),
    /// In a type declaration.
    Decl(Location, typedecl::Error),
    /// In a class.
    Class(Location, Env, Box<typeclass::Error>),
    /// In a module.
    Module(Location, Env, Box<typemod::Error>),
    /// An implementation or module that does not fit its interface.
    Inclusion(Location, Box<includemod::Explanation>),
    /// An ill-typed functor application.
    Apply(Box<includemod::ApplyError>),
    /// In a name.
    Env(Box<EnvError>),
    /// Already worded: extension nodes that nobody interpreted.
    Report(Box<Report>),
}

impl Error {
    /// The diagnostic.
    pub fn report(&self, cx: &Context) -> Report {
        match self {
            Error::Core(loc, env, error) => typecore::report_error(cx, *loc, env, error),
            Error::TypeExpr(loc, env, error) => typetexp::report_error(cx, *loc, env, error),
            Error::Decl(loc, error) => typedecl::report_error(cx, *loc, error),
            Error::Class(loc, env, error) => typeclass::report_error(cx, *loc, env, error),
            Error::Module(loc, env, error) => typemod::report_error(cx, *loc, env, error),
            Error::Inclusion(loc, explanation) => includemod::report_error(cx, *loc, explanation),
            Error::Apply(error) => includemod::report_apply_error(cx, error),
            Error::Env(error) => match &**error {
                // The path's application was checked by the module checker.
                EnvError::FunctorApplication(_, inner) => match inner.downcast_ref::<includemod::ApplyError>() {
                    Some(error) => includemod::report_apply_error(cx, error),
                    None => inner.downcast_ref::<Error>().map_or_else(|| error.report(cx), |inner| inner.report(cx)),
                },
                _ => error.report(cx),
            },
            Error::Report(report) => (**report).clone(),
        }
    }
}

impl From<Box<EnvError>> for Box<Error> {
    fn from(error: Box<EnvError>) -> Box<Error> {
        Box::new(Error::Env(error))
    }
}

impl From<Report> for Box<Error> {
    fn from(report: Report) -> Box<Error> {
        Box::new(Error::Report(Box::new(report)))
    }
}
