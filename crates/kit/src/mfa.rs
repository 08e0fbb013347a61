//! MFA devices that are in use: the seed behind a serial number, and the check of a code.
//!
//! IAM puts a device here when it is enabled and removes it when it is deactivated; STS (and S3, for MFA delete) check
//! codes. A code is good once: the step it belongs to has to be later than that of the last code that was accepted.

use serde::{Deserialize, Serialize};
use virga_iam::totp;
use virga_store::{Fault, Reader, Space, Write, stored};

use crate::Ctx;

/// How many steps of 30 seconds a device's clock may be off what is known of it.
const WINDOW_STEPS: i64 = 1;

/// An enabled device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaDevice {
    /// Whose it is.
    pub owner: MfaOwner,
    /// The secret it shares with its owner's app.
    pub seed: Vec<u8>,
    /// How many steps its clock runs ahead of the world's, as found when it was enabled or last resynchronized.
    pub ahead_steps: i64,
    /// The step of the last code that was accepted.
    pub last_step: i64,
}
stored!(MfaDevice, 1);

/// Whose a device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MfaOwner {
    /// The root user of the account.
    Root,
    /// An IAM user.
    User {
        /// The unique id, `AIDA…`, which a new name of the user leaves as it is.
        id: String,
    },
}

/// Enabled devices: (account, serial number).
static DEVICES: Space<MfaDevice> = Space::new("kit.mfa-device");

/// Stores an enabled device, or replaces it.
///
/// # Errors
/// When the store fails.
pub fn put(txn: &mut Write, account: &str, serial_number: &str, device: &MfaDevice) -> Result<(), Fault> {
    txn.put(&DEVICES.key((account, serial_number)), device)
}

/// Forgets a device that is no longer enabled.
///
/// # Errors
/// When the store fails.
pub fn remove(txn: &mut Write, account: &str, serial_number: &str) -> Result<(), Fault> {
    txn.delete(&DEVICES.key((account, serial_number)))
}

/// An enabled device; none when the account has no such one.
///
/// # Errors
/// When the store fails.
pub fn device(reader: &impl Reader, account: &str, serial_number: &str) -> Result<Option<MfaDevice>, Fault> {
    reader.get(&DEVICES.key((account, serial_number)))
}

/// Checks the code that a device shows now, and marks it as used: the owner when it is right, none when the account
/// has no such device, the code is wrong, or it was used before. The caller compares the owner with whoever asks.
///
/// # Errors
/// When the store fails.
pub fn verify(
    ctx: &Ctx,
    txn: &mut Write,
    account: &str,
    serial_number: &str,
    code: &str,
) -> Result<Option<MfaOwner>, Fault> {
    let Some(mut device) = device(txn, account, serial_number)? else { return Ok(None) };
    let expected = totp::step_at(ctx.now().secs()).saturating_add(device.ahead_steps);
    let step = totp::step_of(&device.seed, code, expected, WINDOW_STEPS);
    let Some(step) = step.filter(|step| *step > device.last_step) else { return Ok(None) };
    device.last_step = step;
    put(txn, account, serial_number, &device)?;
    Ok(Some(device.owner))
}
