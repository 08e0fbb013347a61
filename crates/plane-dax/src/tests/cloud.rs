//! A cloud with DynamoDB, IAM, STS and one cluster, its clock frozen.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use virga_api::{dynamodb, iam};
use virga_gateway::http::Tls;
use virga_iam::{AccountId, AuthMode, Caller};
use virga_item::Item;
use virga_kit::dax_clusters::{self, DaxCluster};
use virga_kit::{Call, Ctx, Endpoint, Origin, Services, Via, World, WorldSettings, dispatch};
use virga_model::view::{Operation, Structure as _};
use virga_model::{ApiError, Text, Timestamp};
use virga_store::Store;

use crate::DaxPlane;
use crate::item_encoding::{item_of, to_map};
use crate::tests::client::item;

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const REGION: &str = "eu-west-1";
pub(super) const ARN: &str = "arn:aws:dax:eu-west-1:111122223333:cache/quick";
const ROLE: &str = "arn:aws:iam::111122223333:role/dax";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"dax.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
pub(super) const ALL_OF_DYNAMODB: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}]}"#;

/// The cloud.
pub(super) struct Cloud {
    pub(super) world: Arc<World>,
}

impl Cloud {
    /// A cloud with the table `things` (keys `p`, a string, and `s`, a number) and the cluster `quick`, which may do everything
    /// with DynamoDB. Items and answers stay cached for five minutes.
    pub(super) async fn new(auth: AuthMode) -> Self {
        let services =
            Services::new(&[&virga_svc_dynamodb::SERVICE, &virga_svc_iam::SERVICE, &virga_svc_sts::SERVICE]);
        let plane = DaxPlane::new(Ipv4Addr::LOCALHOST.into(), Handle::current(), Arc::new(Tls::ephemeral()));
        let settings = WorldSettings {
            auth,
            policies: Arc::new(virga_svc_iam::Policies),
            planes: vec![Arc::new(plane)],
            ..WorldSettings::default()
        };
        let world = World::open("main", Store::memory(), Arc::new(services), settings).unwrap();
        world.clock().freeze(world.store()).unwrap();
        world.clock().set(world.store(), Timestamp::from_secs(1_800_000_000)).unwrap();
        let cloud = Cloud { world };
        let role = iam::CreateRoleInput::new().with_role_name("dax").with_assume_role_policy_document(TRUST);
        cloud.call::<iam::op::CreateRole>(role).await.unwrap();
        cloud.allow_role(ALL_OF_DYNAMODB).await;
        cloud.create_table().await;
        cloud.put_cluster(300_000).await;
        cloud
    }

    /// Gives the cluster's role a policy in place of the one it has.
    pub(super) async fn allow_role(&self, policy: &str) {
        let input = iam::PutRolePolicyInput::new()
            .with_role_name("dax")
            .with_policy_name("own")
            .with_policy_document(policy);
        self.call::<iam::op::PutRolePolicy>(input).await.unwrap();
    }

    async fn create_table(&self) {
        let attribute = |name: &str, kind: &str| {
            dynamodb::AttributeDefinition::new().with_attribute_name(name).with_attribute_type(kind)
        };
        let key = |name: &str, kind: &str| {
            dynamodb::KeySchemaElement::new().with_attribute_name(name).with_key_type(kind)
        };
        let input = dynamodb::CreateTableInput::new()
            .with_table_name("things")
            .with_attribute_definitions(vec![attribute("p", "S"), attribute("s", "N")])
            .with_key_schema(vec![key("p", "HASH"), key("s", "RANGE")])
            .with_billing_mode("PAY_PER_REQUEST");
        self.call::<dynamodb::op::CreateTable>(input).await.unwrap();
    }

    /// Enters the cluster, or its new settings.
    pub(super) async fn put_cluster(&self, ttl_millis: u64) {
        self.put_nodes(ttl_millis, &["quick-a"], 0).await;
    }

    /// Enters the cluster with these nodes, which were started again so often.
    pub(super) async fn put_nodes(&self, ttl_millis: u64, nodes: &[&str], reboots: u64) {
        let cluster = DaxCluster {
            id: 1,
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            name: "quick".to_owned(),
            arn: ARN.to_owned(),
            role_arn: ROLE.to_owned(),
            port: 0,
            is_tls: false,
            is_available: true,
            nodes: nodes.iter().map(|node| (*node).to_owned()).collect(),
            record_ttl_millis: ttl_millis,
            query_ttl_millis: ttl_millis,
            reboots,
        };
        let caller = Arc::new(Caller::of_unknown_key(ACCOUNT));
        let endpoint = Endpoint { secure: false, host: "localhost".into() };
        let origin = Arc::new(Origin::internal(endpoint));
        let ctx = Ctx::at_plane(&self.world, "dax", caller, Text::from_static(REGION), origin);
        ctx.transact(|txn| dax_clusters::put(&ctx, txn, &cluster)).await.unwrap();
    }

    /// Where the first node of the cluster listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address_of("quick-a").unwrap()
    }

    /// Where a node listens.
    pub(super) fn address_of(&self, node: &str) -> Option<SocketAddr> {
        self.world.listeners().address(&dax_clusters::node_resource(ARN, node))
    }

    /// Calls a service as the root user of the account.
    pub(super) async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        let endpoint = Endpoint { secure: false, host: "localhost:4566".into() };
        let account: AccountId = ACCOUNT.parse().unwrap();
        let call = Call {
            operation: O::model(),
            input: input.into_record(),
            caller: Arc::new(Caller::root(account, None)),
            region: Text::from_static(REGION),
            request_id: Text::from_static("request-1"),
            origin: Arc::new(Origin::internal(endpoint)),
            via: Via::default(),
        };
        dispatch(&self.world, call).await.map(O::Output::from_record)
    }

    /// Puts an item past the cluster.
    pub(super) async fn put(&self, content: &str) {
        let mut record = dynamodb::PutItemInput::new().with_table_name("things").into_record();
        record.set_by_name("Item", to_map(&item(content)));
        self.call::<dynamodb::op::PutItem>(dynamodb::PutItemInput::from_record(record)).await.unwrap();
    }

    /// An item as DynamoDB has it.
    pub(super) async fn get(&self, key: &str) -> Option<Item> {
        let mut record = dynamodb::GetItemInput::new().with_table_name("things").into_record();
        record.set_by_name("Key", to_map(&item(key)));
        let input = dynamodb::GetItemInput::from_record(record);
        let output = self.call::<dynamodb::op::GetItem>(input).await.unwrap();
        item_of(&output.into_record(), "Item").unwrap()
    }

    /// Moves the clock forward.
    pub(super) async fn advance(&self, seconds: u64) {
        let target = self.world.clock().now().plus(Duration::from_secs(seconds));
        self.world.advance_to(target).await.unwrap();
    }

    /// A count of the cluster.
    pub(super) fn count(&self, metric: &str) -> u64 {
        let all = self.world.resource_metrics().all();
        all.into_iter().find(|(arn, name, _)| arn == ARN && *name == metric).map_or(0, |(.., count)| count)
    }
}
