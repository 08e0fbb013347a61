//! A request body in `aws-chunked` encoding, read event by event.

use bytes::Bytes;

use super::{AwsChunkedError, Decoder, Event};
use crate::http::{Body, BodyError};

/// Reads and decodes a [`Body`].
pub struct Reader {
    body: Body,
    decoder: Decoder,
    input: Bytes,
    ended: bool,
}

/// Why an encoded body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It did not arrive.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// It arrived malformed.
    #[error(transparent)]
    Encoding(#[from] AwsChunkedError),
}

impl Reader {
    /// Reads `body`, which holds `announced_length` bytes (`x-amz-decoded-content-length`) when decoded.
    pub fn new(body: Body, announced_length: Option<u64>) -> Self {
        Self { body, decoder: Decoder::new(announced_length), input: Bytes::new(), ended: false }
    }

    /// The next event; `None` after [`Event::End`] or an error. `End` comes only when nothing follows it.
    pub async fn next(&mut self) -> Option<Result<Event, ReadError>> {
        if self.ended {
            return None;
        }
        let event = self.read().await;
        self.ended = !matches!(event, Ok(Event::ChunkStart { .. } | Event::Data(_) | Event::Trailer { .. }));
        Some(event)
    }

    async fn read(&mut self) -> Result<Event, ReadError> {
        let mut end = None;
        loop {
            match self.decoder.next(&mut self.input)? {
                Some(Event::End) => end = Some(Event::End),
                Some(event) => return Ok(event),
                None => match self.body.next().await {
                    Some(piece) => self.input = piece?,
                    None => return end.ok_or(AwsChunkedError::Incomplete.into()),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(body: &'static str, expected_data: &str, expected_error: Option<&str>) {
        let mut reader = Reader::new(Body::from_bytes(body), None);
        let (mut data, mut error) = (Vec::new(), None);
        while let Some(event) = reader.next().await {
            match event {
                Ok(Event::Data(bytes)) => data.extend_from_slice(&bytes),
                Ok(_) => {}
                Err(cause) => error = Some(cause.to_string()),
            }
        }
        assert_eq!((str::from_utf8(&data).unwrap(), error.as_deref()), (expected_data, expected_error));
    }

    #[tokio::test]
    async fn a_body_is_read_to_its_end() {
        check("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde", None).await;
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_or_goes_on_is_an_error() {
        let incomplete = AwsChunkedError::Incomplete.to_string();
        check("", "", Some(&incomplete)).await;
        check("3\r\nabc", "abc", Some(&incomplete)).await;
        check("3\r\nabc\r\n0\r\n", "abc", Some(&incomplete)).await;
        check("0\r\n\r\nmore", "", Some(&AwsChunkedError::AfterEnd.to_string())).await;
    }
}
