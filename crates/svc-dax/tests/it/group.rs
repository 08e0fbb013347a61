//! Parameter groups, subnet groups and tags.

use virga_api::dax as api;

use crate::cloud::{Cloud, refusal, request};

fn change(group: &str, name: &str, value: &str) -> api::UpdateParameterGroupRequest {
    let change = api::ParameterNameValue::new().with_parameter_name(name).with_parameter_value(value);
    api::UpdateParameterGroupRequest::new()
        .with_parameter_group_name(group)
        .with_parameter_name_values(vec![change])
}

#[tokio::test]
async fn a_parameter_group_sets_how_long_its_clusters_remember() {
    let cloud = Cloud::new();
    let input = api::CreateParameterGroupRequest::new().with_parameter_group_name("short");
    cloud.call::<api::op::CreateParameterGroup>(input.clone()).await.unwrap();
    assert_eq!(
        refusal(cloud.call::<api::op::CreateParameterGroup>(input).await).0,
        "ParameterGroupAlreadyExistsFault"
    );
    cloud.call::<api::op::UpdateParameterGroup>(change("short", "query-ttl-millis", "1000")).await.unwrap();
    cloud.call::<api::op::UpdateParameterGroup>(change("short", "record-ttl-millis", "0")).await.unwrap();
    cloud.call::<api::op::CreateCluster>(request("orders", 1)).await.unwrap();
    cloud.advance(5).await;
    let other = |group: &str| {
        api::UpdateClusterRequest::new().with_cluster_name("orders").with_parameter_group_name(group)
    };
    cloud.call::<api::op::UpdateCluster>(other("short")).await.unwrap();
    assert_eq!((cloud.told()[0].query_ttl_millis, cloud.told()[0].record_ttl_millis), (1000, 0));

    let input = api::DescribeParametersRequest::new().with_parameter_group_name("short");
    let output = cloud.call::<api::op::DescribeParameters>(input).await.unwrap();
    let values: Vec<_> = output
        .parameters()
        .unwrap()
        .iter()
        .map(|parameter| {
            (parameter.parameter_name().unwrap().to_owned(), parameter.parameter_value().unwrap().to_owned())
        })
        .collect();
    let expected = [("query-ttl-millis", "1000"), ("record-ttl-millis", "0")];
    assert_eq!(values, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));

    let input = api::CreateParameterGroupRequest::new().with_parameter_group_name("unused");
    cloud.call::<api::op::CreateParameterGroup>(input).await.unwrap();
    for (input, code) in [
        (change("unused", "other", "1"), "InvalidParameterValueException"),
        (change("unused", "query-ttl-millis", "-1"), "InvalidParameterValueException"),
        (change("default.dax1.0", "query-ttl-millis", "1"), "InvalidParameterGroupStateFault"),
        (change("none", "query-ttl-millis", "1"), "ParameterGroupNotFoundFault"),
    ] {
        assert_eq!(refusal(cloud.call::<api::op::UpdateParameterGroup>(input).await).0, code);
    }
    // What a running cluster has can't be changed under it.
    let used =
        refusal(cloud.call::<api::op::UpdateParameterGroup>(change("short", "query-ttl-millis", "1")).await);
    assert_eq!(used.0, "InvalidParameterGroupStateFault");
    let delete = api::DeleteParameterGroupRequest::new().with_parameter_group_name("short");
    let refused = refusal(cloud.call::<api::op::DeleteParameterGroup>(delete.clone()).await);
    assert_eq!(refused.0, "InvalidParameterGroupStateFault");
    cloud.call::<api::op::UpdateCluster>(other("default.dax1.0")).await.unwrap();
    assert_eq!(cloud.told()[0].query_ttl_millis, 300_000);
    cloud.call::<api::op::DeleteParameterGroup>(delete).await.unwrap();
}

#[tokio::test]
async fn a_subnet_group_stays_while_clusters_are_in_it() {
    let cloud = Cloud::new();
    let ids = vec!["subnet-11111111", "subnet-22222222", "subnet-33333333"];
    let input = api::CreateSubnetGroupRequest::new().with_subnet_group_name("Mine").with_subnet_ids(ids);
    let output = cloud.call::<api::op::CreateSubnetGroup>(input.clone()).await.unwrap();
    let group = output.subnet_group().unwrap();
    assert_eq!(group.subnet_group_name(), Some("mine"));
    assert!(group.vpc_id().unwrap().starts_with("vpc-"));
    assert_eq!(
        refusal(cloud.call::<api::op::CreateSubnetGroup>(input.clone()).await).0,
        "SubnetGroupAlreadyExistsFault"
    );
    let wrong = input.with_subnet_group_name("other").with_subnet_ids(vec!["subnet"]);
    assert_eq!(refusal(cloud.call::<api::op::CreateSubnetGroup>(wrong).await).0, "InvalidSubnet");

    cloud.call::<api::op::CreateCluster>(request("orders", 3).with_subnet_group_name("mine")).await.unwrap();
    cloud.advance(5).await;
    let update = api::UpdateSubnetGroupRequest::new().with_subnet_group_name("mine");
    let fewer = update.clone().with_subnet_ids(vec!["subnet-11111111"]);
    assert_eq!(refusal(cloud.call::<api::op::UpdateSubnetGroup>(fewer).await).0, "SubnetInUse");
    let described = update.with_description("mine");
    cloud.call::<api::op::UpdateSubnetGroup>(described).await.unwrap();
    let delete = api::DeleteSubnetGroupRequest::new().with_subnet_group_name("mine");
    assert_eq!(
        refusal(cloud.call::<api::op::DeleteSubnetGroup>(delete.clone()).await).0,
        "SubnetGroupInUseFault"
    );
    cloud
        .call::<api::op::DeleteCluster>(api::DeleteClusterRequest::new().with_cluster_name("orders"))
        .await
        .unwrap();
    cloud.advance(5).await;
    cloud.call::<api::op::DeleteSubnetGroup>(delete).await.unwrap();
    let output =
        cloud.call::<api::op::DescribeSubnetGroups>(api::DescribeSubnetGroupsRequest::new()).await.unwrap();
    let names: Vec<_> = output
        .subnet_groups()
        .unwrap()
        .iter()
        .map(|group| group.subnet_group_name().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["default"]);
}

#[tokio::test]
async fn tags_are_set_listed_and_removed() {
    let cloud = Cloud::new();
    let cluster = cloud.made("orders", 1).await;
    let arn = cluster.cluster_arn().unwrap().to_owned();
    let tag = api::Tag::new().with_key("team").with_value("a");
    let input = api::TagResourceRequest::new().with_resource_name(&arn).with_tags(vec![tag]);
    cloud.call::<api::op::TagResource>(input).await.unwrap();
    let list = api::ListTagsRequest::new().with_resource_name(&arn);
    let output = cloud.call::<api::op::ListTags>(list).await.unwrap();
    assert_eq!(output.tags().unwrap().iter().next().unwrap().value(), Some("a"));
    let remove = api::UntagResourceRequest::new().with_resource_name(&arn).with_tag_keys(vec!["team"]);
    cloud.call::<api::op::UntagResource>(remove.clone()).await.unwrap();
    assert_eq!(refusal(cloud.call::<api::op::UntagResource>(remove).await).0, "TagNotFoundFault");
    let other = api::ListTagsRequest::new().with_resource_name("arn:aws:sqs:eu-west-1:111122223333:q");
    assert_eq!(refusal(cloud.call::<api::op::ListTags>(other).await).0, "InvalidARNFault");
}

#[tokio::test]
async fn events_are_kept_for_fourteen_days_and_listed_for_one() {
    let cloud = Cloud::new();
    cloud.made("orders", 1).await;
    cloud.advance(2 * 24 * 3600).await;
    assert_eq!(cloud.events().await, Vec::<String>::new());
    let of_a_week = api::DescribeEventsRequest::new().with_duration(7 * 24 * 60);
    let output = cloud.call::<api::op::DescribeEvents>(of_a_week.clone()).await.unwrap();
    assert_eq!(output.events().unwrap().len(), 1);
    let of_others = of_a_week.with_source_name("other");
    assert!(cloud.call::<api::op::DescribeEvents>(of_others).await.unwrap().events().unwrap().is_empty());
    let short = api::DescribeEventsRequest::new().with_max_results(3);
    assert_eq!(
        refusal(cloud.call::<api::op::DescribeEvents>(short).await).0,
        "InvalidParameterValueException"
    );
}
