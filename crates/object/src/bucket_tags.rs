//! What tags of a bucket may be.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html>

use virga_api::s3 as api;
use virga_model::view::List;

use crate::Error;
use serde::{Deserialize, Serialize};
use virga_store::stored;

/// Tags, in the order they were given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Tags(pub Vec<(String, String)>);
stored!(Tags, 1);

/// The most tags of a bucket.
const MOST: usize = 50;
/// The longest key and value, in characters.
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

/// Reads and checks tags.
pub fn of(tags: List<'_, &api::Tag>) -> Result<Tags, Error> {
    if tags.len() > MOST {
        return Err(Error::TooManyBucketTags);
    }
    let mut checked: Vec<(String, String)> = Vec::new();
    for tag in tags.iter() {
        let (key, value) = (tag.key(), tag.value());
        let refuse = |reason: &str| Error::InvalidTag { reason: reason.to_owned(), key: key.to_owned() };
        if key.starts_with("aws:") {
            return Err(refuse("System tags cannot be added/updated by requester"));
        }
        if key.is_empty() || key.chars().count() > LONGEST_KEY || !key.chars().all(is_allowed) {
            return Err(refuse("The TagKey you have provided is invalid"));
        }
        if value.chars().count() > LONGEST_VALUE || !value.chars().all(is_allowed) {
            return Err(Error::InvalidTagValue { key: key.to_owned(), value: value.to_owned() });
        }
        if checked.iter().any(|(known, _)| known == key) {
            return Err(refuse("Cannot provide multiple Tags with the same key"));
        }
        checked.push((key.to_owned(), value.to_owned()));
    }
    Ok(Tags(checked))
}

/// The tags of a bucket that is being made: the newer interface has words of its own for system tags.
pub fn of_new(tags: List<'_, &api::Tag>) -> Result<Tags, Error> {
    if tags.iter().any(|tag| tag.key().starts_with("aws:")) {
        return Err(Error::InvalidResourceTag { reason: SYSTEM_TAG.to_owned() });
    }
    of(tags)
}

/// What the newer interfaces say of system tags.
pub const SYSTEM_TAG: &str = "User-defined tag keys can't start with \"aws:\". This prefix is reserved for system \
     tags. Remove \"aws:\" from your tag keys and try again.";

/// Letters, digits, white space and `+ - = . _ : / @`.
pub fn is_allowed(character: char) -> bool {
    character.is_alphanumeric() || character.is_whitespace() || "+-=._:/@".contains(character)
}

/// Tags as answers show them.
pub fn shown(tags: &Tags) -> Vec<api::Tag> {
    tags.0.iter().map(|(key, value)| api::Tag::new().with_key(key).with_value(value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(tags: &[(&str, &str)]) -> String {
        let tags = tags
            .iter()
            .map(|(key, value)| api::Tag::new().with_key(*key).with_value(*value))
            .collect::<Vec<_>>();
        let tagging = api::Tagging::new().with_tag_set(tags);
        match of(tagging.tag_set()) {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.into_api().unwrap().message.to_string(),
        }
    }

    #[test]
    fn tags_are_checked() {
        assert_eq!(message(&[("tag1", "a b"), ("tag2", "")]), "ok");
        assert_eq!(message(&[("a", "1"), ("a", "2")]), "Cannot provide multiple Tags with the same key");
        assert_eq!(message(&[("Key1,Key2", "1")]), "The TagKey you have provided is invalid");
        assert_eq!(message(&[("a", "Val1,Val2")]), "The TagValue you have provided is invalid");
        assert_eq!(message(&[("aws:x", "1")]), "System tags cannot be added/updated by requester");
    }
}
