//! The wording of errors in expressions and patterns.

use rocaml_base::{Location, Name};
use rocaml_diag::doc::{Doc, Tag};
use rocaml_diag::report::Report;
use rocaml_syntax::ast;
use rocaml_syntax::asttypes::ArgLabel;
use rocaml_syntax::longident::Longident;
use rocaml_types::context::Context;
use rocaml_types::env::Env;
use rocaml_types::errortrace::{self, Diff, Elt, ExpandedType, UnifyError};
use rocaml_types::predef::TypeConstr;
use rocaml_types::printtyp;
use rocaml_types::{Path, TypeDesc, TypeId};

use super::application::prefixed_label_name;
use super::error::{
    DatatypeKind, Error, ExistentialBinding, ExistentialRestriction, TypeExpected, TypeForcingContext,
    WrongKindContext, WrongKindSort, WrongName,
};
use super::format::quoted_char;
use crate::parmatch;
use rocaml_diag::hint;

/// The diagnostic of an error.
pub fn report_error(cx: &Context, loc: Location, env: &Env, error: &Error) -> Report {
    printtyp::wrap_printing_env(cx, env, true, || Reporter { cx, loc, env }.report(error))
}

struct Reporter<'a> {
    cx: &'a Context,
    loc: Location,
    env: &'a Env,
}

fn code(doc: Doc) -> Doc {
    Doc::tagged(Tag::InlineCode, doc)
}

fn text(text: impl AsRef<str>) -> Doc {
    Doc::from(text.as_ref())
}

fn lid(lid: &Longident) -> Doc {
    code(printtyp::longident(lid))
}

/// A constructor's name, which may be a symbol.
fn constr(name: &Longident) -> Doc {
    match name.last().map(Name::as_str) {
        Some("::") => Doc::code("(::)"),
        _ => Doc::code(name),
    }
}

fn doc(template: &str, arguments: &[Doc]) -> Doc {
    Doc::template(template, arguments)
}

fn because(explanation: Option<TypeForcingContext>) -> Doc {
    let Some(explanation) = explanation else { return Doc::new() };
    let place = match explanation {
        TypeForcingContext::IfConditional => "the condition of an if-statement",
        TypeForcingContext::IfNoElseBranch => "the result of a conditional with no else branch",
        TypeForcingContext::WhileLoopConditional => "the condition of a while-loop",
        TypeForcingContext::WhileLoopBody => "the body of a while-loop",
        TypeForcingContext::ForLoopStartIndex => "a for-loop start index",
        TypeForcingContext::ForLoopStopIndex => "a for-loop stop index",
        TypeForcingContext::ForLoopBody => "the body of a for-loop",
        TypeForcingContext::AssertCondition => "the condition of an assertion",
        TypeForcingContext::SequenceLeftHandSide => "the left-hand side of a sequence",
        TypeForcingContext::WhenGuard => "a when-guard",
    };
    doc("@ because it is in %s", &[text(place)])
}

/// The expression as it can be named in a sentence, if it is short enough.
fn nominal(exp: &ast::Expression) -> Option<String> {
    if !exp.attributes.is_empty() {
        return None;
    }
    match &exp.desc {
        ast::ExpressionDesc::Ident(lid) => Some(value_name(&lid.txt)),
        ast::ExpressionDesc::Variant(tag, None) => Some(format!("`{tag}")),
        ast::ExpressionDesc::Construct(lid, None) => Some(lid.txt.to_string()),
        ast::ExpressionDesc::Field(parent, label) => Some(format!("{}.{}", nominal(parent)?, label.txt)),
        ast::ExpressionDesc::Send(parent, method) => Some(format!("{}#{}", nominal(parent)?, method.txt)),
        ast::ExpressionDesc::Constant(constant) => match &constant.desc {
            ast::ConstantDesc::String(..) => None,
            ast::ConstantDesc::Char(c) => Some(quoted_char(*c)),
            ast::ConstantDesc::Integer(text, suffix) | ast::ConstantDesc::Float(text, suffix) => {
                Some(format!("{text}{}", suffix.map(String::from).unwrap_or_default()))
            }
        },
        _ => None,
    }
}

/// A value's name, in parentheses if it is an operator.
fn value_name(name: &Longident) -> String {
    printtyp::longident(name).to_text()
}

fn denomination(exp: &ast::Expression) -> Doc {
    use ast::ExpressionDesc::*;
    let construct = |keyword: &str| doc("%a expression", &[Doc::code(keyword)]);
    match &exp.desc {
        Constant(_) => text("constant"),
        Ident(_) => text("value"),
        Construct(..) | Variant(..) => text("constructor"),
        Field(..) => text("field access"),
        Send(..) => text("method call"),
        While(..) => construct("while"),
        For(..) => construct("for"),
        IfThenElse(..) => construct("if-then-else"),
        Match(..) => construct("match"),
        Try(..) => construct("try-with"),
        _ => text("expression"),
    }
}

/// `This expression has type`, or `The value "x" has type`.
fn this_has_type(denom: Option<&str>, exp: Option<&ast::Expression>) -> Doc {
    let denom = match (denom, exp) {
        (Some(denom), _) => text(denom),
        (None, Some(exp)) => denomination(exp),
        (None, None) => text("expression"),
    };
    match exp.and_then(nominal) {
        Some(name) => doc("The %a %a has type", &[denom, Doc::code(name)]),
        None => doc("This %a has type", &[denom]),
    }
}

fn first_diff(error: &UnifyError) -> Option<Diff<ExpandedType>> {
    errortrace::explain(&error.trace, |_, elt| match elt {
        Elt::Diff(diff) => Some(*diff),
        _ => None,
    })
}

fn label_long(label: ArgLabel) -> Doc {
    match label {
        ArgLabel::Nolabel => text("unlabeled"),
        label => doc("labeled %a", &[Doc::code(prefixed_label_name(label))]),
    }
}

impl Reporter<'_> {
    fn say(&self, template: &str, arguments: &[Doc]) -> Report {
        Report::error(self.loc, doc(template, arguments))
    }

    fn ty(&self, ty: TypeId) -> Doc {
        code(printtyp::type_expr(self.cx, ty))
    }

    fn clash(&self, error: &UnifyError, explanation: Option<TypeForcingContext>, first: Doc, second: Doc) -> Report {
        let explanation = explanation.map(|e| because(Some(e)));
        let text = printtyp::report_unification_error(self.cx, self.env, error, explanation, first, second);
        Report::error(self.loc, text)
    }

    fn hinted(&self, lead: &str, rest: Doc, name: Name, valid: &[Name]) -> Report {
        let choices = hint::spellcheck(valid.iter().map(|name| name.as_str()), &name);
        let (main, hint) = hint::aligned(lead, rest, &choices);
        let report = Report::error(self.loc, main);
        match hint {
            Some(hint) => report.with_hint(hint),
            None => report,
        }
    }

    /// `3` where a float is expected: was `3.` meant?
    fn literal_hint(&self, constant: &ast::Constant, error: &UnifyError) -> Option<Doc> {
        let ast::ConstantDesc::Integer(digits, _) = &constant.desc else { return None };
        let TypeDesc::Constr(path, args, _) = self.cx.desc(first_diff(error)?.expected.ty) else { return None };
        if !args.is_empty() {
            return None;
        }
        let suffix = match self.cx.predef().find_type_constr(&path)? {
            TypeConstr::Int32 => 'l',
            TypeConstr::Int64 => 'L',
            TypeConstr::Nativeint => 'n',
            TypeConstr::Float => '.',
            _ => return None,
        };
        Some(doc("@[%a: Did you mean %a?@]", &[Doc::hint(), Doc::code(format!("{digits}{suffix}"))]))
    }

    fn expr_clash_hint(&self, exp: &ast::Expression, error: &UnifyError) -> Option<Doc> {
        match &exp.desc {
            ast::ExpressionDesc::Constant(constant) => self.literal_hint(constant, error),
            ast::ExpressionDesc::Apply(..) => {
                let got = first_diff(error)?.got.expanded;
                matches!(self.cx.desc(got), TypeDesc::Arrow(..)).then(|| {
                    doc(
                        "@[%a:@ This function application is partial,@ maybe@ some@ arguments@ are missing.@]",
                        &[Doc::hint()],
                    )
                })
            }
            _ => None,
        }
    }

    fn report(&self, error: &Error) -> Report {
        match error {
            Error::ConstructorArityMismatch(name, expected, provided) => self.say(
                "@[The constructor %a@ expects %s argument(s),@ but is applied here to %s argument(s)@]",
                &[constr(name), text(expected.to_string()), text(provided.to_string())],
            ),
            Error::ConstructorLabeledArg => {
                self.say("Constructors cannot have labeled arguments.@ Consider using an inline record instead.", &[])
            }
            Error::LabelMismatch(name, e) => self.clash(
                e,
                None,
                doc("The record field %a@ belongs to the type", &[lid(name)]),
                text("but is mixed here with fields of type"),
            ),
            Error::PatternTypeClash(e, pattern) => {
                let hint = match pattern.as_deref() {
                    Some(ast::PatternDesc::Constant(constant)) => self.literal_hint(constant, e),
                    _ => None,
                };
                let first = text("This pattern matches values of type");
                let second = text("but a pattern was expected which matches values of type");
                self.with(self.clash(e, None, first, second), hint)
            }
            Error::OrPatternTypeClash(id, e) => self.clash(
                e,
                None,
                doc("The variable %a on the left-hand side of this or-pattern has type", &[Doc::code(id)]),
                text("but on the right-hand side it has type"),
            ),
            Error::MultiplyBoundVariable(name) => {
                self.say("Variable %a is bound several times in this matching", &[Doc::code(name)])
            }
            Error::OrpatVars(id, valid) => {
                let rest = doc("%a must occur on both sides of this %a pattern", &[Doc::code(id), Doc::code("|")]);
                let valid: Vec<Name> = valid.iter().map(|id| id.name()).collect();
                self.hinted("Variable ", rest, id.name(), &valid)
            }
            Error::ExprTypeClash(e, explanation, exp) => {
                let hint = exp.as_deref().and_then(|exp| self.expr_clash_hint(exp, e));
                let first = this_has_type(None, exp.as_deref());
                let second = text("but an expression was expected of type");
                self.with(self.clash(e, *explanation, first, second), hint)
            }
            Error::FunctionArityTypeClash { syntactic_arity, type_constraint, trace } => {
                self.function_arity(*syntactic_arity, *type_constraint, trace)
            }
            Error::ApplyNonFunction { source, func_ty, res_ty, previous_arg_loc, extra_arg_loc, .. } => {
                self.not_a_function_applied(source, *func_ty, *res_ty, *previous_arg_loc, *extra_arg_loc)
            }
            Error::ApplyWrongLabel(label, ty, nolabels) => {
                let how = match label {
                    ArgLabel::Nolabel => text("without label"),
                    label => doc("with label %a", &[Doc::code(prefixed_label_name(*label))]),
                };
                let report = self.say(
                    "@[<v>@[<2>The function applied to this argument has type@ %a@]@.This argument cannot be applied %a@]",
                    &[printtyp::type_expr(self.cx, *ty), how],
                );
                let extra = "Since OCaml 4.11, optional arguments do not commute when -nolabels is given";
                self.with(report, nolabels.then(|| text(extra)))
            }
            _ => self.report_names(error),
        }
    }

    fn with(&self, report: Report, hint: Option<Doc>) -> Report {
        match hint {
            Some(hint) => report.with_hint(hint),
            None => report,
        }
    }

    fn function_arity(&self, arity: usize, constraint: TypeId, trace: &UnifyError) -> Report {
        // The last difference names the type that has the equation.
        let equation = trace.trace.iter().rev().find_map(|elt| match elt {
            Elt::Diff(diff) => Some(doc(" on %a", &[self.ty(diff.expected.ty)])),
            _ => None,
        });
        self.say(
            "@[@[The syntactic arity of the function doesn't match the type constraint:@ @[<2>This function has %s syntactic arguments, but its type is constrained to@ %a.@]@ @]@ @[@[<2>%a: consider splitting the function definition into@ %a@ where %a is the pattern with the GADT constructor that@ introduces the local type equation%a.@]",
            &[
                text(arity.to_string()),
                self.ty(constraint),
                Doc::hint(),
                Doc::code("fun ... gadt_pat -> fun ..."),
                Doc::code("gadt_pat"),
                equation.unwrap_or_default(),
            ],
        )
    }

    fn not_a_function_applied(
        &self,
        source: &ast::Expression,
        func_ty: TypeId,
        res_ty: TypeId,
        previous_arg: Location,
        extra_arg: Location,
    ) -> Report {
        let cx = self.cx;
        if !matches!(cx.desc(func_ty), TypeDesc::Arrow(..)) {
            return self.say(
                "@[<v>@[<2>This expression has type@ %a@]@ This is not a function; it cannot be applied.@]",
                &[self.ty(func_ty)],
            );
        }
        let returns_unit = matches!(cx.desc(res_ty), TypeDesc::Constr(path, ..)
            if cx.predef().find_type_constr(&path) == Some(TypeConstr::Unit));
        let loc = Location { start: self.loc.start, end: extra_arg.end, ghost: false };
        let message = doc(
            "@[<v>@[<2>%a@ %a@]@ It is applied to too many arguments@]",
            &[this_has_type(Some("function"), Some(source)), printtyp::type_expr(cx, func_ty)],
        );
        let mut report = Report::error(loc, message);
        if returns_unit {
            // Around the end of the last argument, where a `;` may be missing.
            let mut tail = Location { start: previous_arg.end, end: previous_arg.end, ghost: false };
            tail.start.cnum -= 1;
            tail.end.cnum += 1;
            report = report.with_note(tail, doc("%a: Did you forget a ';'?", &[Doc::hint()]));
        }
        report.with_note(extra_arg, text("This extra argument is not expected."))
    }

    /// Labels, constructors and other names.
    fn report_names(&self, error: &Error) -> Report {
        match error {
            Error::LabelMultiplyDefined(name) => {
                self.say("The record field label %s is defined several times", &[text(name.as_str())])
            }
            Error::LabelMissing(labels) => {
                let labels = labels.iter().fold(Doc::new(), |mut labels, label| {
                    labels.append(doc("@ %a", &[Doc::code(label)]));
                    labels
                });
                self.say("@[<hov>Some record fields are undefined:%a@]", &[labels])
            }
            Error::LabelNotMutable(name) => self.say("The record field %a is not mutable", &[lid(name)]),
            Error::WrongName(message, expected, wrong) => self.wrong_name(message, *expected, wrong),
            Error::NameTypeMismatch(kind, name, expected, others) => {
                self.name_type_mismatch(*kind, name, expected, others)
            }
            Error::InvalidFormat(message) => self.say("%s", &[text(message)]),
            Error::NotAnObject(ty, explanation) => {
                self.say("This expression is not an object;@ it has type %a%a", &[self.ty(*ty), because(*explanation)])
            }
            Error::UndefinedMethod(ty, name, valid) => {
                let intro = doc("@[<v>@[This expression has type@;<1 2>%a@]@,@]", &[self.ty(*ty)]);
                let valid = valid.as_deref().unwrap_or_default();
                let mut report = self.hinted("It has no method ", Doc::code(name), *name, valid);
                let mut main = intro;
                main.append(report.main.txt);
                report.main.txt = main;
                report
            }
            Error::UndefinedSelfMethod(name, valid) => {
                self.hinted("This expression has no method ", Doc::code(name), *name, valid)
            }
            Error::VirtualClass(name) => self.say("Cannot instantiate the virtual class %a", &[lid(name)]),
            Error::UnboundInstanceVariable(name, valid) => {
                self.hinted("Unbound instance variable ", Doc::code(name), *name, valid)
            }
            Error::InstanceVariableNotMutable(name) => {
                self.say("The instance variable %a is not mutable", &[Doc::code(name)])
            }
            Error::NotSubtype(e) => {
                Report::error(self.loc, printtyp::report_subtype_error(self.cx, self.env, e, "is not a subtype of"))
            }
            Error::OutsideClass => self.say("This object duplication occurs outside a method definition", &[]),
            Error::ValueMultiplyOverridden(name) => {
                self.say("The instance variable %a is overridden several times", &[Doc::code(name)])
            }
            Error::CoercionFailure(ty, e, pruned) => self.coercion_failure(*ty, e, *pruned),
            _ => self.report_functions(error),
        }
    }

    fn wrong_name(&self, message: &str, expected: TypeExpected, wrong: &WrongName) -> Report {
        let name = wrong.name.txt;
        let path = code(printtyp::type_path(self.cx, &wrong.type_path));
        if matches!(wrong.type_path, Path::ExtraTy(..)) {
            let rest = doc("%a is not part of the record argument for the %a constructor", &[Doc::code(name), path]);
            return self.hinted("The field ", rest, name, &wrong.valid_names);
        }
        let intro =
            doc("@[%s type@;<1 2>%a%a@]@\n", &[text(message), self.ty(expected.ty), because(expected.explanation)]);
        let lead = format!("There is no {} ", wrong.kind.label_name());
        let rest = doc("%a within type %a", &[Doc::code(name), path]);
        let mut report = self.hinted(&lead, rest, name, &wrong.valid_names);
        let mut main = intro;
        main.append(report.main.txt);
        report.main.txt = main;
        report
    }

    fn name_type_mismatch(
        &self,
        kind: DatatypeKind,
        name: &Longident,
        expected: &(Path, Path),
        others: &[(Path, Path)],
    ) -> Report {
        let (label, data) = (text(kind.label_name()), text(kind.type_name()));
        let name = match kind {
            DatatypeKind::Record => lid(name),
            DatatypeKind::Variant => constr(name),
        };
        let message = printtyp::report_ambiguous_type_error(
            self.cx,
            self.env,
            expected.clone(),
            others,
            doc("The %s %a@ belongs to the %s type", &[label.clone(), name.clone(), data.clone()]),
            doc("The %s %a@ belongs to one of the following %s types:", &[label.clone(), name, data.clone()]),
            doc("but a %s was expected belonging to the %s type", &[label, data]),
        );
        Report::error(self.loc, message)
    }

    fn coercion_failure(&self, ty: ExpandedType, e: &UnifyError, pruned: bool) -> Report {
        let cx = self.cx;
        let ty = printtyp::prepare_expansion(cx, ty);
        let ty = code(printtyp::type_expansion(cx, printtyp::TypeOrScheme::Type, ty));
        let intro = doc("This expression cannot be coerced to type@;<1 2>%a;@ it has type", &[ty]);
        let report = self.clash(e, None, intro, text("but is here used with type"));
        if !pruned {
            return report;
        }
        report.with_hint("This simple coercion was not fully general").with_hint(doc(
            "%a: Consider using a fully explicit coercion@ of the form: %a",
            &[Doc::hint(), Doc::code("(foo : ty1 :> ty2)")],
        ))
    }

    /// Functions, privacy, modules.
    fn report_functions(&self, error: &Error) -> Report {
        match error {
            Error::NotAFunction(ty, explanation) => self.say(
                "This expression should not be a function,@ the expected type is@ %a%a",
                &[self.ty(*ty), because(*explanation)],
            ),
            Error::TooManyArguments(ty, explanation) => self.say(
                "This function expects too many arguments,@ it should have type@ %a%a",
                &[self.ty(*ty), because(*explanation)],
            ),
            Error::AbstractWrongLabel { got, expected, expected_type, explanation } => {
                let long = *got == ArgLabel::Nolabel || *expected == ArgLabel::Nolabel;
                let second = if long { label_long(*expected) } else { Doc::code(prefixed_label_name(*expected)) };
                self.say(
                    "@[<v>@[<2>This function should have type@ %a%a@]@,@[but its first argument is %a@ instead of %s%a@]@]",
                    &[
                        self.ty(*expected_type),
                        because(*explanation),
                        label_long(*got),
                        text(if long { "being " } else { "" }),
                        second,
                    ],
                )
            }
            Error::ScopingLetModule(name, ty) => self.say(
                "This %a expression has type@ %a@ In this type, the locally bound module name %a escapes its scope",
                &[Doc::code("let module"), self.ty(*ty), Doc::code(name)],
            ),
            Error::PrivateType(ty) => self.say("Cannot create values of the private type %a", &[self.ty(*ty)]),
            Error::PrivateLabel(name, ty) => {
                self.say("Cannot assign field %a of the private type %a", &[lid(name), self.ty(*ty)])
            }
            Error::PrivateConstructor(c, ty) => self.say(
                "Cannot use private constructor %a to create values of type %a",
                &[Doc::code(c.name), self.ty(*ty)],
            ),
            Error::NotAPolymorphicVariantType(name) => {
                self.say("The type %a@ is not a variant type", &[lid(name)])
            }
            Error::IncoherentLabelOrder => self.say(
                "This function is applied to arguments@ in an order different from other calls.@ This is only allowed when the real type is known.",
                &[],
            ),
            Error::LessGeneral(kind, e) => self.clash(
                e,
                None,
                doc("This %s has type", &[text(kind)]),
                text("which is less general than"),
            ),
            Error::ModulesNotAllowed => self.say("Modules are not allowed in this pattern.", &[]),
            Error::CannotInferSignature => {
                self.say("The signature for this packaged module couldn't be inferred.", &[])
            }
            Error::NotAPackedModule(ty) => {
                self.say("This expression is packed module, but the expected type is@ %a", &[self.ty(*ty)])
            }
            Error::UnexpectedExistential(restriction, name) => {
                let where_ = match restriction {
                    ExistentialRestriction::InClassArgs => text("in class arguments"),
                    ExistentialRestriction::InClassDef => text("in bindings inside class definition"),
                    ExistentialRestriction::InSelfPattern => text("in self patterns"),
                    ExistentialRestriction::AtToplevel => text("in toplevel bindings"),
                    ExistentialRestriction::InGroup => {
                        doc("in grouped (%a) bindings", &[Doc::code("let ... and ...")])
                    }
                    ExistentialRestriction::InRec => text("in recursive bindings"),
                    ExistentialRestriction::WithAttributes => text("in presence of attributes"),
                };
                self.say(
                    "Existential types are not allowed %a,@ but the constructor %a introduces existential types.",
                    &[where_, Doc::code(name)],
                )
            }
            _ => self.report_forms(error),
        }
    }

    /// Forms that are not allowed where they stand.
    fn report_forms(&self, error: &Error) -> Report {
        match error {
            Error::InvalidInterval => {
                self.say("@[Only character intervals are supported in patterns.@]", &[])
            }
            Error::InvalidForLoopIndex => self.say(
                "@[Invalid for-loop index: only variables and %a are allowed.@]",
                &[Doc::code("_")],
            ),
            Error::NoValueClauses => self.say(
                "None of the patterns in this %a expression match values.",
                &[Doc::code("match")],
            ),
            Error::ExceptionPatternDisallowed => {
                self.say("@[Exception patterns are not allowed in this position.@]", &[])
            }
            Error::MixedValueAndExceptionPatternsUnderGuard => {
                self.say("@[Mixing value and exception patterns under when-guards is not supported.@]", &[])
            }
            Error::EffectPatternBelowToplevel => {
                self.say("@[Effect patterns must be at the top level of a match case.@]", &[])
            }
            Error::InvalidContinuationPattern => self.say(
                "@[Invalid continuation pattern: only variables and _ are allowed .@]",
                &[],
            ),
            Error::InlinedRecordEscape => self.say(
                "@[This form is not allowed as the type of the inlined record could escape.@]",
                &[],
            ),
            Error::InlinedRecordExpected => {
                self.say("@[This constructor expects an inlined record argument.@]", &[])
            }
            Error::UnrefutedPattern(pat) => self.say(
                "@[This match case could not be refuted.@ Here is an example of a value that would reach it:@ @[%a@]@]",
                &[code(parmatch::top_pretty(pat))],
            ),
            Error::InvalidExtensionConstructorPayload => self.say(
                "Invalid %a payload, a constructor is expected.",
                &[Doc::code("[%extension_constructor]")],
            ),
            Error::NotAnExtensionConstructor => {
                self.say("This constructor is not an extension constructor.", &[])
            }
            Error::InvalidAtomicLocPayload => self.say(
                "Invalid %a payload, a record field access is expected.",
                &[Doc::code("[%atomic.loc]")],
            ),
            Error::LabelNotAtomic(name) => self.say("The record field %a is not atomic", &[lid(name)]),
            Error::AtomicInPattern(name) => self.say(
                "Atomic fields (here %a) are forbidden in patterns,@ as it is difficult to reason about when the atomic read@ will happen during pattern matching:@ the field may be read@ zero, one or several times depending on the patterns around it.",
                &[lid(name)],
            ),
            Error::LiteralOverflow(ty) => self.say(
                "Integer literal exceeds the range of representable integers of type %a",
                &[Doc::code(ty)],
            ),
            Error::UnknownLiteral(digits, suffix) => self.say(
                "Unknown modifier %a for literal %a",
                &[Doc::code(suffix), Doc::code(format!("{digits}{suffix}"))],
            ),
            Error::IllegalLetrecPat => self.say(
                "Only variables are allowed as left-hand side of %a",
                &[Doc::code("let rec")],
            ),
            Error::IllegalLetrecExpr => self.say(
                "This kind of expression is not allowed as right-hand side of %a",
                &[Doc::code("let rec")],
            ),
            Error::IllegalClassExpr => self.say("This kind of recursive class expression is not allowed", &[]),
            Error::LetopTypeClash(name, e) | Error::AndopTypeClash(name, e) => self.clash(
                e,
                None,
                doc("The operator %a has type", &[Doc::code(name)]),
                text("but it was expected to have type"),
            ),
            Error::BindingsTypeClash(e) => self.clash(
                e,
                None,
                text("These bindings have type"),
                text("but bindings were expected of type"),
            ),
            _ => self.report_existentials(error),
        }
    }

    /// Existentials, expected kinds, labelled tuples.
    fn report_existentials(&self, error: &Error) -> Report {
        match error {
            Error::UnboundExistential(ids, ty) => {
                let ids = Doc::separated(ids.iter().map(|id| text(id.name().as_str())), |d| {
                    d.space();
                });
                let ty = doc("@[type %a.@ %a@]", &[ids, printtyp::type_expr(self.cx, *ty)]);
                self.say(
                    "@[<2>This type does not bind all existentials in the constructor:@ %a@]",
                    &[code(ty)],
                )
            }
            Error::BindExistential(reason, id, ty) => {
                let (what, why) = match reason {
                    ExistentialBinding::AlreadyBound => ("the name", "that is already bound"),
                    ExistentialBinding::NotInScope => ("the name", "that was defined before"),
                    ExistentialBinding::NonLocallyAbstract => {
                        ("the type", "that is not a locally abstract type")
                    }
                };
                self.say(
                    "@[<hov0>The local name@ %a@ can only be given to an existential variable@ introduced by this GADT constructor.@ The type annotation tries to bind it to@ %s@ %a@ %s.@]",
                    &[code(printtyp::ident(self.cx, *id)), text(what), self.ty(*ty), text(why)],
                )
            }
            Error::MissingTypeConstraint => self.say(
                "@[Existential types introduced in a constructor pattern@ must be bound by a type constraint on the argument.@]",
                &[],
            ),
            Error::WrongExpectedKind(sort, context, ty) => {
                let (place, explanation) = match context {
                    WrongKindContext::Expression(explanation) => ("expression", *explanation),
                    WrongKindContext::Pattern => ("pattern", None),
                };
                let sort = match sort {
                    WrongKindSort::Constructor => "constructor",
                    WrongKindSort::Boolean => "boolean literal",
                    WrongKindSort::List => "list literal",
                    WrongKindSort::Unit => "unit literal",
                    WrongKindSort::Record => "record",
                };
                self.say(
                    "This %s should not be a %s,@ the expected type is@ %a%a",
                    &[text(place), text(sort), self.ty(*ty), because(explanation)],
                )
            }
            Error::ExprNotARecordType(ty) => {
                self.say("This expression has type %a@ which is not a record type.", &[self.ty(*ty)])
            }
            Error::PartialTuplePatternBadType => {
                self.say("Could not determine the type of this partial tuple pattern.", &[])
            }
            Error::ExtraTupleLabel(label, ty) => {
                let component = match label {
                    Some(label) => doc("component with label %a", &[Doc::code(label)]),
                    None => text("unlabeled component"),
                };
                self.say(
                    "This pattern was expected to match values of type@ %a,@ but it contains an extra %a.",
                    &[self.ty(*ty), component],
                )
            }
            Error::MissingTupleLabel(label, ty) => {
                let (component, hint) = match label {
                    Some(label) => (
                        doc("a component with label %a", &[Doc::code(label)]),
                        doc("@ Hint: use .. to ignore some components.", &[]),
                    ),
                    None => (text("an unlabeled component"), Doc::new()),
                };
                self.say(
                    "This pattern was expected to match values of type@ %a,@ but it is missing %a.%a",
                    &[self.ty(*ty), component, hint],
                )
            }
            Error::RepeatedTupleExpLabel(label) => {
                self.say("@[This tuple expression has two labels named %a@]", &[Doc::code(label)])
            }
            Error::RepeatedTuplePatLabel(label) => {
                self.say("@[This tuple pattern has two labels named %a@]", &[Doc::code(label)])
            }
            other => unreachable!("worded before: {other:?}"),
        }
    }
}
