//! A request as a fuzz input: readable, so that a corpus is written by hand and a finding read at once.
//!
//! ```text
//! sqs SendMessage
//! POST /path?query
//! content-type:application/x-amz-json-1.0
//!
//! {"QueueUrl":"http://localhost:4566/000000000000/q"}
//! ```

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// A request and the operation it is for.
pub struct TextRequest<'a> {
    /// Name of the service's model.
    pub service: &'a str,
    /// Name of the operation. The REST protocols find it by themselves.
    pub operation: &'a str,
    /// Method.
    pub method: Method,
    /// Path as sent.
    pub path: &'a str,
    /// Query as sent.
    pub query: &'a str,
    /// Headers; lines that are none are left out.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl<'a> TextRequest<'a> {
    /// Reads the input; nothing when its first lines are not in the form.
    pub fn parse(input: &'a [u8]) -> Option<Self> {
        let end = input.windows(2).position(|pair| pair == b"\n\n")?;
        let head = std::str::from_utf8(&input[..end]).ok()?;
        let mut lines = head.split('\n');
        let (service, operation) = lines.next()?.split_once(' ')?;
        let (method, target) = lines.next()?.split_once(' ')?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                headers.append(name, value);
            }
        }
        let body = Bytes::copy_from_slice(&input[end + 2..]);
        Some(Self { service, operation, method: method.parse().ok()?, path, query, headers, body })
    }
}
