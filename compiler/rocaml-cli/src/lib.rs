//! What the command-line programs share.

pub mod allocator;
