//! `rocamlopt`: the native-code compiler.

use rocaml_cli::allocator::SizeLists;
use rocaml_driver::host::SystemHost;

#[global_allocator]
static ALLOCATOR: SizeLists = SizeLists;

fn main() {
    let mut args = std::env::args();
    let program = args.next().unwrap_or_else(|| "rocamlopt".to_owned());
    let program = program.rsplit('/').next().unwrap_or("rocamlopt").to_owned();
    let args: Vec<String> = args.collect();
    std::process::exit(rocaml_driver::run(&program, &args, &SystemHost));
}
