//! AWS's API models in flat form, and the schema'd value (Record) that everything passes around.
