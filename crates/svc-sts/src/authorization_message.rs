//! `DecodeAuthorizationMessage`: what a refused caller was given, opened for whoever may read it.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>

use virga_api::sts as api;
use virga_kit::{Ctx, authorization_message};
use virga_store::Read;

use crate::error::Error;

/// Opens an encoded message of the caller's account.
pub(crate) fn decode_authorization_message(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DecodeAuthorizationMessageInput,
) -> Result<api::DecodeAuthorizationMessageOutput, Error> {
    let message = authorization_message::decode(txn, ctx.account(), input.encoded_message())?;
    let message = message.ok_or(Error::InvalidAuthorizationMessage)?;
    Ok(api::DecodeAuthorizationMessageOutput::new().with_decoded_message(message))
}
