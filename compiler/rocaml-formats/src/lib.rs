//! Readers and writers of compiled interfaces and of marshalled values.
//!
//! [`marshal`] is the format of OCaml's `Marshal`, over a heap of values; [`cmi`] maps interfaces
//! to it as upstream lays them out in memory; [`md5`] is the digest of interfaces.

pub mod cmi;
pub mod marshal;
pub mod md5;
