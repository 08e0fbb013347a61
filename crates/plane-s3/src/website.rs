//! Website hosts: `bucket.s3-website.…` serves the objects of a bucket as pages, to anybody.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html>

mod page;
mod routing;

use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, LOCATION, RANGE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use virga_api::s3 as api;
use virga_gateway::http::{Response, ResponseBody};
use virga_gateway::plane::{Address, Visit};
use virga_kit::{Incoming, Outgoing};
use virga_model::view::{Operation as _, Structure as _};
use virga_model::{ApiError, Protocol};
use virga_wire::{HttpRequest, Labels, decode_request};

use routing::Redirection;

/// Headers of a request that a website acts on.
const HEEDED: [http::HeaderName; 5] =
    [RANGE, IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE];

/// Serves a request to a website.
pub(crate) async fn serve(visit: &Visit<'_>, address: &Address) -> Response {
    let bucket = address.bucket.as_deref().unwrap_or_default();
    let method = &visit.request.head.method;
    if method != Method::GET && method != Method::HEAD {
        let details = vec![("Method", method.to_string()), ("ResourceType", "OBJECT".to_owned())];
        let text = "The specified method is not allowed against this resource.";
        let error = ApiError::common("MethodNotAllowed", 405, text).with_details(details);
        return page::of_error(visit, &error, None);
    }
    let input = api::GetBucketWebsiteInput::new().with_bucket(bucket);
    let website = match visit.ask::<api::op::GetBucketWebsite>(input).await {
        Ok(website) => website,
        Err(error) => return page::of_error(visit, &with_bucket(error, bucket), None),
    };
    if let Some(error) = elsewhere(visit, address, bucket).await {
        return page::of_error(visit, &error, None);
    }
    let site = Site { visit, bucket, website: &website };
    match routing::before(&website, &address.key) {
        Some(redirection) => site.redirect(&redirection),
        None => site.page(&address.key).await,
    }
}

/// The error for a website that is looked for in another region than its bucket is in.
async fn elsewhere(visit: &Visit<'_>, address: &Address, bucket: &str) -> Option<ApiError> {
    let called = address.region.as_deref()?;
    let input = api::GetBucketLocationInput::new().with_bucket(bucket);
    let location = visit.ask::<api::op::GetBucketLocation>(input).await.ok()?;
    // The oldest region has no name there.
    let region = location.location_constraint().unwrap_or("us-east-1");
    if region == called {
        return None;
    }
    let text =
        "The specified bucket exists in another region. Please direct requests to the specified endpoint.";
    let host = visit.origin().endpoint.host.replacen(called, region, 1);
    Some(ApiError::common("IncorrectEndpoint", 400, text).with_details(vec![("Endpoint", host)]))
}

/// Pages of errors name the bucket.
fn with_bucket(error: ApiError, bucket: &str) -> ApiError {
    if error.details.is_empty() {
        return error.with_details(vec![("BucketName", bucket.to_owned())]);
    }
    error
}

/// A website that a request is for.
struct Site<'a> {
    visit: &'a Visit<'a>,
    bucket: &'a str,
    website: &'a api::GetBucketWebsiteOutput,
}

impl Site<'_> {
    /// The page of a path.
    async fn page(&self, path: &str) -> Response {
        let index = self.website.index_document().map_or("index.html", |index| index.suffix());
        let names_folder = path.is_empty() || path.ends_with('/');
        let key = if names_folder { format!("{path}{index}") } else { path.to_owned() };
        let error = match self.object(&key, &self.heeded()).await {
            Ok((output, body)) => return self.found(output, body),
            Err(error) if error.status == 304 || error.status == 412 || error.status == 416 => {
                return self.visit.failure::<api::op::GetObject>(&error);
            }
            Err(error) => error,
        };
        if !names_folder && self.has(&format!("{path}/{index}")).await {
            return moved(StatusCode::FOUND, &format!("/{}/", routing::encoded(path)));
        }
        match routing::after(self.website, path, error.status) {
            Some(redirection) => self.redirect(&redirection),
            None => self.error_document(&error).await,
        }
    }

    /// What a website answers with an object: the object, or where it says to go.
    fn found(&self, output: api::GetObjectOutput, body: Outgoing) -> Response {
        match output.website_redirect_location().filter(|location| !location.is_empty()) {
            Some(location) => moved(StatusCode::MOVED_PERMANENTLY, location),
            None => self.visit.success::<api::op::GetObject>(output, body),
        }
    }

    async fn error_document(&self, error: &ApiError) -> Response {
        let Some(document) = self.website.error_document() else {
            return page::of_error(self.visit, error, None);
        };
        match self.object(document.key(), &HeaderMap::new()).await {
            Ok((output, body)) => {
                let mut response = self.visit.success::<api::op::GetObject>(output, body);
                *response.status_mut() =
                    StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                page::name_error(&mut response, error);
                response
            }
            Err(second) => page::of_error(self.visit, error, Some(&second)),
        }
    }

    /// Reads an object as anybody would.
    async fn object(
        &self,
        key: &str,
        headers: &HeaderMap,
    ) -> Result<(api::GetObjectOutput, Outgoing), ApiError> {
        let mut labels = Labels::new();
        labels.push("Bucket", self.bucket);
        labels.push("Key", key);
        let (method, body) = (Method::GET, bytes::Bytes::new());
        let request = HttpRequest { method: &method, path: "/", query: "", headers, body };
        let operation = api::op::GetObject::model();
        let input = decode_request(Protocol::RestXml, operation, &labels, &request)
            .map_err(|error| error.to_api_error(Protocol::RestXml))?;
        let input = api::GetObjectInput::from_record(input);
        let mut nothing = Incoming::empty();
        self.visit.call::<api::op::GetObject>("website", Visit::nobody(), input, &mut nothing).await
    }

    async fn has(&self, key: &str) -> bool {
        let input = api::HeadObjectInput::new().with_bucket(self.bucket).with_key(key);
        let mut nothing = Incoming::empty();
        self.visit.call::<api::op::HeadObject>("website", Visit::nobody(), input, &mut nothing).await.is_ok()
    }

    fn heeded(&self) -> HeaderMap {
        let headers = &self.visit.request.head.headers;
        HEEDED.into_iter().filter_map(|name| Some((name.clone(), headers.get(name)?.clone()))).collect()
    }

    fn redirect(&self, redirection: &Redirection) -> Response {
        let endpoint = self.visit.origin().endpoint;
        let protocol = match (&redirection.protocol, endpoint.secure) {
            (Some(protocol), _) => protocol,
            (None, true) => "https",
            (None, false) => "http",
        };
        let host = redirection.host.as_deref().unwrap_or(&endpoint.host);
        moved(redirection.status, &format!("{protocol}://{host}/{}", routing::encoded(&redirection.key)))
    }
}

fn moved(status: StatusCode, location: &str) -> Response {
    let mut response = Response::new(ResponseBody::Empty);
    *response.status_mut() = status;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
