//! Checksums of bodies: how they are computed, named and combined.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use std::hash::Hasher as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::{Digest as _, Md5};
use ring::digest;
use twox_hash::{XxHash64, xxhash3_64, xxhash3_128};
use virga_model::Record;

use crate::Error;
use crate::members;
use crate::{ChecksumAlgorithm, ChecksumType};

/// All algorithms.
pub const ALL: [ChecksumAlgorithm; 10] = [
    ChecksumAlgorithm::Crc32,
    ChecksumAlgorithm::Crc32c,
    ChecksumAlgorithm::Crc64Nvme,
    ChecksumAlgorithm::Sha1,
    ChecksumAlgorithm::Sha256,
    ChecksumAlgorithm::Sha512,
    ChecksumAlgorithm::Md5,
    ChecksumAlgorithm::XxHash64,
    ChecksumAlgorithm::XxHash3,
    ChecksumAlgorithm::XxHash128,
];

/// What S3 computes when the caller asks for nothing.
pub const DEFAULT: ChecksumAlgorithm = ChecksumAlgorithm::Crc64Nvme;

impl ChecksumAlgorithm {
    /// The member of inputs and outputs that holds it.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Crc32 => "ChecksumCRC32",
            Self::Crc32c => "ChecksumCRC32C",
            Self::Crc64Nvme => "ChecksumCRC64NVME",
            Self::Sha1 => "ChecksumSHA1",
            Self::Sha256 => "ChecksumSHA256",
            Self::Sha512 => "ChecksumSHA512",
            Self::Md5 => "ChecksumMD5",
            Self::XxHash64 => "ChecksumXXHASH64",
            Self::XxHash3 => "ChecksumXXHASH3",
            Self::XxHash128 => "ChecksumXXHASH128",
        }
    }

    /// The header or trailer that holds it.
    pub fn header(self) -> String {
        let mut header = ["x-amz-checksum-", self.as_str()].concat();
        header.make_ascii_lowercase();
        header
    }

    /// Bytes of a checksum.
    pub const fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme | Self::XxHash64 | Self::XxHash3 => 8,
            Self::Md5 | Self::XxHash128 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// The kind of CRC that it is, if it is one: those can be combined.
    const fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            _ => None,
        }
    }

    /// What the checksum of a multipart object is of, when the caller does not say; none where the two don't go together.
    pub fn kind(self, asked: Option<ChecksumType>) -> Option<ChecksumType> {
        match (self, asked) {
            (Self::Crc64Nvme, None | Some(ChecksumType::FullObject)) => Some(ChecksumType::FullObject),
            (Self::Crc64Nvme, Some(ChecksumType::Composite)) => None,
            (_, None) => Some(ChecksumType::Composite),
            (_, Some(ChecksumType::FullObject)) if self.crc().is_none() => None,
            (_, Some(asked)) => Some(asked),
        }
    }

    /// Reads a checksum in base64.
    pub fn decode(self, value: &str) -> Result<Vec<u8>, Error> {
        let bytes = STANDARD.decode(value).ok().filter(|bytes| bytes.len() == self.length());
        bytes.ok_or_else(|| Error::request(format!("Value for {} header is invalid.", self.header())))
    }
}

/// A checksum being computed.
pub enum Hasher {
    /// A cyclic redundancy check.
    Crc(crc_fast::Digest),
    /// A secure hash.
    Sha(digest::Context),
    /// MD5.
    Md5(Md5),
    /// xxHash with 64 bits.
    Xx64(XxHash64),
    /// xxHash3 with 64 bits.
    Xx3(Box<xxhash3_64::Hasher>),
    /// xxHash3 with 128 bits.
    Xx128(Box<xxhash3_128::Hasher>),
}

impl Hasher {
    /// Begins one.
    pub fn new(algorithm: ChecksumAlgorithm) -> Self {
        let sha = |algorithm| Hasher::Sha(digest::Context::new(algorithm));
        match (algorithm, algorithm.crc()) {
            (_, Some(crc)) => Hasher::Crc(crc_fast::Digest::new(crc)),
            (ChecksumAlgorithm::Sha1, _) => sha(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            (ChecksumAlgorithm::Sha256, _) => sha(&digest::SHA256),
            (ChecksumAlgorithm::Sha512, _) => sha(&digest::SHA512),
            (ChecksumAlgorithm::XxHash64, _) => Hasher::Xx64(XxHash64::with_seed(0)),
            (ChecksumAlgorithm::XxHash3, _) => Hasher::Xx3(Box::new(xxhash3_64::Hasher::new())),
            (ChecksumAlgorithm::XxHash128, _) => Hasher::Xx128(Box::new(xxhash3_128::Hasher::new())),
            _ => Hasher::Md5(Md5::new()),
        }
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Crc(crc) => crc.update(bytes),
            Hasher::Sha(sha) => sha.update(bytes),
            Hasher::Md5(md5) => md5.update(bytes),
            Hasher::Xx64(hasher) => hasher.write(bytes),
            Hasher::Xx3(hasher) => hasher.write(bytes),
            Hasher::Xx128(hasher) => hasher.write(bytes),
        }
    }

    /// The checksum in the order of bytes in which it is shown.
    pub fn finish(self, algorithm: ChecksumAlgorithm) -> Vec<u8> {
        match self {
            Hasher::Crc(crc) => crc.finalize().to_be_bytes()[8 - algorithm.length()..].to_vec(),
            Hasher::Sha(sha) => sha.finish().as_ref().to_vec(),
            Hasher::Md5(md5) => md5.finalize().to_vec(),
            Hasher::Xx64(hasher) => hasher.finish().to_be_bytes().to_vec(),
            Hasher::Xx3(hasher) => hasher.finish().to_be_bytes().to_vec(),
            Hasher::Xx128(hasher) => hasher.finish_128().to_be_bytes().to_vec(),
        }
    }
}

/// The checksum of all bytes at once.
#[cfg(test)]
fn of_bytes(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Vec<u8> {
    let mut hasher = Hasher::new(algorithm);
    hasher.update(bytes);
    hasher.finish(algorithm)
}

/// The checksum of an object from those of its parts with their sizes: of all bytes where the algorithm allows it,
/// else none.
pub fn combined(algorithm: ChecksumAlgorithm, parts: &[(Vec<u8>, u64)]) -> Option<Vec<u8>> {
    let crc = algorithm.crc()?;
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let (first, rest) = parts.split_first()?;
    let whole = rest.iter().fold(number(&first.0), |whole, (part, size)| {
        crc_fast::checksum_combine(crc, whole, number(part), *size)
    });
    Some(whole.to_be_bytes()[8 - algorithm.length()..].to_vec())
}

/// The checksum of the checksums of the parts, as callers see it.
pub fn composite(algorithm: ChecksumAlgorithm, parts: &[(Vec<u8>, u64)]) -> String {
    let mut hasher = Hasher::new(algorithm);
    parts.iter().for_each(|(part, _)| hasher.update(part));
    format!("{}-{}", STANDARD.encode(hasher.finish(algorithm)), parts.len())
}

/// The checksum that a request gives, with its algorithm.
pub fn given(request: &Record) -> Result<Option<(ChecksumAlgorithm, &str)>, Error> {
    let mut given = ALL
        .into_iter()
        .filter_map(|algorithm| Some((algorithm, members::text(request, algorithm.member())?)));
    let first = given.next();
    if given.next().is_some() {
        let reason = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
        return Err(Error::request(reason));
    }
    Ok(first)
}

/// The algorithm that a request names.
pub fn named(request: &Record) -> Result<Option<ChecksumAlgorithm>, Error> {
    let Some(name) = members::text(request, "ChecksumAlgorithm") else { return Ok(None) };
    let known = ChecksumAlgorithm::parse(&name.to_ascii_uppercase());
    known.map(Some).ok_or_else(|| {
        Error::request(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: \
             [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_that_aws_shows() {
        let check = |algorithm, shown: &str| {
            assert_eq!(STANDARD.encode(of_bytes(algorithm, b"test-checksum")), shown, "{algorithm:?}");
        };
        check(ChecksumAlgorithm::Crc32, "lVk/nw==");
        check(ChecksumAlgorithm::Crc32c, "Fz3epA==");
        check(ChecksumAlgorithm::Crc64Nvme, "1f2xscCCZCU=");
        check(ChecksumAlgorithm::Sha1, "jbXkHAsXUrubtL3dqDQ4w+7WXc0=");
        check(ChecksumAlgorithm::Sha256, "1YQo81vx2VFUl0q5ccWISq8AkSBQQ0WO80S82TmfdIQ=");
    }

    #[test]
    fn every_checksum_has_its_length_and_does_not_depend_on_the_pieces() {
        for algorithm in ALL {
            let whole = of_bytes(algorithm, b"in one piece");
            let mut hasher = Hasher::new(algorithm);
            hasher.update(b"in one ");
            hasher.update(b"piece");
            assert_eq!(hasher.finish(algorithm), whole);
            assert_eq!(whole.len(), algorithm.length());
        }
    }

    #[test]
    fn checksums_of_parts_combine_to_that_of_the_whole() {
        for algorithm in [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32c, ChecksumAlgorithm::Crc64Nvme] {
            let parts = [&b"first part, "[..], b"second part, ", b"third"];
            let sums: Vec<_> =
                parts.iter().map(|part| (of_bytes(algorithm, part), part.len() as u64)).collect();
            assert_eq!(combined(algorithm, &sums).unwrap(), of_bytes(algorithm, &parts.concat()));
        }
        assert!(combined(ChecksumAlgorithm::Sha256, &[]).is_none());
    }
}
