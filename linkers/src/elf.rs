//! The ELF driver: one `ld.lld` command line per link, for static PIE (musl) and dynamic PIE (glibc).
//!
//! Read-only relocations, immediate binding, a non-executable stack and a build id are always on. Unused sections go:
//! what the collector needs (frame tables, roots) is reachable from the startup object's unit table, so nothing is lost.

use std::path::PathBuf;

use rocaml_target::{Arch, LinkKind, Target};

use crate::options::{LdOptions, ld_options};
use crate::{LinkCommand, LinkError, LinkJob, LinkerChoice, OutputKind};

pub fn command(target: &Target, job: &LinkJob, program: PathBuf) -> Result<LinkCommand, LinkError> {
    let options = ld_options(job)?;
    let mut command = LinkCommand::new(program);
    command.args(["-m", emulation(target.arch)]);
    command.arg("-o").arg(&job.output);
    if job.linker == LinkerChoice::Lld {
        // A mapped output ends in a signal when the disk is full, a written one in a message.
        command.arg("--no-mmap-output-file");
    }
    match job.output_kind {
        OutputKind::Relocatable => relocatable(job, &options, &mut command),
        OutputKind::Executable if options.is_static && target.link_kind != LinkKind::StaticPie => {
            let musl = format!("{}-linux", target.arch.name());
            return Err(LinkError::StaticNeedsMusl { target: target.name, musl });
        }
        OutputKind::Executable => executable(target, job, &options, &mut command),
    }
    Ok(command)
}

fn emulation(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "elf_x86_64",
        Arch::Aarch64 => "aarch64linux",
        Arch::Riscv64 => "elf64lriscv",
        Arch::S390x => "elf64_s390",
        Arch::Wasm32 => unreachable!("wasm32 is not an ELF row"),
    }
}

/// The functions of the runtime that are for programs in C with OCaml in them.
pub const EMBEDDING: [&str; 6] =
    ["caml_main", "caml_startup", "caml_startup_exn", "caml_shutdown", "caml_named_value", "caml_callback_exn"];

fn relocatable(job: &LinkJob, options: &LdOptions, command: &mut LinkCommand) {
    command.arg("-r").args(&options.flags);
    if job.runtime.is_some() {
        // What a C program begins with; the rest of the runtime comes with it.
        command.args(EMBEDDING.map(|function| format!("--undefined={function}")));
    }
    command.args(&job.objects).args(&job.archives).args(&job.runtime);
}

fn executable(target: &Target, job: &LinkJob, options: &LdOptions, command: &mut LinkCommand) {
    let is_static = target.link_kind == LinkKind::StaticPie;
    command.arg("-pie");
    match target.link_kind {
        LinkKind::DynamicPie { interpreter } => command.args(["--dynamic-linker", interpreter]),
        _ => command.args(["-static", "--no-dynamic-linker", "-z", "text"]),
    };
    command.args(["-z", "relro", "-z", "now", "-z", "noexecstack", "--hash-style=gnu", "--build-id=fast"]);
    command.args(["--eh-frame-hdr", "--gc-sections", "--as-needed"]);
    // One thread is faster than several for the small links that we make; parallel links then do not fight.
    command.arg("--threads=1");
    if !job.debug {
        command.arg("--strip-debug");
    }
    if !is_static {
        // A system library may need a newer glibc than our stubs describe.
        command.arg("--allow-shlib-undefined");
    }
    command.args(&options.flags);

    let start_file = if target.link_kind == LinkKind::StaticPie { "rcrt1.o" } else { "Scrt1.o" };
    command.arg(job.sysroot.join(start_file)).arg(job.sysroot.join("crti.o"));
    command.args(&job.objects).args(&job.archives);
    for dir in job.search_dirs.iter().chain([&job.sysroot]) {
        command.joined("-L", dir);
    }
    command.args(system_dirs(target, job, options).iter().map(|dir| format!("-L{dir}")));
    command.args(&options.libraries).args(&job.runtime);
    command.args(["--start-group", "-lm", "-lpthread", "-ldl", "-lc", "-lbuiltins", "--end-group"]);
    if !is_static {
        // The dynamic loader, for thread-local variables of libraries.
        command.arg("-lrtld");
    }
    command.arg(job.sysroot.join("crtn.o"));
}

/// Where this machine keeps its own libraries: searched last, and only when `-l` asks for something.
fn system_dirs(target: &Target, job: &LinkJob, options: &LdOptions) -> Vec<String> {
    let wanted = job.is_host && options.libraries.iter().any(|library| library.starts_with("-l"));
    if !wanted || target.link_kind == LinkKind::StaticPie {
        return Vec::new();
    }
    let multiarch = format!("{}-linux-gnu", target.arch.name());
    vec![format!("/usr/lib/{multiarch}"), format!("/lib/{multiarch}"), "/usr/lib64".into(), "/usr/lib".into()]
}
