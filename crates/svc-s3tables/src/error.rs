//! The errors that a caller of S3 Tables can see. The model has one for each status; the text tells them apart.

use virga_kit::Validation;
use virga_model::{ApiError, Protocol};
use virga_wire::Violation;

virga_kit::service_errors! {
    /// Errors of S3 Tables.
    pub(crate) enum Error in virga_api::s3tables {
        /// The name is taken in the account and region.
        BucketExists => modelled conflict_exception:
            "The bucket that you tried to create already exists, and you own it.";
        /// There are namespaces in it.
        BucketNotEmpty => modelled conflict_exception: "The bucket that you tried to delete is not empty.";
        /// No such table bucket in the region.
        BucketNotFound => modelled not_found_exception: "The specified bucket does not exist.";
        /// A name that table buckets may not have.
        InvalidBucketName => modelled bad_request_exception: "The specified bucket name is not valid.";
        /// More table buckets than an account may have in a region.
        TooManyBuckets => modelled bad_request_exception: "You have attempted to create more buckets than allowed.";
        /// The name is taken in the table bucket.
        NamespaceExists => modelled conflict_exception:
            "A namespace with an identical name already exists in the bucket.";
        /// No such namespace in the table bucket.
        NamespaceNotFound => modelled not_found_exception: "The specified namespace does not exist.";
        /// A name that namespaces may not have.
        InvalidNamespaceName => modelled bad_request_exception: "The specified namespace name is not valid.";
        /// More namespaces than a table bucket may have.
        TooManyNamespaces => modelled bad_request_exception:
            "You have attempted to create more namespaces than allowed.";
        /// There are tables in it.
        NamespaceNotEmpty => modelled conflict_exception: "The namespace that you tried to delete is not empty.";
        /// No such namespace to move a table to.
        NewNamespaceNotFound => modelled not_found_exception:
            "The specified destination namespace does not exist.";
        /// The name is taken in the namespace.
        TableExists => modelled conflict_exception:
            "A table with an identical name already exists in the namespace.";
        /// No such table.
        TableNotFound => modelled not_found_exception: "The specified table does not exist.";
        /// A name that tables may not have.
        InvalidTableName => modelled bad_request_exception: "The specified table name is not valid.";
        /// More tables than a table bucket may have.
        TooManyTables => modelled bad_request_exception: "You have attempted to create more tables than allowed.";
        /// Neither the ARN nor all of the names of a table.
        NoTableNamed => modelled bad_request_exception:
            "Specify either the ARN of the table, or its table bucket, namespace and name.";
        /// Somebody else has changed the table.
        VersionTokenMismatch => modelled conflict_exception:
            "Provided version token does not match the table version token.";
        /// Nothing that metadata of the table may be in.
        InvalidMetadataLocation => modelled bad_request_exception:
            "The specified metadata location is not valid.";
        /// What no table of Apache Iceberg can be.
        InvalidMetadata { reason: String } => modelled bad_request_exception:
            "The specified metadata is not valid: {reason}";
        /// Neither a namespace nor a name to rename to.
        NothingToRename => modelled bad_request_exception:
            "Neither a new namespace name nor a new table name is specified.";
        /// A key where none is used, or none where one is.
        InvalidEncryption { reason: String } => modelled bad_request_exception: "{reason}";
        /// Nothing is said about encryption.
        EncryptionNotFound => modelled not_found_exception:
            "The specified bucket has no encryption configuration.";
        /// A table without a policy of its own.
        TablePolicyNotFound => modelled not_found_exception: "The specified table policy does not exist.";
        /// What only a service of AWS may change.
        Managed => modelled forbidden_exception: "The resource is managed by an AWS service and can't be modified.";
        /// The table bucket has no policy.
        PolicyNotFound => modelled not_found_exception: "The specified bucket policy does not exist.";
        /// What is no policy, or names somebody who is not there.
        InvalidPolicy { reason: String } => modelled bad_request_exception: "Invalid policy: {reason}";
        /// Table buckets always block public access.
        PublicPolicy => modelled forbidden_exception:
            "The policy grants public access, which table buckets always block.";
        /// Tags that can't be.
        InvalidTags { reason: String } => modelled bad_request_exception: "{reason}";
        /// A token that no listing gave.
        InvalidToken => modelled bad_request_exception: "The continuation token is not valid.";
        /// What is no ARN of something that has tags.
        InvalidArn => modelled bad_request_exception: "The specified resource ARN is not valid.";
    }
}

/// A request that breaks the constraints of the model.
pub(crate) fn invalid_request(protocol: Protocol, violations: &[Violation]) -> ApiError {
    let standard = (Validation::STANDARD.error)(protocol, violations);
    virga_api::s3tables::error::bad_request_exception(standard.message)
}
