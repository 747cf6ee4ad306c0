//! Sessions of phrases, as the interactive toplevel and its tests have them.
//!
//! [`session`] types phrases one after another and says what upstream's toplevel says of each ([`directives`] of those
//! that begin with `#`, [`show`] of names); [`printval`] shows
//! values by their types (upstream's `Genprintval`), which [`heap`] reads from what a program wrote.
//! [`evaluate`] gets them: all phrases that were accepted become one native program, which runs and tells of each
//! phrase how it ended. [`expect`] is upstream's tool of that name: phrases with the answers expected beside them.
//!
//! An interactive loop would evaluate phrase by phrase, and needs code loaded at run time; session and printer are
//! made for it.

pub mod directives;
pub mod evaluate;
pub mod expect;
pub mod heap;
pub mod printval;
pub mod session;
pub mod show;
pub mod transcript;
