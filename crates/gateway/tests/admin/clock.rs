//! The clock: stopped, set, advanced with everything that is due on the way.

use serde_json::{Value, json};

use crate::server::Server;

async fn frozen_at(server: &Server, time: &str) {
    let clock = server.call("PUT", "clock", json!({ "mode": "frozen", "now": time })).await.ok();
    assert_eq!((&clock["mode"], &clock["now"]), (&json!("frozen"), &json!(time)));
}

async fn now(server: &Server) -> Value {
    server.get("clock").await.ok()["now"].clone()
}

#[tokio::test]
async fn a_new_world_runs_in_real_time() {
    let server = Server::start();
    let clock = server.get("clock").await.ok();
    assert_eq!((&clock["mode"], &clock["offset_seconds"]), (&json!("running"), &json!(0.0)));
}

#[tokio::test]
async fn a_frozen_clock_stands_until_it_is_moved() {
    let server = Server::start();
    frozen_at(&server, "2030-01-01T00:00:00Z").await;
    assert_eq!(now(&server).await, "2030-01-01T00:00:00Z");
    for (by, then) in [
        (json!({ "seconds": 90 }), "2030-01-01T00:01:30Z"),
        (json!({ "seconds": 0.5 }), "2030-01-01T00:01:30.5Z"),
        (json!({ "duration": "30d" }), "2030-01-31T00:01:30.5Z"),
        (json!({ "duration": "PT1H" }), "2030-01-31T01:01:30.5Z"),
        (json!({ "duration": "1h30m" }), "2030-01-31T02:31:30.5Z"),
    ] {
        assert_eq!(server.post("clock/advance", by).await.ok()["now"], then);
    }
    let clock = server.post("clock", json!({ "advance_seconds": 60 })).await.ok();
    assert_eq!(clock["now"], "2030-01-31T02:32:30.5Z");
    let clock = server.post("clock/resume", json!({})).await.ok();
    assert_eq!(clock["mode"], "running");
    let clock = server.post("clock/freeze", json!({})).await.ok();
    assert_eq!(clock["mode"], "frozen");
}

#[tokio::test]
async fn a_clock_is_set_forward_and_back() {
    let server = Server::start();
    frozen_at(&server, "2030-01-01T00:00:00Z").await;
    for (time, then) in [
        (json!("2031-06-01T12:00:00+02:00"), "2031-06-01T10:00:00Z"),
        (json!(1_700_000_000), "2023-11-14T22:13:20Z"),
        (json!("2024-02-29"), "2024-02-29T00:00:00Z"),
    ] {
        assert_eq!(server.post("clock/set", json!({ "time": time })).await.ok()["now"], then);
    }
    let clock = server.call("PUT", "clock", json!({ "mode": "running", "offset_seconds": 3600 })).await.ok();
    let offset = clock["offset_seconds"].as_f64().unwrap();
    assert!((3590.0..3600.5).contains(&offset), "{offset}");
}

#[tokio::test]
async fn advancing_fires_what_is_due_before_it_answers() {
    let server = Server::start();
    frozen_at(&server, "2030-01-01T00:00:00Z").await;
    server.create_queue("main", "one").await.ok();
    server.post("clock/advance", json!({ "seconds": 3599 })).await.ok();
    assert_eq!(server.queues("main").await, 1);
    server.post("clock/advance", json!({ "seconds": 1 })).await.ok();
    assert_eq!(server.queues("main").await, 0);
    server.create_queue("main", "two").await.ok();
    server.post("clock/set", json!({ "time": "2030-01-02T00:00:00Z" })).await.ok();
    assert_eq!(server.queues("main").await, 0);
    server.post("clock/settle", json!({})).await.ok();
}

#[tokio::test]
async fn times_and_durations_that_are_none_are_refused() {
    let server = Server::start();
    for (page, body) in [
        ("clock/advance", json!({})),
        ("clock/advance", json!({ "seconds": -1 })),
        ("clock/advance", json!({ "seconds": 1e12 })),
        ("clock/advance", json!({ "duration": "P1M" })),
        ("clock/advance", json!({ "seconds": 1, "duration": "1s" })),
        ("clock/set", json!({})),
        ("clock/set", json!({ "time": "tomorrow" })),
        ("clock/set", json!({ "time": -5 })),
        ("clock", json!({ "mode": "backwards" })),
        ("clock", json!({ "now": 1, "advance_seconds": 1 })),
        ("clock", json!({ "unknown": 1 })),
    ] {
        let refused = server.post(page, body.clone()).await;
        assert_eq!(refused.error(), (400, "InvalidRequest".to_owned()), "{page} {body}");
    }
    assert_eq!(server.get("clock").await.ok()["offset_seconds"], 0.0);
}
