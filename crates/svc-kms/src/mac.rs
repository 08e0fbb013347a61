//! Message authentication codes.

use virga_api::kms as api;
use virga_kit::Ctx;
use virga_store::Write;

use crate::crypto::{self, Secret};
use crate::encrypt::refuse_dry_run;
use crate::error::Error;
use crate::lookup::{self, KeyAt};
use crate::rules::terms::{KeyUsage, MacAlgorithm};
use crate::{grant, last_use, material};

/// Makes a code.
pub(crate) fn generate_mac(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::GenerateMacRequest,
) -> Result<api::GenerateMacResponse, Error> {
    let found = lookup::open(ctx, txn, input.key_id())?;
    grant::check_tokens(txn, input.grant_tokens())?;
    let (algorithm, secret) = opened(ctx, txn, &found, "GenerateMac", input.mac_algorithm())?;
    let mac = crypto::mac(algorithm, &secret, input.message())?;
    refuse_dry_run(input.dry_run())?;
    last_use::note(ctx, txn, &found, "GenerateMac")?;
    Ok(api::GenerateMacResponse::new()
        .with_mac(mac)
        .with_mac_algorithm(algorithm.as_str())
        .with_key_id(found.arn()))
}

/// Checks a code.
pub(crate) fn verify_mac(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::VerifyMacRequest,
) -> Result<api::VerifyMacResponse, Error> {
    let found = lookup::open(ctx, txn, input.key_id())?;
    grant::check_tokens(txn, input.grant_tokens())?;
    let (algorithm, secret) = opened(ctx, txn, &found, "VerifyMac", input.mac_algorithm())?;
    if !crypto::mac_agrees(algorithm, &secret, input.message(), input.mac())? {
        return Err(Error::InvalidMac);
    }
    refuse_dry_run(input.dry_run())?;
    last_use::note(ctx, txn, &found, "VerifyMac")?;
    Ok(api::VerifyMacResponse::new()
        .with_key_id(found.arn())
        .with_mac_valid(true)
        .with_mac_algorithm(algorithm.as_str()))
}

/// The algorithm of a call, which the key must have, and the key's secret.
fn opened(
    ctx: &Ctx,
    txn: &Write,
    found: &KeyAt,
    operation: &str,
    name: &str,
) -> Result<(MacAlgorithm, Secret), Error> {
    found.usable_for(ctx, operation, KeyUsage::GenerateVerifyMac)?;
    let algorithm =
        MacAlgorithm::parse(name).filter(|algorithm| found.key.spec.mac_algorithm() == Some(*algorithm));
    let algorithm = algorithm.ok_or_else(|| found.incompatible(name))?;
    let (_, secret) = material::of_current(txn, found)?;
    Ok((algorithm, secret))
}
