//! Signatures, callers and policies (pure).
