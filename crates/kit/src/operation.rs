//! Operation tables: which handler serves an operation, and how it runs.

use std::pin::Pin;

use virga_model::{Record, Timestamp};
use virga_store::{Read, Write};

use crate::{Ctx, Failure, Incoming, Streaming, Topic};

/// What a handler that calls other services returns.
pub type Calling<'a> = Pin<Box<dyn Future<Output = Result<Record, Failure>> + Send + 'a>>;

/// How an operation runs. Handlers that run inside a transaction are synchronous; they may run again after a conflict,
/// so that they have no effects but through the transaction.
#[derive(Clone, Copy)]
pub enum Handler {
    /// Reads one snapshot.
    Read(fn(&Ctx, &Read, &Record) -> Result<Record, Failure>),
    /// Runs in a transaction.
    Write(fn(&Ctx, &mut Write, &Record) -> Result<Record, Failure>),
    /// Runs in a transaction, and says whether it has done what was asked or only taken it on.
    Begin(fn(&Ctx, &mut Write, &Record) -> Result<Outcome<Record>, Failure>),
    /// Runs in a transaction and may ask to be run again when something happens.
    Wait(fn(&Ctx, &mut Write, &Record) -> Result<Waited<Record>, Failure>),
    /// Calls other services, then reads and writes in transactions of its own ([`Ctx::transact`]). Runs once.
    Call(for<'a> fn(&'a Ctx, &'a Record) -> Calling<'a>),
    /// Takes the body of the request in pieces and gives that of the answer so; otherwise like `Call`.
    Stream(for<'a> fn(&'a Ctx, &'a Record, &'a mut Incoming) -> Streaming<'a>),
}

impl Handler {
    /// Whether the handler runs once, in transactions of its own, and may ask the policies itself.
    pub(crate) fn is_asynchronous(&self) -> bool {
        matches!(self, Handler::Call(_) | Handler::Stream(_))
    }
}

/// What a handler answers that may leave the work for later.
#[derive(Debug)]
pub enum Outcome<T> {
    /// It is done.
    Done(T),
    /// It is accepted, and done later: 202 over HTTP, whatever status the model has.
    Accepted(T),
}

impl<T> Outcome<T> {
    /// Changes the answer's type.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Outcome::Done(value) => Outcome::Done(change(value)),
            Outcome::Accepted(value) => Outcome::Accepted(change(value)),
        }
    }

    /// The answer, however far the work is.
    pub fn into_inner(self) -> T {
        match self {
            Outcome::Done(value) | Outcome::Accepted(value) => value,
        }
    }
}

/// What a waiting handler answers.
#[derive(Debug)]
pub enum Waited<T> {
    /// The answer.
    Ready(T),
    /// Nothing yet: run again when the topic is woken, or at this time of the world's clock at the latest.
    Until {
        /// What to listen to.
        topic: Topic,
        /// When to run again in any case.
        at: Timestamp,
    },
}

impl<T> Waited<T> {
    /// Changes the answer's type.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Waited<U> {
        match self {
            Waited::Ready(value) => Waited::Ready(change(value)),
            Waited::Until { topic, at } => Waited::Until { topic, at },
        }
    }
}

/// One line of a service's operation table.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Number of the operation in the model.
    pub index: usize,
    /// Its handler.
    pub handler: Handler,
    /// Members of the input that are accepted but not acted on; the coverage report lists them.
    pub not_acted_on: &'static [&'static str],
}

/// Declares a service's operations: the one list from which routing, coverage and metrics derive.
///
/// `read`, `write`, `begin`, `wait`, `call` and `stream` say how the handler runs ([`Handler`]). Members of the input that the handler does not
/// act on are listed behind `ignoring`.
///
/// ```text
/// virga_kit::operations! {
///     pub(crate) static OPERATIONS in virga_api::sqs;
///     write CreateQueue => queue::create_queue;
///     read ListQueues => queue::list_queues;
///     write SetQueueAttributes => queue::set_queue_attributes, ignoring ["Attributes.KmsDataKeyReusePeriodSeconds"];
/// }
/// ```
#[macro_export]
macro_rules! operations {
    ($vis:vis static $table:ident in $api:path;
     $($kind:ident $operation:ident => $handler:path $(, ignoring [$($member:literal),* $(,)?])?;)*) => {
        /// The operations of this service.
        $vis static $table: &[$crate::Entry] = {
            use $api as api;
            &[$($crate::Entry {
                index: <api::op::$operation as $crate::reexport::Operation>::INDEX,
                handler: $crate::operations!(@handler $kind api $operation $handler),
                not_acted_on: &[$($($member),*)?],
            }),*]
        };
    };
    (@handler read $api:ident $operation:ident $handler:path) => {
        $crate::Handler::Read(|ctx, txn, input| {
            type Input = <$api::op::$operation as $crate::reexport::Operation>::Input;
            let input: &Input = $crate::reexport::Structure::view(input);
            let output: <$api::op::$operation as $crate::reexport::Operation>::Output = $handler(ctx, txn, input)?;
            Ok($crate::reexport::Structure::into_record(output))
        })
    };
    (@handler write $api:ident $operation:ident $handler:path) => {
        $crate::Handler::Write(|ctx, txn, input| {
            type Input = <$api::op::$operation as $crate::reexport::Operation>::Input;
            let input: &Input = $crate::reexport::Structure::view(input);
            let output: <$api::op::$operation as $crate::reexport::Operation>::Output = $handler(ctx, txn, input)?;
            Ok($crate::reexport::Structure::into_record(output))
        })
    };
    (@handler begin $api:ident $operation:ident $handler:path) => {
        $crate::Handler::Begin(|ctx, txn, input| {
            type Input = <$api::op::$operation as $crate::reexport::Operation>::Input;
            let input: &Input = $crate::reexport::Structure::view(input);
            let output: $crate::Outcome<<$api::op::$operation as $crate::reexport::Operation>::Output> =
                $handler(ctx, txn, input)?;
            Ok(output.map($crate::reexport::Structure::into_record))
        })
    };
    (@handler wait $api:ident $operation:ident $handler:path) => {
        $crate::Handler::Wait(|ctx, txn, input| {
            type Input = <$api::op::$operation as $crate::reexport::Operation>::Input;
            let input: &Input = $crate::reexport::Structure::view(input);
            let output: $crate::Waited<<$api::op::$operation as $crate::reexport::Operation>::Output> =
                $handler(ctx, txn, input)?;
            Ok(output.map($crate::reexport::Structure::into_record))
        })
    };
    (@handler call $api:ident $operation:ident $handler:path) => {
        $crate::Handler::Call(|ctx, input| {
            ::std::boxed::Box::pin(async move {
                type Input = <$api::op::$operation as $crate::reexport::Operation>::Input;
                let input: &Input = $crate::reexport::Structure::view(input);
                let output: <$api::op::$operation as $crate::reexport::Operation>::Output =
                    $handler(ctx, input).await?;
                Ok($crate::reexport::Structure::into_record(output))
            })
        })
    };
    (@handler stream $api:ident $operation:ident $handler:path) => {
        $crate::Handler::Stream(|ctx, input, body| {
            ::std::boxed::Box::pin(async move {
                type Input = <$api::op::$operation as $crate::reexport::Operation>::Input;
                let input: &Input = $crate::reexport::Structure::view(input);
                let (output, body): (<$api::op::$operation as $crate::reexport::Operation>::Output, $crate::Outgoing) =
                    $handler(ctx, input, body).await?;
                let output = $crate::reexport::Structure::into_record(output);
                Ok($crate::Streamed { output, body, is_accepted: false })
            })
        })
    };
}
