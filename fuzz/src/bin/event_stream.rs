//! Frames of event streams: what was read is written and read again as it was.

#![no_main]

use virga_model::Shape;
use virga_wire::event_stream::{FrameReader, decode_event};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut reader = FrameReader::new();
    let operation = virga_model::service("kinesis").and_then(|service| service.operation("SubscribeToShard"));
    let operation = operation.expect("an operation of the model");
    let protocol = operation.service().default_protocol();
    let members = operation.output().into_iter().flat_map(Shape::members);
    let stream =
        members.map(|member| member.shape()).find(|shape| shape.is_event_stream()).expect("a stream");
    for chunk in input.chunks(7) {
        reader.push(chunk);
        while let Ok(Some(message)) = reader.next_frame() {
            drop(decode_event(protocol, operation, stream, operation.output(), &message));
            let mut again = FrameReader::new();
            again.push(&message.encode().expect("what was read can be written"));
            assert_eq!(again.next_frame(), Ok(Some(message)));
        }
    }
});
