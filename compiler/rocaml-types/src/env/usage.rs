//! Which definitions are used: the bookkeeping behind warnings 32, 34, 37, 38, 60 and 69.

/// How a constructor is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstructorUsage {
    Positive,
    Pattern,
    ExportedPrivate,
    Exported,
}
/// How a label is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LabelUsage {
    Projection,
    Mutation,
    Construct,
    ExportedPrivate,
    Exported,
}

/// The definitions being watched.
#[derive(Default)]
pub struct UsageTable {}
