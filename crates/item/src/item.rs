//! Items and maps: attributes by name.

use crate::{AttributeValue, Text};

/// An item, or the content of a map: attributes in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item(Vec<(Text, AttributeValue)>);

impl Item {
    /// Without attributes.
    pub const fn new() -> Self {
        Item(Vec::new())
    }

    /// From attributes that are already in the order of their names, each once; none if they are not.
    pub(crate) fn from_sorted(attributes: Vec<(Text, AttributeValue)>) -> Option<Self> {
        attributes.is_sorted_by(|(one, _), (other, _)| one < other).then_some(Item(attributes))
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(name))
    }

    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&AttributeValue> {
        self.place(name).ok().map(|at| &self.0[at].1)
    }

    /// The value of an attribute, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut AttributeValue> {
        self.place(name).ok().map(|at| &mut self.0[at].1)
    }

    /// Sets an attribute and returns what it was.
    pub fn insert(&mut self, name: Text, value: AttributeValue) -> Option<AttributeValue> {
        match self.place(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// Takes an attribute away and returns what it was.
    pub fn remove(&mut self, name: &str) -> Option<AttributeValue> {
        self.place(name).ok().map(|at| self.0.remove(at).1)
    }

    /// Whether there is an attribute of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    /// Attributes by name.
    pub fn iter(&self) -> std::slice::Iter<'_, (Text, AttributeValue)> {
        self.0.iter()
    }

    /// Keeps the attributes for which `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&Text, &AttributeValue) -> bool) {
        self.0.retain(|(name, value)| keep(name, value));
    }

    /// Number of attributes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no attribute.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Text, AttributeValue)> for Item {
    /// The later of two attributes of one name stays.
    fn from_iter<I: IntoIterator<Item = (Text, AttributeValue)>>(attributes: I) -> Self {
        let mut attributes: Vec<_> = attributes.into_iter().collect();
        if !attributes.is_sorted_by(|(one, _), (other, _)| one < other) {
            attributes.reverse();
            attributes.sort_by(|(one, _), (other, _)| one.cmp(other));
            attributes.dedup_by(|(one, _), (other, _)| one == other);
        }
        Item(attributes)
    }
}

impl IntoIterator for Item {
    type Item = (Text, AttributeValue);
    type IntoIter = std::vec::IntoIter<(Text, AttributeValue)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Item {
    type Item = &'a (Text, AttributeValue);
    type IntoIter = std::slice::Iter<'a, (Text, AttributeValue)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_attributes_of_one_name_stays() {
        let attribute = |name: &'static str, value| (Text::from_static(name), AttributeValue::Bool(value));
        let item: Item =
            [attribute("b", false), attribute("a", false), attribute("b", true)].into_iter().collect();
        assert_eq!(item.get("b"), Some(&AttributeValue::Bool(true)));
        let names: Vec<&str> = item.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["a", "b"]);
    }
}
