//! SelectObjectContent: SQL over an object. The rules of the language are in `virga-select`; here the object is opened
//! and the records travel as events while they are found.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html>

use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use virga_api::s3 as api;
use virga_iam::Principal;
use virga_kit::{Ctx, Incoming, Outgoing};
use virga_model::ApiError;
use virga_model::view::Structure as _;
use virga_select::{Event, Object, Query};
use virga_store::Fault;

use crate::encryption::{CustomerKey, GIVEN};
use crate::object;
use virga_object::Error;
use virga_object::{select_frames as frames, select_request as request};

/// Pieces that wait for the client.
const PIECES: usize = 4;

/// The longest result, in bytes, that is kept at once.
const MOST_COLLECTED: usize = 256 << 20;

/// What goes from the thread of the query to the answer.
type Piece = Result<Bytes, virga_select::Error>;

/// Runs a query over an object.
pub(crate) async fn select_object_content(
    ctx: &Ctx,
    input: &api::SelectObjectContentRequest,
    _: &mut Incoming,
) -> Result<(api::SelectObjectContentOutput, Outgoing), Error> {
    if matches!(ctx.caller().principal, Principal::Anonymous) {
        return Err(Error::AccessDenied);
    }
    let request = request::of_operation(ctx.now(), input)?;
    let query = Query::new(request).map_err(|error| refused(&error))?;
    let key = CustomerKey::of_request(ctx, input.as_record(), &GIVEN)?;
    let bucket = (input.bucket(), input.expected_bucket_owner());
    let object = object::open_any_place(ctx, bucket, input.key(), key).await?;
    let body = run(query, Arc::new(object), frames::of_event).await?;
    Ok((api::SelectObjectContentOutput::new(), body))
}

/// The query of a restore of the type SELECT.
pub(crate) fn query_of_restore(ctx: &Ctx, given: &api::SelectParameters) -> Result<Query, Error> {
    let expression = (given.expression_type(), given.expression());
    let request =
        request::of_parts(ctx.now(), expression, given.input_serialization(), given.output_serialization())?;
    Query::new(request).map_err(|error| refused(&error))
}

/// What a query finds, all of it at once.
pub(crate) async fn collect(query: Query, object: Arc<dyn Object>) -> Result<Vec<u8>, Error> {
    let run = spawn_blocking(move || {
        let mut found = Vec::new();
        let mut keep = |event| {
            if let Event::Records(records) = event {
                found.extend_from_slice(&records);
            }
            if found.len() > MOST_COLLECTED { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        query.run(&object, &mut keep).map(|()| found)
    });
    let found = run.await.map_err(|error| Fault::with_source("a query has broken off", error))?;
    found.map_err(|error| refused(&error))
}

/// Starts a query on a thread of its own, and waits until it has something to say: an error before that is the answer to
/// the request, one after it the end of the stream.
async fn run(
    query: Query,
    object: Arc<dyn Object>,
    written: fn(&Event) -> Option<Bytes>,
) -> Result<Outgoing, Error> {
    let (sender, mut receiver) = mpsc::channel::<Piece>(PIECES);
    spawn_blocking(move || {
        let result = query.run(&object, &mut |event| match written(&event) {
            Some(piece) => match sender.blocking_send(Ok(piece)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            },
            None => ControlFlow::Continue(()),
        });
        if let Err(error) = result {
            // Nobody listens any more: then there is nobody to tell.
            drop(sender.blocking_send(Err(error)));
        }
    });
    let first = match receiver.recv().await {
        Some(Err(error)) => return Err(refused(&error)),
        Some(Ok(piece)) => Some(piece),
        None => None,
    };
    Ok(Outgoing::unfold(None, (first, receiver), |(first, mut receiver)| async move {
        let next = match first {
            Some(piece) => Some(Ok(piece)),
            None => receiver.recv().await,
        };
        Ok(next.map(|piece| {
            (piece.unwrap_or_else(|error| frames::of_error(&api_error(&error))), (None, receiver))
        }))
    }))
}

fn api_error(error: &virga_select::Error) -> ApiError {
    ApiError::common(error.code.as_str(), error.status(), error.message.clone())
}

fn refused(error: &virga_select::Error) -> Error {
    api_error(error).into()
}
