//! The stored records, each with its version and the way from the version before.
