//! The scope of an access point of a directory bucket: what can be done through it, and to which keys.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-directory-buckets-manage-scope.html>

use serde::{Deserialize, Serialize};
use virga_api::s3control as api;
use virga_model::Record;
use virga_model::view::List;
use virga_store::stored;

use crate::bucket_policy::matches;
use crate::{Error, members};

/// All prefixes together are shorter than this, in bytes.
const PREFIX_BYTES: usize = 256;
/// What a scope can permit.
const PERMISSIONS: [&str; 8] = [
    "GetObject",
    "GetObjectAttributes",
    "ListMultipartUploadParts",
    "ListBucket",
    "ListBucketMultipartUploads",
    "PutObject",
    "DeleteObject",
    "AbortMultipartUpload",
];

/// A scope. What has no prefixes is for all keys, what has no permissions for all that can be done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessPointScope {
    /// How keys begin; `*` stands for any letters.
    pub prefixes: Vec<String>,
    /// What is permitted, by the names of actions.
    pub permissions: Vec<String>,
}
stored!(AccessPointScope, 1);

impl AccessPointScope {
    /// The scope of a request.
    pub fn given(scope: &api::Scope) -> Result<Self, Error> {
        let texts = |list: Option<List<'_, &str>>| -> Vec<String> {
            list.into_iter().flat_map(List::iter).map(str::to_owned).collect()
        };
        let given =
            AccessPointScope { prefixes: texts(scope.prefixes()), permissions: texts(scope.permissions()) };
        let is_known = |permission: &String| PERMISSIONS.contains(&permission.as_str());
        if !given.permissions.iter().all(is_known) {
            return Err(Error::MalformedXml);
        }
        if given.prefixes.iter().map(String::len).sum::<usize>() >= PREFIX_BYTES {
            return Err(Error::request("The total length of all prefixes must be less than 256 bytes."));
        }
        Ok(given)
    }

    /// As answers show it.
    pub fn shown(self) -> api::Scope {
        let some = |texts: Vec<String>| Some(texts).filter(|texts| !texts.is_empty());
        api::Scope::new().with_prefixes(some(self.prefixes)).with_permissions(some(self.permissions))
    }

    /// Whether it lets an operation through. Of `DeleteObjects` only whether it deletes: each key is asked for by itself.
    pub fn admits(&self, operation: &str, request: &Record) -> bool {
        let Some(permission) = permission(operation) else { return true };
        let begins_with = match operation {
            "HeadBucket" | "DeleteObjects" => return self.permits(permission),
            "ListObjectsV2" | "ListMultipartUploads" => "Prefix",
            _ => "Key",
        };
        self.covers(permission, members::text(request, begins_with).unwrap_or_default())
    }

    /// Whether it permits an action on a key, or on all keys with a prefix.
    pub fn covers(&self, permission: &str, key: &str) -> bool {
        let begins = |prefix: &String| matches(&format!("{prefix}*"), key);
        self.permits(permission) && (self.prefixes.is_empty() || self.prefixes.iter().any(begins))
    }

    fn permits(&self, permission: &str) -> bool {
        self.permissions.is_empty() || self.permissions.iter().any(|permitted| permitted == permission)
    }
}

/// What an operation needs of a scope. A session needs nothing: what is done with it is asked for.
fn permission(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "GetObject" | "HeadObject" => "GetObject",
        "GetObjectAttributes" => "GetObjectAttributes",
        "HeadBucket" | "ListObjectsV2" => "ListBucket",
        "ListParts" => "ListMultipartUploadParts",
        "ListMultipartUploads" => "ListBucketMultipartUploads",
        "DeleteObject" | "DeleteObjects" => "DeleteObject",
        "AbortMultipartUpload" => "AbortMultipartUpload",
        "CreateSession" => return None,
        // Copies, uploads in parts.
        _ => "PutObject",
    })
}

#[cfg(test)]
mod tests {
    use virga_api::s3;
    use virga_model::view::Structure as _;

    use super::*;

    fn scope(prefixes: &[&str], permissions: &[&str]) -> AccessPointScope {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        AccessPointScope { prefixes: owned(prefixes), permissions: owned(permissions) }
    }

    #[test]
    fn a_scope_is_of_keys_and_of_actions() {
        for (prefixes, permissions, operation, key, expected) in [
            (&[][..], &[][..], "PutObject", "k", true),
            (&["a/"], &[], "PutObject", "a/k", true),
            (&["a/"], &[], "PutObject", "b/k", false),
            (&["a/*.csv"], &[], "GetObject", "a/x.csv", true),
            (&["a/*.csv"], &[], "GetObject", "a/x.txt", false),
            (&["b", "a"], &["GetObject"], "HeadObject", "a", true),
            (&[], &["GetObject"], "PutObject", "a", false),
            (&[], &["PutObject"], "UploadPart", "a", true),
            (&[], &["PutObject"], "AbortMultipartUpload", "a", false),
            (&[], &["GetObject"], "GetObjectAttributes", "a", false),
            (&["a"], &["GetObject"], "CreateSession", "", true),
        ] {
            let request = s3::PutObjectInput::new().with_bucket("b").with_key(key).into_record();
            let admitted = scope(prefixes, permissions).admits(operation, &request);
            assert_eq!(admitted, expected, "{prefixes:?} {permissions:?} {operation} {key}");
        }
    }

    #[test]
    fn listings_stay_within_the_prefixes() {
        let list = |prefix: &str| s3::ListObjectsV2Input::new().with_bucket("b").with_prefix(prefix);
        let scope = scope(&["a/"], &["ListBucket"]);
        for (prefix, expected) in [("", false), ("a/", true), ("a/b/", true), ("b/", false)] {
            assert_eq!(scope.admits("ListObjectsV2", list(prefix).as_record()), expected, "{prefix}");
        }
        assert!(scope.admits("HeadBucket", list("").as_record()));
        assert!(!scope.admits("ListMultipartUploads", list("a/").as_record()));
    }

    #[test]
    fn what_a_request_says_is_checked() {
        let given = |scope: api::Scope| {
            AccessPointScope::given(&scope).map_err(|error| error.into_api().unwrap().code.to_string())
        };
        let both = api::Scope::new().with_prefixes(vec!["a"]).with_permissions(vec!["ListBucket"]);
        assert_eq!(given(both).unwrap(), scope(&["a"], &["ListBucket"]));
        let wrong = given(api::Scope::new().with_permissions(vec!["PutBucketPolicy"]));
        assert_eq!(wrong, Err("MalformedXML".to_owned()));
        let long = api::Scope::new().with_prefixes(vec!["a".repeat(128), "b".repeat(128)]);
        assert_eq!(given(long), Err("InvalidRequest".to_owned()));
    }
}
