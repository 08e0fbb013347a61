//! Measures SendMessage, ReceiveMessage and DeleteMessage in process, without the wire: `cargo run --release -p
//! virga-svc-sqs --example handler_times [memory|disk] [messages waiting]`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use virga_api::sqs as api;
use virga_iam::Caller;
use virga_kit::{Call, Endpoint, Origin, Services, Via, World, WorldSettings, dispatch};
use virga_model::Text;
use virga_model::view::{Operation, Structure};
use virga_store::{Durability, Store};

const CALLS: usize = 20_000;

struct Client {
    world: Arc<World>,
    caller: Arc<Caller>,
    origin: Arc<Origin>,
}

impl Client {
    async fn call<O: Operation>(&self, input: O::Input) -> O::Output {
        let call = Call {
            operation: O::model(),
            input: input.into_record(),
            caller: Arc::clone(&self.caller),
            region: Text::from_static("eu-west-1"),
            request_id: Text::from_static("request-1"),
            origin: Arc::clone(&self.origin),
            via: Via::default(),
        };
        O::Output::from_record(dispatch(&self.world, call).await.expect("the call succeeds"))
    }
}

#[expect(clippy::disallowed_methods, reason = "this measures")]
fn start() -> Instant {
    Instant::now()
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let total: Duration = times.iter().sum();
    let at = |percent: usize| times[times.len() * percent / 100];
    println!("{name:24} mean {:>9.2?}  p50 {:>9.2?}  p99 {:>9.2?}", total / CALLS as u32, at(50), at(99));
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = std::env::temp_dir().join(format!("virga-handler-times-{}", std::process::id()));
    let store = match arguments.first().map(String::as_str) {
        Some("disk") => Store::open(&folder, Durability::Relaxed).expect("the folder can be written"),
        _ => Store::memory(),
    };
    let waiting: usize = arguments.get(1).and_then(|count| count.parse().ok()).unwrap_or(0);
    let settings = WorldSettings { own_host: "localhost:4566".into(), ..WorldSettings::default() };
    let services = Arc::new(Services::new(&[&virga_svc_sqs::SERVICE]));
    let world = World::open("main", store, services, settings).expect("the world opens");
    let endpoint = Endpoint { secure: false, host: "localhost:4566".into() };
    let origin = Arc::new(Origin { secure: false, ..Origin::internal(endpoint) });
    let client = Client { world, caller: Arc::new(Caller::of_unknown_key("111122223333")), origin };
    let created =
        client.call::<api::op::CreateQueue>(api::CreateQueueInput::new().with_queue_name("q")).await;
    let url = created.queue_url().expect("a queue has a URL").to_owned();
    let body = "x".repeat(200);
    let send = || api::SendMessageInput::new().with_queue_url(url.as_str()).with_message_body(body.as_str());
    for _ in 0..waiting {
        client.call::<api::op::SendMessage>(send()).await;
    }
    let (mut sends, mut receives, mut deletes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..CALLS {
        let input = send();
        let since = start();
        client.call::<api::op::SendMessage>(input).await;
        sends.push(since.elapsed());
    }
    let mut handles = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let input = api::ReceiveMessageInput::new().with_queue_url(url.as_str());
        let since = start();
        let output = client.call::<api::op::ReceiveMessage>(input).await;
        receives.push(since.elapsed());
        let message = output.messages().and_then(|messages| messages.iter().next());
        handles.push(message.and_then(api::Message::receipt_handle).expect("a message waits").to_owned());
    }
    for handle in handles {
        let input = api::DeleteMessageInput::new().with_queue_url(url.as_str()).with_receipt_handle(handle);
        let since = start();
        client.call::<api::op::DeleteMessage>(input).await;
        deletes.push(since.elapsed());
    }
    report("SendMessage (200 B)", sends);
    report("ReceiveMessage (of 1)", receives);
    report("DeleteMessage", deletes);
    drop(client);
    drop(std::fs::remove_dir_all(folder));
}
