//! Host packages: which programs builds and tests need, and the Debian packages that hold them.

use std::path::Path;
use std::process::Command;

use crate::Outcome;

/// A Debian package, and a file that shows that it is there.
struct Package {
    name: &'static str,
    provides: &'static str,
}

const fn package(name: &'static str, provides: &'static str) -> Package {
    Package { name, provides }
}

const PACKAGES: &[Package] = &[
    // Compiling C for every row, and the tools around it.
    package("clang-19", "/usr/bin/clang-19"),
    package("lld-19", "/usr/bin/ld.lld-19"),
    package("llvm-19", "/usr/bin/llvm-ar-19"),
    package("libclang-rt-19-dev", "/usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.asan-x86_64.a"),
    package("patch", "/usr/bin/patch"),
    package("xz-utils", "/usr/bin/xz"),
    package("zstd", "/usr/bin/zstd"),
    // The bundled linker.
    package("llvm-19-dev", "/usr/lib/llvm-19/lib/libLLVMSupport.a"),
    package("liblld-19-dev", "/usr/lib/llvm-19/include/lld/Common/Driver.h"),
    package("liblld-19", "/usr/lib/llvm-19/lib/liblldELF.a"),
    package("zlib1g-dev", "/usr/include/zlib.h"),
    package("g++", "/usr/bin/g++"),
    // Headers of the glibc rows, at build time only; the libraries are for running the tests.
    package("libc6-dev", "/usr/include/stdio.h"),
    package("libc6-dev-arm64-cross", "/usr/aarch64-linux-gnu/include/stdio.h"),
    package("libc6-dev-riscv64-cross", "/usr/riscv64-linux-gnu/include/stdio.h"),
    package("libc6-dev-s390x-cross", "/usr/s390x-linux-gnu/include/stdio.h"),
    package("linux-libc-dev-arm64-cross", "/usr/aarch64-linux-gnu/include/linux/futex.h"),
    package("linux-libc-dev-riscv64-cross", "/usr/riscv64-linux-gnu/include/linux/futex.h"),
    package("linux-libc-dev-s390x-cross", "/usr/s390x-linux-gnu/include/linux/futex.h"),
    // Running the rows of other architectures.
    package("qemu-user-static", "/usr/bin/qemu-riscv64-static"),
];

pub fn run() -> Outcome {
    let note = ensure()?;
    println!("{note}");
    Ok(())
}

/// Installs what is missing when run as root with apt; otherwise the error is the command to run.
pub fn ensure() -> Result<String, String> {
    let missing: Vec<&str> = PACKAGES.iter().filter(|p| !Path::new(p.provides).exists()).map(|p| p.name).collect();
    if missing.is_empty() {
        return Ok("all host packages are there".into());
    }
    let install = format!("apt-get install -y --no-install-recommends {}", missing.join(" "));
    if !is_root() || !Path::new("/usr/bin/apt-get").exists() {
        return Err(format!("host packages are missing; as root, run:\n  apt-get update && {install}"));
    }
    apt(&["update", "-q"])?;
    let mut args = vec!["install", "-y", "-q", "--no-install-recommends"];
    args.extend(&missing);
    apt(&args)?;
    match PACKAGES.iter().find(|p| missing.contains(&p.name) && !Path::new(p.provides).exists()) {
        Some(package) => Err(format!("{} was installed, but {} is not there", package.name, package.provides)),
        None => Ok(format!("installed {}", missing.join(" "))),
    }
}

fn apt(args: &[&str]) -> Result<(), String> {
    let output = Command::new("apt-get")
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .output()
        .map_err(|error| format!("cannot run apt-get: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("apt-get {} failed:\n{}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim_end()))
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
