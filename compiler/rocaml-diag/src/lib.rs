//! Diagnostics as data, the table of warnings, and their layout.
//!
//! A phase makes [`Report`]s and [`Warning`]s; [`Style::render`] turns a report into upstream's
//! text. [`Doc`] and [`Formatter`] are the pretty-printer that messages, types and signatures are
//! printed with.

pub mod doc;
pub mod format;
pub mod hint;
pub mod report;
pub mod state;
pub mod warning;

pub use doc::{Doc, Element, Tag};
pub use format::{BoxKind, BreakText, Formatter};
pub use report::{Alert, Kind, Message, Report, Style, location_text};
pub use state::WarningState;
pub use warning::{ConstructorUsage, Description, FieldUsage, LAST_WARNING, TABLE, TypeDeclarationUsage, Warning};
