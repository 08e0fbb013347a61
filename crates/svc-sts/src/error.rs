//! The errors that a caller can see, with AWS's wording.

virga_kit::service_errors! {
    /// Why an operation did not answer.
    pub(crate) enum Error in virga_api::sts {
    }
}
