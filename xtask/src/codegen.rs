//! `codegen`: committed files that are made from something else. Without an argument, what needs no input of its own.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use rocaml_target::{LinkKind, Target};
use sysroots::glibc::{self, extract, symbols};

use crate::{Outcome, root};

#[derive(Subcommand)]
pub enum What {
    /// Symbol lists of glibc, from an unpacked release 2.28 to 2.33
    GlibcSymbols {
        /// The row whose list is written
        row: String,
        /// The folder that holds the release's libc.so.6
        libraries: PathBuf,
    },
}

pub fn run(what: Option<What>) -> Outcome {
    match what {
        Some(What::GlibcSymbols { row, libraries }) => glibc_symbols(Target::lookup(&row)?, &libraries),
        None => {
            println!("nothing to generate without an input; see `cargo xtask codegen --help`");
            Ok(())
        }
    }
}

fn glibc_symbols(target: &Target, folder: &Path) -> Outcome {
    let LinkKind::DynamicPie { interpreter } = target.link_kind else {
        return Err(format!("{} has no glibc", target.name).into());
    };
    let loader = Path::new(interpreter).file_name().and_then(|name| name.to_str()).ok_or("a loader without a name")?;
    let minimum = glibc::minimum(target);
    let libraries = extract::SONAMES
        .iter()
        .copied()
        .chain([loader])
        .map(|soname| extract::library(&folder.join(soname), soname, &minimum))
        .collect::<Result<Vec<_>, _>>()?;
    let header = format!(
        "# What glibc exports on {} at release {minimum}: names, versions, sizes of data.\n\
         # Written by `cargo xtask codegen glibc-symbols`; sysroots/src/glibc/symbols.rs explains the form.\n",
        target.arch.name(),
    );
    let path = glibc::symbols_path(&root(), target.arch);
    std::fs::write(&path, header + &symbols::print(&libraries))?;
    println!("wrote {}", path.display());
    Ok(())
}
