//! A client of the wire protocol, and short ways to write items.

use std::net::SocketAddr;

use bytes::Bytes;
use minicbor::data::Type;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use virga_iam::{AmzDate, sign};
use virga_item::{AttributeType, AttributeValue, Item, Text};

use crate::attribute_lists::AttributeLists;
use crate::cbor::{Frames, Reader, Writer};
use crate::item_encoding::ItemEncoding;
use crate::schema::KeySchema;
use crate::tests::cloud::{Cloud, REGION};

/// An item of strings and numbers: `p=a s=1 name=x`.
pub(super) fn item(content: &str) -> Item {
    let pairs = content.split_whitespace().filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| {
            let number = value.parse().map(AttributeValue::N);
            (Text::from(name), number.unwrap_or_else(|_| AttributeValue::S(Text::from(value))))
        })
        .collect()
}

/// The same the other way round, sorted by name.
pub(super) fn plain(item: &Item) -> String {
    let pairs = item.iter().map(|(name, value)| match value {
        AttributeValue::S(text) => format!("{name}={text}"),
        AttributeValue::N(number) => format!("{name}={number}"),
        other => format!("{name}={other:?}"),
    });
    pairs.collect::<Vec<_>>().join(" ")
}

/// The schema of the table `things`.
pub(super) fn schema() -> KeySchema {
    KeySchema(vec![(Text::from_static("p"), AttributeType::S), (Text::from_static("s"), AttributeType::N)])
}

/// A connection.
pub(super) struct Client {
    frames: Frames<OwnedReadHalf>,
    writing: OwnedWriteHalf,
    lists: AttributeLists,
}

/// An error as a client is told of it.
#[derive(Debug, PartialEq)]
pub(super) struct Refused {
    pub(super) numbers: Vec<i64>,
    pub(super) message: String,
    pub(super) code: String,
}

/// A key that signs.
pub(super) struct Key<'k> {
    pub(super) id: &'k str,
    pub(super) secret: &'k str,
}

impl Client {
    /// Connects, and says who speaks: a key that this cloud does not know.
    pub(super) async fn connect(cloud: &Cloud) -> Self {
        let mut client = Self::greet(cloud).await;
        client.authorize(cloud, &Key { id: super::cloud::ACCOUNT, secret: "any" }).await;
        client
    }

    /// The same for a node.
    pub(super) async fn connect_to(cloud: &Cloud, node: &str) -> Self {
        let mut client = Self::greet_at(cloud.address_of(node).unwrap()).await;
        client.authorize(cloud, &Key { id: super::cloud::ACCOUNT, secret: "any" }).await;
        client
    }

    /// Connects without saying who speaks.
    pub(super) async fn greet(cloud: &Cloud) -> Self {
        Self::greet_at(cloud.address()).await
    }

    async fn greet_at(address: SocketAddr) -> Self {
        let (reading, writing) = TcpStream::connect(address).await.unwrap().into_split();
        let mut client = Client { frames: Frames::new(reading), writing, lists: AttributeLists::default() };
        let mut greeting = Writer::default();
        greeting.text("J7yne5G").int(0).null().map(1).text("UserAgent").text("test").int(0);
        client.send(greeting).await;
        client
    }

    /// Signs as the clients do.
    pub(super) async fn authorize(&mut self, cloud: &Cloud, key: &Key<'_>) {
        let now = AmzDate::from_unix_seconds(cloud.world.clock().now().secs());
        let credentials =
            sign::Credentials { access_key_id: key.id, secret_access_key: key.secret, session_token: None };
        let signer = sign::Signer::new(virga_iam::Algorithm::V4, credentials, REGION, "dax", now);
        let mut headers = http::HeaderMap::new();
        headers.insert("host", http::HeaderValue::from_static("dax.amazonaws.com"));
        let request = sign::Unsigned { method: "POST", path: "/", query: "", body: sign::Body::Bytes(b"") };
        signer.sign(&request, &mut headers).unwrap();
        let authorization = headers["authorization"].to_str().unwrap();
        let signature = authorization.rsplit_once("Signature=").unwrap().1;
        let date = headers["x-amz-date"].to_str().unwrap();
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{}/{REGION}/dax/aws4_request\nhash", &date[..8]);
        let mut writer = Writer::default();
        writer.int(1).int(1_489_122_155).text(key.id).text(signature).blob(to_sign.as_bytes()).null().null();
        self.send(writer).await;
    }

    async fn send(&mut self, writer: Writer) {
        self.writing.write_all(&writer.into_bytes()).await.unwrap();
    }

    /// Sends a request; the first item of the answer behind the empty array, unless it is an error.
    pub(super) async fn ask(&mut self, method: i64, arguments: Writer) -> Result<Bytes, Refused> {
        let mut writer = Writer::default();
        writer.int(1).int(method).raw(&arguments.into_bytes());
        self.send(writer).await;
        let numbers = Reader::new(&self.next().await).array(Reader::int).unwrap();
        if numbers.is_empty() {
            return Ok(self.next().await);
        }
        let message = Reader::new(&self.next().await).text().unwrap().to_string();
        let details = self.next().await;
        let mut details = Reader::new(&details);
        details.array_length().unwrap();
        details.skip().unwrap();
        Err(Refused { numbers, message, code: details.text().unwrap().to_string() })
    }

    /// The next item of an answer that has several.
    pub(super) async fn next(&mut self) -> Bytes {
        self.frames.next().await.unwrap().unwrap()
    }

    /// The number of the names of an item, as the cluster gives it.
    async fn values(&mut self, item: &Item) -> Vec<u8> {
        let names: Vec<Text> =
            item.iter().filter(|(name, _)| !schema().contains(name)).map(|(name, _)| name.clone()).collect();
        let own = ItemEncoding(&self.lists).values(item, &schema()).unwrap();
        if names.is_empty() {
            return own;
        }
        let mut arguments = Writer::default();
        arguments.array(names.len());
        for name in &names {
            arguments.text(name);
        }
        let number = self.ask(-1_230_579_644, arguments).await.unwrap();
        assert_eq!(Reader::new(&number).int(), Reader::new(&Bytes::from(own.clone())).int());
        own
    }

    /// PutItem, with the condition that there is no such item if `is_new`.
    pub(super) async fn put(&mut self, content: &str, is_new: bool) -> Result<Bytes, Refused> {
        let item = item(content);
        let values = self.values(&item).await;
        let mut arguments = Writer::default();
        arguments.blob(b"things").blob(&schema().encode(&item).unwrap()).blob(&values);
        match is_new {
            true => {
                let mut condition = Writer::default();
                condition.array(3).int(1).array(2).int(12).array(2).int(18).text("p").array(0);
                arguments.map_without_length().int(4).blob(b"attribute_not_exists(p)");
                arguments.int(4).blob(&condition.into_bytes()).end();
            }
            false => drop(arguments.null()),
        }
        self.ask(-2_106_490_455, arguments).await
    }

    /// DeleteItem.
    pub(super) async fn delete(&mut self, key: &str) -> Result<Bytes, Refused> {
        let mut arguments = Writer::default();
        arguments.blob(b"things").blob(&schema().encode(&item(key)).unwrap()).null();
        self.ask(1_013_539_361, arguments).await
    }

    /// UpdateItem that sets an attribute to a number.
    pub(super) async fn set(&mut self, key: &str, name: &str, number: i64) -> Result<Bytes, Refused> {
        let mut update = Writer::default();
        update.array(3).int(1).array(1).array(3).int(19).array(2).int(18).text(name).array(2).int(17).int(0);
        update.array(1).int(number);
        let mut arguments = Writer::default();
        arguments.blob(b"things").blob(&schema().encode(&item(key)).unwrap());
        arguments.map_without_length().int(8).blob(&update.into_bytes()).end();
        self.ask(1_425_579_023, arguments).await
    }

    /// GetItem: the attributes but the key; none when there is no item.
    pub(super) async fn get(&mut self, key: &str, is_consistent: bool) -> Result<Option<String>, Refused> {
        let mut arguments = Writer::default();
        arguments.blob(b"things").blob(&schema().encode(&item(key)).unwrap());
        arguments.map_without_length().int(2).bool(is_consistent).end();
        let answer = self.ask(263_244_906, arguments).await?;
        let mut reader = Reader::new(&answer);
        if reader.null().unwrap() {
            return Ok(None);
        }
        let mut values = None;
        reader
            .map(|reader| {
                let part = reader.int()?;
                values = Some((part, reader.blob()?));
                Ok(())
            })
            .unwrap();
        let (part, values) = values.unwrap();
        assert_eq!(part, 0);
        Ok(Some(self.read_values(&values).await))
    }

    /// The attributes of an item, whose names the cluster is asked for.
    pub(super) async fn read_values(&mut self, values: &Bytes) -> String {
        let mut reader = Reader::new(values);
        let mut arguments = Writer::default();
        arguments.int(reader.int().unwrap());
        let names = self.ask(670_678_385, arguments).await.unwrap();
        let names = Reader::new(&names).array(Reader::text).unwrap();
        plain(&names.into_iter().map(|name| (name, reader.attribute().unwrap())).collect())
    }

    /// Scan: each item with its key.
    pub(super) async fn scan(&mut self, is_consistent: bool) -> Vec<String> {
        let mut arguments = Writer::default();
        arguments.blob(b"things").map_without_length().int(2).int(i64::from(is_consistent)).end();
        let answer = self.ask(-1_875_390_620, arguments).await.unwrap();
        self.read_items(&answer).await
    }

    /// The items of the answer to a query or a scan.
    pub(super) async fn read_items(&mut self, answer: &Bytes) -> Vec<String> {
        let mut items = Vec::new();
        Reader::new(answer)
            .map(|reader| {
                if reader.int()? != 7 {
                    return reader.skip();
                }
                items = reader.array(|reader| {
                    reader.array_of(2)?;
                    Ok((reader.blob()?, reader.blob()?))
                })?;
                Ok(())
            })
            .unwrap();
        let mut all = Vec::new();
        for (key, values) in items {
            let key = plain(&schema().decode(&key).unwrap());
            all.push(format!("{key} {}", self.read_values(&values).await));
        }
        all
    }
}

/// The type of an item of an answer.
pub(super) fn kind(answer: &Bytes) -> Type {
    Reader::new(answer).next().unwrap()
}
