//! Compiles API models (JSON) into the flat, offset-addressed form that the binary embeds.
