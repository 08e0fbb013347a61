//! What a job that computes checksums says of one object: its checksum, freshly computed from the bytes that are there.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-compute-checksums.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use virga_api::s3control as api;
use virga_kit::{Ctx, Outgoing};
use virga_model::ApiError;

use crate::access;
use crate::object::open_whole;
use crate::records::{ChecksumAlgorithm, ChecksumType, Encryption, Task, Version};
use virga_object::checksum::Hasher;
use virga_object::{Error, checksum, etag};

/// What is computed.
#[derive(Clone, Copy)]
struct Wanted {
    algorithm: ChecksumAlgorithm,
    kind: ChecksumType,
}

impl Wanted {
    /// Reads what a job wants; none where the two don't go together.
    fn of(operation: &api::S3ComputeObjectChecksumOperation) -> Option<Self> {
        let algorithm = match operation.checksum_algorithm() {
            Some(name) => ChecksumAlgorithm::parse(name)?,
            None => checksum::DEFAULT,
        };
        let kind = match operation.checksum_type() {
            Some("COMPOSITE") if algorithm != ChecksumAlgorithm::Crc64Nvme => ChecksumType::Composite,
            None | Some("FULL_OBJECT") => ChecksumType::FullObject,
            Some(_) => return None,
        };
        Some(Wanted { algorithm, kind })
    }
}

/// Whether a job can compute this.
pub(super) fn is_possible(operation: &api::S3ComputeObjectChecksumOperation) -> bool {
    Wanted::of(operation).is_some()
}

/// The result of a task, as the report has it.
pub(super) async fn compute(
    ctx: &Ctx,
    operation: &api::S3ComputeObjectChecksumOperation,
    task: &Task,
) -> Result<String, ApiError> {
    let computed = of_object(ctx, operation, task).await;
    computed.map_err(|error| {
        error.into_api().unwrap_or_else(|fault| {
            tracing::error!("a checksum can't be computed: {fault}");
            ApiError::internal()
        })
    })
}

async fn of_object(
    ctx: &Ctx,
    operation: &api::S3ComputeObjectChecksumOperation,
    task: &Task,
) -> Result<String, Error> {
    let wanted =
        Wanted::of(operation).ok_or_else(|| Error::request("The checksum type is not supported."))?;
    let version_id = task.version_id.as_deref();
    let action = if version_id.is_some() { "GetObjectVersion" } else { "GetObject" };
    access::may(ctx, action, &task.bucket, Some(&task.key))?;
    let mut whole = open_whole(ctx, (&task.bucket, None), (&task.key, version_id), |_, version| {
        if matches!(version.content.encryption, Some(Encryption::Customer { .. })) {
            return Err(Error::request(
                "The Compute checksum operation doesn't support objects encrypted with customer-provided keys.",
            ));
        }
        Ok(())
    })
    .await?;
    let (base64, hex) = computed(wanted, &whole.version, &mut whole.body).await?;
    let result = json!({
        "checksum_base64": base64,
        "checksum_hex": hex,
        "etag": etag::plain(whole.version.summary.etag),
        "checksumAlgorithm": wanted.algorithm.as_str(),
        "checksumType": wanted.kind.as_str(),
    });
    Ok(result.to_string())
}

/// The checksum in base64 and in hexadecimal digits.
async fn computed(wanted: Wanted, version: &Version, body: &mut Outgoing) -> Result<(String, String), Error> {
    let Wanted { algorithm, kind } = wanted;
    let whole = vec![version.summary.size];
    let sizes = match kind {
        ChecksumType::Composite if !version.content.parts.is_empty() => {
            version.content.parts.iter().map(|part| part.size).collect()
        }
        _ => whole,
    };
    let sums = of_parts(algorithm, &sizes, body).await?;
    let digits = |sum: &[u8]| hex::encode_upper(sum);
    if kind == ChecksumType::Composite {
        let mut hasher = Hasher::new(algorithm);
        sums.iter().for_each(|(sum, _)| hasher.update(sum));
        let sum = digits(&hasher.finish(algorithm));
        return Ok((checksum::composite(algorithm, &sums), format!("{sum}-{}", sums.len())));
    }
    let sum = sums.first().map(|(sum, _)| &sum[..]).unwrap_or_default();
    Ok((STANDARD.encode(sum), digits(sum)))
}

/// The checksums of the parts of a body, with their sizes.
async fn of_parts(
    algorithm: ChecksumAlgorithm,
    sizes: &[u64],
    body: &mut Outgoing,
) -> Result<Vec<(Vec<u8>, u64)>, Error> {
    let mut sums = Vec::new();
    let mut rest = bytes::Bytes::new();
    for size in sizes {
        let mut hasher = Hasher::new(algorithm);
        let mut missing = *size;
        while missing > 0 {
            if rest.is_empty() {
                match body.next().await? {
                    Some(bytes) => rest = bytes,
                    None => break,
                }
            }
            let taken = rest.split_to(rest.len().min(usize::try_from(missing).unwrap_or(usize::MAX)));
            hasher.update(&taken);
            missing -= taken.len() as u64;
        }
        sums.push((hasher.finish(algorithm), *size));
    }
    Ok(sums)
}
