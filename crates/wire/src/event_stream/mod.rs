//! Event streams: `application/vnd.amazon.eventstream`.
//!
//! [`Message`] is one frame; [`FrameReader`] takes frames out of bytes as they come. [`encode_event`] and
//! [`decode_event`] go between frames and the members of an event stream's shape.

mod event;
mod frame;

pub use event::{Event, decode_event, encode_error, encode_event, encode_initial};
pub use frame::{FrameError, FrameReader, HeaderValue, Message};
