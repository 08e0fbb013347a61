//! Operations that share a path, and which of them a request means.

use http::{HeaderMap, HeaderName, Method};
use smallvec::SmallVec;
use virga_model::{Location, Operation, Shape};

/// An operation with what tells it from others of the same path.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) operation: usize,
    name: &'static str,
    method: Method,
    /// Names of the labels in the order of the template.
    pub(super) labels: Vec<&'static str>,
    /// Query parts of the template; a value only where the template has one.
    literals: Vec<(&'static str, Option<&'static str>)>,
    required_queries: Vec<&'static str>,
    required_headers: Vec<HeaderName>,
}

impl Candidate {
    pub(super) fn new(operation: Operation) -> Self {
        let (path, query) = operation.uri().split_once('?').unwrap_or((operation.uri(), ""));
        let mut required_queries = Vec::new();
        let mut required_headers = Vec::new();
        let members = operation.input().into_iter().flat_map(Shape::members);
        for member in members.filter(|member| member.is_required()) {
            match member.location() {
                Location::QueryString => required_queries.push(member.wire_name()),
                Location::Header => required_headers.extend(member.wire_name().parse::<HeaderName>().ok()),
                _ => {}
            }
        }
        Candidate {
            operation: operation.index(),
            name: operation.name(),
            method: operation.method().parse().expect("models name methods of HTTP"),
            labels: path
                .split('/')
                .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
                .map(|label| label.trim_end_matches('+'))
                .collect(),
            literals: query
                .split('&')
                .filter(|part| !part.is_empty() && !part.starts_with("x-id="))
                .map(|part| part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value))))
                .collect(),
            required_queries,
            required_headers,
        }
    }

    /// How well the request fits; none when it does not. Greater is better.
    fn fit(
        &self,
        query: &Query<'_>,
        headers: &HeaderMap,
    ) -> Option<(usize, std::cmp::Reverse<usize>, usize, bool)> {
        if !self.literals.iter().all(|(name, value)| query.has(name, *value)) {
            return None;
        }
        let queries = self.required_queries.iter().filter(|name| query.has(name, None)).count();
        let present =
            queries + self.required_headers.iter().filter(|name| headers.contains_key(*name)).count();
        let missing = self.required_queries.len() + self.required_headers.len() - present;
        let is_named = query.has("x-id", Some(self.name));
        Some((self.literals.len(), std::cmp::Reverse(missing), present, is_named))
    }
}

/// The candidate that fits best.
pub(super) fn best<'t>(
    candidates: &'t [Candidate],
    method: &Method,
    query: &Query<'_>,
    headers: &HeaderMap,
) -> Option<&'t Candidate> {
    let mut best: Option<(&Candidate, _)> = None;
    for candidate in candidates.iter().filter(|candidate| candidate.method == *method) {
        let Some(fit) = candidate.fit(query, headers) else { continue };
        let is_better = best.as_ref().is_none_or(|(known, known_fit)| {
            // Of two that fit alike, `GetBucketLifecycleConfiguration` is the successor of `GetBucketLifecycle`.
            fit > *known_fit || fit == *known_fit && candidate.name.starts_with(known.name)
        });
        if is_better {
            best = Some((candidate, fit));
        }
    }
    best.map(|(candidate, _)| candidate)
}

/// The query string, taken apart.
pub(super) struct Query<'q>(SmallVec<[(&'q str, &'q str); 8]>);

impl<'q> Query<'q> {
    pub(super) fn read(query: &'q str) -> Self {
        let parts = query.split('&').filter(|part| !part.is_empty());
        Query(parts.map(|part| part.split_once('=').unwrap_or((part, ""))).collect())
    }

    fn has(&self, name: &str, value: Option<&str>) -> bool {
        self.0.iter().any(|(known, found)| *known == name && value.is_none_or(|value| *found == value))
    }
}
