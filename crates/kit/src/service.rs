//! A service as the composition root lists it, and the services of a cloud together.

use std::time::Duration;

use virga_model::{ApiError, Operation, Record};

use crate::operation::Entry;
use crate::timer::TimerKind;
use crate::{Access, Call, Ctx, Validation, World};

/// One AWS service: what it serves and how it is authorized. A static of its crate.
pub struct Service {
    /// Its model.
    pub model: virga_model::Service,
    /// Prefix of its IAM actions, say `sqs`.
    pub action_prefix: &'static str,
    /// Its operations, from [`operations!`](crate::operations).
    pub operations: &'static [Entry],
    /// Actions, resources and condition keys of a call.
    pub access: fn(&Ctx, Operation, &Record) -> Vec<Access>,
    /// What its timers do when they are due.
    pub timers: &'static [TimerKind],
    /// Which constraints of the model it enforces before the handler runs, and how it says so.
    pub validation: Validation,
    /// What it does around every call.
    pub around: Around,
}

/// What a service does around every call.
pub struct Around {
    /// Finds the way of a call that names no region of its own, before anything else: it may change its region and input.
    pub route: fn(&World, &mut Call),
    /// Refuses a call before its permissions are asked: rates.
    pub admit: fn(&Ctx, Operation, &Record) -> Result<(), ApiError>,
    /// Adds to an answer what many operations have, before it is told.
    pub complete: fn(&Ctx, Operation, &Record, Result<&mut Record, &mut ApiError>),
    /// Hears of a call that has been answered.
    pub answered: fn(&Ctx, &Answered<'_>),
}

impl Around {
    /// Nothing.
    pub const NOTHING: Around =
        Around { route: |_, _| {}, admit: |_, _, _| Ok(()), complete: |_, _, _, _| {}, answered: |_, _| {} };
}

/// A call that has been answered.
pub struct Answered<'a> {
    /// The operation.
    pub operation: Operation,
    /// Its input.
    pub input: &'a Record,
    /// The output, without what is streamed, or the error.
    pub result: Result<&'a Record, &'a ApiError>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// How long it took.
    pub took: Duration,
}

/// The service principal of a service, by the prefix of its actions: `sqs.amazonaws.com`.
pub(crate) fn service_principal(action_prefix: &str) -> String {
    format!("{action_prefix}.amazonaws.com")
}

/// The services of a cloud, by the name of their models. Look-ups are array accesses.
pub struct Services {
    services: Vec<&'static Service>,
    /// For each service, the entry of every operation of the model by number.
    entries: Vec<Vec<Option<&'static Entry>>>,
}

/// A served operation: its service, the service's position, and its entry.
#[derive(Clone, Copy)]
pub struct Served {
    /// The service.
    pub service: &'static Service,
    /// Position of the service in the composition.
    pub position: usize,
    /// The operation's entry.
    pub entry: &'static Entry,
}

impl Services {
    /// Composes a cloud of these services.
    pub fn new(services: &[&'static Service]) -> Self {
        let entries = services
            .iter()
            .map(|service| {
                let mut row = vec![None; service.model.operation_count()];
                for entry in service.operations {
                    row[entry.index] = Some(entry);
                }
                row
            })
            .collect();
        Services { services: services.to_vec(), entries }
    }

    /// All services.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'static Service> + '_ {
        self.services.iter().copied()
    }

    /// The service of a model.
    pub fn of_model(&self, model: virga_model::Service) -> Option<&'static Service> {
        self.services.iter().copied().find(|service| service.model == model)
    }

    /// The service with this name, say `sqs`.
    pub fn by_name(&self, name: &str) -> Option<&'static Service> {
        self.services.iter().copied().find(|service| service.model.name() == name)
    }

    /// Who serves an operation; none when it is not built.
    pub fn find(&self, operation: Operation) -> Option<Served> {
        let position = self.services.iter().position(|service| service.model == operation.service())?;
        let entry = self.entries[position].get(operation.index()).copied().flatten()?;
        Some(Served { service: self.services[position], position, entry })
    }
}
