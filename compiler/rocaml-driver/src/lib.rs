//! From a command line to files: options, pipelines, separate compilation, linking.
//!
//! The only crate of the compiler that touches files and processes, through [`host::Host`].

pub mod args;
pub mod host;
pub mod options;
