//! `-config`: what build systems ask a compiler.

use crate::ir_file::IR_MAGIC;
use crate::layout::Layout;
use crate::options::Options;
use crate::unit_files::{CMX_MAGIC, CMXA_MAGIC};

/// The language and library version that this compiler is compatible with.
pub const OCAML_VERSION: &str = "5.4.1";

/// Every key with its value, in order. Keys are unique.
pub fn values(layout: &Layout, options: &Options) -> Vec<(&'static str, String)> {
    let target = options.target;
    let library = layout.library().display().to_string();
    let cc = options.cc.clone().unwrap_or_else(|| "cc".to_owned());
    let text = |value: &str| value.to_owned();
    vec![
        ("version", text(OCAML_VERSION)),
        ("rocaml_version", text(env!("CARGO_PKG_VERSION"))),
        ("standard_library_default", library.clone()),
        ("standard_library", library),
        ("ccomp_type", text("cc")),
        ("c_compiler", cc.clone()),
        ("bytecode_cflags", text("-O2 -fPIC")),
        ("ocamlc_cflags", text("-O2 -fPIC")),
        ("bytecode_cppflags", String::new()),
        ("ocamlc_cppflags", String::new()),
        ("native_cflags", text("-O2 -fPIC")),
        ("ocamlopt_cflags", text("-O2 -fPIC")),
        ("native_cppflags", String::new()),
        ("ocamlopt_cppflags", String::new()),
        ("bytecomp_c_compiler", format!("{cc} -O2 -fPIC")),
        ("native_c_compiler", format!("{cc} -O2 -fPIC")),
        ("bytecomp_c_libraries", text("-lm -lpthread")),
        ("native_c_libraries", text("-lm -lpthread")),
        ("compression_c_libraries", String::new()),
        ("native_ldflags", String::new()),
        ("native_pack_linker", text("ld -r -o")),
        ("native_compiler", text("true")),
        ("architecture", text(target.arch.upstream_name())),
        ("model", text("default")),
        ("int_size", (target.word_bytes() * 8 - 1).to_string()),
        ("word_size", (target.word_bytes() * 8).to_string()),
        ("system", text(target.os.name())),
        ("asm", format!("{cc} -c")),
        ("asm_cfi_supported", text("true")),
        ("asm_size_type_directives", text("true")),
        ("with_frame_pointers", text("true")),
        ("with_nonexecstack_note", text("true")),
        ("ext_exe", text(target.executable_suffix())),
        ("ext_obj", text(target.object_suffix())),
        ("ext_asm", text(".s")),
        ("ext_lib", text(target.library_suffix())),
        ("ext_dll", text(if target.os.is_windows() { ".dll" } else { ".so" })),
        ("os_type", text(target.os.ocaml_os_type())),
        ("default_executable_name", text(if target.os.is_windows() { "camlprog.exe" } else { "a.out" })),
        ("systhread_supported", text("false")),
        ("host", text(rocaml_target::Target::host().llvm_triple)),
        ("target", text(target.llvm_triple)),
        ("flambda", text("false")),
        ("safe_string", text("true")),
        ("default_safe_string", text("true")),
        ("flat_float_array", text("true")),
        ("align_double", text("false")),
        ("align_int64", text("false")),
        ("function_sections", text("false")),
        ("afl_instrument", text("false")),
        ("tsan", text("false")),
        ("windows_unicode", text(if target.os.is_windows() { "true" } else { "false" })),
        ("supports_shared_libraries", text("false")),
        ("native_dynlink", text("false")),
        ("naked_pointers", text("false")),
        ("with_codegen_invariants", text("false")),
        ("exec_magic_number", text("Caml1999X036")),
        ("cmi_magic_number", text("Caml1999I036")),
        ("cmo_magic_number", text("Caml1999O036")),
        ("cma_magic_number", text("Caml1999A036")),
        ("cmx_magic_number", text(CMX_MAGIC)),
        ("cmxa_magic_number", text(CMXA_MAGIC)),
        ("ast_impl_magic_number", text("Caml1999M036")),
        ("ast_intf_magic_number", text("Caml1999N036")),
        ("cmxs_magic_number", text("Caml1999D036")),
        ("cmt_magic_number", text("Caml1999T036")),
        ("linear_magic_number", text(IR_MAGIC)),
    ]
}

/// The lines of `-config`.
pub fn text(layout: &Layout, options: &Options) -> String {
    values(layout, options).iter().map(|(key, value)| format!("{}\n", format!("{key}: {value}").trim_end())).collect()
}
