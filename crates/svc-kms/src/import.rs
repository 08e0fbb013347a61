//! Imported key material. <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html>
//!
//! The import token carries the private wrapping key, encrypted, so that nothing is kept for imports that never come.

use serde::{Deserialize, Serialize};
use virga_api::kms as api;
use virga_kit::{Ctx, Failure};
use virga_model::Timestamp;
use virga_store::{Fault, Write};
use zeroize::Zeroize as _;

use crate::crypto::{Secret, WrappingKey};
use crate::error::Error;
use crate::key::shown_time;
use crate::key_life::DAY;
use crate::lookup::{self, KeyAt, now};
use crate::records::{Material, MaterialId, MaterialState, Status};
use crate::rules::KeyAddress;
use crate::rules::key_state::{KeyState, UNCHANGEABLE};
use crate::rules::terms::{KeySpec, Origin, WrappingAlgorithm};
use crate::{keys, material, multi_region, workers};

/// The most days until imported key material expires.
const MOST_DAYS: i64 = 365;

/// What an import token says.
#[derive(Serialize, Deserialize)]
struct Token {
    at: KeyAddress,
    spec: KeySpec,
    algorithm: WrappingAlgorithm,
    valid_to: i64,
    private_key: Vec<u8>,
}

/// Makes the key that key material is wrapped with, and the token that the import needs.
pub(crate) async fn get_parameters_for_import(
    ctx: &Ctx,
    input: &api::GetParametersForImportRequest,
) -> Result<api::GetParametersForImportResponse, Failure> {
    let found = ctx.transact(|txn| importable(ctx, txn, "GetParametersForImport", input.key_id())).await?;
    let (algorithm, spec) = wrapping(input)?;
    let (private_key, public_key) = material::apart(move || {
        let wrapping = WrappingKey::generate(spec)?;
        Ok((wrapping.pair().to_pkcs8()?, wrapping.pair().public_der()?))
    })
    .await?;
    let valid_to = now(ctx) + DAY;
    let arn = found.arn();
    let mut token = Token { at: found.at, spec, algorithm, valid_to, private_key: private_key.to_vec() };
    let bytes = postcard::to_allocvec(&token)
        .map(Secret::new)
        .map_err(|error| Fault::with_source("an import token can't be written", error))?;
    token.private_key.zeroize();
    let token = ctx.transact(|txn| material::seal_token(txn, &bytes)).await?;
    Ok(api::GetParametersForImportResponse::new()
        .with_key_id(arn)
        .with_import_token(token)
        .with_public_key(public_key)
        .with_parameters_valid_to(shown_time(valid_to)))
}

/// How key material is to be wrapped.
fn wrapping(input: &api::GetParametersForImportRequest) -> Result<(WrappingAlgorithm, KeySpec), Error> {
    let algorithm = WrappingAlgorithm::parse(input.wrapping_algorithm());
    let spec = KeySpec::parse(input.wrapping_key_spec());
    let (Some(algorithm), Some(spec)) = (algorithm, spec) else {
        return Err(Error::validation("The wrapping algorithm and key spec are not valid."));
    };
    if (spec == KeySpec::Sm2) != (algorithm == WrappingAlgorithm::Sm2Pke) {
        let reason = format!("WrappingAlgorithm {algorithm} is not compatible with WrappingKeySpec {spec}.");
        return Err(Error::validation(reason));
    }
    if algorithm == WrappingAlgorithm::RsaesPkcs1 {
        return Err(Error::unsupported(format!(
            "The wrapping algorithm {algorithm} is not supported any more."
        )));
    }
    Ok((algorithm, spec))
}

/// A key of the caller's whose material can be imported now.
fn importable(ctx: &Ctx, txn: &Write, operation: &str, id: &str) -> Result<KeyAt, Error> {
    let found = external(ctx, txn, operation, id)?;
    found.refuse_in(ctx, UNCHANGEABLE)?;
    Ok(found)
}

/// A key of the caller's whose material is imported.
fn external(ctx: &Ctx, txn: &Write, operation: &str, id: &str) -> Result<KeyAt, Error> {
    let found = lookup::manageable(ctx, txn, operation, id)?;
    if found.key.origin == Origin::External { Ok(found) } else { Err(found.wrong_origin()) }
}

/// Imports key material: the first, the same again, or the next of a symmetric encryption key.
pub(crate) fn import_key_material(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ImportKeyMaterialRequest,
) -> Result<api::ImportKeyMaterialResponse, Error> {
    let mut found = importable(ctx, txn, "ImportKeyMaterial", input.key_id())?;
    let valid_to = valid_to(ctx, input)?;
    let secret = unwrap(ctx, txn, &found, input)?;
    let id = material::id(&found.at.id, &secret);
    let wanted = input.key_material_id().is_none_or(|wanted| wanted == hex::encode(id));
    if !wanted {
        return Err(incorrect(&found));
    }
    if found.key.material_mut(&id).is_none() {
        let material = new_material(txn, &found, input.import_type(), id)?;
        announce(txn, &found, &material)?;
        found.key.materials.push(material);
    }
    if let Some(material) = found.key.material_mut(&id) {
        material.present = true;
        material.valid_to = valid_to;
        if let Some(description) = input.key_material_description() {
            material.description = Some(description.to_owned());
        }
    }
    material::store(txn, &found.at, &id, &secret)?;
    if found.key.status == Status::PendingImport && found.key.materials.iter().all(is_complete) {
        found.key.status = Status::Enabled;
    }
    found.save(txn)?;
    complete_everywhere(txn, &mut found, &id)?;
    workers::expire_at(ctx, txn, &found.at, &id, valid_to)?;
    let symmetric = found.key.spec.is_symmetric_encryption();
    Ok(api::ImportKeyMaterialResponse::new()
        .with_key_id(found.arn())
        .with_key_material_id(symmetric.then(|| hex::encode(id))))
}

/// `ValidTo`, as `ExpirationModel` demands it.
fn valid_to(ctx: &Ctx, input: &api::ImportKeyMaterialRequest) -> Result<Option<i64>, Error> {
    let expires = input.expiration_model() != Some("KEY_MATERIAL_DOES_NOT_EXPIRE");
    let now = now(ctx);
    match (expires, input.valid_to().map(Timestamp::micros)) {
        (true, None) => Err(Error::validation(
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
        )),
        (false, Some(_)) => Err(Error::validation(
            "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
        )),
        (true, Some(at)) if at <= now || at > now + MOST_DAYS * DAY => {
            Err(Error::validation("The validTo date must be in the future and at most 365 days from now."))
        }
        (_, valid_to) => Ok(valid_to),
    }
}

/// The key material of an import, in the form in which it is kept.
fn unwrap(
    ctx: &Ctx,
    txn: &Write,
    found: &KeyAt,
    input: &api::ImportKeyMaterialRequest,
) -> Result<Secret, Error> {
    let bytes = material::open_token(txn, input.import_token())?.ok_or(Error::InvalidImportToken)?;
    let token: Token = postcard::from_bytes(&bytes).map_err(|_| Error::InvalidImportToken)?;
    if token.at != found.at {
        return Err(Error::InvalidImportToken);
    }
    if token.valid_to <= now(ctx) {
        return Err(Error::ExpiredImportToken);
    }
    let private_key = Secret::new(token.private_key);
    let wrapping = WrappingKey::from_pkcs8(token.spec, &private_key)?;
    let bytes = wrapping
        .unwrap(token.algorithm, input.encrypted_key_material())
        .map_err(|_| Error::InvalidCiphertext)?;
    material::accept(found.key.spec, bytes).ok_or_else(|| Error::IncorrectKeyMaterial {
        reason: format!("The key material is not valid for the key spec {}.", found.key.spec),
    })
}

fn incorrect(found: &KeyAt) -> Error {
    let reason = format!("The key material is not the one that was imported into {} before.", found.arn());
    Error::IncorrectKeyMaterial { reason }
}

/// Material that the key did not have yet: its first, or its next.
fn new_material(
    txn: &Write,
    found: &KeyAt,
    import_type: Option<&str>,
    id: MaterialId,
) -> Result<Material, Error> {
    let is_replica = multi_region::primary_of(txn, found)?.is_some();
    if found.key.materials.is_empty() && !is_replica && import_type != Some("EXISTING_KEY_MATERIAL") {
        return Ok(material::current(id));
    }
    let is_next = found.key.spec.is_symmetric_encryption() && import_type == Some("NEW_KEY_MATERIAL");
    if !is_next || is_replica {
        return Err(incorrect(found));
    }
    if let Some(pending) = found.key.materials.iter().find(|material| !is_used(material)) {
        let (new, arn, pending) = (hex::encode(id), found.arn(), hex::encode(pending.id));
        return Err(Error::InvalidState {
            reason: format!(
                "New key material (id: {new}) cannot be imported into KMS key {arn}, because another key material \
                 (id: {pending}) is pending rotation."
            ),
        });
    }
    let state = if multi_region::has_replicas(txn, found)? {
        MaterialState::PendingMultiRegionImport
    } else {
        MaterialState::PendingRotation
    };
    Ok(Material { state, ..material::current(id) })
}

/// Whether it encrypts or once did.
fn is_used(material: &Material) -> bool {
    matches!(material.state, MaterialState::Current | MaterialState::NonCurrent)
}

/// Whether it keeps no key from being used.
fn is_complete(material: &Material) -> bool {
    material.present || !is_used(material)
}

/// Tells the replicas which material they are to import.
fn announce(txn: &mut Write, found: &KeyAt, material: &Material) -> Result<(), Error> {
    for mut replica in multi_region::related(txn, found)? {
        replica.key.materials.push(Material { present: false, ..material.clone() });
        replica.save(txn)?;
    }
    Ok(())
}

/// Once the next material is in every related key, it can be rotated to.
fn complete_everywhere(txn: &mut Write, found: &mut KeyAt, id: &MaterialId) -> Result<(), Error> {
    let waits = |at: &mut KeyAt| {
        at.key.material_mut(id).filter(|it| it.state == MaterialState::PendingMultiRegionImport).cloned()
    };
    if waits(found).is_none() {
        return Ok(());
    }
    let mut related = multi_region::related(txn, found)?;
    if !related.iter_mut().all(|at| waits(at).is_some_and(|material| material.present)) {
        return Ok(());
    }
    for at in related.iter_mut().chain([found]) {
        if let Some(material) = at.key.material_mut(id) {
            material.state = MaterialState::PendingRotation;
        }
        at.save(txn)?;
    }
    Ok(())
}

/// Deletes imported key material; the key waits for it to be imported again.
pub(crate) fn delete_imported_key_material(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteImportedKeyMaterialRequest,
) -> Result<api::DeleteImportedKeyMaterialResponse, Error> {
    let mut found = external(ctx, txn, "DeleteImportedKeyMaterial", input.key_id())?;
    found.refuse_in(ctx, &[KeyState::Creating])?;
    let id = match input.key_material_id() {
        None => found.key.current().map(|material| material.id),
        Some(text) => {
            let known = found.key.materials.iter().find(|material| hex::encode(material.id) == text);
            let reason = format!("Key material {text} does not exist.");
            Some(known.ok_or(Error::NotFound { reason })?.id)
        }
    };
    if let Some(id) = id {
        forget(ctx, txn, &mut found, &id)?;
    }
    let shown = id.filter(|_| found.key.spec.is_symmetric_encryption());
    Ok(api::DeleteImportedKeyMaterialResponse::new()
        .with_key_id(found.arn())
        .with_key_material_id(shown.map(hex::encode)))
}

/// Deletes key material whose time is over.
pub(crate) fn expire(ctx: &Ctx, txn: &mut Write, at: KeyAddress, id: &MaterialId) -> Result<(), Error> {
    let Ok(mut found) = lookup::at(txn, at) else { return Ok(()) };
    let now = now(ctx);
    let material = found.key.material_mut(id);
    if material.and_then(|material| material.valid_to).is_some_and(|valid_to| valid_to <= now) {
        forget(ctx, txn, &mut found, id)?;
    }
    Ok(())
}

fn forget(ctx: &Ctx, txn: &mut Write, found: &mut KeyAt, id: &MaterialId) -> Result<(), Error> {
    txn.delete(&keys::secret(&found.at, id))?;
    workers::expire_at(ctx, txn, &found.at, id, None)?;
    if let Some(material) = found.key.material_mut(id) {
        (material.present, material.valid_to) = (false, None);
    }
    let complete = found.key.materials.iter().all(is_complete);
    if !complete && matches!(found.key.status, Status::Enabled | Status::Disabled) {
        found.key.status = Status::PendingImport;
    }
    found.save(txn)
}
