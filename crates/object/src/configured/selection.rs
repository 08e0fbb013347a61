//! Which objects a rule of a configuration is about: the filters of lifecycle, replication, analytics and
//! Intelligent-Tiering.

use virga_api::s3 as api;
use virga_model::view::List;

/// Conditions on objects; all must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectFilter {
    /// How keys begin.
    pub prefix: Option<String>,
    /// Tags that objects have.
    pub tags: Vec<(String, String)>,
    /// Size in bytes that the object's must exceed.
    pub size_greater_than: Option<u64>,
    /// Size in bytes that the object's must stay below.
    pub size_less_than: Option<u64>,
}

impl ObjectFilter {
    /// Reads what the caller gave: a single tag, or several.
    pub fn read<'a>(
        prefix: Option<&str>,
        tag: Option<&'a api::Tag>,
        tags: Option<List<'a, &'a api::Tag>>,
    ) -> Self {
        let tags = tag.into_iter().chain(tags.into_iter().flat_map(List::iter));
        ObjectFilter {
            prefix: prefix.map(str::to_owned),
            tags: tags.map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect(),
            ..ObjectFilter::default()
        }
    }
}
