//! The bytes of objects: how they are sealed, written and read, and when their files go away.

mod any_place;
mod keys;
mod reading;
mod removal;
mod sealed_copy;
mod sealed_file;
mod sealing;
mod small;
mod writing;

pub use any_place::AnyPlace;
pub use keys::DataKeys;
pub use reading::BodyReader;
pub use removal::remove_later;
pub use sealed_copy::SealedBody;
pub use small::SmallBody;
pub use writing::{NewBody, Pieces, Place, Received, receive};
