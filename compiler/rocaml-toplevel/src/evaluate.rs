//! Evaluation of a session: all phrases that were accepted become one native program, which is run once.
//!
//! What a phrase raises can change how later phrases are typed, as the session does not keep what it defines. Typing
//! and evaluation therefore alternate until typing has assumed what evaluation shows.

use crate::heap::{self, Outcome};
use crate::session::{Session, UNIT};
use rocaml_base::Name;
use rocaml_driver::compile::{self, SourceFile};
use rocaml_driver::host::HostRef;
use rocaml_driver::layout::Layout;
use rocaml_driver::link::{self, LinkInput};
use rocaml_driver::options::Options;
use rocaml_driver::timings::Timings;
use std::collections::BTreeMap;
use std::path::Path;

/// The unit that phrases tell of themselves, and its sources.
const SUPPORT: &str = "Rocaml_outcome";
const SUPPORT_FILES: [(&str, &str); 2] = [
    ("rocaml_outcome.mli", include_str!("../support/rocaml_outcome.mli")),
    ("rocaml_outcome.ml", include_str!("../support/rocaml_outcome.ml")),
];

/// Compiles and runs what was accepted in a session.
pub struct Evaluator<'a> {
    pub host: HostRef,
    pub layout: &'a Layout,
    pub options: &'a Options,
    /// A folder for programs and objects; the support unit is compiled there once.
    pub folder: &'a Path,
}

impl Evaluator<'_> {
    /// How the phrases of a session end; nothing for those that the program did not reach.
    ///
    /// # Errors
    /// When there is no program: what cannot be compiled or linked, in words.
    pub fn run(&self, session: &Session) -> Result<BTreeMap<usize, Outcome>, String> {
        if session.accepted().is_empty() {
            return Ok(BTreeMap::new());
        }
        self.compile_support()?;
        let program = rocaml_lambda::transl_phrases(
            &session.cx,
            Name::new(UNIT),
            session.accepted(),
            Name::new(SUPPORT),
            session.lambda_options(),
        );
        let program = program.and_then(|program| rocaml_lambda::simplify(&session.cx, program));
        let program = program.map_err(|_| "a phrase cannot be translated".to_owned())?;
        let options = self.options_here();
        let file = SourceFile::new(&self.folder.join("rocaml_phrases.ml"), None, false, false);
        compile::compile_program(self.host, self.layout, &options, &file, &session.cx, program)
            .map_err(|_| "the phrases cannot be compiled".to_owned())?;
        let executable = self.folder.join("phrases.exe");
        let inputs = [self.folder.join("rocaml_outcome.cmx"), file.output("cmx")].map(LinkInput::Unit);
        link::link(self.host, self.layout, &options, &inputs, &executable)
            .map_err(|error| format!("the phrases cannot be linked: {error:?}"))?;
        self.execute(&executable)
    }

    fn options_here(&self) -> Options {
        let mut options = self.options.clone();
        options.include_dirs.push(self.folder.to_path_buf());
        options.output_name = None;
        options.inputs.clear();
        options.warnings.clear();
        options
    }

    fn compile_support(&self) -> Result<(), String> {
        if self.host.exists(&self.folder.join("rocaml_outcome.cmx")) {
            return Ok(());
        }
        // Not with the options of the session, which may change what programs mean.
        let mut options = Options { target: self.options.target, ..Options::default() };
        options.include_dirs.push(self.folder.to_path_buf());
        for (name, text) in SUPPORT_FILES {
            let source = self.folder.join(name);
            self.host.write(&source, text.as_bytes()).map_err(|error| format!("{}: {error}", source.display()))?;
            let file = SourceFile::new(&source, None, name.ends_with("mli"), false);
            compile::compile(self.host, self.layout, &options, &file, &Timings::default())
                .map_err(|_| format!("{name} cannot be compiled"))?;
        }
        Ok(())
    }

    fn execute(&self, executable: &Path) -> Result<BTreeMap<usize, Outcome>, String> {
        let outcomes = self.folder.join("outcomes");
        self.host.remove(&outcomes);
        let quoted = |path: &Path| link::quoted(&path.to_string_lossy());
        let command = format!("ROCAML_OUTCOME={} {} >/dev/null 2>&1", quoted(&outcomes), quoted(executable));
        // How it ends is in the file: a program that dies has told of the phrases before.
        self.host.run_shell(&command).map_err(|error| format!("cannot run the phrases: {error}"))?;
        let bytes = self.host.read(&outcomes).unwrap_or_default();
        Ok(heap::read(&bytes).into_iter().map(|outcome| (outcome.number, outcome)).collect())
    }
}
