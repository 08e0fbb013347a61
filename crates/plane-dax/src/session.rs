//! A request in the hands of a cluster: who asks, what they may, and how DynamoDB is asked.

use std::sync::Arc;

use virga_iam::Caller;
use virga_item::Text;
use virga_kit::{Access, Condition, Ctx};
use virga_model::view::{Operation, Structure as _};
use virga_model::{ApiError, Record, Value};

use crate::attribute_lists::AttributeLists;
use crate::cluster::Cluster;
use crate::failure::Failure;
use crate::item_encoding::ItemEncoding;
use crate::parameters::Members;
use crate::schema::KeySchema;

/// A request of somebody to a cluster.
pub(crate) struct Session<'l> {
    pub(crate) ctx: Ctx,
    pub(crate) caller: Arc<Caller>,
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) lists: &'l AttributeLists,
}

impl<'l> Session<'l> {
    /// Asks whether the caller may do something with the cluster: `dax:GetItem` on its ARN.
    ///
    /// # Errors
    /// AWS's answer to somebody who may not.
    pub(crate) fn authorize(&self, action: &'static str) -> Result<(), ApiError> {
        self.ask(Access::to(action, self.cluster.settings().arn.as_str()))
    }

    /// The same for a part of a transaction.
    ///
    /// # Errors
    /// As [`Session::authorize`].
    pub(crate) fn authorize_within(
        &self,
        action: &'static str,
        operation: &'static str,
    ) -> Result<(), ApiError> {
        let access = Access::to(action, self.cluster.settings().arn.as_str());
        self.ask(access.with(Condition::new("dax:EnclosingOperation", operation)))
    }

    fn ask(&self, access: Access) -> Result<(), ApiError> {
        self.ctx.authorize(&self.caller, access)
    }

    /// How items travel.
    pub(crate) fn encoding(&self) -> ItemEncoding<'l> {
        ItemEncoding(self.lists)
    }

    /// The key schema of a table.
    ///
    /// # Errors
    /// There is no such table, or the cluster may not see it.
    pub(crate) async fn schema(&self, table: &Text) -> Result<Arc<KeySchema>, ApiError> {
        self.cluster.schema(&self.ctx, table).await
    }

    /// Asks DynamoDB as the cluster's role.
    ///
    /// # Errors
    /// DynamoDB's.
    pub(crate) async fn call<O: Operation>(&self, members: Members) -> Result<Record, Failure> {
        let role = self.cluster.role(&self.ctx).await?;
        let mut input = O::Input::shape().map_or_else(Record::empty, Record::new);
        for (name, value) in members.0 {
            let is_known = input.set_by_name(name, value);
            debug_assert!(is_known, "{name} is a member of the input");
        }
        let region = self.cluster.settings().region.clone();
        let output = self.ctx.call_in::<O>(&region, role, O::Input::from_record(input)).await?;
        Ok(output.into_record())
    }
}

/// A text as a value.
pub(crate) fn text(text: &Text) -> Value {
    Value::String(text.clone())
}
