//! The operations of IAM: the one list, in groups by resource.

use crate::{
    access_key, account, account_settings, attachment, authorization_details, boundary, credential_report,
    delegation, group, inline_policy, instance_profile, last_accessed, login_profile, managed_policy,
    mfa_device, oidc_provider, organization, password_policy, policy_listing, policy_version, role,
    saml_provider, server_certificate, service_credential, service_linked_role, signing_certificate,
    simulation, ssh_public_key, user,
};

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::iam;

    // Users.
    write CreateUser => user::create_user;
    read  GetUser => user::get_user;
    read  ListUsers => user::list_users;
    write UpdateUser => user::update_user;
    write DeleteUser => user::delete_user;
    write TagUser => user::tag_user;
    write UntagUser => user::untag_user;
    read  ListUserTags => user::list_user_tags;
    write PutUserPermissionsBoundary => boundary::put_user_permissions_boundary;
    write DeleteUserPermissionsBoundary => boundary::delete_user_permissions_boundary;

    // Groups.
    write CreateGroup => group::create_group;
    read  GetGroup => group::get_group;
    read  ListGroups => group::list_groups;
    read  ListGroupsForUser => group::list_groups_for_user;
    write UpdateGroup => group::update_group;
    write DeleteGroup => group::delete_group;
    write AddUserToGroup => group::add_user_to_group;
    write RemoveUserFromGroup => group::remove_user_from_group;

    // Roles.
    write CreateRole => role::create_role;
    read  GetRole => role::get_role;
    read  ListRoles => role::list_roles;
    write UpdateRole => role::update_role;
    write UpdateRoleDescription => role::update_role_description;
    write UpdateAssumeRolePolicy => role::update_assume_role_policy;
    write DeleteRole => role::delete_role;
    write TagRole => role::tag_role;
    write UntagRole => role::untag_role;
    read  ListRoleTags => role::list_role_tags;
    write PutRolePermissionsBoundary => boundary::put_role_permissions_boundary;
    write DeleteRolePermissionsBoundary => boundary::delete_role_permissions_boundary;

    // Instance profiles.
    write CreateInstanceProfile => instance_profile::create_instance_profile;
    read  GetInstanceProfile => instance_profile::get_instance_profile;
    read  ListInstanceProfiles => instance_profile::list_instance_profiles;
    read  ListInstanceProfilesForRole => instance_profile::list_instance_profiles_for_role;
    write DeleteInstanceProfile => instance_profile::delete_instance_profile;
    write AddRoleToInstanceProfile => instance_profile::add_role_to_instance_profile;
    write RemoveRoleFromInstanceProfile => instance_profile::remove_role_from_instance_profile;
    write TagInstanceProfile => instance_profile::tag_instance_profile;
    write UntagInstanceProfile => instance_profile::untag_instance_profile;
    read  ListInstanceProfileTags => instance_profile::list_instance_profile_tags;

    // Managed policies.
    write CreatePolicy => managed_policy::create_policy;
    read  GetPolicy => managed_policy::get_policy;
    write DeletePolicy => managed_policy::delete_policy;
    write TagPolicy => managed_policy::tag_policy;
    write UntagPolicy => managed_policy::untag_policy;
    read  ListPolicyTags => managed_policy::list_policy_tags;
    write CreatePolicyVersion => policy_version::create_policy_version;
    read  GetPolicyVersion => policy_version::get_policy_version;
    read  ListPolicyVersions => policy_version::list_policy_versions;
    write SetDefaultPolicyVersion => policy_version::set_default_policy_version;
    write DeletePolicyVersion => policy_version::delete_policy_version;
    read  ListPolicies => policy_listing::list_policies;
    read  ListEntitiesForPolicy => policy_listing::list_entities_for_policy;
    read  ListPoliciesGrantingServiceAccess => policy_listing::list_policies_granting_service_access;

    // Attached policies.
    write AttachUserPolicy => attachment::attach_user_policy;
    write DetachUserPolicy => attachment::detach_user_policy;
    read  ListAttachedUserPolicies => attachment::list_attached_user_policies;
    write AttachGroupPolicy => attachment::attach_group_policy;
    write DetachGroupPolicy => attachment::detach_group_policy;
    read  ListAttachedGroupPolicies => attachment::list_attached_group_policies;
    write AttachRolePolicy => attachment::attach_role_policy;
    write DetachRolePolicy => attachment::detach_role_policy;
    read  ListAttachedRolePolicies => attachment::list_attached_role_policies;

    // Inline policies.
    write PutUserPolicy => inline_policy::put_user_policy;
    read  GetUserPolicy => inline_policy::get_user_policy;
    write DeleteUserPolicy => inline_policy::delete_user_policy;
    read  ListUserPolicies => inline_policy::list_user_policies;
    write PutGroupPolicy => inline_policy::put_group_policy;
    read  GetGroupPolicy => inline_policy::get_group_policy;
    write DeleteGroupPolicy => inline_policy::delete_group_policy;
    read  ListGroupPolicies => inline_policy::list_group_policies;
    write PutRolePolicy => inline_policy::put_role_policy;
    read  GetRolePolicy => inline_policy::get_role_policy;
    write DeleteRolePolicy => inline_policy::delete_role_policy;
    read  ListRolePolicies => inline_policy::list_role_policies;

    // Access keys.
    write CreateAccessKey => access_key::create_access_key;
    read  ListAccessKeys => access_key::list_access_keys;
    write UpdateAccessKey => access_key::update_access_key;
    write DeleteAccessKey => access_key::delete_access_key;
    read  GetAccessKeyLastUsed => access_key::get_access_key_last_used;

    // The account.
    write CreateAccountAlias => account::create_account_alias;
    write DeleteAccountAlias => account::delete_account_alias;
    read  ListAccountAliases => account::list_account_aliases;
    read  GetAccountSummary => account::get_account_summary;
    read  GetAccountAuthorizationDetails => authorization_details::get_account_authorization_details;

    // Passwords.
    write CreateLoginProfile => login_profile::create_login_profile;
    read  GetLoginProfile => login_profile::get_login_profile;
    write UpdateLoginProfile => login_profile::update_login_profile;
    write DeleteLoginProfile => login_profile::delete_login_profile;
    write ChangePassword => login_profile::change_password;
    write UpdateAccountPasswordPolicy => password_policy::update_account_password_policy;
    read  GetAccountPasswordPolicy => password_policy::get_account_password_policy;
    write DeleteAccountPasswordPolicy => password_policy::delete_account_password_policy;

    // MFA devices.
    write CreateVirtualMFADevice => mfa_device::create_virtual_mfa_device;
    write EnableMFADevice => mfa_device::enable_mfa_device;
    write ResyncMFADevice => mfa_device::resync_mfa_device;
    write DeactivateMFADevice => mfa_device::deactivate_mfa_device;
    write DeleteVirtualMFADevice => mfa_device::delete_virtual_mfa_device;
    read  GetMFADevice => mfa_device::get_mfa_device;
    read  ListMFADevices => mfa_device::list_mfa_devices;
    read  ListVirtualMFADevices => mfa_device::list_virtual_mfa_devices;
    write TagMFADevice => mfa_device::tag_mfa_device;
    write UntagMFADevice => mfa_device::untag_mfa_device;
    read  ListMFADeviceTags => mfa_device::list_mfa_device_tags;

    // SSH public keys.
    write UploadSSHPublicKey => ssh_public_key::upload_ssh_public_key;
    read  GetSSHPublicKey => ssh_public_key::get_ssh_public_key;
    read  ListSSHPublicKeys => ssh_public_key::list_ssh_public_keys;
    write UpdateSSHPublicKey => ssh_public_key::update_ssh_public_key;
    write DeleteSSHPublicKey => ssh_public_key::delete_ssh_public_key;

    // Signing certificates.
    write UploadSigningCertificate => signing_certificate::upload_signing_certificate;
    read  ListSigningCertificates => signing_certificate::list_signing_certificates;
    write UpdateSigningCertificate => signing_certificate::update_signing_certificate;
    write DeleteSigningCertificate => signing_certificate::delete_signing_certificate;

    // Server certificates.
    write UploadServerCertificate => server_certificate::upload_server_certificate;
    read  GetServerCertificate => server_certificate::get_server_certificate;
    read  ListServerCertificates => server_certificate::list_server_certificates;
    write UpdateServerCertificate => server_certificate::update_server_certificate;
    write DeleteServerCertificate => server_certificate::delete_server_certificate;
    write TagServerCertificate => server_certificate::tag_server_certificate;
    write UntagServerCertificate => server_certificate::untag_server_certificate;
    read  ListServerCertificateTags => server_certificate::list_server_certificate_tags;

    // Service-specific credentials.
    write CreateServiceSpecificCredential => service_credential::create_service_specific_credential;
    read  ListServiceSpecificCredentials => service_credential::list_service_specific_credentials;
    write UpdateServiceSpecificCredential => service_credential::update_service_specific_credential;
    write ResetServiceSpecificCredential => service_credential::reset_service_specific_credential;
    write DeleteServiceSpecificCredential => service_credential::delete_service_specific_credential;

    // OpenID Connect providers.
    write CreateOpenIDConnectProvider => oidc_provider::create_open_id_connect_provider;
    read  GetOpenIDConnectProvider => oidc_provider::get_open_id_connect_provider;
    read  ListOpenIDConnectProviders => oidc_provider::list_open_id_connect_providers;
    write AddClientIDToOpenIDConnectProvider => oidc_provider::add_client_id;
    write RemoveClientIDFromOpenIDConnectProvider => oidc_provider::remove_client_id;
    write UpdateOpenIDConnectProviderThumbprint => oidc_provider::update_thumbprint;
    write DeleteOpenIDConnectProvider => oidc_provider::delete_open_id_connect_provider;
    write TagOpenIDConnectProvider => oidc_provider::tag_open_id_connect_provider;
    write UntagOpenIDConnectProvider => oidc_provider::untag_open_id_connect_provider;
    read  ListOpenIDConnectProviderTags => oidc_provider::list_open_id_connect_provider_tags;

    // SAML providers.
    write CreateSAMLProvider => saml_provider::create_saml_provider;
    read  GetSAMLProvider => saml_provider::get_saml_provider;
    read  ListSAMLProviders => saml_provider::list_saml_providers;
    write UpdateSAMLProvider => saml_provider::update_saml_provider;
    write DeleteSAMLProvider => saml_provider::delete_saml_provider;
    write TagSAMLProvider => saml_provider::tag_saml_provider;
    write UntagSAMLProvider => saml_provider::untag_saml_provider;
    read  ListSAMLProviderTags => saml_provider::list_saml_provider_tags;

    // Temporary delegation.
    write CreateDelegationRequest => delegation::create_delegation_request;
    read  GetDelegationRequest => delegation::get_delegation_request;
    read  ListDelegationRequests => delegation::list_delegation_requests;
    write AssociateDelegationRequest => delegation::associate_delegation_request;
    write UpdateDelegationRequest => delegation::update_delegation_request;
    write AcceptDelegationRequest => delegation::accept_delegation_request;
    write RejectDelegationRequest => delegation::reject_delegation_request;
    write SendDelegationToken => delegation::send_delegation_token;
    read  GetHumanReadableSummary => delegation::get_human_readable_summary;

    // Settings of the account.
    write SetSecurityTokenServicePreferences => account_settings::set_security_token_service_preferences;
    write EnableOutboundWebIdentityFederation => account_settings::enable_outbound_web_identity_federation;
    write DisableOutboundWebIdentityFederation => account_settings::disable_outbound_web_identity_federation;
    read  GetOutboundWebIdentityFederationInfo => account_settings::get_outbound_web_identity_federation_info;

    // Organizations.
    write EnableOrganizationsRootCredentialsManagement => organization::enable_root_credentials_management;
    write DisableOrganizationsRootCredentialsManagement => organization::disable_root_credentials_management;
    write EnableOrganizationsRootSessions => organization::enable_root_sessions;
    write DisableOrganizationsRootSessions => organization::disable_root_sessions;
    read  ListOrganizationsFeatures => organization::list_organizations_features;
    write GenerateOrganizationsAccessReport => organization::generate_organizations_access_report;
    read  GetOrganizationsAccessReport => organization::get_organizations_access_report;

    // Service-linked roles.
    write CreateServiceLinkedRole => service_linked_role::create_service_linked_role;
    write DeleteServiceLinkedRole => service_linked_role::delete_service_linked_role;
    read  GetServiceLinkedRoleDeletionStatus => service_linked_role::get_service_linked_role_deletion_status;

    // The credential report.
    write GenerateCredentialReport => credential_report::generate_credential_report;
    read  GetCredentialReport => credential_report::get_credential_report;

    // Simulation.
    read  SimulateCustomPolicy => simulation::simulate_custom_policy;
    read  SimulatePrincipalPolicy => simulation::simulate_principal_policy;
    read  GetContextKeysForCustomPolicy => simulation::get_context_keys_for_custom_policy;
    read  GetContextKeysForPrincipalPolicy => simulation::get_context_keys_for_principal_policy;

    // Services last accessed.
    write GenerateServiceLastAccessedDetails => last_accessed::generate_service_last_accessed_details;
    read  GetServiceLastAccessedDetails => last_accessed::get_service_last_accessed_details;
    read  GetServiceLastAccessedDetailsWithEntities => last_accessed::get_service_last_accessed_details_with_entities;
}
