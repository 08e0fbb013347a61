//! The vectors that do not concern us, with the reason. A listed vector that passes fails the test.

/// Which of the tests the vector fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    ReadRequest,
    WriteRequest,
    ReadResponse,
    WriteResponse,
}

use Test::{ReadRequest, ReadResponse, WriteRequest, WriteResponse};

/// Reason, tests, ids.
const EXCEPTIONS: &[(&str, &[Test], &[&str])] = &[
    (
        "an endpoint of the client's with a path of its own; ours have none",
        &[WriteRequest],
        &[
            "Ec2QueryHostWithPath",
            "AwsJson11HostWithPath",
            "AwsJson10HostWithPath",
            "QueryHostWithPath",
            "RestJsonHostWithPath",
        ],
    ),
    (
        "an endpoint of the client's with a path of its own; ours have none",
        &[ReadRequest],
        &["RestJsonHostWithPath"],
    ),
    (
        "the vector has no body: it is about whether clients compress, which is the sender's business here",
        &[ReadRequest, WriteRequest],
        &[
            "SDKAppliedContentEncoding_ec2Query",
            "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query",
            "SDKAppliedContentEncoding_awsJson1_1",
            "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1",
            "SDKAppliedContentEncoding_awsJson1_0",
            "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0",
            "SDKAppliedContentEncoding_awsQuery",
            "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery",
            "SDKAppliedContentEncoding_restJson1",
            "SDKAppendedGzipAfterProvidedEncoding_restJson1",
            "SDKAppliedContentEncoding_restXml",
            "SDKAppendedGzipAfterProvidedEncoding_restXml",
        ],
    ),
    (
        "checksums of requests are the sender's business here",
        &[WriteRequest],
        &["RestJsonHttpChecksumRequired"],
    ),
    (
        "the request carries nothing of an empty list or map, so that a server can't see it",
        &[ReadRequest, WriteRequest],
        &[
            "Ec2EmptyQueryLists",
            "QueryEmptyQueryMaps",
            "RestJsonHttpPrefixHeadersAreNotPresent",
            "RestJsonOmitsEmptyListQueryValues",
            "HttpPrefixHeadersAreNotPresent",
        ],
    ),
    (
        "the same vector of restJson1 reads no header as an absent map, and so do we",
        &[ReadResponse, WriteResponse],
        &["HttpPrefixHeadersAreNotPresent"],
    ),
    (
        "the client sends an empty object for an absent structure; a server reads an empty structure",
        &[ReadRequest, WriteRequest],
        &["RestJsonHttpWithEmptyStructurePayload", "RestJsonHttpWithHeadersButNoPayload"],
    ),
    (
        "for clients: a map of the query string holds all of it on a server, bound to other members or not",
        &[ReadRequest, WriteRequest],
        &[
            "RestJsonQueryParamsStringListMap",
            "RestJsonQueryPrecedence",
            "AllQueryStringTypes",
            "RestXmlQueryStringEscaping",
            "RestXmlSupportsNaNFloatQueryValues",
            "RestXmlSupportsInfinityFloatQueryValues",
            "RestXmlSupportsNegativeInfinityFloatQueryValues",
            "RestXmlZeroAndFalseQueryValues",
            "RestXmlQueryParamsStringListMap",
            "RestXmlQueryPrecedence",
        ],
    ),
];

pub(super) fn reason(test: Test, id: &str) -> Option<&'static str> {
    EXCEPTIONS
        .iter()
        .find(|(_, tests, ids)| tests.contains(&test) && ids.contains(&id))
        .map(|(reason, _, _)| *reason)
}
