//! Projections: the parts of items that an answer shows.

use crate::expression::fault::OF_PROJECTIONS;
use crate::expression::parser::Parser;
use crate::expression::path::{Path, Step};
use crate::{AttributeValue, ExpressionKind, Invalid, Item, Placeholders, Text};

/// Parts of items.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Projection {
    attributes: Vec<(Text, Part)>,
}

/// Parts of a value.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Whole,
    Names(Vec<(Text, Part)>),
    Indexes(Vec<(usize, Part)>),
}

impl Projection {
    /// Parses a `ProjectionExpression`.
    ///
    /// # Errors
    /// What AWS says of it.
    pub fn parse(text: &str, placeholders: &mut Placeholders) -> Result<Self, Invalid> {
        let mut parser = Parser::new(ExpressionKind::Projection, text, placeholders)?;
        let mut paths: Vec<Path> = Vec::new();
        loop {
            let path = parser.path(&[])?;
            parser.note_relations(paths.iter(), &path);
            paths.push(path);
            if !parser.take_sign(",") {
                break;
            }
        }
        parser.finish(OF_PROJECTIONS)?;
        Ok(Projection::of_paths(&paths))
    }

    /// The parts at these paths, which must not overlap; overlapping ones give the larger part.
    pub fn of_paths<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Self {
        let mut projection = Projection::default();
        for path in paths {
            insert(&mut projection.attributes, path.attribute.clone(), &path.steps);
        }
        projection
    }

    /// Whole attributes, as `AttributesToGet` names them.
    pub fn of_attributes(names: impl IntoIterator<Item = Text>) -> Self {
        Projection { attributes: names.into_iter().map(|name| (name, Part::Whole)).collect() }
    }

    /// The attributes that the projection shows, wholly or in part.
    pub fn attributes(&self) -> impl Iterator<Item = &Text> {
        self.attributes.iter().map(|(name, _)| name)
    }

    /// Whether the projection shows something of this attribute.
    pub fn contains(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|(name, _)| name == attribute)
    }

    /// The parts that an item has.
    pub fn apply(&self, item: &Item) -> Item {
        project_names(&self.attributes, item)
    }
}

/// The part of a step, which is made if it is not there.
fn entry<K: PartialEq>(parts: &mut Vec<(K, Part)>, step: K) -> &mut Part {
    let place = parts.iter().position(|(known, _)| *known == step).unwrap_or_else(|| {
        parts.push((step, Part::Names(Vec::new())));
        parts.len() - 1
    });
    &mut parts[place].1
}

fn insert<K: PartialEq>(parts: &mut Vec<(K, Part)>, step: K, steps: &[Step]) {
    let part = entry(parts, step);
    match (steps.split_first(), &mut *part) {
        (_, Part::Whole) => {}
        (None, _) => *part = Part::Whole,
        (Some((Step::Name(name), rest)), Part::Names(names)) => insert(names, name.clone(), rest),
        (Some((Step::Index(index), rest)), Part::Indexes(indexes)) => insert(indexes, *index, rest),
        (Some((Step::Index(index), rest)), Part::Names(_)) => {
            let mut indexes = Vec::new();
            insert(&mut indexes, *index, rest);
            *part = Part::Indexes(indexes);
        }
        (Some((Step::Name(_), _)), Part::Indexes(_)) => {}
    }
}

fn project_names(names: &[(Text, Part)], item: &Item) -> Item {
    let known = names.iter().filter_map(|(name, part)| {
        let value = item.get(name)?;
        Some((name.clone(), project(part, value)?))
    });
    known.collect()
}

fn project(part: &Part, value: &AttributeValue) -> Option<AttributeValue> {
    match (part, value) {
        (Part::Whole, value) => Some(value.clone()),
        (Part::Names(names), AttributeValue::M(map)) => {
            let projected = project_names(names, map);
            (!projected.is_empty()).then_some(AttributeValue::M(projected))
        }
        (Part::Indexes(indexes), AttributeValue::L(values)) => {
            let mut places: Vec<&(usize, Part)> = indexes.iter().collect();
            places.sort_by_key(|(index, _)| *index);
            let elements = places.into_iter().filter_map(|(index, part)| project(part, values.get(*index)?));
            let elements: Vec<_> = elements.collect();
            (!elements.is_empty()).then_some(AttributeValue::L(elements))
        }
        _ => None,
    }
}
