//! What clients ask for, by number. A request is the number of the service, always 1, that of the method, and its
//! arguments, each a CBOR item.

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
    /// The method of this number, and how many arguments follow.
    pub(crate) fn of_number(number: i64) -> Option<(Method, usize)> {
        METHODS.iter().find(|(own, ..)| *own == number).map(|(_, method, arguments)| (*method, *arguments))
    }
}
