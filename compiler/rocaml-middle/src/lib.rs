//! From Lambda to Cmm: closure conversion, inlining across units, unboxing, contification, and
//! lowering to explicit memory operations.

pub mod cmm;
