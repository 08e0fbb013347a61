//! Where the members of a structure travel. Inputs of some operations have dozens of members, of which a request carries a
//! few: what the model says of them is looked up once for each thread.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use http::HeaderName;
use virga_model::{Location, Member, Shape};

use crate::part::Part;

/// A member that does not travel in the body.
pub(super) struct Bound {
    pub(super) ordinal: usize,
    pub(super) member: Member,
    /// Its name on the wire.
    pub(super) name: &'static [u8],
    /// The same as the name of a header, where it can be one.
    pub(super) header: Option<HeaderName>,
}

/// The members of one structure by where they travel.
#[derive(Default)]
pub(super) struct Bindings {
    /// In the path.
    pub(super) labels: Vec<Bound>,
    /// In a header of their own.
    pub(super) headers: Vec<Bound>,
    /// In all headers that begin with their name.
    pub(super) prefixed: Vec<Bound>,
    /// As the status of an answer.
    pub(super) status: Option<usize>,
    /// Whether the body of a request has any.
    in_request_body: bool,
    /// Whether the body of an answer has any.
    in_answer_body: bool,
}

thread_local! {
    static KNOWN: RefCell<HashMap<Shape, Rc<Bindings>>> = RefCell::default();
}

impl Bindings {
    /// Those of a structure.
    pub(super) fn of(shape: Shape) -> Rc<Self> {
        let known = KNOWN.with_borrow(|known| known.get(&shape).cloned());
        known.unwrap_or_else(|| {
            let bindings = Rc::new(Self::of_model(shape));
            KNOWN.with_borrow_mut(|known| known.insert(shape, Rc::clone(&bindings)));
            bindings
        })
    }

    fn of_model(shape: Shape) -> Self {
        let mut bindings = Bindings::default();
        for (ordinal, member) in shape.members().enumerate() {
            let name = member.wire_name_bytes();
            let bound = Bound { ordinal, member, name, header: HeaderName::from_bytes(name).ok() };
            match member.location() {
                Location::Uri => bindings.labels.push(bound),
                Location::Header => bindings.headers.push(bound),
                Location::Headers => bindings.prefixed.push(bound),
                Location::StatusCode => bindings.status = bindings.status.or(Some(ordinal)),
                Location::QueryString | Location::Body => {}
            }
            bindings.in_request_body |= Part::RequestBody.holds(member);
            bindings.in_answer_body |= Part::AnswerBody.holds(member);
        }
        bindings
    }

    /// Whether any member travels in the body.
    pub(super) fn has_body(&self, part: Part) -> bool {
        match part {
            Part::Whole => true,
            Part::RequestBody => self.in_request_body,
            Part::AnswerBody => self.in_answer_body,
        }
    }
}
