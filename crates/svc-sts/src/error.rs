//! The errors that a caller of STS can see, in AWS's words.

virga_kit::service_errors! {
    /// Errors of AWS STS.
    pub(crate) enum Error in virga_api::sts {
        /// The text is no access key id.
        InvalidAccessKeyId => common "ValidationError" 400: "Invalid AccessKeyId";
    }
}
