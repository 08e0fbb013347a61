//! What clients of all protocols make of an error: its shape by its code, and the record of its members.

use std::borrow::Cow;

use virga_model::{ApiError, Operation, Record, Shape};

use crate::error::DecodeError;
use crate::errors;
use crate::part::Part;
use crate::xml::{Element, Reader};

/// An error as it came.
pub(crate) struct ErrorAnswer {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) status: u16,
}

impl ErrorAnswer {
    /// The error, and its shape when the model knows it. The shape's members are still to be read.
    pub(crate) fn into_error(self, operation: Operation) -> (ApiError, Option<Shape>) {
        // `com.amazonaws.sqs#QueueDoesNotExist` and `FooError:http://…` both stand for a name.
        let code = self.code.rsplit_once('#').map_or(&*self.code, |(_, name)| name);
        let code = code.split_once(':').map_or(code, |(name, _)| name);
        let shape = shape_of_code(operation, code);
        let name = shape.map_or_else(|| Cow::Owned(code.to_owned()), |shape| Cow::Borrowed(shape.name()));
        let mut error = ApiError::common(name, self.status, self.message);
        error.record = shape.map(|shape| Box::new(Record::new(shape)));
        (error, shape)
    }
}

fn shape_of_code(operation: Operation, code: &str) -> Option<Shape> {
    let is_named = |shape: &Shape| shape.name() == code || shape.error_code() == Some(code);
    let service = operation.service();
    operation
        .errors()
        .find(is_named)
        .or_else(|| service.shape(code).filter(|shape| shape.is_exception()))
        .or_else(|| service.shapes().find(|shape| shape.is_exception() && shape.error_code() == Some(code)))
}

/// Reads the `Error` element of an XML answer.
pub(crate) fn xml_error(
    operation: Operation,
    status: u16,
    element: &Element<'_>,
    reader: Reader<'_>,
) -> Result<ApiError, DecodeError> {
    let text = |name: &str| element.child(name).map(|child| child.text().to_owned());
    let message = text("Message").or_else(|| text("message")).unwrap_or_default();
    let answer = ErrorAnswer { code: text("Code").unwrap_or_default(), message, status };
    let (mut error, _) = answer.into_error(operation);
    if let Some(record) = &mut error.record {
        reader.members(record, element, Part::AnswerBody)?;
        errors::set_message(record, &error.message);
    }
    Ok(error)
}
