//! Packs a tree: `rocaml-<version>-x86_64-linux.tar.zst`, the same bytes each time for the same contents.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sysroots::{Result, tools};
use tools::BuildError;

use crate::{Tree, VERSION, licenses, manifest};

/// What an archive is made of, besides the tree.
pub struct Sources<'a> {
    pub root: &'a Path,
    /// `name version licence` lines of the Rust packages in the compilers, and the folders of those packages.
    pub packages: &'a [licenses::Package],
}

/// Stages the tree below `out` and packs it; returns the archive's path.
pub fn pack(tree: &Tree, sources: &Sources, out: &Path) -> Result<PathBuf> {
    let name = format!("rocaml-{VERSION}");
    let stage = out.join(&name);
    tools::remove_dir(&stage)?;
    copy_tree(&tree.prefix, &stage)?;
    licenses::install(sources, &stage.join("share/doc/rocaml"))?;
    copy_file(&sources.root.join("dist/install.sh"), &stage.join("install.sh"))?;
    copy_file(&sources.root.join("README.md"), &stage.join("README.md"))?;
    tools::write(&stage.join("manifest.json"), manifest::of_folder(&stage)?.as_bytes())?;
    let archive = out.join(format!("{name}-x86_64-linux.tar.zst"));
    compress(out, &name, &archive)?;
    Ok(archive)
}

/// Copies all files but stamps, with permissions reduced to "executable or not".
fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    for file in tools::walk(from)? {
        let relative = file.strip_prefix(from).expect("a file below the folder");
        let is_stamp = relative.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !is_stamp {
            copy_file(&file, &to.join(relative))?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    tools::make_dir(to.parent().expect("a file stands in a folder"))?;
    std::fs::copy(from, to)
        .map(|_| ())
        .map_err(|error| BuildError::new(format!("cannot copy {}: {error}", from.display())))
}

/// `tar` with sorted names, zero times and no owners, through `zstd` with a fixed number of threads.
fn compress(folder: &Path, name: &str, archive: &Path) -> Result<()> {
    let failed = |program: &str, what: String| BuildError::new(format!("{program}: {what}"));
    let mut tar = Command::new("tar");
    tar.args([
        "--format=gnu",
        "--sort=name",
        "--mtime=@0",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--mode=u+rw,go=rX,a-s",
    ]);
    tar.arg("-C").arg(folder).args(["-cf", "-", name]).stdout(Stdio::piped());
    let mut tar = tar.spawn().map_err(|error| failed("tar", error.to_string()))?;
    let output = tar.stdout.take().expect("tar's output is a pipe");
    let mut zstd = Command::new("zstd");
    // A window of 128 MB sees that the rows' files repeat one another; every zstd unpacks it.
    zstd.args(["-q", "-f", "-19", "--long=27", "-T2", "-o"]).arg(archive).stdin(output);
    let packed = zstd.status().map_err(|error| failed("zstd", error.to_string()))?;
    let read = tar.wait().map_err(|error| failed("tar", error.to_string()))?;
    if !packed.success() || !read.success() {
        return Err(failed("packing", format!("tar {read}, zstd {packed}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same names and contents give the same bytes, whatever the times, permissions' details and order of creation.
    #[test]
    fn archives_are_reproducible() {
        if Command::new("zstd").arg("--version").output().is_err() {
            eprintln!("zstd is not installed: not tested");
            return;
        }
        let folder = std::env::temp_dir().join(format!("rocaml-archive-{}", std::process::id()));
        let pack = |files: [&str; 2]| {
            tools::remove_dir(&folder).expect("an old folder goes");
            for file in files {
                copy_file(Path::new("Cargo.toml"), &folder.join("tree").join(file)).expect("a copy");
            }
            compress(&folder, "tree", &folder.join("archive")).expect("an archive");
            tools::read(&folder.join("archive")).expect("its bytes")
        };
        let (first, second) = (pack(["a", "deep/b"]), pack(["deep/b", "a"]));
        tools::remove_dir(&folder).expect("the folder goes");
        assert_eq!(tools::sha256_hex(&first), tools::sha256_hex(&second));
    }
}
