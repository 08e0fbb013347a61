//! `/_virga/snapshot`: the whole state of the world as one archive, streamed or kept in the data folder.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_DISPOSITION;
use serde::Deserialize;
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use virga_store::{Fault, Store};

use super::answer::{Answer, json, with_type};
use super::error::AdminError;
use super::visit::Visit;
use crate::http::{Body, BodySender, ResponseBody};

/// Media type of an archive.
const ARCHIVE_TYPE: &str = "application/octet-stream";
/// The largest archive that is taken over the network, in bytes.
const ARCHIVE_LIMIT: u64 = 64 << 30;
/// Pieces of an archive that wait between the store and the network.
const WAITING_PIECES: usize = 8;
/// Length of the pieces that an archive is sent in.
const PIECE_BYTES: usize = 64 << 10;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    /// Name of the archive in the data folder.
    #[serde(alias = "path")]
    name: Option<String>,
}

/// `GET /_virga/snapshot`: the archives in the data folder.
pub(super) fn list(visit: &Visit<'_>) -> Answer {
    let entries = match visit.cloud.snapshot_folder().map(fs::read_dir) {
        Some(Ok(entries)) => entries.collect::<Result<Vec<_>, _>>().map_err(AdminError::internal)?,
        Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => {
            return Err(AdminError::internal(error));
        }
        None | Some(Err(_)) => Vec::new(),
    };
    let mut snapshots = Vec::new();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_name(&name) {
            let bytes = entry.metadata().map_err(AdminError::internal)?.len();
            snapshots.push(json!({ "name": name, "bytes": bytes }));
        }
    }
    json(&json!({ "snapshots": snapshots }))
}

/// `POST /_virga/snapshot/save`: into the data folder when a name is given, else as the answer's body.
pub(super) async fn save(mut visit: Visit<'_>) -> Answer {
    let Named { name } = visit.body().await?;
    let store = visit.world.store().clone();
    let Some(name) = name else { return Ok(download(store, visit.world.id())) };
    let path = path(&visit, &name)?;
    let saved = spawn_blocking(move || save_to(&store, &path)).await.map_err(AdminError::internal)?;
    let bytes = saved.map_err(AdminError::internal)?;
    json(&json!({ "name": name, "bytes": bytes }))
}

/// `POST /_virga/snapshot/load`: from the data folder when a name is given, else from the request's body.
pub(super) async fn load(mut visit: Visit<'_>) -> Answer {
    let store = visit.world.store().clone();
    let loaded = if visit.is_of_type(ARCHIVE_TYPE) {
        let (pieces, archive) = mpsc::channel(WAITING_PIECES);
        let loading = spawn_blocking(move || store.load(&mut Upload { archive, piece: Bytes::new() }));
        forward(&mut visit.request.body, pieces).await?;
        loading.await
    } else {
        let Named { name } = visit.body().await?;
        let name = name.ok_or_else(|| {
            AdminError::invalid(format!("send an archive as {ARCHIVE_TYPE}, or the name of one as JSON"))
        })?;
        let file = File::open(path(&visit, &name)?)
            .map_err(|error| AdminError::not_found(format!("the snapshot {name}: {error}")))?;
        spawn_blocking(move || store.load(&mut BufReader::new(file))).await
    };
    loaded.map_err(AdminError::internal)?.map_err(|fault| AdminError::invalid(fault.to_string()))?;
    visit.world.reload()?;
    visit.durable().await?;
    json(&json!({ "id": visit.world.id() }))
}

/// The file of an archive. A name is no path: it stays in the folder.
fn path(visit: &Visit<'_>, name: &str) -> Result<PathBuf, AdminError> {
    if !is_name(name) {
        return Err(AdminError::invalid(
            "the name of a snapshot has 1 to 100 letters, digits, dots, dashes and underscores, and begins with none of the latter three",
        ));
    }
    let folder = visit.cloud.snapshot_folder();
    folder.map(|folder| folder.join(name)).ok_or_else(|| {
        AdminError::conflict(
            "this cloud is ephemeral and has no data folder: leave the name out, to stream the archive",
        )
    })
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=100).contains(&name.len())
        && name.bytes().all(letter)
        && name.as_bytes()[0].is_ascii_alphanumeric()
        && !name.ends_with(DRAFT)
}

/// Ending of an archive that is being written.
const DRAFT: &str = ".draft";

/// Writes an archive so that it is there whole or not at all; its length in bytes.
fn save_to(store: &Store, path: &Path) -> Result<u64, Fault> {
    let write = || -> io::Result<u64> {
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(folder)?;
        let draft = tempfile::Builder::new().suffix(DRAFT).tempfile_in(folder)?;
        let mut out = BufWriter::with_capacity(PIECE_BYTES, draft);
        store.save(&mut out).map_err(io::Error::other)?;
        let draft = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        draft.as_file().sync_all()?;
        let file = draft.persist(path)?;
        File::open(folder)?.sync_all()?;
        Ok(file.metadata()?.len())
    };
    write()
        .map_err(|error| Fault::with_source(format!("cannot write the snapshot {}", path.display()), error))
}

/// An answer whose body is the archive, written while it is sent.
fn download(store: Store, world: &str) -> crate::http::Response {
    let (sender, body) = ResponseBody::channel(WAITING_PIECES);
    let runtime = Handle::current();
    spawn_blocking(move || {
        let mut out = BufWriter::with_capacity(PIECE_BYTES, Download { sender: &sender, runtime: &runtime });
        let saved = store.save(&mut out).and_then(|()| {
            out.flush().map_err(|error| Fault::with_source("cannot send the snapshot", error))
        });
        drop(out.into_parts());
        if let Err(fault) = saved {
            tracing::warn!("a snapshot was not sent to its end: {fault}");
            runtime.block_on(sender.fail(fault.to_string()));
        }
    });
    let mut response = with_type(ARCHIVE_TYPE, body);
    let disposition = format!("attachment; filename=\"{world}.virga\"");
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

/// Sends what is written to the client.
struct Download<'a> {
    sender: &'a BodySender,
    runtime: &'a Handle,
}

impl Write for Download<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.runtime.block_on(self.sender.send(Bytes::copy_from_slice(bytes))) {
            Ok(bytes.len())
        } else {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Hands a body on piece by piece. It breaks off where the reader has gone: the reader says why.
async fn forward(body: &mut Body, pieces: mpsc::Sender<io::Result<Bytes>>) -> Result<(), AdminError> {
    let mut left = ARCHIVE_LIMIT;
    while let Some(piece) = body.next().await {
        let piece = match piece {
            Ok(piece) => piece,
            Err(error) => {
                // The reader must not take what came for a whole.
                drop(pieces.send(Err(io::ErrorKind::UnexpectedEof.into())).await);
                return Err(error.into());
            }
        };
        left = left.saturating_sub(piece.len() as u64);
        if left == 0 {
            drop(pieces.send(Err(io::ErrorKind::FileTooLarge.into())).await);
            return Err(AdminError::invalid(format!("an archive has at most {ARCHIVE_LIMIT} bytes")));
        }
        if pieces.send(Ok(piece)).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Reads what arrives.
struct Upload {
    archive: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Read for Upload {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.archive.blocking_recv() {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let length = self.piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.piece.split_to(length));
        Ok(length)
    }
}
