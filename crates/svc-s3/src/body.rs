//! The bytes of objects: how they are sealed, written and read, and when their files go away.

mod any_place;
mod keys;
mod reading;
mod removal;
mod sealed_file;
mod sealing;
mod small;
mod writing;

pub(crate) use any_place::AnyPlace;
pub(crate) use keys::DataKeys;
pub(crate) use reading::BodyReader;
pub(crate) use removal::remove_later;
pub(crate) use small::SmallBody;
pub(crate) use writing::{NewBody, Pieces, Place, Received, receive};
