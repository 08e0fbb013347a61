//! MFA codes of a call: a serial number and the six digits that the device shows.

use virga_iam::Principal;
use virga_kit::Ctx;
use virga_kit::mfa::{self, MfaOwner};
use virga_store::Write;

use crate::error::Error;

/// Serial number and code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code<'a> {
    serial_number: &'a str,
    digits: &'a str,
}

impl<'a> Code<'a> {
    /// The code of a call, if it has one.
    pub(crate) fn of_input(
        serial_number: Option<&'a str>,
        digits: Option<&'a str>,
    ) -> Result<Option<Self>, Error> {
        match (serial_number, digits) {
            (Some(serial_number), Some(digits)) => Ok(Some(Code { serial_number, digits })),
            (None, None) => Ok(None),
            _ => Err(Error::denied(
                "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
            )),
        }
    }

    /// Checks and uses up the code, which must be of a device of the caller.
    pub(crate) fn verify(self, ctx: &Ctx, txn: &mut Write) -> Result<(), Error> {
        let Code { serial_number, digits } = self;
        let account = ctx.account();
        let is_own = |owner: &MfaOwner| match (owner, &ctx.caller().principal) {
            (MfaOwner::Root, Principal::Root) => true,
            (MfaOwner::User { id }, Principal::User { id: own, .. }) => id == own,
            _ => false,
        };
        let device = mfa::device(txn, account, serial_number)?;
        if !device.is_some_and(|device| is_own(&device.owner)) {
            return Err(Error::denied(
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial \
                 number is valid and associated with this user.",
            ));
        }
        match mfa::verify(ctx, txn, account, serial_number, digits)? {
            Some(_) => Ok(()),
            None => {
                Err(Error::denied("MultiFactorAuthentication failed with invalid MFA one time pass code. "))
            }
        }
    }
}
