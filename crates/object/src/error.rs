//! The errors that a caller of S3 can see, in AWS's words, with the elements that their documents have beside code and
//! text. <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use virga_kit::Failure;
use virga_model::{ApiError, Protocol};
use virga_store::Fault;
use virga_wire::Violation;

/// Declares the errors: `Variant { fields } => "Code" status "text" ["Element" = field, …];`. S3's model lists hardly any
/// of them, so that code and status stand here.
macro_rules! errors {
    ($($(#[$doc:meta])* $variant:ident $({ $($field:ident),* $(,)? })?
        => $code:literal $status:literal $text:literal $([$($element:literal = $value:ident),* $(,)?])?;)*) => {
        /// Errors of Amazon S3.
        #[derive(Debug)]
        pub enum Error {
            $($(#[$doc])* $variant $({ $(#[doc = "Part of the text or of the document."] $field: String),* })?,)*
            /// An error of another service, passed on.
            Other(Box<ApiError>),
            /// A store failure or a bug. The caller sees an internal error.
            Fault(Fault),
        }

        impl Error {
            /// The error as the caller sees it.
            pub fn into_api(self) -> Result<ApiError, Fault> {
                match self {
                    $(Error::$variant $({ $($field),* })? => {
                        let message = format!($text);
                        let details = vec![$($(($element, $value.clone())),*)?];
                        // S3's codes are the same in every protocol.
                        let error = ApiError::common($code, $status, message).with_query_code($code);
                        Ok(error.with_details(details))
                    })*
                    Error::Other(error) => Ok(*error),
                    Error::Fault(fault) => Err(fault),
                }
            }
        }
    };
}

errors! {
    /// There is no such bucket.
    NoSuchBucket { bucket } => "NoSuchBucket" 404 "The specified bucket does not exist" ["BucketName" = bucket];
    /// Somebody else has a bucket of this name.
    BucketAlreadyExists { bucket } => "BucketAlreadyExists" 409
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again."
        ["BucketName" = bucket];
    /// The operation is one of another region's endpoint.
    PermanentRedirectControl { endpoint } => "PermanentRedirectControlError" 301
        "The API operation you are attempting to access must be addressed using the specified endpoint. Send all future requests to this endpoint."
        ["Endpoint" = endpoint];
    /// The caller has a bucket of this name.
    BucketAlreadyOwnedByYou { bucket } => "BucketAlreadyOwnedByYou" 409
        "Your previous request to create the named bucket succeeded and you already own it." ["BucketName" = bucket];
    /// The bucket still has objects.
    BucketNotEmpty { bucket } => "BucketNotEmpty" 409 "The bucket you tried to delete is not empty" ["BucketName" = bucket];
    /// The bucket has no objects, but versions of some.
    BucketHasVersions { bucket } => "BucketNotEmpty" 409
        "The bucket you tried to delete is not empty. You must delete all versions in the bucket." ["BucketName" = bucket];
    /// Access points lead to the bucket.
    BucketHasAccessPoints { bucket } => "BucketHasAccessPointsAttached" 400
        "The bucket you are attempting to delete has access points attached. Delete your access points and try again."
        ["BucketName" = bucket];
    /// Keys of customers are for one algorithm alone.
    InvalidEncryptionAlgorithm { argument, algorithm } => "InvalidEncryptionAlgorithmError" 400
        "The Encryption request you specified is not valid. Supported value: AES256."
        ["ArgumentName" = argument, "ArgumentValue" = algorithm];
    /// Not a name for a bucket.
    InvalidBucketName { bucket } => "InvalidBucketName" 400 "The specified bucket is not valid." ["BucketName" = bucket];
    /// More buckets than the account may have.
    TooManyBuckets => "TooManyBuckets" 400 "You have attempted to create more buckets than allowed";
    /// No region of this name.
    InvalidLocationConstraint { location } => "InvalidLocationConstraint" 400
        "The specified location-constraint is not valid" ["LocationConstraint" = location];
    /// The region is not that of the endpoint.
    IllegalLocationConstraint { location } => "IllegalLocationConstraintException" 400
        "The {location} location constraint is incompatible for the region specific endpoint this request was sent to.";
    /// The bucket is in another region.
    PermanentRedirect { endpoint, bucket } => "PermanentRedirect" 301
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint."
        ["Endpoint" = endpoint, "Bucket" = bucket];
    /// The signature in a header is for another region.
    SignedForAnotherRegion { given, expected } => "AuthorizationHeaderMalformed" 400
        "The authorization header is malformed; the region '{given}' is wrong; expecting '{expected}'" ["Region" = expected];
    /// The signature in a query is for another region.
    PresignedForAnotherRegion { given, expected } => "AuthorizationQueryParametersError" 400
        "Error parsing the X-Amz-Credential parameter; the region '{given}' is wrong; expecting '{expected}'" ["Region" = expected];
    /// The bucket's state does not allow this.
    InvalidBucketState { reason } => "InvalidBucketState" 409 "{reason}";

    /// The size at which data is to be appended is not that of the object.
    InvalidWriteOffset => "InvalidWriteOffset" 400
        "The write offset value that you specified does not match the current object size.";
    /// An object of more parts than there may be.
    TooManyParts => "TooManyParts" 400
        "You have attempted to add more parts than the maximum of 10000 that are allowed for this object. You can use the CopyObject operation to copy this object to another and then add more data to the newly copied object.";
    /// Data to be appended is encrypted in another way than the object.
    EncryptionTypeMismatch => "EncryptionTypeMismatch" 400
        "The existing object was created with a different encryption type. Subsequent write requests must include the appropriate encryption parameters in the request or while creating the session.";
    /// A token that came with another request before.
    IdempotencyParameterMismatch => "IdempotencyParameterMismatch" 400
        "Parameters on this idempotent request are inconsistent with parameters used in previous request(s).";

    /// There is no such object.
    NoSuchKey { key } => "NoSuchKey" 404 "The specified key does not exist." ["Key" = key];
    /// There is no such version of the object.
    NoSuchVersion { key, version_id } => "NoSuchVersion" 404 "The specified version does not exist."
        ["Key" = key, "VersionId" = version_id];
    /// The key is longer than 1,024 bytes.
    KeyTooLong { size, most } => "KeyTooLongError" 400 "Your key is too long" ["Size" = size, "MaxSizeAllowed" = most];
    /// The version is a delete marker.
    MethodNotAllowed { method, resource_type } => "MethodNotAllowed" 405
        "The specified method is not allowed against this resource." ["Method" = method, "ResourceType" = resource_type];
    /// A condition does not hold.
    PreconditionFailed { condition } => "PreconditionFailed" 412
        "At least one of the pre-conditions you specified did not hold" ["Condition" = condition];
    /// The object has not changed: no error, but no body either.
    NotModified => "NotModified" 304 "Not Modified";
    /// The range begins after the end.
    InvalidRange { range, size } => "InvalidRange" 416 "The requested range is not satisfiable"
        ["RangeRequested" = range, "ActualObjectSize" = size];
    /// The object has fewer parts.
    InvalidPartNumber { part, parts } => "InvalidPartNumber" 416 "The requested partnumber is not satisfiable"
        ["PartNumberRequested" = part, "ActualPartCount" = parts];
    /// The object is archived.
    InvalidObjectState { storage_class } => "InvalidObjectState" 403
        "The operation is not valid for the object's storage class" ["StorageClass" = storage_class];
    /// What is archived by Intelligent-Tiering can't be read.
    InvalidAccessTier { storage_class, access_tier } => "InvalidObjectState" 403
        "The operation is not valid for the object's access tier"
        ["StorageClass" = storage_class, "AccessTier" = access_tier];
    /// A copy whose source is archived.
    ObjectNotInActiveTier => "ObjectNotInActiveTierError" 403
        "The source object of the COPY action is not in the active tier and is only stored in Amazon S3 Glacier.";
    /// A restore of what is not archived.
    NotRestorable { storage_class } => "InvalidObjectState" 403
        "Restore is not allowed for the object's current storage class" ["StorageClass" = storage_class];
    /// A restore is under way.
    RestoreAlreadyInProgress => "RestoreAlreadyInProgress" 409 "Object restore is already in progress";

    /// There is no such upload.
    NoSuchUpload { upload_id } => "NoSuchUpload" 404
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
        ["UploadId" = upload_id];
    /// A part is missing or has another entity tag.
    InvalidPart { upload_id, part, etag } => "InvalidPart" 400
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
        ["UploadId" = upload_id, "PartNumber" = part, "ETag" = etag];
    /// The parts are not in order.
    InvalidPartOrder { upload_id } => "InvalidPartOrder" 400
        "The list of parts was not in ascending order. Parts must be ordered by part number." ["UploadId" = upload_id];
    /// A part that is not the last is below 5 MiB.
    PartTooSmall { part, etag, proposed, least } => "EntityTooSmall" 400
        "Your proposed upload is smaller than the minimum allowed size"
        ["ProposedSize" = proposed, "MinSizeAllowed" = least, "PartNumber" = part, "ETag" = etag];
    /// More bytes than are allowed.
    EntityTooLarge { proposed, most } => "EntityTooLarge" 400 "Your proposed upload exceeds the maximum allowed size"
        ["ProposedSize" = proposed, "MaxSizeAllowed" = most];
    /// `Content-MD5` is none.
    InvalidDigest { digest } => "InvalidDigest" 400 "The Content-MD5 you specified was invalid." ["Content-MD5" = digest];
    /// The body is not what `Content-MD5` promises.
    BadDigest { expected, calculated } => "BadDigest" 400 "The Content-MD5 you specified did not match what we received."
        ["ExpectedDigest" = expected, "CalculatedDigest" = calculated];
    /// The body is not what a checksum promises.
    BadChecksum { algorithm } => "BadDigest" 400 "The {algorithm} you specified did not match the calculated checksum.";
    /// A checksum of a part is not that of the part.
    BadPartChecksum { algorithm, part } => "BadDigest" 400
        "The {algorithm} you specified for part {part} did not match what we received.";
    /// More user metadata than 2 KB.
    MetadataTooLarge { size, most } => "MetadataTooLarge" 400
        "Your metadata headers exceed the maximum allowed metadata size" ["Size" = size, "MaxSizeAllowed" = most];
    /// No such storage class, or not for this.
    InvalidStorageClass { class } => "InvalidStorageClass" 400 "The storage class you specified is not valid"
        ["StorageClassRequested" = class];
    /// A redirect to nowhere.
    InvalidRedirectLocation => "InvalidRedirectLocation" 400
        "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.";
    /// A redirect longer than is kept.
    RedirectTooLong => "InvalidRedirectLocation" 400
        "The length of website redirect location cannot exceed 2,048 characters.";
    /// A tag that can't be.
    InvalidTag { reason, key } => "InvalidTag" 400 "{reason}" ["TagKey" = key];
    /// A tag with a value that can't be.
    InvalidTagValue { key, value } => "InvalidTag" 400 "The TagValue you have provided is invalid"
        ["TagKey" = key, "TagValue" = value];
    /// More tags than an object may have.
    TooManyTags => "BadRequest" 400 "Object tags cannot be greater than 10";

    /// A parameter has no such value.
    InvalidArgument { reason, argument, value } => "InvalidArgument" 400 "{reason}"
        ["ArgumentName" = argument, "ArgumentValue" = value];
    /// A parameter has no such value, and AWS does not repeat it.
    InvalidArgumentName { reason, argument } => "InvalidArgument" 400 "{reason}" ["ArgumentName" = argument];
    /// The request makes no sense.
    InvalidRequest { reason } => "InvalidRequest" 400 "{reason}";
    /// The document is not what it should be.
    MalformedXml => "MalformedXML" 400
        "The XML you provided was not well-formed or did not validate against our published schema";
    /// A header is missing.
    MissingSecurityHeader { header } => "MissingSecurityHeader" 400 "Your request was missing a required header"
        ["MissingHeaderName" = header];
    /// A header that AWS does not act on either.
    HeaderNotImplemented { header, more } => "NotImplemented" 501
        "A header you provided implies functionality that is not implemented" ["Header" = header, "additionalMessage" = more];
    /// A header that AWS does not act on either, without more words.
    HeaderNotImplementedAtAll { header } => "NotImplemented" 501
        "A header you provided implies functionality that is not implemented" ["Header" = header];
    /// A condition written twice in different ways.
    UnexpectedContent => "UnexpectedContent" 400 "This request does not support content";

    /// The version was never locked.
    NoSuchObjectLock => "NoSuchObjectLockConfiguration" 404
        "The specified object does not have a ObjectLock configuration";
    /// The caller may not.
    AccessDenied => "AccessDenied" 403 "Access Denied";
    /// The caller may not, and hears why.
    AccessDeniedBecause { reason } => "AccessDenied" 403 "{reason}";
    /// The bucket has no metadata tables.
    NoMetadataConfiguration => "MetadataConfigurationNotFound" 404
        "The metadata table configuration does not exist.";
    /// The bucket has metadata tables already.
    MetadataConfigurationExists => "MetadataConfigurationAlreadyExists" 409
        "The metadata table configuration already exists.";
    /// A configuration that is not there.
    NoSuchConfiguration => "NoSuchConfiguration" 404 "The specified configuration does not exist.";
    /// The bucket has no tags.
    NoSuchTagSet { bucket } => "NoSuchTagSet" 404 "The TagSet does not exist" ["BucketName" = bucket];
    /// The bucket has no CORS rules.
    NoSuchCorsConfiguration { bucket } => "NoSuchCORSConfiguration" 404 "The CORS configuration does not exist"
        ["BucketName" = bucket];
    /// The bucket is no website.
    NoSuchWebsiteConfiguration { bucket } => "NoSuchWebsiteConfiguration" 404
        "The specified bucket does not have a website configuration" ["BucketName" = bucket];
    /// The bucket has no lifecycle rules.
    NoSuchLifecycleConfiguration { bucket } => "NoSuchLifecycleConfiguration" 404
        "The lifecycle configuration does not exist" ["BucketName" = bucket];
    /// The bucket is not replicated.
    NoSuchReplicationConfiguration { bucket } => "ReplicationConfigurationNotFoundError" 404
        "The replication configuration was not found" ["BucketName" = bucket];
    /// Versions of the bucket can't be locked.
    NoSuchObjectLockConfiguration { bucket } => "ObjectLockConfigurationNotFoundError" 404
        "Object Lock configuration does not exist for this bucket" ["BucketName" = bucket];
    /// The bucket has no ownership controls.
    NoSuchOwnershipControls { bucket } => "OwnershipControlsNotFoundError" 404
        "The bucket ownership controls were not found" ["BucketName" = bucket];
    /// Nothing is said of public access to the bucket.
    NoSuchPublicAccessBlock { bucket } => "NoSuchPublicAccessBlockConfiguration" 404
        "The public access block configuration was not found" ["BucketName" = bucket];
    /// Nothing is said of public access to the account.
    NoSuchAccountPublicAccessBlock { account } => "NoSuchPublicAccessBlockConfiguration" 404
        "The public access block configuration was not found" ["AccountId" = account];
    /// The bucket has no policy.
    NoSuchBucketPolicy { bucket } => "NoSuchBucketPolicy" 404 "The bucket policy does not exist"
        ["BucketName" = bucket];
    /// Not a policy, or not one of this bucket.
    MalformedPolicy { reason } => "MalformedPolicy" 400 "{reason}";
    /// Not an access control list.
    MalformedAcl => "MalformedACLError" 400
        "The XML you provided was not well-formed or did not validate against our published schema";
    /// The bucket has no access control lists.
    AccessControlListNotSupported => "AccessControlListNotSupported" 400 "The bucket does not allow ACLs";
    /// A bucket with lists of others can't do without them.
    InvalidBucketAclWithObjectOwnership => "InvalidBucketAclWithObjectOwnership" 400
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    /// A public list where public ones are blocked.
    InvalidBucketAclWithBlockPublicAccess => "InvalidBucketAclWithBlockPublicAccessError" 400
        "Bucket cannot have public ACLs set with BlockPublicAccess enabled";
    /// Nobody is known by an e-mail address.
    UnresolvableGrantByEmailAddress => "UnresolvableGrantByEmailAddress" 400
        "The e-mail address you provided does not match any account on record.";
    /// The owner that is expected is no account.
    InvalidExpectedOwner { owner } => "InvalidBucketOwnerAWSAccountID" 400
        "The value of the expected bucket owner parameter must be an AWS Account ID... [{owner}]";
    /// Versioning can't be configured like that.
    IllegalVersioningConfiguration => "IllegalVersioningConfigurationException" 400
        "The Versioning element must be specified";
    /// A retention that no time is.
    InvalidRetentionPeriod { reason } => "InvalidRetentionPeriod" 400 "{reason}";
    /// More tags than a bucket may have.
    TooManyBucketTags => "BadRequest" 400 "Bucket tag count cannot be greater than 50";
    /// The id in the document is not the one in the address.
    IdMismatch => "IdMismatch" 400 "Document ID does not match the specified configuration ID.";
    /// An id that no configuration may have.
    InvalidConfigurationId => "InvalidConfigurationId" 400 "The specified configuration id is invalid.";
    /// More configurations than a bucket may have of a kind.
    TooManyConfigurations => "TooManyConfigurations" 400
        "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.";
    /// The destination of reports is no bucket.
    InvalidS3DestinationBucket => "InvalidS3DestinationBucket" 400 "Invalid bucket ARN.";
    /// The bucket that access logs are to go to is none, or is not the owner's.
    InvalidTargetBucketForLogging { reason, target } => "InvalidTargetBucketForLogging" 400 "{reason}"
        ["TargetBucket" = target];
    /// Access logs stay in their region.
    CrossLocationLogging { target } => "CrossLocationLoggingProhibitted" 403 "Cross S3 location logging not allowed. "
        ["TargetBucketLocation" = target];
    /// Access logs stay in their region.
    CrossLocationLoggingFrom { location, target } => "CrossLocationLoggingProhibitted" 403
        "Cross S3 location logging not allowed. " ["SourceBucketLocation" = location, "TargetBucketLocation" = target];
    /// There is no such access point.
    NoSuchAccessPoint { name } => "NoSuchAccessPoint" 404 "The specified accesspoint does not exist"
        ["AccessPointName" = name];
    /// The access point has no policy.
    NoSuchAccessPointPolicy { name } => "NoSuchAccessPointPolicy" 404 "The specified accesspoint policy does not exist"
        ["AccessPointName" = name];
    /// The caller has an access point of this name.
    AccessPointAlreadyOwnedByYou => "AccessPointAlreadyOwnedByYou" 409
        "Your previous request to create the named accesspoint succeeded and you already own it.";
    /// More access points than the account may have.
    TooManyAccessPoints => "TooManyAccessPoints" 400 "You have attempted to create more access points than allowed";
    /// There is no such multi-Region access point.
    NoSuchMultiRegionAccessPoint { name } => "NoSuchMultiRegionAccessPoint" 404
        "The specified Multi-Region Access Point does not exist." ["MultiRegionAccessPointName" = name];
    /// More multi-Region access points than the account may have.
    TooManyMultiRegionAccessPoints => "TooManyMultiRegionAccessPoints" 400
        "You have attempted to create more Multi-Region Access Points than are allowed for an account.";
    /// More regions than a multi-Region access point may have.
    TooManyMultiRegionAccessPointRegions => "TooManyMultiRegionAccessPointregionsError" 400
        "You have attempted to create a Multi-Region Access Point with more Regions than are allowed for an account.";
    /// There is no such request of which one can ask how it went.
    NoSuchAsyncRequest => "NoSuchAsyncRequest" 404 "The specified request was not found.";
    /// Not the name of anything.
    InvalidUri { uri } => "InvalidURI" 400 "Couldn't parse the specified URI." ["URI" = uri];
    /// Nothing that has tags.
    NoSuchResource => "NoSuchResource" 404 "The specified resource doesn't exist.";
    /// A tag of the control plane that can't be.
    InvalidResourceTag { reason } => "InvalidTag" 400 "{reason}";
    /// The disk is full, or does not work.
    ServiceUnavailable => "ServiceUnavailable" 503 "Service is unable to handle request.";
    /// Too many requests.
    SlowDown => "SlowDown" 503 "Please reduce your request rate.";
}

impl Error {
    /// A parameter whose value is not allowed, with AWS's reason.
    pub fn argument(
        reason: impl Into<String>,
        argument: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        Error::InvalidArgument { reason: reason.into(), argument: argument.into(), value: value.into() }
    }

    /// A signature that is for another region than the one that was called.
    pub fn wrong_region(is_presigned: bool, given: &str, expected: &str) -> Self {
        let (given, expected) = (given.to_owned(), expected.to_owned());
        match is_presigned {
            true => Error::PresignedForAnotherRegion { given, expected },
            false => Error::SignedForAnotherRegion { given, expected },
        }
    }

    /// The error with headers of its own in the answer.
    pub fn with_headers<const N: usize>(self, headers: [(&'static str, String); N]) -> Self {
        match self.into_api() {
            Ok(error) => {
                let add = |error: ApiError, (name, value)| error.with_header(name, value);
                Error::Other(Box::new(headers.into_iter().fold(error, add)))
            }
            Err(fault) => Error::Fault(fault),
        }
    }

    /// A request that makes no sense, with AWS's reason.
    pub fn request(reason: impl Into<String>) -> Self {
        Error::InvalidRequest { reason: reason.into() }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::Fault(fault)
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Error::Other(Box::new(error))
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Api(error) => Error::Other(error),
            Failure::Fault(fault) => Error::Fault(fault),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.into_api() {
            Ok(error) => error.into(),
            Err(fault) => fault.into(),
        }
    }
}

/// A request without a required member, in S3's words: what is missing in a document makes it malformed. A policy is
/// a document of another kind.
pub fn invalid_request(_: Protocol, violations: &[Violation]) -> ApiError {
    let is_policy = violations.iter().any(|violation| violation.path.eq_ignore_ascii_case("policy"));
    let reason = "Policies must be valid JSON and the first byte must be '{'";
    let error =
        if is_policy { Error::MalformedPolicy { reason: reason.to_owned() } } else { Error::MalformedXml };
    // A fault is not among them.
    error.into_api().unwrap_or_else(|_| ApiError::internal())
}
