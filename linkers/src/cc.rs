//! The C compiler as linker (`-linker cc`, `-linker <path>`): it brings its own start files and C library.

use std::path::PathBuf;

use rocaml_target::{LinkKind, Target};

use crate::elf::EMBEDDING;
use crate::{LinkCommand, LinkJob, OutputKind};

pub fn command(target: &Target, job: &LinkJob, program: PathBuf) -> LinkCommand {
    let mut command = LinkCommand::new(program);
    command.arg("-o").arg(&job.output);
    if job.output_kind == OutputKind::Relocatable {
        command.args(["-r", "-nostdlib"]);
        if job.runtime.is_some() {
            command.args(EMBEDDING.map(|function| format!("-Wl,--undefined={function}")));
        }
        command.args(&job.objects).args(&job.archives).args(&job.runtime);
        return command;
    }
    command.arg(if target.link_kind == LinkKind::StaticPie { "-static-pie" } else { "-pie" });
    command.args(["-Wl,-z,relro,-z,now,-z,noexecstack", "-Wl,--gc-sections"]);
    if !job.debug {
        command.arg("-Wl,--strip-debug");
    }
    for value in &job.ccopts {
        command.args(value.split_whitespace());
    }
    command.args(&job.objects).args(&job.archives);
    for dir in &job.search_dirs {
        command.joined("-L", dir);
    }
    for value in &job.cclibs {
        command.args(value.split_whitespace());
    }
    command.args(&job.runtime).args(["-lm", "-lpthread", "-ldl"]);
    command
}
