//! The operations, against a DynamoDB that is asked directly as well.

use virga_iam::AuthMode;
use virga_item::{AttributeValue, Number, Text};

use super::client::{Client, item, kind, plain, schema};
use super::cloud::Cloud;
use crate::cbor::{Reader, Writer};

#[tokio::test]
async fn items_are_put_and_read() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let mut client = Client::connect(&cloud).await;
    let answer = client.put("p=a s=1.5 name=x size=3", false).await.unwrap();
    assert_eq!(kind(&answer), minicbor::data::Type::Null);
    assert_eq!(plain(&cloud.get("p=a s=1.5").await.unwrap()), "name=x p=a s=1.5 size=3");
    for is_consistent in [false, true] {
        let read = client.get("p=a s=1.5", is_consistent).await;
        assert_eq!(read.unwrap().as_deref(), Some("name=x size=3"));
        assert_eq!(client.get("p=a s=2", is_consistent).await, Ok(None));
    }
    client.set("p=a s=1.5", "size", 4).await.unwrap();
    assert_eq!(plain(&cloud.get("p=a s=1.5").await.unwrap()), "name=x p=a s=1.5 size=4");
    client.delete("p=a s=1.5").await.unwrap();
    assert_eq!(cloud.get("p=a s=1.5").await, None);
}

#[tokio::test]
async fn conditions_are_dynamodbs() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let mut client = Client::connect(&cloud).await;
    client.put("p=a s=1 name=x", true).await.unwrap();
    let refused = client.put("p=a s=1 name=y", true).await.unwrap_err();
    assert_eq!(
        (&*refused.code, &refused.numbers[..]),
        ("ConditionalCheckFailedException", &[4, 37, 38, 39, 43][..])
    );
    assert_eq!(refused.message, "The conditional request failed");
    assert_eq!(client.get("p=a s=1", false).await.unwrap().as_deref(), Some("name=x"));
}

#[tokio::test]
async fn what_dynamodb_refuses_is_told() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let mut client = Client::connect(&cloud).await;
    let mut arguments = Writer::default();
    arguments.blob(b"none");
    let refused = client.ask(-742_646_399, arguments).await.unwrap_err();
    assert_eq!(
        (&*refused.code, &refused.numbers[..]),
        ("ResourceNotFoundException", &[4, 37, 38, 39, 41][..])
    );
    let mut arguments = Writer::default();
    arguments.blob(b"things").blob(b"\xff").null();
    let refused = client.ask(263_244_906, arguments).await.unwrap_err();
    assert_eq!((&*refused.code, &refused.numbers[..]), ("ValidationException", &[4, 37, 38, 39, 46][..]));
}

#[tokio::test]
async fn the_cluster_tells_where_it_is_and_what_keys_are() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let mut client = Client::connect(&cloud).await;
    let answer = client.ask(455_855_874, Writer::default()).await.unwrap();
    let mut port = None;
    Reader::new(&answer)
        .array(|reader| {
            reader.map(|reader| {
                match reader.int()? {
                    3 => port = Some(reader.int()?),
                    _ => reader.skip()?,
                }
                Ok(())
            })
        })
        .unwrap();
    assert_eq!(port, Some(i64::from(cloud.address().port())));
    let mut arguments = Writer::default();
    arguments.blob(b"things");
    let answer = client.ask(-742_646_399, arguments).await.unwrap();
    let mut key = Vec::new();
    Reader::new(&answer)
        .map(|reader| {
            key.push((reader.text()?.to_string(), reader.text()?.to_string()));
            Ok(())
        })
        .unwrap();
    assert_eq!(key, [("p".to_owned(), "S".to_owned()), ("s".to_owned(), "N".to_owned())]);
}

#[tokio::test]
async fn projections_show_parts() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    cloud.put("p=a s=1 name=x size=3").await;
    let mut client = Client::connect(&cloud).await;
    let mut projection = Writer::default();
    projection.array(2).int(1).array(3);
    for name in ["size", "none", "p"] {
        projection.array(2).int(18).text(name);
    }
    let mut arguments = Writer::default();
    arguments.blob(b"things").blob(&schema().encode(&item("p=a s=1")).unwrap());
    arguments.map_without_length().int(0).blob(&projection.into_bytes()).end();
    let answer = client.ask(263_244_906, arguments).await.unwrap();
    let mut found = Vec::new();
    Reader::new(&answer)
        .map(|reader| {
            assert_eq!(reader.int()?, 0);
            reader.map(|reader| {
                found.push((reader.int()?, reader.attribute()?));
                Ok(())
            })
        })
        .unwrap();
    let text = AttributeValue::S(Text::from_static("a"));
    assert_eq!(found, [(0, AttributeValue::N(Number::from(3))), (2, text)]);
}

#[tokio::test]
async fn batches_and_transactions_pass_through() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    cloud.put("p=a s=1 name=x").await;
    let mut client = Client::connect(&cloud).await;
    let key = |content: &str| schema().encode(&item(content)).unwrap();
    let mut arguments = Writer::default();
    arguments
        .map(1)
        .text("things")
        .array(4)
        .blob(&key("p=b s=1"))
        .blob(b"\x01")
        .blob(&key("p=a s=1"))
        .null()
        .null();
    let unprocessed = client.ask(116_217_951, arguments).await.unwrap();
    assert_eq!(&unprocessed[..], b"\xa0");
    assert_eq!((&client.next().await[..], &client.next().await[..]), (&b"\x80"[..], &b"\xa0"[..]));
    assert_eq!((cloud.get("p=a s=1").await, cloud.get("p=b s=1").await), (None, Some(item("p=b s=1"))));

    let mut arguments = Writer::default();
    arguments.array(2).int(2).int(7).array(2).blob(b"things").blob(b"things");
    arguments.array(2).blob(&key("p=c s=1")).blob(&key("p=b s=1")).array(2).blob(b"\x01").null();
    arguments.null().array(2).int(1).int(1).null().null().null();
    let answer = client.ask(-1_160_037_738, arguments).await.unwrap();
    assert_eq!(&answer[..], b"\x83\x80\x80\xa0");
    let mut arguments = Writer::default();
    arguments
        .array(2)
        .blob(b"things")
        .blob(b"things")
        .array(2)
        .blob(&key("p=c s=1"))
        .blob(&key("p=b s=1"))
        .null()
        .null();
    let answer = client.ask(1_866_287_579, arguments).await.unwrap();
    assert_eq!(&answer[..], b"\x82\x82\x41\x01\xf6\x80");
}
