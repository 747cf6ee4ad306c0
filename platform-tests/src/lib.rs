//! Platform tests: one suite of OCaml programs with expected output, compiled and run for every row.
//!
//! A test is `suite/<group>/<name>.ml`, beside it `<name>.expected` (standard output) and where it matters
//! `<name>.stderr`. The first comment may hold directives ([`directives`]). The same outputs are expected on all rows.
//! [`runner`] starts a row's executables, natively or under the row's emulator; [`suite`] does the rest;
//! [`conformance`] runs upstream's own suite instead.
//! To add a test: write the program, then `cargo xtask bless <name>`, and read what was blessed.

pub mod cli;
pub mod conformance;
pub mod directives;
pub mod process;
pub mod runner;
pub mod smoke;
pub mod suite;
