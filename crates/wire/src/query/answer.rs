//! Answers of awsQuery and ec2Query: the result in XML, in the wrapper of the protocol.

use http::{HeaderName, HeaderValue};
use virga_model::{ApiError, Operation, Record, Service};

use super::read::Dialect;
use crate::error::EncodeError;
use crate::errors;
use crate::message::HttpResponse;
use crate::part::Part;
use crate::xml::{Naming, Writer};

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/xml;charset=UTF-8");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

pub(crate) fn encode_response(
    dialect: Dialect,
    operation: Operation,
    output: &Record,
    request_id: &str,
) -> Result<HttpResponse, EncodeError> {
    let name = operation.name();
    let namespace = namespace(dialect, operation.service());
    let mut xml = Writer::new(if dialect == Dialect::Query { Naming::Query } else { Naming::Plain });
    let root = format!("{name}Response");
    xml.open_with(&root, &[("xmlns", &namespace)]);
    match dialect {
        Dialect::Query => {
            if operation.output().is_some() {
                let wrapper =
                    operation.result_wrapper().map_or_else(|| format!("{name}Result"), ToOwned::to_owned);
                xml.open(&wrapper);
                xml.members(output, Part::Whole)?;
                xml.close(&wrapper);
            }
            xml.open("ResponseMetadata");
            xml.leaf("RequestId", request_id);
            xml.close("ResponseMetadata");
        }
        Dialect::Ec2 => {
            xml.leaf("requestId", request_id);
            xml.members(output, Part::Whole)?;
            // Actions without an output answer `<return>true</return>`.
            if operation.output().is_none() {
                xml.leaf("return", "true");
            }
        }
    }
    xml.close(&root);
    let mut response = HttpResponse::new(200, CONTENT_TYPE, xml.finish());
    response.set(REQUEST_ID, request_id);
    Ok(response)
}

/// The namespace of answers. Botocore's model of EC2 lacks the slash that AWS sends.
fn namespace(dialect: Dialect, service: Service) -> String {
    let namespace = service.xml_namespace().unwrap_or_default();
    let slash = if dialect == Dialect::Ec2 && !namespace.ends_with('/') { "/" } else { "" };
    format!("{namespace}{slash}")
}

pub(crate) fn encode_error(
    dialect: Dialect,
    service: Service,
    error: &ApiError,
    request_id: &str,
) -> HttpResponse {
    let code = errors::query_code(service, error);
    let mut xml = Writer::new(if dialect == Dialect::Query { Naming::Query } else { Naming::Plain });
    match dialect {
        Dialect::Query => {
            xml.open_with("ErrorResponse", &[("xmlns", &namespace(dialect, service))]);
            xml.open("Error");
            xml.leaf("Type", errors::blame(error));
            xml.leaf("Code", &code);
            xml.leaf("Message", error.query_message());
            errors::write_xml_members(&mut xml, error);
            if service.name() == "sqs" {
                // A member without a use, which SQS alone still sends.
                xml.leaf("Detail", "");
            }
            xml.close("Error");
            xml.leaf("RequestId", request_id);
            xml.close("ErrorResponse");
        }
        Dialect::Ec2 => {
            xml.open("Response");
            xml.open("Errors");
            xml.open("Error");
            xml.leaf("Code", &code);
            xml.leaf("Message", &error.message);
            errors::write_xml_members(&mut xml, error);
            xml.close("Error");
            xml.close("Errors");
            xml.leaf("RequestID", request_id);
            xml.close("Response");
        }
    }
    let mut response = HttpResponse::new(error.status, CONTENT_TYPE, xml.finish());
    response.set(REQUEST_ID, request_id);
    response
}
