//! From [`definition`](crate::definition) to the flat form of [`layout`].

use std::collections::HashMap;

use crate::definition::{Member, Operation, Service, Shape, XmlNamespace};
use crate::layout::{self, header, member, operation, shape};

/// Compiles a model to its flat form.
pub fn compile(service: &Service) -> Vec<u8> {
    let mut writer = Writer::default();
    // Offset 0 is the absent string.
    writer.strings.extend(0u32.to_le_bytes());
    for entry in &service.shapes {
        writer.shape(entry);
    }
    for entry in &service.operations {
        writer.operation(entry);
    }
    writer.finish(service)
}

#[derive(Default)]
struct Writer {
    shapes: Vec<u32>,
    members: Vec<u32>,
    operations: Vec<u32>,
    lists: Vec<u32>,
    strings: Vec<u8>,
    interned: HashMap<String, u32>,
}

impl Writer {
    fn string(&mut self, text: &str) -> u32 {
        if let Some(offset) = self.interned.get(text) {
            return *offset;
        }
        let offset = word(self.strings.len());
        self.strings.extend(word(text.len()).to_le_bytes());
        self.strings.extend(text.as_bytes());
        self.interned.insert(text.to_owned(), offset);
        offset
    }

    fn optional(&mut self, text: Option<&str>) -> u32 {
        text.map_or(0, |text| self.string(text))
    }

    fn namespace(&mut self, namespace: Option<&XmlNamespace>) -> [u32; 2] {
        [
            self.optional(namespace.map(|namespace| namespace.uri.as_str())),
            self.optional(namespace.and_then(|namespace| namespace.prefix.as_deref())),
        ]
    }

    /// Appends a list of words and returns its start and length.
    fn list(&mut self, words: impl IntoIterator<Item = u32>) -> [u32; 2] {
        let start = self.lists.len();
        self.lists.extend(words);
        [word(start), word(self.lists.len() - start)]
    }

    fn string_list(&mut self, texts: &[String]) -> [u32; 2] {
        let words: Vec<u32> = texts.iter().map(|text| self.string(text)).collect();
        self.list(words)
    }

    fn shape(&mut self, entry: &Shape) {
        let mut row = [0u32; shape::WORDS];
        row[shape::NAME] = self.string(&entry.name);
        row[shape::KIND] = entry.kind;
        row[shape::FLAGS] = entry.flags;
        row[shape::MEMBERS] = word(self.members.len() / member::WORDS);
        row[shape::MEMBERS + 1] = word(entry.members.len());
        let by_wire_name = sorted_by(&entry.members, wire_name);
        let by_name = sorted_by(&entry.members, |member| &member.name);
        let is_shared = by_name == by_wire_name;
        row[shape::BY_WIRE_NAME] = self.list(by_wire_name)[0];
        row[shape::BY_NAME] = if is_shared { row[shape::BY_WIRE_NAME] } else { self.list(by_name)[0] };
        row[shape::ENUM..shape::ENUM + 2].copy_from_slice(&self.string_list(&entry.enum_values));
        row[shape::MIN..shape::MIN + 2].copy_from_slice(&halves(entry.min));
        row[shape::MAX..shape::MAX + 2].copy_from_slice(&halves(entry.max));
        row[shape::PATTERN] = self.optional(entry.pattern.as_deref());
        row[shape::PAYLOAD] = entry.payload.map_or(0, |ordinal| word(ordinal) + 1);
        row[shape::ERROR_CODE] = self.optional(entry.error_code.as_deref());
        row[shape::ERROR_STATUS] = entry.error_status;
        row[shape::TIMESTAMP] = entry.timestamp;
        row[shape::LOCATION_NAME] = self.optional(entry.location_name.as_deref());
        row[shape::XML_NAMESPACE..=shape::XML_PREFIX]
            .copy_from_slice(&self.namespace(entry.xml_namespace.as_ref()));
        self.shapes.extend(row);
        for entry in &entry.members {
            self.member(entry);
        }
    }

    fn member(&mut self, entry: &Member) {
        let mut row = [0u32; member::WORDS];
        row[member::NAME] = self.string(&entry.name);
        row[member::SHAPE] = word(entry.shape);
        row[member::WIRE_NAME] = self.string(wire_name(entry));
        row[member::QUERY_NAME] = self.optional(entry.query_name.as_deref());
        row[member::LOCATION] = entry.location;
        row[member::FLAGS] = entry.flags;
        row[member::TIMESTAMP] = entry.timestamp;
        row[member::XML_NAMESPACE..=member::XML_PREFIX]
            .copy_from_slice(&self.namespace(entry.xml_namespace.as_ref()));
        self.members.extend(row);
    }

    fn operation(&mut self, entry: &Operation) {
        let mut row = [0u32; operation::WORDS];
        row[operation::NAME] = self.string(&entry.name);
        row[operation::METHOD] = self.string(&entry.method);
        row[operation::URI] = self.string(&entry.uri);
        row[operation::INPUT] = entry.input.map_or(0, |row| word(row) + 1);
        row[operation::OUTPUT] = entry.output.map_or(0, |row| word(row) + 1);
        row[operation::ERRORS..operation::ERRORS + 2]
            .copy_from_slice(&self.list(entry.errors.iter().map(|row| word(*row))));
        row[operation::RESULT_WRAPPER] = self.optional(entry.result_wrapper.as_deref());
        row[operation::INPUT_NAME] = self.optional(entry.input_name.as_deref());
        row[operation::INPUT_NAMESPACE] = self.optional(entry.input_namespace.as_deref());
        row[operation::STATUS] = entry.status;
        row[operation::HOST_PREFIX] = self.optional(entry.host_prefix.as_deref());
        row[operation::FLAGS] = entry.flags;
        row[operation::CHECKSUM_MEMBER] = self.optional(entry.checksum_member.as_deref());
        let pages = &entry.pagination;
        for (at, names) in [
            (operation::PAGE_INPUT, &pages.input_tokens),
            (operation::PAGE_OUTPUT, &pages.output_tokens),
            (operation::PAGE_RESULT, &pages.result_keys),
        ] {
            row[at..at + 2].copy_from_slice(&self.string_list(names));
        }
        row[operation::PAGE_LIMIT] = self.optional(pages.limit_key.as_deref());
        row[operation::PAGE_MORE] = self.optional(pages.more_results.as_deref());
        self.operations.extend(row);
    }

    fn finish(mut self, service: &Service) -> Vec<u8> {
        let mut head = [0u32; header::WORDS];
        head[header::MAGIC] = layout::MAGIC;
        head[header::NAME] = self.string(&service.name);
        head[header::SERVICE_ID] = self.string(&service.service_id);
        head[header::FULL_NAME] = self.string(&service.full_name);
        head[header::ENDPOINT_PREFIX] = self.string(&service.endpoint_prefix);
        head[header::SIGNING_NAME] = self.string(&service.signing_name);
        head[header::TARGET_PREFIX] = self.optional(service.target_prefix.as_deref());
        head[header::JSON_VERSION] = self.optional(service.json_version.as_deref());
        head[header::XML_NAMESPACE] = self.optional(service.xml_namespace.as_deref());
        head[header::API_VERSION] = self.string(&service.api_version);
        head[header::GLOBAL_ENDPOINT] = self.optional(service.global_endpoint.as_deref());
        head[header::PROTOCOLS] = service.protocols.iter().fold(0, |bits, protocol| bits | 1 << protocol);
        head[header::DEFAULT_PROTOCOL] = service.protocols.first().copied().unwrap_or_default();
        head[header::QUERY_COMPATIBLE] = u32::from(service.query_compatible);
        let mut offset = header::WORDS * 4;
        for (at, words, row) in [
            (header::SHAPES, &self.shapes, shape::WORDS),
            (header::MEMBERS, &self.members, member::WORDS),
            (header::OPERATIONS, &self.operations, operation::WORDS),
            (header::LISTS, &self.lists, 1),
        ] {
            head[at] = word(offset);
            head[at + 1] = word(words.len() / row);
            offset += words.len() * 4;
        }
        head[header::STRINGS] = word(offset);
        head[header::STRINGS + 1] = word(self.strings.len());
        let words = [head.as_slice(), &self.shapes, &self.members, &self.operations, &self.lists].concat();
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.extend(&self.strings);
        bytes
    }
}

/// The name of a member on the wire, outside the query protocols.
pub fn wire_name(member: &Member) -> &str {
    member.location_name.as_deref().unwrap_or(&member.name)
}

/// Ordinals of the members, sorted by one of their names.
fn sorted_by(members: &[Member], name: impl Fn(&Member) -> &str) -> Vec<u32> {
    let mut ordinals: Vec<usize> = (0..members.len()).collect();
    ordinals.sort_by_key(|ordinal| name(&members[*ordinal]));
    ordinals.into_iter().map(word).collect()
}

fn halves(bound: Option<f64>) -> [u32; 2] {
    let bytes = bound.unwrap_or_default().to_le_bytes();
    let half = |start: usize| {
        u32::from_le_bytes([bytes[start], bytes[start + 1], bytes[start + 2], bytes[start + 3]])
    };
    [half(0), half(4)]
}

fn word(number: usize) -> u32 {
    u32::try_from(number).expect("a model is far smaller than 4 GiB")
}
