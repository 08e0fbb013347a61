//! What is wrong with an expression beyond its syntax. AWS looks for one sort of mistake in the whole expression
//! before it looks for the next, so mistakes are collected by sort, and the sort that comes first is reported.

/// Sorts of mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    RedundantParentheses,
    UnknownFunction,
    MisusedFunction,
    ReservedWord,
    /// The first mistake within a single comparison or function, by the sorts below.
    SingleCondition,
    Section,
    /// A name that is not defined; but for updates, a value too.
    Name,
    Value,
    Overlap,
    Conflict,
    OperandCount,
    SameOperands,
    OperandType,
}

/// In which order AWS looks for them in conditions.
pub(crate) const OF_CONDITIONS: &[Fault] = &[
    Fault::RedundantParentheses,
    Fault::UnknownFunction,
    Fault::MisusedFunction,
    Fault::ReservedWord,
    Fault::SingleCondition,
];

/// The same within a single comparison or function.
pub(crate) const OF_A_SINGLE_CONDITION: &[Fault] =
    &[Fault::Name, Fault::OperandCount, Fault::SameOperands, Fault::OperandType];

/// The same in updates.
pub(crate) const OF_UPDATES: &[Fault] = &[
    Fault::ReservedWord,
    Fault::UnknownFunction,
    Fault::Section,
    Fault::Name,
    Fault::Value,
    Fault::Overlap,
    Fault::Conflict,
    Fault::OperandCount,
    Fault::OperandType,
];

/// The same in projections.
pub(crate) const OF_PROJECTIONS: &[Fault] =
    &[Fault::ReservedWord, Fault::Name, Fault::Overlap, Fault::Conflict];

/// The first mistake of each sort.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(Fault, String)>);

impl Faults {
    /// Notes a mistake, unless there is one of its sort.
    pub(crate) fn note(&mut self, fault: Fault, message: impl FnOnce() -> String) {
        if !self.has(fault) {
            self.0.push((fault, message()));
        }
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.0.iter().any(|(known, _)| *known == fault)
    }

    /// The mistake that is reported, by this order.
    pub(crate) fn first(&self, order: &[Fault]) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        order
            .iter()
            .find_map(|fault| self.0.iter().find(|(known, _)| known == fault))
            .map(|(_, text)| &**text)
    }
}
