//! Typed inputs, outputs and errors of every operation, generated from the models.
