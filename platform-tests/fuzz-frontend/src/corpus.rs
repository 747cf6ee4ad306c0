//! The programs that mutations start from, with the places of their tokens and of the nodes of their trees.

use rocaml_base::{Location, Name, Position};
use rocaml_syntax::ast::{
    ClassExpr, CoreType, Expression, ModuleExpr, ModuleType, Pattern, SignatureItem, StructureItem, TypeDeclaration,
};
use rocaml_syntax::deep;
use rocaml_syntax::lexer::{LexOptions, lex};
use rocaml_syntax::longident::Longident;
use rocaml_syntax::visit::{self, Visitor};
use rocaml_syntax::{ParseOptions, parse_implementation, parse_interface};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Programs are cut after this many bytes, at the end of an item: most of a longer one would only take time.
const LONGEST: usize = 24_000;

/// Sorts of nodes: one can take the place of another of its sort.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    Expression,
    Pattern,
    CoreType,
    ModuleExpr,
    ModuleType,
    ClassExpr,
    Item,
    Path,
    TypeDeclaration,
}

pub const SORTS: [Sort; 9] = [
    Sort::Expression,
    Sort::Pattern,
    Sort::CoreType,
    Sort::ModuleExpr,
    Sort::ModuleType,
    Sort::ClassExpr,
    Sort::Item,
    Sort::Path,
    Sort::TypeDeclaration,
];

/// A program and its parts.
pub struct Source {
    pub path: PathBuf,
    pub text: Vec<u8>,
    pub is_interface: bool,
    pub tokens: Vec<Range<usize>>,
    nodes: [Vec<Range<usize>>; SORTS.len()],
}

impl Source {
    /// The places of the nodes of a sort.
    pub fn nodes(&self, sort: Sort) -> &[Range<usize>] {
        &self.nodes[sort as usize]
    }

    fn read(path: &Path) -> Source {
        let is_interface = path.extension().is_some_and(|extension| extension == "mli");
        let text = std::fs::read(path).unwrap_or_default();
        let mut source =
            Source { path: path.to_owned(), text, is_interface, tokens: Vec::new(), nodes: Default::default() };
        deep::on_deep_stack(|| source.analyze());
        if source.text.len() > LONGEST {
            let ends = source.nodes(Sort::Item).iter().map(|item| item.end);
            let end = ends.filter(|end| *end <= LONGEST).max().unwrap_or(LONGEST);
            source.text.truncate(end);
            source.tokens.retain(|token| token.end <= end);
            source.nodes.iter_mut().for_each(|nodes| nodes.retain(|node| node.end <= end));
        }
        source
    }

    fn analyze(&mut self) {
        let file = Name::new("program");
        let start = Position { file, line: 1, bol: 0, cnum: 0 };
        let lexed = lex(&self.text, start, LexOptions { hash_bang: true, docstrings: false, keywords: None });
        self.tokens = lexed.tokens.iter().filter_map(|token| range(token.start, token.end)).collect();
        let mut places = Places { nodes: Default::default() };
        if self.is_interface {
            if let Ok(items) = parse_interface(file, &self.text, ParseOptions::default()).result {
                items.iter().for_each(|item| places.visit_signature_item(item));
            }
        } else if let Ok(items) = parse_implementation(file, &self.text, ParseOptions::default()).result {
            items.iter().for_each(|item| places.visit_structure_item(item));
        }
        let length = self.text.len();
        self.nodes = places.nodes.map(|nodes| nodes.into_iter().filter(|node| node.end <= length).collect());
    }
}

fn range(start: Position, end: Position) -> Option<Range<usize>> {
    let (start, end) = (usize::try_from(start.cnum).ok()?, usize::try_from(end.cnum).ok()?);
    (start < end).then_some(start..end)
}

/// Gathers places of nodes.
struct Places {
    nodes: [Vec<Range<usize>>; SORTS.len()],
}

impl Places {
    fn add(&mut self, sort: Sort, loc: Location) {
        if !loc.ghost {
            self.nodes[sort as usize].extend(range(loc.start, loc.end));
        }
    }
}

macro_rules! gather {
    ($($method:ident $walk:ident $node:ty => $sort:expr;)*) => {
        impl Visitor for Places {
            $(fn $method(&mut self, node: &$node) {
                self.add($sort, node.loc);
                visit::$walk(self, node);
            })*

            fn visit_longident(&mut self, path: &rocaml_base::Loc<Longident>) {
                self.add(Sort::Path, path.loc);
            }
        }
    };
}

gather! {
    visit_expression walk_expression Expression => Sort::Expression;
    visit_pattern walk_pattern Pattern => Sort::Pattern;
    visit_core_type walk_core_type CoreType => Sort::CoreType;
    visit_module_expr walk_module_expr ModuleExpr => Sort::ModuleExpr;
    visit_module_type walk_module_type ModuleType => Sort::ModuleType;
    visit_class_expr walk_class_expr ClassExpr => Sort::ClassExpr;
    visit_structure_item walk_structure_item StructureItem => Sort::Item;
    visit_signature_item walk_signature_item SignatureItem => Sort::Item;
    visit_type_declaration walk_type_declaration TypeDeclaration => Sort::TypeDeclaration;
}

/// All programs, read when they are first needed.
pub struct Corpus {
    paths: Vec<PathBuf>,
    read: RefCell<HashMap<usize, Rc<Source>>>,
}

impl Corpus {
    /// The OCaml sources in some folders and in the folders within them.
    pub fn find(folders: &[PathBuf]) -> std::io::Result<Corpus> {
        let mut paths = Vec::new();
        for folder in folders {
            gather_sources(&folder.canonicalize()?, &mut paths)?;
        }
        paths.sort();
        if paths.is_empty() {
            return Err(std::io::Error::other("no sources to mutate"));
        }
        Ok(Corpus { paths, read: RefCell::default() })
    }

    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// A source by its number.
    pub fn source(&self, index: usize) -> Rc<Source> {
        self.read.borrow_mut().entry(index).or_insert_with(|| Rc::new(Source::read(&self.paths[index]))).clone()
    }
}

fn gather_sources(folder: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather_sources(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "ml" || extension == "mli") {
            paths.push(path);
        }
    }
    Ok(())
}
