//! The errors that a caller of DynamoDB can see, in AWS's words.

use virga_item::Invalid;

virga_kit::service_errors! {
    /// Errors of Amazon DynamoDB.
    pub(crate) enum Error in virga_api::dynamodb {
        /// A value that DynamoDB does not take.
        Validation { reason: String } => common "ValidationException" 400: "{reason}";
        /// A value that DynamoDB does not take. Its operations word that in one of two ways: see
        /// [`Error::in_current_words`].
        Value { texts: ValueTexts } => common "ValidationException" 400: "{texts}";
        /// What is named is not there.
        ResourceNotFound { reason: String } => modelled resource_not_found_exception: "{reason}";
        /// What is named is there already, or in a state in which it can't be changed.
        ResourceInUse { reason: String } => modelled resource_in_use_exception: "{reason}";
        /// Too much of something.
        LimitExceeded { reason: String } => modelled limit_exceeded_exception: "{reason}";
        /// The resource has no policy, or not in that revision.
        PolicyNotFound { reason: String } => modelled policy_not_found_exception: "{reason}";
        /// The condition of a write is not met.
        ConditionalCheckFailed => modelled conditional_check_failed_exception: "The conditional request failed";
        /// The item that is to be inserted exists.
        DuplicateItem => modelled duplicate_item_exception: "Duplicate primary key exists in table";
        /// More than 10 GB under one partition key of a table with local indexes.
        ItemCollectionSizeLimitExceeded => modelled item_collection_size_limit_exceeded_exception:
            "Item collection size limit of 10 gigabytes exceeded.";
        /// What is not built.
        NotImplemented { what: &'static str } => common "NotImplemented" 501: "{what} are not implemented.";
        /// KMS does not open the key of the table for the caller.
        KmsAccessDenied { reason: String } => common "AccessDeniedException" 400: "{reason}";
        /// No such table, in the words of operations on backups.
        TableNotFound { name: String } => modelled table_not_found_exception: "Table not found: {name}";
        /// No such global table.
        GlobalTableNotFound { name: String } => modelled global_table_not_found_exception:
            "Global table not found: Global table with name: '{name}' does not exist.";
        /// No such global table, in the words of the operations on its settings.
        GlobalTableSettingsNotFound { name: String } => modelled global_table_not_found_exception:
            "Global table with name: '{name}' does not exist.";
        /// The global table is there already.
        GlobalTableAlreadyExists { name: String } => modelled global_table_already_exists_exception:
            "Global table already exists: Global table with name: '{name}' already exists.";
        /// The region is among those of the global table already.
        ReplicaAlreadyExists { name: String, region: String } => modelled replica_already_exists_exception:
            "Failed to add replica of global table '{name}': the region {region} is a replica already.";
        /// The region is not among those of the global table.
        ReplicaNotFound { name: String, region: String } => modelled replica_not_found_exception:
            "Failed to change global table '{name}': the region {region} is no replica.";
        /// No such index.
        IndexNotFound { name: String } => modelled index_not_found_exception: "Index not found: {name}";
        /// The table to be restored is there already.
        TableAlreadyExists { name: String } => modelled table_already_exists_exception: "Table already exists: {name}";
        /// No such export.
        ExportNotFound { arn: String } => modelled export_not_found_exception: "Export not found: {arn}";
        /// The client token was used for another export.
        ExportConflict => modelled export_conflict_exception:
            "An export with the same client token and other parameters exists";
        /// The time is not among those that can be exported.
        InvalidExportTime => modelled invalid_export_time_exception:
            "The specified ExportTime is outside of the point in time recovery window";
        /// No such import.
        ImportNotFound { arn: String } => modelled import_not_found_exception: "Import not found: {arn}";
        /// No such backup.
        BackupNotFound { arn: String } => modelled backup_not_found_exception: "Backup not found: {arn}";
        /// The table keeps no changes.
        RecoveryUnavailable { name: String } => modelled point_in_time_recovery_unavailable_exception:
            "Point in time recovery is not enabled for table '{name}'";
        /// The time is not among those that can be restored.
        InvalidRestoreTime => modelled invalid_restore_time_exception:
            "The specified restore date time is not between EarliestRestorableDateTime and LatestRestorableDateTime";
        /// A part of a transaction can't be done.
        TransactionCanceled { reasons: String } => modelled transaction_canceled_exception:
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{reasons}]";
        /// The client token was used for another transaction.
        IdempotentParameterMismatch => modelled idempotent_parameter_mismatch_exception:
            "Request parameters do not match those of the original request with the same client token.";
    }
}

/// What is wrong with a value, in the older words and in the newer ones.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ValueTexts {
    older: String,
    current: String,
}

impl std::fmt::Display for ValueTexts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.older)
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        match invalid.into_texts() {
            (older, Some(current)) => Error::Value { texts: ValueTexts { older, current } },
            (reason, None) => Error::Validation { reason },
        }
    }
}

impl Error {
    /// A value that DynamoDB does not take, with the reason.
    pub(crate) fn validation(reason: impl Into<String>) -> Self {
        Error::Validation { reason: reason.into() }
    }

    /// A value that DynamoDB does not take, in the words in which it reports most of them.
    pub(crate) fn invalid_values(reason: impl std::fmt::Display) -> Self {
        Error::Validation { reason: format!("One or more parameter values were invalid: {reason}") }
    }

    /// As operations tell values today whose requests AWS checks in its newer way: `GetItem`, `BatchGetItem`, `Query`.
    pub(crate) fn in_current_words(self) -> Self {
        match self {
            Error::Value { texts } => Error::Validation { reason: texts.current },
            error => error,
        }
    }

    /// As `PutItem`, `UpdateItem` and `DeleteItem` tell what is wrong with a request before they look at its table.
    pub(crate) fn in_envelope(self) -> Self {
        const ENVELOPE: &str = "1 validation error detected: ";
        match self.in_current_words() {
            Error::Validation { reason } if !reason.starts_with(ENVELOPE) => {
                Error::Validation { reason: format!("{ENVELOPE}{reason}") }
            }
            error => error,
        }
    }

    /// No such table, in the words of operations on tables.
    pub(crate) fn table_not_found(name: &str) -> Self {
        Error::ResourceNotFound { reason: format!("Requested resource not found: Table: {name} not found") }
    }
}
