//! The AWS protocols, both directions, driven by the model; does no I/O and knows no service.
