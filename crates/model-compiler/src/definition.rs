//! The model of one service in memory: what a JSON model says, with references resolved to numbers.

use std::path::Path;

use crate::parse;

/// Why a model could not be compiled.
#[derive(Debug)]
pub struct Malformed(pub String);

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

/// One service. Shapes and operations are sorted by name; their positions are their numbers everywhere.
#[derive(Debug, Default)]
pub struct Service {
    /// Folder name, say `sqs`.
    pub name: String,
    /// `serviceId`.
    pub service_id: String,
    /// `serviceFullName`.
    pub full_name: String,
    /// First label of the host name.
    pub endpoint_prefix: String,
    /// Service in the credential scope.
    pub signing_name: String,
    /// Prefix of `X-Amz-Target`.
    pub target_prefix: Option<String>,
    /// `jsonVersion`.
    pub json_version: Option<String>,
    /// Namespace of XML answers.
    pub xml_namespace: Option<String>,
    /// `apiVersion`.
    pub api_version: String,
    /// `globalEndpoint`.
    pub global_endpoint: Option<String>,
    /// Supported protocols, the default first ([`crate::layout::protocol`]).
    pub protocols: Vec<u32>,
    /// Whether errors carry query codes in a header.
    pub query_compatible: bool,
    /// All shapes.
    pub shapes: Vec<Shape>,
    /// All operations.
    pub operations: Vec<Operation>,
}

/// A shape.
#[derive(Debug, Default)]
pub struct Shape {
    /// Name.
    pub name: String,
    /// [`crate::layout::kind`].
    pub kind: u32,
    /// [`crate::layout::shape_flag`] bits.
    pub flags: u32,
    /// Members in the order of the model; `member` of a list; `key` and `value` of a map.
    pub members: Vec<Member>,
    /// Values of an enum.
    pub enum_values: Vec<String>,
    /// Smallest value or length.
    pub min: Option<f64>,
    /// Largest value or length.
    pub max: Option<f64>,
    /// Regular expression.
    pub pattern: Option<String>,
    /// Ordinal of the payload member.
    pub payload: Option<usize>,
    /// Code in the query protocol.
    pub error_code: Option<String>,
    /// HTTP status of an error.
    pub error_status: u32,
    /// [`crate::layout::timestamp`].
    pub timestamp: u32,
    /// `locationName` of the shape.
    pub location_name: Option<String>,
    /// XML namespace.
    pub xml_namespace: Option<XmlNamespace>,
}

/// A member of a structure, list or map.
#[derive(Debug, Default)]
pub struct Member {
    /// Name in the API.
    pub name: String,
    /// Number of the target shape.
    pub shape: usize,
    /// `locationName` of the member.
    pub location_name: Option<String>,
    /// `queryName`.
    pub query_name: Option<String>,
    /// [`crate::layout::location`].
    pub location: u32,
    /// [`crate::layout::member_flag`] bits.
    pub flags: u32,
    /// [`crate::layout::timestamp`].
    pub timestamp: u32,
    /// XML namespace of the member or its shape.
    pub xml_namespace: Option<XmlNamespace>,
}

/// An XML namespace declaration.
#[derive(Debug, Clone)]
pub struct XmlNamespace {
    /// URI.
    pub uri: String,
    /// Prefix, if the declaration has one.
    pub prefix: Option<String>,
}

/// An operation.
#[derive(Debug, Default)]
pub struct Operation {
    /// Name.
    pub name: String,
    /// HTTP method.
    pub method: String,
    /// URI template, with a query part for some.
    pub uri: String,
    /// Number of the input shape.
    pub input: Option<usize>,
    /// Number of the output shape.
    pub output: Option<usize>,
    /// Numbers of the error shapes.
    pub errors: Vec<usize>,
    /// Element around the result in the query protocol.
    pub result_wrapper: Option<String>,
    /// Root element of the input in restXml.
    pub input_name: Option<String>,
    /// Namespace of the input in restXml.
    pub input_namespace: Option<String>,
    /// HTTP status of success.
    pub status: u32,
    /// Host prefix template.
    pub host_prefix: Option<String>,
    /// [`crate::layout::operation_flag`] bits.
    pub flags: u32,
    /// Member that names the checksum algorithm.
    pub checksum_member: Option<String>,
    /// Pagination, if the operation pages.
    pub pagination: Pagination,
}

/// How an operation pages. Names are JMESPath expressions over input and output.
#[derive(Debug, Default)]
pub struct Pagination {
    /// Members of the input that take the tokens.
    pub input_tokens: Vec<String>,
    /// Expressions over the output that give them.
    pub output_tokens: Vec<String>,
    /// Expressions over the output that give the items.
    pub result_keys: Vec<String>,
    /// Member of the input that limits a page.
    pub limit_key: Option<String>,
    /// Expression that says whether there is more.
    pub more_results: Option<String>,
}

impl Service {
    /// Parses a model as in `models/` or as in botocore's packages.
    ///
    /// # Errors
    /// When the text is no JSON or breaks the form of a model.
    pub fn parse(name: &str, text: &[u8]) -> Result<Service, Malformed> {
        let model = serde_json::from_slice(text).map_err(|error| Malformed(format!("{name}: {error}")))?;
        parse::service(name, &model).map_err(|Malformed(why)| Malformed(format!("{name}: {why}")))
    }

    /// Reads and parses one file of `models/`, named by its stem.
    ///
    /// # Errors
    /// As [`Service::parse`], and when the file can't be read.
    pub fn read(path: &Path) -> Result<Service, Malformed> {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let text = std::fs::read(path).map_err(|error| Malformed(format!("{}: {error}", path.display())))?;
        Service::parse(name, &text)
    }
}
