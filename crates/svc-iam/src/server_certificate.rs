//! Server certificates: upload with a private key and chain, renaming, listing, tags.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::keys::credential as keys;
use crate::page::Page;
use crate::records::Tag;
use crate::records::credential::ServerCertificate;
use crate::rules::certificate::{Certificate, Malformed};
use crate::rules::private_key;
use crate::tag::{self, Tagged};
use crate::unique_id::{self, Named};
use crate::{arn, quota};

fn find(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<ServerCertificate, Error> {
    let found = txn.get(&keys::server_certificate(ctx.account(), name))?;
    found.ok_or_else(|| Error::NoSuchServerCertificate { name: name.to_owned() })
}

/// How many the account has.
pub(crate) fn count(ctx: &Ctx, txn: &impl Reader) -> Result<usize, Fault> {
    Ok(txn.scan_keys(&keys::server_certificates(ctx.account()), Direction::Forward, usize::MAX)?.len())
}

fn metadata(ctx: &Ctx, certificate: &ServerCertificate) -> api::ServerCertificateMetadata {
    api::ServerCertificateMetadata::new()
        .with_path(&*certificate.path)
        .with_server_certificate_name(&*certificate.name)
        .with_server_certificate_id(&*certificate.id)
        .with_arn(arn::of(ctx.account(), "server-certificate", &certificate.path, &certificate.name))
        .with_upload_date(Timestamp::from_secs(certificate.uploaded))
        .with_expiration(Timestamp::from_secs(certificate.expires))
}

/// Reads what is uploaded: when it expires. Certificate, private key and chain have to belong together.
fn checked(input: &api::UploadServerCertificateRequest) -> Result<i64, Error> {
    let certificate =
        Certificate::parse(input.certificate_body()).map_err(|_| Error::malformed_certificate())?;
    let public = private_key::public_part(input.private_key()).ok_or(Error::MalformedPrivateKey)?;
    if certificate.public.as_ref() != Some(&public) {
        return Err(Error::KeyPairMismatch);
    }
    if let Some(chain) = input.certificate_chain() {
        certificate.check_chain(chain).map_err(|malformed| match malformed {
            Malformed::Chain(index) => Error::MalformedChain { index },
            Malformed::Certificate => Error::malformed_certificate(),
        })?;
    }
    Ok(certificate.expires)
}

/// Adds a certificate.
pub(crate) fn upload_server_certificate(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UploadServerCertificateRequest,
) -> Result<api::UploadServerCertificateResponse, Error> {
    let name = input.server_certificate_name();
    let key = keys::server_certificate(ctx.account(), name);
    if txn.contains(&key)? {
        return Err(Error::ServerCertificateExists { name: name.to_owned() });
    }
    let tags = tag::of_input(input.tags())?;
    let expires = checked(input)?;
    quota::SERVER_CERTIFICATES.admit(count(ctx, txn)?)?;
    let certificate = ServerCertificate {
        path: input.path().unwrap_or("/").to_owned(),
        name: name.to_owned(),
        id: unique_id::draw(ctx, Named::ServerCertificate),
        uploaded: ctx.now().secs(),
        expires,
        // Terraform counts on the white space around them being gone.
        body: input.certificate_body().trim().to_owned(),
        chain: input.certificate_chain().map(|chain| chain.trim().to_owned()),
        private_key: input.private_key().to_owned(),
        tags,
    };
    txn.put(&key, &certificate)?;
    Ok(api::UploadServerCertificateResponse::new()
        .with_server_certificate_metadata(metadata(ctx, &certificate))
        .with_tags(tag::shown_if_any(&certificate.tags)))
}

/// Reads a certificate; the private key is never shown.
pub(crate) fn get_server_certificate(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetServerCertificateRequest,
) -> Result<api::GetServerCertificateResponse, Error> {
    let certificate = find(ctx, txn, input.server_certificate_name())?;
    let shown = api::ServerCertificate::new()
        .with_server_certificate_metadata(metadata(ctx, &certificate))
        .with_certificate_body(&*certificate.body)
        .with_certificate_chain(certificate.chain.as_deref())
        .with_tags(tag::shown_if_any(&certificate.tags));
    Ok(api::GetServerCertificateResponse::new().with_server_certificate(shown))
}

/// Lists the certificates under a path.
pub(crate) fn list_server_certificates(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListServerCertificatesRequest,
) -> Result<api::ListServerCertificatesResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let prefix = input.path_prefix().unwrap_or("/");
    let all = txn.scan(&keys::server_certificates(ctx.account()), Direction::Forward, usize::MAX)?;
    let rows = all.iter().map(|(_, certificate)| certificate).filter(|one| one.path.starts_with(prefix));
    let (certificates, marker) =
        page.cut(rows.map(|one| (crate::keys::folded(&one.name), metadata(ctx, one))));
    Ok(api::ListServerCertificatesResponse::new()
        .with_server_certificate_metadata_list(certificates)
        .with_is_truncated(marker.is_some())
        .with_marker(marker))
}

/// Gives a certificate another name or path.
pub(crate) fn update_server_certificate(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateServerCertificateRequest,
) -> Result<Nothing, Error> {
    let mut certificate = find(ctx, txn, input.server_certificate_name())?;
    let old = keys::server_certificate(ctx.account(), &certificate.name);
    if let Some(name) = input.new_server_certificate_name() {
        let key = keys::server_certificate(ctx.account(), name);
        if key != old && txn.contains(&key)? {
            return Err(Error::ServerCertificateExists { name: name.to_owned() });
        }
        txn.delete(&old)?;
        name.clone_into(&mut certificate.name);
    }
    if let Some(path) = input.new_path() {
        path.clone_into(&mut certificate.path);
    }
    txn.put(&keys::server_certificate(ctx.account(), &certificate.name), &certificate)?;
    Ok(Nothing::new())
}

/// Removes a certificate.
pub(crate) fn delete_server_certificate(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteServerCertificateRequest,
) -> Result<Nothing, Error> {
    let certificate = find(ctx, txn, input.server_certificate_name())?;
    txn.delete(&keys::server_certificate(ctx.account(), &certificate.name))?;
    Ok(Nothing::new())
}

impl Tagged for ServerCertificate {
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
        txn.put(&keys::server_certificate(ctx.account(), &self.name), self)
    }
}

tag::tag_handlers! {
    ServerCertificate by server_certificate_name:
    tag_server_certificate(TagServerCertificateRequest), untag_server_certificate(UntagServerCertificateRequest),
    list_server_certificate_tags(ListServerCertificateTagsRequest) -> ListServerCertificateTagsResponse
}
