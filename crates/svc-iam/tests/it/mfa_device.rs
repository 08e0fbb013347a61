//! Virtual MFA devices: enabling, resynchronization, listing, deletion.

use data_encoding::BASE32;
use virga_api::Nothing;
use virga_api::iam as api;
use virga_iam::totp;
use virga_kit::mfa;
use virga_model::view::List;
use virga_model::{ApiError, Timestamp};

use crate::cloud::{ACCOUNT, Cloud, START, error, words};

/// A device with its seed.
struct Device {
    serial_number: String,
    seed: Vec<u8>,
}

impl Device {
    async fn new(cloud: &Cloud, name: &str) -> Self {
        let input = api::CreateVirtualMFADeviceInput::new().with_virtual_mfa_device_name(name);
        let output = cloud.call::<api::op::CreateVirtualMFADevice>(input).await.unwrap();
        let device = output.virtual_mfa_device();
        assert!(device.qr_code_png().unwrap().starts_with(b"\x89PNG"));
        let seed = BASE32.decode(device.base32_string_seed().unwrap()).unwrap();
        Device { serial_number: device.serial_number().to_owned(), seed }
    }

    /// The code that a device shows whose clock is some steps off.
    fn code(&self, cloud: &Cloud, steps: i64) -> String {
        totp::code(&self.seed, totp::step_at(cloud.world.clock().now().secs()) + steps)
    }

    async fn enable(&self, cloud: &Cloud, user: &str, steps: i64) -> Result<Nothing, ApiError> {
        let input = api::EnableMFADeviceInput::new()
            .with_user_name(user)
            .with_serial_number(&*self.serial_number)
            .with_authentication_code1(self.code(cloud, steps - 1))
            .with_authentication_code2(self.code(cloud, steps));
        cloud.call::<api::op::EnableMFADevice>(input).await
    }

    async fn deactivate(&self, cloud: &Cloud, user: Option<&str>) -> Result<Nothing, ApiError> {
        let input = api::DeactivateMFADeviceInput::new()
            .with_user_name(user)
            .with_serial_number(&*self.serial_number);
        cloud.call::<api::op::DeactivateMFADevice>(input).await
    }

    async fn delete(&self, cloud: &Cloud) -> Result<Nothing, ApiError> {
        let input = api::DeleteVirtualMFADeviceInput::new().with_serial_number(&*self.serial_number);
        cloud.call::<api::op::DeleteVirtualMFADevice>(input).await
    }

    /// What is kept for checking its codes.
    fn kept(&self, cloud: &Cloud) -> Option<mfa::MfaDevice> {
        let read = cloud.world.store().read().unwrap();
        mfa::device(&read, ACCOUNT, &self.serial_number).unwrap()
    }
}

async fn listed(cloud: &Cloud, status: Option<&str>) -> Vec<api::VirtualMFADevice> {
    let input = api::ListVirtualMFADevicesInput::new().with_assignment_status(status);
    let output = cloud.call::<api::op::ListVirtualMFADevices>(input).await.unwrap();
    output.virtual_mfa_devices().iter().cloned().collect()
}

#[tokio::test]
async fn two_codes_that_follow_each_other_enable_a_device() {
    let cloud = Cloud::new();
    let ann = cloud.user("ann").await;
    let device = Device::new(&cloud, "phone").await;
    assert_eq!(device.serial_number, "arn:aws:iam::111122223333:mfa/phone");
    let input = api::CreateVirtualMFADeviceInput::new().with_virtual_mfa_device_name("phone");
    assert_eq!(
        error(cloud.call::<api::op::CreateVirtualMFADevice>(input).await),
        words("EntityAlreadyExists", "MFADevice entity at the same path and name already exists.")
    );
    assert_eq!(
        error(device.enable(&cloud, "ann", 100).await),
        words("InvalidAuthenticationCode", "Authentication code for device is not valid.")
    );
    assert_eq!(error(device.enable(&cloud, "bob", 0).await).0, "NoSuchEntity");
    device.enable(&cloud, "ann", 2).await.unwrap();
    let kept = device.kept(&cloud).unwrap();
    assert_eq!(kept.owner, mfa::MfaOwner::User { id: ann.user_id().to_owned() });
    assert_eq!(kept.ahead_steps, 2);
    assert_eq!(
        error(device.enable(&cloud, "ann", 2).await),
        words("EntityAlreadyExists", "MFA Device is already in use.")
    );
    assert_eq!(
        error(device.delete(&cloud).await),
        words("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")
    );
    let delete = cloud.call::<api::op::DeleteUser>(api::DeleteUserInput::new().with_user_name("ann")).await;
    assert_eq!(error(delete).0, "DeleteConflict");
    cloud.user("bob").await;
    assert_eq!(
        error(device.deactivate(&cloud, Some("bob")).await),
        words("NoSuchEntity", "MFA Device invalid for user.")
    );
    device.deactivate(&cloud, Some("ann")).await.unwrap();
    assert_eq!(device.kept(&cloud), None);
    device.delete(&cloud).await.unwrap();
    assert_eq!(
        error(device.delete(&cloud).await),
        words(
            "NoSuchEntity",
            "VirtualMFADevice with serial number arn:aws:iam::111122223333:mfa/phone doesn't exist."
        )
    );
}

#[tokio::test]
async fn resynchronization_finds_a_clock_that_is_far_off() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let device = Device::new(&cloud, "phone").await;
    device.enable(&cloud, "ann", 0).await.unwrap();
    let resync = |steps: i64| {
        let input = api::ResyncMFADeviceInput::new()
            .with_user_name("ann")
            .with_serial_number(&*device.serial_number)
            .with_authentication_code1(device.code(&cloud, steps - 1))
            .with_authentication_code2(device.code(&cloud, steps));
        cloud.call::<api::op::ResyncMFADevice>(input)
    };
    resync(1000).await.unwrap();
    assert_eq!(device.kept(&cloud).unwrap().ahead_steps, 1000);
    assert_eq!(error(resync(5000).await).0, "InvalidAuthenticationCode");
}

#[tokio::test]
async fn a_user_has_eight_devices_at_most() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    for number in 0..8 {
        Device::new(&cloud, &format!("phone-{number}")).await.enable(&cloud, "ann", 0).await.unwrap();
    }
    let ninth = Device::new(&cloud, "phone-8").await;
    assert_eq!(
        error(ninth.enable(&cloud, "ann", 0).await),
        words("LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8")
    );
    let input = api::ListMFADevicesInput::new().with_user_name("ann").with_max_items(5);
    let output = cloud.call::<api::op::ListMFADevices>(input).await.unwrap();
    assert_eq!((output.mfa_devices().len(), output.is_truncated()), (5, Some(true)));
    let input = api::ListMFADevicesInput::new().with_user_name("ann").with_marker(output.marker());
    let rest = cloud.call::<api::op::ListMFADevices>(input).await.unwrap();
    assert_eq!((rest.mfa_devices().len(), rest.is_truncated()), (3, Some(false)));
    let first = rest.mfa_devices().iter().next().unwrap();
    assert_eq!((first.user_name(), first.enable_date().secs()), ("ann", START));
}

#[tokio::test]
async fn devices_are_listed_by_assignment() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let (first, second) = (Device::new(&cloud, "a").await, Device::new(&cloud, "b").await);
    first.enable(&cloud, "ann", 0).await.unwrap();
    let assigned = listed(&cloud, Some("Assigned")).await;
    assert_eq!(assigned.len(), 1);
    assert_eq!(assigned[0].user().unwrap().user_name(), "ann");
    assert_eq!(assigned[0].base32_string_seed(), None, "a seed is shown once");
    let unassigned = listed(&cloud, Some("Unassigned")).await;
    assert_eq!(
        unassigned.iter().map(api::VirtualMFADevice::serial_number).collect::<Vec<_>>(),
        [&*second.serial_number]
    );
    assert_eq!(listed(&cloud, None).await.len(), 2);
    let input = api::GetMFADeviceInput::new().with_serial_number(&*first.serial_number).with_user_name("ann");
    let output = cloud.call::<api::op::GetMFADevice>(input).await.unwrap();
    assert_eq!((output.user_name(), output.enable_date().map(Timestamp::secs)), (Some("ann"), Some(START)));
}

#[tokio::test]
async fn the_root_user_can_have_a_device() {
    let cloud = Cloud::new();
    let device = Device::new(&cloud, "root-phone").await;
    device.enable(&cloud, "root", 0).await.unwrap();
    assert_eq!(device.kept(&cloud).unwrap().owner, mfa::MfaOwner::Root);
    let assigned = listed(&cloud, Some("Assigned")).await;
    assert_eq!(assigned[0].user().unwrap().arn(), "arn:aws:iam::111122223333:root");
    let summary = cloud.call::<api::op::GetAccountSummary>(Nothing::new()).await.unwrap();
    let summary = summary.summary_map().unwrap();
    for name in ["MFADevices", "MFADevicesInUse", "AccountMFAEnabled"] {
        assert_eq!(summary.get(name), Some(1), "{name}");
    }
    device.deactivate(&cloud, None).await.unwrap();
}

#[tokio::test]
async fn devices_have_tags() {
    let cloud = Cloud::new();
    let device = Device::new(&cloud, "phone").await;
    let tag = api::Tag::new().with_key("team").with_value("a");
    let input = api::TagMFADeviceInput::new().with_serial_number(&*device.serial_number).with_tags(vec![tag]);
    cloud.call::<api::op::TagMFADevice>(input).await.unwrap();
    let tags = async || {
        let input = api::ListMFADeviceTagsInput::new().with_serial_number(&*device.serial_number);
        let output = cloud.call::<api::op::ListMFADeviceTags>(input).await.unwrap();
        List::iter(output.tags()).map(|tag| tag.key().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(tags().await, ["team"]);
    let input = api::UntagMFADeviceInput::new()
        .with_serial_number(&*device.serial_number)
        .with_tag_keys(vec!["team"]);
    cloud.call::<api::op::UntagMFADevice>(input).await.unwrap();
    assert!(tags().await.is_empty());
}

#[tokio::test]
async fn without_a_name_a_device_is_one_of_the_callers() {
    let cloud = Cloud::new();
    let (ann, bob) = (cloud.administrator("ann").await, cloud.administrator("bob").await);
    let device = Device::new(&cloud, "phone").await;
    device.enable(&cloud, "ann", 0).await.unwrap();
    let get = async |cloud: &Cloud, user: Option<&str>| {
        let input = api::GetMFADeviceInput::new().with_serial_number(&*device.serial_number);
        cloud.call::<api::op::GetMFADevice>(input.with_user_name(user)).await
    };
    let found = get(&ann, None).await.unwrap();
    assert_eq!(found.user_name(), Some("ann"));
    assert_eq!(found.enable_date().map(Timestamp::secs), Some(START));
    assert_eq!(get(&bob, Some("ann")).await.unwrap().user_name(), Some("ann"));
    assert_eq!(error(get(&bob, None).await), words("NoSuchEntity", "MFA Device invalid for user."));
}
