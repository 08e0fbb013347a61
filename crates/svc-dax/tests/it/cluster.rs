//! Clusters through their states, and their nodes.

use virga_api::dax as api;

use crate::cloud::{Cloud, ROLE, refusal, request};

#[tokio::test]
async fn a_cluster_is_creating_and_then_available() {
    let cloud = Cloud::new();
    let cluster = cloud.create("Orders", 3).await.unwrap();
    assert_eq!(cluster.cluster_name(), Some("orders"), "the name is stored in lower case");
    assert_eq!(
        (cluster.status(), cluster.total_nodes(), cluster.active_nodes()),
        (Some("creating"), Some(3), Some(0))
    );
    assert!(cluster.nodes().is_none() && cluster.cluster_discovery_endpoint().unwrap().address().is_none());
    assert_eq!(
        cloud.told().iter().map(|told| (told.port, told.is_available)).collect::<Vec<_>>(),
        [(8111, false)]
    );

    cloud.advance(5).await;
    let cluster = cloud.described("orders").await.unwrap();
    assert_eq!((cluster.status(), cluster.active_nodes()), (Some("available"), Some(3)));
    let endpoint = cluster.cluster_discovery_endpoint().unwrap();
    assert_eq!(endpoint.url(), Some("dax://localhost:8111"));
    let nodes: Vec<_> =
        cluster.nodes().unwrap().iter().map(|node| node.node_id().unwrap().to_owned()).collect();
    assert_eq!(nodes, ["orders-a", "orders-b", "orders-c"]);
    let told = &cloud.told()[0];
    assert!(told.is_available && told.nodes == nodes && told.role_arn == ROLE);
    assert_eq!((told.record_ttl_millis, told.query_ttl_millis), (300_000, 300_000));
    assert_eq!(cloud.events().await, ["orders: Cluster created."]);
}

#[tokio::test]
async fn every_cluster_has_a_port_of_its_own_and_gives_it_back() {
    let cloud = Cloud::new();
    cloud.made("one", 1).await;
    cloud.made("two", 1).await;
    let secure = request("three", 1).with_cluster_endpoint_encryption_type("TLS");
    cloud.call::<api::op::CreateCluster>(secure).await.unwrap();
    cloud.advance(5).await;
    let secure = cloud.described("three").await.unwrap();
    assert_eq!(secure.cluster_discovery_endpoint().unwrap().url(), Some("daxs://localhost:9111"));
    let mut ports: Vec<u16> = cloud.told().iter().map(|told| told.port).collect();
    ports.sort_unstable();
    assert_eq!(ports, [8111, 8112, 9111]);

    let input = api::DeleteClusterRequest::new().with_cluster_name("one");
    let gone = cloud.call::<api::op::DeleteCluster>(input).await.unwrap();
    assert_eq!(gone.cluster().unwrap().status(), Some("deleting"));
    assert!(refusal(cloud.create("one", 1).await).0 == "ClusterAlreadyExistsFault");
    cloud.advance(5).await;
    assert_eq!(
        refusal(cloud.described("one").await),
        ("ClusterNotFoundFault".to_owned(), "Cluster one not found.".to_owned())
    );
    cloud.made("four", 1).await;
    assert_eq!(cloud.told().iter().find(|told| told.name == "four").unwrap().port, 8111);
}

#[tokio::test]
async fn nodes_come_and_go() {
    let cloud = Cloud::new();
    cloud.made("orders", 1).await;
    let more = api::IncreaseReplicationFactorRequest::new()
        .with_cluster_name("orders")
        .with_new_replication_factor(3);
    let output = cloud.call::<api::op::IncreaseReplicationFactor>(more.clone()).await.unwrap();
    let cluster = output.cluster().unwrap();
    assert_eq!(
        (cluster.status(), cluster.total_nodes(), cluster.active_nodes()),
        (Some("modifying"), Some(3), Some(1))
    );
    let states: Vec<_> =
        cluster.nodes().unwrap().iter().map(|node| node.node_status().unwrap().to_owned()).collect();
    assert_eq!(states, ["available", "creating", "creating"]);
    assert_eq!(
        refusal(cloud.call::<api::op::IncreaseReplicationFactor>(more).await).0,
        "InvalidClusterStateFault"
    );
    cloud.advance(5).await;

    let fewer = api::DecreaseReplicationFactorRequest::new()
        .with_cluster_name("orders")
        .with_new_replication_factor(2);
    let unknown = fewer.clone().with_node_ids_to_remove(vec!["orders-z"]);
    assert_eq!(
        refusal(cloud.call::<api::op::DecreaseReplicationFactor>(unknown).await).0,
        "NodeNotFoundFault"
    );
    let named = fewer.with_node_ids_to_remove(vec!["orders-a"]);
    let output = cloud.call::<api::op::DecreaseReplicationFactor>(named).await.unwrap();
    let removed: Vec<_> =
        output.cluster().unwrap().node_ids_to_remove().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(removed, ["orders-a"]);
    cloud.advance(5).await;
    assert_eq!(cloud.told()[0].nodes, ["orders-b", "orders-c"]);

    let reboot = api::RebootNodeRequest::new().with_cluster_name("orders").with_node_id("orders-b");
    let output = cloud.call::<api::op::RebootNode>(reboot).await.unwrap();
    assert_eq!(
        output.cluster().unwrap().nodes().unwrap().iter().next().unwrap().node_status(),
        Some("rebooting")
    );
    cloud.advance(5).await;
    assert_eq!(
        (cloud.told()[0].reboots, cloud.described("orders").await.unwrap().active_nodes()),
        (1, Some(2))
    );
    assert_eq!(
        cloud.events().await,
        [
            "orders: Rebooted node orders-b.",
            "orders: Removed node orders-a.",
            "orders: Added node orders-c.",
            "orders: Added node orders-b.",
            "orders: Cluster created.",
        ]
    );
}

#[tokio::test]
async fn what_no_cluster_can_have_is_refused() {
    let cloud = Cloud::new();
    cloud.made("full", 11).await;
    let cases = [
        (request("a_b", 1), "InvalidParameterValueException"),
        (request("ok", 0), "InvalidParameterValueException"),
        (request("ok", 12), "NodeQuotaForClusterExceededFault"),
        (request("full", 1), "ClusterAlreadyExistsFault"),
        (request("ok", 1).with_node_type("t3.small"), "InvalidParameterValueException"),
        (request("ok", 1).with_iam_role_arn("role/dax"), "InvalidParameterValueException"),
        (request("ok", 1).with_parameter_group_name("none"), "ParameterGroupNotFoundFault"),
        (request("ok", 1).with_subnet_group_name("none"), "SubnetGroupNotFoundFault"),
        (
            request("ok", 1).with_preferred_maintenance_window("sun:01:00-sun:01:30"),
            "InvalidParameterValueException",
        ),
        (
            request("ok", 2).with_availability_zones(vec!["eu-west-1a"]),
            "InvalidParameterCombinationException",
        ),
        (request("ok", 1).with_availability_zones(vec!["us-east-1a"]), "InvalidParameterValueException"),
    ];
    for (input, code) in cases {
        assert_eq!(refusal(cloud.call::<api::op::CreateCluster>(input).await).0, code);
    }
    for name in ["b", "c", "d"] {
        cloud.made(name, 11).await;
    }
    assert_eq!(refusal(cloud.create("e", 7).await).0, "NodeQuotaForCustomerExceededFault");
}

#[tokio::test]
async fn a_topic_hears_of_what_happens() {
    let cloud = Cloud::new();
    let topic = "arn:aws:sns:eu-west-1:111122223333:dax";
    let input = request("orders", 1).with_notification_topic_arn(topic);
    cloud.call::<api::op::CreateCluster>(input).await.unwrap();
    cloud.advance(5).await;
    let sent = virga_kit::notifications::all(&cloud.world.store().read().unwrap()).unwrap();
    let sent: Vec<_> = sent.iter().map(|sent| (sent.topic.as_str(), sent.message.as_str())).collect();
    assert_eq!(sent, [(topic, "orders: Cluster created.")]);
}
