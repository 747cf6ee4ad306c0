//! Type inference and checking: from a parse tree to a [`typedtree`] and its signature.

pub mod typedtree;
