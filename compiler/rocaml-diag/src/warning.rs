//! The warnings of OCaml 5.4: numbers, mnemonics and messages.
//!
//! Adding a warning: its variant in [`Warning`], its number in [`Warning::number`], its message in
//! [`Warning::message`], its line in [`TABLE`]. Numbers are never used again.

use crate::doc::Doc;

/// The greatest warning number.
pub const LAST_WARNING: usize = 75;

/// How a record field goes unused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldUsage {
    /// Neither read nor written.
    Unused,
    /// Never read.
    NotRead,
    /// Never mutated.
    NotMutated,
}

/// How a constructor goes unused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstructorUsage {
    /// Nowhere used.
    Unused,
    /// Only matched.
    NotConstructed,
    /// Exported as private.
    OnlyExportedPrivate,
}

/// What kind of type declaration goes unused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TypeDeclarationUsage {
    /// A declaration.
    Declaration,
    /// A local alias.
    Alias,
}

/// A warning with its data; the variants are upstream's constructors.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Warning {
    CommentStart,
    CommentNotEnd,
    FragileMatch(String),
    IgnoredPartialApplication,
    LabelsOmitted(Vec<String>),
    MethodOverride(Vec<String>),
    PartialMatch(Doc),
    MissingRecordFieldPattern(String),
    NonUnitStatement,
    RedundantCase,
    RedundantSubpat,
    InstanceVariableOverride(Vec<String>),
    IllegalBackslash,
    ImplicitPublicMethods(Vec<String>),
    UnerasableOptionalArgument,
    UndeclaredVirtualMethod(String),
    NotPrincipal(Doc),
    NonPrincipalLabels(String),
    IgnoredExtraArgument,
    NonreturningStatement,
    Preprocessor(String),
    UselessRecordWith,
    BadModuleName(String),
    AllClausesGuarded,
    UnusedVar(String),
    UnusedVarStrict(String),
    WildcardArgToConstantConstr,
    EolInString,
    /// Kind, name, first type, second type.
    DuplicateDefinitions(String, String, String, String),
    UnusedValueDeclaration(String),
    UnusedOpen(String),
    UnusedTypeDeclaration(String, TypeDeclarationUsage),
    UnusedForIndex(String),
    UnusedAncestor(String),
    UnusedConstructor(String, ConstructorUsage),
    /// Name, whether it is an exception, usage.
    UnusedExtension(String, bool, ConstructorUsage),
    UnusedRecFlag,
    /// Type, names, whether it is about the fields of a record.
    NameOutOfScope(String, Vec<String>, bool),
    /// Names, types, whether it is about the fields of a record, expansion.
    AmbiguousName(Vec<String>, Vec<String>, bool, String),
    DisambiguatedName(String),
    NonoptionalLabel(String),
    /// Kind, name.
    OpenShadowIdentifier(String, String),
    /// Kind, name.
    OpenShadowLabelConstructor(String, String),
    /// Variable, message.
    BadEnvVariable(String, String),
    /// Attribute, message.
    AttributePayload(String, String),
    EliminatedOptionalArguments(Vec<String>),
    /// Module, why its file is not valid.
    NoCmiFile(String, Option<String>),
    /// Whether the comment is unattached (else ambiguous).
    UnexpectedDocstring(bool),
    /// Whether a tail call was expected.
    WrongTailcallExpectation(bool),
    FragileLiteralPattern,
    MisplacedAttribute(String),
    DuplicatedAttribute(String),
    InliningImpossible(String),
    UnreachableCase,
    AmbiguousVarInPatternGuard(Vec<String>),
    NoCmxFile(String),
    FlambdaAssignmentToNonMutableValue,
    UnusedModule(String),
    UnboxableTypeInPrimDecl(String),
    ConstraintOnGadt,
    ErroneousPrintedSignature(String),
    UnsafeArraySyntaxWithoutParsing,
    RedefiningUnit(String),
    UnusedOpenBang(String),
    UnusedFunctorParameter(String),
    MatchOnMutableStatePreventUncurry,
    UnusedField(String, FieldUsage),
    MissingMli,
    UnusedTmcAttribute,
    TmcBreaksTailcall,
    GenerativeApplicationExpectsUnit,
    DegradedToPartialMatch,
    UnnecessarilyPartialTuplePattern,
}

/// A line of the table of warnings.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// The number.
    pub number: usize,
    /// The mnemonic, if the warning still has one.
    pub name: Option<&'static str>,
    /// What `-warn-help` tells about it.
    pub description: &'static str,
}

const fn row(number: usize, name: Option<&'static str>, description: &'static str) -> Description {
    Description { number, name, description }
}

/// All warnings, in order: upstream's names and descriptions.
pub const TABLE: [Description; 75] = [
    row(1, Some("comment-start"), "Suspicious-looking start-of-comment mark."),
    row(2, Some("comment-not-end"), "Suspicious-looking end-of-comment mark."),
    row(3, None, "Deprecated synonym for the 'deprecated' alert."),
    row(
        4,
        Some("fragile-match"),
        "Fragile pattern matching: matching that will remain complete even\n    if additional constructors are added to one of the variant types\n    matched.",
    ),
    row(
        5,
        Some("ignored-partial-application"),
        "Partially applied function: expression whose result has function\n    type and is ignored.",
    ),
    row(6, Some("labels-omitted"), "Label omitted in function application."),
    row(7, Some("method-override"), "Method overridden."),
    row(8, Some("partial-match"), "Partial match: missing cases in pattern-matching."),
    row(9, Some("missing-record-field-pattern"), "Missing fields in a record pattern."),
    row(
        10,
        Some("non-unit-statement"),
        "Expression on the left-hand side of a sequence that doesn't have type\n    \"unit\" (and that is not a function, see warning number 5).",
    ),
    row(11, Some("redundant-case"), "Redundant case in a pattern matching (unused match case)."),
    row(12, Some("redundant-subpat"), "Redundant sub-pattern in a pattern-matching."),
    row(13, Some("instance-variable-override"), "Instance variable overridden."),
    row(14, Some("illegal-backslash"), "Illegal backslash escape in a string constant."),
    row(15, Some("implicit-public-methods"), "Private method made public implicitly."),
    row(16, Some("unerasable-optional-argument"), "Unerasable optional argument."),
    row(17, Some("undeclared-virtual-method"), "Undeclared virtual method."),
    row(18, Some("not-principal"), "Non-principal type."),
    row(19, Some("non-principal-labels"), "Type without principality."),
    row(20, Some("ignored-extra-argument"), "Unused function argument."),
    row(21, Some("nonreturning-statement"), "Non-returning statement."),
    row(22, Some("preprocessor"), "Preprocessor warning."),
    row(23, Some("useless-record-with"), "Useless record \"with\" clause."),
    row(24, Some("bad-module-name"), "Bad module name: the source file name is not a valid OCaml module name."),
    row(25, None, "Ignored: now part of warning 8."),
    row(
        26,
        Some("unused-var"),
        "Suspicious unused variable: unused variable that is bound\n    with \"let\" or \"as\", and doesn't start with an underscore (\"_\")\n    character.",
    ),
    row(
        27,
        Some("unused-var-strict"),
        "Innocuous unused variable: unused variable that is not bound with\n    \"let\" nor \"as\", and doesn't start with an underscore (\"_\")\n    character.",
    ),
    row(28, Some("wildcard-arg-to-constant-constr"), "Wildcard pattern given as argument to a constant constructor."),
    row(29, Some("eol-in-string"), "Unescaped end-of-line in a string constant (non-portable code)."),
    row(
        30,
        Some("duplicate-definitions"),
        "Two labels or constructors of the same name are defined in two\n    mutually recursive types.",
    ),
    row(
        31,
        Some("module-linked-twice"),
        "A module is linked twice in the same executable.\n    Ignored: now a hard error (since 5.1).",
    ),
    row(32, Some("unused-value-declaration"), "Unused value declaration."),
    row(33, Some("unused-open"), "Unused open statement."),
    row(34, Some("unused-type-declaration"), "Unused type declaration."),
    row(35, Some("unused-for-index"), "Unused for-loop index."),
    row(36, Some("unused-ancestor"), "Unused ancestor variable."),
    row(37, Some("unused-constructor"), "Unused constructor."),
    row(38, Some("unused-extension"), "Unused extension constructor."),
    row(39, Some("unused-rec-flag"), "Unused rec flag."),
    row(40, Some("name-out-of-scope"), "Constructor or label name used out of scope."),
    row(41, Some("ambiguous-name"), "Ambiguous constructor or label name."),
    row(42, Some("disambiguated-name"), "Disambiguated constructor or label name (compatibility warning)."),
    row(43, Some("nonoptional-label"), "Nonoptional label applied as optional."),
    row(44, Some("open-shadow-identifier"), "Open statement shadows an already defined identifier."),
    row(45, Some("open-shadow-label-constructor"), "Open statement shadows an already defined label or constructor."),
    row(46, Some("bad-env-variable"), "Error in environment variable."),
    row(47, Some("attribute-payload"), "Illegal attribute payload."),
    row(48, Some("eliminated-optional-arguments"), "Implicit elimination of optional arguments."),
    row(49, Some("no-cmi-file"), "Absent cmi file when looking up module alias."),
    row(50, Some("unexpected-docstring"), "Unexpected documentation comment."),
    row(51, Some("wrong-tailcall-expectation"), "Function call annotated with an incorrect @tailcall attribute."),
    row(52, Some("fragile-literal-pattern"), "Fragile constant pattern."),
    row(53, Some("misplaced-attribute"), "Attribute cannot appear in this context."),
    row(54, Some("duplicated-attribute"), "Attribute used more than once on an expression."),
    row(55, Some("inlining-impossible"), "Inlining impossible."),
    row(56, Some("unreachable-case"), "Unreachable case in a pattern-matching (based on type information)."),
    row(57, Some("ambiguous-var-in-pattern-guard"), "Ambiguous or-pattern variables under guard."),
    row(58, Some("no-cmx-file"), "Missing cmx file."),
    row(59, Some("flambda-assignment-to-non-mutable-value"), "Assignment to non-mutable value."),
    row(60, Some("unused-module"), "Unused module declaration."),
    row(61, Some("unboxable-type-in-prim-decl"), "Unboxable type in primitive declaration."),
    row(62, Some("constraint-on-gadt"), "Type constraint on GADT type declaration."),
    row(63, Some("erroneous-printed-signature"), "Erroneous printed signature."),
    row(64, Some("unsafe-array-syntax-without-parsing"), "-unsafe used with a preprocessor returning a syntax tree."),
    row(65, Some("redefining-unit"), "Type declaration defining a new '()' constructor."),
    row(66, Some("unused-open-bang"), "Unused open! statement."),
    row(67, Some("unused-functor-parameter"), "Unused functor parameter."),
    row(
        68,
        Some("match-on-mutable-state-prevent-uncurry"),
        "Pattern-matching depending on mutable state prevents the remaining \n    arguments from being uncurried.",
    ),
    row(69, Some("unused-field"), "Unused record field."),
    row(70, Some("missing-mli"), "Missing interface file."),
    row(71, Some("unused-tmc-attribute"), "Unused @tail_mod_cons attribute."),
    row(
        72,
        Some("tmc-breaks-tailcall"),
        "A tail call is turned into a non-tail call by the @tail_mod_cons transformation.",
    ),
    row(
        73,
        Some("generative-application-expects-unit"),
        "A generative functor is applied to an empty structure (struct end) rather than to ().",
    ),
    row(
        74,
        Some("degraded-to-partial-match"),
        "A pattern-matching is compiled as partial even if it appears to be total.",
    ),
    row(
        75,
        Some("unnecessarily-partial-tuple-pattern"),
        "A tuple pattern ends in .. but fully matches its expected type.",
    ),
];

/// The version of the language that brought a warning, where it is told.
fn since(number: usize) -> Option<&'static str> {
    Some(match number {
        32..=39 => "4.00",
        40..=46 => "4.01",
        47..=49 => "4.02",
        50..=59 => "4.03",
        60..=61 => "4.04",
        62 => "4.06",
        63..=66 => "4.08",
        67 => "4.10",
        68 => "4.12",
        69..=70 => "4.13",
        71..=72 => "4.14",
        73 => "5.1",
        74 => "5.3",
        75 => "5.4",
        _ => return None,
    })
}

/// What `-warn-help` prints.
pub fn help() -> String {
    let mut text = String::new();
    for row in TABLE {
        let name = row.name.map_or(String::new(), |name| format!(" [{name}]"));
        let since = since(row.number).map_or(String::new(), |version| format!(" (since {version})"));
        text.push_str(&format!("{:>3}{name} {}{since}\n", row.number, row.description));
    }
    text.push_str("  A all warnings\n");
    for c in 'b'..='z' {
        let letter = c.to_ascii_uppercase();
        match &crate::state::letter(c)[..] {
            [] => {}
            [only] => text.push_str(&format!("  {letter} Alias for warning {only}.\n")),
            several => {
                let numbers: Vec<String> = several.iter().map(usize::to_string).collect();
                text.push_str(&format!("  {letter} warnings {}.\n", numbers.join(", ")));
            }
        }
    }
    text
}

impl Warning {
    /// The number.
    pub fn number(&self) -> usize {
        use Warning::*;
        match self {
            CommentStart => 1,
            CommentNotEnd => 2,
            FragileMatch(_) => 4,
            IgnoredPartialApplication => 5,
            LabelsOmitted(_) => 6,
            MethodOverride(_) => 7,
            PartialMatch(_) | AllClausesGuarded => 8,
            MissingRecordFieldPattern(_) => 9,
            NonUnitStatement => 10,
            RedundantCase => 11,
            RedundantSubpat => 12,
            InstanceVariableOverride(_) => 13,
            IllegalBackslash => 14,
            ImplicitPublicMethods(_) => 15,
            UnerasableOptionalArgument => 16,
            UndeclaredVirtualMethod(_) => 17,
            NotPrincipal(_) => 18,
            NonPrincipalLabels(_) => 19,
            IgnoredExtraArgument => 20,
            NonreturningStatement => 21,
            Preprocessor(_) => 22,
            UselessRecordWith => 23,
            BadModuleName(_) => 24,
            UnusedVar(_) => 26,
            UnusedVarStrict(_) => 27,
            WildcardArgToConstantConstr => 28,
            EolInString => 29,
            DuplicateDefinitions(..) => 30,
            UnusedValueDeclaration(_) => 32,
            UnusedOpen(_) => 33,
            UnusedTypeDeclaration(..) => 34,
            UnusedForIndex(_) => 35,
            UnusedAncestor(_) => 36,
            UnusedConstructor(..) => 37,
            UnusedExtension(..) => 38,
            UnusedRecFlag => 39,
            NameOutOfScope(..) => 40,
            AmbiguousName(..) => 41,
            DisambiguatedName(_) => 42,
            NonoptionalLabel(_) => 43,
            OpenShadowIdentifier(..) => 44,
            OpenShadowLabelConstructor(..) => 45,
            BadEnvVariable(..) => 46,
            AttributePayload(..) => 47,
            EliminatedOptionalArguments(_) => 48,
            NoCmiFile(..) => 49,
            UnexpectedDocstring(_) => 50,
            WrongTailcallExpectation(_) => 51,
            FragileLiteralPattern => 52,
            MisplacedAttribute(_) => 53,
            DuplicatedAttribute(_) => 54,
            InliningImpossible(_) => 55,
            UnreachableCase => 56,
            AmbiguousVarInPatternGuard(_) => 57,
            NoCmxFile(_) => 58,
            FlambdaAssignmentToNonMutableValue => 59,
            UnusedModule(_) => 60,
            UnboxableTypeInPrimDecl(_) => 61,
            ConstraintOnGadt => 62,
            ErroneousPrintedSignature(_) => 63,
            UnsafeArraySyntaxWithoutParsing => 64,
            RedefiningUnit(_) => 65,
            UnusedOpenBang(_) => 66,
            UnusedFunctorParameter(_) => 67,
            MatchOnMutableStatePreventUncurry => 68,
            UnusedField(..) => 69,
            MissingMli => 70,
            UnusedTmcAttribute => 71,
            TmcBreaksTailcall => 72,
            GenerativeApplicationExpectsUnit => 73,
            DegradedToPartialMatch => 74,
            UnnecessarilyPartialTuplePattern => 75,
        }
    }

    /// How messages name the warning: `8 [partial-match]`.
    pub fn id(&self) -> String {
        let number = self.number();
        match TABLE[number - 1].name {
            Some(name) => format!("{number} [{name}]"),
            None => number.to_string(),
        }
    }

    /// The message.
    pub fn message(&self) -> Doc {
        use Warning::*;
        match self {
            CommentStart => msg(
                "this %a is the start of a comment.@ %t: Did you forget spaces when writing the infix operator %a?",
                &[code("(*"), Doc::hint(), code("( * )")],
            ),
            CommentNotEnd => msg("this is not the end of a comment.", &[]),
            FragileMatch(s) if s.is_empty() => msg("this pattern-matching is fragile.", &[]),
            FragileMatch(s) => msg(
                "this pattern-matching is fragile.@ It will remain exhaustive when constructors are added to type %a.",
                &[code(s)],
            ),
            IgnoredPartialApplication => {
                msg("this function application is partial,@ maybe@ some@ arguments@ are@ missing.", &[])
            }
            LabelsOmitted(labels) if labels.len() == 1 => {
                msg("label %a@ was omitted@ in@ the@ application@ of@ this@ function.", &[code(&labels[0])])
            }
            LabelsOmitted(labels) => {
                msg("labels %a@ were omitted@ in@ the@ application@ of@ this@ function.", &[comma_list(labels)])
            }
            MethodOverride(names) if names.len() == 1 => msg("the method %a is overridden.", &[code(&names[0])]),
            MethodOverride(names) => {
                let (class, methods) = split_first(names);
                msg("the following methods are overridden@ by@ the@ class@ %a:@;<1 2>%a", &[class, space_list(methods)])
            }
            PartialMatch(doc) if doc.is_empty() => msg("this pattern-matching is not exhaustive.", &[]),
            PartialMatch(doc) => msg(
                "this pattern-matching is not exhaustive.@ @[Here is an example of a case that is not matched:@;<1 2>%a@]",
                std::slice::from_ref(doc),
            ),
            MissingRecordFieldPattern(s) => msg(
                "the following labels are not bound@ in@ this@ record@ pattern:@;<1 2>%a.@ @[Either bind these labels explicitly or add %a to the pattern.@]",
                &[code(s), code("; _")],
            ),
            NonUnitStatement => msg("this expression should have type unit.", &[]),
            RedundantCase => msg("this match case is unused.", &[]),
            RedundantSubpat => msg("this sub-pattern is unused.", &[]),
            InstanceVariableOverride(names) if names.len() == 1 => {
                msg("the instance variable %a is overridden.", &[code(&names[0])])
            }
            InstanceVariableOverride(names) => {
                let (class, variables) = split_first(names);
                msg(
                    "the following instance variables@ are overridden@ by the class %a:@;<1 2>%a",
                    &[class, space_list(variables)],
                )
            }
            IllegalBackslash => msg(
                "illegal backslash escape in string.@ %t: Single backslashes %a are reserved for escape sequences@ (%a, %a, ...).@ Did you check the list of OCaml escape sequences?@ To get a backslash character, escape it with a second backslash: %a.",
                &[Doc::hint(), code("\\"), code("\\n"), code("\\r"), code("\\\\")],
            ),
            ImplicitPublicMethods(names) => {
                msg("the following private methods@ were@ made@ public@ implicitly:@;<1 2>%a.", &[space_list(names)])
            }
            UnerasableOptionalArgument => msg("this optional argument cannot be erased.", &[]),
            UndeclaredVirtualMethod(m) => msg("the virtual method %a is not declared.", &[code(m)]),
            NotPrincipal(doc) => msg("%a@ is@ not@ principal.", std::slice::from_ref(doc)),
            NonPrincipalLabels(s) => msg("%s without principality.", &[text(s)]),
            IgnoredExtraArgument => msg("this argument will not be used by the function.", &[]),
            NonreturningStatement => msg("this statement never returns (or has an unsound type.)", &[]),
            Preprocessor(s) => text(s),
            UselessRecordWith => {
                msg("all the fields are explicitly listed in this record:@ the %a clause is useless.", &[code("with")])
            }
            BadModuleName(name) => msg("bad source file name: %a is not a valid module name.", &[code(name)]),
            AllClausesGuarded => {
                msg("this pattern-matching is not exhaustive.@ All clauses in this pattern-matching are guarded.", &[])
            }
            UnusedVar(v) | UnusedVarStrict(v) => msg("unused variable %a.", &[code(v)]),
            WildcardArgToConstantConstr => msg("wildcard pattern given as argument to a constant constructor", &[]),
            EolInString => {
                msg("unescaped end-of-line in a string constant@ (non-portable behavior before OCaml 5.2)", &[])
            }
            DuplicateDefinitions(kind, name, first, second) => msg(
                "the %s %a is defined in both types %a and %a.",
                &[text(kind), code(name), code(first), code(second)],
            ),
            _ => self.message_of_unused(),
        }
    }

    /// Messages of 32 to 46 and the later warnings about unused things.
    fn message_of_unused(&self) -> Doc {
        use Warning::*;
        match self {
            UnusedValueDeclaration(v) => msg("unused value %a.", &[code(v)]),
            UnusedOpen(s) => msg("unused open %a.", &[code(s)]),
            UnusedOpenBang(s) => msg("unused open! %a.", &[code(s)]),
            UnusedTypeDeclaration(s, TypeDeclarationUsage::Declaration) => msg("unused type %a.", &[code(s)]),
            UnusedTypeDeclaration(s, TypeDeclarationUsage::Alias) => msg("unused type alias %a.", &[code(s)]),
            UnusedForIndex(s) => msg("unused for-loop index %a.", &[code(s)]),
            UnusedAncestor(s) => msg("unused ancestor variable %a.", &[code(s)]),
            UnusedConstructor(s, ConstructorUsage::Unused) => msg("unused constructor %a.", &[code(s)]),
            UnusedConstructor(s, ConstructorUsage::NotConstructed) => msg(
                "constructor %a is never used to build values.@ (However, this constructor appears in patterns.)",
                &[code(s)],
            ),
            UnusedConstructor(s, ConstructorUsage::OnlyExportedPrivate) => msg(
                "constructor %a is never used to build values.@ Its type is exported as a private type.",
                &[code(s)],
            ),
            UnusedExtension(s, is_exception, usage) => {
                let kind = if *is_exception { "exception" } else { "extension constructor" };
                let template = match usage {
                    ConstructorUsage::Unused => "unused %s %a",
                    ConstructorUsage::NotConstructed => {
                        "%s %a is never used@ to@ build@ values.@ (However, this constructor appears in patterns.)"
                    }
                    ConstructorUsage::OnlyExportedPrivate => {
                        "%s %a is never used@ to@ build@ values.@ It is exported or rebound as a private extension."
                    }
                };
                msg(template, &[text(kind), code(s)])
            }
            UnusedRecFlag => msg("unused rec flag.", &[]),
            UnusedModule(s) => msg("unused module %a.", &[code(s)]),
            UnusedFunctorParameter(s) => msg("unused functor parameter %a.", &[code(s)]),
            UnusedField(s, FieldUsage::Unused) => msg("unused record field %a.", &[code(s)]),
            UnusedField(s, FieldUsage::NotRead) => msg(
                "record field %a is never read.@ (However, this field is used to build or mutate values.)",
                &[code(s)],
            ),
            UnusedField(s, FieldUsage::NotMutated) => msg("mutable record field %a is never mutated.", &[code(s)]),
            UnusedTmcAttribute => {
                msg("This function is marked %a@ but is never applied in TMC position.", &[code("@tail_mod_cons")])
            }
            _ => self.message_of_names(),
        }
    }

    /// Messages about names, files and attributes.
    fn message_of_names(&self) -> Doc {
        use Warning::*;
        match self {
            NameOutOfScope(ty, names, false) => msg(
                "%a was selected from type %a.@ @[It is not visible in the current scope,@ and@ will@ not@ be@ selected@ if the type becomes unknown@].",
                &[code(names.first().map_or("", String::as_str)), code(ty)],
            ),
            NameOutOfScope(ty, names, true) => msg(
                "this record of type %a@ contains@ fields@ that@ are@ not@ visible in the current scope:@;<1 2>%a.@ @[They will not be selected@ if the type@ becomes@ unknown.@]",
                &[code(ty), space_list(names)],
            ),
            AmbiguousName(names, types, false, expansion) => msg(
                "%a belongs to several types:@;<1 2>%a.@ The first one was selected.@ @[Please disambiguate@ if@ this@ is wrong.%a@]",
                &[code(names.first().map_or("", String::as_str)), space_list(types), expand(expansion)],
            ),
            AmbiguousName(_, types, true, expansion) => msg(
                "these field labels belong to several types:@;<1 2>%a.@ @[The first one was selected.@ Please disambiguate@ if@ this@ is@ wrong.%a@]",
                &[space_list(types), expand(expansion)],
            ),
            DisambiguatedName(s) => msg(
                "this use of %a@ relies@ on@ type-directed@ disambiguation,@ @[it@ will@ not@ compile@ with@ OCaml@ 4.00@ or@ earlier.@]",
                &[code(s)],
            ),
            NonoptionalLabel(s) => msg("the label %a is not optional.", &[code(s)]),
            OpenShadowIdentifier(kind, s) => msg(
                "this open statement shadows@ the@ %s identifier@ %a@ (which is later used)",
                &[text(kind), code(s)],
            ),
            OpenShadowLabelConstructor(kind, s) => {
                msg("this open statement shadows@ the@ %s %a@ (which is later used)", &[text(kind), code(s)])
            }
            BadEnvVariable(variable, s) => msg("illegal environment variable %a : %s", &[code(variable), text(s)]),
            AttributePayload(name, s) => msg("illegal payload for attribute %a.@ %s", &[code(name), text(s)]),
            EliminatedOptionalArguments(names) => msg(
                "implicit elimination@ of optional argument%s@ %a",
                &[text(if names.len() == 1 { "" } else { "s" }), comma_list(names)],
            ),
            NoCmiFile(name, None) => msg("no cmi file was found@ in path for module %a", &[code(name)]),
            NoCmiFile(name, Some(reason)) => {
                msg("no valid cmi file was found@ in path for module %a.@ %s", &[code(name), text(reason)])
            }
            UnexpectedDocstring(true) => msg("unattached documentation comment (ignored)", &[]),
            UnexpectedDocstring(false) => msg("ambiguous documentation comment", &[]),
            WrongTailcallExpectation(expected) => {
                msg("expected %s", &[text(if *expected { "tailcall" } else { "non-tailcall" })])
            }
            MisplacedAttribute(name) => msg("the %a attribute cannot appear in this context", &[code(name)]),
            DuplicatedAttribute(name) => {
                msg("the %a attribute is used more than once@ on@ this@ expression", &[code(name)])
            }
            InliningImpossible(reason) => msg("Cannot inline:@ %s", &[text(reason)]),
            NoCmxFile(name) => msg(
                "no cmx file was found@ in@ path@ for@ module@ %a,@ and@ its@ interface@ was@ not@ compiled@ with %a",
                &[code(name), code("-opaque")],
            ),
            RedefiningUnit(name) => msg(
                "This type declaration is@ defining@ a new %a constructor@ which@ shadows@ the@ existing@ one.@ %t: Did you mean %a?",
                &[code("()"), Doc::hint(), code(format!("type {name} = unit"))],
            ),
            MissingMli => msg("Cannot find interface file.", &[]),
            _ => self.message_of_code(),
        }
    }

    /// The remaining messages, about what the code means.
    fn message_of_code(&self) -> Doc {
        use Warning::*;
        match self {
            FragileLiteralPattern => msg(
                "Code should not depend@ on@ the@ actual@ values of@ this@ constructor's arguments.@ @[They are only for@ information@ and@ may@ change@ in@ future versions.@ %a@]",
                &[see_manual("13.5.3")],
            ),
            UnreachableCase => msg(
                "this match case is unreachable.@ Consider replacing it with a refutation case %a",
                &[code("<pat> -> .")],
            ),
            AmbiguousVarInPatternGuard(variables) => {
                let mut variables = variables.clone();
                variables.sort();
                let explanation = match &variables[..] {
                    [x] => msg(
                        "variable %a appears in@ different@ places@ in@ different@ or-pattern@ alternatives.",
                        &[code(x)],
                    ),
                    several => msg(
                        "variables %a appears in@ different@ places@ in@ different@ or-pattern@ alternatives.",
                        &[comma_list(several)],
                    ),
                };
                msg(
                    "Ambiguous or-pattern variables under@ guard;@ %t@ @[Only the first match will be used to evaluate@ the@ guard@ expression.@ %a@]",
                    &[explanation, see_manual("13.5.4")],
                )
            }
            FlambdaAssignmentToNonMutableValue => msg(
                "A potential@ assignment@ to@ a@ non-mutable@ value@ was@ detected@ in@ this@ source@ file.@ Such@ assignments@ may@ generate@ incorrect@ code@ when@ using@ Flambda.",
                &[],
            ),
            UnboxableTypeInPrimDecl(t) => msg(
                "This primitive declaration uses type %a,@ whose@ representation@ may be either boxed or unboxed.@ Without@ an@ annotation@ to@ indicate@ which@ representation@ is@ intended,@ the@ boxed@ representation@ has@ been@ selected@ by@ default.@ This@ default@ choice@ may@ change@ in@ future@ versions@ of@ the@ compiler,@ breaking@ the@ primitive@ implementation.@ You@ should@ explicitly@ annotate@ the@ declaration@ of@ %a@ with@ %a@ or@ %a,@ so@ that@ its@ external@ interface@ remains@ stable@ in@ the future.",
                &[code(t), code(t), code("[@@boxed]"), code("[@@unboxed]")],
            ),
            ConstraintOnGadt => msg("Type constraints do not apply to@ GADT@ cases@ of@ variant types.", &[]),
            ErroneousPrintedSignature(s) => msg(
                "The printed@ interface@ differs@ from@ the@ inferred@ interface.@ The@ inferred@ interface@ contained@ items@ which@ could@ not@ be@ printed@ properly@ due@ to@ name@ collisions@ between@ identifiers.@ %s@ Beware@ that@ this@ warning@ is@ purely@ informational@ and@ will@ not@ catch@ all@ instances@ of@ erroneous@ printed@ interface.",
                &[text(s)],
            ),
            UnsafeArraySyntaxWithoutParsing => {
                msg("option@ %a@ used with a preprocessor returning@ a@ syntax tree", &[code("-unsafe")])
            }
            MatchOnMutableStatePreventUncurry => msg(
                "This pattern depends on@ mutable@ state.@ It prevents@ the@ remaining@ arguments@ from@ being@ uncurried,@ which will@ cause@ additional@ closure@ allocations.",
                &[],
            ),
            TmcBreaksTailcall => msg(
                "This call@ is@ in@ tail-modulo-cons@ position@ in@ a@ TMC@ function,@ but@ the@ function@ called@ is@ not@ itself@ specialized@ for@ TMC,@ so@ the@ call@ will@ not@ be@ transformed@ into@ a@ tail@ call.@ @[Please@ either@ mark@ the@ called@ function@ with@ the %a@ attribute,@ or@ mark@ this@ call@ with@ the@ %a@ attribute@ to@ make@ its@ non-tailness@ explicit.@]",
                &[code("[@tail_mod_cons]"), code("[@tailcall false]")],
            ),
            GenerativeApplicationExpectsUnit => msg(
                "A generative functor@ should be applied@ to@ %a;@ using@ %a@ is deprecated.",
                &[code("()"), code("(struct end)")],
            ),
            DegradedToPartialMatch => msg(
                "This pattern-matching@ is@ compiled@ as@ partial,@ even@ if@ it@ appears@ to@ be@ total.@ It@ may@ generate@ a@ %a@ exception.@ This@ typically@ occurs@ due@ to@ complex@ matches@ on@ mutable@ fields.@ %a",
                &[code("Match_failure"), see_manual("13.5.5")],
            ),
            UnnecessarilyPartialTuplePattern => msg(
                "This tuple pattern@ unnecessarily@ ends in %a,@ as@ it@ explicitly@ matches@ all@ components@ of@ its@ expected@ type.",
                &[code("..")],
            ),
            other => unreachable!("warning {} has its message elsewhere", other.number()),
        }
    }
}

fn msg(template: &str, arguments: &[Doc]) -> Doc {
    Doc::template(template, arguments)
}

fn code(text: impl AsRef<str>) -> Doc {
    Doc::code(text.as_ref())
}

fn text(text: impl AsRef<str>) -> Doc {
    Doc::from(text.as_ref())
}

fn comma_list(names: &[String]) -> Doc {
    Doc::comma_list(names.iter().map(code))
}

fn space_list(names: &[String]) -> Doc {
    let list = Doc::separated(names.iter().map(code), |doc| {
        doc.space();
    });
    Doc::template("@[%a@]", &[list])
}

fn split_first(names: &[String]) -> (Doc, &[String]) {
    match names.split_first() {
        Some((first, rest)) => (code(first), rest),
        None => (Doc::new(), &[]),
    }
}

fn expand(expansion: &str) -> Doc {
    if expansion.is_empty() { Doc::new() } else { msg("@ %s", &[text(expansion)]) }
}

fn see_manual(section: &str) -> Doc {
    text(format!("(see manual section {section})"))
}

#[cfg(test)]
mod tests {
    use super::{TABLE, Warning};

    #[test]
    fn the_table_is_in_order() {
        for (i, row) in TABLE.iter().enumerate() {
            assert_eq!(row.number, i + 1);
        }
    }

    #[test]
    fn messages_lay_out_their_data() {
        assert_eq!(Warning::UnusedVar("x".into()).id(), "26 [unused-var]");
        assert_eq!(Warning::UnusedVar("x".into()).message().to_text(), "unused variable x.");
    }
}
