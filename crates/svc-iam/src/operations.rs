//! The operations of IAM: the one list, in groups by resource.

use crate::{
    access_key, account, attachment, authorization_details, boundary, group, inline_policy, instance_profile,
    managed_policy, policy_listing, policy_version, role, user,
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
}
