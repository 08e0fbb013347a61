//! What storing bytes costs at least: hashing them (MD5 for the entity tag, CRC-32) and writing them to a file.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use md5::{Digest as _, Md5};

/// Bytes that are hashed and written at a time.
const PIECE: usize = 256 * 1024;

/// Bytes per second that one thread hashes and writes to files as long as `body`, each synced.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub(super) fn rate(folder: &Path, body: &[u8], duration: Duration) -> Result<f64> {
    let start = Instant::now();
    let mut bytes = 0_u64;
    while start.elapsed() < duration {
        let path = folder.join("hashed");
        let mut file = File::create(&path)?;
        let (mut md5, mut crc) = (Md5::new(), crc32fast::Hasher::new());
        for piece in body.chunks(PIECE) {
            md5.update(piece);
            crc.update(piece);
            file.write_all(piece)?;
        }
        file.sync_all()?;
        // Looked at, so that no compiler leaves them out.
        std::hint::black_box((crc.finalize(), md5.finalize()));
        bytes += body.len() as u64;
    }
    Ok(bytes as f64 / start.elapsed().as_secs_f64())
}
