//! The models in the binary, a constant per service.

use crate::Service;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The model of a service by its name (botocore's folder name, say `sqs`).
pub fn service(name: &str) -> Option<Service> {
    let position = EMBEDDED.binary_search_by_key(&name, |(known, _)| known).ok()?;
    Some(EMBEDDED[position].1)
}

/// All services, sorted by name.
pub fn services() -> impl ExactSizeIterator<Item = Service> {
    EMBEDDED.iter().map(|(_, service)| *service)
}

#[cfg(test)]
mod tests {
    use crate::{Kind, Protocol};

    #[test]
    fn every_service_can_be_read_to_the_last_member() {
        let mut operations = 0;
        for service in super::services() {
            assert_eq!(super::service(service.name()), Some(service));
            assert!(service.supports(service.default_protocol()), "{}", service.name());
            for operation in service.operations() {
                operations += 1;
                assert!(operation.uri().starts_with('/'), "{}", operation.name());
                assert_eq!(service.operation(operation.name()), Some(operation));
                for error in operation.errors() {
                    assert!(error.is_exception(), "{} {}", operation.name(), error.name());
                }
            }
            for shape in service.shapes() {
                assert_eq!(service.shape(shape.name()), Some(shape));
                for (ordinal, member) in shape.members().enumerate() {
                    let _ = member.shape().kind();
                    if shape.kind() == Kind::Structure {
                        let (found, named) =
                            shape.member_by_wire_name(member.wire_name()).expect("named member");
                        assert!(found == ordinal || named.wire_name() == member.wire_name());
                        assert_eq!(shape.member_by_name(member.name()), Some((ordinal, member)));
                    }
                }
            }
        }
        assert!(operations > 4_900, "{operations}");
    }

    #[test]
    fn sqs_speaks_json_and_query() {
        let sqs = super::service("sqs").expect("sqs is embedded");
        assert_eq!(sqs.default_protocol(), Protocol::Json);
        assert!(sqs.supports(Protocol::Query) && sqs.is_query_compatible());
        assert_eq!((sqs.target_prefix(), sqs.json_version()), (Some("AmazonSQS"), Some("1.0")));
        let missing = sqs.shape("QueueDoesNotExist").expect("an error of SQS");
        assert_eq!(missing.error_code(), Some("AWS.SimpleQueueService.NonExistentQueue"));
        let create = sqs.operation("CreateQueue").and_then(crate::Operation::input).expect("an input");
        let (_, attributes) = create.member_by_wire_name("Attributes").expect("a member");
        assert_eq!(attributes.query_name(), Some("Attribute"));
    }
}
