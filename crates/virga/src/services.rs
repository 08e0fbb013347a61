//! The composition root: the services of the cloud, one line each, sorted.

use std::ops::ControlFlow;

use virga_kit::Service;
use virga_store::{BlobId, Fault, Read};

/// Every service that is built. `cargo xtask new-service` adds its line here.
#[rustfmt::skip]
pub(crate) static SERVICES: &[&Service] = &[
    &virga_svc_dax::SERVICE,
    &virga_svc_dynamodb::SERVICE,
    &virga_svc_dynamodb::STREAMS,
    &virga_svc_iam::SERVICE,
    &virga_svc_kms::SERVICE,
    &virga_svc_s3::CONTROL,
    &virga_svc_s3::SERVICE,
    &virga_svc_s3tables::SERVICE,
    &virga_svc_sqs::SERVICE,
    &virga_svc_sts::SERVICE,
];

/// What names the blobs of each service that keeps some.
pub(crate) static BLOBS: &[LiveBlobs] = &[virga_svc_s3::live_blobs];

/// Tells a visitor which blobs the records of a service name, until it breaks off.
pub(crate) type LiveBlobs =
    fn(&Read, &mut dyn FnMut(&[BlobId]) -> ControlFlow<()>) -> Result<ControlFlow<()>, Fault>;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use virga_iam::{AuthMode, Caller, Principal, authorization_reference};
    use virga_kit::{Call, Endpoint, Origin, Services, Via, World, WorldSettings, dispatch};
    use virga_model::{Kind, Map, Record, Shape, Text, Value};

    use virga_store::Store;

    use super::SERVICES;

    /// Operations that nobody needs a permission for, and those whose handlers ask themselves once they know for whom.
    const WITHOUT: &[&str] = &[
        "sts:GetCallerIdentity",
        "sts:GetSessionToken",
        "sts:AssumeRole",
        "sts:AssumeRoleWithWebIdentity",
        "sts:AssumeRoleWithSAML",
        "s3:DeleteObjects",
    ];
    /// Actions that are newer than the release of the reference.
    const UNLISTED: &[&str] = &["iam:UpdateDelegationRequest", "kms:GetKeyLastUsage"];

    /// A value of the shape with every member that is required.
    fn sample(shape: Shape) -> Value {
        match shape.kind() {
            Kind::Structure => Value::Structure(Box::new(record(shape))),
            Kind::List => Value::List(vec![sample(shape.list_member().shape())]),
            Kind::Map => {
                let mut map = Map::new();
                map.insert(Text::from_static("name"), sample(shape.map_value().shape()));
                Value::Map(map)
            }
            Kind::Integer | Kind::Long => Value::Integer(1),
            Kind::Float | Kind::Double => Value::Double(1.0),
            Kind::Boolean => Value::Bool(true),
            Kind::Blob => Value::Blob(Vec::new().into()),
            Kind::String => Value::String(Text::from_static("name")),
            Kind::Timestamp | Kind::Document => Value::Null,
        }
    }

    fn record(shape: Shape) -> Record {
        let mut record = Record::new(shape);
        for (ordinal, member) in shape.members().enumerate().filter(|(_, member)| member.is_required()) {
            record.set(ordinal, sample(member.shape()));
        }
        record
    }

    #[tokio::test]
    async fn every_operation_needs_actions_of_the_service_authorization_reference() {
        let settings = WorldSettings { auth: AuthMode::Strict, ..WorldSettings::default() };
        let world =
            World::open("main", Store::memory(), Arc::new(Services::new(SERVICES)), settings).unwrap();
        let principal = Principal::User { path: "/".into(), name: "ann".into(), id: "AIDA1".into() };
        let caller = Arc::new(Caller { principal, ..Caller::of_unknown_key("111122223333") });
        let endpoint = Endpoint { secure: false, host: "localhost".into() };
        let origin = Arc::new(Origin::internal(endpoint));
        let mut unlisted = Vec::new();
        for service in SERVICES {
            for entry in service.operations {
                let operation = service.model.operation_at(entry.index).unwrap();
                // Multi-Region access points are controlled from one region alone.
                let region = if operation.name().contains("MultiRegionAccessPoint") {
                    "us-west-2"
                } else {
                    "us-east-1"
                };
                let call = Call {
                    operation,
                    input: operation.input().map_or_else(Record::empty, record),
                    caller: Arc::clone(&caller),
                    region: Text::from_static(region),
                    request_id: Text::from_static("request-1"),
                    origin: Arc::clone(&origin),
                    via: Via::default(),
                };
                let name = format!("{}:{}", service.action_prefix, operation.name());
                let answer = dispatch(&world, call).await;
                let accesses = world.log().recent(1, |_| true)[0].accesses.clone();
                if WITHOUT.contains(&&*name) {
                    continue;
                }
                assert!(!accesses.is_empty(), "{name} asks for nothing: {answer:?}");
                for access in accesses {
                    let action = access.full_action();
                    let (prefix, action_name) = action.split_once(':').unwrap();
                    if authorization_reference::action(prefix, action_name).is_none() {
                        unlisted.push(action);
                    }
                }
            }
        }
        assert_eq!(unlisted, UNLISTED);
    }
}
