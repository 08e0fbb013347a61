//! The errors that a caller of S3 Batch Operations can see.

virga_kit::service_errors! {
    /// Errors of S3 Batch Operations.
    pub(crate) enum Error in virga_api::s3control {
        /// There is no such job.
        NotFound { reason: String } => common "NotFoundException" 404: "{reason}";
        /// The request makes no sense.
        BadRequest { reason: String } => common "BadRequestException" 400: "{reason}";
        /// No list gave that token.
        InvalidNextToken => common "InvalidNextTokenException" 400: "The next token is not valid";
        /// The job can't become what is asked.
        JobStatus { reason: String } => common "JobStatusException" 400: "{reason}";
        /// Too many tags.
        TooManyTags { reason: String } => common "TooManyTagsException" 400: "{reason}";
        /// An operation that jobs can't do.
        NotImplemented { reason: String } => common "NotImplemented" 501: "{reason}";
    }
}

impl From<virga_object::Error> for Error {
    fn from(error: virga_object::Error) -> Self {
        match error.into_api() {
            Ok(error) => Error::Fault(virga_store::Fault::new(error.message.to_string())),
            Err(fault) => Error::Fault(fault),
        }
    }
}
