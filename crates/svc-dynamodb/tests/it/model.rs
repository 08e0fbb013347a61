//! Random writes against a serial model: the table, its index, its counters, and the replay of its stream agree.

use std::collections::BTreeMap;

use virga_api::dynamodb as api;
use virga_model::Value;
use virga_model::view::Structure as _;

use crate::cloud::{Cloud, Plain, attributes};

/// The table as the model knows it, by key.
type Model = BTreeMap<(String, String), Plain>;

fn item(a: &str, b: &str, c: Option<&str>, n: u32) -> Plain {
    let mut item = vec![("a".to_owned(), a.to_owned()), ("b".to_owned(), b.to_owned())];
    item.extend(c.map(|c| ("c".to_owned(), c.to_owned())));
    item.push(("n".to_owned(), n.to_string()));
    item
}

fn borrowed(item: &Plain) -> Vec<(&str, &str)> {
    item.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Puts two items, if the first is not there yet.
async fn transact(cloud: &Cloud, model: &mut Model, first: Plain, second: Plain) {
    let part = |item: &Plain, condition: Option<&str>| {
        let mut put =
            api::Put::new().with_table_name("tab").with_condition_expression(condition).into_record();
        put.set_by_name("Item", attributes(&borrowed(item)));
        api::TransactWriteItem::new().with_put(api::Put::from_record(put))
    };
    let key = |item: &Plain| (item[0].1.clone(), item[1].1.clone());
    if key(&first) == key(&second) {
        return;
    }
    let parts = vec![part(&second, None), part(&first, Some("attribute_not_exists(a)"))];
    let input = api::TransactWriteItemsInput::new().with_transact_items(parts);
    let is_free = !model.contains_key(&key(&first));
    let result = cloud.call::<api::op::TransactWriteItems>(input).await;
    assert_eq!(result.is_ok(), is_free, "{result:?}");
    if is_free {
        model.insert(key(&first), first);
        model.insert(key(&second), second);
    }
}

/// Writes a batch of a delete and a put.
async fn batch(cloud: &Cloud, model: &mut Model, gone: (String, String), put: Plain) {
    let key = (put[0].1.clone(), put[1].1.clone());
    if key == gone {
        return;
    }
    let mut delete = api::DeleteRequest::new().into_record();
    delete.set_by_name("Key", attributes(&[("a", &gone.0), ("b", &gone.1)]));
    let mut request = api::PutRequest::new().into_record();
    request.set_by_name("Item", attributes(&borrowed(&put)));
    let writes = [
        api::WriteRequest::new().with_delete_request(api::DeleteRequest::from_record(delete)),
        api::WriteRequest::new().with_put_request(api::PutRequest::from_record(request)),
    ];
    let writes = writes.into_iter().map(|write| Value::Structure(Box::new(write.into_record()))).collect();
    let mut input = api::BatchWriteItemInput::new().into_record();
    let tables = [("tab".into(), Value::List(writes))].into_iter().collect();
    input.set_by_name("RequestItems", Value::Map(tables));
    cloud.call::<api::op::BatchWriteItem>(api::BatchWriteItemInput::from_record(input)).await.unwrap();
    model.remove(&gone);
    model.insert(key, put);
}

#[tokio::test]
async fn random_writes_agree_with_a_serial_model() {
    for seed in 0..20 {
        let mut random = fastrand::Rng::with_seed(seed);
        let cloud = Cloud::new();
        cloud.create("tab").await;
        let mut model = Model::new();
        for n in 0..150 {
            let a = format!("a{}", random.u8(..3));
            let b = format!("b{}", random.u8(..4));
            let c = random.bool().then(|| format!("c{}", random.u8(..3)));
            let new = item(&a, &b, c.as_deref(), n);
            match random.u8(..6) {
                0 | 1 => {
                    cloud.put("tab", &borrowed(&new)).await.unwrap();
                    model.insert((a, b), new);
                }
                2 => {
                    cloud.delete("tab", &[("a", &a), ("b", &b)]).await.unwrap();
                    model.remove(&(a, b));
                }
                3 => {
                    let other = item(&format!("a{}", random.u8(..3)), &b, None, n);
                    transact(&cloud, &mut model, new, other).await;
                }
                4 => batch(&cloud, &mut model, (format!("a{}", random.u8(..3)), b), new).await,
                _ => cloud.advance(1).await,
            }
        }
        agree(&cloud, &model, seed).await;
    }
}

async fn agree(cloud: &Cloud, model: &Model, seed: u64) {
    let expected: Vec<Plain> = model.values().cloned().collect();
    let mut sorted = expected.clone();
    sorted.sort();
    assert_eq!(cloud.all("tab", None).await, sorted, "table, seed {seed}");
    let mut entries: Vec<Plain> =
        expected.into_iter().filter(|item| item.iter().any(|(name, _)| name == "c")).collect();
    entries.sort();
    assert_eq!(cloud.all("tab", Some("by-c")).await, entries, "index, seed {seed}");
    let shown = cloud.describe("tab").await.unwrap();
    assert_eq!(shown.item_count(), Some(model.len() as i64), "count, seed {seed}");
    let bytes: usize = model.values().map(size).sum();
    assert_eq!(shown.table_size_bytes(), Some(bytes as i64), "size, seed {seed}");
    let mut replayed = Model::new();
    for (event, old, new) in cloud.changes("tab").await {
        let image = new.as_ref().or(old.as_ref()).unwrap();
        let key = (image[0].1.clone(), image[1].1.clone());
        assert_eq!(replayed.get(&key), old.as_ref(), "{event}, seed {seed}");
        match new {
            Some(new) => replayed.insert(key, new),
            None => replayed.remove(&key),
        };
    }
    assert_eq!(&replayed, model, "replay, seed {seed}");
}

/// Bytes by AWS's counting, for small numbers.
fn size(item: &Plain) -> usize {
    item.iter().map(|(name, value)| name.len() + if name == "n" { number(value) } else { value.len() }).sum()
}

fn number(text: &str) -> usize {
    let digits = text.trim_end_matches('0');
    match (text, text.len() - digits.len()) {
        ("0", _) => 1,
        (_, zeros) => 1 + (digits.len() + zeros % 2).div_ceil(2),
    }
}

#[tokio::test]
async fn concurrent_additions_are_all_there() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    let mut tasks = Vec::new();
    for _ in 0..16 {
        let cloud = cloud.clone();
        tasks.push(tokio::spawn(async move {
            for _ in 0..20 {
                let mut input = api::UpdateItemInput::new()
                    .with_table_name("tab")
                    .with_update_expression("ADD n :one")
                    .into_record();
                input.set_by_name("Key", attributes(&[("a", "x"), ("b", "y")]));
                input.set_by_name("ExpressionAttributeValues", attributes(&[(":one", "1")]));
                let input = api::UpdateItemInput::from_record(input);
                cloud.call::<api::op::UpdateItem>(input).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let all = cloud.all("tab", None).await;
    assert_eq!(all[0].last().unwrap().1, "320");
    assert_eq!(cloud.changes("tab").await.len(), 320);
}
