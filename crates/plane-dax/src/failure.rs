//! What goes wrong, and the numbers that tell clients of it.

use virga_model::{ApiError, Text, Value};

use crate::cbor::{Malformed, Writer};
use crate::item_encoding::ItemEncoding;

/// Why a request is not answered as it asks.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An error of DynamoDB, or a refusal.
    Api(Box<ApiError>),
    /// The connection speaks for nobody.
    Unauthenticated(Box<ApiError>),
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Failure::Api(Box::new(error))
    }
}

impl From<Malformed> for Failure {
    fn from(error: Malformed) -> Self {
        Failure::from(validation(error.to_string()))
    }
}

/// The error of what is no valid request.
pub(crate) fn validation(message: impl Into<Text>) -> ApiError {
    ApiError::common("ValidationException", 400, message)
}

/// Errors by the last number of their sequence `4, 37, 38, 39, …`.
const OF_DYNAMODB: [(i64, &str); 11] = [
    (40, "ProvisionedThroughputExceededException"),
    (41, "ResourceNotFoundException"),
    (43, "ConditionalCheckFailedException"),
    (45, "ResourceInUseException"),
    (46, "ValidationException"),
    (47, "InternalServerError"),
    (48, "ItemCollectionSizeLimitExceededException"),
    (49, "LimitExceededException"),
    (50, "ThrottlingException"),
    (58, "TransactionCanceledException"),
    (61, "RequestLimitExceeded"),
];
/// The code of refusals, as DynamoDB's protocol has it.
const ACCESS_DENIED: &str = "AccessDeniedException";
/// Stands for errors that have no number: clients take the code that follows.
const OTHER: i64 = 0;

fn code(error: &ApiError) -> &str {
    if error.code == "AccessDenied" { ACCESS_DENIED } else { &error.code }
}

impl Failure {
    /// The error itself.
    pub(crate) fn error(&self) -> &ApiError {
        match self {
            Failure::Api(error) | Failure::Unauthenticated(error) => error,
        }
    }

    /// The numbers of the error, from the general to the particular.
    fn numbers(&self) -> Vec<i64> {
        let error = match self {
            Failure::Unauthenticated(_) => return vec![4, 23, 31, 33],
            Failure::Api(error) => error,
        };
        match &*error.code {
            ACCESS_DENIED | "AccessDenied" => vec![4, 37, 38, 42],
            "NotImplemented" => vec![4, 37, 38, 44],
            _ if error.status >= 500 => vec![4, 37, 38, 39, 47],
            code => {
                let known = OF_DYNAMODB.iter().find(|(_, name)| *name == code);
                vec![4, 37, 38, 39, known.map_or(OTHER, |(number, _)| *number)]
            }
        }
    }

    /// The answer that tells of it: the numbers, the text, and `[request id, code, HTTP status]`; of a cancelled
    /// transaction also the reasons, three elements for each part: code, text, and the item if it was asked for.
    pub(crate) fn encode(&self, request_id: &str, encoding: &ItemEncoding<'_>) -> Vec<u8> {
        let (error, numbers) = (self.error(), self.numbers());
        let mut writer = Writer::default();
        writer.array(numbers.len());
        for number in numbers {
            writer.int(number);
        }
        writer.text(&error.message);
        let reasons = error.record.as_ref().and_then(|record| record.by_name("CancellationReasons"));
        let reasons = match reasons {
            Some(Value::List(reasons)) => Some(reasons),
            _ => None,
        };
        writer.array(if reasons.is_some() { 4 } else { 3 });
        writer.text(request_id).text(code(error)).int(error.status.into());
        if let Some(reasons) = reasons {
            writer.array(reasons.len() * 3);
            for reason in reasons {
                encoding.write_reason(&mut writer, reason);
            }
        }
        writer.into_bytes()
    }
}
