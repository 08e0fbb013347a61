//! Data planes that answer HTTP: requests that are no operation of a service, such as those of browsers to a bucket.
//!
//! A plane learns of state and changes it through operations only, which it calls in process ([`Visit::call`]).

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;

use ::http::HeaderName;
use ::http::request::Parts;
use virga_iam::{AccountId, Caller, Presented, RequestView};
use virga_kit::{Call, Incoming, Origin, Outgoing, Signed, Streamed, Via, World, dispatch_streaming};
use virga_model::view::{Operation, Structure};
use virga_model::{ApiError, Protocol, Record, Text};

use crate::answer;
use crate::heading::{self, host_name};
use crate::host;
use crate::http::{Body, Request, Response, ResponseBody};
use crate::route::is_service_label;

/// What a plane gives when it has answered, or has done its part.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A data plane that answers HTTP requests.
pub trait Plane: Send + Sync + 'static {
    /// Whether a request may be for this plane, by its head alone. Asked for every request: it must cost nothing.
    fn may_take(&self, head: &Parts) -> bool;

    /// Answers a request; none when it is an operation after all, and its body untouched.
    fn answer<'a>(&'a self, visit: Visit<'a>, body: &'a mut Body) -> Doing<'a, Option<Response>>;

    /// Adds to the answer of an operation of S3 that a browser has called: one with the header `Origin`.
    fn dress<'a>(&'a self, visit: Visit<'a>, response: &'a mut Response) -> Doing<'a, ()>;
}

/// What the host name and the path of a request name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The label of the host name that stands for a service: `s3`, `s3-website-eu-west-1`. None for a plain host.
    pub service: Option<String>,
    /// The region that the host name has.
    pub region: Option<String>,
    /// The bucket that the host name or the path names.
    pub bucket: Option<String>,
    /// What follows the bucket in the path, percent-decoded, without the slash in front.
    pub key: String,
    /// Whether the host name is that of another service than S3.
    pub is_foreign: bool,
}

impl Address {
    /// Reads the host name and the path of a request.
    pub fn of(head: &Parts) -> Self {
        let host = host::canonical(host_name(head));
        let hints = host::hints(&host);
        let is_s3 = |label: &str| label == "s3" || label.starts_with("s3-") || label.starts_with("s3express");
        let is_website = hints.service.is_some_and(|label| label.starts_with("s3-website"));
        let is_foreign = hints.service.is_some_and(|label| !is_s3(label) && is_service_label(label));
        let bucket = match is_website {
            true => hints.prefix.map(Cow::Borrowed),
            false => hints.bucket(!is_foreign),
        };
        let path = head.uri.path().strip_prefix('/').unwrap_or_default();
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (bucket, key) = match bucket {
            Some(bucket) => (Some(bucket.into_owned()), path),
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                (Some(decode(bucket)).filter(|bucket| !bucket.is_empty()), key)
            }
        };
        let in_label = hints.service.and_then(|label| label.strip_prefix("s3-website-"));
        let region = hints.region.or(in_label).map(str::to_owned);
        Address { service: hints.service.map(str::to_owned), region, bucket, key: decode(key), is_foreign }
    }
}

/// What asks for an operation at a plane.
pub struct Asking {
    /// As [`Origin::plane`] has it.
    pub plane: &'static str,
    /// How it was signed.
    pub signed: Option<Signed>,
    /// As [`Origin::success_status`] has it.
    pub success_status: Option<u16>,
}

/// A request at a plane.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    /// The world that it is for.
    pub world: &'a Arc<World>,
    /// The request, without its body.
    pub request: &'a Request,
}

impl Visit<'_> {
    /// What the host name and the path name.
    pub fn address(&self) -> Address {
        Address::of(&self.request.head)
    }

    /// The id of the request.
    pub fn request_id(&self) -> Text {
        self.request.id.to_text()
    }

    /// Somebody of whom nothing is known.
    pub fn nobody() -> Arc<Caller> {
        Arc::new(Caller::anonymous())
    }

    /// Where the request came from.
    pub fn origin(&self) -> Origin {
        heading::origin(self.request, &Presented::of(&RequestView::of_parts(&self.request.head)))
    }

    /// Calls an operation as somebody, by the way of all calls. `plane` is what asks, as [`Origin::plane`] has it.
    ///
    /// # Errors
    /// The operation's.
    pub async fn call<O: Operation>(
        &self,
        plane: &'static str,
        caller: Arc<Caller>,
        input: O::Input,
        body: &mut Incoming,
    ) -> Result<(O::Output, Outgoing), ApiError> {
        let asking = Asking { plane, signed: None, success_status: None };
        let streamed = self.call_record(asking, O::model(), caller, input.into_record(), body).await?;
        Ok((O::Output::from_record(streamed.output.settled()), streamed.body))
    }

    /// Calls an operation with an input that was decoded, as [`Visit::call`] does.
    ///
    /// # Errors
    /// The operation's.
    pub async fn call_record(
        &self,
        asking: Asking,
        operation: virga_model::Operation,
        caller: Arc<Caller>,
        input: Record,
        body: &mut Incoming,
    ) -> Result<Streamed, ApiError> {
        let Asking { plane, signed, success_status } = asking;
        let origin = Origin { plane: Some(plane), signed, success_status, ..self.origin() };
        dispatch_streaming(self.world, self.request(operation, origin, caller, input), body).await
    }

    /// Asks an operation within the cloud's own walls, without anybody's permission: for how a bucket is configured.
    ///
    /// # Errors
    /// The operation's.
    pub async fn ask<O: Operation>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        let caller = Arc::new(Caller::service("s3.amazonaws.com", AccountId::DEFAULT, None));
        let via = Via { trusted: true, services: Vec::new() };
        let call = Call { via, ..self.request(O::model(), self.origin(), caller, input.into_record()) };
        let streamed = dispatch_streaming(self.world, call, &mut Incoming::empty()).await?;
        Ok(O::Output::from_record(streamed.output.settled()))
    }

    fn request(
        &self,
        operation: virga_model::Operation,
        origin: Origin,
        caller: Arc<Caller>,
        input: Record,
    ) -> Call {
        Call {
            operation,
            input,
            caller,
            region: heading::region(None, &host::hints(&host::canonical(host_name(&self.request.head)))),
            request_id: self.request_id(),
            origin: Arc::new(origin),
            via: Via::default(),
        }
    }

    /// The answer that the operation would have given over the wire.
    pub fn success<O: Operation>(&self, output: O::Output, body: Outgoing) -> Response {
        let streamed = Streamed { output: output.into_record(), body, is_accepted: false };
        answer::success(Protocol::RestXml, O::model(), streamed, &self.request_id())
    }

    /// An answer of nothing but its id.
    pub fn plain(&self) -> Response {
        let mut response = Response::new(ResponseBody::Empty);
        let id = self.request.id.to_header_value();
        for name in ["x-amz-request-id", "x-amz-id-2"] {
            response.headers_mut().insert(HeaderName::from_static(name), id.clone());
        }
        response
    }

    /// The answer that tells of an error, as a document of the operation's service.
    pub fn failure<O: Operation>(&self, error: &ApiError) -> Response {
        answer::failure(Protocol::RestXml, O::model().service(), error, &self.request_id())
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn check(host: &str, path: &str, bucket: Option<&str>, key: &str, is_foreign: bool) {
        let request = ::http::Request::builder().uri(path).header("host", host).body(()).expect("a request");
        let address = Address::of(&request.into_parts().0);
        let found = (address.bucket.as_deref(), &*address.key, address.is_foreign);
        assert_eq!(found, (bucket, key, is_foreign), "{host} {path}");
    }

    #[test]
    fn buckets_and_keys_stand_in_hosts_and_paths() {
        check("localhost:4566", "/b/some/k%20ey", Some("b"), "some/k ey", false);
        check("localhost:4566", "/b", Some("b"), "", false);
        check("localhost:4566", "/", None, "", false);
        check("b.c.s3.localhost:4566", "/k", Some("b.c"), "k", false);
        check("s3.eu-west-1.amazonaws.com", "/b/k", Some("b"), "k", false);
        check("b.localhost:4566", "/k/", Some("b"), "k/", false);
        check("b.s3-website.localhost:4566", "/k", Some("b"), "k", false);
        check("b.s3-website-eu-west-1.amazonaws.com", "/", Some("b"), "", false);
        check("b.s3-website.eu-central-1.amazonaws.com", "/", Some("b"), "", false);
        check("a.execute-api.us-east-1.localhost", "/b/k", Some("b"), "k", true);
        check("sqs.localhost:4566", "/b", Some("b"), "", true);
    }
}
