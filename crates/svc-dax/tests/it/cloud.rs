//! A cloud with DAX in memory, its clock frozen, and short ways to call it.

use std::sync::Arc;
use std::time::Duration;

use virga_api::dax as api;
use virga_iam::Caller;
use virga_kit::dax_clusters::{self, DaxCluster};
use virga_kit::{Call, Endpoint, Origin, Services, Via, World, WorldSettings, dispatch};
use virga_model::view::{Operation, Structure};
use virga_model::{ApiError, Text, Timestamp};
use virga_store::Store;

pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/dax";

/// A world to call.
pub(crate) struct Cloud {
    pub(crate) world: Arc<World>,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        let settings = WorldSettings { own_host: "localhost:4566".into(), ..WorldSettings::default() };
        let services = Arc::new(Services::new(&[&virga_svc_dax::SERVICE]));
        let world = World::open("main", Store::memory(), services, settings).unwrap();
        world.clock().freeze(world.store()).unwrap();
        world.clock().set(world.store(), Timestamp::from_secs(1_800_000_000)).unwrap();
        Cloud { world }
    }

    pub(crate) async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        let endpoint = Endpoint { secure: false, host: "localhost:4566".into() };
        let call = Call {
            operation: O::model(),
            input: input.into_record(),
            caller: Arc::new(Caller::of_unknown_key("111122223333")),
            region: Text::from_static("eu-west-1"),
            request_id: Text::from_static("request-1"),
            origin: Arc::new(Origin::internal(endpoint)),
            via: Via::default(),
        };
        dispatch(&self.world, call).await.map(O::Output::from_record)
    }

    /// Moves the clock forward; everything due on the way happens.
    pub(crate) async fn advance(&self, seconds: u64) {
        let target = self.world.clock().now().plus(Duration::from_secs(seconds));
        self.world.advance_to(target).await.unwrap();
    }

    /// Asks for a cluster.
    pub(crate) async fn create(&self, name: &str, nodes: i32) -> Result<api::Cluster, ApiError> {
        self.call::<api::op::CreateCluster>(request(name, nodes))
            .await
            .map(|output| output.cluster().unwrap().clone())
    }

    /// Makes a cluster and waits for it.
    pub(crate) async fn made(&self, name: &str, nodes: i32) -> api::Cluster {
        self.create(name, nodes).await.unwrap();
        self.advance(5).await;
        self.described(name).await.unwrap()
    }

    pub(crate) async fn described(&self, name: &str) -> Result<api::Cluster, ApiError> {
        let input = api::DescribeClustersRequest::new().with_cluster_names(vec![name]);
        let output = self.call::<api::op::DescribeClusters>(input).await?;
        Ok(output.clusters().unwrap().iter().next().unwrap().clone())
    }

    /// What the data plane is told.
    pub(crate) fn told(&self) -> Vec<DaxCluster> {
        dax_clusters::all(&self.world.store().read().unwrap()).unwrap()
    }

    /// The texts of the events, the latest first.
    pub(crate) async fn events(&self) -> Vec<String> {
        let output = self.call::<api::op::DescribeEvents>(api::DescribeEventsRequest::new()).await.unwrap();
        let events = output.events().unwrap();
        events
            .iter()
            .map(|event| format!("{}: {}", event.source_name().unwrap(), event.message().unwrap()))
            .collect()
    }
}

/// A request for a small cluster.
pub(crate) fn request(name: &str, nodes: i32) -> api::CreateClusterRequest {
    api::CreateClusterRequest::new()
        .with_cluster_name(name)
        .with_node_type("dax.t3.small")
        .with_replication_factor(nodes)
        .with_iam_role_arn(ROLE)
}

/// The code and the text of a refusal.
pub(crate) fn refusal<T>(result: Result<T, ApiError>) -> (String, String) {
    let error = result.err().expect("the call is refused");
    (error.code.to_string(), error.message.to_string())
}
