//! Whole commands, as `-verbose` would show them.

use std::path::PathBuf;

use rocaml_target::Target;

use crate::{LinkJob, LinkerChoice, OutputKind, link_command};

fn job() -> LinkJob {
    LinkJob {
        output: "hello".into(),
        objects: vec!["startup.o".into(), "hello.o".into()],
        archives: vec!["stdlib.a".into()],
        runtime: Some("libasmrun.a".into()),
        sysroot: "sys".into(),
        tools_dir: "tools".into(),
        ..LinkJob::default()
    }
}

#[track_caller]
fn check(target: &str, job: &LinkJob, expected: &str) {
    let target = Target::lookup(target).expect("a row");
    let text = match link_command(target, job) {
        Ok(command) => command.to_string(),
        Err(error) => format!("error: {error}"),
    };
    assert_eq!(text, expected);
}

const HARDENING: &str = "-z relro -z now -z noexecstack --hash-style=gnu --build-id=fast --eh-frame-hdr --gc-sections --as-needed --threads=1";

#[test]
fn static_pie_against_musl() {
    check(
        "riscv64-linux",
        &job(),
        &format!(
            "tools/ld.lld -m elf64lriscv -o hello --no-mmap-output-file -pie -static --no-dynamic-linker -z text {HARDENING} --strip-debug sys/rcrt1.o sys/crti.o startup.o hello.o stdlib.a -Lsys libasmrun.a --start-group -lm -lpthread -ldl -lc -lbuiltins --end-group sys/crtn.o"
        ),
    );
}

#[test]
fn dynamic_pie_against_glibc_keeps_debug_information_with_g() {
    check(
        "s390x-linux-gnu",
        &LinkJob { debug: true, ..job() },
        &format!(
            "tools/ld.lld -m elf64_s390 -o hello --no-mmap-output-file -pie --dynamic-linker /lib/ld64.so.1 {HARDENING} --allow-shlib-undefined sys/Scrt1.o sys/crti.o startup.o hello.o stdlib.a -Lsys libasmrun.a --start-group -lm -lpthread -ldl -lc -lbuiltins --end-group -lrtld sys/crtn.o"
        ),
    );
}

#[test]
fn c_options_are_translated_in_order() {
    let job = LinkJob {
        debug: true,
        is_host: true,
        ccopts: vec!["-L/opt/lib -Wl,-rpath,/opt/lib -O2".into()],
        cclibs: vec!["-lz".into(), "'my stubs.o'".into()],
        ..job()
    };
    check(
        "x86_64-linux-gnu",
        &job,
        &format!(
            "tools/ld.lld -m elf_x86_64 -o hello --no-mmap-output-file -pie --dynamic-linker /lib64/ld-linux-x86-64.so.2 {HARDENING} --allow-shlib-undefined -L/opt/lib -rpath /opt/lib sys/Scrt1.o sys/crti.o startup.o hello.o stdlib.a -Lsys -L/usr/lib/x86_64-linux-gnu -L/lib/x86_64-linux-gnu -L/usr/lib64 -L/usr/lib -lz 'my stubs.o' libasmrun.a --start-group -lm -lpthread -ldl -lc -lbuiltins --end-group -lrtld sys/crtn.o"
        ),
    );
}

#[test]
fn an_option_for_a_c_compiler_is_refused_with_the_way_out() {
    let job = LinkJob { ccopts: vec!["-fsanitize=address".into()], ..job() };
    check(
        "x86_64-linux",
        &job,
        "error: option '-fsanitize=address' is for a C compiler, and the bundled linker does not know it; use -linker cc",
    );
}

#[test]
fn static_links_need_musl() {
    let job = LinkJob { ccopts: vec!["-static".into()], ..job() };
    check(
        "s390x-linux-gnu",
        &job,
        "error: s390x-linux-gnu links against the system's C library, which is not static; use -target s390x-linux",
    );
    assert!(link_command(Target::lookup("s390x-linux").expect("a row"), &job).is_ok());
}

#[test]
fn a_c_compiler_or_another_linker_is_used_when_named() {
    let with = |linker: &str| LinkJob { linker: LinkerChoice::parse(linker), debug: true, ..job() };
    let cc = LinkJob { is_host: true, ..with("cc") };
    check(
        "x86_64-linux-gnu",
        &cc,
        "cc -o hello -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections startup.o hello.o stdlib.a libasmrun.a -lm -lpthread -ldl",
    );
    check(
        "aarch64-linux-gnu",
        &with("cc"),
        "error: -linker cc links for this machine only, not for aarch64-linux-gnu; give a cross compiler's name, as in -linker aarch64-linux-gnu-gcc",
    );
    let target = Target::lookup("aarch64-linux-gnu").expect("a row");
    let command = link_command(target, &with("/opt/bin/aarch64-linux-gnu-gcc")).expect("a command");
    assert_eq!(command.program, PathBuf::from("/opt/bin/aarch64-linux-gnu-gcc"));
    let command = link_command(target, &with("ld.lld-19")).expect("a command");
    assert_eq!(command.args[..2], ["-m", "aarch64linux"]);
}

#[test]
fn relocatable_output_takes_no_c_library() {
    let part = LinkJob { output_kind: OutputKind::Relocatable, archives: vec![], runtime: None, ..job() };
    check("aarch64-linux", &part, "tools/ld.lld -m aarch64linux -o hello --no-mmap-output-file -r startup.o hello.o");
}

#[test]
fn flavors_without_a_driver_are_refused() {
    check(
        "aarch64-macos",
        &job(),
        "error: linking for aarch64-macos is not yet supported: there is no Mach-O linker driver",
    );
    check(
        "wasm32-js",
        &job(),
        "error: linking for wasm32-js is not yet supported: there is no WebAssembly linker driver",
    );
}
