//! What clients ask for before they can ask for items: who serves, key schemas, attribute lists. Nobody needs a
//! permission for it.

use std::net::IpAddr;

use bytes::Bytes;
use virga_kit::dax_clusters;

use crate::answer;
use crate::cbor::{Malformed, Reader};
use crate::failure::Failure;
use crate::session::Session;

/// The role of the node that takes writes.
const LEADER: i64 = 1;
/// The role of the others.
const REPLICA: i64 = 2;

/// The endpoints of a cluster, one for each node that takes requests, each a map: 0 node, 1 host name, 2 address, 3 port,
/// 4 role, 5 availability zone, 6 session of the leader. All nodes have the address of the cloud, and ports of their own.
pub(crate) fn endpoints(session: &Session<'_>, own: IpAddr) -> Vec<u8> {
    let world = session.ctx.world();
    let settings = session.cluster.settings();
    let port = |node: &String| {
        let resource = dax_clusters::node_resource(&settings.arn, node);
        world.listeners().address(&resource).map(|address| address.port())
    };
    let ports: Vec<u16> = settings.nodes.iter().filter_map(port).collect();
    let zones = ['a', 'b', 'c'];
    let mut writer = answer::success();
    writer.array(ports.len());
    for (place, port) in ports.into_iter().enumerate() {
        writer.map(7);
        writer.int(0).int(place as i64 + 1);
        writer.int(1).text(dax_clusters::host(world));
        match own.to_canonical() {
            IpAddr::V4(address) => writer.int(2).blob(&address.octets()),
            IpAddr::V6(address) => writer.int(2).blob(&address.octets()),
        };
        writer.int(3).int(port.into());
        writer.int(4).int(if place == 0 { LEADER } else { REPLICA });
        writer.int(5).text(&format!("{}{}", session.ctx.region(), zones[place % zones.len()]));
        writer.int(6).int(1);
    }
    writer.into_bytes()
}

/// `[table]`: a map of the key's attributes to their types, the partition key first.
pub(crate) async fn key_schema(session: &Session<'_>, arguments: &[Bytes; 1]) -> Result<Vec<u8>, Failure> {
    let table = Reader::new(&arguments[0]).name()?;
    let schema = session.schema(&table).await?;
    let mut writer = answer::success();
    writer.map(schema.0.len());
    for (name, kind) in &schema.0 {
        writer.text(name).text(kind.name());
    }
    Ok(writer.into_bytes())
}

/// `[[name …]]`: the number of the list.
pub(crate) fn attribute_list_id(session: &Session<'_>, arguments: &[Bytes; 1]) -> Result<Vec<u8>, Failure> {
    let names = Reader::new(&arguments[0]).array(Reader::name)?;
    let mut writer = answer::success();
    writer.int(session.encoding().number(&names)?);
    Ok(writer.into_bytes())
}

/// `[number]`: the names of the list.
pub(crate) fn attribute_list(session: &Session<'_>, arguments: &[Bytes; 1]) -> Result<Vec<u8>, Failure> {
    let number = Reader::new(&arguments[0]).int()?;
    let unknown = || Malformed::Shape(format!("no attribute list has the number {number}"));
    let names = session.lists.names(number).ok_or_else(unknown)?;
    let mut writer = answer::success();
    writer.array(names.len());
    for name in &*names {
        writer.text(name);
    }
    Ok(writer.into_bytes())
}
