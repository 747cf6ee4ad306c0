//! `-pack`: one unit made of several, as its modules. Upstream's `Asmpackager`.

use crate::compile::{Compilation, Failed};
use crate::layout::Layout;
use crate::link;
use crate::load_path::ExportLoader;
use crate::unit_files::{self, CMX_MAGIC, Digest, Import, UnitInfo};
use linkers::{LinkJob, OutputKind};
use rocaml_base::Name;
use rocaml_cmt::Annotations;
use rocaml_cmt::shape::{Known, Shapes};
use rocaml_diag::Doc;
use rocaml_types::context::Context;
use rocaml_types::{Ident, Signature, SignatureItem};
use rocaml_typing::typemod::{self, Interface};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

type Result<T> = std::result::Result<T, Failed>;

/// A unit that becomes a module.
struct Member {
    file: PathBuf,
    name: Name,
    /// Nothing for an interface without an implementation.
    info: Option<(UnitInfo, Digest)>,
}

/// Makes the `.cmx`, the object and, unless it has an interface of its own, the `.cmi` of a pack.
pub fn pack(compilation: &Compilation<'_>, files: &[PathBuf]) -> Result<()> {
    let cx = compilation.context();
    let env = compilation.initial_env(&cx)?;
    let members = files.iter().map(|file| read_member(compilation, file)).collect::<Result<Vec<_>>>()?;
    check_order(compilation, &members)?;
    let (signature, coercion) = {
        let mut signatures = Vec::new();
        for member in &members {
            signatures.push((member.name, read_interface(compilation, &cx, &member.file)?));
        }
        let signature = typemod::package_signature(&cx, compilation.file.unit(), &signatures);
        let interface = declared_interface(compilation, &cx)?;
        let coercion = typemod::package_coercion(&cx, &env, &signature, &interface)
            .map_err(|error| compilation.fail(&error.report(&cx)))?;
        let written = if matches!(interface, Interface::Inferred) {
            let is_member = |unit: Name| members.iter().any(|member| member.name == unit);
            let mut cmi = cx.make_cmi(compilation.file.unit(), Vec::new(), &signature);
            cmi.crcs.retain(|(unit, _)| !is_member(*unit));
            Some(compilation.write_interface(&cx, cmi)?)
        } else {
            None
        };
        let names: Vec<Name> = members.iter().map(|member| member.name).collect();
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let mut known = Known::default();
        let mut shapes = Shapes::new(&cx, &mut known);
        let shape = shapes.pack(compilation.file.unit(), &names);
        let annotations = Annotations::Packed(&signature, &files);
        compilation.write_annotations(&mut shapes, &env, annotations, written, Some(shape))?;
        (signature, coercion)
    };
    let component =
        |(item, member): (&SignatureItem, &Member)| (item.ident(), member.info.as_ref().map(|_| member.name));
    let components: Vec<(Ident, Option<Name>)> = signature.iter().zip(&members).map(component).collect();
    let program = rocaml_lambda::transl_package(&cx, compilation.file.unit(), &components, &coercion)
        .map_err(|error| compilation.fail(&error))?;
    let program = rocaml_lambda::simplify(&cx, program).map_err(|error| compilation.fail(&error))?;
    let exports = {
        let target = compilation.options.target.name;
        ExportLoader::new(compilation.path.clone(), target, compilation.named(), |_| false)
    };
    for member in &members {
        if let Some((info, digest)) = &member.info {
            exports.enter(member.name, info.clone(), *digest);
        }
    }
    let (Some(compiled), info) = compilation.machine_code(&cx, program, &exports)? else { return Ok(()) };
    let info = packed_info(info, &members);
    merge_objects(compilation, &members, &compiled.object)?;
    compilation.write(&compilation.file.output("cmx"), &unit_files::encode(CMX_MAGIC, &info))
}

fn read_member(compilation: &Compilation<'_>, file: &Path) -> Result<Member> {
    let name = crate::compile::SourceFile::new(file, None, false, true).unit();
    let quoted = || Doc::code(file.display());
    if file.extension().is_some_and(|e| e == "cmi") {
        return Ok(Member { file: file.to_owned(), name, info: None });
    }
    let (info, digest) =
        unit_files::read_cmx(compilation.host, file).map_err(|error| compilation.fail_doc(error.doc()))?;
    if info.name != name.as_str() {
        let template = "Wrong file naming: %a@ contains the code for@ %a when %a was expected";
        let names = [quoted(), Doc::code(&name), Doc::code(&info.name)];
        return Err(compilation.fail_doc(Doc::template(template, &names)));
    }
    if info.symbol != format!("{}__{name}", compilation.symbol()) {
        let pack = match &compilation.options.for_pack {
            None => compilation.file.unit().to_string(),
            Some(outer) => format!("{outer}.{}", compilation.file.unit()),
        };
        let option = Doc::code(format!("-for-pack {pack}"));
        let template = "File %a@ was not compiled with the %a option";
        return Err(compilation.fail_doc(Doc::template(template, &[quoted(), option])));
    }
    Ok(Member { file: file.to_owned(), name, info: Some((info, digest)) })
}

/// No member may refer to one that comes after it, or to itself.
fn check_order(compilation: &Compilation<'_>, members: &[Member]) -> Result<()> {
    for (index, member) in members.iter().enumerate() {
        let Some((info, _)) = &member.info else { continue };
        let later = &members[index..];
        let symbol_of = |m: &Member| m.info.as_ref().map(|(info, _)| info.symbol.clone());
        let refers =
            |(unit, _): &&Import| later.iter().any(|m| m.name == unit.as_str() || symbol_of(m).as_ref() == Some(unit));
        if let Some((unit, _)) = info.imports_cmx.iter().find(refers) {
            let template = "Forward reference to %a in file %a";
            let names = [Doc::code(unit), Doc::code(member.file.display())];
            return Err(compilation.fail_doc(Doc::template(template, &names)));
        }
    }
    Ok(())
}

fn read_interface(compilation: &Compilation<'_>, cx: &Context, file: &Path) -> Result<Rc<Signature>> {
    let path = file.with_extension("cmi");
    let name = path.display().to_string();
    let fail = |text: String| compilation.fail_text(text);
    let bytes = compilation
        .host
        .read(&path)
        .map_err(|error| fail(format!("I/O error: {name}: {}", crate::io_error_text(&error))))?;
    let cmi = rocaml_formats::cmi::read(cx, &name, &bytes).map_err(|error| compilation.fail_doc(error.doc()))?;
    cx.persistent.import_crcs(&name, &cmi.crcs).map_err(|error| compilation.fail_doc(error.doc()))?;
    Ok(cmi.sign.clone())
}

/// The interface that the pack has of its own.
fn declared_interface(compilation: &Compilation<'_>, cx: &Context) -> Result<Interface> {
    let source = compilation.file.output(compilation.options.interface_suffix.trim_start_matches('.'));
    if !compilation.host.exists(&source) {
        return Ok(Interface::Inferred);
    }
    let name = source.display().to_string();
    if !compilation.host.exists(&compilation.file.output("cmi")) {
        return Ok(Interface::NotCompiled(name));
    }
    Ok(Interface::Compiled(read_interface(compilation, cx, &compilation.file.output("cmx"))?, name))
}

/// What the `.cmx` says: of the pack what is its own, of the members what others need.
fn packed_info(mut info: UnitInfo, members: &[Member]) -> UnitInfo {
    let infos = || members.iter().filter_map(|member| member.info.as_ref().map(|(info, _)| info));
    let inside = |unit: &str| infos().any(|member| member.name == unit || member.symbol == unit);
    let mut defines: Vec<String> = infos().flat_map(|member| member.defines.iter().cloned()).collect();
    defines.append(&mut info.defines);
    info.defines = defines;
    let gather = |own: &[Import], of: fn(&UnitInfo) -> &Vec<Import>| -> Vec<Import> {
        let mut all = own.to_vec();
        for import in infos().flat_map(of) {
            if !all.iter().any(|(unit, _)| *unit == import.0) {
                all.push(import.clone());
            }
        }
        all.retain(|(unit, _)| !inside(unit));
        all
    };
    info.imports_cmi = gather(&info.imports_cmi, |info| &info.imports_cmi);
    info.imports_cmx = gather(&info.imports_cmx, |info| &info.imports_cmx);
    let required: BTreeSet<&String> = infos().flat_map(|member| &member.required).chain(&info.required).collect();
    let required = required.into_iter().filter(|unit| !inside(unit)).cloned().collect();
    let union = |own: &[u32], of: fn(&UnitInfo) -> &Vec<u32>| -> Vec<u32> {
        let mut all: BTreeSet<u32> = own.iter().copied().collect();
        all.extend(infos().flat_map(of));
        all.into_iter().collect()
    };
    info.apply_arities = union(&info.apply_arities, |info| &info.apply_arities);
    info.curry_arities = union(&info.curry_arities, |info| &info.curry_arities);
    info.tuplify_arities = union(&info.tuplify_arities, |info| &info.tuplify_arities);
    info.force_link |= infos().any(|member| member.force_link);
    info.required = required;
    info
}

/// One object of the members' and the pack's own.
fn merge_objects(compilation: &Compilation<'_>, members: &[Member], own: &[u8]) -> Result<()> {
    let output = compilation.file.output("o");
    let partial = link::partial_name(&output);
    let own_object = link::partial_name(&compilation.file.output("pack.o"));
    compilation.write(&own_object, own)?;
    let mut objects = vec![own_object.clone()];
    let implemented = members.iter().filter(|member| member.info.is_some());
    objects.extend(implemented.map(|member| member.file.with_extension("o")));
    let result = link::run_linker(compilation.host, compilation.options, &job(compilation, objects, partial.clone()));
    compilation.host.remove(&own_object);
    let moved = match result {
        Ok(()) => compilation.host.rename(&partial, &output),
        Err(_) => {
            compilation.host.remove(&partial);
            return Err(compilation.fail_text("Error during partial linking"));
        }
    };
    moved.map_err(|error| {
        compilation.fail_text(format!("I/O error: {}: {}", output.display(), crate::io_error_text(&error)))
    })
}

fn job(compilation: &Compilation<'_>, objects: Vec<PathBuf>, output: PathBuf) -> LinkJob {
    let layout: &Layout = compilation.layout();
    let options = compilation.options;
    LinkJob {
        output,
        output_kind: OutputKind::Relocatable,
        objects,
        archives: Vec::new(),
        runtime: None,
        sysroot: layout.sysroot(),
        tools_dir: layout.tools(),
        linker: options.linker.clone(),
        search_dirs: Vec::new(),
        ccopts: Vec::new(),
        cclibs: Vec::new(),
        debug: true,
        is_host: options.target.name == rocaml_target::Target::host().name,
    }
}
