//! The fields of a form, and the input of `PutObject` that they make.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use virga_api::s3 as api;
use virga_model::view::{Operation as _, Structure as _};
use virga_model::{ApiError, Protocol, Record};
use virga_wire::{HttpRequest, Labels, decode_request};

/// Fields that become headers of the same name, beside those that begin with `x-amz-`.
const HEADERS: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];
/// Fields of the signature.
const OF_SIGNATURE: [&str; 5] =
    ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token"];
/// Where a form wants the name of the file.
const FILE_NAME: &str = "${filename}";

/// The fields before the file, by their names in lower case.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Adds a field. S3 takes each of its own only once.
    pub(super) fn add(&mut self, name: &str, value: String) -> Result<(), ApiError> {
        let name = name.to_ascii_lowercase();
        if self.get(&name).is_some() {
            let text = format!("POST requires exactly one '{name}' field per request.");
            return Err(argument(text, &name, &value));
        }
        self.0.push((name, value));
        Ok(())
    }

    /// A field by its name in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// All fields.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// A field that must be there, by its name as AWS writes it.
    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.get(&name.to_ascii_lowercase()).filter(|value| !value.is_empty()).ok_or_else(|| {
            let text = format!(
                "Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
            );
            argument(text, name, "")
        })
    }

    /// Puts the name of the file where the form wants it: what stands behind its last slash.
    pub(super) fn resolve_file_name(&mut self, file_name: Option<&str>) {
        let Some(name) = file_name else { return };
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        for (field, value) in &mut self.0 {
            if field != "policy" && value.contains(FILE_NAME) {
                *value = value.replace(FILE_NAME, name);
            }
        }
    }

    /// The input of the operation that stores the file.
    pub(super) fn input(&self, bucket: &str, key: &str) -> Result<Record, ApiError> {
        let mut headers = HeaderMap::new();
        for (name, value) in self.iter() {
            let (name, value) = match name {
                "acl" => ("x-amz-acl", value.to_owned()),
                "tagging" => ("x-amz-tagging", tags(value)?),
                name if OF_SIGNATURE.contains(&name) => continue,
                name if name.starts_with("x-amz-") || HEADERS.contains(&name) => (name, value.to_owned()),
                _ => continue,
            };
            let name_of_header = HeaderName::try_from(name).ok();
            let value_of_header = HeaderValue::from_bytes(value.as_bytes()).ok();
            let (Some(name_of_header), Some(value_of_header)) = (name_of_header, value_of_header) else {
                return Err(argument("A field of the form can't be a header.".to_owned(), name, &value));
            };
            headers.insert(name_of_header, value_of_header);
        }
        let mut labels = Labels::new();
        labels.push("Bucket", bucket);
        labels.push("Key", key);
        decode(api::op::PutObject::model(), &labels, &headers, Bytes::new())
    }
}

fn decode(
    operation: virga_model::Operation,
    labels: &Labels<'_>,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Record, ApiError> {
    let request = HttpRequest { method: &Method::PUT, path: "/", query: "", headers, body };
    decode_request(Protocol::RestXml, operation, labels, &request)
        .map_err(|error| error.to_api_error(Protocol::RestXml))
}

/// The tags in the document of the field, in the form of the header.
fn tags(document: &str) -> Result<String, ApiError> {
    let body = Bytes::copy_from_slice(document.as_bytes());
    let record = decode(api::op::PutObjectTagging::model(), &Labels::new(), &HeaderMap::new(), body)?;
    let input = api::PutObjectTaggingInput::from_record(record);
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = input.tagging().tag_set();
    let pairs = pairs.iter().map(|tag| format!("{}={}", encode(tag.key()), encode(tag.value())));
    Ok(pairs.collect::<Vec<_>>().join("&"))
}

/// A field whose value is not allowed.
pub(super) fn argument(text: impl Into<String>, name: &str, value: &str) -> ApiError {
    let details = vec![("ArgumentName", name.to_owned()), ("ArgumentValue", value.to_owned())];
    ApiError::common("InvalidArgument", 400, text.into()).with_details(details)
}

#[cfg(test)]
mod tests {
    use super::{Fields, api};
    use virga_model::view::Structure as _;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in pairs {
            fields.add(name, (*value).to_owned()).expect("a new field");
        }
        fields
    }

    #[test]
    fn fields_become_the_input_of_put_object() {
        let tags = "<Tagging><TagSet><Tag><Key>a b</Key><Value>1</Value></Tag></TagSet></Tagging>";
        let fields = fields(&[
            ("Content-Type", "text/plain"),
            ("x-amz-meta-a", "b"),
            ("x-amz-signature", "0"),
            ("acl", "public-read"),
            ("tagging", tags),
            ("other", "x"),
        ]);
        let input = api::PutObjectInput::from_record(fields.input("bucket", "k").expect("an input"));
        assert_eq!((input.bucket(), input.key(), input.content_type()), ("bucket", "k", Some("text/plain")));
        assert_eq!((input.acl(), input.tagging()), (Some("public-read"), Some("a%20b=1")));
    }

    #[test]
    fn the_name_of_the_file_is_what_stands_behind_the_last_slash() {
        let mut with = fields(&[("key", "u/${filename}"), ("policy", "${filename}")]);
        with.resolve_file_name(Some("C:\\docs\\a.txt"));
        assert_eq!((with.get("key"), with.get("policy")), (Some("u/a.txt"), Some("${filename}")));
        let mut without = fields(&[("key", "u/${filename}")]);
        without.resolve_file_name(None);
        assert_eq!(without.get("key"), Some("u/${filename}"));
    }

    #[test]
    fn a_field_comes_once() {
        let mut fields = fields(&[("key", "a")]);
        let error = fields.add("KEY", "b".to_owned()).expect_err("a second key");
        assert_eq!(error.code, "InvalidArgument");
        assert_eq!(fields.required("policy").expect_err("none").details[0].1, "policy");
    }
}
