//! awsQuery and ec2Query: a form with dotted names in, XML out.

mod answer;
mod client;
mod form;
mod read;

pub(crate) use answer::{encode_error, encode_response};
pub(crate) use client::{decode_response, encode_request};
pub(crate) use form::{percent_decode, percent_decode_label};
pub(crate) use read::{Dialect, decode_request};
