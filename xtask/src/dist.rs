//! `dist`: the toolchain for all rows, packed into `target/dist`.

use std::path::PathBuf;

use ::dist::archive::{self, Sources};
use ::dist::licenses::Package;
use sysroots::tools;

use crate::stages::Stages;
use crate::{Outcome, root, toolchain};

pub fn run() -> Outcome {
    let rows = toolchain::selected_rows(&[])?;
    let mut stages = Stages::new(toolchain::stage_count(rows.len()) + 1);
    let mut archive = None;
    let result = toolchain::build(&mut stages, &rows).and_then(|()| {
        stages.run("archive", || -> Result<String, Box<dyn std::error::Error>> {
            let path = pack()?;
            let bytes = tools::read(&path)?;
            let note = format!("{:.1} MB, sha256 {}", bytes.len() as f64 / 1e6, tools::sha256_hex(&bytes));
            archive = Some(path);
            Ok(note)
        })
    });
    stages.summary();
    result?;
    if let Some(archive) = archive {
        println!("{}", archive.display());
    }
    Ok(())
}

fn pack() -> Result<PathBuf, Box<dyn std::error::Error>> {
    let out = root().join("target/dist");
    tools::make_dir(&out)?;
    let packages = packages()?;
    Ok(archive::pack(&toolchain::tree(), &Sources { root: &root(), packages: &packages }, &out)?)
}

/// The registry packages in the compilers, from `cargo tree`.
fn packages() -> Result<Vec<Package>, Box<dyn std::error::Error>> {
    let mut command = toolchain::cargo();
    command.current_dir(root());
    command.args(["tree", "--package", "rocaml-cli", "--edges", "normal", "--prefix", "none", "--format", "{p}|{l}"]);
    let listing = String::from_utf8(tools::run_command(&mut command)?)?;
    let sources = toolchain::home_dir("CARGO_HOME", ".cargo").ok_or("no home folder")?.join("registry/src");
    let registries = if sources.exists() { tools::list_dir(&sources)? } else { Vec::new() };
    let mut packages = Vec::new();
    let mut lines: Vec<&str> = listing.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    lines.sort_unstable();
    lines.dedup();
    for line in lines {
        let Some((package, license)) = line.split_once('|') else { continue };
        let mut words = package.split_whitespace();
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        let folder = format!("{name}-{}", version.trim_start_matches('v'));
        if let Some(folder) = registries.iter().map(|registry| registry.join(&folder)).find(|folder| folder.is_dir()) {
            let version = version.trim_start_matches('v').to_string();
            packages.push(Package { name: name.to_string(), version, license: license.to_string(), folder });
        }
    }
    Ok(packages)
}
