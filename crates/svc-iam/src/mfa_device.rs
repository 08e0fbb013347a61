//! Virtual MFA devices: creation, enabling with two codes, resynchronization, listing, tags. Codes are checked with the
//! seeds that are kept beside here in `virga_kit::mfa` for as long as a device is enabled. Security keys register only in
//! the console, so that the API knows no serial number of theirs.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html>

use data_encoding::BASE32;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use virga_api::Nothing;
use virga_api::iam as api;
use virga_iam::totp;
use virga_kit::{Ctx, mfa};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::keys::credential as keys;
use crate::owner::Owner;
use crate::page::Page;
use crate::records::credential::{EnabledMfa, VirtualMfaDevice};
use crate::records::{Kind, Tag, User};
use crate::rules::qr_code;
use crate::tag::{self, Tagged};
use crate::{arn, quota, user};

/// Length of a seed: 64 letters of Base32.
const SEED_BYTES: usize = 40;
/// How many steps of 30 seconds a device's clock may be off when it is enabled.
const ENABLING_STEPS: i64 = 20;
/// How many when it is resynchronized: a day.
const RESYNC_STEPS: i64 = 2880;

fn find(ctx: &Ctx, txn: &impl Reader, serial_number: &str) -> Result<VirtualMfaDevice, Error> {
    let found = txn.get(&keys::mfa_device(ctx.account(), serial_number))?;
    found.ok_or_else(|| Error::NoSuchMfaDevice { serial_number: serial_number.to_owned() })
}

/// The device, when it is enabled for this owner.
fn find_of(
    ctx: &Ctx,
    txn: &impl Reader,
    owner: &Owner,
    serial_number: &str,
) -> Result<(VirtualMfaDevice, EnabledMfa), Error> {
    let device = find(ctx, txn, serial_number)?;
    match device.enabled.clone().filter(|enabled| enabled.owner == owner.id) {
        Some(enabled) => Ok((device, enabled)),
        None => Err(Error::MfaDeviceOfAnother),
    }
}

/// All devices of the account.
pub(crate) fn all(ctx: &Ctx, txn: &impl Reader) -> Result<Vec<VirtualMfaDevice>, Fault> {
    let devices = txn.scan(&keys::mfa_devices(ctx.account()), Direction::Forward, usize::MAX)?;
    Ok(devices.into_iter().map(|(_, device)| device).collect())
}

/// The devices that are enabled for an owner.
pub(crate) fn of_owner(ctx: &Ctx, txn: &impl Reader, owner: &str) -> Result<Vec<VirtualMfaDevice>, Fault> {
    let mut devices = all(ctx, txn)?;
    devices.retain(|device| device.enabled.as_ref().is_some_and(|enabled| enabled.owner == owner));
    Ok(devices)
}

/// Creates a device. Its seed is shown this once, as text and as the picture that apps read.
pub(crate) fn create_virtual_mfa_device(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateVirtualMFADeviceRequest,
) -> Result<api::CreateVirtualMFADeviceResponse, Error> {
    let name = input.virtual_mfa_device_name();
    let serial_number = arn::of(ctx.account(), "mfa", input.path().unwrap_or("/"), name);
    let key = keys::mfa_device(ctx.account(), &serial_number);
    if txn.contains(&key)? {
        return Err(Error::MfaDeviceExists);
    }
    let tags = tag::of_input(input.tags())?;
    let present = txn.scan_keys(&keys::mfa_devices(ctx.account()), Direction::Forward, quota::USERS.limit)?;
    quota::VIRTUAL_MFA_DEVICES.admit(present.len())?;
    let seed = ctx.secret_bytes(SEED_BYTES)?;
    let base32 = BASE32.encode(&seed);
    let device = VirtualMfaDevice { serial_number, seed, enabled: None, tags };
    txn.put(&key, &device)?;
    let shown = api::VirtualMFADevice::new()
        .with_serial_number(&*device.serial_number)
        .with_qr_code_png(qr_code::png(&key_uri(ctx, name, &base32)))
        .with_base32_string_seed(base32.into_bytes())
        .with_tags(tag::shown_if_any(&device.tags));
    Ok(api::CreateVirtualMFADeviceResponse::new().with_virtual_mfa_device(shown))
}

/// What the picture says.
fn key_uri(ctx: &Ctx, name: &str, base32: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (issuer, label) = (encoded("Amazon Web Services"), encoded(&format!("{name}@{}", ctx.account())));
    format!("otpauth://totp/{issuer}:{label}?secret={base32}&issuer={issuer}")
}

/// Gives a device to a user who can show two codes of it that follow each other.
pub(crate) fn enable_mfa_device(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::EnableMFADeviceRequest,
) -> Result<Nothing, Error> {
    let owner = Owner::named_or_caller(ctx, txn, Some(input.user_name()))?;
    let mut device = find(ctx, txn, input.serial_number())?;
    if device.enabled.is_some() {
        return Err(Error::MfaDeviceInUse);
    }
    quota::MFA_DEVICES.admit(of_owner(ctx, txn, &owner.id)?.len())?;
    let codes = (input.authentication_code1(), input.authentication_code2());
    synchronize(ctx, txn, &device, &owner, codes, ENABLING_STEPS)?;
    device.enabled = Some(EnabledMfa { owner: owner.id, at: ctx.now().secs() });
    txn.put(&keys::mfa_device(ctx.account(), &device.serial_number), &device)?;
    Ok(Nothing::new())
}

/// Finds out how a device's clock stands after it has gone wrong.
pub(crate) fn resync_mfa_device(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ResyncMFADeviceRequest,
) -> Result<Nothing, Error> {
    let owner = Owner::named_or_caller(ctx, txn, Some(input.user_name()))?;
    let (device, _) = find_of(ctx, txn, &owner, input.serial_number())?;
    let codes = (input.authentication_code1(), input.authentication_code2());
    synchronize(ctx, txn, &device, &owner, codes, RESYNC_STEPS)?;
    Ok(Nothing::new())
}

/// Keeps the seed where codes are checked, with how the device's clock stands.
fn synchronize(
    ctx: &Ctx,
    txn: &mut Write,
    device: &VirtualMfaDevice,
    owner: &Owner,
    (first, second): (&str, &str),
    window: i64,
) -> Result<(), Error> {
    let now = totp::step_at(ctx.now().secs());
    let step = totp::step_of_pair(&device.seed, first, second, now, window);
    let step = step.ok_or(Error::InvalidAuthenticationCode)?;
    let owner = match &owner.user {
        Some(user) => mfa::MfaOwner::User { id: user.id.clone() },
        None => mfa::MfaOwner::Root,
    };
    let enabled = mfa::MfaDevice {
        owner,
        seed: device.seed.clone(),
        ahead_steps: step.saturating_sub(now),
        last_step: step,
    };
    Ok(mfa::put(txn, ctx.account(), &device.serial_number, &enabled)?)
}

/// Takes a device from its owner; it can be enabled again.
pub(crate) fn deactivate_mfa_device(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeactivateMFADeviceRequest,
) -> Result<Nothing, Error> {
    let owner = Owner::named_or_caller(ctx, txn, input.user_name())?;
    let (mut device, _) = find_of(ctx, txn, &owner, input.serial_number())?;
    device.enabled = None;
    txn.put(&keys::mfa_device(ctx.account(), &device.serial_number), &device)?;
    mfa::remove(txn, ctx.account(), &device.serial_number)?;
    Ok(Nothing::new())
}

/// Deletes a device that is not enabled.
pub(crate) fn delete_virtual_mfa_device(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteVirtualMFADeviceRequest,
) -> Result<Nothing, Error> {
    let device = find(ctx, txn, input.serial_number())?;
    if device.enabled.is_some() {
        return Err(Error::MfaDeviceNotDeactivated);
    }
    txn.delete(&keys::mfa_device(ctx.account(), &device.serial_number))?;
    Ok(Nothing::new())
}

/// Lists the devices of a user; without a name, of the caller.
pub(crate) fn list_mfa_devices(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListMFADevicesRequest,
) -> Result<api::ListMFADevicesResponse, Error> {
    let owner = Owner::named_or_caller(ctx, txn, input.user_name())?;
    let page = Page::of(input.marker(), input.max_items())?;
    let rows = of_owner(ctx, txn, &owner.id)?.into_iter().map(|device| {
        let shown = api::MFADevice::new()
            .with_user_name(&*owner.name)
            .with_serial_number(&*device.serial_number)
            .with_enable_date(enable_date(&device));
        (device.serial_number, shown)
    });
    let (devices, marker) = page.cut(rows);
    Ok(api::ListMFADevicesResponse::new()
        .with_mfa_devices(devices)
        .with_is_truncated(marker.is_some())
        .with_marker(marker))
}

fn enable_date(device: &VirtualMfaDevice) -> Option<Timestamp> {
    device.enabled.as_ref().map(|enabled| Timestamp::from_secs(enabled.at))
}

/// Lists the virtual devices of the account by whether they are enabled.
pub(crate) fn list_virtual_mfa_devices(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListVirtualMFADevicesRequest,
) -> Result<api::ListVirtualMFADevicesResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let mut devices = all(ctx, txn)?;
    devices.retain(|device| match input.assignment_status() {
        Some("Assigned") => device.enabled.is_some(),
        Some("Unassigned") => device.enabled.is_none(),
        _ => true,
    });
    let (devices, marker) =
        page.cut(devices.into_iter().map(|device| (device.serial_number.clone(), device)));
    let devices: Result<Vec<_>, Error> = devices.iter().map(|device| listed(ctx, txn, device)).collect();
    Ok(api::ListVirtualMFADevicesResponse::new()
        .with_virtual_mfa_devices(devices?)
        .with_is_truncated(marker.is_some())
        .with_marker(marker))
}

/// A device as lists show it: with its user, without its seed.
fn listed(ctx: &Ctx, txn: &Read, device: &VirtualMfaDevice) -> Result<api::VirtualMFADevice, Error> {
    let owner = device.enabled.as_ref().map(|enabled| enabled.owner.as_str());
    let owner = match owner {
        None => None,
        Some(id) if id == ctx.account() => Some(user::root(ctx)),
        Some(id) => user_of_id(ctx, txn, id)?.map(|owner| user::listed(ctx, &owner)),
    };
    Ok(api::VirtualMFADevice::new()
        .with_serial_number(&*device.serial_number)
        .with_user(owner)
        .with_enable_date(enable_date(device)))
}

fn user_of_id(ctx: &Ctx, txn: &Read, id: &str) -> Result<Option<User>, Fault> {
    match txn.get(&crate::keys::entity(ctx.account(), id))? {
        Some(entity) if entity.kind == Kind::User => txn.get(&crate::keys::user(ctx.account(), &entity.name)),
        _ => Ok(None),
    }
}

/// Reads a device of a user; without a name, of the caller.
pub(crate) fn get_mfa_device(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetMFADeviceRequest,
) -> Result<api::GetMFADeviceResponse, Error> {
    let device = find(ctx, txn, input.serial_number())?;
    let answer = api::GetMFADeviceResponse::new()
        .with_serial_number(&*device.serial_number)
        .with_enable_date(enable_date(&device));
    // Without a name, the device has to be one of the caller.
    let owner = Owner::named_or_caller(ctx, txn, input.user_name())?;
    find_of(ctx, txn, &owner, input.serial_number())?;
    Ok(answer.with_user_name(owner.user.is_some().then_some(owner.name)))
}

impl Tagged for VirtualMfaDevice {
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
        txn.put(&keys::mfa_device(ctx.account(), &self.serial_number), self)
    }
}

tag::tag_handlers! {
    VirtualMfaDevice by serial_number:
    tag_mfa_device(TagMFADeviceRequest), untag_mfa_device(UntagMFADeviceRequest),
    list_mfa_device_tags(ListMFADeviceTagsRequest) -> ListMFADeviceTagsResponse
}
