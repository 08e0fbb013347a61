//! Takes a body in pieces, computes its checksums, seals it and writes it. What is short is done at once; the rest in
//! batches off the asynchronous workers, while the next batch comes in.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use md5::{Digest as _, Md5};
use tokio::task::{JoinHandle, spawn_blocking};
use virga_kit::{Ctx, Incoming, Outgoing};
use virga_store::{BlobId, Fault, INLINE_BYTES, Store, Write};

use crate::keys::DataKeys;
use crate::sealed_file::SealedFile;
use virga_bucket::keys;
use virga_bucket::records::{Body, BodyId, ChecksumAlgorithm, InlineBody, Salt, Segment};
use virga_object::Error;
use virga_object::checksum::Hasher;

/// Bytes that are collected before they are hashed and written.
const BATCH: usize = 256 << 10;

/// Bytes of a body that lies in the record of its version (decision 013).
const MOST_HERE: usize = 1 << 10;

/// Where a body comes from.
pub enum Pieces<'a> {
    /// A request.
    Request(&'a mut Incoming),
    /// Another object.
    Object(&'a mut Outgoing),
}

impl Pieces<'_> {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        match self {
            Pieces::Request(incoming) => Ok(incoming.next().await?),
            Pieces::Object(outgoing) => Ok(outgoing.next().await?),
        }
    }
}

/// A body that was taken.
pub struct Received {
    /// Bytes.
    pub size: u64,
    /// Its MD5.
    pub md5: [u8; 16],
    /// Its checksums, by the algorithms that were asked for.
    checksums: Vec<(ChecksumAlgorithm, Vec<u8>)>,
    /// Where it is.
    pub body: NewBody,
}

impl Received {
    /// The checksum of an algorithm that was asked for.
    pub fn checksum(&self, algorithm: ChecksumAlgorithm) -> Option<&[u8]> {
        self.checksums.iter().find(|(known, _)| *known == algorithm).map(|(_, value)| &value[..])
    }
}

/// Where a body is to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the store when it is small, else in a file.
    Anywhere,
    /// In a file.
    Files,
}

/// A body that no record names yet. Dropping it unclaimed deletes what was written.
pub struct NewBody {
    content: NewContent,
    unclaimed: Option<(Store, Vec<BlobId>)>,
}

enum NewContent {
    Nothing,
    Counted(InlineBody),
    Here(InlineBody, Salt),
    Inline(InlineBody, Salt),
    Files(Vec<Segment>),
}

impl NewBody {
    /// No bytes, so far.
    pub(crate) fn nothing() -> Self {
        NewBody { content: NewContent::Nothing, unclaimed: None }
    }

    /// A small body that is sealed; without a salt it has no key of its own.
    pub(crate) fn small(sealed: InlineBody, salt: Option<Salt>) -> Self {
        let content = match salt {
            None => NewContent::Counted(sealed),
            Some(salt) if sealed.0.len() <= MOST_HERE => NewContent::Here(sealed, salt),
            Some(salt) => NewContent::Inline(sealed, salt),
        };
        NewBody { content, unclaimed: None }
    }

    /// Adds a file, which is written.
    pub(crate) fn push(&mut self, store: &Store, segment: Segment) {
        let unclaimed = self.unclaimed.get_or_insert_with(|| (store.clone(), Vec::new()));
        unclaimed.1.push(segment.blob);
        match &mut self.content {
            NewContent::Files(segments) => segments.push(segment),
            content => *content = NewContent::Files(vec![segment]),
        }
    }

    /// Writes the body, where it is a small one, and gives what the record of its owner is to name.
    pub fn store(&self, ctx: &Ctx, txn: &mut Write, bucket: u64) -> Result<Body, Fault> {
        match &self.content {
            NewContent::Nothing => Ok(Body::Nothing),
            NewContent::Files(segments) => Ok(Body::Blobs(segments.clone())),
            NewContent::Counted(sealed) => Ok(Body::Counted(sealed.clone())),
            NewContent::Here(sealed, salt) => Ok(Body::Here(sealed.clone(), *salt)),
            NewContent::Inline(sealed, salt) => {
                let id = BodyId { sequence: ctx.sequence(), salt: ctx.random() };
                txn.put_new(&keys::inline_body(bucket, id), sealed)?;
                Ok(Body::Inline(id, *salt))
            }
        }
    }

    /// What the record of a body in a file is to name.
    pub fn in_files(&self) -> Body {
        match &self.content {
            NewContent::Files(segments) => Body::Blobs(segments.clone()),
            _ => Body::Nothing,
        }
    }

    /// Says that a committed record names it.
    pub fn claim(mut self) {
        self.unclaimed = None;
    }
}

impl Drop for NewBody {
    fn drop(&mut self) {
        let Some((store, blobs)) = self.unclaimed.take() else { return };
        for blob in blobs {
            // What stays behind is collected at the next start.
            drop(store.blobs().remove(blob));
        }
    }
}

/// Checksums of a body so far.
struct Hashes {
    size: u64,
    md5: Md5,
    checksums: Vec<(ChecksumAlgorithm, Hasher)>,
}

impl Hashes {
    fn new(algorithms: &[ChecksumAlgorithm]) -> Self {
        let checksums = algorithms.iter().map(|algorithm| (*algorithm, Hasher::new(*algorithm)));
        Hashes { size: 0, md5: Md5::new(), checksums: checksums.collect() }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.md5.update(bytes);
        for (_, hasher) in &mut self.checksums {
            hasher.update(bytes);
        }
    }

    fn finish(self, content: NewContent, unclaimed: Option<(Store, Vec<BlobId>)>) -> Received {
        let finished =
            |(algorithm, hasher): (ChecksumAlgorithm, Hasher)| (algorithm, hasher.finish(algorithm));
        let checksums = self.checksums.into_iter().map(finished).collect();
        let body = NewBody { content, unclaimed };
        Received { size: self.size, md5: self.md5.finalize().into(), checksums, body }
    }
}

/// Takes a body of at most `most` bytes.
pub async fn receive(
    ctx: &Ctx,
    mut pieces: Pieces<'_>,
    data_keys: &DataKeys,
    algorithms: &[ChecksumAlgorithm],
    (most, place): (u64, Place),
) -> Result<Received, Error> {
    let mut hashes = Hashes::new(algorithms);
    let inline = if place == Place::Files { 0 } else { INLINE_BYTES };
    let mut batch = Vec::new();
    let mut size = 0;
    while let Some(piece) = pieces.next().await? {
        size += piece.len();
        batch.push(piece);
        if size > inline {
            let salt = salt(ctx)?;
            let sealer = data_keys.sealer(&salt)?;
            let file = SealedFile::create(ctx.world().store(), sealer, salt)?;
            let first = Batch { pieces: batch, size };
            return receive_file(ctx, pieces, Sink { hashes, file }, first, most).await;
        }
    }
    if batch.is_empty() {
        return Ok(hashes.finish(NewContent::Nothing, None));
    }
    batch.iter().for_each(|piece| hashes.update(piece));
    Ok(hashes.finish(seal_small(ctx, data_keys, &batch, size)?, None))
}

/// Seals a small body: where it can share a key, without one of its own.
fn seal_small(ctx: &Ctx, data_keys: &DataKeys, pieces: &[Bytes], size: usize) -> Result<NewContent, Fault> {
    let mut sealed = Vec::new();
    if let Some(cipher) = data_keys.counted().filter(|_| size <= MOST_HERE) {
        match pieces {
            [piece] => cipher.seal(piece, &[], &mut sealed)?,
            pieces => cipher.seal(&pieces.concat(), &[], &mut sealed)?,
        }
        return Ok(NewContent::Counted(InlineBody(sealed)));
    }
    let salt = salt(ctx)?;
    let sealer = data_keys.sealer(&salt)?;
    sealed.reserve_exact(size + sealer.overhead());
    pieces.iter().for_each(|piece| sealed.extend_from_slice(piece));
    sealer.seal(0, &mut sealed, 0)?;
    let sealed = InlineBody(sealed);
    Ok(if size <= MOST_HERE { NewContent::Here(sealed, salt) } else { NewContent::Inline(sealed, salt) })
}

/// Where the salts of a process and world come from: random bytes, and a count behind them. They need not be secret, but
/// no two may be the same.
#[derive(Default)]
struct Salts {
    start: OnceLock<[u8; 8]>,
    count: AtomicU64,
}

fn salt(ctx: &Ctx) -> Result<Salt, Fault> {
    let salts = ctx.world().memory::<Salts>();
    let start = match salts.start.get() {
        Some(start) => start,
        None => {
            let mut random = [0; 8];
            random.copy_from_slice(&ctx.secret_bytes(8)?);
            salts.start.get_or_init(|| random)
        }
    };
    let mut salt = [0; 16];
    salt[..8].copy_from_slice(start);
    salt[8..].copy_from_slice(&salts.count.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    Ok(salt)
}

/// Pieces that are written at once.
#[derive(Default)]
struct Batch {
    pieces: Vec<Bytes>,
    size: usize,
}

/// What a large body goes through.
struct Sink {
    hashes: Hashes,
    file: SealedFile,
}

impl Sink {
    fn write(mut self, batch: Batch) -> Result<Self, Error> {
        for piece in batch.pieces {
            self.hashes.update(&piece);
            self.file.write(&piece)?;
        }
        Ok(self)
    }
}

async fn receive_file(
    ctx: &Ctx,
    mut pieces: Pieces<'_>,
    sink: Sink,
    first: Batch,
    most: u64,
) -> Result<Received, Error> {
    let mut total = first.size as u64;
    let mut batch = first;
    let mut running: JoinHandle<Result<Sink, Error>> = spawn_blocking(move || Ok(sink));
    while let Some(piece) = pieces.next().await? {
        total += piece.len() as u64;
        if total > most {
            return Err(Error::EntityTooLarge { proposed: total.to_string(), most: most.to_string() });
        }
        batch.size += piece.len();
        batch.pieces.push(piece);
        if batch.size >= BATCH {
            let sink = joined(running).await?;
            let full = std::mem::take(&mut batch);
            running = spawn_blocking(move || sink.write(full));
        }
    }
    let sink = joined(running).await?;
    let store = ctx.world().store().clone();
    let done = spawn_blocking(move || {
        let Sink { hashes, file } = sink.write(batch)?;
        let segment = file.finish()?;
        let unclaimed = Some((store, vec![segment.blob]));
        Ok(hashes.finish(NewContent::Files(vec![segment]), unclaimed))
    });
    joined(done).await
}

async fn joined<T>(running: JoinHandle<Result<T, Error>>) -> Result<T, Error> {
    running.await.map_err(|error| Fault::with_source("a body was not written to its end", error))?
}
