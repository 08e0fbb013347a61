//! Bodies in the `aws-chunked` encoding: however the bytes are cut into pieces, the same comes out, and what was
//! decoded and encoded again decodes to the same.
//!
//! The first byte says how long the pieces are; the rest is the body.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use virga_gateway::http::aws_chunked::{AwsChunkedError, Decoder, Event};

fuzz_target!(|input: &[u8]| {
    let Some((first, body)) = input.split_first() else { return };
    let whole = decode(body, body.len().max(1));
    let cut = decode(body, usize::from(*first).max(1));
    assert_eq!(whole, cut, "pieces of {first} bytes");
    if let Ok(events) = whole {
        assert_eq!(decode(&encode(&events), usize::MAX), Ok(events));
    }
});

/// The events of a body that arrives in pieces, with the data of each chunk in one.
fn decode(body: &[u8], piece: usize) -> Result<Vec<Event>, AwsChunkedError> {
    let mut decoder = Decoder::new(None);
    let mut events = Vec::new();
    for part in body.chunks(piece) {
        let mut part = Bytes::copy_from_slice(part);
        while let Some(event) = decoder.next(&mut part)? {
            match (events.last_mut(), event) {
                (Some(Event::Data(data)), Event::Data(more)) => {
                    *data = [data.as_ref(), &more].concat().into()
                }
                (_, event) => events.push(event),
            }
        }
    }
    decoder.finish()?;
    Ok(events)
}

fn encode(events: &[Event]) -> Vec<u8> {
    let mut body = Vec::new();
    for event in events {
        match event {
            Event::ChunkStart { size, signature } => {
                body.extend_from_slice(format!("{size:x}").as_bytes());
                if let Some(signature) = signature {
                    body.extend_from_slice(b";chunk-signature=");
                    body.extend_from_slice(signature);
                }
                body.extend_from_slice(b"\r\n");
            }
            Event::Data(data) => {
                body.extend_from_slice(data);
                body.extend_from_slice(b"\r\n");
            }
            Event::Trailer { name, value } => {
                body.extend_from_slice(format!("{name}:").as_bytes());
                body.extend_from_slice(value.as_bytes());
                body.extend_from_slice(b"\r\n");
            }
            Event::End => body.extend_from_slice(b"\r\n"),
        }
    }
    body
}
