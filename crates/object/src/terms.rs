//! AWS's enumerated terms, with their spelling. Records hold these; the API's texts come and go here.

use serde::{Deserialize, Serialize};

/// Declares an enum with the spelling of each value.
macro_rules! shown_terms {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[doc = concat!("`", $text, "`.")] $variant),*
        }

        impl $name {
            /// As AWS spells it.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }
        }
    };
}

/// Declares an enum whose values are read from inputs too.
macro_rules! terms {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        shown_terms! { $(#[$doc])* $name { $($(#[$variant_doc])* $variant = $text),* } }

        impl $name {
            /// Reads AWS's spelling.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)* _ => None }
            }
        }
    };
}

terms! {
    /// Where an object is stored, which says what it costs and how soon it can be read.
    StorageClass {
        Standard = "STANDARD",
        ReducedRedundancy = "REDUCED_REDUNDANCY",
        StandardIa = "STANDARD_IA",
        OnezoneIa = "ONEZONE_IA",
        IntelligentTiering = "INTELLIGENT_TIERING",
        Glacier = "GLACIER",
        DeepArchive = "DEEP_ARCHIVE",
        GlacierIr = "GLACIER_IR",
        /// Of directory buckets only.
        ExpressOnezone = "EXPRESS_ONEZONE",
    }
}

terms! {
    /// Where an object of Intelligent-Tiering sleeps that nobody reads.
    ArchiveTier {
        ArchiveAccess = "ARCHIVE_ACCESS",
        DeepArchiveAccess = "DEEP_ARCHIVE_ACCESS",
    }
}

terms! {
    /// How a checksum is computed.
    ChecksumAlgorithm {
        Crc32 = "CRC32",
        Crc32c = "CRC32C",
        Crc64Nvme = "CRC64NVME",
        Sha1 = "SHA1",
        Sha256 = "SHA256",
        Sha512 = "SHA512",
        Md5 = "MD5",
        XxHash64 = "XXHASH64",
        XxHash3 = "XXHASH3",
        XxHash128 = "XXHASH128",
    }
}

terms! {
    /// Whether the checksum of a multipart object is one of its bytes or one of its parts' checksums.
    ChecksumType {
        Composite = "COMPOSITE",
        FullObject = "FULL_OBJECT",
    }
}

terms! {
    /// Whether a bucket keeps old versions.
    Versioning {
        /// Versioning was never configured.
        Never = "",
        Enabled = "Enabled",
        Suspended = "Suspended",
    }
}

terms! {
    /// Who owns the objects that others write.
    ObjectOwnership {
        BucketOwnerEnforced = "BucketOwnerEnforced",
        BucketOwnerPreferred = "BucketOwnerPreferred",
        ObjectWriter = "ObjectWriter",
    }
}

terms! {
    /// Who may shorten a retention.
    LockMode {
        Governance = "GOVERNANCE",
        Compliance = "COMPLIANCE",
    }
}

shown_terms! {
    /// How far the replication of a version is.
    ReplicationStatus {
        Pending = "PENDING",
        Completed = "COMPLETED",
        Failed = "FAILED",
        Replica = "REPLICA",
    }
}
