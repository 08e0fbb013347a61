//! Whether memory stays flat: one object of gigabytes put whole, put in parts, and got.

use std::{io::Write as _, net::TcpStream, path::Path};

use anyhow::{Context as _, Result, ensure};

use super::transfer::read_answer;
use crate::bench::{
    Options,
    report::{Report, Target},
};
use crate::{
    http::Client,
    s3,
    subject::{Store, Subject},
};

const PIECE: usize = 1 << 20;
/// Bytes of a part.
const PART: u64 = 64 << 20;

pub(crate) fn run(binary: &Path, options: &Options, gibibytes: u64) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let subject = Subject::start(binary, Store::Relaxed, &folder.path().join("data"))?;
    let mut client = subject.client()?;
    s3::create_bucket(&mut client, "flat")?;
    let size = gibibytes << 30;
    let mut report = Report::new("s3-memory");
    let mut row = |name: &str| -> Result<()> {
        let peak = subject.peak_resident_kib()? as f64 / 1024.0;
        report.row(format!("{name} of {gibibytes} GiB: peak RSS"), peak, "MiB", Target::AtMost(100.0));
        Ok(())
    };
    send(&subject, &s3::head("PUT", "/flat/whole", size), size)?;
    row("PUT")?;
    receive(&subject, "/flat/whole", size)?;
    row("GET")?;
    let answer = client.send(&s3::request("DELETE", "/flat/whole", b""))?;
    ensure!(answer.status == 204, "DeleteObject: status {}", answer.status);
    multipart(&subject, &mut client, size)?;
    row("multipart PUT")?;
    receive(&subject, "/flat/parts", size)?;
    row("GET of parts")?;
    report.finish(options.enforce)
}

/// Sends a request with a body of zeros.
fn send(subject: &Subject, head: &[u8], size: u64) -> Result<()> {
    let mut stream = TcpStream::connect(subject.address())?;
    stream.write_all(head)?;
    let piece = vec![0; PIECE];
    for _ in 0..size / PIECE as u64 {
        stream.write_all(&piece)?;
    }
    read_answer(&mut stream, &mut vec![0; PIECE])?;
    Ok(())
}

fn receive(subject: &Subject, path: &str, size: u64) -> Result<()> {
    let mut stream = TcpStream::connect(subject.address())?;
    stream.write_all(&s3::request("GET", path, b""))?;
    let received = read_answer(&mut stream, &mut vec![0; PIECE])?;
    ensure!(received == size, "{received} bytes of {size}");
    Ok(())
}

fn multipart(subject: &Subject, client: &mut Client, size: u64) -> Result<()> {
    let answer = client.send(&s3::request("POST", "/flat/parts?uploads", b""))?;
    let text = String::from_utf8(answer.body)?;
    let id = text.split("<UploadId>").nth(1).and_then(|rest| rest.split('<').next());
    let id = id.with_context(|| format!("no upload id: {text}"))?.to_owned();
    let count = size / PART;
    for number in 1..=count {
        send(
            subject,
            &s3::head("PUT", &format!("/flat/parts?partNumber={number}&uploadId={id}"), PART),
            PART,
        )?;
    }
    let answer = client.send(&s3::request("GET", &format!("/flat/parts?uploadId={id}"), b""))?;
    let text = String::from_utf8(answer.body)?;
    let etags = text.split("<ETag>").skip(1).filter_map(|rest| rest.split("</ETag>").next());
    let parts: String = etags
        .enumerate()
        .map(|(index, etag)| {
            format!("<Part><PartNumber>{}</PartNumber><ETag>{etag}</ETag></Part>", index + 1)
        })
        .collect();
    let document = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    let path = format!("/flat/parts?uploadId={id}");
    let answer = client.send(&s3::request("POST", &path, document.as_bytes()))?;
    ensure!(answer.status == 200, "CompleteMultipartUpload: {}", String::from_utf8_lossy(&answer.body));
    Ok(())
}
