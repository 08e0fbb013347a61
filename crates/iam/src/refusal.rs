//! Why a request is refused before any service sees it. How AWS words each refusal is in `answer.rs`.

use crate::AmzDate;

/// A reason to refuse a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No credentials on an operation that needs them.
    MissingAuthenticationToken,
    /// The credentials cannot be read.
    Malformed(Malformed),
    /// A signature of version 2 where none is taken: only S3 does, in presigned URLs and forms.
    SignatureVersion2,
    /// A presigned URL of version 2 lacks a part of its signature.
    QueryPartsMissing,
    /// A presigned URL of version 2 after its time.
    UrlExpired {
        /// When it expired.
        expires_at: AmzDate,
        /// The clock of the world.
        now: AmzDate,
    },
    /// Nobody was issued this access key, or it is inactive.
    UnknownAccessKey {
        /// The access key id of the request.
        access_key_id: String,
    },
    /// The signature is not the one that key and request give.
    SignatureDoesNotMatch(Box<SignatureMismatch>),
    /// A chunk or trailer of an aws-chunked body has the wrong signature.
    ChunkSignatureDoesNotMatch {
        /// The access key id of the request.
        access_key_id: String,
        /// What was signed.
        string_to_sign: String,
        /// The signature the chunk carried.
        signature_provided: String,
    },
    /// Signed more than 15 minutes ago.
    SignatureExpired(Skew),
    /// Signed more than 15 minutes in the future.
    SignatureNotYetCurrent(Skew),
    /// A presigned request after its time.
    PresignedExpired {
        /// When it was signed.
        signed_at: AmzDate,
        /// `X-Amz-Expires`.
        expires_seconds: u32,
        /// The clock of the world.
        now: AmzDate,
    },
    /// `host` is not among the signed headers.
    HostNotSigned,
    /// Headers that S3 wants signed are not: their names.
    HeadersNotSigned(Vec<String>),
    /// The credential scope is not the one of this endpoint, with what is wrong in it.
    WrongScope(Box<WrongScope>),
    /// A temporary key came with a session token that is not its own, or a lasting key came with any.
    TokenInvalid,
    /// A temporary key came without its session token.
    TokenRequired {
        /// The access key id of the request.
        access_key_id: String,
    },
    /// The temporary credentials are past their expiry.
    TokenExpired,
    /// The body is not the one that `x-amz-content-sha256` declares.
    PayloadHashMismatch {
        /// The declared hash, hex.
        declared: String,
        /// The hash of the body, hex.
        computed: String,
    },
    /// S3 wants `x-amz-content-sha256` on every header-signed request.
    PayloadHashMissing,
    /// `x-amz-content-sha256` has a value that means nothing.
    PayloadDeclarationInvalid {
        /// The value.
        value: String,
    },
}

/// What was signed and by whom, for AWS's own explanation of a mismatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureMismatch {
    /// The access key id of the request.
    pub access_key_id: String,
    /// The canonical request as computed here.
    pub canonical_request: String,
    /// The string to sign as computed here.
    pub string_to_sign: String,
    /// The signature of the request.
    pub signature_provided: String,
}

/// The two clocks of a skewed request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skew {
    /// The client's time.
    pub signed_at: AmzDate,
    /// The clock of the world.
    pub now: AmzDate,
}

/// A credential scope with the parts that are wrong; at least one is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WrongScope {
    /// The region of the scope (or the region set), and the one of the endpoint.
    pub region: Option<Mismatch>,
    /// The service of the scope, and the one of the endpoint.
    pub service: Option<Mismatch>,
    /// The terminator, which is not `aws4_request`.
    pub terminator: Option<String>,
    /// The date of the scope, and the moment of signing it does not agree with.
    pub date: Option<(String, AmzDate)>,
    /// The signature is in the query.
    pub presigned: bool,
}

/// What was given and what was wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The value of the request.
    pub given: String,
    /// The value that would have been right.
    pub expected: String,
}

/// What is wrong with the form of the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Malformed {
    /// An authentication scheme that is none of AWS's.
    UnsupportedAlgorithm {
        /// The name.
        algorithm: String,
        /// It stood in the query.
        presigned: bool,
    },
    /// A parameter of the Authorization header without an equal sign.
    NotKeyValue {
        /// The whole header, of which AWS shows a hash.
        header: String,
    },
    /// Parameters or headers are missing from a header signature.
    HeaderParts {
        /// What is missing.
        missing: MissingParts,
        /// The whole header, of which AWS shows a hash.
        header: String,
    },
    /// Parameters are missing from a query signature.
    QueryParts(MissingParts),
    /// The credential does not have its five (SigV4A: four) parts.
    Credential {
        /// The credential.
        credential: String,
        /// It stood in the query.
        presigned: bool,
    },
    /// The date is no date.
    Date {
        /// The date.
        date: String,
        /// It stood in the query.
        presigned: bool,
    },
    /// `X-Amz-Expires` is no number, is negative, or is more than a week.
    Expires(ExpiresError),
    /// Credentials both in the header and in the query.
    TwoMechanisms,
}

/// Which parts of a signature are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MissingParts {
    /// The algorithm (query only).
    pub algorithm: bool,
    /// The credential.
    pub credential: bool,
    /// The signature.
    pub signature: bool,
    /// The list of signed headers.
    pub signed_headers: bool,
    /// The moment of signing.
    pub date: bool,
    /// The time to live (query only, demanded by S3 alone).
    pub expires: bool,
}

impl MissingParts {
    /// True when something is missing.
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

/// What is wrong with `X-Amz-Expires`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiresError {
    /// No number.
    NotANumber,
    /// Below zero.
    Negative,
    /// Above 604,800 seconds.
    TooLong,
}
