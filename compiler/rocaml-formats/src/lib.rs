//! Readers and writers of compiled interfaces and of marshalled values.
//!
//! [`marshal`] is the format of OCaml's `Marshal`, over a heap of values, to which [`codec`] maps syntax
//! trees as upstream lays them out in memory, [`cmi`] interfaces; [`ast_file`] is what preprocessors
//! exchange, [`md5`] the digest of interfaces.

pub mod ast_file;
pub mod cmi;
pub mod codec;
pub mod marshal;
pub mod md5;
