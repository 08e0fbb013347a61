//! SSH public keys of users, for CodeCommit.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_ssh-keys.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::keys::credential as keys;
use crate::owner::Owner;
use crate::page::Page;
use crate::quota;
use crate::records::credential::{SshPublicKey, Status};
use crate::rules::ssh_key::{self, Refused};
use crate::unique_id::{self, Named};

fn find(ctx: &Ctx, txn: &impl Reader, owner: &Owner, id: &str) -> Result<SshPublicKey, Error> {
    let found = txn.get(&keys::ssh_public_key(ctx.account(), &owner.id, id))?;
    found.ok_or_else(|| Error::NoSuchPublicKey { id: id.to_owned() })
}

/// The keys of a user.
pub(crate) fn of_owner(ctx: &Ctx, txn: &impl Reader, owner: &str) -> Result<Vec<SshPublicKey>, Fault> {
    let keys = txn.scan(&keys::ssh_public_keys(ctx.account(), owner), Direction::Forward, usize::MAX)?;
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

fn shown(owner: &Owner, key: &SshPublicKey, body: String) -> api::SSHPublicKey {
    api::SSHPublicKey::new()
        .with_user_name(&*owner.name)
        .with_ssh_public_key_id(&*key.id)
        .with_fingerprint(ssh_key::fingerprint(&key.blob))
        .with_ssh_public_key_body(body)
        .with_status(key.status.as_str())
        .with_upload_date(Timestamp::from_secs(key.uploaded))
}

/// Adds a key.
pub(crate) fn upload_ssh_public_key(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UploadSSHPublicKeyRequest,
) -> Result<api::UploadSSHPublicKeyResponse, Error> {
    let owner = Owner::named(ctx, txn, input.user_name())?;
    let blob = ssh_key::parse(input.ssh_public_key_body()).map_err(|refused| match refused {
        Refused::Encoding => Error::UnrecognizedPublicKeyEncoding,
        Refused::Key => Error::InvalidPublicKey,
    })?;
    let present = of_owner(ctx, txn, &owner.id)?;
    if present.iter().any(|key| key.blob == blob) {
        return Err(Error::DuplicatePublicKey);
    }
    quota::SSH_PUBLIC_KEYS.admit(present.len())?;
    let key = SshPublicKey {
        id: unique_id::draw(ctx, Named::PublicKey),
        body: input.ssh_public_key_body().to_owned(),
        blob,
        status: Status::Active,
        uploaded: ctx.now().secs(),
    };
    txn.put(&keys::ssh_public_key(ctx.account(), &owner.id, &key.id), &key)?;
    let body = key.body.clone();
    Ok(api::UploadSSHPublicKeyResponse::new().with_ssh_public_key(shown(&owner, &key, body)))
}

/// Reads a key in the form that is asked for.
pub(crate) fn get_ssh_public_key(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetSSHPublicKeyRequest,
) -> Result<api::GetSSHPublicKeyResponse, Error> {
    let owner = Owner::named(ctx, txn, input.user_name())?;
    let key = find(ctx, txn, &owner, input.ssh_public_key_id())?;
    let given_as_pem = key.body.trim_start().starts_with("-----");
    let body = match input.encoding() {
        "PEM" if !given_as_pem => ssh_key::as_pem(&key.blob),
        "SSH" if given_as_pem => ssh_key::as_ssh(&key.blob),
        _ => key.body.clone(),
    };
    Ok(api::GetSSHPublicKeyResponse::new().with_ssh_public_key(shown(&owner, &key, body)))
}

/// Lists the keys of a user; without a name, of the caller.
pub(crate) fn list_ssh_public_keys(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListSSHPublicKeysRequest,
) -> Result<api::ListSSHPublicKeysResponse, Error> {
    let owner = Owner::named_or_calling_user(ctx, txn, input.user_name())?;
    let page = Page::of(input.marker(), input.max_items())?;
    let (keys, marker) = page.cut(of_owner(ctx, txn, &owner.id)?.into_iter().map(|key| {
        let shown = api::SSHPublicKeyMetadata::new()
            .with_user_name(&*owner.name)
            .with_ssh_public_key_id(&*key.id)
            .with_status(key.status.as_str())
            .with_upload_date(Timestamp::from_secs(key.uploaded));
        (key.id, shown)
    }));
    Ok(api::ListSSHPublicKeysResponse::new()
        .with_ssh_public_keys(keys)
        .with_is_truncated(marker.is_some())
        .with_marker(marker))
}

/// Makes a key active or inactive.
pub(crate) fn update_ssh_public_key(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateSSHPublicKeyRequest,
) -> Result<Nothing, Error> {
    let owner = Owner::named(ctx, txn, input.user_name())?;
    let mut key = find(ctx, txn, &owner, input.ssh_public_key_id())?;
    key.status = Status::of_input(input.status())?;
    txn.put(&keys::ssh_public_key(ctx.account(), &owner.id, &key.id), &key)?;
    Ok(Nothing::new())
}

/// Removes a key.
pub(crate) fn delete_ssh_public_key(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteSSHPublicKeyRequest,
) -> Result<Nothing, Error> {
    let owner = Owner::named(ctx, txn, input.user_name())?;
    let key = find(ctx, txn, &owner, input.ssh_public_key_id())?;
    txn.delete(&keys::ssh_public_key(ctx.account(), &owner.id, &key.id))?;
    Ok(Nothing::new())
}
