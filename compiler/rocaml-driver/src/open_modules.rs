//! The paths of `-open`.

use crate::options::Options;
use rocaml_base::Name;
use rocaml_diag::report::Report;
use rocaml_syntax::error::quoted_string;
use rocaml_syntax::longident::Longident;
use rocaml_syntax::parse_simple_module_path;

/// The paths in the order of the command line.
///
/// # Errors
/// That of the first one that is no path.
pub fn paths(options: &Options) -> Result<Vec<Longident>, Report> {
    let path = |text: &String| {
        let place = format!("command line argument: -open {}", quoted_string(text.as_bytes()));
        let parsed = parse_simple_module_path(Name::new(&place), text.as_bytes(), options.parsing());
        parsed.result.map(|path| path.txt).map_err(|error| error.report())
    };
    options.open_modules.iter().map(path).collect()
}
