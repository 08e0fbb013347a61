//! Frames: lengths and headers and payload, each guarded by a checksum.
//! <https://smithy.io/2.0/aws/amazon-eventstream.html>

use bytes::{Buf, BufMut, Bytes, BytesMut};
use virga_model::{Text, Timestamp};

/// Total length, length of the headers, checksum of both.
const PRELUDE: usize = 12;
/// Checksum at the end.
const TRAILER: usize = 4;
/// Largest frame.
const LARGEST: usize = 24 << 20;
/// Most bytes of headers.
const LARGEST_HEADERS: usize = 128 << 10;

/// The value of a header.
#[derive(Debug, Clone, PartialEq)]
pub enum HeaderValue {
    /// Boolean.
    Bool(bool),
    /// 8 bits.
    Byte(i8),
    /// 16 bits.
    Short(i16),
    /// 32 bits.
    Integer(i32),
    /// 64 bits.
    Long(i64),
    /// Bytes, up to 32,767.
    Bytes(Bytes),
    /// Text, up to 32,767 bytes.
    String(Text),
    /// Milliseconds since the epoch.
    Timestamp(Timestamp),
    /// A UUID.
    Uuid([u8; 16]),
}

/// One frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Message {
    /// Headers in order.
    pub headers: Vec<(Text, HeaderValue)>,
    /// Payload.
    pub payload: Bytes,
}

/// Why bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameError {
    /// The lengths contradict each other or are too large.
    Length,
    /// A checksum is wrong.
    Checksum,
    /// The headers are malformed.
    Header,
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            FrameError::Length => "the lengths of the frame are wrong",
            FrameError::Checksum => "a checksum of the frame is wrong",
            FrameError::Header => "the headers of the frame are malformed",
        })
    }
}

impl std::error::Error for FrameError {}

impl Message {
    /// A header that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.header(name)? {
            HeaderValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&HeaderValue> {
        self.headers.iter().find(|(known, _)| &**known == name).map(|(_, value)| value)
    }

    /// Adds a text header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Text>) -> Self {
        self.headers.push((Text::from_static(name), HeaderValue::String(value.into())));
        self
    }

    /// The frame.
    ///
    /// # Errors
    /// When a name, a value or the whole is longer than a frame allows.
    pub fn encode(&self) -> Result<Bytes, FrameError> {
        let mut headers = BytesMut::new();
        for (name, value) in &self.headers {
            headers.put_u8(u8::try_from(name.len()).map_err(|_| FrameError::Header)?);
            headers.put_slice(name.as_bytes());
            put_value(&mut headers, value)?;
        }
        let total = PRELUDE + headers.len() + self.payload.len() + TRAILER;
        if total > LARGEST || headers.len() > LARGEST_HEADERS {
            return Err(FrameError::Length);
        }
        let length = |length: usize| u32::try_from(length).map_err(|_| FrameError::Length);
        let mut out = BytesMut::with_capacity(total);
        out.put_u32(length(total)?);
        out.put_u32(length(headers.len())?);
        let checksum = crc32fast::hash(&out);
        out.put_u32(checksum);
        out.put_slice(&headers);
        out.put_slice(&self.payload);
        let checksum = crc32fast::hash(&out);
        out.put_u32(checksum);
        Ok(out.freeze())
    }

    /// Reads the headers and the payload of a whole frame whose checksums are right.
    fn decode(frame: &Bytes, headers_length: usize) -> Result<Self, FrameError> {
        let mut rest = frame.slice(PRELUDE..PRELUDE + headers_length);
        let payload = frame.slice(PRELUDE + headers_length..frame.len() - TRAILER);
        let mut headers = Vec::new();
        while rest.has_remaining() {
            let length = usize::from(rest.get_u8());
            let name = take_text(&mut rest, length)?;
            headers.push((name, take_value(&mut rest)?));
        }
        Ok(Message { headers, payload })
    }
}

fn put_value(out: &mut BytesMut, value: &HeaderValue) -> Result<(), FrameError> {
    let put_sized = |out: &mut BytesMut, kind: u8, bytes: &[u8]| {
        let length = i16::try_from(bytes.len()).map_err(|_| FrameError::Header)?;
        out.put_u8(kind);
        out.put_i16(length);
        out.put_slice(bytes);
        Ok(())
    };
    match value {
        HeaderValue::Bool(value) => out.put_u8(u8::from(!value)),
        HeaderValue::Byte(value) => {
            out.put_u8(2);
            out.put_i8(*value);
        }
        HeaderValue::Short(value) => {
            out.put_u8(3);
            out.put_i16(*value);
        }
        HeaderValue::Integer(value) => {
            out.put_u8(4);
            out.put_i32(*value);
        }
        HeaderValue::Long(value) => {
            out.put_u8(5);
            out.put_i64(*value);
        }
        HeaderValue::Bytes(bytes) => return put_sized(out, 6, bytes),
        HeaderValue::String(text) => return put_sized(out, 7, text.as_bytes()),
        HeaderValue::Timestamp(time) => {
            out.put_u8(8);
            out.put_i64(time.millis());
        }
        HeaderValue::Uuid(uuid) => {
            out.put_u8(9);
            out.put_slice(uuid);
        }
    }
    Ok(())
}

fn take(rest: &mut Bytes, length: usize) -> Result<Bytes, FrameError> {
    if rest.len() < length { Err(FrameError::Header) } else { Ok(rest.split_to(length)) }
}

fn take_text(rest: &mut Bytes, length: usize) -> Result<Text, FrameError> {
    Text::try_from(take(rest, length)?).map_err(|_| FrameError::Header)
}

fn take_value(rest: &mut Bytes) -> Result<HeaderValue, FrameError> {
    let kind = take(rest, 1)?[0];
    Ok(match kind {
        0 => HeaderValue::Bool(true),
        1 => HeaderValue::Bool(false),
        2 => HeaderValue::Byte(take(rest, 1)?.get_i8()),
        3 => HeaderValue::Short(take(rest, 2)?.get_i16()),
        4 => HeaderValue::Integer(take(rest, 4)?.get_i32()),
        5 => HeaderValue::Long(take(rest, 8)?.get_i64()),
        6 | 7 => {
            let length = usize::from(take(rest, 2)?.get_u16());
            if kind == 6 {
                HeaderValue::Bytes(take(rest, length)?)
            } else {
                HeaderValue::String(take_text(rest, length)?)
            }
        }
        8 => HeaderValue::Timestamp(Timestamp::from_millis(take(rest, 8)?.get_i64())),
        9 => {
            let bytes = take(rest, 16)?;
            HeaderValue::Uuid(<[u8; 16]>::try_from(&*bytes).map_err(|_| FrameError::Header)?)
        }
        _ => return Err(FrameError::Header),
    })
}

/// Takes frames out of a stream of bytes.
#[derive(Debug, Default)]
pub struct FrameReader {
    buffer: BytesMut,
}

impl FrameReader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        FrameReader::default()
    }

    /// Adds bytes that came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Whether no part of a frame is waiting for the rest: where a stream may end.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// The next frame; none until all of it has come.
    ///
    /// # Errors
    /// When the bytes are no frame. The stream is of no use after that.
    pub fn next_frame(&mut self) -> Result<Option<Message>, FrameError> {
        let Some(mut prelude) = self.buffer.get(..PRELUDE) else { return Ok(None) };
        let checked = crc32fast::hash(&prelude[..8]);
        let (total, headers) = (prelude.get_u32() as usize, prelude.get_u32() as usize);
        if prelude.get_u32() != checked {
            return Err(FrameError::Checksum);
        }
        let fits = total <= LARGEST && headers <= LARGEST_HEADERS && total >= PRELUDE + headers + TRAILER;
        if !fits {
            return Err(FrameError::Length);
        }
        if self.buffer.len() < total {
            return Ok(None);
        }
        let frame = self.buffer.split_to(total).freeze();
        let (content, mut checksum) = frame.split_at(total - TRAILER);
        if crc32fast::hash(content) != checksum.get_u32() {
            return Err(FrameError::Checksum);
        }
        Message::decode(&frame, headers).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::{FrameError, FrameReader, HeaderValue, Message};
    use bytes::Bytes;
    use proptest::prelude::*;
    use virga_model::{Text, Timestamp};

    fn example() -> Message {
        let mut message = Message { headers: Vec::new(), payload: Bytes::from_static(b"{'foo':'bar'}") };
        for value in [
            HeaderValue::Bool(true),
            HeaderValue::Bool(false),
            HeaderValue::Byte(-1),
            HeaderValue::Short(-2),
            HeaderValue::Integer(40972),
            HeaderValue::Long(i64::MIN),
            HeaderValue::Bytes(Bytes::from_static(b"\0\x01")),
            HeaderValue::String(Text::from("é")),
            HeaderValue::Timestamp(Timestamp::from_millis(8_675_309)),
            HeaderValue::Uuid([7; 16]),
        ] {
            message.headers.push((Text::from("name"), value));
        }
        message
    }

    #[test]
    fn the_empty_frame_is_as_specified() {
        let frame = Message::default().encode().expect("a frame");
        assert_eq!(&*frame, b"\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2\x48\xeb\x7d\x98\xc8\xff");
    }

    #[test]
    fn frames_come_out_as_they_went_in_however_they_are_cut() {
        let frame = example().encode().expect("a frame");
        for size in [1, 7, frame.len(), frame.len() * 2] {
            let mut reader = FrameReader::new();
            let mut found = Vec::new();
            for chunk in [&*frame, &*frame].concat().chunks(size) {
                reader.push(chunk);
                while let Some(message) = reader.next_frame().expect("frames") {
                    found.push(message);
                }
            }
            assert_eq!(found, [example(), example()], "{size}");
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn damage_is_noticed() {
        let frame = example().encode().expect("a frame");
        for place in [0, 5, 9, 20, frame.len() - 1] {
            let mut damaged = frame.to_vec();
            damaged[place] ^= 1;
            let mut reader = FrameReader::new();
            reader.push(&damaged);
            assert_eq!(reader.next_frame(), Err(FrameError::Checksum), "{place}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut reader = FrameReader::new();
            reader.push(&bytes);
            let _ = reader.next_frame();
            // The same with right checksums, to reach the headers.
            let mut frame = Vec::new();
            frame.extend_from_slice(&(bytes.len() as u32 + 16).to_be_bytes());
            frame.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
            frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
            frame.extend_from_slice(&bytes);
            frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
            let mut reader = FrameReader::new();
            reader.push(&frame);
            if let Ok(Some(message)) = reader.next_frame() {
                let again = message.encode().expect("what was read can be written");
                let mut reader = FrameReader::new();
                reader.push(&again);
                prop_assert_eq!(reader.next_frame(), Ok(Some(message)));
            }
        }
    }
}
