//! Requests and answers of embedded services, as real clients send and expect them.

use bytes::Bytes;
use http::{HeaderMap, Method};
use virga_model::{ApiError, Operation, Protocol, Record, Value};
use virga_wire::{
    DecodeError, HttpRequest, HttpResponse, Labels, decode_request, decode_response, encode_error,
    encode_response,
};

fn operation(service: &str, name: &str) -> Operation {
    virga_model::service(service)
        .and_then(|service| service.operation(name))
        .expect("an operation of the model")
}

fn decode(protocol: Protocol, operation: Operation, body: &str) -> Result<Record, DecodeError> {
    let (method, headers) = (Method::POST, HeaderMap::new());
    let body = Bytes::from(body.to_owned());
    let request = HttpRequest { method: &method, path: "/", query: "", headers: &headers, body };
    decode_request(protocol, operation, &Labels::new(), &request)
}

fn header<'a>(response: &'a HttpResponse, name: &str) -> Option<&'a str> {
    response.headers.get(name).and_then(|value| value.to_str().ok())
}

fn text(response: &HttpResponse) -> &str {
    std::str::from_utf8(response.body.bytes()).expect("text")
}

fn missing_queue() -> ApiError {
    let shape = virga_model::service("sqs").and_then(|sqs| sqs.shape("QueueDoesNotExist"));
    ApiError::modelled(shape.expect("an error of SQS"), "The specified queue does not exist.")
}

#[test]
fn one_model_reads_sqs_as_json_and_as_query() {
    let send = operation("sqs", "SendMessageBatch");
    let json = r#"{"QueueUrl":"http://h/1/q","Unknown":[{}],"Entries":[{"Id":"a","MessageBody":"hi","MessageAttributes":
        {"k":{"DataType":"Binary","BinaryValue":"AQI="}}},{"Id":"b","MessageBody":"x y","DelaySeconds":5}]}"#;
    let query = "Action=SendMessageBatch&QueueUrl=http%3A%2F%2Fh%2F1%2Fq&SendMessageBatchRequestEntry.1.Id=a\
        &SendMessageBatchRequestEntry.1.MessageBody=hi&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=k\
        &SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=Binary\
        &SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.BinaryValue=AQI%3D\
        &SendMessageBatchRequestEntry.2.Id=b&SendMessageBatchRequestEntry.2.MessageBody=x+y\
        &SendMessageBatchRequestEntry.2.DelaySeconds=5&Version=2012-11-05";
    let from_json = decode(Protocol::Json, send, json).expect("JSON");
    let from_query = decode(Protocol::Query, send, query).expect("a form");
    assert_eq!(from_json, from_query);
    let Some(Value::List(entries)) = from_json.by_name("Entries") else { panic!("no entries") };
    assert_eq!(entries.len(), 2);
}

#[test]
fn attributes_and_tags_of_sqs_have_their_query_names() {
    let create = operation("sqs", "CreateQueue");
    let json = r#"{"QueueName":"q","Attributes":{"DelaySeconds":"5"},"tags":{"a":"1"}}"#;
    let query = "QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=5&Tag.1.Key=a&Tag.1.Value=1";
    assert_eq!(decode(Protocol::Json, create, json), decode(Protocol::Query, create, query));
    let get = operation("sqs", "GetQueueAttributes");
    let json = r#"{"QueueUrl":"q","AttributeNames":["All"]}"#;
    for query in ["QueueUrl=q&AttributeName.1=All", "QueueUrl=q&AttributeNames.member.1=All"] {
        assert_eq!(decode(Protocol::Json, get, json), decode(Protocol::Query, get, query), "{query}");
    }
}

#[test]
fn answers_of_sqs_in_both_protocols() {
    let get = operation("sqs", "GetQueueAttributes");
    let mut output = Record::new(get.output().expect("an output"));
    let attributes = [("DelaySeconds".into(), Value::String("5".into()))].into_iter().collect();
    output.set_by_name("Attributes", Value::Map(attributes));
    let json = encode_response(Protocol::Json, get, &output, "id-1").expect("JSON");
    assert_eq!(text(&json), r#"{"Attributes":{"DelaySeconds":"5"}}"#);
    assert_eq!(header(&json, "content-type"), Some("application/x-amz-json-1.0"));
    assert_eq!(header(&json, "x-amzn-requestid"), Some("id-1"));
    let query = encode_response(Protocol::Query, get, &output, "id-1").expect("XML");
    assert_eq!(
        text(&query),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <GetQueueAttributesResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">\
         <GetQueueAttributesResult><Attribute><Name>DelaySeconds</Name><Value>5</Value></Attribute>\
         </GetQueueAttributesResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>\
         </GetQueueAttributesResponse>"
    );
}

#[test]
fn errors_of_sqs_in_both_protocols() {
    let sqs = virga_model::service("sqs").expect("sqs");
    let json = encode_error(Protocol::Json, sqs, &missing_queue(), "id-1");
    assert_eq!(json.status, 400);
    let code = "AWS.SimpleQueueService.NonExistentQueue;Sender";
    assert_eq!(header(&json, "x-amzn-query-error"), Some(code));
    assert_eq!(
        text(&json),
        r#"{"message":"The specified queue does not exist.","__type":"com.amazonaws.sqs#QueueDoesNotExist"}"#
    );
    let query = encode_error(Protocol::Query, sqs, &missing_queue(), "id-1");
    assert_eq!(
        text(&query),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><Error><Type>Sender</Type>\
         <Code>AWS.SimpleQueueService.NonExistentQueue</Code>\
         <Message>The specified queue does not exist.</Message><Detail></Detail></Error>\
         <RequestId>id-1</RequestId></ErrorResponse>"
    );
}

#[test]
fn common_errors_keep_the_names_of_each_protocol() {
    let error = ApiError::common("ValidationException", 400, "no");
    let name = |service: &str| {
        let service = virga_model::service(service).expect("a service");
        text(&encode_error(Protocol::Json, service, &error, "")).to_owned()
    };
    let json_1_0 = r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}"#;
    assert_eq!(name("dynamodb"), json_1_0);
    assert_eq!(name("kms"), r#"{"__type":"ValidationException","message":"no"}"#);
}

#[test]
fn wrong_types_are_refused_in_awss_words() {
    let send = operation("sqs", "SendMessage");
    let refused = |json: &str, message: &str| {
        let error = decode(Protocol::Json, send, json).expect_err("a refusal").to_api_error(Protocol::Json);
        assert_eq!((&*error.code, &*error.message), ("SerializationException", message), "{json}");
    };
    refused(r#"{"QueueUrl":5}"#, "NUMBER_VALUE can not be converted to a String");
    refused(r#"{"DelaySeconds":"5"}"#, "STRING_VALUE can not be converted to an Integer");
    refused(r#"{"DelaySeconds":3000000000}"#, "NUMBER_VALUE can not be converted to an Integer");
    refused(r#"{"QueueUrl":{}}"#, "Start of structure or map found where not expected.");
    refused(r#"{"QueueUrl":[]}"#, "Start of list found where not expected");
    refused(r#"{"QueueUrl":"#, "Unexpected token received from parser");
    refused("[]", "Unexpected token received from parser");
    refused(&"[".repeat(100_000), "Unexpected token received from parser");
    let error = decode(Protocol::Query, send, "DelaySeconds=x").expect_err("a refusal");
    assert_eq!(error.to_api_error(Protocol::Query).code, "MalformedInput");
}

#[test]
fn strings_share_the_body() {
    let send = operation("sqs", "SendMessage");
    let body = Bytes::from(r#"{"QueueUrl":"q","MessageBody":"hello"}"#);
    let range = body.as_ptr_range();
    let (method, headers) = (Method::POST, HeaderMap::new());
    let request = HttpRequest { method: &method, path: "/", query: "", headers: &headers, body };
    let record = decode_request(Protocol::Json, send, &Labels::new(), &request).expect("an input");
    let Some(Value::String(text)) = record.by_name("MessageBody") else { panic!("no body") };
    assert!(range.contains(&text.as_ptr()), "the body is copied");
}

#[test]
fn compressed_metrics_are_read() {
    use std::io::Write;

    let put = operation("cloudwatch", "PutMetricData");
    let json = r#"{"Namespace":"n","MetricData":[{"MetricName":"m","Value":1.5}]}"#;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(json.as_bytes()).expect("writing to memory");
    let body = Bytes::from(encoder.finish().expect("writing to memory"));
    let method = Method::POST;
    let mut headers = HeaderMap::new();
    headers.insert("content-encoding", http::HeaderValue::from_static("gzip"));
    let request = HttpRequest { method: &method, path: "/", query: "", headers: &headers, body };
    let found = decode_request(Protocol::Json, put, &Labels::new(), &request);
    assert_eq!(found, decode(Protocol::Json, put, json));
}

#[test]
fn documents_of_s3_have_their_own_roots() {
    let list = operation("s3", "ListObjectsV2");
    let mut output = Record::new(list.output().expect("an output"));
    output.set_by_name("Name", Value::String("b".into()));
    let response = encode_response(Protocol::RestXml, list, &output, "1").expect("an answer");
    let expected = "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name></ListBucketResult>";
    assert!(text(&response).ends_with(expected), "{}", text(&response));
}

#[test]
fn the_location_of_a_bucket_is_the_root_itself() {
    let location = operation("s3", "GetBucketLocation");
    let mut output = Record::new(location.output().expect("an output"));
    for (region, content) in [(Value::Null, ""), (Value::String("eu-west-1".into()), "eu-west-1")] {
        output.set(0, region);
        let response = encode_response(Protocol::RestXml, location, &output, "1").expect("an answer");
        let root = "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
        assert!(text(&response).ends_with(&format!("{root}{content}</LocationConstraint>")));
        let body = Bytes::copy_from_slice(response.body.bytes());
        let read = decode_response(Protocol::RestXml, location, 200, &response.headers, &body);
        assert_eq!(read.expect("a document"), Ok(output.clone()));
    }
}

#[test]
fn errors_of_s3_carry_elements_and_headers_of_their_own() {
    let s3 = operation("s3", "GetObject").service();
    let error = ApiError::common("PermanentRedirect", 301, "Elsewhere.")
        .with_details(vec![("Endpoint", "b.s3.eu-west-1.amazonaws.com".to_owned())])
        .with_header("x-amz-bucket-region", "eu-west-1");
    let response = encode_error(Protocol::RestXml, s3, &error, "id");
    assert_eq!((response.status, header(&response, "x-amz-bucket-region")), (301, Some("eu-west-1")));
    let body = "<Error><Code>PermanentRedirect</Code><Message>Elsewhere.</Message>\
        <Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint><RequestId>id</RequestId><HostId>id</HostId></Error>";
    assert!(text(&response).ends_with(body), "{}", text(&response));
}
