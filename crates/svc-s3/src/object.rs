//! Objects: writing, reading, copying, deleting them one by one.

mod acl;
mod attributes;
mod copy;
mod delete;
mod draft;
mod get;
mod put;
mod show;
mod tagging;
mod update_encryption;
mod whole;

pub(crate) use acl::{get_object_acl, put_object_acl};
pub(crate) use attributes::get_object_attributes;
pub(crate) use copy::{copy_object, open_source};
pub(crate) use delete::{delete_object, delete_objects};
pub(crate) use draft::Draft;
pub(crate) use get::{Source, get_object, head_object, open_any_place, open_archived};
pub(crate) use put::{Expected, FORM, check_length, etag_of_received, ownership_of_new, put_object};
pub(crate) use show::{show_checksum, show_version};
pub(crate) use tagging::{delete_object_tagging, get_object_tagging, put_object_tagging};
pub(crate) use update_encryption::update_object_encryption;
pub(crate) use whole::open_whole;

use virga_object::Error;

/// Bytes of a key.
const LONGEST_KEY: usize = 1024;
/// Bytes of an object that is written in one piece, or of a part.
pub(crate) const MOST_AT_ONCE: u64 = 5 << 30;

/// Checks the length of a key, which may stand in a request or in a list.
pub(crate) fn check_key(key: &str) -> Result<(), Error> {
    if key.len() > LONGEST_KEY {
        return Err(Error::KeyTooLong { size: key.len().to_string(), most: LONGEST_KEY.to_string() });
    }
    Ok(())
}
