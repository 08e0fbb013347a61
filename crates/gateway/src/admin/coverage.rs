//! What this cloud does, does in part and refuses, derived from the operation tables of its services.

use std::fmt::Write as _;

use serde::Serialize;
use virga_kit::Services;
use virga_model::Operation;

use super::answer::{Answer, json, with_type};
use super::error::AdminError;
use super::visit::Visit;

/// The coverage report.
#[derive(Debug, Serialize)]
pub struct Coverage {
    /// All services together.
    pub totals: Counts,
    /// Every service with a model, by name.
    pub services: Vec<ServiceCoverage>,
}

/// Operations by how they are served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Operations of which every member is acted on.
    pub real: usize,
    /// Operations with members that are not acted on.
    pub partial: usize,
    /// Operations that are refused.
    pub refused: usize,
}

/// One service.
#[derive(Debug, Serialize)]
pub struct ServiceCoverage {
    /// Name of the model, `sqs`.
    pub name: &'static str,
    /// Name for people, `Amazon Simple Queue Service`.
    pub full_name: &'static str,
    /// Its operations by how they are served.
    #[serde(flatten)]
    pub counts: Counts,
    /// Its operations by name.
    pub operations: Vec<OperationCoverage>,
}

/// One operation.
#[derive(Debug, Serialize)]
pub struct OperationCoverage {
    /// Name.
    pub name: &'static str,
    /// How it is served.
    pub status: Served,
    /// The operation that answers instead: its successor, which has the same method and URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_as: Option<&'static str>,
    /// Members of the input that are accepted but not acted on.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub not_acted_on: &'static [&'static str],
}

/// How an operation is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Served {
    /// Every member is acted on.
    Real,
    /// Some members are not acted on.
    Partial,
    /// 501 `NotImplemented`.
    Refused,
}

impl Coverage {
    /// The coverage of a cloud; of one service only when it is named.
    pub fn of(services: &Services, only: Option<&str>) -> Self {
        let models = virga_model::services().filter(|model| only.is_none_or(|only| only == model.name()));
        let services: Vec<_> = models.map(|model| ServiceCoverage::of(services, model)).collect();
        let totals = services.iter().fold(Counts::default(), |totals, service| totals.plus(service.counts));
        Coverage { totals, services }
    }

    /// As a document: a table of all services, and a table per service that is built.
    pub fn markdown(&self) -> String {
        let mut text = String::from("# Coverage\n\n");
        let Counts { real, partial, refused } = self.totals;
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "Written by `virga coverage --format markdown`. Of {} operations, {real} are real, {partial} are partial \
             (some members are accepted but not acted on yet) and {refused} are refused with 501 `NotImplemented`.\n",
            real + partial + refused
        );
        text.push_str("| Service | | Real | Partial | Refused |\n|---|---|---:|---:|---:|\n");
        for ServiceCoverage { name, full_name, counts, .. } in &self.services {
            let Counts { real, partial, refused } = counts;
            let _ = writeln!(text, "| `{name}` | {full_name} | {real} | {partial} | {refused} |");
        }
        for service in self.services.iter().filter(|service| service.is_built()) {
            let _ = writeln!(text, "\n## {}\n", service.name);
            text.push_str("| Operation | | Not acted on |\n|---|---|---|\n");
            for OperationCoverage { name, status, answered_as, not_acted_on } in &service.operations {
                let members: Vec<String> = not_acted_on.iter().map(|member| format!("`{member}`")).collect();
                let how = answered_as.map(|successor| format!(", as `{successor}`")).unwrap_or_default();
                let _ = writeln!(text, "| `{name}` | {}{how} | {} |", status.name(), members.join(", "));
            }
        }
        text
    }
}

impl ServiceCoverage {
    fn of(services: &Services, model: virga_model::Service) -> Self {
        let operations: Vec<_> = model
            .operations()
            .map(|operation| {
                let successor = successor(model, operation);
                let entry = services.find(successor.unwrap_or(operation)).map(|served| served.entry);
                let not_acted_on = entry.map_or(&[][..], |entry| entry.not_acted_on);
                let status = match entry {
                    None => Served::Refused,
                    Some(_) if not_acted_on.is_empty() => Served::Real,
                    Some(_) => Served::Partial,
                };
                let answered_as = successor.filter(|_| entry.is_some()).map(Operation::name);
                OperationCoverage { name: operation.name(), status, answered_as, not_acted_on }
            })
            .collect();
        let count = |status| operations.iter().filter(|operation| operation.status == status).count();
        let counts = Counts {
            real: count(Served::Real),
            partial: count(Served::Partial),
            refused: count(Served::Refused),
        };
        ServiceCoverage { name: model.name(), full_name: model.full_name(), counts, operations }
    }

    /// Whether any of its operations is served.
    pub fn is_built(&self) -> bool {
        self.counts.real + self.counts.partial > 0
    }
}

/// The newer form of an operation, `GetBucketLifecycleConfiguration` of `GetBucketLifecycle`: nothing in a request
/// tells the two apart, so that the newer one answers both.
fn successor(model: virga_model::Service, operation: Operation) -> Option<Operation> {
    model.operations().find(|other| {
        other.name().strip_prefix(operation.name()) == Some("Configuration")
            && (other.method(), other.uri()) == (operation.method(), operation.uri())
    })
}

impl Counts {
    fn plus(self, other: Counts) -> Counts {
        Counts {
            real: self.real + other.real,
            partial: self.partial + other.partial,
            refused: self.refused + other.refused,
        }
    }
}

impl Served {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Served::Real => "real",
            Served::Partial => "partial",
            Served::Refused => "refused",
        }
    }
}

/// `GET /_virga/coverage`
pub(super) fn show(visit: &Visit<'_>) -> Answer {
    let mut query = visit.query()?;
    let (format, service) = (query.take("format"), query.take("service"));
    query.finish()?;
    if let Some(name) = service.as_deref().filter(|name| virga_model::service(name).is_none()) {
        return Err(AdminError::not_found(format!("there is no service {name}")));
    }
    let coverage = Coverage::of(visit.cloud.services(), service.as_deref());
    match format.as_deref() {
        None | Some("json") => json(&coverage),
        Some("markdown") => {
            Ok(with_type("text/markdown; charset=utf-8", bytes::Bytes::from(coverage.markdown()).into()))
        }
        Some(_) => Err(AdminError::invalid("format is json or markdown")),
    }
}
