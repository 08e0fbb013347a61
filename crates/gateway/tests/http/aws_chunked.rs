//! The `aws-chunked` decoder: AWS's examples, malformed bodies, and any bytes in any pieces.

use bytes::Bytes;
use proptest::prelude::*;
use virga_gateway::http::aws_chunked::{AwsChunkedError, Decoder, Event};

/// Decodes `pieces`, with adjoining data joined: how data is cut follows the input.
fn decode(pieces: &[&[u8]], announced: Option<u64>) -> Result<Vec<Event>, (Vec<Event>, AwsChunkedError)> {
    let mut decoder = Decoder::new(announced);
    let mut events = Vec::new();
    for piece in pieces {
        let mut input = Bytes::copy_from_slice(piece);
        loop {
            match decoder.next(&mut input) {
                Ok(Some(event)) => push(&mut events, event),
                Ok(None) => break,
                Err(error) => return Err((events, error)),
            }
        }
        assert!(input.is_empty(), "None means that all input is taken");
    }
    match decoder.finish() {
        Ok(()) => Ok(events),
        Err(error) => Err((events, error)),
    }
}

fn push(events: &mut Vec<Event>, event: Event) {
    if let (Event::Data(more), Some(Event::Data(data))) = (&event, events.last_mut()) {
        assert!(!more.is_empty());
        *data = [&data[..], more].concat().into();
    } else {
        events.push(event);
    }
}

fn start(size: u64, signature: Option<&'static str>) -> Event {
    Event::ChunkStart { size, signature: signature.map(|text| Bytes::from_static(text.as_bytes())) }
}

fn data(text: &'static str) -> Event {
    Event::Data(Bytes::from_static(text.as_bytes()))
}

fn trailer(name: &'static str, value: &'static str) -> Event {
    Event::Trailer { name: http::HeaderName::from_static(name), value: http::HeaderValue::from_static(value) }
}

fn check_error(body: &str, announced: Option<u64>, expected: AwsChunkedError) {
    let (_, error) = decode(&[body.as_bytes()], announced).unwrap_err();
    assert_eq!(error, expected, "{body:?}");
}

#[test]
fn signed_chunks_carry_their_signatures() {
    let body =
        "5;chunk-signature=ab12\r\nhello\r\n1;chunk-signature=cd34\r\n!\r\n0;chunk-signature=ef56\r\n\r\n";
    let expected = [
        start(5, Some("ab12")),
        data("hello"),
        start(1, Some("cd34")),
        data("!"),
        start(0, Some("ef56")),
        Event::End,
    ];
    assert_eq!(decode(&[body.as_bytes()], Some(6)).unwrap(), expected);
}

#[test]
fn trailers_follow_the_last_chunk() {
    let body = "2\r\nhi\r\n0\r\nx-amz-checksum-crc32c:sOO8/Q==\r\nX-Amz-Trailer-Signature: ab12 \r\n\r\n";
    let expected = [
        start(2, None),
        data("hi"),
        start(0, None),
        trailer("x-amz-checksum-crc32c", "sOO8/Q=="),
        trailer("x-amz-trailer-signature", "ab12"),
        Event::End,
    ];
    assert_eq!(decode(&[body.as_bytes()], Some(2)).unwrap(), expected);
}

#[test]
fn trailer_lines_may_end_as_in_the_example_of_aws() {
    let body = "0\r\nx-amz-checksum-crc32c:sOO8/Q==\n\r\nx-amz-trailer-signature:ab12\r\n\r\n";
    let expected = [
        start(0, None),
        trailer("x-amz-checksum-crc32c", "sOO8/Q=="),
        trailer("x-amz-trailer-signature", "ab12"),
        Event::End,
    ];
    assert_eq!(decode(&[body.as_bytes()], Some(0)).unwrap(), expected);
}

#[test]
fn a_padded_sigv4a_signature_is_kept_as_sent() {
    let body = "0;chunk-signature=3045ab**\r\n\r\n";
    assert_eq!(decode(&[body.as_bytes()], None).unwrap(), [start(0, Some("3045ab**")), Event::End]);
}

#[test]
fn data_may_hold_anything() {
    let body = "8\r\n\r\n0\r\n\r\n\n\r\n0\r\n\r\n";
    let expected = [start(8, None), data("\r\n0\r\n\r\n\n"), start(0, None), Event::End];
    assert_eq!(decode(&[body.as_bytes()], None).unwrap(), expected);
}

#[test]
fn malformed_bodies_are_refused() {
    use AwsChunkedError::{AfterEnd, ChunkEnd, ChunkHeader, Incomplete, Length, TooLong, Trailer};
    for header in ["", "g", "-1", "+1", " 1", "1 ", "0x1", "12345678901234567", "1;", "1;chunk-signature="] {
        check_error(&format!("{header}\r\n"), None, ChunkHeader);
    }
    check_error("1;chunk-signature=xyz\r\n", None, ChunkHeader);
    check_error("1;signature=ab\r\n", None, ChunkHeader);
    check_error("1\nx\r\n0\r\n\r\n", None, ChunkHeader);
    check_error("ffffffffffffffff\r\nx", None, Incomplete);
    check_error("1\r\nxx\r\n", None, ChunkEnd);
    check_error("0\r\nno colon\r\n", None, Trailer);
    check_error("0\r\nbad name: x\r\n", None, Trailer);
    check_error("0\r\nx: \u{1}x\r\n", None, Trailer);
    check_error("0\r\n\r\nx", None, AfterEnd);
    check_error("0\r\n", None, Incomplete);
    check_error(&"1".repeat(5000), None, TooLong);
    check_error(&format!("0\r\n{}\r\n", "a: b\r\n".repeat(17)), None, TooLong);
    check_error("2\r\n", Some(1), Length { announced: 1 });
    check_error("1\r\nx\r\n0\r\n", Some(2), Length { announced: 2 });
}

#[test]
fn sizes_that_overflow_together_are_refused() {
    let mut decoder = Decoder::new(None);
    let mut input = Bytes::from_static(b"1\r\nx\r\nffffffffffffffff\r\n");
    assert!(matches!(decoder.next(&mut input), Ok(Some(Event::ChunkStart { size: 1, .. }))));
    assert!(matches!(decoder.next(&mut input), Ok(Some(Event::Data(_)))));
    assert_eq!(decoder.next(&mut input), Err(AwsChunkedError::ChunkHeader));
}

/// Cuts `bytes` at the given places, each taken modulo what is left.
fn cut<'a>(mut bytes: &'a [u8], places: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for place in places {
        let (piece, rest) = bytes.split_at(place % (bytes.len() + 1));
        pieces.push(piece);
        bytes = rest;
    }
    pieces.push(bytes);
    pieces
}

fn encoded() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let chunk = (prop::collection::vec(any::<u8>(), 1..40), prop::option::of("[0-9a-f]{1,64}"));
    let trailer = "x-amz-[a-z]{1,8}: ?[!-~]{0,20}\n?\r\n";
    (prop::collection::vec(chunk, 0..6), prop::collection::vec(trailer, 0..4)).prop_map(
        |(chunks, trailers)| {
            let (mut body, mut decoded) = (Vec::new(), Vec::new());
            for (data, signature) in chunks {
                let extension =
                    signature.map_or(String::new(), |signature| format!(";chunk-signature={signature}"));
                body.extend(format!("{:x}{extension}\r\n", data.len()).bytes());
                body.extend(&data);
                body.extend(b"\r\n");
                decoded.extend(data);
            }
            body.extend(b"0\r\n");
            body.extend(trailers.concat().bytes());
            body.extend(b"\r\n");
            (body, decoded)
        },
    )
}

proptest! {
    #[test]
    fn a_body_decodes_to_the_same_in_any_pieces(
        (body, decoded) in encoded(),
        places in prop::collection::vec(any::<usize>(), 0..20),
    ) {
        let whole = decode(&[&body], Some(decoded.len() as u64)).unwrap();
        let joined: Vec<u8> = whole
            .iter()
            .filter_map(|event| if let Event::Data(data) = event { Some(&data[..]) } else { None })
            .collect::<Vec<_>>()
            .concat();
        prop_assert_eq!(joined, decoded);
        prop_assert_eq!(decode(&cut(&body, &places), None).unwrap(), whole);
    }

    #[test]
    fn any_bytes_in_any_pieces_end_alike(
        bytes in "([0-9a-f]{0,3}(;chunk-signature=)?[\r\n:;a-z0*]{0,6}(\r\n)?){0,8}",
        places in prop::collection::vec(any::<usize>(), 0..8),
    ) {
        prop_assert_eq!(decode(&cut(bytes.as_bytes(), &places), None), decode(&[bytes.as_bytes()], None));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(events) = decode(&[&bytes], None) {
            prop_assert_eq!(events.last(), Some(&Event::End));
        }
    }
}
