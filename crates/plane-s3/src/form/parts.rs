//! The parts of a `multipart/form-data` body (RFC 7578), read as they come: fields whole, the file in pieces.

use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use memchr::memmem::Finder;
use virga_gateway::http::Body;
use virga_kit::{IncomingSource, NextPiece};
use virga_model::ApiError;

use super::policy::Sizes;

/// Most bytes of the headers of a part.
const MOST_HEADERS: usize = 16 * 1024;
/// Most bytes of all fields before the file.
const MOST_FIELDS: usize = 20 * 1024;
/// Most bytes that are read past behind the file.
const MOST_BEHIND: usize = 64 * 1024;

/// The boundary that a content type names.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let value = parameter(content_type, "boundary")?;
    (1..=70).contains(&value.len()).then_some(value)
}

/// A parameter of a header: `; name=value` or `; name="value"`.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, behind)) = rest.split_once(';') {
        let behind = behind.trim_start();
        rest = behind;
        let Some((found, value)) = behind.split_once('=') else { continue };
        if !found.trim().eq_ignore_ascii_case(name) {
            continue;
        }
        return Some(match value.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => value.split(';').next().unwrap_or_default().trim().to_owned(),
        });
    }
    None
}

/// A quoted string up to its end. Browsers write a quote in a name as `%22`, other clients with a backslash; any other
/// backslash is one of the path of a file.
fn unquoted(quoted: &str) -> String {
    let mut text = String::new();
    let mut letters = quoted.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => text.push(letters.next_if_eq(&'"').unwrap_or('\\')),
            other => text.push(other),
        }
    }
    text
}

/// What the headers of a part say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Name of the field.
    pub(super) name: String,
    /// Name of the file, of a file.
    pub(super) file_name: Option<String>,
}

/// Reads parts one after the other.
pub(super) struct Parts {
    body: Body,
    buffer: BytesMut,
    /// Finds the end of a part: a line end and the boundary.
    end: Finder<'static>,
    /// Whether the end of the present part has been taken from the buffer.
    part_has_ended: bool,
    fields: usize,
}

impl Parts {
    pub(super) fn new(body: Body, boundary: &str) -> Self {
        let delimiter = format!("\r\n--{boundary}");
        // The first boundary may stand at the very beginning.
        let buffer = BytesMut::from(&b"\r\n"[..]);
        let end = Finder::new(&delimiter).into_owned();
        Parts { body, buffer, end, part_has_ended: false, fields: 0 }
    }

    /// The next part; none behind the last one.
    pub(super) async fn next(&mut self) -> Result<Option<Part>, ApiError> {
        while !self.part_has_ended {
            self.piece().await?;
        }
        self.part_has_ended = false;
        while self.buffer.len() < 2 {
            self.fill().await?;
        }
        if self.buffer.starts_with(b"--") {
            return Ok(None);
        }
        let end = loop {
            match memchr::memmem::find(&self.buffer, b"\r\n\r\n") {
                Some(end) => break end,
                None if self.buffer.len() > MOST_HEADERS => return Err(malformed()),
                None => self.fill().await?,
            }
        };
        let head = self.buffer.split_to(end + 4);
        let head = std::str::from_utf8(&head).map_err(|_| malformed())?;
        let disposition = head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-disposition").then_some(value)
        });
        let disposition = disposition.ok_or_else(malformed)?;
        let name = parameter(disposition, "name").ok_or_else(malformed)?;
        Ok(Some(Part { name, file_name: parameter(disposition, "filename") }))
    }

    /// The whole text of the present part.
    pub(super) async fn text(&mut self) -> Result<String, ApiError> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.piece().await? {
            self.fields += piece.len();
            if self.fields > MOST_FIELDS {
                let text = "Your POST request fields preceding the upload file were too large.";
                let details = vec![("MaxSizeAllowed", MOST_FIELDS.to_string())];
                return Err(ApiError::common("MaxPostPreDataLengthExceeded", 400, text).with_details(details));
            }
            whole.extend_from_slice(&piece);
        }
        String::from_utf8(whole.to_vec()).map_err(|_| malformed())
    }

    /// The next piece of the present part, never empty; none at its end.
    async fn piece(&mut self) -> Result<Option<Bytes>, ApiError> {
        if self.part_has_ended {
            return Ok(None);
        }
        let keep = self.end.needle().len();
        loop {
            if let Some(end) = self.end.find(&self.buffer) {
                let piece = self.buffer.split_to(end).freeze();
                if piece.is_empty() {
                    drop(self.buffer.split_to(keep));
                    self.part_has_ended = true;
                    return Ok(None);
                }
                return Ok(Some(piece));
            }
            // What could be the beginning of a boundary waits for more.
            if self.buffer.len() > keep {
                let length = self.buffer.len() - keep;
                return Ok(Some(self.buffer.split_to(length).freeze()));
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), ApiError> {
        match self.body.next().await {
            Some(Ok(piece)) => {
                self.buffer.extend_from_slice(&piece);
                Ok(())
            }
            Some(Err(_)) | None => Err(malformed()),
        }
    }
}

pub(super) fn malformed() -> ApiError {
    let text = "The body of your POST request is not well-formed multipart/form-data.";
    ApiError::common("MalformedPOSTRequest", 400, text)
}

/// The file, as the body of the operation that stores it. Its size is known only at its end.
pub(super) struct FilePart {
    parts: Parts,
    sizes: Sizes,
    length: u64,
}

impl FilePart {
    pub(super) fn new(parts: Parts, sizes: Sizes) -> Self {
        FilePart { parts, sizes, length: 0 }
    }
}

impl IncomingSource for FilePart {
    fn next(&mut self) -> NextPiece<'_> {
        Box::pin(async {
            let piece = self.parts.piece().await?;
            match &piece {
                Some(piece) => self.length += piece.len() as u64,
                None => self.sizes.check_end(self.length)?,
            }
            Ok(piece)
        })
    }

    fn trailer(&self, _: &str) -> Option<&str> {
        None
    }

    fn discard(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            if self.parts.body.remaining().is_some_and(|left| left <= MOST_BEHIND as u64) {
                // What can't be read ends the connection by itself.
                drop(self.parts.body.collect(MOST_BEHIND).await);
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Body, Part, Parts, boundary};

    #[test]
    fn the_boundary_stands_in_the_content_type() {
        let check = |text, expected: Option<&str>| assert_eq!(boundary(text).as_deref(), expected, "{text}");
        check("multipart/form-data; boundary=abc", Some("abc"));
        check("multipart/form-data; charset=utf-8; Boundary=\"a b\"; x=y", Some("a b"));
        check("multipart/form-data", None);
        check("multipart/form-data; boundary=", None);
    }

    async fn read(body: &'static str) -> Result<Vec<(Part, String)>, String> {
        let mut parts = Parts::new(Body::from_bytes(body), "x");
        let mut read = Vec::new();
        while let Some(part) = parts.next().await.map_err(|error| error.to_string())? {
            let text = parts.text().await.map_err(|error| error.to_string())?;
            read.push((part, text));
        }
        Ok(read)
    }

    #[tokio::test]
    async fn parts_come_with_their_names_and_texts() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\r\n-b\r\n--x\r\nContent-Type: \
            text/plain\r\ncontent-disposition: form-data; name=file; filename=\"a\\\"b.txt\"\r\n\r\n\r\n--x--\r\n";
        let part = |name: &str, file: Option<&str>| Part {
            name: name.to_owned(),
            file_name: file.map(str::to_owned),
        };
        let expected =
            vec![(part("key", None), "a\r\n-b".to_owned()), (part("file", Some("a\"b.txt")), String::new())];
        assert_eq!(read(body).await, Ok(expected));
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        for body in [
            "",
            "--x",
            "--x\r\n\r\nno name\r\n--x--",
            "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb",
        ] {
            let error = read(body).await.expect_err("a malformed body");
            assert!(error.starts_with("MalformedPOSTRequest"), "{error}");
        }
    }
}
