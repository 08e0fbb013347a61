//! Which changes of replicas and witnesses a table takes that is, or is to be, strongly consistent between its regions: it
//! is made of three regions in one request, of which one may be a witness, and taken apart in one.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html>

use virga_api::dynamodb as api;
use virga_model::view::List;

use super::replica_updates::{ReplicaAction, check_one, no_replicas};
use crate::error::Error;

/// The regions that can be strongly consistent with others.
const REGIONS: [&str; 10] = [
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
];
/// Regions that come to that of the table.
const OTHERS: usize = 2;

/// A request that changes replicas, and the table that it is for.
pub(crate) struct ReplicaRequest<'a> {
    pub(crate) region: &'a str,
    pub(crate) actions: &'a [ReplicaAction<'a>],
    pub(crate) input: &'a api::UpdateTableInput,
    /// The regions of the table; none when it is in one only.
    pub(crate) replicas: &'a [String],
    /// The witnesses of a table that is strongly consistent.
    pub(crate) strong: Option<&'a [String]>,
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The replicas are eventually consistent.
    Eventual,
    /// They are to be strongly consistent, with these witnesses.
    Strong(Vec<String>),
    /// They are strongly consistent and go away together.
    Dissolve,
}

impl ReplicaRequest<'_> {
    /// What the request asks for.
    pub(crate) fn plan(&self) -> Result<Plan, Error> {
        let is_strong = self.input.multi_region_consistency() == Some(api::multi_region_consistency::STRONG);
        let others = self.actions.iter().any(|action| !matches!(action, ReplicaAction::Create(_)));
        if is_strong && others {
            return Err(Error::validation(
                "Only Replica Create actions are supported when MultiRegionConsistency parameter is provided.",
            ));
        }
        if is_strong {
            return self.make();
        }
        let is_given = self.input.multi_region_consistency().is_some();
        if is_given && !self.replicas.is_empty() {
            return Err(on_existing());
        }
        match self.strong {
            Some(witnesses) => self.dissolve(witnesses),
            None if self.input.global_table_witness_updates().is_some() => Err(Error::validation(
                "MultiRegionConsistency must be set as STRONG when GlobalTableWitnessUpdates parameter is present.",
            )),
            None => check_one(self.actions).map(|()| Plan::Eventual),
        }
    }

    fn witness_updates(&self) -> impl Iterator<Item = &api::GlobalTableWitnessGroupUpdate> {
        self.input.global_table_witness_updates().into_iter().flat_map(List::iter)
    }

    fn make(&self) -> Result<Plan, Error> {
        let created = self.witness_updates().filter_map(|update| update.create());
        let witnesses: Vec<String> = created.map(|create| create.region_name().to_owned()).collect();
        let replicas = self.actions.iter().map(|action| action.region());
        if self.actions.is_empty() || self.actions.len() + witnesses.len() != OTHERS {
            return Err(Error::validation(
                "Unsupported replica count for global tables with MultiRegionConsistency set to STRONG.",
            ));
        }
        let all = replicas.clone().chain(witnesses.iter().map(String::as_str)).chain([self.region]);
        let mut unsupported: Vec<&str> = all.filter(|region| !REGIONS.contains(region)).collect();
        unsupported.dedup();
        if !unsupported.is_empty() {
            return Err(Error::validation(format!(
                "Unsupported Region(s) specified for global tables with MultiRegionConsistency set to STRONG: [{}].",
                unsupported.join(", ")
            )));
        }
        if witnesses.iter().any(|witness| replicas.clone().any(|region| region == witness)) {
            return Err(Error::validation("Cannot target multiple regions with the same action"));
        }
        if witnesses.iter().any(|witness| witness == self.region) {
            return Err(Error::validation(
                "Cannot add a witness in the same region as an existing replica when creating a global table with \
                 MultiRegionConsistency set to STRONG.",
            ));
        }
        if self.replicas.is_empty() { Ok(Plan::Strong(witnesses)) } else { Err(on_existing()) }
    }

    /// All replicas and the witness go, or none of them.
    fn dissolve(&self, witnesses: &[String]) -> Result<Plan, Error> {
        match self.actions.first() {
            Some(ReplicaAction::Create(_)) => {
                return Err(Error::validation(
                    "Cannot add replicas to a global table with strong MultiRegionConsistency",
                ));
            }
            Some(ReplicaAction::Delete(_)) => {}
            Some(ReplicaAction::Update(_)) | None => return Ok(Plan::Eventual),
        }
        let deleted = |region: &str| self.actions.iter().any(|action| action.region() == region);
        let unknown: Vec<&str> = self.actions.iter().map(|action| action.region()).collect();
        let is_known = |region: &&str| self.replicas.iter().any(|known| known == *region);
        let unknown: Vec<&str> = unknown.into_iter().filter(|region| !is_known(region)).collect();
        if !unknown.is_empty() {
            return Err(no_replicas(&unknown));
        }
        let gone =
            |update: &'_ api::GlobalTableWitnessGroupUpdate| Some(update.delete()?.region_name().to_owned());
        let leaving: Vec<String> = self.witness_updates().filter_map(gone).collect();
        let strangers: Vec<&str> =
            leaving.iter().filter(|region| !witnesses.contains(region)).map(String::as_str).collect();
        if !strangers.is_empty() {
            return Err(Error::validation(format!(
                "Update global table operation failed because one or more witnesses were not part of the global table. \
                 Please retry the request without these witnesses: [{}].",
                strangers.join(", ")
            )));
        }
        if witnesses.iter().any(|witness| !leaving.contains(witness)) {
            return Err(Error::validation("Update table delete operation does not include all witnesses."));
        }
        if self.replicas.iter().any(|region| region != self.region && !deleted(region)) {
            return Err(one_only());
        }
        Ok(Plan::Dissolve)
    }
}

fn on_existing() -> Error {
    Error::validation("MultiRegionConsistency parameter is unsupported on existing global table")
}

/// The refusal to delete one of several tables.
pub(crate) fn one_only() -> Error {
    Error::validation(
        "Deletion of only one table replica is not supported for global tables with MultiRegionConsistency set to STRONG.",
    )
}
