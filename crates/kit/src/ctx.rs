//! What a handler knows of the call and of the world around it.

use std::any::Any;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use virga_iam::{AccountId, Caller, Principal};
use virga_model::view::{Operation, Structure};
use virga_model::{ApiError, Record, Text, Timestamp};
use virga_store::{Fault, Read, Write};

use crate::authorize::ask;
use crate::dispatch::{Call, Via, dispatch, dispatch_streaming, dispatch_within, transact};
use crate::service::service_principal;
use crate::timer::{self, Timer};
use crate::{
    Access, Failure, Incoming, LoggedAccess, LoggedAccesses, LoggedCall, Outgoing, Topic, World, identifiers,
    usage,
};

/// Where the client sees this cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Whether it speaks TLS.
    pub secure: bool,
    /// Host and port as the client wrote them.
    pub host: Text,
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.host)
    }
}

/// Where a call came from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Where the client sees this cloud.
    pub endpoint: Endpoint,
    /// Whether the call came over TLS.
    pub secure: bool,
    /// The version of TLS; none for calls between services.
    pub tls: Option<TlsVersion>,
    /// The suite of ciphers of TLS, by its registered name: `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`.
    pub cipher_suite: Option<&'static str>,
    /// The client's address; none for calls between services.
    pub source_ip: Option<IpAddr>,
    /// The client's `User-Agent`.
    pub user_agent: Option<String>,
    /// The `Referer` of the request.
    pub referer: Option<String>,
    /// Regions that the request names; those of calls between services are their own affair.
    pub regions: NamedRegions,
    /// How the request was signed, if it was.
    pub signed: Option<Signed>,
    /// What asks in the client's name where the request is no operation itself: `form`, `website`.
    pub plane: Option<&'static str>,
    /// The status of the answer to a call that succeeds, where what asks has one of its own.
    pub success_status: Option<u16>,
}

/// A version of TLS that is spoken here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.2.
    V1_2,
    /// TLS 1.3.
    V1_3,
}

impl TlsVersion {
    /// Its number: `1.2`.
    pub fn number(self) -> &'static str {
        match self {
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
        }
    }
}

/// Regions that a request names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedRegions {
    /// What it was signed for. A set of regions (SigV4A) is none.
    pub signed: Option<Text>,
    /// What its host name has.
    pub host: Option<Text>,
}

/// How a request was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Where the signature stands.
    pub within: SignedIn,
    /// `AWS4-HMAC-SHA256`, `AWS4-ECDSA-P256-SHA256`, or `AWS` for version 2.
    pub algorithm: &'static str,
    /// When, in Unix seconds. Not of headers: what is known of them is the same for many requests of a connection.
    pub at: Option<i64>,
    /// The header `x-amz-content-sha256`.
    pub payload: Option<Text>,
}

/// Where a signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedIn {
    /// In the header `authorization`.
    Header,
    /// In the query of a presigned URL.
    Query,
    /// In the fields of a form.
    Form,
}

impl Origin {
    /// Whether the signature stands in the query.
    pub fn is_presigned(&self) -> bool {
        self.signed.as_ref().is_some_and(|signed| signed.within == SignedIn::Query)
    }

    /// A call that no client made, or none that is known.
    pub fn internal(endpoint: Endpoint) -> Self {
        Origin {
            secure: true,
            tls: None,
            cipher_suite: None,
            endpoint,
            source_ip: None,
            user_agent: None,
            referer: None,
            regions: NamedRegions::default(),
            signed: None,
            plane: None,
            success_status: None,
        }
    }
}

/// The context of one call. Time, identifiers and everything outside the transaction come from here.
#[derive(Clone)]
pub struct Ctx {
    world: Arc<World>,
    caller: Arc<Caller>,
    region: Text,
    request_id: Text,
    origin: Arc<Origin>,
    /// The service that serves the call, by the prefix of its actions.
    service: &'static str,
    via: Via,
    started: Timestamp,
    /// What a handler has asked the policies itself; only where it may.
    asked: Option<Arc<Mutex<Vec<LoggedAccess>>>>,
    /// What the service has found out on the way to the handler.
    kept: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Ctx {
    pub(crate) fn new(world: &Arc<World>, service: &'static str, call: &Call) -> Self {
        Ctx {
            service,
            via: call.via.clone(),
            world: Arc::clone(world),
            caller: Arc::clone(&call.caller),
            region: call.region.clone(),
            request_id: call.request_id.clone(),
            origin: Arc::clone(&call.origin),
            started: world.clock().now(),
            asked: None,
            kept: OnceLock::new(),
        }
    }

    /// The context of a handler that may ask the policies itself.
    pub(crate) fn asking(self) -> Self {
        Ctx { asked: Some(Arc::default()), ..self }
    }

    /// What the handler has asked.
    pub(crate) fn take_asked(&self) -> Vec<LoggedAccess> {
        self.asked.as_deref().map(|asked| std::mem::take(&mut *asked.lock())).unwrap_or_default()
    }

    /// Asks the policies whether somebody may do something, within a handler that calls other services: for whom is
    /// known only once a token or a code has been read. What is asked goes into the record of the call.
    ///
    /// # Errors
    /// AWS's answer to somebody who may not.
    pub fn authorize(&self, caller: &Arc<Caller>, access: Access) -> Result<(), ApiError> {
        if self.via.trusted {
            return Ok(());
        }
        let ctx = Ctx { caller: Arc::clone(caller), ..self.clone() };
        let (logged, result) = ask(&ctx, self.service, access, &Record::empty());
        if let Some(asked) = &self.asked {
            asked.lock().extend(logged);
        }
        result
    }

    /// The context of something that nobody called: a timer.
    pub(crate) fn of_parts(
        world: &Arc<World>,
        service: &'static str,
        caller: Arc<Caller>,
        region: Text,
        origin: Arc<Origin>,
    ) -> Self {
        let request_id = Text::from(identifiers::uuid());
        let started = world.clock().now();
        Ctx {
            world: Arc::clone(world),
            caller,
            region,
            request_id,
            origin,
            service,
            via: Via::default(),
            started,
            asked: None,
            kept: OnceLock::new(),
        }
    }

    /// The context of what came to a port of a data plane: somebody asks, but no operation of a service.
    pub fn at_plane(
        world: &Arc<World>,
        service: &'static str,
        caller: Arc<Caller>,
        region: Text,
        origin: Arc<Origin>,
    ) -> Self {
        Ctx::of_parts(world, service, caller, region, origin).asking()
    }

    /// Enters what came to a port of a data plane into the log of calls, with what was asked of the policies, once it is
    /// answered: under the operation that it stands for.
    pub fn log_at_plane(
        &self,
        operation: virga_model::Operation,
        (status, error): (u16, Option<&ApiError>),
        took: Duration,
    ) {
        let accesses = LoggedAccesses::from_vec(self.take_asked());
        if status < 400 {
            usage::note(self, &accesses);
        }
        self.world.log().add(LoggedCall {
            sequence: 0,
            time: self.now(),
            request_id: self.request_id.clone(),
            operation,
            region: self.region.clone(),
            caller: Arc::clone(&self.caller),
            status,
            error: error.cloned(),
            took,
            accesses,
        });
    }

    /// The same context for another caller: a role that the service has assumed.
    #[must_use]
    pub fn acting_as(&self, caller: Arc<Caller>) -> Self {
        Ctx { caller, ..self.clone() }
    }

    /// The world's time. There is no other clock.
    pub fn now(&self) -> Timestamp {
        self.world.clock().now()
    }

    /// When the call arrived, by the world's clock. While the cloud stops, long ago: no call waits any longer.
    pub fn started(&self) -> Timestamp {
        if self.world.waits_ended() { Timestamp::default() } else { self.started }
    }

    /// The caller's region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account the call is made in: twelve digits.
    pub fn account(&self) -> &str {
        self.caller.account.as_str()
    }

    /// Who is calling.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Services through which the call came, first to last, by the prefix of their actions: `aws:CalledVia`.
    pub fn called_via(&self) -> &[&'static str] {
        &self.via.services
    }

    /// A time as AWS writes it in conditions: `2030-01-01T00:00:00Z`.
    pub fn iso_time(&self, unix_seconds: i64) -> String {
        virga_wire::timestamp::iso8601(Timestamp::from_secs(unix_seconds))
    }

    /// The request id, as the answer carries it.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Where the call came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Where the client sees this cloud, to build URLs from.
    pub fn endpoint(&self) -> &Endpoint {
        &self.origin.endpoint
    }

    /// The ARN of a resource of the caller's account and region.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account())
    }

    /// A random UUID in lower case.
    pub fn uuid(&self) -> String {
        identifiers::uuid()
    }

    /// A random number.
    pub fn random(&self) -> u64 {
        fastrand::u64(..)
    }

    /// A random number below `bound`; zero when the bound is.
    pub fn random_below(&self, bound: usize) -> usize {
        if bound == 0 { 0 } else { fastrand::usize(..bound) }
    }

    /// `length` random characters of an alphabet.
    pub fn random_letters(&self, alphabet: &[u8], length: usize) -> String {
        identifiers::letters(alphabet, length)
    }

    /// The number of the thread that runs this, from zero on: what each thread does for itself goes by it.
    pub fn thread(&self) -> usize {
        virga_store::thread_number()
    }

    /// A number that grows with every draw in this world, also across restarts as long as time goes forward:
    /// microseconds, then a count. For keys that keep the order of arrival without reading a counter.
    pub fn sequence(&self) -> u64 {
        self.world.sequence()
    }

    /// Wakes one waiting call of the topic when the transaction commits.
    pub fn wake(&self, txn: &mut Write, topic: Topic) {
        let world = Arc::clone(&self.world);
        txn.on_commit(move || world.wakeups().wake_one(topic));
    }

    /// Lets the data planes open and close ports once the transaction commits: resources that listen on some have come,
    /// gone or changed.
    pub fn planes_changed(&self, txn: &mut Write) {
        let world = Arc::clone(&self.world);
        txn.on_commit(move || world.refresh_planes());
    }

    /// Sets a timer of this service, in place of an earlier one of the same kind and id. It is due once its time
    /// has come; a time in the past is due at once.
    ///
    /// # Errors
    /// When the store fails.
    pub fn schedule(&self, txn: &mut Write, timer: &Timer) -> Result<(), Fault> {
        timer::set(self, txn, timer)
    }

    /// Removes a timer; nothing happens when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub fn unschedule(&self, txn: &mut Write, service: &str, kind: &str, id: &str) -> Result<(), Fault> {
        timer::cancel(txn, service, kind, id)
    }

    /// Calls another service by the way an outside request takes, as the given principal: authorized, recorded and
    /// durable when it returns. A caller's own permissions are asked with this service among `aws:CalledVia`.
    ///
    /// # Errors
    /// The other service's error.
    pub async fn call<O: Operation>(
        &self,
        caller: Arc<Caller>,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        self.call_in::<O>(&self.region, caller, input).await
    }

    /// The same in another region.
    ///
    /// # Errors
    /// The other service's error.
    pub async fn call_in<O: Operation>(
        &self,
        region: &str,
        caller: Arc<Caller>,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        let via = self.via_this_service(&caller);
        self.call_as::<O>(caller, &Text::from(region), via, input).await
    }

    /// The same for an operation whose payloads are streamed: they travel beside the input and the output.
    ///
    /// # Errors
    /// The other service's error.
    pub async fn call_streaming<O: Operation>(
        &self,
        caller: Arc<Caller>,
        region: &str,
        input: O::Input,
        body: &mut Incoming,
    ) -> Result<(O::Output, Outgoing), ApiError> {
        let via = self.via_this_service(&caller);
        let call = self.calling::<O>(caller, Text::from(region), via, input)?;
        let streamed = dispatch_streaming(&self.world, call, body).await?;
        Ok((O::Output::from_record(streamed.output.settled()), streamed.body))
    }

    fn via_this_service(&self, caller: &Caller) -> Via {
        let mut via = Via::default();
        if !matches!(caller.principal, Principal::Service { .. }) {
            via.services.clone_from(&self.via.services);
            via.services.push(self.service);
        }
        via
    }

    /// Calls another service within the cloud's own walls: not authorized, for what AWS's services know of each other
    /// without anybody's permission, in any account and region.
    ///
    /// # Errors
    /// The other service's error.
    pub async fn call_trusted<O: Operation>(
        &self,
        account: AccountId,
        region: &str,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        let caller = Caller::service(service_principal(self.service), account, None);
        let via = Via { trusted: true, services: Vec::new() };
        self.call_as::<O>(Arc::new(caller), &Text::from(region), via, input).await
    }

    async fn call_as<O: Operation>(
        &self,
        caller: Arc<Caller>,
        region: &Text,
        via: Via,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        let call = self.calling::<O>(caller, region.clone(), via, input)?;
        dispatch(&self.world, call).await.map(O::Output::from_record)
    }

    /// Calls another service with the caller's own permissions, as a part of the present transaction: it commits or
    /// fails with it. For operations that neither wait nor call others, such as those of KMS on data keys.
    ///
    /// # Errors
    /// The other service's error.
    pub fn call_within<O: Operation>(&self, txn: &mut Write, input: O::Input) -> Result<O::Output, ApiError> {
        self.call_within_in::<O>(txn, &self.region, input)
    }

    /// The same in another region.
    ///
    /// # Errors
    /// The other service's error.
    pub fn call_within_in<O: Operation>(
        &self,
        txn: &mut Write,
        region: &str,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        let mut via = self.via.clone();
        via.services.push(self.service);
        let call = self.calling::<O>(Arc::clone(&self.caller), Text::from(region), via, input)?;
        dispatch_within(&self.world, txn, call).map(O::Output::from_record)
    }

    /// As [`Ctx::call_trusted`], as a part of the present transaction.
    ///
    /// # Errors
    /// The other service's error.
    pub fn call_trusted_within<O: Operation>(
        &self,
        txn: &mut Write,
        (account, region): (AccountId, &str),
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        let caller = Caller::service(service_principal(self.service), account, None);
        let via = Via { trusted: true, services: Vec::new() };
        let call = self.calling::<O>(Arc::new(caller), Text::from(region), via, input)?;
        dispatch_within(&self.world, txn, call).map(O::Output::from_record)
    }

    /// A call, its input checked by the model as that of a client is.
    fn calling<O: Operation>(
        &self,
        caller: Arc<Caller>,
        region: Text,
        via: Via,
        input: O::Input,
    ) -> Result<Call, ApiError> {
        let call = Call {
            operation: O::model(),
            input: input.into_record(),
            caller,
            region,
            request_id: Text::from(self.uuid()),
            origin: Arc::new(Origin::internal(self.origin.endpoint.clone())),
            via,
        };
        // What a service passes on of its caller's input may break the model of the other service.
        if let Some(service) = self.world.services().of_model(call.operation.service()) {
            service.validation.check(call.operation.service().default_protocol(), &call.input)?;
        }
        Ok(call)
    }

    /// A transaction of a handler that calls other services, run again whenever it conflicts. When it returns, the
    /// change is durable.
    ///
    /// # Errors
    /// The closure's error, or a fault when the store fails.
    pub async fn transact<T, E: Into<Failure>>(
        &self,
        mut change: impl FnMut(&mut Write) -> Result<T, E>,
    ) -> Result<T, Failure> {
        let (output, ticket) = transact(self, |txn| change(txn).map_err(Into::into)).await?;
        self.world.store().durable(ticket).await?;
        Ok(output)
    }

    /// Reads one snapshot, in a handler that runs transactions of its own. When it returns, what was read is durable.
    ///
    /// # Errors
    /// The closure's error, or a fault when the store fails.
    pub async fn read<T, E: Into<Failure>>(
        &self,
        look: impl FnOnce(&Read) -> Result<T, E>,
    ) -> Result<T, Failure> {
        let store = self.world.store();
        let (output, ticket) = {
            let read = store.read()?;
            (look(&read).map_err(Into::into)?, read.ticket())
        };
        store.durable(ticket).await?;
        Ok(output)
    }

    /// Keeps what the service has found out about the call, for what comes later on its way: what `access` has looked up
    /// need not be looked up again. The first value stays.
    pub fn keep<T: Any + Send + Sync>(&self, value: T) {
        self.kept.get_or_init(|| Arc::new(value));
    }

    /// What was kept of the call, if it is of this type.
    pub fn kept<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.kept.get()?.downcast_ref()
    }

    /// The world.
    pub fn world(&self) -> &Arc<World> {
        &self.world
    }
}
