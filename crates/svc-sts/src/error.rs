//! The errors that a caller of STS can see, in AWS's words.

virga_kit::service_errors! {
    /// Errors of AWS STS.
    pub(crate) enum Error in virga_api::sts {
        // Of any operation.

        /// A parameter has no such value.
        Validation { reason: String } => common "ValidationError" 400: "{reason}";
        /// A tag has no such key or value.
        InvalidParameterValue { reason: String } => common "InvalidParameterValue" 400: "{reason}";
        /// Whoever calls may not.
        AccessDenied { reason: String } => common "AccessDenied" 403: "{reason}";
        /// The session policy is no policy.
        MalformedPolicyDocument { reason: String } => modelled malformed_policy_document_exception: "{reason}";
        /// Session policies and tags are too large together.
        PackedPolicyTooLarge { reason: String } => modelled packed_policy_too_large_exception: "{reason}";

        // Of identity providers.

        /// The token or the response is not what it must be.
        InvalidIdentityToken { reason: String } => modelled invalid_identity_token_exception: "{reason}";
        /// The token or the response was good once.
        ExpiredToken { reason: String } => modelled expired_token_exception: "{reason}";
        /// The provider says no.
        IdpRejectedClaim { reason: String } => modelled idp_rejected_claim_exception: "{reason}";
        /// There are no keys of the provider.
        IdpCommunication { issuer: String } => modelled idp_communication_error_exception:
            "Couldn't retrieve verification key from your identity provider {issuer}: no keys are known of it. This \
             cloud makes no connections; give it the provider's JSON Web Key Set through the admin API.";

        // Of tokens for others, and from delegations.

        /// The exchange token was good once.
        ExpiredTradeInToken => modelled expired_trade_in_token_exception:
            "The trade-in token provided in the request has expired and can no longer be exchanged for credentials. Request a \
             new token and retry the operation.";
        /// The token would outlive the session of the caller.
        SessionDurationEscalation => modelled session_duration_escalation_exception:
            "The requested token duration would extend the session beyond its original expiration time.";
        /// The account issues no web identity tokens.
        OutboundFederationDisabled => modelled outbound_web_identity_federation_disabled_exception:
            "The outbound web identity federation feature is not enabled for this account.";
        /// There are too many tags.
        JwtPayloadSizeExceeded => modelled jwt_payload_size_exceeded_exception:
            "The requested token payload size exceeds the maximum allowed size.";

        // Of encoded messages.

        /// The text is no encoded message of this account.
        InvalidAuthorizationMessage => modelled invalid_authorization_message_exception:
            "Message is not valid";
    }
}

impl Error {
    /// A parameter whose value is not allowed.
    pub(crate) fn validation(reason: impl Into<String>) -> Self {
        Error::Validation { reason: reason.into() }
    }

    /// An ARN that is none.
    pub(crate) fn invalid_arn(arn: &str) -> Self {
        Error::Validation { reason: format!("{arn} is invalid") }
    }

    /// A refusal.
    pub(crate) fn denied(reason: impl Into<String>) -> Self {
        Error::AccessDenied { reason: reason.into() }
    }

    /// A token or response that is not what it must be.
    pub(crate) fn invalid_token(reason: impl Into<String>) -> Self {
        Error::InvalidIdentityToken { reason: reason.into() }
    }
}
