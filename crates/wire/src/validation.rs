//! The model's constraints: what is required, how long, how large, of which form.

mod pattern;
mod wording;

use virga_model::{Kind, Map, Record, Shape, Value};

pub use wording::describe;

/// Constraints that not every service of AWS enforces as its model states them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Check regular expressions.
    pub patterns: bool,
    /// Check that strings are among the values of their enum.
    pub enums: bool,
}

impl Rules {
    /// Everything the model states.
    pub const ALL: Rules = Rules { patterns: true, enums: true };
    /// Presence, length and range only.
    pub const BOUNDS: Rules = Rules { patterns: false, enums: false };
}

/// A constraint of the model.
#[derive(Debug, Clone, PartialEq)]
pub enum Constraint {
    /// Must be present.
    Required,
    /// Shortest length: characters, bytes, elements or entries.
    MinLength(f64),
    /// Greatest length.
    MaxLength(f64),
    /// Smallest number; whether it is a whole number.
    MinValue(f64, bool),
    /// Greatest number; whether it is a whole number.
    MaxValue(f64, bool),
    /// Must match as a whole.
    Pattern(&'static str),
    /// Must be one of the values of this enum.
    OneOf(Shape),
    /// An element of the list breaks one of these.
    Elements(Vec<Constraint>),
    /// A key of the map breaks one of these.
    Keys(Vec<Constraint>),
    /// A value of the map breaks one of these.
    Values(Vec<Constraint>),
}

/// A broken constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// The place, as AWS spells it: `messageAttributes.attr1.member.dataType`.
    pub path: String,
    /// The value as AWS prints it; none when it is absent.
    pub value: Option<String>,
    /// What it breaks.
    pub constraint: Constraint,
}

/// Most violations that are reported.
const MOST_VIOLATIONS: usize = 100;

/// Checks a record against its model. An empty list means it is valid; [`describe`] words the others.
pub fn validate(record: &Record, rules: Rules) -> Vec<Violation> {
    let mut check = Check { rules, found: Vec::new() };
    check.record(record, None);
    check.found
}

/// A place in the record, from the inside out.
#[derive(Clone, Copy)]
struct Path<'p> {
    outer: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Member(&'static str),
    Index(usize),
    Key(&'p str),
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(outer) = self.outer {
            write!(f, "{outer}.")?;
        }
        match self.step {
            Step::Member(name) => {
                let mut letters = name.chars();
                let first = letters.next().map(|letter| letter.to_ascii_lowercase());
                write!(f, "{}{}", first.unwrap_or_default(), letters.as_str())
            }
            Step::Index(index) => write!(f, "{}.member", index + 1),
            Step::Key(key) => write!(f, "{key}.member"),
        }
    }
}

struct Check {
    rules: Rules,
    found: Vec<Violation>,
}

impl Check {
    fn report(&mut self, path: Path<'_>, value: Option<&Value>, constraint: Constraint) {
        if self.found.len() < MOST_VIOLATIONS {
            self.found.push(Violation {
                path: path.to_string(),
                value: value.map(wording::print),
                constraint,
            });
        }
    }

    fn record(&mut self, record: &Record, outer: Option<&Path<'_>>) {
        let Some(shape) = record.shape() else { return };
        for (member, value) in shape.members().zip(record.values()) {
            if matches!(value, Value::Null) {
                if member.is_required() {
                    self.report(
                        Path { outer, step: Step::Member(member.name()) },
                        None,
                        Constraint::Required,
                    );
                }
                continue;
            }
            self.value(member.shape(), value, Path { outer, step: Step::Member(member.name()) });
        }
    }

    fn value(&mut self, shape: Shape, value: &Value, path: Path<'_>) {
        self.scalar(shape, value, |check, constraint| check.report(path, Some(value), constraint));
        match value {
            Value::Structure(record) => self.record(record, Some(&path)),
            Value::List(items) if shape.kind() == Kind::List => self.list(shape, value, items, path),
            Value::Map(map) if shape.kind() == Kind::Map => self.map(shape, value, map, path),
            _ => {}
        }
    }

    fn list(&mut self, shape: Shape, list: &Value, items: &[Value], path: Path<'_>) {
        let element = shape.list_member().shape();
        for (index, item) in items.iter().enumerate() {
            if is_container(element) {
                self.value(element, item, Path { outer: Some(&path), step: Step::Index(index) });
            } else if self.is_broken(element, item) {
                // AWS reports the list as a whole, with all constraints of its elements.
                let constraint = Constraint::Elements(self.constraints(element));
                return self.report(path, Some(list), constraint);
            }
        }
    }

    fn map(&mut self, shape: Shape, whole: &Value, map: &Map, path: Path<'_>) {
        let (key_shape, element) = (shape.map_key().shape(), shape.map_value().shape());
        if map.iter().any(|(key, _)| self.is_broken(key_shape, &Value::String(key.clone()))) {
            let constraint = Constraint::Keys(self.constraints(key_shape));
            self.report(path, Some(whole), constraint);
        }
        if is_container(element) {
            for (key, item) in map {
                self.value(element, item, Path { outer: Some(&path), step: Step::Key(key) });
            }
        } else if map.iter().any(|(_, item)| self.is_broken(element, item)) {
            let constraint = Constraint::Values(self.constraints(element));
            self.report(path, Some(whole), constraint);
        }
    }

    fn is_broken(&mut self, shape: Shape, value: &Value) -> bool {
        let mut broken = false;
        self.scalar(shape, value, |_, _| broken = true);
        broken
    }

    /// Checks the constraints of the value itself, not of what it contains.
    fn scalar(&mut self, shape: Shape, value: &Value, mut report: impl FnMut(&mut Self, Constraint)) {
        if !shape.is_constrained() {
            return;
        }
        let (size, is_length) = match value {
            Value::String(text) => (length(text), true),
            Value::Blob(bytes) => (bytes.len() as f64, true),
            Value::List(items) => (items.len() as f64, true),
            Value::Map(map) => (map.len() as f64, true),
            Value::Integer(number) => (*number as f64, false),
            Value::Double(number) => (*number, false),
            _ => return,
        };
        if let Some(max) = shape.max().filter(|max| size > *max) {
            report(self, if is_length { Constraint::MaxLength(max) } else { max_value(shape, max) });
        }
        if let Some(min) = shape.min().filter(|min| size < *min) {
            report(self, if is_length { Constraint::MinLength(min) } else { min_value(shape, min) });
        }
        let Value::String(text) = value else { return };
        if self.rules.patterns
            && let Some(expression) = shape.pattern().filter(|_| !pattern::matches(shape, text))
        {
            report(self, Constraint::Pattern(expression));
        }
        let mut values = shape.enum_values();
        if self.rules.enums && values.len() > 0 && !values.any(|known| known == &**text) {
            report(self, Constraint::OneOf(shape));
        }
    }

    /// All that an element must satisfy, in AWS's order.
    fn constraints(&self, shape: Shape) -> Vec<Constraint> {
        let is_number = matches!(shape.kind(), Kind::Integer | Kind::Long | Kind::Float | Kind::Double);
        let max =
            shape.max().map(|max| if is_number { max_value(shape, max) } else { Constraint::MaxLength(max) });
        let min =
            shape.min().map(|min| if is_number { min_value(shape, min) } else { Constraint::MinLength(min) });
        let pattern = shape.pattern().filter(|_| self.rules.patterns).map(Constraint::Pattern);
        let values = (self.rules.enums && shape.enum_values().len() > 0).then_some(Constraint::OneOf(shape));
        [max, min, pattern, values].into_iter().flatten().collect()
    }
}

/// Characters of a text.
fn length(text: &str) -> f64 {
    // Counting is slower than this test, and most texts are ASCII.
    if text.is_ascii() { text.len() as f64 } else { text.chars().count() as f64 }
}

fn is_container(shape: Shape) -> bool {
    matches!(shape.kind(), Kind::Structure | Kind::List | Kind::Map)
}

fn is_whole(shape: Shape) -> bool {
    matches!(shape.kind(), Kind::Integer | Kind::Long)
}

fn max_value(shape: Shape, max: f64) -> Constraint {
    Constraint::MaxValue(max, is_whole(shape))
}

fn min_value(shape: Shape, min: f64) -> Constraint {
    Constraint::MinValue(min, is_whole(shape))
}
