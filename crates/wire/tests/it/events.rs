//! Events by the model.

use fastrand::Rng;
use virga_model::{ApiError, Location, Protocol, Record, Shape, Text, Value};
use virga_wire::event_stream::{
    Event, FrameReader, decode_event, encode_error, encode_event, encode_initial,
};

use crate::generate::{Generator, Message};

/// The event stream of a shape.
fn stream_of(shape: Option<Shape>) -> Option<Shape> {
    shape?.members().map(virga_model::Member::shape).find(|shape| shape.is_event_stream())
}

#[test]
fn every_event_of_every_service_comes_back() {
    let mut count = 0;
    for service in virga_model::services() {
        for operation in service.operations() {
            for (around, stream) in [operation.input(), operation.output()]
                .into_iter()
                .filter_map(|around| stream_of(around).map(|stream| (around, stream)))
            {
                let protocol = service.default_protocol();
                for ordinal in 0..stream.member_count() {
                    count += 1;
                    let event = event(protocol, stream, ordinal, count);
                    let message = encode_event(protocol, &event).expect("a frame");
                    let mut reader = FrameReader::new();
                    reader.push(&message.encode().expect("bytes"));
                    let message = reader.next_frame().expect("a frame").expect("all of it");
                    let found =
                        decode_event(protocol, operation, stream, around, &message).expect("an event");
                    let member = stream.member(ordinal).expect("a member");
                    match found {
                        Some(Event::Event(found)) => assert_eq!(found, event),
                        Some(Event::Error(error)) => assert_eq!(error.code, member.shape().name()),
                        other => unreachable!("{other:?} for {} {}", operation.name(), member.name()),
                    }
                }
            }
        }
    }
    assert!(count > 20, "{count}");
}

fn event(protocol: Protocol, stream: Shape, ordinal: usize, seed: u64) -> Record {
    let mut generator = Generator { random: Rng::with_seed(seed), protocol, message: Message::Response };
    let shape = stream.member(ordinal).expect("a member").shape();
    let mut content = generator.record(Some(shape));
    for (place, member) in shape.members().enumerate() {
        // The whole of a payload is there or empty: an absent blob comes back as an empty one.
        if member.is_event_payload() && member.shape().kind() == virga_model::Kind::Blob {
            content.set(place, Value::Blob("content".into()));
        }
        assert_eq!(member.location(), Location::Body, "events are bound by their own traits");
    }
    let mut event = Record::new(stream);
    event.set(ordinal, Value::Structure(Box::new(content)));
    event
}

#[test]
fn the_members_around_the_stream_come_first_in_the_rpc_protocols() {
    let kinesis = virga_model::service("kinesis").expect("kinesis");
    let operation = kinesis.operation("SubscribeToShard").expect("an operation");
    let stream = stream_of(operation.output()).expect("a stream");
    let output = Record::new(operation.output().expect("an output"));
    let message = encode_initial(Protocol::Json, &output).expect("a frame");
    assert_eq!(message.text(":event-type"), Some("initial-response"));
    let found = decode_event(Protocol::Json, operation, stream, operation.output(), &message);
    assert_eq!(found, Ok(Some(Event::Initial(output))));
}

#[test]
fn errors_end_the_stream() {
    let kinesis = virga_model::service("kinesis").expect("kinesis");
    let operation = kinesis.operation("SubscribeToShard").expect("an operation");
    let stream = stream_of(operation.output()).expect("a stream");
    let read = |message| decode_event(Protocol::Json, operation, stream, operation.output(), &message);
    let Ok(Some(Event::Error(error))) = read(encode_error(&ApiError::internal())) else { panic!("no error") };
    assert_eq!(error.code, "InternalFailure");
    let shape = kinesis.shape("KMSThrottlingException").expect("an error");
    let ordinal = stream.members().position(|member| member.shape() == shape).expect("a member");
    let mut event = Record::new(stream);
    let record = ApiError::modelled(shape, Text::from("slow down")).record.expect("a record");
    event.set(ordinal, Value::Structure(record));
    let message = encode_event(Protocol::Json, &event).expect("a frame");
    assert_eq!(message.text(":message-type"), Some("exception"));
    let Ok(Some(Event::Error(error))) = read(message) else { panic!("no error") };
    assert_eq!((&*error.code, &*error.message), ("KMSThrottlingException", "slow down"));
}
