//! Written next.
pub fn run() -> crate::Outcome { Ok(()) }
