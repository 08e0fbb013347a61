//! The borrowed view of an HTTP request that signatures are computed over.

use http::HeaderMap;
use http::header::AsHeaderName;

/// What a signature covers, as it came over the wire: nothing decoded, nothing normalised.
#[derive(Debug, Clone, Copy)]
pub struct RequestView<'a> {
    /// The method as sent, `POST`.
    pub method: &'a str,
    /// The raw path, percent-encoding untouched, without the query. `""` counts as `/`.
    pub path: &'a str,
    /// The raw query without the question mark, `""` when there is none.
    pub query: &'a str,
    /// The authority of the request target: what HTTP/2 sends in place of a Host header.
    pub authority: Option<&'a str>,
    /// All headers.
    pub headers: &'a HeaderMap,
}

impl<'a> RequestView<'a> {
    /// The view of `http` request parts.
    pub fn of_parts(parts: &'a http::request::Parts) -> Self {
        Self {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            authority: parts.uri.authority().map(http::uri::Authority::as_str),
            headers: &parts.headers,
        }
    }

    /// The first value of a header when it is visible ASCII.
    pub fn header(&self, name: impl AsHeaderName) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first value of a query parameter, still percent-encoded; the name is compared as sent.
    pub fn query_parameter(&self, name: &str) -> Option<&'a str> {
        query_pairs(self.query).find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

/// The raw pairs of a query in the order sent; a name alone has the empty value, empty pairs are skipped.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}
