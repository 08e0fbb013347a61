//! The errors that a caller of SQS can see, in AWS's words.

use std::fmt::Display;

use virga_model::{ApiError, Protocol};
use virga_wire::Violation;

virga_kit::service_errors! {
    /// Errors of Amazon SQS.
    pub(crate) enum Error in virga_api::sqs {
        /// No queue of this name in the account and region.
        QueueDoesNotExist => modelled queue_does_not_exist
            "The specified queue does not exist for this wsdl version.":
            "The specified queue does not exist.";
        /// The name is taken by a queue with other attributes.
        QueueNameExists { attribute: String } => modelled queue_name_exists:
            "A queue already exists with the same name and a different value for attribute {attribute}";
        /// A queue of this name was deleted within the last minute.
        QueueDeletedRecently => modelled queue_deleted_recently:
            "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
        /// The queue URL names no queue.
        InvalidAddress { url: String } => modelled invalid_address:
            "The address {url} is not valid for this endpoint.";
        /// No such attribute, or not for this kind of queue.
        InvalidAttributeName { reason: String } => modelled invalid_attribute_name: "{reason}";
        /// The attribute takes no such value.
        InvalidAttributeValue { reason: String } => modelled invalid_attribute_value: "{reason}";
        /// A parameter has no such value.
        InvalidParameterValue { reason: String } => common "InvalidParameterValueException" "InvalidParameterValue" 400: "{reason}";
        /// A parameter is missing, of any request or of those to this kind of queue.
        MissingParameter { parameter: String } => common "MissingRequiredParameterException" "MissingParameter" 400:
            "The request must contain the parameter {parameter}.";
        /// The body or an attribute holds characters that XML does not allow.
        InvalidMessageContents { reason: String } => modelled invalid_message_contents: "{reason}";
        /// The text is no receipt handle.
        ReceiptHandleIsInvalid { handle: String } => modelled receipt_handle_is_invalid:
            "The input receipt handle \"{handle}\" is not a valid receipt handle.";
        /// More calls than the quotas of AWS allow.
        RequestThrottled => modelled request_throttled: "Rate exceeded";
        /// KMS does not let the caller use the key.
        KmsAccessDenied { reason: String } => modelled kms_access_denied: "{reason}";
        /// There is no such KMS key.
        KmsNotFound { reason: String } => modelled kms_not_found: "{reason}";
        /// The KMS key is disabled.
        KmsDisabled { reason: String } => modelled kms_disabled: "{reason}";
        /// The KMS key is in a state in which it can't be used.
        KmsInvalidState { reason: String } => modelled kms_invalid_state: "{reason}";
        /// The KMS key is not for encryption.
        KmsInvalidKeyUsage { reason: String } => modelled kms_invalid_key_usage: "{reason}";
        /// KMS is asked too much.
        KmsThrottled { reason: String } => modelled kms_throttled: "{reason}";
        /// Too much of something.
        OverLimit { reason: String } => modelled over_limit: "{reason}";
        /// The queue was purged within the last minute.
        PurgeQueueInProgress { queue_name: String } => modelled purge_queue_in_progress:
            "Only one PurgeQueue operation on {queue_name} is allowed every 60 seconds.";
        /// A batch without entries.
        EmptyBatchRequest { entry_type: String } => modelled empty_batch_request:
            "There should be at least one {entry_type} in the request.";
        /// More than ten entries.
        TooManyEntriesInBatchRequest { count: usize } => modelled too_many_entries_in_batch_request:
            "Maximum number of entries per request are 10. You have sent {count}.";
        /// Two entries with the same id.
        BatchEntryIdsNotDistinct { id: String } => modelled batch_entry_ids_not_distinct: "Id {id} repeated.";
        /// An id with other characters, or too long.
        InvalidBatchEntryId => modelled invalid_batch_entry_id:
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at \
             most 80 letters long.";
        /// The messages of a batch are too long together.
        BatchRequestTooLong { limit: usize, length: usize } => modelled batch_request_too_long:
            "Batch requests cannot be longer than {limit} bytes. You have sent {length} bytes.";
        /// A queue or task that a move task names is not there.
        ResourceNotFound { reason: String } => modelled resource_not_found_exception: "{reason}";
        /// The operation is not possible in this state.
        UnsupportedOperation { reason: String } => modelled unsupported_operation: "{reason}";
    }
}

impl Error {
    /// A parameter whose value is not allowed, with AWS's reason.
    pub(crate) fn invalid_value(value: impl Display, parameter: &str, reason: impl Display) -> Self {
        Error::InvalidParameterValue {
            reason: format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"),
        }
    }

    /// An attribute that this kind of queue does not have.
    pub(crate) fn unknown_attribute(name: &str) -> Self {
        Error::InvalidAttributeName { reason: format!("Unknown Attribute {name}.") }
    }

    /// An attribute with a value out of its range or form.
    pub(crate) fn attribute_value(name: &str) -> Self {
        Error::InvalidAttributeValue { reason: format!("Invalid value for the parameter {name}.") }
    }
}

/// A request without a required member, in SQS's words. The model states no other bounds that SQS answers this way.
pub(crate) fn invalid_request(_: Protocol, violations: &[Violation]) -> ApiError {
    let path = violations.first().map_or("", |violation| violation.path.as_str());
    let error = if path == "entries" {
        // An empty list is no list in the query protocol.
        Error::EmptyBatchRequest { entry_type: "entry".to_owned() }
    } else {
        let mut letters = path.chars();
        let parameter = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        Error::MissingParameter { parameter }
    };
    // A fault is not among them: none comes from a violation.
    error.into_api().unwrap_or_else(|_| ApiError::internal())
}
