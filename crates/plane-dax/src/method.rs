//! What clients ask for, by number. A request is the number of the service, always 1, that of the method, and its
//! arguments, each a CBOR item.

use virga_api::dynamodb::op;
use virga_model::Operation;
use virga_model::view::Operation as _;

/// A method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    AuthorizeConnection,
    BatchGetItem,
    BatchWriteItem,
    DefineAttributeList,
    DefineAttributeListId,
    DefineKeySchema,
    DeleteItem,
    Endpoints,
    GetItem,
    PutItem,
    Query,
    Scan,
    TransactGetItems,
    TransactWriteItems,
    UpdateItem,
}

/// Each method with its number and how many arguments it takes.
const METHODS: [(i64, Method, usize); 15] = [
    (1_489_122_155, Method::AuthorizeConnection, 5),
    (-697_851_100, Method::BatchGetItem, 2),
    (116_217_951, Method::BatchWriteItem, 2),
    (670_678_385, Method::DefineAttributeList, 1),
    (-1_230_579_644, Method::DefineAttributeListId, 1),
    (-742_646_399, Method::DefineKeySchema, 1),
    (1_013_539_361, Method::DeleteItem, 3),
    (455_855_874, Method::Endpoints, 0),
    (263_244_906, Method::GetItem, 3),
    (-2_106_490_455, Method::PutItem, 4),
    (-931_250_863, Method::Query, 3),
    (-1_875_390_620, Method::Scan, 2),
    (1_866_287_579, Method::TransactGetItems, 4),
    (-1_160_037_738, Method::TransactWriteItems, 9),
    (1_425_579_023, Method::UpdateItem, 3),
];

impl Method {
    /// The operation of DynamoDB that it stands for, if it does.
    pub(crate) fn operation(self) -> Option<Operation> {
        Some(match self {
            Method::BatchGetItem => op::BatchGetItem::model(),
            Method::BatchWriteItem => op::BatchWriteItem::model(),
            Method::DeleteItem => op::DeleteItem::model(),
            Method::GetItem => op::GetItem::model(),
            Method::PutItem => op::PutItem::model(),
            Method::Query => op::Query::model(),
            Method::Scan => op::Scan::model(),
            Method::TransactGetItems => op::TransactGetItems::model(),
            Method::TransactWriteItems => op::TransactWriteItems::model(),
            Method::UpdateItem => op::UpdateItem::model(),
            Method::AuthorizeConnection
            | Method::DefineAttributeList
            | Method::DefineAttributeListId
            | Method::DefineKeySchema
            | Method::Endpoints => return None,
        })
    }

    /// The method of this number, and how many arguments follow.
    pub(crate) fn of_number(number: i64) -> Option<(Method, usize)> {
        METHODS.iter().find(|(own, ..)| *own == number).map(|(_, method, arguments)| (*method, *arguments))
    }
}
