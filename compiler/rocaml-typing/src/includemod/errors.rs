//! The wording of inclusion errors between module types: upstream's `Includemod_errorprinter`.

use super::functor_diff::{self, Argument};
use super::runtime_coercion::illegal_permutation;
use super::shorthand;
use super::*;
use crate::diffing::variadic::Edit;
use rocaml_diag::Tag;
use rocaml_diag::doc::Doc;
use rocaml_diag::doc::Element;
use rocaml_diag::report::Report;
use rocaml_types::printtyp::{self, TypeOrScheme};

/// Where in a module type a difference stands.
#[derive(Clone)]
pub(super) enum Position {
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

/// The place as an aside within a sentence.
pub(super) fn context_aside(cx: &Context, positions: &[Position]) -> Doc {
    if positions.is_empty() {
        return Doc::new();
    }
    match module_path(positions) {
        Some(path) => Doc::template(",@ in module %a", &[inline(printtyp::path(cx, &path))]),
        None => Doc::template(",@ @[<hv 2>at position@ %a@]", &[inline(context(cx, positions))]),
    }
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
                includecore::report_extension_constructor_mismatch(
                    cx,
                    "the first",
                    "the second",
                    "declaration",
                    env,
                    &diff.symptom,
                ),
                show_locs(diff.got.loc, diff.expected.loc),
            ],
        ),
        CoreItemSymptom::ClassType(diff) => Doc::template(
            "@[<hv 2>Class type declarations do not match:@ %a@;<1 -2>does not match@ %a@]@ %a",
            &[
                printtyp::cltype_declaration(cx, id, &diff.got),
                printtyp::cltype_declaration(cx, id, &diff.expected),
                includeclass::report_failures(cx, TypeOrScheme::Scheme, &diff.symptom),
            ],
        ),
        CoreItemSymptom::Class(diff) => Doc::template(
            "@[<hv 2>Class declarations do not match:@ %a@;<1 -2>does not match@ %a@]@ %a",
            &[
                printtyp::class_declaration(cx, id, &diff.got),
                printtyp::class_declaration(cx, id, &diff.expected),
                includeclass::report_failures(cx, TypeOrScheme::Scheme, &diff.symptom),
            ],
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
    /// The environment of the signatures compared, and what their second stands for there.
    env: Env,
    subst: Subst,
    positions: Vec<Position>,
    messages: Vec<Doc>,
    /// Differences of module types are those of an equality.
    equality: bool,
    /// Whether details of missing components and parameters are told: of the first problem only.
    expansion: bool,
}

impl<'a> Linear<'a> {
    fn new(cx: &'a Context, env: &Env, expansion: bool) -> Linear<'a> {
        let (env, subst) = (env.clone(), Subst::identity());
        Linear { cx, env, subst, positions: vec![], messages: vec![], equality: false, expansion }
    }

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
        let cx = self.cx;
        match &*diff.symptom {
            ModuleTypeSymptom::InvalidModuleAlias(_)
            | ModuleTypeSymptom::AfterAliasExpansion(_)
            | ModuleTypeSymptom::FunctorParams(_) => {}
            symptom => {
                // What has no further explanation is not left out.
                let elide = !matches!(symptom, ModuleTypeSymptom::Core(_)) && cx.is_big(&[&diff.got, &diff.expected]);
                if elide {
                    self.messages.push(Doc::from("..."));
                } else {
                    let template = if self.equality {
                        "@[<hv 2>Module types do not match:@ %a@;<1 -2>is not equal to@ %a@]"
                    } else {
                        "@[<hv 2>Modules do not match:@ %a@;<1 -2>is not included in@ %a@]"
                    };
                    let (got, expected) = (printtyp::modtype(cx, &diff.got), printtyp::modtype(cx, &diff.expected));
                    self.say(Doc::template(template, &[got, expected]));
                }
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
            let consistent =
                modtypes_consistency(self.cx, &self.env, Location::none(), &params.got.res, &params.expected.res);
            let advice = if consistent.is_ok() {
                "@{<hint>Hint@}: Did you forget to apply the functor?"
            } else {
                "@[Moreover,@ the type of the functor@ body@ is@ incompatible@ with@ the@ expected@ module type.@]"
            };
            self.say(Doc::template(&format!("{intro}@ {advice}"), &[]));
            return;
        }
        let patch = functor_diff::inclusion(self.cx, &self.env, &self.subst, &params.got, &params.expected);
        let patch = shorthand::named(&patch, shorthand::Kind::Inclusion);
        let (got, expected) = (shorthand::got_params(self.cx, &patch), shorthand::expected_params(self.cx, &patch));
        self.say(Doc::template(
            "@[<hv 2>Modules do not match:@ @[%a@ -> ...@]@;<1 -2>is not included in@ @[%a@ -> ...@]@]",
            &[got, expected],
        ));
        if self.expansion {
            let subcases = subcases(self.cx, &self.env, &patch, |edit, expansion| self.parameter(edit, expansion));
            self.messages.extend(subcases);
        }
    }

    /// What is said of one parameter.
    fn parameter(&self, edit: &shorthand::Step<'_, FunctorParameter>, expansion: bool) -> Doc {
        let cx = self.cx;
        match edit {
            Edit::Insert(expected) => missing_argument(cx, expected),
            Edit::Delete(got) => Doc::template(
                "An extra argument is provided of module type@;<1 2>@[%a@]",
                &[shorthand::definition(cx, got)],
            ),
            Edit::Keep(got, expected) => Doc::template(
                "Module types %a and %a match",
                &[shorthand::param(cx, got), shorthand::param(cx, expected)],
            ),
            Edit::Change(got, _, functor_diff::ParamSymptom::Incompatible) => {
                incompatible(matches!(got.item, FunctorParameter::Unit))
            }
            Edit::Change(got, expected, functor_diff::ParamSymptom::Mismatch(diff)) => Doc::template(
                "Module types do not match:@ @[%a@]@;<1 -2>does not include@ @[%a@]%a",
                &[shorthand::definition(cx, got), shorthand::definition(cx, expected), self.details(diff, expansion)],
            ),
        }
    }

    /// What is said of one argument of an application.
    fn argument(&self, edit: &shorthand::Step<'_, Argument>, expansion: bool) -> Doc {
        let cx = self.cx;
        match edit {
            Edit::Insert(expected) => missing_argument(cx, expected),
            Edit::Delete(got) => Doc::template(
                "The following extra argument is provided@;<1 2>@[%a@]",
                &[shorthand::argument_definition(cx, got)],
            ),
            Edit::Keep(got, expected) => {
                let expected = shorthand::written_type(cx, expected.item);
                Doc::template(
                    "Module %a matches the expected module type%a",
                    &[shorthand::argument(cx, got), expected.map_or_else(Doc::new, |mty| Doc::template(" %a", &[mty]))],
                )
            }
            Edit::Change(got, _, functor_diff::ParamSymptom::Incompatible) => {
                incompatible(matches!(got.item.0, FunctorArgument::Unit))
            }
            Edit::Change(got, expected, functor_diff::ParamSymptom::Mismatch(diff)) => Doc::template(
                "Modules do not match:@ @[%a@]@;<1 -2>is not included in@ @[%a@]%a",
                &[
                    shorthand::argument_definition(cx, got),
                    shorthand::definition(cx, expected),
                    self.details(diff, expansion),
                ],
            ),
        }
    }

    fn details(&self, diff: &ModuleTypeDiff, expansion: bool) -> Doc {
        let mut linear = Linear { subst: self.subst.clone(), ..Linear::new(self.cx, &self.env, expansion) };
        linear.symptom(diff);
        if linear.messages.is_empty() {
            return Doc::new();
        }
        let list = Doc::separated(linear.messages, |doc| {
            doc.space();
        });
        Doc::template("@;<1 -2>@[%a@]", &[list])
    }

    fn signature(&mut self, symptom: &SignatureSymptom) {
        let cx = self.cx;
        printtyp::wrap_printing_env(cx, &symptom.env, true, || {
            match (&symptom.missings[..], &symptom.incompatibles[..]) {
                ([first, rest @ ..], _) => {
                    if self.expansion {
                        // The first message says where.
                        self.say(missing_field(cx, first));
                        rest.iter().for_each(|item| self.messages.push(missing_field(cx, item)));
                    }
                }
                ([], [(id, item), ..]) => {
                    let env = std::mem::replace(&mut self.env, symptom.env.clone());
                    let subst = std::mem::replace(&mut self.subst, symptom.subst.clone());
                    self.item(*id, item);
                    (self.env, self.subst) = (env, subst);
                }
                ([], []) => {}
            }
        });
    }

    fn item(&mut self, id: Ident, symptom: &ItemSymptom) {
        let cx = self.cx;
        match symptom {
            ItemSymptom::Core(symptom) => {
                let message = core(cx, &self.env, id, symptom);
                self.say(message);
            }
            ItemSymptom::ModuleType(diff) => {
                self.equality = false;
                self.at(Position::Module(id), |linear| linear.module_type(diff));
            }
            ItemSymptom::ModuleTypeDeclaration(diff) => {
                let types: Vec<&ModuleType> =
                    [&diff.got, &diff.expected].into_iter().filter_map(|d| d.type_.as_ref()).collect();
                if cx.is_big(&types) {
                    self.messages.push(Doc::from("..."));
                } else {
                    let (got, expected) = (
                        printtyp::modtype_declaration(cx, id, &diff.got),
                        printtyp::modtype_declaration(cx, id, &diff.expected),
                    );
                    self.say(Doc::template(
                        "@[<hv 2>Module type declarations do not match:@ %a@;<1 -2>does not match@ %a@]",
                        &[got, expected],
                    ));
                }
                let got = diff.got.type_.clone().unwrap_or_else(|| ModuleType::Ident(Path::Ident(id)));
                self.modtype(id, &got, &diff.symptom, true);
            }
        }
    }

    fn modtype(&mut self, id: Ident, got: &ModuleType, symptom: &ModtypeSymptom, explain: bool) {
        self.equality = true;
        let (side, diff) = match symptom {
            ModtypeSymptom::NotLessThan(diff) => ("The first module type is not included in the second", diff),
            ModtypeSymptom::NotGreaterThan(diff) => ("The second module type is not included in the first", diff),
            ModtypeSymptom::Incomparable { less_than, .. } => ("", less_than),
            ModtypeSymptom::IllegalPermutation(coercion) => {
                let message = illegal_permutation(self.cx, &self.env, got, coercion);
                self.at(Position::Modtype(id), |linear| linear.say(message));
                return;
            }
        };
        if explain && !side.is_empty() {
            self.messages.push(Doc::from(side));
        }
        self.at(Position::Modtype(id), |linear| linear.module_type(diff));
    }
}

fn missing_argument(cx: &Context, expected: &shorthand::Named<'_, FunctorParameter>) -> Doc {
    Doc::template(
        "An argument appears to be missing with module type@;<1 2>@[%a@]",
        &[shorthand::definition(cx, expected)],
    )
}

fn incompatible(got_is_unit: bool) -> Doc {
    Doc::from(if got_is_unit {
        "The functor was expected to be applicative at this position"
    } else {
        "The functor was expected to be generative at this position"
    })
}

/// One message for each step of a patch, numbered if there are several. Only the first problem
/// is told in detail.
fn subcases<L>(
    cx: &Context,
    env: &Env,
    patch: &[(usize, shorthand::Step<'_, L>)],
    mut say: impl FnMut(&shorthand::Step<'_, L>, bool) -> Doc,
) -> Vec<Doc> {
    let mut expansion = true;
    let mut message = |number: Option<usize>, step: &shorthand::Step<'_, L>| {
        let text = printtyp::wrap_printing_env(cx, env, true, || say(step, expansion));
        expansion &= matches!(step, Edit::Keep(..));
        let mut doc = Doc::new();
        doc.push(Element::TabBreak(0, 0));
        if let Some(number) = number {
            doc.push(Element::OpenTab).text(format!("{number}. ")).push(Element::SetTab);
        }
        doc.append(Doc::template("@[<hv 2>%a@]", &[text]));
        if number.is_some() {
            doc.push(Element::CloseTab);
        }
        doc
    };
    match patch {
        [(_, only)] => vec![message(None, only)],
        steps => steps.iter().map(|(number, step)| message(Some(*number), step)).collect(),
    }
}

fn messages(cx: &Context, explanation: &Explanation) -> Vec<Doc> {
    let mut linear = Linear::new(cx, &explanation.env, true);
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
        All::InModuleTypeSubstitution(id, diff) => linear.modtype(*id, &diff.got, &diff.symptom, false),
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
        Doc::separated(messages(cx, explanation), |doc| {
            doc.space();
        })
    })
}

/// The diagnostic of an inclusion error at this place.
pub fn report_error(cx: &Context, loc: Location, explanation: &Explanation) -> Report {
    let report = Report::error(Location::in_file(loc.start.file), explanation_text(cx, explanation));
    with_conflicts(cx, report)
}

/// The diagnostic of an ill-typed functor application.
pub fn report_apply_error(cx: &Context, error: &ApplyError) -> Report {
    printtyp::wrap_printing_env(cx, &error.env, true, || apply_report(cx, error))
}

fn apply_report(cx: &Context, error: &ApplyError) -> Report {
    let patch = functor_diff::application(cx, &error.env, &error.mty_f, &error.args);
    // A partial application is none that lacks arguments.
    let missing = patch.iter().rev().take_while(|edit| matches!(***edit, Edit::Insert(_))).count();
    let patch = shorthand::named(&patch[..patch.len() - missing], shorthand::Kind::Application);
    let linear = Linear::new(cx, &error.env, true);
    if let [(_, Edit::Change(got, expected, symptom))] = &patch[..] {
        let doc = match symptom {
            functor_diff::ParamSymptom::Incompatible => incompatible(matches!(got.item.0, FunctorArgument::Unit)),
            functor_diff::ParamSymptom::Mismatch(diff) => {
                let expected = match expected.item {
                    FunctorParameter::Unit => Doc::from("()"),
                    FunctorParameter::Named(_, mty) => printtyp::modtype(cx, mty),
                };
                Doc::template(
                    "Modules do not match:@ @[%a@]@;<1 -2>is not included in@ @[%a@]%a",
                    &[printtyp::modtype(cx, &got.item.1), expected, linear.details(diff, true)],
                )
            }
        };
        return with_conflicts(cx, Report::error(error.loc, doc));
    }
    if patch.iter().all(|(_, edit)| matches!(edit, Edit::Delete(_))) {
        let doc = match &error.app_name {
            ApplicationName::NamedLeftmostFunctor(lid) => Doc::template(
                "@[The module %a is not a functor, it cannot be applied.@]",
                &[inline(printtyp::longident(lid))],
            ),
            _ => Doc::template("@[This module is not a functor, it cannot be applied.@]", &[]),
        };
        return Report::error(error.loc, doc);
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
    let main = Doc::template(
        "@[<hv>%a@ These arguments:@;<1 2>@[%a@]@ do not match these parameters:@;<1 2>@[%a@ -> ...@]@]",
        &[intro, shorthand::arguments(cx, &patch), shorthand::expected_params(cx, &patch)],
    );
    let mut report = Report::error(error.loc, main);
    for message in subcases(cx, &error.env, &patch, |edit, expansion| linear.argument(edit, expansion)) {
        report = report.with_hint(message);
    }
    with_conflicts(cx, report)
}

/// Tells in the end which definitions the numbered names stand for.
fn with_conflicts(cx: &Context, mut report: Report) -> Report {
    report.footnote = printtyp::conflicts_message(cx);
    report
}
