//! X.509 certificates that users sign requests with.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSigningCertificate.html>

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
use crate::records::credential::{SigningCertificate, Status};
use crate::rules::certificate::Certificate;

/// Ids of signing certificates.
const ID_LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ID_LENGTH: usize = 32;

fn find(ctx: &Ctx, txn: &impl Reader, owner: &Owner, id: &str) -> Result<SigningCertificate, Error> {
    let found = txn.get(&keys::signing_certificate(ctx.account(), &owner.id, id))?;
    found.ok_or_else(|| Error::NoSuchCertificate { id: id.to_owned() })
}

/// The certificates of a user or the root user.
pub(crate) fn of_owner(ctx: &Ctx, txn: &impl Reader, owner: &str) -> Result<Vec<SigningCertificate>, Fault> {
    let all = txn.scan(&keys::signing_certificates(ctx.account(), owner), Direction::Forward, usize::MAX)?;
    Ok(all.into_iter().map(|(_, certificate)| certificate).collect())
}

fn shown(owner: &Owner, certificate: &SigningCertificate) -> api::SigningCertificate {
    api::SigningCertificate::new()
        .with_user_name(&*owner.name)
        .with_certificate_id(&*certificate.id)
        .with_certificate_body(&*certificate.body)
        .with_status(certificate.status.as_str())
        .with_upload_date(Timestamp::from_secs(certificate.uploaded))
}

/// Adds a certificate.
pub(crate) fn upload_signing_certificate(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UploadSigningCertificateRequest,
) -> Result<api::UploadSigningCertificateResponse, Error> {
    let owner = Owner::named_or_caller(ctx, txn, input.user_name())?;
    let parsed = Certificate::parse(input.certificate_body()).map_err(|_| Error::malformed_certificate())?;
    let fingerprint = parsed.fingerprint();
    let present = of_owner(ctx, txn, &owner.id)?;
    if present.iter().any(|certificate| certificate.fingerprint == fingerprint) {
        return Err(Error::DuplicateCertificate);
    }
    quota::SIGNING_CERTIFICATES.admit(present.len())?;
    let certificate = SigningCertificate {
        id: ctx.random_letters(ID_LETTERS, ID_LENGTH),
        body: input.certificate_body().to_owned(),
        fingerprint,
        status: Status::Active,
        uploaded: ctx.now().secs(),
    };
    txn.put(&keys::signing_certificate(ctx.account(), &owner.id, &certificate.id), &certificate)?;
    Ok(api::UploadSigningCertificateResponse::new().with_certificate(shown(&owner, &certificate)))
}

/// Lists the certificates of a user; without a name, of the caller.
pub(crate) fn list_signing_certificates(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListSigningCertificatesRequest,
) -> Result<api::ListSigningCertificatesResponse, Error> {
    let owner = Owner::named_or_caller(ctx, txn, input.user_name())?;
    let page = Page::of(input.marker(), input.max_items())?;
    let rows = of_owner(ctx, txn, &owner.id)?.into_iter();
    let (certificates, marker) =
        page.cut(rows.map(|certificate| (certificate.id.clone(), shown(&owner, &certificate))));
    Ok(api::ListSigningCertificatesResponse::new()
        .with_certificates(certificates)
        .with_is_truncated(marker.is_some())
        .with_marker(marker))
}

/// Makes a certificate active or inactive.
pub(crate) fn update_signing_certificate(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateSigningCertificateRequest,
) -> Result<Nothing, Error> {
    let owner = Owner::named_or_caller(ctx, txn, input.user_name())?;
    let mut certificate = find(ctx, txn, &owner, input.certificate_id())?;
    certificate.status = Status::of_input(input.status())?;
    txn.put(&keys::signing_certificate(ctx.account(), &owner.id, &certificate.id), &certificate)?;
    Ok(Nothing::new())
}

/// Removes a certificate.
pub(crate) fn delete_signing_certificate(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteSigningCertificateRequest,
) -> Result<Nothing, Error> {
    let owner = Owner::named_or_caller(ctx, txn, input.user_name())?;
    let certificate = find(ctx, txn, &owner, input.certificate_id())?;
    txn.delete(&keys::signing_certificate(ctx.account(), &owner.id, &certificate.id))?;
    Ok(Nothing::new())
}
