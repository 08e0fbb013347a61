//! Pages of a listing of keys, as S3 lists: in order, keys with the same beginning up to a delimiter rolled up into one.
//! Knows the store's ranges and nothing of what is listed.

mod walk;

pub use walk::{Last, Listed, Page, Rows, Scan, Start, walk};
