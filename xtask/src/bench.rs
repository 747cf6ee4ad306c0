//! Written next.
#[derive(clap::Args)]
pub struct Options {}
pub fn run(_: &Options) -> crate::Outcome { Ok(()) }
