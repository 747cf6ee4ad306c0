//! From Lambda to Cmm: closure conversion, inlining across units, unboxing, contification, and
//! lowering to explicit memory operations.
//!
//! [`closure`] turns Lambda into [`clambda`], with what is known of values in [`export`];
//! [`cmmgen`] turns that into [`cmm`].

pub mod clambda;
pub mod closure;
pub mod cmm;
pub mod cmmgen;
pub mod export;
mod fold;
mod substitute;

pub use closure::{Config, Importer, OsType};

use rocaml_base::Location;
use rocaml_diag::Warning;
use rocaml_lambda::lambda::Program;

/// What a compiled unit is to its backend and to other units.
pub struct Lowered {
    pub unit: cmm::Unit,
    pub export: export::UnitExport,
    pub warnings: Vec<(Location, Warning)>,
    /// Why the unit cannot be compiled.
    pub error: Option<String>,
}

/// Lowers a unit to Cmm.
pub fn compile(program: &Program, config: &Config, importer: &dyn Importer) -> Lowered {
    let (unit, export) = closure::convert(program, config, importer);
    let not_inlined = unit.not_inlined.iter();
    let warnings = not_inlined.map(|(loc, why)| (*loc, Warning::InliningImpossible((*why).to_owned()))).collect();
    let (unit, error) = cmmgen::lower(unit, config);
    if cfg!(debug_assertions)
        && let Err(what) = cmm::verify(&unit)
    {
        panic!("middle end, unit {}: {what}", program.unit);
    }
    Lowered { unit, export, warnings, error }
}
