//! Environments: what names mean at a point of a program. Upstream's `Env`.

/// An environment. Immutable and cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Env {}
