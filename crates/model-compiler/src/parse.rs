//! From JSON to [`definition`](crate::definition).

use serde_json::{Map, Value};

use crate::definition::{Malformed, Member, Operation, Pagination, Service, Shape, XmlNamespace};
use crate::layout::{kind, location, member_flag, operation_flag, protocol, shape_flag, timestamp};

type Parsed<T> = Result<T, Malformed>;

pub(crate) fn service(name: &str, model: &Value) -> Parsed<Service> {
    let metadata = &model["metadata"];
    let endpoint_prefix = text(metadata, "endpointPrefix").unwrap_or_default();
    let mut service = Service {
        name: name.to_owned(),
        service_id: text(metadata, "serviceId").unwrap_or_default(),
        full_name: text(metadata, "serviceFullName").unwrap_or_default(),
        signing_name: text(metadata, "signingName").unwrap_or_else(|| endpoint_prefix.clone()),
        endpoint_prefix,
        target_prefix: text(metadata, "targetPrefix"),
        json_version: text(metadata, "jsonVersion"),
        xml_namespace: text(metadata, "xmlNamespace"),
        api_version: text(metadata, "apiVersion").unwrap_or_default(),
        global_endpoint: text(metadata, "globalEndpoint"),
        query_compatible: metadata.get("awsQueryCompatible").is_some(),
        ..Service::default()
    };
    service.protocols = protocols(metadata)?;
    let shapes = Shapes::new(model)?;
    service.shapes =
        shapes.entries.iter().map(|(name, value)| shapes.shape(name, value)).collect::<Parsed<_>>()?;
    service.operations = match model["operations"].as_object() {
        Some(operations) => operations
            .iter()
            .map(|(name, value)| shapes.operation(name, value, &model["pagination"][name]))
            .collect::<Parsed<_>>()?,
        None => Vec::new(),
    };
    service.operations.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(service)
}

fn protocols(metadata: &Value) -> Parsed<Vec<u32>> {
    let mut names = vec![text(metadata, "protocol").unwrap_or_default()];
    names.extend(strings(&metadata["protocols"]));
    let mut found = Vec::new();
    for name in names {
        let number = number(protocol::NAMES, &name)?;
        if !found.contains(&number) {
            found.push(number);
        }
    }
    Ok(found)
}

/// The shapes of a model by name, in the order that numbers them.
struct Shapes<'a> {
    entries: Vec<(&'a str, &'a Map<String, Value>)>,
}

impl<'a> Shapes<'a> {
    fn new(model: &'a Value) -> Parsed<Self> {
        let mut entries = Vec::new();
        for (name, shape) in model["shapes"].as_object().into_iter().flatten() {
            entries
                .push((name.as_str(), shape.as_object().ok_or_else(|| Malformed(format!("shape {name}")))?));
        }
        entries.sort_by_key(|(name, _)| *name);
        Ok(Shapes { entries })
    }

    fn index(&self, name: &str) -> Parsed<usize> {
        self.entries
            .binary_search_by_key(&name, |(name, _)| name)
            .map_err(|_| Malformed(format!("no shape {name}")))
    }

    fn shape(&self, name: &str, value: &Map<String, Value>) -> Parsed<Shape> {
        let error = value.get("error").unwrap_or(&Value::Null);
        let mut shape = Shape {
            name: name.to_owned(),
            kind: shape_kind(value)?,
            flags: shape_flags(value, error),
            enum_values: strings(value.get("enum").unwrap_or(&Value::Null)),
            min: value.get("min").and_then(Value::as_f64),
            max: value.get("max").and_then(Value::as_f64),
            pattern: entry(value, "pattern"),
            error_code: text(error, "code"),
            error_status: status(error.get("httpStatusCode")),
            timestamp: timestamp_format(value)?,
            location_name: entry(value, "locationName"),
            xml_namespace: xml_namespace(value),
            ..Shape::default()
        };
        shape.members = self.members(shape.kind, value)?;
        if let Some(payload) = entry(value, "payload") {
            shape.payload = shape.members.iter().position(|member| member.name == payload);
        }
        Ok(shape)
    }

    fn members(&self, shape_kind: u32, value: &Map<String, Value>) -> Parsed<Vec<Member>> {
        let required = strings(value.get("required").unwrap_or(&Value::Null));
        let parts: Vec<(&str, &Value)> = match shape_kind {
            kind::LIST => vec![("member", &value["member"])],
            kind::MAP => vec![("key", &value["key"]), ("value", &value["value"])],
            _ => value
                .get("members")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(name, member)| (name.as_str(), member))
                .collect(),
        };
        parts.into_iter().map(|(name, member)| self.member(name, member, &required)).collect()
    }

    /// Traits of the target shape count for the member unless the member sets its own.
    fn member(&self, name: &str, value: &Value, required: &[String]) -> Parsed<Member> {
        let value = value.as_object().ok_or_else(|| Malformed(format!("member {name}")))?;
        let shape = self.index(&entry(value, "shape").unwrap_or_default())?;
        let mut merged = self.entries[shape].1.clone();
        merged.extend(value.iter().map(|(key, value)| (key.clone(), value.clone())));
        // The name of a target shape names the root of a document only.
        let location_name = entry(value, "locationName");
        let flags = flags(
            &merged,
            &[
                ("streaming", member_flag::STREAMING),
                ("flattened", member_flag::FLATTENED),
                ("xmlAttribute", member_flag::XML_ATTRIBUTE),
                ("idempotencyToken", member_flag::IDEMPOTENCY_TOKEN),
                ("hostLabel", member_flag::HOST_LABEL),
                ("eventpayload", member_flag::EVENT_PAYLOAD),
                ("eventheader", member_flag::EVENT_HEADER),
                ("jsonvalue", member_flag::JSON_VALUE),
            ],
        );
        let named = if location_name.is_some() { member_flag::NAMED } else { 0 };
        let needed = if required.iter().any(|needed| needed == name) { member_flag::REQUIRED } else { 0 };
        Ok(Member {
            name: name.to_owned(),
            shape,
            location_name,
            query_name: entry(value, "queryName"),
            location: match entry(value, "location") {
                Some(name) => number(location::NAMES, &name)?,
                None => location::BODY,
            },
            flags: flags | named | needed,
            timestamp: timestamp_format(&merged)?,
            xml_namespace: xml_namespace(&merged),
        })
    }

    fn operation(&self, name: &str, value: &Value, paging: &Value) -> Parsed<Operation> {
        let target = |part: &Value| text(part, "shape").map(|name| self.index(&name)).transpose();
        let http = &value["http"];
        let checksum = &value["httpChecksum"];
        let object = value.as_object().ok_or_else(|| Malformed(format!("operation {name}")))?;
        let mut flags = flags(
            object,
            &[
                ("unsignedpayload", operation_flag::UNSIGNED_PAYLOAD),
                ("unsignedPayload", operation_flag::UNSIGNED_PAYLOAD),
                ("httpChecksumRequired", operation_flag::CHECKSUM_REQUIRED),
                ("idempotent", operation_flag::IDEMPOTENT),
                ("readonly", operation_flag::READONLY),
                ("requestcompression", operation_flag::COMPRESSED),
            ],
        );
        if text(value, "authtype").as_deref() == Some("none")
            || strings(&value["auth"]) == ["smithy.api#noAuth"]
        {
            flags |= operation_flag::UNSIGNED;
        }
        if checksum["requestChecksumRequired"] == Value::Bool(true) {
            flags |= operation_flag::CHECKSUM_REQUIRED;
        }
        Ok(Operation {
            name: name.to_owned(),
            method: text(http, "method").unwrap_or_else(|| "POST".to_owned()),
            uri: text(http, "requestUri").unwrap_or_else(|| "/".to_owned()),
            input: target(&value["input"])?,
            output: target(&value["output"])?,
            errors: value["errors"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|e| target(e).transpose())
                .collect::<Parsed<_>>()?,
            result_wrapper: text(&value["output"], "resultWrapper"),
            input_name: text(&value["input"], "locationName"),
            input_namespace: text(&value["input"]["xmlNamespace"], "uri"),
            status: status(http.get("responseCode")),
            host_prefix: text(&value["endpoint"], "hostPrefix"),
            flags,
            checksum_member: text(checksum, "requestAlgorithmMember"),
            pagination: Pagination {
                input_tokens: strings(&paging["input_token"]),
                output_tokens: strings(&paging["output_token"]),
                result_keys: strings(&paging["result_key"]),
                limit_key: text(paging, "limit_key"),
                more_results: text(paging, "more_results"),
            },
        })
    }
}

fn shape_kind(value: &Map<String, Value>) -> Parsed<u32> {
    if value.get("document") == Some(&Value::Bool(true)) {
        return Ok(kind::DOCUMENT);
    }
    match entry(value, "type").as_deref() {
        Some("character") => Ok(kind::STRING),
        Some("short" | "byte") => Ok(kind::INTEGER),
        Some("biginteger") => Ok(kind::LONG),
        Some("bigdecimal") => Ok(kind::DOUBLE),
        Some(name) => number(kind::NAMES, name),
        None => Err(Malformed("a shape without a type".to_owned())),
    }
}

fn shape_flags(value: &Map<String, Value>, error: &Value) -> u32 {
    let set = flags(
        value,
        &[
            ("min", shape_flag::MIN),
            ("max", shape_flag::MAX),
            ("exception", shape_flag::EXCEPTION),
            ("fault", shape_flag::FAULT),
            ("union", shape_flag::UNION),
            ("sensitive", shape_flag::SENSITIVE),
            ("flattened", shape_flag::FLATTENED),
            ("eventstream", shape_flag::EVENT_STREAM),
            ("streaming", shape_flag::STREAMING),
            ("event", shape_flag::EVENT),
            ("wrapper", shape_flag::WRAPPER),
            ("pattern", shape_flag::PATTERN),
            ("enum", shape_flag::ENUM),
        ],
    );
    if error["senderFault"] == Value::Bool(true) { set | shape_flag::SENDER_FAULT } else { set }
}

/// The bits of the members that are present and not `false`.
fn flags(value: &Map<String, Value>, bits: &[(&str, u32)]) -> u32 {
    let set =
        |name: &str| value.get(name).is_some_and(|value| !matches!(value, Value::Bool(false) | Value::Null));
    bits.iter().filter(|(name, _)| set(name)).fold(0, |all, (_, bit)| all | bit)
}

fn timestamp_format(value: &Map<String, Value>) -> Parsed<u32> {
    entry(value, "timestampFormat").map_or(Ok(timestamp::UNSPECIFIED), |name| number(timestamp::NAMES, &name))
}

fn xml_namespace(value: &Map<String, Value>) -> Option<XmlNamespace> {
    let namespace = value.get("xmlNamespace")?;
    let uri = namespace.as_str().map(ToOwned::to_owned).or_else(|| text(namespace, "uri"))?;
    Some(XmlNamespace { uri, prefix: text(namespace, "prefix") })
}

fn status(value: Option<&Value>) -> u32 {
    value.and_then(Value::as_u64).and_then(|status| u32::try_from(status).ok()).unwrap_or(0)
}

fn number(names: &[(&str, u32)], name: &str) -> Parsed<u32> {
    names
        .iter()
        .find(|(text, _)| *text == name)
        .map(|(_, n)| *n)
        .ok_or_else(|| Malformed(format!("unknown {name}")))
}

fn entry(value: &Map<String, Value>, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(ToOwned::to_owned)
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(ToOwned::to_owned)
}

/// A string, or a list of strings, as a list.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many.iter().filter_map(|value| value.as_str().map(ToOwned::to_owned)).collect(),
        _ => Vec::new(),
    }
}
