//! AWS's managed policies: names, paths, dates, and the texts of their default versions, as facts of the build. The
//! texts are packed one by one, so that reading one leaves the others alone.

use std::io::Read as _;

use flate2::read::DeflateDecoder;
use virga_store::Fault;

/// Where a policy's parts are in [`NAMES`] and [`TEXTS`], and its facts.
struct Entry {
    /// Start and length of the name.
    name: (u32, u8),
    /// Which of [`PATHS`].
    path: u8,
    version: u16,
    created: i64,
    updated: i64,
    /// Start and end of the packed text.
    text: (u32, u32),
}

include!(concat!(env!("OUT_DIR"), "/aws_policies.rs"));

/// All packed texts.
static TEXTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/aws_policies.deflate"));

/// The letters of ids.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// One of AWS's managed policies.
#[derive(Clone, Copy)]
pub(crate) struct AwsPolicy(&'static Entry);

impl AwsPolicy {
    /// All of them, by name.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        ENTRIES.iter().map(AwsPolicy)
    }

    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let place = ENTRIES.binary_search_by(|entry| AwsPolicy(entry).name().cmp(name)).ok()?;
        // The entries are static: the index lives as long.
        ENTRIES.get(place).map(AwsPolicy)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        let (start, length) = (self.0.name.0 as usize, usize::from(self.0.name.1));
        &NAMES[start..start + length]
    }

    /// Its path.
    pub(crate) fn path(self) -> &'static str {
        PATHS[usize::from(self.0.path)]
    }

    /// Its ARN, in which `aws` stands for the account.
    pub(crate) fn arn(self) -> String {
        crate::arn::of("aws", "policy", self.path(), self.name())
    }

    /// An id of the usual form. AWS's are not part of the data, so it follows from the name.
    pub(crate) fn id(self) -> String {
        // FNV-1a, over again for each letter.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let mut step = |byte: u8| {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            hash
        };
        self.name().bytes().for_each(|byte| {
            step(byte);
        });
        let letters = (0..17u8).map(|place| {
            let hash = step(place);
            char::from(ALPHABET[usize::try_from(hash >> 40 & 31).unwrap_or(0)])
        });
        format!("ANPA{}", letters.collect::<String>())
    }

    /// The number of its default version.
    pub(crate) fn version(self) -> u32 {
        u32::from(self.0.version)
    }

    /// When it was created and last updated.
    pub(crate) fn dates(self) -> (i64, i64) {
        (self.0.created, self.0.updated)
    }

    /// The text of the default version.
    pub(crate) fn document(self) -> Result<String, Fault> {
        let (start, end) = (self.0.text.0 as usize, self.0.text.1 as usize);
        let mut text = String::new();
        let read = DeflateDecoder::new(&TEXTS[start..end]).read_to_string(&mut text);
        read.map_err(|error| Fault::with_source("a policy of AWS can't be unpacked", error))?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use virga_iam::policy::{Policy, PolicyKind};

    use super::AwsPolicy;

    #[test]
    fn policies_are_found_by_name() {
        let policy = AwsPolicy::named("AdministratorAccess").unwrap();
        assert_eq!(policy.arn(), "arn:aws:iam::aws:policy/AdministratorAccess");
        let document: serde_json::Value = serde_json::from_str(&policy.document().unwrap()).unwrap();
        assert_eq!(document["Statement"][0]["Action"], "*");
        assert_eq!(policy.id().len(), 21);
        assert!(AwsPolicy::named("administratoraccess").is_none());
    }

    #[test]
    fn every_policy_can_be_read() {
        let (mut last, mut refused) = ("", Vec::new());
        for policy in AwsPolicy::all() {
            assert!(last < policy.name(), "{} comes after {last}", policy.name());
            last = policy.name();
            if let Err(error) = Policy::parse(&policy.document().unwrap(), PolicyKind::Identity) {
                refused.push(format!("{last}: {error}"));
            }
            assert!(policy.path().starts_with('/') && policy.version() > 0);
        }
        assert_eq!(refused, Vec::<String>::new());
    }
}
