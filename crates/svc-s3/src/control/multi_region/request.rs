//! Requests about multi-Region access points: they are accepted at once and done some time later. Whether one will be
//! done is clear when it is accepted, but only told when its time has come.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MrapOperations.html>

use serde::{Deserialize, Serialize};
use virga_api::s3control as api;
use virga_kit::{Ctx, Failure, Timer};
use virga_model::Timestamp;
use virga_store::{Read, Reader, Write};

use super::own_account;
use crate::batch::structure;
use crate::records::{AsyncRequest, MultiRegionStatus, Refusal, RequestKind, RequestStatus, RequestToken};
use crate::{keys, workers};
use virga_object::Error;
use virga_object::multi_region::{self, HOME};

/// How long a request takes, in microseconds. AWS needs minutes, and says that it can be a day.
const TAKES: i64 = 5 * 1_000_000;
/// Letters of the tokens that stand for requests, and how many they have.
const TOKEN_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
const TOKEN_LENGTH: usize = 92;

/// What a request asks for.
pub(super) struct Asked<'a> {
    kind: RequestKind,
    name: &'a str,
    details: String,
    regions: Vec<String>,
    refusal: Option<Refusal>,
}

/// Which request is due.
#[derive(Serialize, Deserialize)]
struct Due(String);

impl<'a> Asked<'a> {
    /// A request with these details about the one of this name.
    pub(super) fn new(kind: RequestKind, name: &'a str, details: String) -> Self {
        Asked { kind, name, details, regions: Vec::new(), refusal: None }
    }

    /// It concerns these regions.
    pub(super) fn about(self, regions: Vec<String>) -> Self {
        Asked { regions, ..self }
    }

    /// It is going to fail.
    pub(super) fn refused(self, refusal: Refusal) -> Self {
        Asked { refusal: Some(refusal), ..self }
    }

    /// Begins a request that is new, once it is clear how it will go, and gives the ARN of the same one that came with the
    /// token before.
    pub(super) fn once(
        self,
        ctx: &Ctx,
        txn: &mut Write,
        client_token: &str,
        decide: impl FnOnce(&mut Write, Self) -> Result<Self, Error>,
    ) -> Result<String, Error> {
        match self.known(ctx, txn, client_token)? {
            Some(arn) => Ok(arn),
            None => decide(txn, self)?.begin(ctx, txn, client_token),
        }
    }

    /// The ARN of the request that came with this token before; it has to be the same request.
    fn known(&self, ctx: &Ctx, txn: &impl Reader, client_token: &str) -> Result<Option<String>, Error> {
        let token = txn.get(&keys::request_token(ctx.account(), client_token))?;
        let Some(RequestToken(token)) = token else { return Ok(None) };
        let earlier = txn.get(&keys::async_request(ctx.account(), &token))?;
        match earlier.is_some_and(|earlier| earlier.kind == self.kind && earlier.details == self.details) {
            true => Ok(Some(arn(ctx, self.kind, &token))),
            false => Err(Error::IdempotencyParameterMismatch),
        }
    }

    /// Accepts the request; its ARN.
    fn begin(self, ctx: &Ctx, txn: &mut Write, client_token: &str) -> Result<String, Error> {
        let token = ctx.random_letters(TOKEN_ALPHABET, TOKEN_LENGTH);
        let request = AsyncRequest {
            kind: self.kind,
            name: self.name.to_owned(),
            created: ctx.now().micros(),
            details: self.details,
            regions: self.regions,
            status: RequestStatus::InProgress,
            refusal: self.refusal,
            request_id: ctx.request_id().to_owned(),
        };
        txn.put_new(&keys::async_request(ctx.account(), &token), &request)?;
        txn.put(&keys::request_token(ctx.account(), client_token), &RequestToken(token.clone()))?;
        let due = ctx.now().micros() + TAKES;
        workers::set(ctx, txn, workers::MULTI_REGION, token.clone(), due, &Due(token.clone()))?;
        Ok(arn(ctx, self.kind, &token))
    }
}

fn arn(ctx: &Ctx, kind: RequestKind, token: &str) -> String {
    let (_, kind) = names(kind);
    format!("arn:aws:s3:{HOME}:{}:async-request/mrap/{kind}/{token}", ctx.account())
}

/// The name of the operation that begins a request, and what its ARN has for it.
fn names(kind: RequestKind) -> (&'static str, &'static str) {
    match kind {
        RequestKind::Create => (api::async_operation_name::CREATE_MULTI_REGION_ACCESS_POINT, "create"),
        RequestKind::Delete => (api::async_operation_name::DELETE_MULTI_REGION_ACCESS_POINT, "delete"),
        RequestKind::PutPolicy => {
            (api::async_operation_name::PUT_MULTI_REGION_ACCESS_POINT_POLICY, "put-policy")
        }
    }
}

/// A request has taken its time.
pub(crate) fn complete(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let Due(token) = timer.read()?;
    let key = keys::async_request(ctx.account(), &token);
    let Some(mut request) = txn.get(&key)? else { return Ok(()) };
    request.status = match request.refusal {
        Some(_) => RequestStatus::Failed,
        None => {
            take_effect(ctx, txn, &request)?;
            RequestStatus::Succeeded
        }
    };
    Ok(txn.put(&key, &request)?)
}

/// Does what was asked for. What is being made, changed or removed takes no other request, so that it is still there.
fn take_effect(ctx: &Ctx, txn: &mut Write, request: &AsyncRequest) -> Result<(), Failure> {
    let key = keys::multi_region_access_point(ctx.account(), &request.name);
    let Some(mut found) = txn.get(&key)? else { return Ok(()) };
    let arn = multi_region::arn(ctx.account(), &found.alias);
    match (request.kind, &found.proposed_policy) {
        (RequestKind::Delete, _) => {
            txn.delete(&keys::access_point_alias(&found.alias))?;
            ctx.delete_resource_policy(txn, &arn)?;
            return Ok(txn.delete(&key)?);
        }
        (RequestKind::PutPolicy, Some(policy)) => {
            ctx.put_resource_policy(txn, &arn, policy)?;
            found.is_changing = false;
        }
        (RequestKind::Create | RequestKind::PutPolicy, _) => found.status = MultiRegionStatus::Ready,
    }
    Ok(txn.put(&key, &found)?)
}

/// How a request went.
pub(crate) fn describe_multi_region_access_point_operation(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeMultiRegionAccessPointOperationRequest,
) -> Result<api::DescribeMultiRegionAccessPointOperationResult, Error> {
    own_account(ctx, input.account_id())?;
    let given = input.request_token_arn();
    let token = given.rsplit('/').next().unwrap_or_default();
    let found = txn.get(&keys::async_request(ctx.account(), token))?;
    let found = found.filter(|found| arn(ctx, found.kind, token) == given);
    let operation = shown(&found.ok_or(Error::NoSuchAsyncRequest)?)?.with_request_token_arn(given);
    Ok(api::DescribeMultiRegionAccessPointOperationResult::new().with_async_operation(operation))
}

fn shown(request: &AsyncRequest) -> Result<api::AsyncOperation, Error> {
    let parameters = api::AsyncRequestParameters::new();
    let details = &request.details;
    let parameters = match request.kind {
        RequestKind::Create => parameters.with_create_multi_region_access_point_request(structure::<
            api::CreateMultiRegionAccessPointInput,
        >(details)?),
        RequestKind::Delete => parameters.with_delete_multi_region_access_point_request(structure::<
            api::DeleteMultiRegionAccessPointInput,
        >(details)?),
        RequestKind::PutPolicy => {
            parameters.with_put_multi_region_access_point_policy_request(structure::<
                api::PutMultiRegionAccessPointPolicyInput,
            >(details)?)
        }
    };
    let (status, response) = match (request.status, request.refusal) {
        (RequestStatus::InProgress, _) => ("INPROGRESS", None),
        (RequestStatus::Failed, Some(refusal)) => ("FAILED", Some(failure(request, refusal))),
        (RequestStatus::Failed | RequestStatus::Succeeded, _) => ("SUCCEEDED", Some(success(request))),
    };
    Ok(api::AsyncOperation::new()
        .with_creation_time(Timestamp::from_micros(request.created))
        .with_operation(names(request.kind).0)
        .with_request_parameters(parameters)
        .with_request_status(status)
        .with_response_details(response))
}

fn success(request: &AsyncRequest) -> api::AsyncResponseDetails {
    let region = |name: &String| {
        api::MultiRegionAccessPointRegionalResponse::new()
            .with_name(name.as_str())
            .with_request_status("SUCCEEDED")
    };
    let regions: Vec<_> = request.regions.iter().map(region).collect();
    let details = api::MultiRegionAccessPointsAsyncResponse::new().with_regions(regions);
    api::AsyncResponseDetails::new().with_multi_region_access_point_details(details)
}

fn failure(request: &AsyncRequest, refusal: Refusal) -> api::AsyncResponseDetails {
    let error = api::AsyncErrorDetails::new()
        .with_code(refusal.code())
        .with_message(refusal.message())
        .with_resource(request.name.as_str())
        .with_request_id(request.request_id.as_str());
    api::AsyncResponseDetails::new().with_error_details(error)
}
