//! A node of a cluster as this process serves it: the settings of its cluster, its own caches, what it knows of tables,
//! and a session of the cluster's role.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use parking_lot::Mutex;
use virga_api::{dynamodb, sts};
use virga_iam::{AccountId, Caller, Keys as _};
use virga_item::{AttributeType, Item, Text};
use virga_kit::Ctx;
use virga_kit::dax_clusters::{DaxCluster, node_resource};
use virga_model::{ApiError, Timestamp};

use crate::cache::Cache;
use crate::item_cache::ItemKey;
use crate::metrics::ClusterMetrics;
use crate::query_cache::ResultSet;
use crate::schema::KeySchema;

/// Bytes that the item cache and the query cache of a node hold, each.
const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// How long the key schema of a table is remembered: as long as clients remember it.
const SCHEMA_TTL: Duration = Duration::from_secs(60);
/// How long a session of the cluster's role is used; it is good for an hour.
const ROLE_TTL: Duration = Duration::from_secs(50 * 60);
/// Most tables whose schemas are remembered.
const MOST_SCHEMAS: usize = 1000;

/// The nodes of clusters that a world serves, as [`node_resource`] names them. All of it is forgotten when the state of the world is replaced.
#[derive(Default)]
pub(crate) struct Clusters(Mutex<HashMap<String, Arc<Cluster>>>);

impl Clusters {
    /// The node with this name, while its cluster is served.
    pub(crate) fn get(&self, node: &str) -> Option<Arc<Cluster>> {
        self.0.lock().get(node).cloned()
    }

    /// Takes the settings of the clusters that are served now. Every node has caches of its own; those of a cluster that was
    /// made anew, and those of new nodes, are empty. A node that is started again keeps what it has cached.
    pub(crate) fn update(&self, settings: &[DaxCluster], metrics: impl Fn(&str) -> ClusterMetrics) {
        let mut nodes = self.0.lock();
        nodes.retain(|resource, node| {
            let known = node.settings.load();
            settings.iter().any(|own| {
                let is_there = || own.nodes.iter().any(|name| node_resource(&own.arn, name) == *resource);
                own.id == known.id && (own.reboots != known.reboots || is_there())
            })
        });
        for own in settings {
            for name in &own.nodes {
                let resource = node_resource(&own.arn, name);
                match nodes.get(&resource) {
                    Some(node) => node.settings.store(Arc::new(own.clone())),
                    None => {
                        let node = Cluster::new(own.clone(), metrics(&own.arn));
                        nodes.insert(resource, Arc::new(node));
                    }
                }
            }
        }
    }
}

/// A node of a cluster.
pub(crate) struct Cluster {
    settings: ArcSwap<DaxCluster>,
    /// None stands for an item that is not there.
    pub(crate) items: Cache<ItemKey, Option<Arc<Item>>>,
    pub(crate) queries: Cache<Bytes, Arc<ResultSet>>,
    pub(crate) metrics: ClusterMetrics,
    schemas: Mutex<HashMap<Text, (Arc<KeySchema>, Timestamp)>>,
    role: Mutex<Option<Session>>,
}

/// A session of the cluster's role.
struct Session {
    role_arn: String,
    caller: Arc<Caller>,
    ends_at: Timestamp,
}

impl Cluster {
    fn new(settings: DaxCluster, metrics: ClusterMetrics) -> Self {
        Cluster {
            settings: ArcSwap::from_pointee(settings),
            items: Cache::new(CACHE_BYTES),
            queries: Cache::new(CACHE_BYTES),
            metrics,
            schemas: Mutex::default(),
            role: Mutex::default(),
        }
    }

    /// What the cluster is set to now.
    pub(crate) fn settings(&self) -> Arc<DaxCluster> {
        self.settings.load_full()
    }

    /// How long items stay cached; zero is for ever.
    pub(crate) fn item_ttl(&self) -> Duration {
        Duration::from_millis(self.settings.load().record_ttl_millis)
    }

    /// How long answers to queries stay cached; none when they are not cached at all.
    pub(crate) fn query_ttl(&self) -> Option<Duration> {
        Some(Duration::from_millis(self.settings.load().query_ttl_millis)).filter(|ttl| !ttl.is_zero())
    }

    /// The cluster's role, in a session that the cluster has assumed.
    ///
    /// # Errors
    /// The role cannot be assumed by DAX.
    pub(crate) async fn role(&self, ctx: &Ctx) -> Result<Arc<Caller>, ApiError> {
        let settings = self.settings();
        if let Some(session) = &*self.role.lock()
            && session.role_arn == settings.role_arn
            && session.ends_at > ctx.now()
        {
            return Ok(Arc::clone(&session.caller));
        }
        let account: AccountId = settings.account.parse().unwrap_or(AccountId::DEFAULT);
        let service = Caller::service("dax.amazonaws.com", account, Some(settings.arn.clone()));
        let input = sts::AssumeRoleInput::new()
            .with_role_arn(settings.role_arn.as_str())
            .with_role_session_name("dax");
        let output = ctx.call_in::<sts::op::AssumeRole>(&settings.region, Arc::new(service), input).await?;
        let key = output.credentials().map(|credentials| credentials.access_key_id().to_owned());
        let issued = key.and_then(|key| ctx.world().keys().lookup(&key));
        let denied = || ApiError::common("AccessDeniedException", 400, "The cluster's role gave no session.");
        let caller = Arc::clone(&issued.ok_or_else(denied)?.caller);
        let session = Session {
            role_arn: settings.role_arn.clone(),
            caller: Arc::clone(&caller),
            ends_at: ctx.now().plus(ROLE_TTL),
        };
        *self.role.lock() = Some(session);
        Ok(caller)
    }

    /// The key schema of a table.
    ///
    /// # Errors
    /// There is no such table, or the cluster's role may not see it.
    pub(crate) async fn schema(&self, ctx: &Ctx, table: &Text) -> Result<Arc<KeySchema>, ApiError> {
        let now = ctx.now();
        if let Some((schema, until)) = self.schemas.lock().get(table)
            && *until > now
        {
            return Ok(Arc::clone(schema));
        }
        let role = self.role(ctx).await?;
        let input = dynamodb::DescribeTableInput::new().with_table_name(table.clone());
        let region = self.settings().region.clone();
        let output = ctx.call_in::<dynamodb::op::DescribeTable>(&region, role, input).await?;
        let schema = output.table().map(key_schema).filter(|schema| !schema.0.is_empty());
        let schema = Arc::new(schema.ok_or_else(ApiError::internal)?);
        let mut schemas = self.schemas.lock();
        if schemas.len() >= MOST_SCHEMAS {
            schemas.clear();
        }
        schemas.insert(Text::from(&**table), (Arc::clone(&schema), now.plus(SCHEMA_TTL)));
        Ok(schema)
    }
}

/// The key of a table, the partition key first.
fn key_schema(table: &dynamodb::TableDescription) -> KeySchema {
    let kind_of = |name: &str| {
        let definitions = table.attribute_definitions()?;
        let found = definitions.iter().find(|definition| definition.attribute_name() == name)?;
        AttributeType::from_name(found.attribute_type())
    };
    let elements = table.key_schema();
    let names = elements.iter().flat_map(|all| all.iter()).map(dynamodb::KeySchemaElement::attribute_name);
    KeySchema(names.filter_map(|name| Some((Text::from(name), kind_of(name)?))).collect())
}
