//! Written next.
pub fn run(_: &[String], _: Option<&str>) -> crate::Outcome { Ok(()) } pub fn bless(_: Option<&str>) -> crate::Outcome { Ok(()) }
