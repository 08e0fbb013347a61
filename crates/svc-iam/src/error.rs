//! The errors that a caller of IAM can see, in AWS's words.

use virga_model::{ApiError, Protocol};
use virga_wire::{Constraint, Violation};

virga_kit::service_errors! {
    /// Errors of IAM.
    pub(crate) enum Error in virga_api::iam {
        // Of any resource.

        /// A parameter has no such value.
        Validation { reason: String } => common "ValidationError" 400: "{reason}";
        /// A parameter has no such value, as the model of IAM names it.
        InvalidInput { reason: String } => modelled invalid_input_exception: "{reason}";
        /// A quota of the account or of an entity is used up.
        QuotaExceeded { quota: String, limit: usize } => modelled limit_exceeded_exception:
            "Cannot exceed quota for {quota}: {limit}";
        /// More tags than a resource can have.
        TooManyTags => modelled limit_exceeded_exception:
            "The number of tags has reached the maximum limit.";
        /// Something still belongs to the entity.
        DeleteConflict { what: String } => modelled delete_conflict_exception:
            "Cannot delete entity, must {what} first.";
        /// The caller must be a user for this, or name one.
        MustNameUser => common "ValidationError" 400: "Must specify userName when calling with non-User credentials";

        /// An ARN that is none.
        InvalidArn => common "ValidationError" 400: "Invalid ARN:  Could not be parsed!";

        // Users.

        /// No user of this name.
        NoSuchUser { name: String } => modelled no_such_entity_exception:
            "The user with name {name} cannot be found.";
        /// A user of this name is there, perhaps in other letters.
        UserExists { name: String } => modelled entity_already_exists_exception:
            "User with name {name} already exists.";

        // Groups.

        /// No group of this name.
        NoSuchGroup { name: String } => modelled no_such_entity_exception:
            "The group with name {name} cannot be found.";
        /// A group of this name is there, perhaps in other letters.
        GroupExists { name: String } => modelled entity_already_exists_exception:
            "Group with name {name} already exists.";

        // Roles and instance profiles.

        /// No role of this name.
        NoSuchRole { name: String } => modelled no_such_entity_exception:
            "The role with name {name} cannot be found.";
        /// A role of this name is there, perhaps in other letters.
        RoleExists { name: String } => modelled entity_already_exists_exception:
            "Role with name {name} already exists.";
        /// A role that belongs to a service.
        ProtectedRole { name: String } => modelled unmodifiable_entity_exception:
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS";
        /// No instance profile of this name.
        NoSuchInstanceProfile { name: String } => modelled no_such_entity_exception:
            "Instance Profile {name} cannot be found.";
        /// An instance profile of this name is there, perhaps in other letters.
        InstanceProfileExists { name: String } => modelled entity_already_exists_exception:
            "Instance Profile {name} already exists.";

        // Policies.

        /// The text is no policy of its kind.
        MalformedPolicyDocument { reason: String } => modelled malformed_policy_document_exception: "{reason}";
        /// The inline policies of an identity are too long together.
        InlinePolicyTooLong { limit: usize, kind: String, name: String } => modelled limit_exceeded_exception:
            "Maximum policy size of {limit} bytes exceeded for {kind} {name}";
        /// No inline policy of this name.
        NoSuchInlinePolicy { kind: String, name: String } => modelled no_such_entity_exception:
            "The {kind} policy with name {name} cannot be found.";
        /// No managed policy with this ARN.
        NoSuchPolicy { arn: String } => modelled no_such_entity_exception: "Policy {arn} was not found.";
        /// No managed policy with this ARN that this account could attach.
        NotAttachable { arn: String } => modelled no_such_entity_exception:
            "Policy {arn} does not exist or is not attachable.";
        /// A policy that is meant for roles of services only.
        ServiceRolePolicy { kind: String } => modelled policy_not_attachable_exception:
            "Cannot attach a Service Role Policy to a Customer {kind}.";
        /// No managed policy with this ARN that could bound permissions.
        NoSuchBoundary { arn: String } => modelled no_such_entity_exception:
            "Scope ARN: {arn} does not exist or is not attachable.";
        /// No permissions boundary to delete.
        NoBoundary { kind: String, name: String } => modelled no_such_entity_exception:
            "The permissions boundary of the {kind} with name {name} cannot be found.";
        /// A managed policy of this name is there, perhaps in other letters.
        PolicyExists { name: String } => modelled entity_already_exists_exception:
            "A policy called {name} already exists. Duplicate names are not allowed.";
        /// No such version of a managed policy.
        NoSuchPolicyVersion { arn: String, version: String } => modelled no_such_entity_exception:
            "Policy {arn} version {version} does not exist or is not attachable.";
        /// Five versions are there.
        TooManyPolicyVersions { limit: usize } => modelled limit_exceeded_exception:
            "A managed policy can have up to {limit} versions. Before you create a new version, you must delete an \
             existing version.";
        /// The default version goes with the policy only.
        DefaultVersionStays => modelled delete_conflict_exception:
            "Cannot delete the default version of a policy.";
        /// The policy is attached, or is somebody's boundary.
        PolicyInUse => modelled delete_conflict_exception: "Cannot delete a policy attached to entities.";
        /// Other versions are there beside the default one.
        PolicyHasVersions => modelled delete_conflict_exception:
            "This policy has more than one version. Before you delete a policy, you must delete the policy's \
             versions. The default version is deleted with the policy.";
        /// AWS's own policies are not the caller's to change.
        PolicyOfAws { arn: String } => common "AccessDenied" 403:
            "Policy {arn} is managed by AWS and cannot be changed.";

        // Access keys and the account.

        /// No access key with this id that belongs to the user.
        NoSuchAccessKey { id: String } => modelled no_such_entity_exception:
            "The Access Key with id {id} cannot be found.";
        /// Another account has the alias.
        AliasExists { alias: String } => modelled entity_already_exists_exception:
            "The account alias {alias} already exists.";
        /// The account has no such alias.
        NoSuchAlias { alias: String } => modelled no_such_entity_exception:
            "The account alias {alias} cannot be found.";
        // Passwords.

        /// The user has no password.
        NoLoginProfile { name: String } => modelled no_such_entity_exception:
            "Login Profile for User {name} cannot be found.";
        /// The user has a password already.
        LoginProfileExists { name: String } => modelled entity_already_exists_exception:
            "Login Profile for user {name} already exists.";
        /// The account's policy does not allow the password.
        PasswordPolicy { reason: String } => modelled password_policy_violation_exception: "{reason}";
        /// The password was used before.
        PasswordReused => modelled password_policy_violation_exception:
            "Policy constraint violation with password reuse prevention during password change";
        /// The old password is another one.
        WrongPassword => common "AccessDenied" 403: "The old password was incorrect.";
        /// The caller is no user.
        OnlyUsersChangePasswords => modelled invalid_user_type_exception:
            "Only IAM Users can change their own password";
        /// The account has no policy of its own.
        NoPasswordPolicy { account: String } => modelled no_such_entity_exception:
            "The Password Policy with domain name {account} cannot be found.";
        /// The account has no policy of its own that could be deleted.
        NoPasswordPolicyToDelete => modelled no_such_entity_exception:
            "The account policy with name PasswordPolicy cannot be found.";

        // MFA devices.

        /// No virtual device has this serial number.
        NoSuchMfaDevice { serial_number: String } => modelled no_such_entity_exception:
            "VirtualMFADevice with serial number {serial_number} doesn't exist.";
        /// A device of this name and path is there.
        MfaDeviceExists => modelled entity_already_exists_exception:
            "MFADevice entity at the same path and name already exists.";
        /// The device is enabled already.
        MfaDeviceInUse => modelled entity_already_exists_exception: "MFA Device is already in use.";
        /// The device is not enabled for this user.
        MfaDeviceOfAnother => modelled no_such_entity_exception: "MFA Device invalid for user.";
        /// The device is still enabled.
        MfaDeviceNotDeactivated => modelled delete_conflict_exception:
            "MFA VirtualDevice in use. Must deactivate first.";
        /// The codes are not two of the device that follow each other.
        InvalidAuthenticationCode => modelled invalid_authentication_code_exception:
            "Authentication code for device is not valid.";

        // Public keys, certificates and service-specific credentials.

        /// The user has no such SSH public key.
        NoSuchPublicKey { id: String } => modelled no_such_entity_exception:
            "The Public Key with id {id} cannot be found.";
        /// The text is in none of the forms of public keys.
        UnrecognizedPublicKeyEncoding => modelled unrecognized_public_key_encoding_exception:
            "The public key encoding format is unsupported or unrecognized.";
        /// The text is no RSA key of at least 2048 bits.
        InvalidPublicKey => modelled invalid_public_key_exception: "The public key is malformed or otherwise invalid.";
        /// The user has this key already.
        DuplicatePublicKey => modelled duplicate_ssh_public_key_exception:
            "The SSH public key is already associated with the specified IAM user.";
        /// The user has no such signing certificate.
        NoSuchCertificate { id: String } => modelled no_such_entity_exception:
            "The Certificate with id {id} cannot be found.";
        /// The user has this certificate already.
        DuplicateCertificate => modelled duplicate_certificate_exception:
            "The same certificate is associated with an IAM user in the account.";
        /// The text is no certificate.
        MalformedCertificate { what: String } => modelled malformed_certificate_exception:
            "Unable to parse {what}. Please ensure the {what} is in PEM format.";
        /// The private key can't be read.
        MalformedPrivateKey => modelled malformed_certificate_exception:
            "Unable to parse private key. Please ensure the private key is unencrypted and in PEM format.";
        /// The chain is not one.
        MalformedChain { index: usize } => modelled malformed_certificate_exception:
            "Unable to validate certificate chain. The certificate chain must start with the immediate signing \
             certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate \
             is: {index}";
        /// The private key belongs to another certificate.
        KeyPairMismatch => modelled key_pair_mismatch_exception:
            "The private key does not match the public key of the certificate.";
        /// No server certificate of this name.
        NoSuchServerCertificate { name: String } => modelled no_such_entity_exception:
            "The Server Certificate with name {name} cannot be found.";
        /// A server certificate of this name is there, perhaps in other letters.
        ServerCertificateExists { name: String } => modelled entity_already_exists_exception:
            "The Server Certificate with name {name} already exists.";
        /// The service takes no such credentials.
        NoSuchCredentialService { name: String } => modelled no_such_entity_exception:
            "No such service {name} is supported for Service Specific Credentials";
        /// The user has no such service-specific credential.
        NoSuchServiceCredential { id: String } => modelled no_such_entity_exception:
            "No such credential {id} exists";

        // Identity providers.

        /// No OpenID Connect provider of this ARN.
        NoSuchOidcProvider { arn: String } => modelled no_such_entity_exception:
            "OpenIDConnect Provider not found for arn {arn}";
        /// A provider of this URL is there.
        OidcProviderExists { url: String } => modelled entity_already_exists_exception:
            "Provider with url {url} already exists.";
        /// No SAML provider of this ARN.
        NoSuchSamlProvider { arn: String } => modelled no_such_entity_exception: "Manifest not found for arn {arn}";
        /// A provider of this name is there.
        SamlProviderExists { name: String } => modelled entity_already_exists_exception:
            "SAMLProvider with name {name} already exists.";
        /// The provider has no such key.
        NoSuchSamlPrivateKey { id: String } => modelled no_such_entity_exception:
            "The private key with id {id} cannot be found.";

        // Temporary delegation.

        /// No request with this id that the caller's account may see.
        NoSuchDelegationRequest { id: String } => modelled no_such_entity_exception:
            "Delegation request with id {id} cannot be found.";
        /// The product provider has a request of this name.
        DelegationRequestExists { workflow: String } => modelled entity_already_exists_exception:
            "A delegation request with the requestor workflow id {workflow} already exists.";
        /// Who may not do this with the request, whatever the policies say.
        DelegationDenied { reason: String } => common "AccessDenied" 403: "{reason}";

        // Settings of the account, reports and organizations.

        /// The account issues web identity tokens already.
        OutboundFederationEnabled => modelled feature_enabled_exception:
            "Outbound web identity federation is already enabled for this account.";
        /// The account issues no web identity tokens.
        OutboundFederationDisabled => modelled feature_disabled_exception:
            "Outbound web identity federation is not enabled for this account.";
        /// The account is in no organization.
        OrganizationNotFound => modelled organization_not_found_exception:
            "The request was rejected because no organization is associated with your account.";
        /// The account is a member that does not administer its organization.
        NotManagementAccount => modelled account_not_management_or_delegated_administrator_exception:
            "The request was rejected because the account making the request is not the management account or delegated \
             administrator account for centralized root access.";
        /// No report was ever made.
        NoCredentialReport => modelled credential_report_not_present_exception:
            "No report exists. Generate a new report first.";
        /// The report is older than four hours.
        CredentialReportExpired => modelled credential_report_expired_exception:
            "The most recent credential report has expired. Generate a new report.";
        /// No such deletion was ordered.
        NoSuchDeletionTask { id: String } => modelled no_such_entity_exception:
            "Deletion task with id {id} cannot be found.";
        /// No such report was ordered.
        NoSuchJob { id: String } => modelled no_such_entity_exception: "Job with id {id} cannot be found.";
    }
}

impl Error {
    /// A parameter whose value is not allowed.
    pub(crate) fn validation(reason: impl Into<String>) -> Self {
        Error::Validation { reason: reason.into() }
    }

    /// A member that the model does not require, but this request needs.
    pub(crate) fn missing(member: &str) -> Self {
        Error::validation(format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
        ))
    }

    /// A text that is no ARN of the kind that is asked for.
    pub(crate) fn invalid_arn(arn: &str) -> Self {
        Error::InvalidInput { reason: format!("Invalid ARN:  Could not be parsed!  Value: {arn}") }
    }

    /// A text that is no certificate.
    pub(crate) fn malformed_certificate() -> Self {
        Error::MalformedCertificate { what: "certificate".to_owned() }
    }
}

/// A request that breaks the model. Names and paths have words of their own; the rest is worded as everywhere, but IAM
/// shows neither the value nor the values of an enum.
pub(crate) fn invalid_request(_: Protocol, violations: &[Violation]) -> ApiError {
    let message = match violations {
        [one] => in_own_words(one).unwrap_or_else(|| describe(violations)),
        _ => describe(violations),
    };
    ApiError::common("ValidationError", 400, message)
}

fn in_own_words(violation: &Violation) -> Option<String> {
    let path = &violation.path;
    if !matches!(violation.constraint, Constraint::Pattern(_)) {
        return None;
    }
    if path.ends_with("Name") {
        return Some(format!(
            "The specified value for {path} is invalid. It must contain only alphanumeric characters and/or the \
             following: +=,.@_-"
        ));
    }
    matches!(path.as_str(), "path" | "newPath" | "pathPrefix").then(|| {
        format!(
            "The specified value for {path} is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters."
        )
    })
}

fn describe(violations: &[Violation]) -> String {
    let one = |Violation { path, value, constraint }: &Violation| {
        let value = if value.is_some() { "" } else { " null" };
        let constraint = match constraint {
            Constraint::OneOf(_) => "Member must satisfy enum value set".to_owned(),
            other => other.to_string(),
        };
        format!("Value{value} at '{path}' failed to satisfy constraint: {constraint}")
    };
    let all: Vec<String> = violations.iter().map(one).collect();
    let plural = if all.len() == 1 { "" } else { "s" };
    format!("{} validation error{plural} detected: {}", all.len(), all.join("; "))
}
