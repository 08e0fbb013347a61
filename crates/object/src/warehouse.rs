//! Buckets of tables: their names, and which permission of S3 Tables an operation on their objects needs.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-setting-up.html>

/// How their names end.
const SUFFIX: &str = "--table-s3";
/// The services that keep tables and may do anything.
pub const KEEPERS: [&str; 3] = ["s3tables.amazonaws.com", "s3.amazonaws.com", "metadata.s3.amazonaws.com"];
/// The tag that tells the table of a new one.
pub const TABLE: &str = "aws:s3tables:table";
/// The tag that tells which service writes a new one, and nobody else.
pub const MANAGED_BY: &str = "aws:s3tables:managed-by";
/// The tags that tell the names of the table, which are condition keys of policies.
pub const NAMES: [&str; 2] = ["s3tables:namespace", "s3tables:tableName"];
/// The permission to read objects.
const READING: &str = "s3tables:GetTableData";
/// The permission to write objects.
pub const WRITING: &str = "s3tables:PutTableData";

/// Whether a bucket of this name is of a table.
pub fn is_name(bucket: &str) -> bool {
    bucket.ends_with(SUFFIX)
}

/// The permission that an operation needs; none where there is no such operation on these buckets.
pub fn action(operation: &str) -> Option<&'static str> {
    match operation {
        "GetObject" | "HeadObject" | "ListParts" => Some(READING),
        "PutObject"
        | "CreateMultipartUpload"
        | "UploadPart"
        | "CompleteMultipartUpload"
        | "AbortMultipartUpload" => Some(WRITING),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read_and_written_and_nothing_else() {
        for (operation, expected) in [
            ("GetObject", Some(READING)),
            ("ListParts", Some(READING)),
            ("UploadPart", Some(WRITING)),
            ("DeleteObject", None),
            ("ListObjectsV2", None),
            ("PutBucketPolicy", None),
        ] {
            assert_eq!(action(operation), expected, "{operation}");
        }
        assert!(is_name("63a8e430--table-s3") && !is_name("table-s3"));
    }
}
