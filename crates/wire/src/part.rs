//! Which members of an outermost structure a body holds.

use virga_model::{Location, Member};

/// A part of a structure. Inside of it, structures are whole: bindings count for inputs, outputs and errors only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// All members.
    Whole,
    /// What a request carries neither in the path, the query nor headers.
    RequestBody,
    /// What an answer carries neither in headers nor as status. Bindings to the URI mean nothing here.
    AnswerBody,
}

impl Part {
    /// Whether the member belongs to it.
    pub(crate) fn holds(self, member: Member) -> bool {
        match self {
            Part::Whole => true,
            Part::RequestBody => member.location() == Location::Body,
            Part::AnswerBody => {
                !matches!(member.location(), Location::Header | Location::Headers | Location::StatusCode)
            }
        }
    }
}
