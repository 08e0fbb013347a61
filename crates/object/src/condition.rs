//! Conditions on reads and writes: `If-Match`, `If-None-Match`, `If-Modified-Since`, `If-Unmodified-Since`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html>

use virga_model::{Record, Timestamp, Value};

use crate::etag::{self, Etag};
use crate::{Error, members};

/// What a condition is about.
/// <https://www.rfc-editor.org/rfc/rfc9110.html#name-validator-fields>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validators {
    /// The entity tag of the version.
    pub etag: Etag,
    /// When it was written, in microseconds since the epoch.
    pub modified: i64,
}

/// The names of the conditions of a read, in the request and in the error.
struct Names {
    if_match: (&'static str, &'static str),
    if_none_match: (&'static str, &'static str),
    if_modified_since: (&'static str, &'static str),
    if_unmodified_since: (&'static str, &'static str),
}

const READ: Names = Names {
    if_match: ("IfMatch", "If-Match"),
    if_none_match: ("IfNoneMatch", "If-None-Match"),
    if_modified_since: ("IfModifiedSince", "If-Modified-Since"),
    if_unmodified_since: ("IfUnmodifiedSince", "If-Unmodified-Since"),
};

const COPY: Names = Names {
    if_match: ("CopySourceIfMatch", "x-amz-copy-source-If-Match"),
    if_none_match: ("CopySourceIfNoneMatch", "x-amz-copy-source-If-None-Match"),
    if_modified_since: ("CopySourceIfModifiedSince", "x-amz-copy-source-If-Modified-Since"),
    if_unmodified_since: ("CopySourceIfUnmodifiedSince", "x-amz-copy-source-If-Unmodified-Since"),
};

const RENAME_SOURCE: Names = Names {
    if_match: ("SourceIfMatch", "x-amz-rename-source-if-match"),
    if_none_match: ("SourceIfNoneMatch", "x-amz-rename-source-if-none-match"),
    if_modified_since: ("SourceIfModifiedSince", "x-amz-rename-source-if-modified-since"),
    if_unmodified_since: ("SourceIfUnmodifiedSince", "x-amz-rename-source-if-unmodified-since"),
};

const RENAME_DESTINATION: Names = Names {
    if_match: ("DestinationIfMatch", "If-Match"),
    if_none_match: ("DestinationIfNoneMatch", "If-None-Match"),
    if_modified_since: ("DestinationIfModifiedSince", "If-Modified-Since"),
    if_unmodified_since: ("DestinationIfUnmodifiedSince", "If-Unmodified-Since"),
};

/// Checks the conditions of a rename on what is renamed, and on what has the new name so far.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_RenameObject.html>
pub fn check_rename(
    request: &Record,
    source: Validators,
    destination: Option<Validators>,
) -> Result<(), Error> {
    let failed = |condition: &str| Error::PreconditionFailed { condition: condition.to_owned() };
    let check = |names: &Names, version| {
        let modified_since = members::time(request, names.if_modified_since.0);
        check_tags_and_times(request, names, version, modified_since, failed)
    };
    check(&RENAME_SOURCE, source)?;
    if let Some(destination) = destination {
        return check(&RENAME_DESTINATION, destination);
    }
    // What is not there has no tag, and was not modified.
    let wanted = [RENAME_DESTINATION.if_match, RENAME_DESTINATION.if_modified_since];
    let says = |member| !matches!(request.by_name(member), None | Some(Value::Null));
    match wanted.iter().find(|(member, _)| says(member)) {
        Some((_, condition)) => Err(failed(condition)),
        None => Ok(()),
    }
}

/// Checks the conditions of a read of the version.
pub fn check_read(request: &Record, version: Validators) -> Result<(), Error> {
    check(request, &READ, version, || {
        let modified = virga_wire::timestamp::rfc822(Timestamp::from_micros(version.modified));
        Error::NotModified.with_headers([("etag", etag::quoted(version.etag)), ("last-modified", modified)])
    })
}

/// Checks the conditions of a copy on its source.
pub fn check_source(request: &Record, version: Validators, now: Timestamp) -> Result<(), Error> {
    // A time to come is no condition.
    let (member, condition) = COPY.if_modified_since;
    let modified_since = members::time(request, member).filter(|since| *since <= now);
    check_tags_and_times(request, &COPY, version, modified_since, |failed| {
        let condition = if failed == COPY.if_none_match.1 { failed } else { condition };
        Error::PreconditionFailed { condition: condition.to_owned() }
    })
}

fn check(
    request: &Record,
    names: &Names,
    version: Validators,
    unchanged: impl Fn() -> Error,
) -> Result<(), Error> {
    let modified_since = members::time(request, names.if_modified_since.0);
    check_tags_and_times(request, names, version, modified_since, |_| unchanged())
}

fn check_tags_and_times(
    request: &Record,
    names: &Names,
    version: Validators,
    modified_since: Option<Timestamp>,
    unchanged: impl Fn(&'static str) -> Error,
) -> Result<(), Error> {
    let failed = |condition: &str| Error::PreconditionFailed { condition: condition.to_owned() };
    let modified = Timestamp::from_micros(version.modified).secs();
    let if_match = members::text(request, names.if_match.0);
    if let Some(tags) = if_match {
        if !etag::matches(tags, version.etag) {
            return Err(failed(names.if_match.1));
        }
    } else if let Some(since) = members::time(request, names.if_unmodified_since.0)
        && modified > since.secs()
    {
        return Err(failed(names.if_unmodified_since.1));
    }
    let if_none_match = members::text(request, names.if_none_match.0);
    if let Some(tags) = if_none_match {
        if etag::matches(tags, version.etag) {
            return Err(unchanged(names.if_none_match.1));
        }
    } else if modified_since.is_some_and(|since| modified <= since.secs()) {
        return Err(unchanged(names.if_modified_since.1));
    }
    Ok(())
}

/// The condition of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteCondition {
    /// There is none.
    Always,
    /// The object has this entity tag.
    Matches(String),
    /// There is no object.
    Absent,
}

impl WriteCondition {
    /// Reads the conditions of a write.
    pub fn of_request(request: &Record) -> Result<Self, Error> {
        let if_match = members::text(request, "IfMatch");
        let if_none_match = members::text(request, "IfNoneMatch");
        match (if_match, if_none_match) {
            (None, None) => Ok(WriteCondition::Always),
            (Some(_), Some(_)) => Err(Error::HeaderNotImplemented {
                header: "If-Match,If-None-Match".to_owned(),
                more: "Multiple conditional request headers present in the request".to_owned(),
            }),
            (None, Some("*")) => Ok(WriteCondition::Absent),
            (None, Some(_)) => Err(not_accepted("If-None-Match")),
            (Some("*"), None) => Err(not_accepted("If-Match")),
            (Some(tag), None) => Ok(WriteCondition::Matches(tag.to_owned())),
        }
    }

    /// Checks it against the object that is there; delete markers are none.
    pub fn check(&self, object: Option<Validators>, key: &str) -> Result<(), Error> {
        let failed = |condition: &str| Error::PreconditionFailed { condition: condition.to_owned() };
        match (self, object) {
            (WriteCondition::Always, _) | (WriteCondition::Absent, None) => Ok(()),
            (WriteCondition::Absent, Some(_)) => Err(failed("If-None-Match")),
            (WriteCondition::Matches(_), None) => Err(Error::NoSuchKey { key: key.to_owned() }),
            (WriteCondition::Matches(tag), Some(object)) if etag::matches(tag, object.etag) => Ok(()),
            (WriteCondition::Matches(_), Some(_)) => Err(failed("If-Match")),
        }
    }
}

/// Checks that an upload was initiated when the caller thinks.
pub fn check_initiated(expected: Option<Timestamp>, initiated: i64) -> Result<(), Error> {
    let initiated = Timestamp::from_micros(initiated).secs();
    if expected.is_some_and(|expected| expected.secs() != initiated) {
        let condition = "x-amz-if-match-initiated-time".to_owned();
        return Err(Error::PreconditionFailed { condition });
    }
    Ok(())
}

fn not_accepted(header: &str) -> Error {
    let more = format!("We don't accept the provided value of {header} header for this API");
    Error::HeaderNotImplemented { header: header.to_owned(), more }
}
