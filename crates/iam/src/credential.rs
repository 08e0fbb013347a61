//! The credential a signature names: access key id and scope (date, region, service).

use std::borrow::Cow;

use http::header::AUTHORIZATION;
use percent_encoding::percent_decode_str;

use crate::authorization::{Algorithm, credential_of_header};
use crate::request::RequestView;

/// `AKIDEXAMPLE/20130524/us-east-1/s3/aws4_request`; with SigV4A there is no region.
///
/// The parts are slices of one text, so that a header's credential is read without copying.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialScope<'a> {
    text: Cow<'a, str>,
    access_key_end: usize,
    date_end: usize,
    region_end: usize,
    service_end: usize,
}

impl<'a> CredentialScope<'a> {
    /// Splits a decoded credential from the right, because an access key id is the caller's own text.
    /// `None` when the number of parts is wrong or the access key id is empty.
    pub fn parse(algorithm: Algorithm, text: Cow<'a, str>) -> Option<Self> {
        let slash = |before: usize| text.as_bytes()[..before].iter().rposition(|byte| *byte == b'/');
        let service_end = slash(text.len())?;
        let region_end = slash(service_end)?;
        let date_end = match algorithm {
            Algorithm::V4 => slash(region_end)?,
            Algorithm::V4A => region_end,
        };
        let access_key_end = slash(date_end)?;
        (access_key_end > 0).then_some(Self { text, access_key_end, date_end, region_end, service_end })
    }

    /// The scope a request claims in its Authorization header or query, for routing: nothing else of the
    /// request is read or validated.
    pub fn of_request(request: &RequestView<'a>) -> Option<Self> {
        if let Some(header) = request.header(AUTHORIZATION) {
            let (algorithm, rest) = header.split_once(' ')?;
            let credential = credential_of_header(rest)?;
            return Self::parse(Algorithm::of_name(algorithm)?, Cow::Borrowed(credential));
        }
        if !request.query.contains("X-Amz-Credential=") {
            return None;
        }
        let algorithm = Algorithm::of_name(request.query_parameter("X-Amz-Algorithm")?)?;
        let credential = request.query_parameter("X-Amz-Credential")?;
        Self::parse(algorithm, percent_decode_str(credential).decode_utf8().ok()?)
    }

    /// The same, of a text of its own.
    pub(crate) fn owned(&self) -> CredentialScope<'static> {
        CredentialScope { text: Cow::Owned(self.text.to_string()), ..*self }
    }

    /// The same, of a borrowed text.
    pub(crate) fn borrowed(&self) -> CredentialScope<'_> {
        CredentialScope { text: Cow::Borrowed(&self.text), ..*self }
    }

    /// The access key id, `AKIDEXAMPLE`.
    pub fn access_key_id(&self) -> &str {
        &self.text[..self.access_key_end]
    }

    /// The date, `20130524`.
    pub fn date(&self) -> &str {
        &self.text[self.access_key_end + 1..self.date_end]
    }

    /// The region, `us-east-1`; empty for SigV4A, whose regions are in `X-Amz-Region-Set`.
    pub fn region(&self) -> &str {
        self.text.get(self.date_end + 1..self.region_end).unwrap_or_default()
    }

    /// The signing name of the service, `s3`.
    pub fn service(&self) -> &str {
        &self.text[self.region_end + 1..self.service_end]
    }

    /// The last part, which must be `aws4_request`.
    pub fn terminator(&self) -> &str {
        &self.text[self.service_end + 1..]
    }

    /// Everything after the access key id: the scope line of a string to sign.
    pub fn scope(&self) -> &str {
        &self.text[self.access_key_end + 1..]
    }

    /// The whole credential.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_both_algorithms() {
        let v4 = CredentialScope::parse(Algorithm::V4, "AK/20130524/us-east-1/s3/aws4_request".into());
        let v4 = v4.expect("five parts");
        assert_eq!(
            (v4.access_key_id(), v4.date(), v4.region(), v4.service(), v4.terminator(), v4.scope()),
            ("AK", "20130524", "us-east-1", "s3", "aws4_request", "20130524/us-east-1/s3/aws4_request")
        );
        let v4a = CredentialScope::parse(Algorithm::V4A, "AK/20130524/s3/aws4_request".into());
        let v4a = v4a.expect("four parts");
        assert_eq!(
            (v4a.access_key_id(), v4a.date(), v4a.region(), v4a.service(), v4a.terminator(), v4a.scope()),
            ("AK", "20130524", "", "s3", "aws4_request", "20130524/s3/aws4_request")
        );
    }

    #[test]
    fn wrong_shapes() {
        for wrong in ["", "AK", "AK/b/c/d", "/20130524/us-east-1/s3/aws4_request"] {
            assert_eq!(CredentialScope::parse(Algorithm::V4, wrong.into()), None, "{wrong}");
        }
    }

    #[test]
    fn an_access_key_may_hold_slashes() {
        let scope = CredentialScope::parse(Algorithm::V4, "a/b/20130524/us-east-1/s3/aws4_request".into());
        assert_eq!(scope.expect("parts from the right").access_key_id(), "a/b");
    }
}
