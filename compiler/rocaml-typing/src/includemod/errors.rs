//! The wording of inclusion errors between module types: upstream's `Includemod_errorprinter`.

use super::*;
use rocaml_diag::doc::Doc;
use rocaml_diag::report::Report;
use rocaml_diag::Tag;
use rocaml_types::printtyp;

/// Where in a module type a difference stands.
#[derive(Clone)]
enum Position {
    Module(Ident),
    Modtype(Ident),
    Arg(FunctorParameter),
    Body(FunctorParameter),
}

fn inline(doc: Doc) -> Doc {
    Doc::tagged(Tag::InlineCode, doc)
}

fn code(text: impl std::fmt::Display) -> Doc {
    Doc::code(text)
}

fn argument_name(param: &FunctorParameter) -> String {
    match param {
        FunctorParameter::Unit => String::new(),
        FunctorParameter::Named(None, _) => "_".to_owned(),
        FunctorParameter::Named(Some(id), _) => id.name().to_string(),
    }
}

fn context(cx: &Context, positions: &[Position]) -> Doc {
    match positions {
        [] => Doc::from("<here>"),
        [Position::Module(id), rest @ ..] => {
            Doc::template("@[<2>module %a%a@]", &[printtyp::ident(cx, *id), context_args(cx, rest)])
        }
        [Position::Modtype(id), rest @ ..] => {
            Doc::template("@[<2>module type %a =@ %a@]", &[printtyp::ident(cx, *id), context_mty(cx, rest)])
        }
        [Position::Body(param), rest @ ..] => {
            Doc::template("(%s) ->@ %a", &[Doc::from(argument_name(param)), context_mty(cx, rest)])
        }
        [Position::Arg(param), rest @ ..] => {
            Doc::template("(%s : %a) -> ...", &[Doc::from(argument_name(param)), context_mty(cx, rest)])
        }
    }
}

fn context_mty(cx: &Context, positions: &[Position]) -> Doc {
    match positions {
        [Position::Module(_) | Position::Modtype(_), ..] => {
            Doc::template("@[<2>sig@ %a@;<1 -2>end@]", &[context(cx, positions)])
        }
        _ => context(cx, positions),
    }
}

fn context_args(cx: &Context, positions: &[Position]) -> Doc {
    match positions {
        [Position::Body(param), rest @ ..] => {
            Doc::template("(%s)%a", &[Doc::from(argument_name(param)), context_args(cx, rest)])
        }
        [Position::Arg(param), rest @ ..] => {
            Doc::template("(%s :@ %a) : ...", &[Doc::from(argument_name(param)), context_mty(cx, rest)])
        }
        _ => Doc::template(" :@ %a", &[context_mty(cx, positions)]),
    }
}

fn module_path(positions: &[Position]) -> Option<Path> {
    let mut path: Option<Path> = None;
    for position in positions {
        let Position::Module(id) = position else { return None };
        path = Some(match path {
            None => Path::Ident(*id),
            Some(path) => path.dot(id.name()),
        });
    }
    path
}

/// A message after the place it is about.
fn with_context(cx: &Context, positions: &[Position], message: Doc) -> Doc {
    if positions.is_empty() {
        return message;
    }
    match module_path(positions) {
        Some(path) => Doc::template("In module %a:@ %a", &[inline(printtyp::path(cx, &path)), message]),
        None => Doc::template("@[<hv 2>At position@ %a@]@ %a", &[inline(context(cx, positions)), message]),
    }
}

fn show_loc(message: &str, loc: Location) -> Doc {
    let file = loc.start.file;
    if file == "" || file == "_none_" || file == "//toplevel//" {
        return Doc::new();
    }
    Doc::template("@\n@[<2>%a:@ %s@]", &[Doc::from(rocaml_diag::location_text(&loc)), Doc::from(message)])
}

fn show_locs(got: Location, expected: Location) -> Doc {
    let mut doc = show_loc("Expected declaration", expected);
    doc.append(show_loc("Actual declaration", got));
    doc
}

fn core(cx: &Context, env: &Env, id: Ident, symptom: &CoreItemSymptom) -> Doc {
    match symptom {
        CoreItemSymptom::Value(diff) => Doc::template(
            "@[<v>@[<hv>Values do not match:@;<1 2>%a@ is not included in@;<1 2>%a@]%a%a@]",
            &[
                printtyp::value_description(cx, id, &diff.got),
                printtyp::value_description(cx, id, &diff.expected),
                includecore::report_value_mismatch(cx, "the first", "the second", env, &diff.symptom),
                show_locs(diff.got.loc, diff.expected.loc),
            ],
        ),
        CoreItemSymptom::Type(diff) => Doc::template(
            "@[<v>@[<hv>Type declarations do not match:@;<1 2>%a@ is not included in@;<1 2>%a@]@,%a%a@]",
            &[
                printtyp::type_declaration(cx, id, &diff.got),
                printtyp::type_declaration(cx, id, &diff.expected),
                includecore::report_type_mismatch(cx, "the first", "the second", "declaration", env, &diff.symptom),
                show_locs(diff.got.loc, diff.expected.loc),
            ],
        ),
        CoreItemSymptom::Extension(diff) => Doc::template(
            "@[<v>@[<hv>Extension declarations do not match:@;<1 2>%a@ is not included in@;<1 2>%a@]@ %a%a@]",
            &[
                printtyp::extension_constructor(cx, id, &diff.got),
                printtyp::extension_constructor(cx, id, &diff.expected),
                includecore::report_extension_constructor_mismatch(cx, "the first", "the second", "declaration", env, &diff.symptom),
                show_locs(diff.got.loc, diff.expected.loc),
            ],
        ),
        CoreItemSymptom::ClassType(diff) => Doc::template(
            "@[<hv 2>Class type declarations do not match:@ %a@;<1 -2>does not match@ %a@]",
            &[printtyp::cltype_declaration(cx, id, &diff.got), printtyp::cltype_declaration(cx, id, &diff.expected)],
        ),
        CoreItemSymptom::Class(diff) => Doc::template(
            "@[<hv 2>Class declarations do not match:@ %a@;<1 -2>does not match@ %a@]",
            &[printtyp::class_declaration(cx, id, &diff.got), printtyp::class_declaration(cx, id, &diff.expected)],
        ),
    }
}

fn missing_field(cx: &Context, item: &SignatureItem) -> Doc {
    let (id, loc, kind) = item_ident_name(item);
    Doc::template(
        "The %s %a is required but not provided%a",
        &[Doc::from(kind.words()), inline(printtyp::ident(cx, id)), show_loc("Expected declaration", loc)],
    )
}

/// Messages from the outside in.
struct Linear<'a> {
    cx: &'a Context,
    positions: Vec<Position>,
    messages: Vec<Doc>,
    /// Differences of module types are those of an equality.
    equality: bool,
}

impl Linear<'_> {
    fn say(&mut self, message: Doc) {
        let message = with_context(self.cx, &self.positions, message);
        self.messages.push(message);
    }

    fn at(&mut self, position: Position, f: impl FnOnce(&mut Self)) {
        self.positions.push(position);
        f(self);
        self.positions.pop();
    }

    fn module_type(&mut self, diff: &ModuleTypeDiff) {
        match &*diff.symptom {
            ModuleTypeSymptom::InvalidModuleAlias(_) | ModuleTypeSymptom::AfterAliasExpansion(_) | ModuleTypeSymptom::FunctorParams(_) => {}
            _ => {
                let template = if self.equality {
                    "@[<hv 2>Module types do not match:@ %a@;<1 -2>is not equal to@ %a@]"
                } else {
                    "@[<hv 2>Modules do not match:@ %a@;<1 -2>is not included in@ %a@]"
                };
                let (got, expected) = (printtyp::modtype(self.cx, &diff.got), printtyp::modtype(self.cx, &diff.expected));
                self.say(Doc::template(template, &[got, expected]));
            }
        }
        self.symptom(diff);
    }

    fn symptom(&mut self, diff: &ModuleTypeDiff) {
        match &*diff.symptom {
            ModuleTypeSymptom::Core(CoreModuleTypeSymptom::UnboundModulePath(path)) => {
                self.messages.push(Doc::template("Unbound module %a", &[inline(printtyp::path(self.cx, path))]));
            }
            ModuleTypeSymptom::Core(_) => {}
            ModuleTypeSymptom::Signature(symptom) => self.signature(symptom),
            ModuleTypeSymptom::FunctorParams(params) => self.functor_params(params),
            ModuleTypeSymptom::FunctorResult(inner) => {
                self.equality = false;
                self.module_type(inner);
            }
            ModuleTypeSymptom::InvalidModuleAlias(path) => {
                self.say(Doc::template("Module %a cannot be aliased", &[inline(printtyp::path(self.cx, path))]));
            }
            ModuleTypeSymptom::AfterAliasExpansion(inner) => self.module_type(inner),
        }
    }

    fn functor_params(&mut self, params: &Diff<FunctorParams, ()>) {
        if params.got.params.is_empty() {
            self.say(Doc::template("@[This module should not be@ a@ structure,@ a@ functor@ was expected.@]", &[]));
            return;
        }
        if params.expected.params.is_empty() {
            let intro = if matches!(params.expected.res, ModuleType::Ident(_)) {
                "@[This module should not be a functor,@ a@ module with an@ abstract@ module@ type@ was@ expected.@]"
            } else {
                "@[This module should not be a functor,@ a@ structure was expected.@]"
            };
            self.say(Doc::template(&format!("{intro}@ %a: Did you forget to apply the functor?"), &[Doc::hint()]));
            return;
        }
        let (got, expected) = (self.parameters(&params.got.params), self.parameters(&params.expected.params));
        self.say(Doc::template(
            "@[<hv 2>Modules do not match:@ @[%a@ -> ...@]@;<1 -2>is not included in@ @[%a@ -> ...@]@]",
            &[got, expected],
        ));
    }

    fn parameters(&self, params: &[FunctorParameter]) -> Doc {
        let shown = params.iter().map(|param| match param {
            FunctorParameter::Unit => Doc::from("()"),
            FunctorParameter::Named(_, mty) => {
                Doc::template("(%s : %a)", &[Doc::from(argument_name(param)), printtyp::modtype(self.cx, mty)])
            }
        });
        Doc::separated(shown, |doc| drop(doc.space()))
    }

    fn signature(&mut self, symptom: &SignatureSymptom) {
        let cx = self.cx;
        printtyp::wrap_printing_env(cx, &symptom.env, true, || {
            match (&symptom.missings[..], &symptom.incompatibles[..]) {
                ([first, rest @ ..], _) => {
                    // The first message says where.
                    self.say(missing_field(cx, first));
                    rest.iter().for_each(|item| self.messages.push(missing_field(cx, item)));
                }
                ([], [(id, item), ..]) => self.item(&symptom.env, *id, item),
                ([], []) => {}
            }
        });
    }

    fn item(&mut self, env: &Env, id: Ident, symptom: &ItemSymptom) {
        match symptom {
            ItemSymptom::Core(symptom) => {
                let message = core(self.cx, env, id, symptom);
                self.say(message);
            }
            ItemSymptom::ModuleType(diff) => {
                self.equality = false;
                self.at(Position::Module(id), |linear| linear.module_type(diff));
            }
            ItemSymptom::ModuleTypeDeclaration(diff) => {
                let (got, expected) = (
                    printtyp::modtype_declaration(self.cx, id, &diff.got),
                    printtyp::modtype_declaration(self.cx, id, &diff.expected),
                );
                self.say(Doc::template(
                    "@[<hv 2>Module type declarations do not match:@ %a@;<1 -2>does not match@ %a@]",
                    &[got, expected],
                ));
                self.modtype(id, &diff.symptom, true);
            }
        }
    }

    fn modtype(&mut self, id: Ident, symptom: &ModtypeSymptom, explain: bool) {
        self.equality = true;
        let (side, diff) = match symptom {
            ModtypeSymptom::NotLessThan(diff) => ("The first module type is not included in the second", diff),
            ModtypeSymptom::NotGreaterThan(diff) => ("The second module type is not included in the first", diff),
            ModtypeSymptom::Incomparable { less_than, .. } => ("", less_than),
            ModtypeSymptom::IllegalPermutation(_) => {
                let text = "Illegal permutation of runtime components in a module type.";
                self.at(Position::Modtype(id), |linear| linear.say(Doc::from(text)));
                return;
            }
        };
        if explain && !side.is_empty() {
            self.messages.push(Doc::from(side));
        }
        self.at(Position::Modtype(id), |linear| linear.module_type(diff));
    }
}

fn messages(cx: &Context, explanation: &Explanation) -> Vec<Doc> {
    let mut linear = Linear { cx, positions: vec![], messages: vec![], equality: false };
    match &explanation.error {
        All::InCompilationUnit(diff) => {
            linear.say(Doc::template(
                "The implementation %a@ does not match the interface %a:",
                &[code(&diff.got), code(&diff.expected)],
            ));
            linear.signature(&diff.symptom);
        }
        All::InSignature(symptom) => linear.signature(symptom),
        All::InModuleType(diff) => linear.module_type(diff),
        All::InModuleTypeSubstitution(id, diff) => linear.modtype(*id, &diff.symptom, false),
        All::InTypeDeclaration(id, symptom) => {
            let message = core(cx, &explanation.env, *id, symptom);
            linear.say(message);
        }
        All::InExpansion(CoreModuleTypeSymptom::UnboundModulePath(path)) => {
            linear.say(Doc::template("Unbound module %a", &[inline(printtyp::path(cx, path))]));
        }
        All::InExpansion(_) => {}
    }
    linear.messages
}

/// The messages of an inclusion error, as one text.
pub fn explanation_text(cx: &Context, explanation: &Explanation) -> Doc {
    printtyp::wrap_printing_env(cx, &explanation.env, true, || {
        Doc::separated(messages(cx, explanation), |doc| drop(doc.space()))
    })
}

/// The diagnostic of an inclusion error at this place.
pub fn report_error(cx: &Context, loc: Location, explanation: &Explanation) -> Report {
    Report::error(loc, explanation_text(cx, explanation))
}

/// The diagnostic of an ill-typed functor application.
pub fn report_apply_error(cx: &Context, error: &ApplyError) -> Report {
    printtyp::wrap_printing_env(cx, &error.env, true, || apply_report(cx, error))
}

fn apply_report(cx: &Context, error: &ApplyError) -> Report {
    let params = retrieve_functor_params(cx, &error.env, &error.mty_f).params;
    if params.is_empty() {
        let doc = match &error.app_name {
            ApplicationName::NamedLeftmostFunctor(lid) => {
                Doc::template("@[The module %a is not a functor, it cannot be applied.@]", &[inline(printtyp::longident(lid))])
            }
            _ => Doc::template("@[This module is not a functor, it cannot be applied.@]", &[]),
        };
        return Report::error(error.loc, doc);
    }
    if let ([(argument, mty)], [param]) = (&error.args[..], &params[..]) {
        return single_argument(cx, error, argument, mty, param);
    }
    let intro = match &error.app_name {
        ApplicationName::AnonymousFunctor => Doc::from("This functor application is ill-typed."),
        ApplicationName::FullApplicationPath(lid) => {
            Doc::template("The functor application %a is ill-typed.", &[inline(printtyp::longident(lid))])
        }
        ApplicationName::NamedLeftmostFunctor(lid) => {
            Doc::template("This application of the functor %a is ill-typed.", &[inline(printtyp::longident(lid))])
        }
    };
    let arguments = error.args.iter().map(|(argument, mty)| match argument {
        FunctorArgument::Named(path) => printtyp::path(cx, path),
        FunctorArgument::Unit => Doc::from("()"),
        FunctorArgument::EmptyStruct => Doc::from("(struct end)"),
        FunctorArgument::Anonymous => Doc::template("(%a)", &[printtyp::modtype(cx, mty)]),
    });
    let arguments = Doc::separated(arguments, |doc| drop(doc.space()));
    let linear = Linear { cx, positions: vec![], messages: vec![], equality: false };
    Report::error(
        error.loc,
        Doc::template(
            "@[<hv>%a@ These arguments:@;<1 2>@[%a@]@ do not match these parameters:@;<1 2>@[%a@ -> ...@]@]",
            &[intro, arguments, linear.parameters(&params)],
        ),
    )
}

fn single_argument(cx: &Context, error: &ApplyError, argument: &FunctorArgument, mty: &ModuleType, param: &FunctorParameter) -> Report {
    match (argument, param) {
        (FunctorArgument::Unit, FunctorParameter::Named(..)) => {
            Report::error(error.loc, Doc::template("The functor was expected to be applicative at this position", &[]))
        }
        (_, FunctorParameter::Unit) => {
            Report::error(error.loc, Doc::template("The functor was expected to be generative at this position", &[]))
        }
        (_, FunctorParameter::Named(_, expected)) => {
            let inclusion = checker(cx, Location::none(), false).modtypes(&error.env, &Subst::identity(), mty, expected);
            let mut doc = Doc::template(
                "@[<hv 2>Modules do not match:@ %a@;<1 -2>is not included in@ %a@]",
                &[printtyp::modtype(cx, mty), printtyp::modtype(cx, expected)],
            );
            if let Err(diff) = inclusion {
                let mut linear = Linear { cx, positions: vec![], messages: vec![], equality: false };
                linear.symptom(&diff);
                for message in linear.messages {
                    doc.append(Doc::template("@;<1 -2>@[%a@]", &[message]));
                }
            }
            Report::error(error.loc, doc)
        }
    }
}

/// Why two packages that include each other still differ.
pub fn coercion_in_package_subtype(_cx: &Context, coercion: &ModuleCoercion) -> String {
    match coercion {
        ModuleCoercion::Structure(fields, _) if fields.iter().any(|(_, c)| matches!(c, ModuleCoercion::Primitive(_))) => {
            "The two first-class module types differ by a coercion of a primitive to a value.".to_owned()
        }
        ModuleCoercion::Structure(fields, _) if fields.iter().enumerate().any(|(i, (pos, _))| *pos != i as i32) => {
            "The two packages types do not share the same positions for runtime components.".to_owned()
        }
        _ => "The two first-class module types differ by their runtime size.".to_owned(),
    }
}
