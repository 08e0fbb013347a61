//! Which operation a method, a path and a query mean, for the REST protocols.
//!
//! The URI templates of a service form a tree by path segments. Literal segments win over labels, labels over greedy
//! ones. Operations of the same path are told apart by the query parts of their templates, then by which of their
//! required query parameters and headers are there.

mod candidate;
mod tree;

use std::sync::{PoisonError, RwLock};

use http::{HeaderMap, Method};
use smallvec::SmallVec;
use virga_model::{Operation, Service};

use crate::message::Labels;
use crate::query::percent_decode_label;
use candidate::{Candidate, Query};
use tree::Node;

/// The routes of one service.
#[derive(Debug)]
pub struct Router {
    service: Service,
    root: Node,
}

/// Those that were needed: few, found by the address of the model.
static ROUTERS: RwLock<Vec<&'static Router>> = RwLock::new(Vec::new());

impl Router {
    /// The router of a service, built when it is first needed and kept.
    pub fn of(service: Service) -> &'static Router {
        let find =
            |routers: &[&'static Router]| routers.iter().copied().find(|known| known.service == service);
        if let Some(router) = find(&ROUTERS.read().unwrap_or_else(PoisonError::into_inner)) {
            return router;
        }
        let mut routers = ROUTERS.write().unwrap_or_else(PoisonError::into_inner);
        find(&routers).unwrap_or_else(|| {
            let router = Box::leak(Box::new(Router::new(service)));
            routers.push(router);
            router
        })
    }

    fn new(service: Service) -> Self {
        let mut root = Node::default();
        for operation in service.operations() {
            root.insert(operation.uri().split('?').next().unwrap_or_default(), Candidate::new(operation));
        }
        Router { service, root }
    }

    /// The operation, and its labels percent-decoded. `path` is as sent; a bucket in the host name has been put in
    /// front of it.
    pub fn find<'p>(
        &self,
        method: &Method,
        path: &'p str,
        query: &str,
        headers: &HeaderMap,
    ) -> Option<(Operation, Labels<'p>)> {
        let query = Query::read(query);
        let mut captured: SmallVec<[&'p str; 4]> = SmallVec::new();
        let rest = path.strip_prefix('/').unwrap_or(path);
        let candidate = self.root.find(rest, &mut captured, &mut |candidates| {
            candidate::best(candidates, method, &query, headers)
        })?;
        let mut labels = Labels::new();
        for (name, value) in candidate.labels.iter().zip(captured) {
            labels.push(name, percent_decode_label(value)?);
        }
        Some((self.service.operation_at(candidate.operation)?, labels))
    }
}

#[cfg(test)]
mod tests;
