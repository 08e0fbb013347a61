//! The operations of DynamoDB Streams: the one list.

use super::{describe, records};

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::dynamodbstreams;
    read DescribeStream => describe::describe_stream;
    read ListStreams => describe::list_streams;
    read GetShardIterator => records::get_shard_iterator;
    read GetRecords => records::get_records;
}
