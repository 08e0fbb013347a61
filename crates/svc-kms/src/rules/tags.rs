//! Tags of keys. <https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html>

use std::collections::BTreeMap;

use crate::error::Error;

/// The most tags of a key.
const MOST: usize = 50;

/// Reads the tags of a request.
pub(crate) fn read<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<BTreeMap<String, String>, Error> {
    let refused = |reason: &str| Error::Tag { reason: reason.to_owned() };
    let mut tags = BTreeMap::new();
    for (key, value) in pairs {
        if is_reserved(key) {
            return Err(refused("Tags beginning with aws: are reserved"));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(refused("Duplicate tag keys"));
        }
    }
    check_count(&tags)?;
    Ok(tags)
}

/// Refuses more tags than a key can have.
pub(crate) fn check_count(tags: &BTreeMap<String, String>) -> Result<(), Error> {
    if tags.len() > MOST { Err(Error::Tag { reason: "Too many tags".to_owned() }) } else { Ok(()) }
}

fn is_reserved(key: &str) -> bool {
    key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn reserved_repeated_and_too_many_tags_are_refused() {
        assert_eq!(read([("a", "1"), ("b", "2")].into_iter()).ok().unwrap().len(), 2);
        assert!(read([("aws:a", "1")].into_iter()).is_err() && read([("AWS:a", "1")].into_iter()).is_err());
        assert!(read([("a", "1"), ("a", "2")].into_iter()).is_err());
        let many: Vec<String> = (0..51).map(|number| number.to_string()).collect();
        assert!(read(many.iter().map(|key| (key.as_str(), ""))).is_err());
        assert!(read(many[1..].iter().map(|key| (key.as_str(), ""))).is_ok());
    }
}
