//! Tags, the same for all resources. Keys are told apart without regard to case.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>

use virga_api::iam as api;
use virga_model::view::List;

use crate::error::Error;
use crate::page::Page;
use crate::records::Tag;

/// The most tags of a resource.
const MOST: usize = 50;

/// The tags that a new resource is given.
pub(crate) fn of_input(tags: Option<List<'_, &api::Tag>>) -> Result<Vec<Tag>, Error> {
    let mut all = Vec::new();
    if let Some(tags) = tags {
        set(&mut all, tags)?;
    }
    Ok(all)
}

/// Adds tags, in place of those with the same keys.
pub(crate) fn set(all: &mut Vec<Tag>, given: List<'_, &api::Tag>) -> Result<(), Error> {
    let given: Vec<Tag> =
        given.iter().map(|tag| Tag { key: tag.key().to_owned(), value: tag.value().to_owned() }).collect();
    for (index, tag) in given.iter().enumerate() {
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            let reason =
                "Value at 'tags' failed to satisfy constraint: tag keys that start with aws: are reserved.";
            return Err(Error::InvalidInput { reason: reason.to_owned() });
        }
        if given[..index].iter().any(|other| same(&other.key, &tag.key)) {
            let reason = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(Error::InvalidInput { reason: reason.to_owned() });
        }
    }
    for tag in given {
        match all.iter_mut().find(|other| same(&other.key, &tag.key)) {
            Some(old) => *old = tag,
            None => all.push(tag),
        }
    }
    if all.len() > MOST { Err(Error::TooManyTags) } else { Ok(()) }
}

/// Removes tags; those that are not there are no error.
pub(crate) fn remove(all: &mut Vec<Tag>, keys: List<'_, &str>) {
    all.retain(|tag| !keys.iter().any(|key| same(key, &tag.key)));
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Tags as an output shows them; the member is absent when there are none.
pub(crate) fn shown(tags: &[Tag]) -> Option<Vec<api::Tag>> {
    (!tags.is_empty()).then(|| tags.iter().map(output).collect())
}

/// A page of tags, by key.
pub(crate) fn page(tags: &[Tag], page: &Page) -> (Vec<api::Tag>, Option<String>) {
    let mut tags: Vec<&Tag> = tags.iter().collect();
    tags.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    page.cut(tags.into_iter().map(|tag| (tag.key.clone(), output(tag))))
}

fn output(tag: &Tag) -> api::Tag {
    api::Tag::new().with_key(&*tag.key).with_value(&*tag.value)
}
