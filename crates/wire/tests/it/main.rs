//! The protocols, through the public interface.

mod envelopes;
mod events;
mod generate;
mod robustness;
mod round_trip;
mod validation;
mod vectors;
