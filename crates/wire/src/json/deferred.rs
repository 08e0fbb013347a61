//! Deferred values to JSON, straight into the body.

use std::fmt::Display;
use std::io::Write as _;

use virga_model::Writer;

use super::write::{push_blob, push_string};

/// Writes a deferred value to the end of a body. What was written last tells whether a comma is due: after the
/// beginning of an object or a list, and after a name, none is.
pub(super) struct Deferring<'a>(pub(super) &'a mut Vec<u8>);

impl Deferring<'_> {
    fn separate(&mut self) {
        if !matches!(self.0.last(), Some(b'{' | b'[' | b':' | b',')) {
            self.0.push(b',');
        }
    }
}

impl Writer for Deferring<'_> {
    fn begin_object(&mut self) {
        self.separate();
        self.0.push(b'{');
    }

    fn end_object(&mut self) {
        self.0.push(b'}');
    }

    fn begin_list(&mut self) {
        self.separate();
        self.0.push(b'[');
    }

    fn end_list(&mut self) {
        self.0.push(b']');
    }

    fn name(&mut self, name: &str) {
        self.string(name);
        self.0.push(b':');
    }

    fn string(&mut self, text: &str) {
        self.separate();
        push_string(self.0, text);
    }

    fn plain(&mut self, text: &dyn Display) {
        self.separate();
        let written = write!(self.0, "\"{text}\"");
        debug_assert!(written.is_ok(), "writing to a vector does not fail");
    }

    fn blob(&mut self, bytes: &[u8]) {
        self.separate();
        push_blob(self.0, bytes);
    }

    fn boolean(&mut self, value: bool) {
        self.separate();
        self.0.extend_from_slice(if value { b"true" } else { b"false" });
    }
}
