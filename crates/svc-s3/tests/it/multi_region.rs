//! Multi-Region access points under the virtual clock: requests that take their time, tokens, routes, policies.

use virga_api::{s3, s3control as api};
use virga_model::ApiError;

use crate::cloud::{ACCOUNT, Cloud, code};

type Started = Result<String, ApiError>;

/// A cloud with a bucket in each of two regions.
async fn cloud() -> Cloud {
    let cloud = Cloud::new();
    cloud.create("bkt-us").await.unwrap();
    let there = s3::CreateBucketConfiguration::new().with_location_constraint("eu-west-1");
    let input = s3::CreateBucketInput::new().with_bucket("bkt-eu").with_create_bucket_configuration(there);
    cloud.call::<s3::op::CreateBucket>(input).await.unwrap();
    cloud
}

async fn create(cloud: &Cloud, name: &str, token: &str, buckets: &[&str]) -> Started {
    let regions: Vec<_> = buckets.iter().map(|bucket| api::Region::new().with_bucket(*bucket)).collect();
    let details = api::CreateMultiRegionAccessPointInput::new().with_name(name).with_regions(regions);
    let input = api::CreateMultiRegionAccessPointRequest::new()
        .with_account_id(ACCOUNT)
        .with_client_token(token)
        .with_details(details);
    let output = cloud.in_region("us-west-2").call::<api::op::CreateMultiRegionAccessPoint>(input).await?;
    Ok(output.request_token_arn().unwrap().to_owned())
}

async fn delete(cloud: &Cloud, token: &str) -> Started {
    let details = api::DeleteMultiRegionAccessPointInput::new().with_name("point");
    let input = api::DeleteMultiRegionAccessPointRequest::new()
        .with_account_id(ACCOUNT)
        .with_client_token(token)
        .with_details(details);
    let output = cloud.in_region("us-west-2").call::<api::op::DeleteMultiRegionAccessPoint>(input).await?;
    Ok(output.request_token_arn().unwrap().to_owned())
}

async fn put_policy(cloud: &Cloud, token: &str, policy: &str) -> Started {
    let details = api::PutMultiRegionAccessPointPolicyInput::new().with_name("point").with_policy(policy);
    let input = api::PutMultiRegionAccessPointPolicyRequest::new()
        .with_account_id(ACCOUNT)
        .with_client_token(token)
        .with_details(details);
    let output = cloud.in_region("us-west-2").call::<api::op::PutMultiRegionAccessPointPolicy>(input).await?;
    Ok(output.request_token_arn().unwrap().to_owned())
}

/// How a request went, and why it failed.
async fn outcome(cloud: &Cloud, arn: &str) -> (String, Option<String>) {
    let input = api::DescribeMultiRegionAccessPointOperationRequest::new()
        .with_account_id(ACCOUNT)
        .with_request_token_arn(arn);
    let output = cloud
        .in_region("us-west-2")
        .call::<api::op::DescribeMultiRegionAccessPointOperation>(input)
        .await
        .unwrap();
    let operation = output.async_operation().unwrap();
    let error = operation.response_details().and_then(api::AsyncResponseDetails::error_details);
    let error = error.and_then(|error| error.code().map(str::to_owned));
    (operation.request_status().unwrap().to_owned(), error)
}

async fn status(cloud: &Cloud) -> Result<String, ApiError> {
    let input = api::GetMultiRegionAccessPointRequest::new().with_account_id(ACCOUNT).with_name("point");
    let output = cloud.in_region("us-west-2").call::<api::op::GetMultiRegionAccessPoint>(input).await?;
    Ok(output.access_point().unwrap().status().unwrap().to_owned())
}

async fn arn_of(cloud: &Cloud) -> String {
    let input = api::GetMultiRegionAccessPointRequest::new().with_account_id(ACCOUNT).with_name("point");
    let output =
        cloud.in_region("us-west-2").call::<api::op::GetMultiRegionAccessPoint>(input).await.unwrap();
    format!("arn:aws:s3::{ACCOUNT}:accesspoint/{}", output.access_point().unwrap().alias().unwrap())
}

#[tokio::test]
async fn making_and_removing_one_takes_its_time() {
    let cloud = cloud().await;
    let made = create(&cloud, "point", "t1", &["bkt-us", "bkt-eu"]).await.unwrap();
    assert!(
        made.starts_with(&format!("arn:aws:s3:us-west-2:{ACCOUNT}:async-request/mrap/create/")),
        "{made}"
    );
    assert_eq!(outcome(&cloud, &made).await, ("INPROGRESS".to_owned(), None));
    assert_eq!(status(&cloud).await.unwrap(), "CREATING");
    // It is not ready to be removed.
    let early = delete(&cloud, "t2").await.unwrap();
    cloud.advance(5).await;
    assert_eq!(outcome(&cloud, &made).await, ("SUCCEEDED".to_owned(), None));
    assert_eq!(status(&cloud).await.unwrap(), "READY");
    let not_ready = Some("MultiRegionAccessPointNotReady".to_owned());
    assert_eq!(outcome(&cloud, &early).await, ("FAILED".to_owned(), not_ready));
    // Its buckets stay as long as it does.
    let bucket = || s3::DeleteBucketInput::new().with_bucket("bkt-us");
    let refused = cloud.call::<s3::op::DeleteBucket>(bucket()).await;
    assert_eq!(code(refused), "BucketHasAccessPointsAttached");
    let gone = delete(&cloud, "t3").await.unwrap();
    assert_eq!(status(&cloud).await.unwrap(), "DELETING");
    cloud.advance(5).await;
    assert_eq!(outcome(&cloud, &gone).await, ("SUCCEEDED".to_owned(), None));
    assert_eq!(code(status(&cloud).await), "NoSuchMultiRegionAccessPoint");
    assert_eq!(code(delete(&cloud, "t4").await), "NoSuchMultiRegionAccessPoint");
    cloud.call::<s3::op::DeleteBucket>(bucket()).await.unwrap();
}

#[tokio::test]
async fn one_region_controls_them() {
    let cloud = cloud().await;
    let list = || api::ListMultiRegionAccessPointsRequest::new().with_account_id(ACCOUNT);
    let refused = cloud.call::<api::op::ListMultiRegionAccessPoints>(list()).await.unwrap_err();
    assert_eq!((&*refused.code, refused.status), ("PermanentRedirectControlError", 301));
    let home = cloud.in_region("us-west-2");
    home.call::<api::op::ListMultiRegionAccessPoints>(list()).await.unwrap();
    let none = format!("arn:aws:s3::{ACCOUNT}:accesspoint/abcdefghijklm.mrap");
    let routes = api::GetMultiRegionAccessPointRoutesRequest::new().with_account_id(ACCOUNT).with_mrap(none);
    let missing = cloud.call::<api::op::GetMultiRegionAccessPointRoutes>(routes.clone()).await;
    assert_eq!(code(missing), "NoSuchMultiRegionAccessPoint");
    let refused = cloud.in_region("us-east-2").call::<api::op::GetMultiRegionAccessPointRoutes>(routes).await;
    assert_eq!(code(refused), "PermanentRedirectControlError");
}

#[tokio::test]
async fn a_token_stands_for_one_request() {
    let cloud = cloud().await;
    let made = create(&cloud, "point", "t", &["bkt-us"]).await.unwrap();
    assert_eq!(create(&cloud, "point", "t", &["bkt-us"]).await.unwrap(), made);
    let other = create(&cloud, "point", "t", &["bkt-eu"]).await;
    assert_eq!(code(other), "IdempotencyParameterMismatch");
    assert_eq!(code(delete(&cloud, "t").await), "IdempotencyParameterMismatch");
}

#[tokio::test]
async fn what_can_not_be_made_fails_later() {
    let cloud = cloud().await;
    cloud.create("bkt-us-2").await.unwrap();
    create(&cloud, "point", "t", &["bkt-us"]).await.unwrap();
    for (token, name, buckets, expected) in [
        ("a", "point", ["bkt-us", "bkt-eu"], "MultiRegionAccessPointAlreadyOwnedByYou"),
        ("b", "other", ["bkt-us", "nobodys"], "NoSuchBucket"),
        ("c", "other", ["bkt-us", "bkt-us-2"], "MultiRegionAccessPointSameBucketRegion"),
    ] {
        let arn = create(&cloud, name, token, &buckets).await.unwrap();
        assert_eq!(outcome(&cloud, &arn).await, ("INPROGRESS".to_owned(), None));
        cloud.advance(5).await;
        assert_eq!(outcome(&cloud, &arn).await, ("FAILED".to_owned(), Some(expected.to_owned())));
    }
    assert_eq!(code(create(&cloud, "No_Name", "d", &["bkt-us"]).await), "InvalidRequest");
    let many = ["bkt-us"; 18];
    assert_eq!(code(create(&cloud, "other", "e", &many).await), "TooManyMultiRegionAccessPointregionsError");
    assert_eq!(code(create(&cloud, "other", "f", &[]).await), "MalformedXML");
}

#[tokio::test]
async fn a_policy_is_proposed_before_it_is_established() {
    let cloud = cloud().await;
    create(&cloud, "point", "t", &["bkt-us"]).await.unwrap();
    cloud.advance(5).await;
    let arn = arn_of(&cloud).await;
    let policy = |principal: &str, arn: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"s3:GetObject","Resource":"{arn}/object/*"}}]}}"#
        )
    };
    let shown = async || {
        let input =
            api::GetMultiRegionAccessPointPolicyRequest::new().with_account_id(ACCOUNT).with_name("point");
        let output = cloud
            .in_region("us-west-2")
            .call::<api::op::GetMultiRegionAccessPointPolicy>(input)
            .await
            .unwrap();
        let policy = output.policy().unwrap();
        (policy.established().is_some(), policy.proposed().is_some())
    };
    assert_eq!(shown().await, (false, false));
    let put = put_policy(&cloud, "a", &policy(ACCOUNT, &arn)).await.unwrap();
    let meanwhile = put_policy(&cloud, "b", &policy(ACCOUNT, &arn)).await.unwrap();
    assert_eq!(shown().await, (false, true));
    cloud.advance(5).await;
    assert_eq!(shown().await, (true, true));
    assert_eq!(outcome(&cloud, &put).await, ("SUCCEEDED".to_owned(), None));
    let other = Some("MultiRegionAccessPointModifiedByAnotherRequest".to_owned());
    assert_eq!(outcome(&cloud, &meanwhile).await, ("FAILED".to_owned(), other));
    for (token, text, expected) in [
        ("c", policy("*", &arn), "AccessDenied"),
        ("d", policy(ACCOUNT, "arn:aws:s3:::bkt-us"), "MalformedPolicy"),
    ] {
        let refused = put_policy(&cloud, token, &text).await.unwrap();
        cloud.advance(5).await;
        assert_eq!(outcome(&cloud, &refused).await, ("FAILED".to_owned(), Some(expected.to_owned())));
    }
}

#[tokio::test]
async fn requests_go_to_the_nearest_active_region() {
    let cloud = cloud().await;
    create(&cloud, "point", "t", &["bkt-us", "bkt-eu"]).await.unwrap();
    cloud.advance(5).await;
    let arn = arn_of(&cloud).await;
    let put = |key: &str| s3::PutObjectInput::new().with_bucket(arn.as_str()).with_key(key);
    let has = async |bucket: &str, key: &str| {
        let input = s3::HeadObjectInput::new().with_bucket(bucket).with_key(key);
        cloud.call::<s3::op::HeadObject>(input).await.is_ok()
    };
    cloud.put(put("near"), "1").await.unwrap();
    cloud.in_region("eu-central-1").put(put("far"), "2").await.unwrap();
    assert!(has("bkt-us", "near").await && !has("bkt-eu", "near").await);
    assert!(has("bkt-eu", "far").await && !has("bkt-us", "far").await);
    let update = |region: &str, percentage: i32| {
        let route = api::MultiRegionAccessPointRoute::new()
            .with_region(region)
            .with_traffic_dial_percentage(percentage);
        api::SubmitMultiRegionAccessPointRoutesRequest::new()
            .with_account_id(ACCOUNT)
            .with_mrap(arn.as_str())
            .with_route_updates(vec![route])
    };
    cloud
        .in_region("us-west-2")
        .call::<api::op::SubmitMultiRegionAccessPointRoutes>(update("us-east-1", 0))
        .await
        .unwrap();
    cloud.put(put("over"), "3").await.unwrap();
    assert!(has("bkt-eu", "over").await && !has("bkt-us", "over").await);
    let last = cloud
        .in_region("us-west-2")
        .call::<api::op::SubmitMultiRegionAccessPointRoutes>(update("eu-west-1", 0))
        .await;
    assert_eq!(code(last), "InvalidRequest");
    // What can't be asked through one, and one that is not there.
    let head = s3::HeadBucketInput::new().with_bucket(arn.as_str());
    assert_eq!(code(cloud.call::<s3::op::HeadBucket>(head).await), "MethodNotAllowed");
    let nobodys = format!("arn:aws:s3::{ACCOUNT}:accesspoint/abcdefghijklm.mrap");
    let get = s3::GetObjectInput::new().with_bucket(nobodys).with_key("k");
    assert_eq!(code(cloud.get(get).await), "NoSuchMultiRegionAccessPoint");
    let copy = |bucket: &str, source: &str| {
        s3::CopyObjectInput::new().with_bucket(bucket).with_key("copy").with_copy_source(source)
    };
    let from = copy("bkt-us", &format!("{arn}/object/over"));
    assert_eq!(code(cloud.call::<s3::op::CopyObject>(from).await), "InvalidArgument");
    cloud.call::<s3::op::CopyObject>(copy(&arn, "bkt-us/near")).await.unwrap();
    assert!(has("bkt-eu", "copy").await);
}
