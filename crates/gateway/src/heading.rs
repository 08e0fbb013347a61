//! What the head of a request says, as far as it is the same for many requests of a connection: what is asked for and
//! in which protocol, by whom and from where.

use std::sync::{Arc, OnceLock};

use ::http::HeaderValue;
use ::http::header::{AUTHORIZATION, HOST, REFERER, USER_AGENT};
use ::http::request::Parts;
use virga_iam::{
    Caller, CredentialScope, Location, PayloadDeclaration, Presented, RequestView, SignaturePattern,
};
use virga_kit::{Endpoint, NamedRegions, Origin, Signed, SignedIn, TlsVersion};
use virga_model::{Operation, Protocol, Text};
use virga_wire::{Labels, Router};

use crate::host::HostHints;
use crate::http::Request;
use crate::memory::{self, CONTENT_SHA256};
use crate::payload;
use crate::route::Route;

/// The region when neither the signature nor the host name has one.
pub(crate) const DEFAULT_REGION: &str = "us-east-1";

/// What the head of a request says.
pub(crate) struct Heading {
    /// Id of a world; none is the main one.
    pub(crate) world: Option<Text>,
    /// Protocol it was asked in, and is answered in.
    pub(crate) protocol: Protocol,
    /// The operation.
    pub(crate) operation: Operation,
    /// Whether it is one of S3's, which has rules of its own.
    pub(crate) is_s3: bool,
    /// Region.
    pub(crate) region: Text,
    /// Where it came from.
    origin: Arc<Origin>,
    /// Whom the access key stands for, when this cloud has not issued it.
    pub(crate) stranger: Option<Arc<Caller>>,
    /// Whether the body is left to the operation.
    pub(crate) streams_past: bool,
    /// Whether the body is framed in chunks of AWS's own.
    pub(crate) is_framed: bool,
    /// Tells what another path means, where the path has labels.
    router: Option<&'static Router>,
    /// What the signatures of such heads have in common, once one was right that the connection had remembered.
    pub(crate) signatures: OnceLock<SignaturePattern>,
}

impl Heading {
    /// What the head of a routed request says.
    pub(crate) fn of(
        request: &Request,
        world: Option<&str>,
        route: &Route<'_>,
        (scope, host): (Option<&CredentialScope<'_>>, &HostHints<'_>),
    ) -> Self {
        let view = RequestView::of_parts(&request.head);
        let presented = Presented::of(&view);
        let Route { protocol, operation, .. } = *route;
        Heading {
            world: world.map(Text::from),
            protocol,
            operation,
            is_s3: operation.service().name() == "s3",
            region: region(scope, host),
            origin: Arc::new(Origin { regions: named_regions(scope, host), ..origin(request, &presented) }),
            stranger: presented.access_key_id().map(|key| Arc::new(Caller::of_unknown_key(key))),
            streams_past: streams_past(operation, &view),
            is_framed: payload::is_aws_chunked(&request.head.headers),
            router: (!route.labels.is_empty()).then(|| Router::of(operation.service())),
            signatures: OnceLock::new(),
        }
    }
}

impl Heading {
    /// Whether the path has labels, so that another path may mean another operation.
    pub(crate) fn has_labels(&self) -> bool {
        self.router.is_some()
    }

    /// The labels of a path, of which all else is known; none when it means another operation.
    pub(crate) fn labels<'p>(&self, head: &'p Parts) -> Option<Labels<'p>> {
        let Some(router) = self.router else { return Some(Labels::new()) };
        let (operation, labels) = router.find(&head.method, head.uri.path(), "", &head.headers)?;
        (operation == self.operation).then_some(labels)
    }

    /// The host as the client named it.
    pub(crate) fn host(&self) -> &str {
        &self.origin.endpoint.host
    }

    /// Where a request with this head came from.
    pub(crate) fn origin(&self, head: &Parts) -> Arc<Origin> {
        let Some(signed) = &self.origin.signed else { return Arc::clone(&self.origin) };
        let payload = head.headers.get(CONTENT_SHA256).map(HeaderValue::as_bytes);
        if payload == signed.payload.as_deref().map(str::as_bytes) {
            return Arc::clone(&self.origin);
        }
        // The hash of the body is another one each time.
        let signed = Signed { payload: payload_text(head), ..signed.clone() };
        Arc::new(Origin { signed: Some(signed), ..Origin::clone(&self.origin) })
    }

    /// What a request with this head presents.
    pub(crate) fn presented<'a>(&'a self, request: &RequestView<'a>) -> Presented<'a> {
        let known = self.signatures.get().and_then(|pattern| pattern.presented(request));
        known.unwrap_or_else(|| Presented::of(request))
    }

    /// Keeps what the signatures of such heads have in common.
    pub(crate) fn keep_signature(&self, request: &RequestView<'_>, presented: &Presented<'_>) {
        if self.signatures.get().is_none()
            && let Presented::Signed(signature) = presented
            && let Some(pattern) = SignaturePattern::of(request, signature, memory::varies)
        {
            // When another request was quicker, its pattern is as good.
            self.signatures.set(pattern).ok();
        }
    }
}

/// Whether the body is left to the operation. Where a signature covers a hash that no header declares, the whole body
/// must be there to check it; S3 does not take such signatures.
fn streams_past(operation: Operation, request: &RequestView<'_>) -> bool {
    is_streamed(operation)
        && (operation.service().name() == "s3"
            || PayloadDeclaration::of_request(request) != PayloadDeclaration::Absent)
}

/// Whether the payload of the input is streamed.
fn is_streamed(operation: Operation) -> bool {
    let payload = operation.input().and_then(|input| input.member(input.payload()?));
    payload.is_some_and(|member| member.is_streaming() || member.shape().is_event_stream())
}

/// The host as the client named it.
pub(crate) fn host_name(head: &Parts) -> &str {
    let header = head.headers.get(HOST).and_then(|value| value.to_str().ok());
    header.or_else(|| head.uri.authority().map(::http::uri::Authority::as_str)).unwrap_or_default()
}

/// The region of the signature, else of the host name.
pub(crate) fn region(scope: Option<&CredentialScope<'_>>, host: &HostHints<'_>) -> Text {
    let NamedRegions { signed, host } = named_regions(scope, host);
    signed.or(host).unwrap_or(Text::from_static(DEFAULT_REGION))
}

fn named_regions(scope: Option<&CredentialScope<'_>>, host: &HostHints<'_>) -> NamedRegions {
    let signed = scope.map(CredentialScope::region);
    let signed = signed.filter(|region| !region.is_empty() && !region.contains(['*', ',']));
    NamedRegions { signed: signed.map(region_text), host: host.region.map(region_text) }
}

/// Most calls are for one region: its name is shared instead of copied.
fn region_text(region: &str) -> Text {
    if region == DEFAULT_REGION { Text::from_static(DEFAULT_REGION) } else { Text::from(region) }
}

/// How a request says that it was signed.
fn signed(head: &Parts, presented: &Presented<'_>) -> Option<Signed> {
    let (within, algorithm, at) = match presented {
        Presented::Signed(signature) => match signature.location {
            Location::Header => (SignedIn::Header, signature.algorithm.name(), None),
            Location::Query => {
                (SignedIn::Query, signature.algorithm.name(), Some(signature.signed_at.unix_seconds()))
            }
        },
        Presented::SignatureVersion2 { .. } => match head.headers.contains_key(AUTHORIZATION) {
            true => (SignedIn::Header, "AWS", None),
            false => (SignedIn::Query, "AWS", None),
        },
        Presented::Anonymous | Presented::Malformed { .. } => return None,
    };
    Some(Signed { within, algorithm, at, payload: payload_text(head) })
}

fn payload_text(head: &Parts) -> Option<Text> {
    head.headers.get(CONTENT_SHA256)?.to_str().ok().map(Text::from)
}

pub(crate) fn origin(request: &Request, presented: &Presented<'_>) -> Origin {
    let header = |name| {
        let value = request.head.headers.get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    Origin {
        endpoint: Endpoint { secure: request.secure, host: Text::from(host_name(&request.head)) },
        secure: request.secure,
        tls: request.tls_version.and_then(|version| match version {
            rustls::ProtocolVersion::TLSv1_2 => Some(TlsVersion::V1_2),
            rustls::ProtocolVersion::TLSv1_3 => Some(TlsVersion::V1_3),
            _ => None,
        }),
        cipher_suite: request.cipher_suite.and_then(|suite| suite.as_str()),
        source_ip: Some(request.peer.ip()),
        user_agent: header(USER_AGENT),
        referer: header(REFERER),
        regions: NamedRegions::default(),
        signed: signed(&request.head, presented),
        plane: None,
        success_status: None,
    }
}
