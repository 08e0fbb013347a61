//! Uploads by an HTML form: the fields of a `multipart/form-data` body, a policy document that they keep to, and the file.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>

mod answer;
mod fields;
mod parts;
mod policy;

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use virga_api::s3 as api;
use virga_gateway::http::{Body, Response};
use virga_gateway::plane::{Address, Asking, Visit};
use virga_iam::authenticate::Context;
use virga_iam::form::{FormOfVersion2, SignedForm, authenticate_form, authenticate_form_of_version_2};
use virga_iam::{Algorithm, AmzDate, Caller, ErrorStyle, Expected, OperationAuth};
use virga_kit::{Incoming, Signed, SignedIn};
use virga_model::ApiError;
use virga_model::view::{Operation as _, Structure as _};

use crate::plane::text;
use fields::Fields;
use parts::{FilePart, Parts};
use policy::Policy;

/// Takes the upload of a form.
pub(crate) async fn upload(visit: &Visit<'_>, address: &Address, body: &mut Body) -> Response {
    match accept(visit, address, std::mem::take(body)).await {
        Ok(response) => response,
        Err(error) => visit.failure::<api::op::PutObject>(&error),
    }
}

async fn accept(visit: &Visit<'_>, address: &Address, body: Body) -> Result<Response, ApiError> {
    let content_type = text(&visit.request.head.headers, CONTENT_TYPE).unwrap_or_default();
    if !content_type.starts_with("multipart/form-data") {
        let condition = "Bucket POST must be of the enclosure-type multipart/form-data".to_owned();
        let text = "At least one of the pre-conditions you specified did not hold";
        let error = ApiError::common("PreconditionFailed", 412, text);
        return Err(error.with_details(vec![("Condition", condition)]));
    }
    if body.remaining().is_none() {
        let text = "You must provide the Content-Length HTTP header.";
        return Err(ApiError::common("MissingContentLength", 411, text));
    }
    let boundary = parts::boundary(content_type).ok_or_else(parts::malformed)?;
    let mut parts = Parts::new(body, &boundary);
    let mut fields = Fields::default();
    let file_name = loop {
        match parts.next().await? {
            Some(part) if part.name.eq_ignore_ascii_case("file") => break part.file_name,
            Some(part) => {
                let value = parts.text().await?;
                fields.add(&part.name, value)?;
            }
            None => {
                return Err(fields::argument(
                    "POST requires exactly one file upload per request.",
                    "file",
                    "0",
                ));
            }
        }
    };
    fields.resolve_file_name(file_name.as_deref());
    let key = fields.required("key")?.to_owned();
    let bucket = address.bucket.as_deref().unwrap_or_default();
    let (caller, signed) = identify(visit, &fields)?;
    let sizes = match fields.get("policy") {
        Some(policy) => Policy::parse(policy)?.check(&fields, bucket, visit.world.clock().now().secs())?,
        None => policy::Sizes::default(),
    };
    let input = fields.input(bucket, &key)?;
    let mut file = Incoming::new(None, Box::new(FilePart::new(parts, sizes)));
    let operation = api::op::PutObject::model();
    let success_status = Some(answer::status(&fields, (bucket, &key)).as_u16());
    let asking = Asking { plane: "form", signed, success_status };
    let stored = visit.call_record(asking, operation, caller, input, &mut file).await;
    // Fields after the file count for nothing; they are read so that the answer finds its way.
    file.discard().await;
    let output = api::PutObjectOutput::from_record(stored?.output);
    Ok(answer::stored(visit, address, &fields, (bucket, &key), output))
}

/// How a form is signed.
fn signed(fields: &Fields, is_version_2: bool) -> Signed {
    let at = fields.get("x-amz-date").and_then(AmzDate::parse_basic).filter(|_| !is_version_2);
    Signed {
        within: SignedIn::Form,
        algorithm: if is_version_2 { "AWS" } else { Algorithm::V4.name() },
        at: at.map(|at| at.unix_seconds()),
        payload: None,
    }
}

/// Who sends the form, whoever signed its policy, or anybody; and how it was signed.
fn identify(visit: &Visit<'_>, fields: &Fields) -> Result<(Arc<Caller>, Option<Signed>), ApiError> {
    let world = visit.world;
    if ["policy", "x-amz-signature", "signature"].iter().all(|field| fields.get(field).is_none()) {
        return Ok((Visit::nobody(), None));
    }
    let context = Context {
        mode: world.settings().auth,
        operation: OperationAuth::Signed,
        expected: Expected { service: "s3", region: None },
        keys: world.keys(),
        signing_keys: world.signing_keys(),
        now: world.clock().now().secs(),
    };
    let token = fields.get("x-amz-security-token");
    let policy = fields.required("policy")?;
    let is_version_2 = ["awsaccesskeyid", "signature"].iter().any(|field| fields.get(field).is_some());
    let authenticated = if is_version_2 {
        let access_key_id = fields.required("AWSAccessKeyId")?;
        let signature = fields.required("Signature")?;
        let form = FormOfVersion2 { access_key_id, signature, token, policy };
        authenticate_form_of_version_2(&context, &form)
    } else {
        let form = SignedForm {
            policy,
            token,
            algorithm: fields.required("X-Amz-Algorithm")?,
            credential: fields.required("X-Amz-Credential")?,
            date: fields.required("X-Amz-Date")?,
            signature: fields.required("X-Amz-Signature")?,
        };
        authenticate_form(&context, &form)
    };
    match authenticated {
        Ok(authenticated) => Ok((authenticated.caller, Some(signed(fields, is_version_2)))),
        Err(refusal) => {
            let answer = virga_iam::answer(&refusal, ErrorStyle::S3);
            Err(ApiError::common(answer.code, answer.status, answer.message).with_details(answer.details))
        }
    }
}
