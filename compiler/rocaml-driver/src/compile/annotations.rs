//! What is written about a typed program for editors and documentation tools: `.cmt`, `.cmti` and `.annot`.

use super::{Compilation, Result};
use crate::build_path::rewritten;
use rocaml_base::Location;
use rocaml_cmt::shape::{Known, Shape, Shapes};
use rocaml_cmt::{Annotations, CmtInfos, annot, occurrences};
use rocaml_syntax::ast;
use rocaml_types::context::{Context, Silent};
use rocaml_types::env::Env;
use rocaml_types::env::persistent::Digest;
use rocaml_typing::{saved_types, typemod};
use std::path::PathBuf;
use std::rc::Rc;

impl Compilation<'_> {
    /// Writes what the options ask for; in front of the typed tree the interface that was written, if one was.
    pub(crate) fn write_annotations(
        &self,
        shapes: &mut Shapes<'_>,
        env: &Env,
        annotations: Annotations<'_>,
        cmi: Option<(Vec<u8>, Digest)>,
        shape: Option<Rc<Shape>>,
    ) -> Result<()> {
        self.write_cmt(shapes, env, annotations, cmi, shape)?;
        self.write_annot(shapes.cx(), &annotations)
    }

    /// Writes what was typed of an implementation before an error, which was reported.
    pub(super) fn annotate_failure(&self, tree: &ast::Structure) {
        if !self.options.annot && (!self.options.bin_annot || self.prints_interface()) {
            return;
        }
        // Parts are recorded only now that they are wanted.
        let cx = self.context();
        cx.reporter.replace(Rc::new(Silent));
        saved_types::start(&cx);
        let Ok(env) = self.initial_env(&cx) else { return };
        let Ok(interface) = self.declared_interface(&cx) else { return };
        drop(typemod::type_implementation(&cx, &self.name, &env, tree, &interface));
        let parts = saved_types::take(&cx);
        let shapes = &mut Known::default();
        // That it cannot be written is said; the compilation has failed in any case.
        drop(self.write_annotations(&mut Shapes::new(&cx, shapes), &env, Annotations::Partial(&parts), None, None));
    }

    fn write_cmt(
        &self,
        shapes: &mut Shapes<'_>,
        env: &Env,
        annotations: Annotations<'_>,
        cmi: Option<(Vec<u8>, Digest)>,
        shape: Option<Rc<Shape>>,
    ) -> Result<()> {
        if !self.options.bin_annot || self.prints_interface() {
            return Ok(());
        }
        let cx = shapes.cx();
        let text = &self.source.text;
        let comment = |loc: &Location| {
            let inner = text.get(loc.start.cnum as usize + 2..(loc.end.cnum as usize).saturating_sub(2));
            match String::from_utf8_lossy(inner.unwrap_or_default()).into_owned() {
                // The empty docstring `(**)`: those begin with a star.
                text if text.is_empty() => ("*".to_owned(), *loc),
                text => (text, *loc),
            }
        };
        let comments: Vec<_> = self.comments.borrow().iter().map(comment).collect();
        let shown = |paths: Vec<PathBuf>| paths.iter().map(|path| path.display().to_string()).collect();
        let hidden = self.options.hidden_include_dirs.iter().map(|dir| self.layout.expand(dir)).collect();
        let source_file = self.file.source.display().to_string();
        let occurrences = match annotations {
            _ if !self.options.store_occurrences => Vec::new(),
            Annotations::Implementation(structure) => occurrences::of_structure(shapes, structure),
            Annotations::Interface(signature) => occurrences::of_signature(shapes, signature),
            Annotations::Partial(parts) => occurrences::of_parts(shapes, parts),
            Annotations::Packed(..) => Vec::new(),
        };
        let is_pack = matches!(annotations, Annotations::Packed(..));
        let mut imports = cx.persistent.imports();
        imports.sort();
        let build_dir = self.host.current_directory().map_or_else(|_| String::new(), |dir| dir.display().to_string());
        let mut args = self.options.command_line.clone();
        if let Some(program) = args.first_mut() {
            *program = rewritten(self.host, program);
        }
        let source = if is_pack { None } else { self.host.read(&self.file.source).ok() };
        let infos = CmtInfos {
            unit: self.file.unit(),
            annotations,
            comments: &comments,
            args: &args,
            source_file: (!is_pack).then_some(&source_file),
            source_digest: source.as_deref().map(rocaml_formats::md5::digest),
            build_dir: &rewritten(self.host, &build_dir),
            load_path: (shown(self.layout.search_path(self.options)), shown(hidden)),
            initial_env: env,
            imports,
            interface_digest: cmi.as_ref().map(|(_, digest)| *digest),
            shape,
            occurrences: &occurrences,
        };
        let tree = self.timings.time("cmt", || rocaml_cmt::write(cx, &infos));
        let bytes = [cmi.map(|(bytes, _)| bytes).unwrap_or_default(), tree].concat();
        self.write(&self.file.output(if self.file.is_interface { "cmti" } else { "cmt" }), &bytes)
    }

    /// Writes the types of an implementation by their places.
    pub(super) fn write_annot(&self, cx: &Context, annotations: &Annotations<'_>) -> Result<()> {
        if !self.options.annot {
            return Ok(());
        }
        let source = self.file.source.display().to_string();
        let text = match annotations {
            Annotations::Implementation(structure) => annot::of_structure(cx, &source, structure),
            Annotations::Partial(parts) => annot::of_parts(cx, &source, parts),
            Annotations::Interface(_) | Annotations::Packed(..) => return Ok(()),
        };
        self.write(&self.file.output("annot"), text.as_bytes())
    }
}
