//! The errors that a caller of KMS can see, in AWS's words.

use virga_kit::Validation;
use virga_model::{ApiError, Protocol};
use virga_wire::{Violation, describe};

use crate::crypto::CryptoError;

virga_kit::service_errors! {
    /// Errors of AWS KMS.
    pub(crate) enum Error in virga_api::kms {
        /// No such key, alias or grant.
        NotFound { reason: String } => modelled not_found_exception: "{reason}";
        /// The key is disabled.
        Disabled { arn: String } => modelled disabled_exception: "{arn} is disabled.";
        /// The key's state does not allow the operation.
        InvalidState { reason: String } => modelled kms_invalid_state_exception: "{reason}";
        /// The key is not for this.
        InvalidKeyUsage { reason: String } => modelled invalid_key_usage_exception: "{reason}";
        /// Not for this key.
        UnsupportedOperation { reason: String } => modelled unsupported_operation_exception: "{reason}";
        /// The ciphertext is damaged, or its encryption context is another. AWS says no more.
        InvalidCiphertext => modelled invalid_ciphertext_exception: "";
        /// The ciphertext was made with another key than the one named.
        IncorrectKey => modelled incorrect_key_exception:
            "The key ID in the request does not identify a CMK that can perform this operation.";
        /// The signature is not the message's. AWS says no more.
        InvalidSignature => modelled kms_invalid_signature_exception: "";
        /// The code is not the message's. AWS says no more.
        InvalidMac => modelled kms_invalid_mac_exception: "";
        /// It would have succeeded.
        DryRun => modelled dry_run_operation_exception:
            "The request would have succeeded, but the DryRun option is set.";
        /// A parameter has no such value.
        Validation { reason: String } => common "ValidationException" 400: "{reason}";
        /// The caller may not.
        AccessDenied { reason: String } => common "AccessDeniedException" 400: "{reason}";
        /// Names that AWS keeps for itself. AWS says no more.
        NotAuthorized => common "NotAuthorizedException" 400: "";
        /// It is there already.
        AlreadyExists { reason: String } => modelled already_exists_exception: "{reason}";
        /// The ARN is none, or not of the right thing.
        InvalidArn { reason: String } => modelled invalid_arn_exception: "{reason}";
        /// The token of no grant.
        InvalidGrantToken => modelled invalid_grant_token_exception: "Invalid grant token";
        /// The marker of no listing.
        InvalidMarker => modelled invalid_marker_exception: "Invalid marker";
        /// A quota is used up.
        LimitExceeded { reason: String } => modelled limit_exceeded_exception: "{reason}";
        /// The text is no key policy, or would lock everyone out.
        MalformedPolicy { reason: String } => modelled malformed_policy_document_exception: "{reason}";
        /// A tag is not allowed.
        Tag { reason: String } => modelled tag_exception: "{reason}";
        /// The token to import with is older than 24 hours.
        ExpiredImportToken => modelled expired_import_token_exception: "The import token has expired.";
        /// The token to import with was not made here, or for another key.
        InvalidImportToken => modelled invalid_import_token_exception: "The import token is not valid.";
        /// The imported key material is not the one that the key had.
        IncorrectKeyMaterial { reason: String } => modelled incorrect_key_material_exception: "{reason}";
        /// No such custom key store.
        CustomKeyStoreNotFound { reason: String } => modelled custom_key_store_not_found_exception: "{reason}";
        /// No such CloudHSM cluster.
        CloudHsmClusterNotFound { reason: String } => modelled cloud_hsm_cluster_not_found_exception: "{reason}";
        /// The proxy of an external key store can't be reached.
        XksProxyUriUnreachable { reason: String } => modelled xks_proxy_uri_unreachable_exception: "{reason}";
    }
}

impl Error {
    /// A key that is not there.
    pub(crate) fn no_key(arn: &str) -> Self {
        Error::NotFound { reason: format!("Key '{arn}' does not exist") }
    }

    /// An alias that is not there.
    pub(crate) fn no_alias(arn: &str) -> Self {
        Error::NotFound { reason: format!("Alias {arn} is not found.") }
    }

    /// A value that is not allowed.
    pub(crate) fn validation(reason: impl Into<String>) -> Self {
        Error::Validation { reason: reason.into() }
    }

    /// What is not for this key.
    pub(crate) fn unsupported(reason: impl Into<String>) -> Self {
        Error::UnsupportedOperation { reason: reason.into() }
    }
}

/// Members whose values no message repeats: they are secrets.
const SENSITIVE: [&str; 3] = ["plaintext", "message", "keyStorePassword"];

/// A request that breaks the model.
pub(crate) fn invalid_request(protocol: Protocol, violations: &[Violation]) -> ApiError {
    let is_unseen =
        |violation: &&Violation| SENSITIVE.contains(&&*violation.path) && violation.value.is_some();
    if !violations.iter().any(|violation| is_unseen(&violation)) {
        return (Validation::STANDARD.error)(protocol, violations);
    }
    let shown: Vec<Violation> = violations
        .iter()
        .map(|violation| match is_unseen(&violation) {
            true => Violation { value: None, ..violation.clone() },
            false => violation.clone(),
        })
        .collect();
    let mut reason = describe(&shown);
    for violation in violations.iter().filter(is_unseen) {
        let at = format!("at '{}'", violation.path);
        reason = reason.replace(&format!("Value null {at}"), &format!("Value {at}"));
    }
    // A fault is not among them: none comes from a violation.
    Error::Validation { reason }.into_api().unwrap_or_else(|_| ApiError::internal())
}

/// Cryptography that fails with key material of ours is a fault; what a caller can cause is told apart before.
impl From<CryptoError> for Error {
    fn from(error: CryptoError) -> Self {
        Error::Fault(virga_store::Fault::new(format!("cryptography of KMS failed: {error:?}")))
    }
}
