//! PutObject: an object in one piece.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use virga_api::s3 as api;
use virga_kit::{Ctx, Incoming, Outgoing};
use virga_model::Record;
use virga_model::view::Structure as _;
use virga_store::{Reader, Write};

use super::{Draft, MOST_AT_ONCE, show_checksum};
use crate::body::{Pieces, Place, Received, receive};
use crate::configuration::encryption::Default;
use crate::configuration::{Kind, acl, public_access_block};
use crate::encryption::{self, Sealing};
use crate::events::{self, Event, Subject};
use crate::records::{
    Acl, Bucket, ChecksumAlgorithm, ChecksumType, Content, Encryption, Etag, Lock, ObjectOwnership, OpaqueId,
    StorageClass, StoredChecksum, Summary, Version, VersionId,
};
use crate::versions::ObjectAt;
use crate::{bucket, express, lifecycle, lock};
use virga_object::Error;
use virga_object::acl::AclHeaders;
use virga_object::condition::WriteCondition;
use virga_object::members;
use virga_object::{checksum, etag};

/// The plane that takes the forms of browsers.
pub(crate) const FORM: &str = "form";

/// What a request promises of its body.
pub(crate) struct Expected {
    md5: Option<[u8; 16]>,
    /// The checksum that is computed, and whether the caller asked for it.
    pub(crate) algorithm: ChecksumAlgorithm,
    value: Option<String>,
    /// Whether the value must come after the body.
    trails: bool,
}

impl Expected {
    /// Reads a request. `preferred` is the algorithm to use when it names none.
    pub(crate) fn of_request(request: &Record, preferred: ChecksumAlgorithm) -> Result<Self, Error> {
        let digest = members::text(request, "ContentMD5");
        let md5 = digest.map(|digest| {
            let bytes = STANDARD.decode(digest).ok().and_then(|bytes| bytes.try_into().ok());
            bytes.ok_or_else(|| Error::InvalidDigest { digest: digest.to_owned() })
        });
        let (given, named) = (checksum::given(request)?, checksum::named(request)?);
        if let Some((algorithm, value)) = given {
            algorithm.decode(value)?;
        }
        let algorithm = given.map(|(algorithm, _)| algorithm).or(named).unwrap_or(preferred);
        Ok(Expected {
            md5: md5.transpose()?,
            algorithm,
            value: given.map(|(_, value)| value.to_owned()),
            trails: given.is_none() && named.is_some(),
        })
    }

    /// Checks what came, and gives its checksum in base64.
    pub(crate) fn check(&self, body: &Incoming, received: &Received) -> Result<Option<String>, Error> {
        if let Some(md5) = self.md5.filter(|md5| *md5 != received.md5) {
            return Err(Error::BadDigest {
                expected: hex::encode(md5),
                calculated: STANDARD.encode(received.md5),
            });
        }
        let algorithm = self.algorithm;
        let Some(calculated) = received.checksum(algorithm) else { return Ok(None) };
        let header = algorithm.header();
        let trailer = body.trailer(&header);
        let promised = self.value.as_deref().or(trailer);
        match promised {
            Some(promised) if algorithm.decode(promised)? != calculated => {
                Err(Error::BadChecksum { algorithm: algorithm.as_str().to_owned() })
            }
            None if self.trails => Err(Error::request(
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
            )),
            _ => Ok(Some(STANDARD.encode(calculated))),
        }
    }
}

/// Checks how long a body says it is. The file of a form does not say.
pub(crate) fn check_length(body: &Incoming) -> Result<(), Error> {
    match body.length() {
        Some(length) if length > MOST_AT_ONCE => {
            Err(Error::EntityTooLarge { proposed: length.to_string(), most: MOST_AT_ONCE.to_string() })
        }
        _ => Ok(()),
    }
}

/// Writes an object: takes its body, then makes it the newest version of its key in one transaction.
pub(crate) async fn put_object(
    ctx: &Ctx,
    input: &api::PutObjectInput,
    body: &mut Incoming,
) -> Result<(api::PutObjectOutput, Outgoing), Error> {
    let request = input.as_record();
    let (name, key) = (input.bucket(), input.key());
    check_length(body)?;
    if let Some(offset) = input.write_offset_bytes()
        && let Some(appended) = express::appended(ctx, input, offset).await?
    {
        return express::append(ctx, input, body, appended).await;
    }
    let draft = Draft::of_request(request)?;
    let condition = WriteCondition::of_request(request)?;
    let expected = Expected::of_request(request, checksum::DEFAULT)?;
    let owner = input.expected_bucket_owner();
    let default = default_encryption(ctx, name, owner).await?;
    let sealing = encryption::of_new_object(ctx, request, (name, key), default.as_ref()).await?;
    let pieces = Pieces::Request(body);
    let received =
        receive(ctx, pieces, &sealing.keys, &[expected.algorithm], (MOST_AT_ONCE, Place::Anywhere)).await?;
    let checksum = expected.check(body, &received)?.map(|value| StoredChecksum {
        algorithm: expected.algorithm,
        kind: ChecksumType::FullObject,
        value,
    });
    let new = NewObject { draft: &draft, sealing: &sealing, received: &received, checksum: &checksum };
    let event = if ctx.origin().plane == Some(FORM) { Event::CreatedByPost } else { Event::CreatedByPut };
    let placed = ctx.transact(|txn| {
        let bucket = bucket::shared(txn, name, owner)?;
        let at = ObjectAt::new(name, &bucket, key);
        let version = new.place(ctx, txn, &at, (request, &condition), event)?;
        let expiration = lifecycle::expiration(txn, &at, &version)?;
        Ok::<_, Error>((bucket.shown(version.summary.version), version.summary.etag, expiration))
    });
    let (version_id, etag, expiration) = placed.await?;
    received.body.claim();
    let mut output = api::PutObjectOutput::new().with_e_tag(etag::quoted(etag)).into_record();
    // AWS shows the id of a version only where it keeps versions.
    members::set_text(&mut output, "Expiration", expiration.as_deref());
    members::set_text(&mut output, "VersionId", version_id.as_deref().filter(|id| *id != "null"));
    sealing.encryption.show(&mut output);
    members::set_text(&mut output, "SSEKMSEncryptionContext", context(&sealing.encryption));
    show_checksum(&mut output, checksum.as_ref());
    Ok((api::PutObjectOutput::from_record(output), Outgoing::Nothing))
}

/// The default encryption of the bucket. That it has none is known where permissions were asked.
async fn default_encryption(ctx: &Ctx, name: &str, owner: Option<&str>) -> Result<Option<Default>, Error> {
    if let Some(bucket) = bucket::kept(ctx, name).filter(|bucket| !bucket.configured.has(Kind::Encryption)) {
        return bucket::owned(bucket, owner).map(|()| None);
    }
    let default = ctx.read(|txn| {
        let bucket = bucket::known(ctx, txn, name, owner)?;
        encryption::default_of(txn, &bucket)
    });
    Ok(default.await?)
}

/// The encryption context that the caller gave.
fn context(encryption: &Encryption) -> Option<&str> {
    match encryption {
        Encryption::Kms(key) => key.context.as_deref(),
        _ => None,
    }
}

/// What a new version is made of.
pub(super) struct NewObject<'a> {
    pub(super) draft: &'a Draft,
    pub(super) sealing: &'a Sealing,
    pub(super) received: &'a Received,
    pub(super) checksum: &'a Option<StoredChecksum>,
}

impl NewObject<'_> {
    /// Makes it the newest version of its key, if the condition of the request holds, and says so.
    pub(super) fn place(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        at: &ObjectAt<'_>,
        (request, condition): (&Record, &WriteCondition),
        event: Event,
    ) -> Result<Version, Error> {
        let ObjectAt { bucket_name, bucket, key } = *at;
        let current = at.current(txn)?;
        condition.check(current.as_ref().and_then(|current| current.summary.object_validators()), key)?;
        let arn = || format!("{}/{key}", bucket::arn(bucket_name));
        let (account, acl) = ownership_of_new(ctx, txn, bucket, request, arn)?;
        let mut version = self.version(ctx, lock::of_new_version(ctx, txn, bucket, request)?)?;
        version.summary.owner = Some(account).filter(|account| *account != bucket.account);
        version.content.acl = acl;
        version.content.body = self.received.body.store(ctx, txn, bucket.id)?;
        at.place(ctx, txn, current.as_ref(), &mut version)?;
        events::raise(ctx, txn, event, &Subject { bucket_name, bucket, key, version: &version })?;
        Ok(version)
    }

    /// The version, but for its id and its body.
    pub(super) fn version(&self, ctx: &Ctx, lock: Lock) -> Result<Version, Error> {
        let NewObject { draft, sealing, received, checksum } = self;
        Ok(Version {
            summary: Summary {
                version: VersionId { id: OpaqueId { sequence: 0, salt: 0 }, is_null: true },
                is_delete_marker: false,
                modified: ctx.now().micros(),
                size: received.size,
                etag: etag_of_received(ctx, (draft.class, &sealing.encryption), received)?,
                class: draft.class,
                checksum: checksum.as_ref().map(|checksum| (checksum.algorithm, checksum.kind)),
                owner: None,
                restore: None,
            },
            content: Content {
                headers: draft.headers.clone(),
                metadata: draft.metadata.clone(),
                checksum: (*checksum).clone(),
                tags: draft.tags.clone(),
                encryption: Some(sealing.encryption.clone()),
                lock,
                ..Content::default()
            },
        })
    }
}

/// Whose what the caller writes is, and its access control list.
pub(crate) fn ownership_of_new(
    ctx: &Ctx,
    txn: &impl Reader,
    bucket: &Bucket,
    request: &Record,
    arn: impl FnOnce() -> String,
) -> Result<(String, Option<Acl>), Error> {
    let headers = AclHeaders::of(request);
    let enforced = bucket.ownership == Some(ObjectOwnership::BucketOwnerEnforced);
    if enforced && headers.is_empty() {
        return Ok((bucket.account.clone(), None));
    }
    let block = public_access_block::effective(txn, bucket)?;
    acl::of_new_object(ctx, bucket, block, headers, ("PutObject", &arn()))
}

/// The entity tag of what came in one piece. Those of directory buckets say nothing of the body.
pub(crate) fn etag_of_received(
    ctx: &Ctx,
    (class, encryption): (StorageClass, &Encryption),
    received: &Received,
) -> Result<Etag, Error> {
    let digest = if encryption.shows_md5() && class != StorageClass::ExpressOnezone {
        received.md5
    } else {
        let mut random = [0; 16];
        random.copy_from_slice(&ctx.secret_bytes(16)?);
        random
    };
    Ok(Etag { digest, parts: 0 })
}
