//! S3 under load and killed: small and large objects, uploads in one part and in several, overwritten and deleted.
//! Afterwards every object is one that was acknowledged, or the one whose acknowledgement the kill cut off, whole; and no
//! file is there that belongs to no object and to no part of an upload.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use crate::{
    http::{Answer, Client},
    s3,
    subject::{Store, Subject},
};

/// Keys of one worker: few, so that they are overwritten.
const KEYS: u32 = 12;
/// Bodies longer than this are in files of their own.
const INLINE: usize = 64 << 10;
/// Bytes of every part but the last.
const PART: usize = 5 << 20;
/// How long the files of a killed process may stay.
const COLLECTION: Duration = Duration::from_secs(20);

/// What a body is made of: all of its bytes follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Body {
    seed: u64,
    length: usize,
    /// In how many parts it is uploaded; none when it is put at once.
    parts: usize,
}

impl Body {
    fn any(random: &mut fastrand::Rng) -> Self {
        let parts = match random.u8(0..24) {
            0 => random.usize(2..4),
            1..4 => 1,
            _ => 0,
        };
        let last = match random.u8(0..10) {
            0..5 => random.usize(0..4 << 10),
            5..8 => random.usize(4 << 10..INLINE),
            _ => random.usize(INLINE + 1..1 << 20),
        };
        Body { seed: random.u64(..), length: parts.saturating_sub(1) * PART + last, parts }
    }

    /// How many files it takes: parts have one each, however small they are, unless they are empty.
    fn files(self) -> usize {
        match self.parts {
            0 => usize::from(self.length > INLINE),
            _ => self.length.div_ceil(PART),
        }
    }

    fn bytes(self) -> Vec<u8> {
        let mut bytes = vec![0; self.length];
        fastrand::Rng::with_seed(self.seed).fill(&mut bytes);
        bytes
    }
}

/// What may be found under a key.
#[derive(Debug, Clone, Copy, Default)]
struct Expected {
    acknowledged: Option<Body>,
    /// What was under way when the subject died; none within it is a deletion.
    attempted: Option<Option<Body>>,
}

type Ledger = BTreeMap<String, Expected>;

/// One writer with keys of its own.
struct Worker {
    number: usize,
    random: fastrand::Rng,
    ledger: Ledger,
}

impl Worker {
    /// Works until the connection breaks. An error answer is an error: only the kill may end the work.
    fn run_until_killed(mut self, address: SocketAddr) -> Result<Ledger> {
        let Ok(mut client) = Client::connect(address) else { return Ok(self.ledger) };
        loop {
            let key = format!("/crash/worker-{}/{}", self.number, self.random.u32(0..KEYS));
            let body = (self.random.u8(0..5) > 0).then(|| Body::any(&mut self.random));
            self.ledger.entry(key.clone()).or_default().attempted = Some(body);
            let done = match body {
                None => send(&mut client, &s3::request("DELETE", &key, b""))?,
                Some(body) if body.parts > 0 => put_in_parts(&mut client, &key, body)?,
                Some(body) => send(&mut client, &s3::request("PUT", &key, &body.bytes()))?,
            };
            if done.is_none() {
                return Ok(self.ledger);
            }
            self.ledger.insert(key, Expected { acknowledged: body, attempted: None });
        }
    }
}

/// What a worker knows of its keys from the rounds before.
fn of_worker(ledger: &Ledger, number: usize) -> Ledger {
    let prefix = format!("/crash/worker-{number}/");
    let own = ledger.iter().filter(|(key, _)| key.starts_with(&prefix));
    own.map(|(key, expected)| (key.clone(), *expected)).collect()
}

/// Sends a request; nothing when the connection broke before the answer was whole.
fn send(client: &mut Client, request: &[u8]) -> Result<Option<Answer>> {
    let Ok(answer) = client.send(request) else { return Ok(None) };
    let status = answer.status;
    ensure!(status / 100 == 2, "status {status}: {}", String::from_utf8_lossy(&answer.body));
    Ok(Some(answer))
}

/// An upload in parts.
fn put_in_parts(client: &mut Client, key: &str, body: Body) -> Result<Option<Answer>> {
    let Some(started) = send(client, &s3::request("POST", &format!("{key}?uploads"), b""))? else {
        return Ok(None);
    };
    let id = element(&started, "UploadId")?;
    let bytes = body.bytes();
    for number in 1..=body.parts {
        let part = &bytes[(number - 1) * PART..bytes.len().min(number * PART)];
        let part = s3::request("PUT", &format!("{key}?partNumber={number}&uploadId={id}"), part);
        if send(client, &part)?.is_none() {
            return Ok(None);
        }
    }
    let Some(parts) = send(client, &s3::request("GET", &format!("{key}?uploadId={id}"), b""))? else {
        return Ok(None);
    };
    let parts = elements(&parts, "ETag")?
        .into_iter()
        .zip(1..)
        .map(|(etag, number)| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"));
    let parts: String = parts.collect();
    let document = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    send(client, &s3::request("POST", &format!("{key}?uploadId={id}"), document.as_bytes()))
}

fn element(answer: &Answer, name: &str) -> Result<String> {
    elements(answer, name)?.into_iter().next().with_context(|| format!("no {name} in the answer"))
}

/// The texts of all elements of a name.
fn elements(answer: &Answer, name: &str) -> Result<Vec<String>> {
    let text = std::str::from_utf8(&answer.body)?;
    let tag = format!("<{name}>");
    let rests = text.split(&tag).skip(1);
    Ok(rests.map(|rest| rest.split('<').next().unwrap_or_default().to_owned()).collect())
}

/// An upload that the kill cut off.
struct OpenUpload {
    /// The path of its requests, with its id.
    path: String,
    /// Files of its parts.
    files: usize,
}

fn open_uploads(client: &mut Client) -> Result<Vec<OpenUpload>> {
    let listed = answer(client, &s3::request("GET", "/crash?uploads", b""))?;
    let (keys, ids) = (elements(&listed, "Key")?, elements(&listed, "UploadId")?);
    let paths = keys.iter().zip(&ids).map(|(key, id)| format!("/crash/{key}?uploadId={id}"));
    let mut open = Vec::new();
    for path in paths {
        let sizes = elements(&answer(client, &s3::request("GET", &path, b""))?, "Size")?;
        open.push(OpenUpload { path, files: sizes.iter().filter(|size| *size != "0").count() });
    }
    Ok(open)
}

/// The answer of a subject that nobody kills.
fn answer(client: &mut Client, request: &[u8]) -> Result<Answer> {
    send(client, request)?.context("the connection broke")
}

/// Rounds on one data folder: load, kill, start again, check.
pub(super) fn run_folder(
    binary: &Path,
    store: Store,
    seeds: std::ops::Range<u64>,
    workers: usize,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let mut subject = Subject::start(binary, store, &data)?;
    s3::create_bucket(&mut subject.client()?, "crash")?;
    let mut ledger = Ledger::new();
    for seed in seeds {
        let checked =
            run_round(&mut subject, seed, workers, &mut ledger, || Subject::start(binary, store, &data))
                .and_then(|()| check_files(&data, &ledger, &mut subject.client()?));
        if let Err(error) = checked {
            drop(subject);
            let kept = folder.keep();
            let name = store.name();
            return Err(
                error.context(format!("crash: {name} failed with seed {seed}, data in {}", kept.display()))
            );
        }
    }
    subject.stop()
}

fn run_round(
    subject: &mut Subject,
    seed: u64,
    workers: usize,
    ledger: &mut Ledger,
    restart: impl Fn() -> Result<Subject>,
) -> Result<()> {
    let mut random = fastrand::Rng::with_seed(seed);
    let life = Duration::from_millis(random.u64(20..500));
    let address = subject.address();
    let results: Vec<Result<Ledger>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|number| Worker { number, random: random.fork(), ledger: of_worker(ledger, number) })
            .map(|worker| scope.spawn(move || worker.run_until_killed(address)))
            .collect();
        thread::sleep(life);
        let killed = subject.kill();
        let joined =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow!("a worker died"))));
        let results = joined.collect();
        killed.map(|()| results)
    })?;
    for of_worker in results {
        ledger.extend(of_worker?);
    }
    *subject = restart().context("start again after the kill")?;
    let mut client = subject.client()?;
    let mut found = 0;
    for (key, expected) in ledger.iter_mut() {
        let body = find(&mut client, key, expected)?;
        found += usize::from(body.is_some());
        *expected = Expected { acknowledged: body, attempted: None };
    }
    println!(
        "seed {seed}: killed after {} ms, {found} of {} keys have an object",
        life.as_millis(),
        ledger.len()
    );
    Ok(())
}

/// What is under a key, if it may be.
fn find(client: &mut Client, key: &str, expected: &Expected) -> Result<Option<Body>> {
    let answer = client.send(&s3::request("GET", key, b""))?;
    let allowed = [Some(expected.acknowledged), expected.attempted];
    let mut allowed = allowed.into_iter().flatten();
    let found = match answer.status {
        404 => allowed.find(Option::is_none),
        200 => allowed.find(|body| body.is_some_and(|body| body.bytes() == answer.body)),
        status => bail!("{key}: status {status}: {}", String::from_utf8_lossy(&answer.body)),
    };
    let length = answer.body.len();
    found.with_context(|| format!("{key}: {} with {length} bytes, but expected {expected:?}", answer.status))
}

/// Every file belongs to an object, or to a part of an upload that was never completed; what does not is deleted soon.
/// The uploads are aborted then: their files are to be gone in the next round.
#[expect(clippy::disallowed_methods, reason = "the collection runs beside the subject's work, in real time")]
fn check_files(data: &Path, ledger: &Ledger, client: &mut Client) -> Result<()> {
    let objects: usize = ledger.values().filter_map(|expected| expected.acknowledged).map(Body::files).sum();
    let uploads = open_uploads(client)?;
    let parts: usize = uploads.iter().map(|upload| upload.files).sum();
    let deadline = Instant::now() + COLLECTION;
    loop {
        let names = fs::read_dir(data.join("store").join("blobs"))?.map(|entry| Ok(entry?.file_name()));
        let names = names.collect::<Result<Vec<_>>>()?;
        let unfinished = names.iter().filter(|name| name.to_string_lossy().ends_with(".part")).count();
        if unfinished == 0 && names.len() == objects + parts {
            break;
        }
        ensure!(
            Instant::now() < deadline,
            "{} files where objects have {objects} and parts {parts}, {unfinished} unfinished",
            names.len()
        );
        thread::sleep(Duration::from_millis(20));
    }
    for upload in &uploads {
        answer(client, &s3::request("DELETE", &upload.path, b""))?;
    }
    Ok(())
}
