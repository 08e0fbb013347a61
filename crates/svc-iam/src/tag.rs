//! Tags, the same for all resources. Keys are told apart without regard to case.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::Ctx;
use virga_model::view::List;
use virga_store::{Fault, Reader, Write};

use crate::error::Error;
use crate::page::Page;
use crate::records::Tag;

/// The most tags of a resource.
const MOST: usize = 50;

/// A resource with tags.
pub(crate) trait Tagged: Sized {
    /// Finds it by what the tagging operations call it: its name, ARN or serial number.
    fn find_tagged(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error>;
    /// Its tags.
    fn tags(&self) -> &[Tag];
    /// Its tags, to be changed.
    fn tags_mut(&mut self) -> &mut Vec<Tag>;
    /// Stores it with its tags.
    fn put_tagged(&self, ctx: &Ctx, txn: &mut Write) -> Result<(), Fault>;
}

/// Declares the handlers of a resource's tagging operations: their names, their inputs, and the member that names the
/// resource.
macro_rules! tag_handlers {
    ($resource:ident by $member:ident: $tag:ident($tag_input:ident), $untag:ident($untag_input:ident),
     $list:ident($list_input:ident) -> $list_output:ident) => {
        /// Sets tags.
        pub(crate) fn $tag(
            ctx: &virga_kit::Ctx,
            txn: &mut virga_store::Write,
            input: &virga_api::iam::$tag_input,
        ) -> Result<virga_api::Nothing, $crate::error::Error> {
            $crate::tag::tag::<$resource>(ctx, txn, input.$member(), input.tags())
        }

        /// Removes tags; those that are not there are no error.
        pub(crate) fn $untag(
            ctx: &virga_kit::Ctx,
            txn: &mut virga_store::Write,
            input: &virga_api::iam::$untag_input,
        ) -> Result<virga_api::Nothing, $crate::error::Error> {
            $crate::tag::untag::<$resource>(ctx, txn, input.$member(), input.tag_keys())
        }

        /// Lists tags, by key.
        pub(crate) fn $list(
            ctx: &virga_kit::Ctx,
            txn: &virga_store::Read,
            input: &virga_api::iam::$list_input,
        ) -> Result<virga_api::iam::$list_output, $crate::error::Error> {
            let page = $crate::page::Page::of(input.marker(), input.max_items())?;
            let resource = <$resource as $crate::tag::Tagged>::find_tagged(ctx, txn, input.$member())?;
            let (tags, marker) = $crate::tag::page($crate::tag::Tagged::tags(&resource), &page);
            let output = virga_api::iam::$list_output::new().with_tags(tags);
            Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
        }
    };
}
pub(crate) use tag_handlers;

/// Sets tags of a resource.
pub(crate) fn tag<R: Tagged>(
    ctx: &Ctx,
    txn: &mut Write,
    name: &str,
    given: List<'_, &api::Tag>,
) -> Result<Nothing, Error> {
    let mut resource = R::find_tagged(ctx, txn, name)?;
    set(resource.tags_mut(), given)?;
    resource.put_tagged(ctx, txn)?;
    Ok(Nothing::new())
}

/// Removes tags of a resource.
pub(crate) fn untag<R: Tagged>(
    ctx: &Ctx,
    txn: &mut Write,
    name: &str,
    keys: List<'_, &str>,
) -> Result<Nothing, Error> {
    let mut resource = R::find_tagged(ctx, txn, name)?;
    resource.tags_mut().retain(|tag| !keys.iter().any(|key| same(key, &tag.key)));
    resource.put_tagged(ctx, txn)?;
    Ok(Nothing::new())
}

/// The tags that a new resource is given.
pub(crate) fn of_input(tags: Option<List<'_, &api::Tag>>) -> Result<Vec<Tag>, Error> {
    let mut all = Vec::new();
    if let Some(tags) = tags {
        set(&mut all, tags)?;
    }
    Ok(all)
}

/// Adds tags, in place of those with the same keys.
fn set(all: &mut Vec<Tag>, given: List<'_, &api::Tag>) -> Result<(), Error> {
    let given: Vec<Tag> =
        given.iter().map(|tag| Tag { key: tag.key().to_owned(), value: tag.value().to_owned() }).collect();
    for (index, tag) in given.iter().enumerate() {
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            let reason = "System tag keys (prefix aws:) cannot be set by users.";
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

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Tags as an output shows them.
pub(crate) fn shown(tags: &[Tag]) -> Vec<api::Tag> {
    tags.iter().map(output).collect()
}

/// Tags as most outputs show them: the member is absent when there are none.
pub(crate) fn shown_if_any(tags: &[Tag]) -> Option<Vec<api::Tag>> {
    (!tags.is_empty()).then(|| shown(tags))
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
