//! Writes a stub library: a shared object of names, versions and sizes, without a byte of code.
//!
//! ```text
//! .dynsym .dynstr   the symbols; functions all at one address, data at the addresses that tell aliases apart
//! .gnu.version*     the version of each symbol, and the versions that the library defines
//! .dynamic          its name
//! .text .bss .tbss  without contents: where the symbols are said to be
//! ```

use object::write::elf::{FileHeader, SectionHeader, Sym, Verdef, Writer};
use object::{Endianness, elf};
use rocaml_target::{Arch, Endian, Target};

use super::symbols::{Kind, Library, Version};
use crate::tools::{BuildError, Result};

/// Where the empty sections are said to be; nothing is ever loaded there.
const TEXT_ADDRESS: u64 = 0x10000;
const SECTION_ALIGNMENT: u64 = 32;

pub fn write(target: &Target, library: &Library) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write_stub(target, library, &mut bytes)
        .map_err(|error| BuildError::new(format!("cannot write the stub of {}: {error}", library.soname)))?;
    Ok(bytes)
}

fn machine(arch: Arch) -> elf::Machine {
    match arch {
        Arch::X86_64 => elf::EM_X86_64,
        Arch::Aarch64 => elf::EM_AARCH64,
        Arch::Riscv64 => elf::EM_RISCV,
        Arch::S390x => elf::EM_S390,
        Arch::Wasm32 => unreachable!("wasm32 has no glibc"),
    }
}

fn write_stub(target: &Target, library: &Library, bytes: &mut Vec<u8>) -> object::write::Result<()> {
    let endian = match target.endian() {
        Endian::Little => Endianness::Little,
        Endian::Big => Endianness::Big,
    };
    let versions = library.versions();
    let version_names: Vec<String> = versions.iter().map(Version::to_string).collect();
    let mut writer = Writer::new(endian, true, bytes);

    // Reserve: string and symbol indices, then the file's layout in the order in which it is written.
    let soname = writer.add_dynamic_string(library.soname.as_bytes());
    let version_ids: Vec<_> = version_names.iter().map(|name| writer.add_dynamic_string(name.as_bytes())).collect();
    let symbol_ids: Vec<_> =
        library.symbols.iter().map(|symbol| writer.add_dynamic_string(symbol.name.as_bytes())).collect();
    writer.reserve_file_header();
    writer.reserve_null_section_index();
    writer.reserve_null_dynamic_symbol_index();
    for _ in &library.symbols {
        writer.reserve_dynamic_symbol_index();
    }
    writer.reserve_dynsym_section_index();
    writer.reserve_dynstr_section_index();
    writer.reserve_gnu_versym_section_index();
    writer.reserve_gnu_verdef_section_index();
    writer.reserve_dynamic_section_index();
    let names = [b".text".as_slice(), b".bss", b".tbss"].map(|name| writer.add_section_name(name));
    let [text, bss, tbss] = [(); 3].map(|()| writer.reserve_section_index());
    writer.reserve_shstrtab_section_index();
    writer.reserve_dynsym();
    writer.reserve_dynstr()?;
    writer.reserve_gnu_versym();
    // The library's own name counts as a version.
    let version_count = versions.len() as u16 + 1;
    writer.reserve_gnu_verdef(version_count, usize::from(version_count));
    writer.reserve_dynamic(2);
    writer.reserve_shstrtab()?;
    writer.reserve_section_headers();

    writer.write_file_header(&FileHeader {
        os_abi: elf::ELFOSABI_NONE,
        abi_version: 0,
        e_type: elf::ET_DYN,
        e_machine: machine(target.arch),
        e_entry: 0,
        // RISC-V keeps its floating-point convention in the flags: double, compressed instructions.
        e_flags: if target.arch == Arch::Riscv64 {
            elf::EF_RISCV_FLOAT_ABI_DOUBLE | elf::EF_RISCV_RVC
        } else {
            Default::default()
        },
    })?;
    writer.write_null_dynamic_symbol();
    for (symbol, id) in library.symbols.iter().zip(&symbol_ids) {
        let (section, kind, value, size) = match symbol.kind {
            Kind::Function => (text, elf::STT_FUNC, TEXT_ADDRESS, 0),
            Kind::Object { size, address } => (bss, elf::STT_OBJECT, address, size),
            Kind::Tls { size } => (tbss, elf::STT_TLS, 0, size),
        };
        let st_name = writer.dynamic_string_offset(Some(*id));
        writer.write_dynamic_symbol(&Sym {
            section: Some(section.0),
            st_name,
            st_info: elf::SymbolInfo::new(elf::STB_GLOBAL, kind),
            st_other: Default::default(),
            st_shndx: Default::default(),
            st_value: value,
            st_size: size,
        });
    }
    writer.write_dynstr();
    writer.write_null_gnu_versym();
    for symbol in &library.symbols {
        let index = versions.binary_search(&symbol.version).expect("every version is in the list");
        writer.write_gnu_versym(elf::VersymIndex(index as u16 + 2));
    }
    writer.write_align_gnu_verdef();
    let mut define = |flags, index, name, id| {
        let name_offset = writer.dynamic_string_offset(Some(id));
        writer.write_gnu_verdef(&Verdef {
            version: elf::VER_DEF_CURRENT,
            flags,
            index: elf::VersionIndex(index),
            aux_count: 1,
            name: name_offset,
            hash: elf::hash(name),
        });
    };
    define(elf::VER_FLG_BASE, 1, library.soname.as_bytes(), soname);
    for (index, (name, id)) in version_names.iter().zip(&version_ids).enumerate() {
        define(Default::default(), index as u16 + 2, name.as_bytes(), *id);
    }
    writer.write_align_dynamic();
    writer.write_dynamic_string(elf::DT_SONAME, soname)?;
    writer.write_dynamic(elf::DT_NULL, 0)?;
    writer.write_shstrtab();

    writer.write_null_section_header();
    writer.write_dynsym_section_header(0, 1);
    writer.write_dynstr_section_header(0);
    writer.write_gnu_versym_section_header(0);
    writer.write_gnu_verdef_section_header(0);
    writer.write_dynamic_section_header(0);
    let end = writer.offset();
    let flags = [elf::SHF_EXECINSTR, elf::SHF_WRITE, elf::SHF_WRITE | elf::SHF_TLS];
    for (name, flag) in names.into_iter().zip(flags) {
        let sh_name = writer.section_name_offset(Some(name));
        writer.write_section_header(&SectionHeader {
            sh_name,
            sh_type: elf::SHT_NOBITS,
            sh_flags: elf::SHF_ALLOC | flag,
            sh_addr: if flag == elf::SHF_EXECINSTR { TEXT_ADDRESS } else { 0 },
            sh_offset: end,
            sh_size: 0,
            sh_link: 0,
            sh_info: 0,
            sh_addralign: SECTION_ALIGNMENT,
            sh_entsize: 0,
        });
    }
    writer.write_shstrtab_section_header();
    Ok(())
}
