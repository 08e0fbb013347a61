//! The errors that a caller of DynamoDB Streams can see.

virga_kit::service_errors! {
    /// Errors of Amazon DynamoDB Streams.
    pub(crate) enum Error in virga_api::dynamodbstreams {
        /// A value that is not taken.
        Validation { reason: String } => common "ValidationException" 400: "{reason}";
        /// No such stream or shard.
        ResourceNotFound { reason: String } => modelled resource_not_found_exception: "{reason}";
        /// The iterator is older than 15 minutes.
        ExpiredIterator { reason: String } => modelled expired_iterator_exception: "{reason}";
        /// What is asked for is older than a day.
        TrimmedDataAccess { reason: String } => modelled trimmed_data_access_exception: "{reason}";
    }
}

impl Error {
    /// A value that is not taken, with the reason.
    pub(crate) fn validation(reason: impl Into<String>) -> Self {
        Error::Validation { reason: reason.into() }
    }
}
