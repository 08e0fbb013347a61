//! A service for tests, under S3's model: it keeps what it is sent, and sends it back in small pieces.

use bytes::{Bytes, BytesMut};
use virga_api::s3 as api;
use virga_kit::{Access, Ctx, Failure, Incoming, Outgoing, Service, Validation};
use virga_store::{Fault, Read, Reader as _, Space, stored};

#[derive(serde::Serialize, serde::Deserialize)]
struct Object {
    bytes: Vec<u8>,
    checksum: Option<String>,
}
stored!(Object, 1);

static OBJECTS: Space<Object> = Space::new("test.objects");

virga_kit::service_errors! {
    /// Errors of the test service.
    enum Error in virga_api::s3 {
        /// There is none.
        NoSuchKey => modelled no_such_key: "The specified key does not exist.";
        /// Refused before the body is looked at.
        Refused => common "Refused" 400: "not this one";
    }
}

virga_kit::operations! {
    static OPERATIONS in virga_api::s3;
    stream PutObject => put_object;
    stream GetObject => get_object;
    read HeadObject => head_object;
}

pub(crate) static SERVICE: Service = Service {
    model: api::model(),
    action_prefix: "s3",
    operations: OPERATIONS,
    access: |ctx, operation, _| vec![Access::to(operation.name(), ctx.arn("s3", "*"))],
    timers: &[],
    validation: Validation::STANDARD,
    around: virga_kit::Around::NOTHING,
};

async fn put_object(
    ctx: &Ctx,
    input: &api::PutObjectInput,
    body: &mut Incoming,
) -> Result<(api::PutObjectOutput, Outgoing), Failure> {
    if input.key() == "refused" {
        return Err(Error::Refused.into());
    }
    let announced = body.length();
    let mut bytes = BytesMut::new();
    while let Some(piece) = body.next().await? {
        bytes.extend_from_slice(&piece);
    }
    assert!(announced.is_none_or(|length| length == bytes.len() as u64), "{announced:?}, {}", bytes.len());
    let checksum = body.trailer("x-amz-checksum-crc32").map(str::to_owned);
    let object = Object { bytes: bytes.to_vec(), checksum };
    ctx.transact(|txn| txn.put(&OBJECTS.key(input.key()), &object)).await?;
    Ok((api::PutObjectOutput::new().with_e_tag(format!("\"{}\"", bytes.len())), Outgoing::Nothing))
}

/// Keys that begin with `endless` and `short` are made up: a body without length, and one that breaks off.
async fn get_object(
    ctx: &Ctx,
    input: &api::GetObjectInput,
    _: &mut Incoming,
) -> Result<(api::GetObjectOutput, Outgoing), Failure> {
    match input.key() {
        "unknown-length" => return Ok((api::GetObjectOutput::new(), letters(None, 3))),
        "short" => return Ok((api::GetObjectOutput::new(), letters(Some(100), 3))),
        "long" => return Ok((api::GetObjectOutput::new(), letters(Some(1), 3))),
        "part" => {
            let output = api::GetObjectOutput::new().with_content_range("bytes 1-3/10");
            return Ok((output, letters(Some(3), 3)));
        }
        "failing" => return Ok((api::GetObjectOutput::new(), failing())),
        _ => {}
    }
    let object = ctx.read(|txn| find(txn, input.key())).await?;
    let output = api::GetObjectOutput::new().with_checksum_crc32(object.checksum);
    let bytes = Bytes::from(object.bytes);
    let body = Outgoing::unfold(Some(bytes.len() as u64), bytes, |mut rest| async move {
        let piece = rest.split_to(rest.len().min(1000));
        Ok((!piece.is_empty()).then_some((piece, rest)))
    });
    Ok((output, body))
}

fn letters(length: Option<u64>, count: usize) -> Outgoing {
    Outgoing::unfold(length, count, |left| async move {
        Ok(left.checked_sub(1).map(|left| (Bytes::from_static(b"x"), left)))
    })
}

fn failing() -> Outgoing {
    Outgoing::unfold(Some(2), true, |first| async move {
        if first { Ok(Some((Bytes::from_static(b"x"), false))) } else { Err(Fault::new("on purpose")) }
    })
}

fn head_object(_: &Ctx, txn: &Read, input: &api::HeadObjectInput) -> Result<api::HeadObjectOutput, Error> {
    let object = find(txn, input.key())?;
    Ok(api::HeadObjectOutput::new().with_content_length(object.bytes.len() as i64))
}

fn find(txn: &Read, key: &str) -> Result<Object, Error> {
    txn.get(&OBJECTS.key(key))?.ok_or(Error::NoSuchKey)
}
