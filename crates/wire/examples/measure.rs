//! Times of the wire on the way of SQS's hottest calls, and of S3's router, in nanoseconds per call.
//!
//! `cargo run --release -p virga-wire --example measure`

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, Method};
use virga_model::{Operation, Protocol, Record, Text, Value};
use virga_wire::{HttpRequest, Labels, Router, Rules, decode_request, encode_response, json, validate};

const ROUNDS: u32 = 200_000;

fn operation(service: &str, name: &str) -> Operation {
    virga_model::service(service)
        .and_then(|service| service.operation(name))
        .expect("an operation of the model")
}

#[expect(clippy::disallowed_methods, reason = "this program measures time")]
fn measure(name: &str, mut call: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            call();
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(ROUNDS));
    }
    println!("{name:45} {best:8.0} ns");
}

fn decode(protocol: Protocol, operation: Operation, body: &Bytes) -> Record {
    let (method, headers) = (Method::POST, HeaderMap::new());
    let request =
        HttpRequest { method: &method, path: "/", query: "", headers: &headers, body: body.clone() };
    decode_request(protocol, operation, &Labels::new(), &request).expect("a good request")
}

fn main() {
    let send = operation("sqs", "SendMessage");
    let text = "x".repeat(200);
    let body = Bytes::from(format!(
        r#"{{"QueueUrl":"http://localhost:4566/000000000000/orders","MessageBody":"{text}"}}"#
    ));
    let form = Bytes::from(format!(
        "Action=SendMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2Flocalhost%3A4566%2F000000000000%2Forders\
         &MessageBody={text}"
    ));
    let output = json::record_from_json(
        send.output().expect("an output"),
        &Text::from_static(
            r#"{"MD5OfMessageBody":"0cc175b9c0f1b6a831c399e269772661","MessageId":"f0f0f0f0-f0f0-4f0f-8f0f-f0f0f0f0f0f0"}"#,
        ),
    )
    .expect("an output");
    let encode = |protocol| drop(black_box(encode_response(protocol, send, &output, "request-id")));
    measure("SendMessage, JSON: decode", || drop(black_box(decode(Protocol::Json, send, &body))));
    let record = decode(Protocol::Json, send, &body);
    measure("SendMessage: validate", || drop(black_box(validate(&record, Rules::ALL))));
    measure("SendMessage, JSON: encode", || encode(Protocol::Json));
    measure("SendMessage, query: decode", || drop(black_box(decode(Protocol::Query, send, &form))));
    measure("SendMessage, query: encode", || encode(Protocol::Query));
    receive(&text);
    let router = Router::of(virga_model::service("s3").expect("s3"));
    let headers = HeaderMap::new();
    for (method, path, query) in
        [(Method::GET, "/bucket/some/long/key.txt", ""), (Method::GET, "/bucket", "list-type=2&prefix=a%2F")]
    {
        measure(&format!("route {method} {path}?{query}"), || {
            drop(black_box(router.find(&method, path, query, &headers)));
        });
    }
}

fn receive(text: &str) {
    let receive = operation("sqs", "ReceiveMessage");
    let body = Bytes::from_static(
        br#"{"QueueUrl":"http://localhost:4566/000000000000/orders","MaxNumberOfMessages":1,"WaitTimeSeconds":0}"#,
    );
    measure("ReceiveMessage, JSON: decode", || drop(black_box(decode(Protocol::Json, receive, &body))));
    let message = receive.service().shape("Message").expect("a shape");
    let mut record = Record::new(message);
    for (name, value) in
        [("MessageId", "f0f0f0f0-f0f0-4f0f-8f0f-f0f0f0f0f0f0"), ("ReceiptHandle", text), ("Body", text)]
    {
        record.set_by_name(name, Value::String(Text::from(value)));
    }
    let mut output = Record::new(receive.output().expect("an output"));
    output.set_by_name("Messages", Value::List(vec![Value::Structure(Box::new(record))]));
    measure("ReceiveMessage of 1, JSON: encode", || {
        drop(black_box(encode_response(Protocol::Json, receive, &output, "request-id")));
    });
}
