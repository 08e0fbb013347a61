//! What a request says besides its table and key: a map whose keys are numbers, or null.

use bytes::Bytes;
use virga_item::{Path, Placeholders as Parsed, Projection, Text};
use virga_model::{Map, Value};

use crate::cbor::{Malformed, Reader};
use crate::expression::{self, Placeholders};
use crate::failure::{Failure, validation};
use crate::item_encoding::attribute_shape;

const CAPACITY: [&str; 3] = ["NONE", "TOTAL", "INDEXES"];
const COLLECTION_METRICS: [&str; 2] = ["NONE", "SIZE"];
const RETURN_VALUES: [&str; 5] = ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"];
const SELECT: [&str; 4] = ["ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "COUNT", "SPECIFIC_ATTRIBUTES"];

/// The parameters of a request. Names and values of placeholders travel, too, but are resolved already.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    pub(crate) projection: Option<Vec<Path>>,
    pub(crate) is_consistent: bool,
    pub(crate) return_consumed_capacity: Option<&'static str>,
    pub(crate) condition: Option<Bytes>,
    pub(crate) return_collection_metrics: Option<&'static str>,
    pub(crate) return_values: Option<&'static str>,
    pub(crate) update: Option<Bytes>,
    pub(crate) exclusive_start_key: Option<Bytes>,
    pub(crate) filter: Option<Bytes>,
    pub(crate) index_name: Option<Text>,
    pub(crate) limit: Option<i64>,
    pub(crate) scan_index_forward: Option<bool>,
    pub(crate) select: Option<&'static str>,
    pub(crate) segment: Option<i64>,
    pub(crate) total_segments: Option<i64>,
    pub(crate) client_request_token: Option<Text>,
}

impl Parameters {
    /// Reads the parameters of a request. Of two of one kind the later counts: the Python client sends the text of a
    /// condition, and then the condition.
    ///
    /// # Errors
    /// They are malformed.
    pub(crate) fn read(bytes: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let mut all = Parameters::default();
        let mut projection = None;
        if reader.null()? {
            return Ok(all);
        }
        reader.map(|reader| {
            match reader.int()? {
                0 => projection = Some(reader.blob()?),
                2 => all.is_consistent = reader.bool()?,
                3 => all.return_consumed_capacity = choice(reader, &CAPACITY, 0)?,
                4 => all.condition = Some(reader.blob()?),
                6 => all.return_collection_metrics = choice(reader, &COLLECTION_METRICS, 0)?,
                7 => all.return_values = choice(reader, &RETURN_VALUES, 1)?,
                8 => all.update = Some(reader.blob()?),
                9 => all.exclusive_start_key = Some(reader.blob()?),
                10 => all.filter = Some(reader.blob()?),
                11 => all.index_name = Some(reader.name()?),
                13 => all.limit = Some(reader.int()?),
                14 => all.scan_index_forward = Some(reader.bool()?),
                15 => all.select = choice(reader, &SELECT, 1)?,
                16 => all.segment = Some(reader.int()?),
                17 => all.total_segments = Some(reader.int()?),
                19 => all.client_request_token = Some(reader.text()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        all.projection = projection.map(|bytes| expression::projection(&bytes)).transpose()?;
        Ok(all)
    }
}

/// The name of a number; the names are counted from `first`.
fn choice(
    reader: &mut Reader<'_>,
    names: &[&'static str],
    first: usize,
) -> Result<Option<&'static str>, Malformed> {
    let place = usize::try_from(reader.int()?).ok().and_then(|number| number.checked_sub(first));
    match place.and_then(|place| names.get(place)) {
        Some(name) => Ok(Some(name)),
        None => Err(Malformed::expected("a known choice")),
    }
}

/// Members of the input of an operation of DynamoDB.
#[derive(Debug, Default)]
pub(crate) struct Members(pub(crate) Vec<(&'static str, Value)>);

impl Members {
    /// With one more member.
    pub(crate) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.0.push((name, value));
        self
    }

    /// With a text, if there is one.
    pub(crate) fn with_text(self, name: &'static str, text: Option<impl Into<Text>>) -> Self {
        match text {
            Some(text) => self.with(name, Value::String(text.into())),
            None => self,
        }
    }

    /// With a whole number, if there is one.
    pub(crate) fn with_int(self, name: &'static str, number: Option<i64>) -> Self {
        match number {
            Some(number) => self.with(name, Value::Integer(number)),
            None => self,
        }
    }

    /// With the placeholders of the expressions, if they have some.
    pub(crate) fn with_placeholders(self, placeholders: &Placeholders) -> Self {
        let shape = attribute_shape();
        let names = placeholders.names.iter().enumerate();
        let names: Vec<_> =
            names.map(|(place, name)| (format!("#{place}").into(), Value::String(name.clone()))).collect();
        let values = placeholders.values.iter().enumerate();
        let values: Vec<_> = values
            .map(|(place, value)| {
                (format!(":{place}").into(), virga_item::attribute::write_value(value, shape))
            })
            .collect();
        let add = |members: Self, name, entries: Vec<(Text, Value)>| match entries.is_empty() {
            true => members,
            false => members.with(name, Value::Map(Map::from_distinct(entries))),
        };
        add(add(self, "ExpressionAttributeNames", names), "ExpressionAttributeValues", values)
    }
}

/// Checks a projection as DynamoDB would: its paths may not overlap. Returns the whole attributes that it names, which
/// are asked for in its place; the client is told the parts.
///
/// # Errors
/// DynamoDB's, for a projection that it does not take.
pub(crate) fn whole_attributes(paths: &[Path]) -> Result<Vec<Text>, Failure> {
    let mut placeholders = Placeholders::default();
    let texts: Vec<String> = paths.iter().map(|path| placeholders.path(path)).collect();
    let names = placeholders.names.iter().enumerate();
    let mut parsed =
        Parsed::from_pairs(names.map(|(place, name)| (format!("#{place}").into(), name.clone())), []);
    let projection = Projection::parse(&texts.join(", "), &mut parsed);
    let projection = projection.map_err(|invalid| validation(invalid.to_string()))?;
    Ok(projection.attributes().cloned().collect())
}
