//! The protocols, through the public interface.

mod envelopes;
mod validation;
mod vectors;
