//! Fault rules.

use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn rules_strike_until_they_are_cleared() {
    let server = Server::start();
    let throttle =
        json!({ "service": "sqs", "operation": "ListQueues", "limit": 2, "effect": { "type": "throttle" } });
    let rules = server.call("PUT", "faults", json!({ "seed": 7, "rules": [throttle] })).await.ok();
    assert_eq!((&rules["seed"], &rules["rules"][0]["hits"]), (&json!(7), &json!(0)));
    for status in [400, 400, 200] {
        assert_eq!(server.sqs("main", "ListQueues", json!({})).await.status, status);
    }
    assert_eq!(server.create_queue("main", "q").await.status, 200);
    assert_eq!(server.get("faults").await.ok()["rules"][0]["hits"], 2);
    let unavailable = json!({ "effect": { "type": "error", "code": "ServiceUnavailable", "status": 503 } });
    server.call("PUT", "faults", json!({ "rules": [unavailable] })).await.ok();
    assert_eq!(server.sqs("main", "ListQueues", json!({})).await.status, 503);
    assert_eq!(server.call("DELETE", "faults", json!({})).await.ok()["rules"], json!([]));
    assert_eq!(server.queues("main").await, 1);
}

#[tokio::test]
async fn rules_that_can_never_strike_are_refused() {
    let server = Server::start();
    let effect = json!({ "type": "throttle" });
    for rule in [
        json!({}),
        json!({ "effect": { "type": "explode" } }),
        json!({ "effect": effect, "probability": 2 }),
        json!({ "effect": effect, "service": "nothing" }),
        json!({ "effect": effect, "service": "sqs", "operation": "SendMesage" }),
        json!({ "effect": effect, "operation": "SendMesage" }),
        json!({ "effect": { "type": "error", "code": "X", "status": 200 } }),
        json!({ "effect": { "type": "error", "code": "", "status": 500 } }),
        json!({ "effect": { "type": "latency", "millis": 1_000_000_000_000_u64 } }),
    ] {
        let refused = server.call("PUT", "faults", json!({ "rules": [rule] })).await;
        assert_eq!(refused.error(), (400, "InvalidRequest".to_owned()), "{rule}");
    }
    assert_eq!(server.call("PUT", "faults", json!({})).await.status, 400);
}
