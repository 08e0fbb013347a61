//! The model's constraints in AWS's words.

use virga_model::{Record, Text};
use virga_wire::{Rules, describe, json, validate};

fn input(service: &str, operation: &str, json: &str) -> Record {
    let service = virga_model::service(service).expect("a service of the model");
    let shape = service.operation(operation).and_then(virga_model::Operation::input).expect("an input");
    json::record_from_json(shape, &Text::from(json)).expect("an input of the operation")
}

fn check(service: &str, operation: &str, json: &str, message: &str) {
    let violations = validate(&input(service, operation, json), Rules::ALL);
    assert_eq!(describe(&violations), message);
}

#[test]
fn a_valid_input_has_no_violations() {
    let record = input("sqs", "SendMessage", r#"{"QueueUrl":"q","MessageBody":""}"#);
    assert_eq!(validate(&record, Rules::ALL), []);
}

#[test]
fn required_members_are_reported_where_they_are_missing() {
    check(
        "sqs",
        "SendMessageBatch",
        r#"{"QueueUrl":"q","Entries":[{"Id":"a","MessageBody":"b","MessageAttributes":{"attr1":{}}}]}"#,
        "1 validation error detected: Value null at 'entries.1.member.messageAttributes.attr1.member.dataType' \
         failed to satisfy constraint: Member must not be null",
    );
    check(
        "sqs",
        "SendMessage",
        "{}",
        "2 validation errors detected: Value null at 'queueUrl' failed to satisfy constraint: Member must not be \
         null; Value null at 'messageBody' failed to satisfy constraint: Member must not be null",
    );
}

#[test]
fn lengths_ranges_patterns_and_enums() {
    check(
        "events",
        "PutTargets",
        r#"{"Rule":"r","Targets":[{"Id":"!@#$","Arn":"a"}]}"#,
        "1 validation error detected: Value '!@#$' at 'targets.1.member.id' failed to satisfy constraint: Member \
         must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+",
    );
    check(
        "lambda",
        "UpdateFunctionCode",
        r#"{"FunctionName":"f","Architectures":["X86_64"]}"#,
        "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must \
         satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64]]",
    );
    check(
        "lambda",
        "UpdateAlias",
        r#"{"FunctionName":"f","Name":"n","RoutingConfig":{"AdditionalVersionWeights":{"2":2.0}}}"#,
        "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy \
         constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member \
         must have value greater than or equal to 0.0]",
    );
    check(
        "kms",
        "ListAliases",
        r#"{"Limit":0}"#,
        "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value \
         greater than or equal to 1",
    );
}

#[test]
fn patterns_and_enums_can_be_left_to_the_service() {
    let record = input("events", "PutTargets", r#"{"Rule":"r","Targets":[{"Id":"!@#$","Arn":"a"}]}"#);
    assert_eq!(validate(&record, Rules::BOUNDS), []);
    assert_eq!(validate(&record, Rules { patterns: true, enums: false }).len(), 1);
}
