//! Server access logs: their lines and keys.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html>

use time::OffsetDateTime;
use time::macros::format_description;
use virga_model::{Operation, Protocol, Record};

use super::configured::{LogKeyFormat, LoggingConfiguration};
use crate::StorageClass;

/// What a line tells of a request. An empty text is written as a dash.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessLogEntry {
    /// Canonical user id of the bucket's owner.
    pub bucket_owner: String,
    /// The bucket.
    pub bucket: String,
    /// In Unix seconds.
    pub time: i64,
    /// The address of who asks.
    pub remote_ip: String,
    /// Canonical user id or ARN of who asks.
    pub requester: String,
    /// The id of the request.
    pub request_id: String,
    /// `REST.GET.OBJECT` and the like.
    pub operation: String,
    /// The key, URL-encoded by whoever writes the line.
    pub key: String,
    /// Method, URI and version, where a client asked. What is not of the operation's model is left out of the URI.
    pub request_uri: String,
    /// The HTTP status; none where nobody was answered.
    pub status: Option<u16>,
    /// The code of the error, if there was one.
    pub error_code: String,
    /// Bytes of the answer, without its headers.
    pub bytes_sent: Option<u64>,
    /// Bytes of the object.
    pub object_size: Option<u64>,
    /// How long the request took.
    pub total_millis: Option<u64>,
    /// `Referer`.
    pub referer: String,
    /// `User-Agent`.
    pub user_agent: String,
    /// The version that was asked for.
    pub version_id: String,
    /// The extended id of the request.
    pub host_id: String,
    /// `SigV2` or `SigV4`.
    pub signature_version: String,
    /// The cipher of TLS.
    pub cipher_suite: String,
    /// `AuthHeader` or `QueryString`.
    pub authentication_type: String,
    /// The endpoint that was asked.
    pub host_header: String,
    /// The version of TLS.
    pub tls_version: String,
    /// The access point that was asked.
    pub access_point_arn: String,
    /// `Yes` where an access control list was needed.
    pub acl_required: String,
}

fn plain(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", plain(&text.replace('"', "%22")))
}

fn number(value: Option<u64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn moment(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

impl AccessLogEntry {
    /// The line, without its end.
    pub fn line(&self) -> String {
        let format = format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
        let time = moment(self.time).format(format).unwrap_or_default();
        // Keys and URIs are encoded twice, so that no space is left in them.
        let key = self.key.replace('%', "%25").replace(' ', "+").replace(['\n', '\r'], "%0A");
        [
            plain(&self.bucket_owner),
            plain(&self.bucket),
            &format!("[{time}]"),
            plain(&self.remote_ip),
            plain(&self.requester),
            plain(&self.request_id),
            plain(&self.operation),
            plain(&key),
            &quoted(&self.request_uri),
            &number(self.status.map(u64::from)),
            plain(&self.error_code),
            &number(self.bytes_sent),
            &number(self.object_size),
            &number(self.total_millis),
            &number(self.total_millis),
            &quoted(&self.referer),
            &quoted(&self.user_agent),
            plain(&self.version_id),
            plain(&self.host_id),
            plain(&self.signature_version),
            plain(&self.cipher_suite),
            plain(&self.authentication_type),
            plain(&self.host_header),
            plain(&self.tls_version),
            plain(&self.access_point_arn),
            plain(&self.acl_required),
            // The region from which the request came is not known.
            "-",
        ]
        .join(" ")
    }
}

/// Of which bucket a log is.
#[derive(Debug, Clone, Copy)]
pub struct LogSource<'a> {
    /// The account that has it.
    pub account: &'a str,
    /// Its region.
    pub region: &'a str,
    /// Its name.
    pub bucket: &'a str,
}

/// The key of a log that is delivered now, with requests from `event_time` on. `unique` are 16 characters.
pub fn log_key(
    configuration: &LoggingConfiguration,
    source: LogSource<'_>,
    (delivery_time, event_time): (i64, i64),
    unique: &str,
) -> String {
    let prefix = &configuration.target_prefix;
    let format = format_description!("[year]-[month]-[day]-[hour]-[minute]-[second]");
    let day = format_description!("[year]/[month]/[day]");
    let partitioned = |time: i64| {
        let LogSource { account, region, bucket } = source;
        let day = moment(time).format(day).unwrap_or_default();
        format!("{prefix}{account}/{region}/{bucket}/{day}/")
    };
    let (folder, time) = match configuration.key_format {
        None | Some(LogKeyFormat::Simple) => (prefix.clone(), delivery_time),
        Some(LogKeyFormat::PartitionedByDelivery) => (partitioned(delivery_time), delivery_time),
        // Hour, minute and second are zero where the day is that of the requests.
        Some(LogKeyFormat::PartitionedByEvent) => {
            (partitioned(event_time), event_time - event_time.rem_euclid(86_400))
        }
    };
    format!("{folder}{}-{unique}", moment(time).format(format).unwrap_or_default())
}

/// The path and the query of a request, as the model writes them. The path is without the bucket where the host name has it.
pub fn request_uri(operation: Operation, input: &Record, bucket: &str, is_in_host: bool) -> Option<String> {
    let request = virga_wire::encode_request(Protocol::RestXml, operation, input).ok()?;
    let uri = request.path_and_query;
    let Some(rest) = uri.strip_prefix('/').and_then(|uri| uri.strip_prefix(bucket)).filter(|_| is_in_host)
    else {
        return Some(uri);
    };
    Some(if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") })
}

/// The name of a suite of ciphers as OpenSSL and the logs write it, by its registered one.
pub fn cipher_suite(registered: &str) -> String {
    if let Some(suite) = registered.strip_prefix("TLS13_") {
        return format!("TLS_{suite}");
    }
    let suite = registered.strip_prefix("TLS_").unwrap_or(registered).replace("_WITH_", "-");
    let suite = suite.replace("AES_", "AES").replace("CHACHA20_POLY1305_SHA256", "CHACHA20_POLY1305");
    suite.replace('_', "-")
}

/// A rule of a lifecycle has deleted a version for good.
pub const EXPIRED: &str = "S3.EXPIRE.OBJECT";
/// A rule has put a delete marker over an object.
pub const MARKED: &str = "S3.CREATE.DELETEMARKER";
/// A rule has aborted an upload.
pub const ABORTED: &str = "S3.DELETE.UPLOAD";
/// A key of DeleteObjects.
pub const BATCH_DELETED: &str = "BATCH.DELETE.OBJECT";

/// A rule has moved an object to a storage class.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html#lifecycle-general-considerations-logging>
pub fn moved_to(class: StorageClass) -> &'static str {
    match class.as_str() {
        "STANDARD_IA" => "S3.TRANSITION_SIA.OBJECT",
        "ONEZONE_IA" => "S3.TRANSITION_ZIA.OBJECT",
        "INTELLIGENT_TIERING" => "S3.TRANSITION_INT.OBJECT",
        "GLACIER_IR" => "S3.TRANSITION_GIR.OBJECT",
        "DEEP_ARCHIVE" => "S3.TRANSITION_GDA.OBJECT",
        _ => "S3.TRANSITION.OBJECT",
    }
}

/// How the log of the source's bucket names a copy; none for what copies nothing.
pub fn reading_of_copy(operation: &str) -> Option<&'static str> {
    match operation {
        "CopyObject" => Some("REST.COPY.OBJECT_GET"),
        "UploadPartCopy" => Some("REST.COPY.PART_GET"),
        _ => None,
    }
}

/// The name of an operation in logs, by that in the model, the plane it came through, and the method: `REST.GET.OBJECT`,
/// `WEBSITE.GET.OBJECT`.
pub fn operation_name(operation: &str, (plane, method): (Option<&str>, &str), is_object: bool) -> String {
    let resource = match operation {
        "CopyObject" => return "REST.COPY.OBJECT".to_owned(),
        "DeleteObjects" => "MULTI_OBJECT_DELETE",
        "UploadPart" => "PART",
        "UploadPartCopy" => return "REST.COPY.PART".to_owned(),
        "CreateMultipartUpload" | "ListMultipartUploads" => "UPLOADS",
        "CompleteMultipartUpload" | "AbortMultipartUpload" | "ListParts" => "UPLOAD",
        "GetBucketLocation" => "LOCATION",
        "ListObjectVersions" => "BUCKETVERSIONS",
        "GetObjectTagging" | "PutObjectTagging" | "DeleteObjectTagging" => "OBJECT_TAGGING",
        name if name.ends_with("Acl") => "ACL",
        name if name.contains("Versioning") => "VERSIONING",
        name if name.contains("Lifecycle") => "LIFECYCLE",
        name if name.contains("Logging") => "LOGGING_STATUS",
        name if name.contains("PolicyStatus") => "POLICY_STATUS",
        name if name.contains("Policy") => "BUCKETPOLICY",
        name if name.contains("Notification") => "NOTIFICATION",
        name if name.contains("Tagging") => "TAGGING",
        name if name.contains("Website") => "WEBSITE",
        name if name.contains("Cors") => "CORS",
        name if name.contains("Replication") => "REPLICATION",
        name if name.contains("Encryption") => "ENCRYPTION",
        "RestoreObject" => "OBJECT_RESTORE",
        _ if is_object => "OBJECT",
        _ => "BUCKET",
    };
    let interface = if plane == Some("website") { "WEBSITE" } else { "REST" };
    format!("{interface}.{method}.{resource}")
}

#[cfg(test)]
mod tests {
    use virga_api::s3 as api;
    use virga_model::view::Structure as _;

    use super::*;

    #[test]
    fn a_line_has_every_field() {
        let entry = AccessLogEntry {
            bucket_owner: "owner".to_owned(),
            bucket: "b".to_owned(),
            time: 1_549_411_240,
            remote_ip: "192.0.2.3".to_owned(),
            requester: "owner".to_owned(),
            request_id: "3E57".to_owned(),
            operation: "REST.GET.OBJECT".to_owned(),
            key: "a b%".to_owned(),
            request_uri: "GET /b/a HTTP/1.1".to_owned(),
            status: Some(200),
            bytes_sent: Some(113),
            total_millis: Some(7),
            user_agent: "S3 \"Console\"/0.4".to_owned(),
            signature_version: "SigV4".to_owned(),
            ..AccessLogEntry::default()
        };
        assert_eq!(
            entry.line(),
            "owner b [06/Feb/2019:00:00:40 +0000] 192.0.2.3 owner 3E57 REST.GET.OBJECT a+b%25 \
             \"GET /b/a HTTP/1.1\" 200 - 113 - 7 7 \"-\" \"S3 %22Console%22/0.4\" - - SigV4 - - - - - - -"
        );
    }

    #[test]
    fn suites_have_the_names_of_openssl() {
        for (registered, expected) in [
            ("TLS13_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"),
            ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
            ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
        ] {
            assert_eq!(cipher_suite(registered), expected);
        }
    }

    #[test]
    fn uris_have_their_query() {
        let operation = |name| virga_model::service("s3").unwrap().operation(name).unwrap();
        let get = api::GetObjectInput::new().with_bucket("b").with_key("a b/c").with_version_id("v");
        for (is_in_host, expected) in [(false, "/b/a%20b/c?versionId=v"), (true, "/a%20b/c?versionId=v")] {
            let uri = request_uri(operation("GetObject"), get.as_record(), "b", is_in_host);
            assert_eq!(uri.as_deref(), Some(expected));
        }
        let get = api::GetBucketVersioningRequest::new().with_bucket("b");
        for (is_in_host, expected) in [(false, "/b?versioning"), (true, "/?versioning")] {
            let uri = request_uri(operation("GetBucketVersioning"), get.as_record(), "b", is_in_host);
            assert_eq!(uri.as_deref(), Some(expected));
        }
    }

    #[test]
    fn keys_in_every_form() {
        let source = LogSource { account: "111122223333", region: "eu-west-1", bucket: "b" };
        let check = |key_format, expected: &str| {
            let configuration = LoggingConfiguration {
                target_bucket: "t".to_owned(),
                target_prefix: "logs/".to_owned(),
                key_format,
            };
            assert_eq!(log_key(&configuration, source, (1_549_411_240, 1_549_411_000), "UNIQUE"), expected);
        };
        check(None, "logs/2019-02-06-00-00-40-UNIQUE");
        check(
            Some(LogKeyFormat::PartitionedByDelivery),
            "logs/111122223333/eu-west-1/b/2019/02/06/2019-02-06-00-00-40-UNIQUE",
        );
        check(
            Some(LogKeyFormat::PartitionedByEvent),
            "logs/111122223333/eu-west-1/b/2019/02/05/2019-02-05-00-00-00-UNIQUE",
        );
    }
}
