//! Documents of configurations as callers give them: AWS's own structures.

use virga_model::view::Structure;
use virga_model::{Member, Record, Shape};
use virga_wire::Rules;

use crate::Error;

/// Refuses a document that lacks something, or has a value that its enumeration does not.
pub fn check(structure: &impl Structure) -> Result<(), Error> {
    let rules = Rules { patterns: false, enums: true };
    if virga_wire::validate(structure.as_record(), rules).is_empty() {
        Ok(())
    } else {
        Err(Error::MalformedXml)
    }
}

/// Moves the members of one structure into another that has them too.
pub fn spread<From: Structure, To: Structure>(from: From) -> To {
    let mut from = from.into_record();
    let mut to = To::shape().map_or_else(Record::empty, Record::new);
    let members: Vec<&str> = from.shape().into_iter().flat_map(Shape::members).map(Member::name).collect();
    for (ordinal, member) in members.into_iter().enumerate() {
        let value = from.take(ordinal);
        to.set_by_name(member, value);
    }
    To::from_record(to)
}
