//! `rocamldep`: the dependencies of source files.

use rocaml_cli::allocator::SizeLists;
use rocaml_driver::host::SystemHost;

#[global_allocator]
static ALLOCATOR: SizeLists = SizeLists;

fn main() {
    let mut args = std::env::args();
    let program = args.next().unwrap_or_else(|| "rocamldep".to_owned());
    let program = program.rsplit('/').next().unwrap_or("rocamldep").to_owned();
    let args: Vec<String> = args.collect();
    std::process::exit(rocaml_driver::run_depend(&program, &args, &SystemHost));
}
