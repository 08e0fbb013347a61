//! Instance profiles: what carries a role to an EC2 instance.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::identity::Identity as _;
use crate::page::Page;
use crate::records::{InstanceProfile, Role, Tag};
use crate::tag::{self, Tagged};
use crate::unique_id::{self, Named};
use crate::{arn, keys, quota, role};

impl Tagged for InstanceProfile {
    fn find_tagged(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error> {
        find(ctx, txn, name)
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }

    fn put_tagged(&self, ctx: &Ctx, txn: &mut Write) -> Result<(), Fault> {
        txn.put(&keys::instance_profile(ctx.account(), &self.name), self)
    }
}

tag::tag_handlers!(InstanceProfile by instance_profile_name: tag_instance_profile(TagInstanceProfileRequest),
    untag_instance_profile(UntagInstanceProfileRequest),
    list_instance_profile_tags(ListInstanceProfileTagsRequest) -> ListInstanceProfileTagsResponse);

fn find(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<InstanceProfile, Error> {
    let found = txn.get(&keys::instance_profile(ctx.account(), name))?;
    found.ok_or_else(|| Error::NoSuchInstanceProfile { name: name.to_owned() })
}

/// An instance profile as lists show it, with its role.
fn listed(ctx: &Ctx, txn: &impl Reader, profile: &InstanceProfile) -> Result<api::InstanceProfile, Error> {
    let role = profile.role.as_deref().map(|name| Role::find(ctx, txn, name)).transpose()?;
    let roles: Vec<api::Role> = role.iter().map(|role| role::brief(ctx, role)).collect();
    Ok(api::InstanceProfile::new()
        .with_path(&*profile.path)
        .with_instance_profile_name(&*profile.name)
        .with_instance_profile_id(&*profile.id)
        .with_arn(arn::of(ctx.account(), "instance-profile", &profile.path, &profile.name))
        .with_create_date(Timestamp::from_secs(profile.created))
        .with_roles(roles))
}

/// The instance profiles that a role is in, as lists show them.
pub(crate) fn of_role(
    ctx: &Ctx,
    txn: &impl Reader,
    role: &Role,
) -> Result<Vec<(String, api::InstanceProfile)>, Error> {
    let range = keys::profiles_of_role(ctx.account(), &role.id);
    let mut profiles = Vec::new();
    for key in txn.scan_keys(&range, Direction::Forward, usize::MAX)? {
        let (_, _, name) = key.parts::<(String, String, String)>()?;
        profiles.push((keys::folded(&name), listed(ctx, txn, &find(ctx, txn, &name)?)?));
    }
    Ok(profiles)
}

/// Creates an instance profile.
pub(crate) fn create_instance_profile(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateInstanceProfileRequest,
) -> Result<api::CreateInstanceProfileResponse, Error> {
    let name = input.instance_profile_name();
    let key = keys::instance_profile(ctx.account(), name);
    if txn.contains(&key)? {
        return Err(Error::InstanceProfileExists { name: name.to_owned() });
    }
    let tags = tag::of_input(input.tags())?;
    let all = keys::instance_profiles(ctx.account());
    let present = txn.scan_keys(&all, Direction::Forward, quota::INSTANCE_PROFILES.limit)?;
    quota::INSTANCE_PROFILES.admit(present.len())?;
    let profile = InstanceProfile {
        path: input.path().unwrap_or("/").to_owned(),
        name: name.to_owned(),
        id: unique_id::draw(ctx, Named::InstanceProfile),
        created: ctx.now().secs(),
        role: None,
        tags,
    };
    txn.put(&key, &profile)?;
    let output = listed(ctx, txn, &profile)?.with_tags(tag::shown_if_any(&profile.tags));
    Ok(api::CreateInstanceProfileResponse::new().with_instance_profile(output))
}

/// Reads an instance profile.
pub(crate) fn get_instance_profile(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetInstanceProfileRequest,
) -> Result<api::GetInstanceProfileResponse, Error> {
    let profile = find(ctx, txn, input.instance_profile_name())?;
    let output = listed(ctx, txn, &profile)?.with_tags(tag::shown(&profile.tags));
    Ok(api::GetInstanceProfileResponse::new().with_instance_profile(output))
}

/// Lists the instance profiles under a path.
pub(crate) fn list_instance_profiles(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListInstanceProfilesRequest,
) -> Result<api::ListInstanceProfilesResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let prefix = input.path_prefix().unwrap_or("/");
    let profiles = txn.scan(&keys::instance_profiles(ctx.account()), Direction::Forward, usize::MAX)?;
    let rows = profiles.into_iter().map(|(_, profile)| profile);
    let rows = rows.filter(|profile| profile.path.starts_with(prefix));
    let (profiles, marker) = page.cut(rows.map(|profile| (keys::folded(&profile.name), profile)));
    let profiles =
        profiles.iter().map(|profile| listed(ctx, txn, profile)).collect::<Result<Vec<_>, Error>>()?;
    let output = api::ListInstanceProfilesResponse::new().with_instance_profiles(profiles);
    Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
}

/// Lists the instance profiles that a role is in.
pub(crate) fn list_instance_profiles_for_role(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListInstanceProfilesForRoleRequest,
) -> Result<api::ListInstanceProfilesForRoleResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let role = Role::find(ctx, txn, input.role_name())?;
    let (profiles, marker) = page.cut(of_role(ctx, txn, &role)?);
    let output = api::ListInstanceProfilesForRoleResponse::new().with_instance_profiles(profiles);
    Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
}

/// Deletes an instance profile without a role.
pub(crate) fn delete_instance_profile(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteInstanceProfileRequest,
) -> Result<Nothing, Error> {
    let profile = find(ctx, txn, input.instance_profile_name())?;
    if profile.role.is_some() {
        return Err(Error::DeleteConflict { what: "remove roles from instance profile".to_owned() });
    }
    txn.delete(&keys::instance_profile(ctx.account(), &profile.name))?;
    Ok(Nothing::new())
}

/// Puts a role into an instance profile, which holds one.
pub(crate) fn add_role_to_instance_profile(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::AddRoleToInstanceProfileRequest,
) -> Result<Nothing, Error> {
    let mut profile = find(ctx, txn, input.instance_profile_name())?;
    let role = Role::find_to_change(ctx, txn, input.role_name())?;
    quota::ROLES_OF_INSTANCE_PROFILE.admit(usize::from(profile.role.is_some()))?;
    txn.put(&keys::profile_of_role(ctx.account(), &role.id, &profile.name), &())?;
    profile.role = Some(role.name);
    profile.put_tagged(ctx, txn)?;
    Ok(Nothing::new())
}

/// Takes the role out of an instance profile.
pub(crate) fn remove_role_from_instance_profile(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RemoveRoleFromInstanceProfileRequest,
) -> Result<Nothing, Error> {
    let mut profile = find(ctx, txn, input.instance_profile_name())?;
    let role = Role::find(ctx, txn, input.role_name())?;
    if profile.role.as_deref() != Some(role.name.as_str()) {
        return Err(Error::NoSuchRole { name: input.role_name().to_owned() });
    }
    txn.delete(&keys::profile_of_role(ctx.account(), &role.id, &profile.name))?;
    profile.role = None;
    profile.put_tagged(ctx, txn)?;
    Ok(Nothing::new())
}
