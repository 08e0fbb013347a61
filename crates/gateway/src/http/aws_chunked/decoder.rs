//! The decoder: a state machine that takes its input in any pieces and copies no data.

use bytes::{Buf as _, Bytes};
use http::{HeaderName, HeaderValue};

/// The longest chunk header or trailer line, with its line end. A padded SigV4A signature has 144 characters.
const LINE_LIMIT: usize = 4096;

/// The most trailers of one body. AWS clients send two: a checksum and a signature.
const TRAILER_LIMIT: usize = 16;

/// The longest chunk signature.
const SIGNATURE_LIMIT: usize = 512;

/// What a body consists of, in order: chunks (a start, then data), trailers, the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A chunk begins; one of size 0 is the last.
    ChunkStart {
        /// How many bytes of data follow.
        size: u64,
        /// The chunk's signature as sent: hexadecimal digits, padded with `*` for SigV4A. `None` in unsigned uploads:
        /// who expects a signature must refuse that.
        signature: Option<Bytes>,
    },
    /// Data of the current chunk, a slice of the input and never empty. A chunk may come in several.
    Data(Bytes),
    /// A trailer, such as `x-amz-checksum-crc32` or `x-amz-trailer-signature`.
    Trailer {
        /// Its name.
        name: HeaderName,
        /// Its value, without the white space around it.
        value: HeaderValue,
    },
    /// The body is complete, and as long as it was said to be.
    End,
}

/// Why a body is not valid `aws-chunked`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AwsChunkedError {
    /// A chunk header is not `size[;chunk-signature=…]`.
    #[error("malformed chunk header")]
    ChunkHeader,
    /// A chunk's data is not followed by a line end.
    #[error("a chunk is longer than its size")]
    ChunkEnd,
    /// A trailer is not `name:value`.
    #[error("malformed trailer")]
    Trailer,
    /// A chunk header or trailer is longer, or there are more trailers, than any client sends.
    #[error("a chunk header or the trailers are too long")]
    TooLong,
    /// The chunks hold more or less than `x-amz-decoded-content-length`.
    #[error("the decoded length is not the announced {announced} bytes")]
    Length {
        /// The announced length, in bytes.
        announced: u64,
    },
    /// The body ends too early.
    #[error("the body ends in the middle of a chunk or of the trailers")]
    Incomplete,
    /// Something follows the end of the body.
    #[error("data after the end of the body")]
    AfterEnd,
}

/// Decodes one body.
#[derive(Clone, Debug)]
pub struct Decoder {
    expects: Expects,
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    announced_length: Option<u64>,
    /// The sizes of all chunks so far.
    length: u64,
    trailers: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expects {
    ChunkHeader,
    Data { remaining: u64 },
    ChunkEnd,
    Trailer,
    Nothing,
}

impl Decoder {
    /// A decoder for a body that holds `announced_length` bytes (`x-amz-decoded-content-length`) when decoded.
    pub fn new(announced_length: Option<u64>) -> Self {
        Self { expects: Expects::ChunkHeader, line: Vec::new(), announced_length, length: 0, trailers: 0 }
    }

    /// Takes the next event off the front of `input`. `None`: all of `input` is taken, and more is needed.
    ///
    /// After an error the decoder must not be used any more.
    pub fn next(&mut self, input: &mut Bytes) -> Result<Option<Event>, AwsChunkedError> {
        loop {
            match self.expects {
                Expects::ChunkHeader => {
                    let Some(line) = self.take_line(input)? else { return Ok(None) };
                    return self.chunk_header(&line).map(Some);
                }
                Expects::Data { remaining } => return Ok(self.take_data(input, remaining)),
                Expects::ChunkEnd => {
                    let Some(line) = self.take_line(input)? else { return Ok(None) };
                    if !line.is_empty() {
                        return Err(AwsChunkedError::ChunkEnd);
                    }
                    self.expects = Expects::ChunkHeader;
                }
                Expects::Trailer => {
                    let Some(line) = self.take_line(input)? else { return Ok(None) };
                    return self.trailer(line).map(Some);
                }
                Expects::Nothing if input.is_empty() => return Ok(None),
                Expects::Nothing => return Err(AwsChunkedError::AfterEnd),
            }
        }
    }

    /// Whether the body is complete; to be asked when no more input comes.
    pub fn finish(&self) -> Result<(), AwsChunkedError> {
        if self.expects == Expects::Nothing { Ok(()) } else { Err(AwsChunkedError::Incomplete) }
    }

    fn take_data(&mut self, input: &mut Bytes, remaining: u64) -> Option<Event> {
        if input.is_empty() {
            return None;
        }
        let available = input.len() as u64;
        if available < remaining {
            self.expects = Expects::Data { remaining: remaining - available };
            return Some(Event::Data(std::mem::take(input)));
        }
        self.expects = Expects::ChunkEnd;
        let rest = usize::try_from(remaining).expect("no more than the input's length");
        Some(Event::Data(input.split_to(rest)))
    }

    /// A line up to its CRLF, without it. A line feed alone does not end a line.
    fn take_line(&mut self, input: &mut Bytes) -> Result<Option<Bytes>, AwsChunkedError> {
        let mut previous = self.line.last().copied();
        let end = input.iter().position(|&byte| previous.replace(byte) == Some(b'\r') && byte == b'\n');
        let taken = end.map_or(input.len(), |end| end + 1);
        if self.line.len() + taken > LINE_LIMIT {
            return Err(AwsChunkedError::TooLong);
        }
        if end.is_none() {
            self.line.extend_from_slice(input);
            input.advance(taken);
            return Ok(None);
        }
        let mut line = input.split_to(taken);
        if !self.line.is_empty() {
            self.line.extend_from_slice(&line);
            line = Bytes::from(std::mem::take(&mut self.line));
        }
        line.truncate(line.len() - 2);
        Ok(Some(line))
    }

    fn chunk_header(&mut self, line: &Bytes) -> Result<Event, AwsChunkedError> {
        let (size, signature) = match line.iter().position(|&byte| byte == b';') {
            Some(end) => (&line[..end], Some(chunk_signature(&line.slice(end + 1..))?)),
            None => (&line[..], None),
        };
        let size = chunk_size(size).ok_or(AwsChunkedError::ChunkHeader)?;
        self.length = self.length.checked_add(size).ok_or(AwsChunkedError::ChunkHeader)?;
        if let Some(announced) = self.announced_length
            && (self.length > announced || (size == 0 && self.length < announced))
        {
            return Err(AwsChunkedError::Length { announced });
        }
        self.expects = if size == 0 { Expects::Trailer } else { Expects::Data { remaining: size } };
        Ok(Event::ChunkStart { size, signature })
    }

    fn trailer(&mut self, mut line: Bytes) -> Result<Event, AwsChunkedError> {
        if line.is_empty() {
            self.expects = Expects::Nothing;
            return Ok(Event::End);
        }
        self.trailers += 1;
        if self.trailers > TRAILER_LIMIT {
            return Err(AwsChunkedError::TooLong);
        }
        let colon = line.iter().position(|&byte| byte == b':').ok_or(AwsChunkedError::Trailer)?;
        let name = HeaderName::from_bytes(&line[..colon]).map_err(|_| AwsChunkedError::Trailer)?;
        line.advance(colon + 1);
        // AWS's own example ends trailer lines with LF CR LF.
        let value = line.slice_ref(line.trim_ascii());
        let value = HeaderValue::from_maybe_shared(value).map_err(|_| AwsChunkedError::Trailer)?;
        Ok(Event::Trailer { name, value })
    }
}

/// Hexadecimal digits only: no sign, no white space, and no more than a `u64` holds.
fn chunk_size(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 16 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

fn chunk_signature(extension: &Bytes) -> Result<Bytes, AwsChunkedError> {
    const NAME: &[u8] = b"chunk-signature=";
    let signature = extension.strip_prefix(NAME).ok_or(AwsChunkedError::ChunkHeader)?;
    let valid = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'*';
    if signature.is_empty() || signature.len() > SIGNATURE_LIMIT || !signature.iter().all(valid) {
        return Err(AwsChunkedError::ChunkHeader);
    }
    Ok(extension.slice_ref(signature))
}
