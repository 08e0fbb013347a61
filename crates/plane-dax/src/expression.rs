//! Expressions: clients parse them and send them as trees of arrays, `[code, argument …]`, in which placeholders are
//! resolved. Here they become DynamoDB's text again, with placeholders of their own.
//!
//! A condition, filter or key condition is `[1, tree, [value …]]`, an update `[1, [action …], [value …]]`, a projection
//! `[1, [path …]]`. The codes are those of [`code`]; `[17, n]` is the n-th value, `[18, name, …]` a document path whose
//! further steps are names or list indexes behind a tag.

use bytes::Bytes;
use minicbor::data::Type;
use virga_item::{AttributeValue, Path, Step, Text};

use crate::cbor::{Malformed, Reader, tag};

/// The only version of the encoding.
const VERSION: i64 = 1;
/// Deepest trees: DynamoDB takes 300 operators.
const DEEPEST: usize = 320;
/// Longest rendered expression, in bytes: DynamoDB takes 4 KB of what its callers write.
const LONGEST: usize = 256 * 1024;

/// What the first element of an array says.
mod code {
    pub(super) const COMPARATORS: [(i64, &str); 6] =
        [(0, "="), (1, "<>"), (2, "<"), (3, ">="), (4, ">"), (5, "<=")];
    pub(super) const AND: i64 = 6;
    pub(super) const OR: i64 = 7;
    pub(super) const NOT: i64 = 8;
    pub(super) const BETWEEN: i64 = 9;
    pub(super) const IN: i64 = 10;
    pub(super) const FUNCTIONS: [(i64, &str); 8] = [
        (11, "attribute_exists"),
        (12, "attribute_not_exists"),
        (13, "attribute_type"),
        (14, "begins_with"),
        (15, "contains"),
        (16, "size"),
        (23, "if_not_exists"),
        (24, "list_append"),
    ];
    pub(super) const VALUE: i64 = 17;
    pub(super) const PATH: i64 = 18;
    pub(super) const ACTIONS: [(i64, &str, &str); 4] =
        [(19, "SET", " = "), (20, "ADD", " "), (21, "DELETE", " "), (22, "REMOVE", "")];
    pub(super) const PLUS: i64 = 25;
    pub(super) const MINUS: i64 = 26;
}

/// How tightly the parts of a rendered condition hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Or,
    And,
    Not,
    Whole,
}

/// The placeholders of the expressions of one request: `#0`, `#1`, … and `:0`, `:1`, ….
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Placeholders {
    pub(crate) names: Vec<Text>,
    pub(crate) values: Vec<AttributeValue>,
}

impl Placeholders {
    /// The placeholder of a name.
    pub(crate) fn name(&mut self, name: &Text) -> String {
        let place = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.clone());
            self.names.len() - 1
        });
        format!("#{place}")
    }

    /// The text of a document path.
    pub(crate) fn path(&mut self, path: &Path) -> String {
        let mut text = self.name(&path.attribute);
        for step in &path.steps {
            match step {
                Step::Name(name) => text = format!("{text}.{}", self.name(name)),
                Step::Index(index) => text = format!("{text}[{index}]"),
            }
        }
        text
    }
}

/// The text of a condition, filter or key condition.
///
/// # Errors
/// It is malformed.
pub(crate) fn condition(bytes: &Bytes, placeholders: &mut Placeholders) -> Result<String, Malformed> {
    with_values(bytes, placeholders, |decoder, reader| Ok(decoder.condition(reader, 0)?.0))
}

/// The text of an update.
///
/// # Errors
/// It is malformed.
pub(crate) fn update(bytes: &Bytes, placeholders: &mut Placeholders) -> Result<String, Malformed> {
    with_values(bytes, placeholders, |decoder, reader| {
        let actions = reader.array(|reader| decoder.action(reader))?;
        let clauses = code::ACTIONS.iter().filter_map(|(_, word, _)| {
            let of_word: Vec<&str> =
                actions.iter().filter(|(own, _)| own == word).map(|(_, text)| text.as_str()).collect();
            (!of_word.is_empty()).then(|| format!("{word} {}", of_word.join(", ")))
        });
        Ok(clauses.collect::<Vec<_>>().join(" "))
    })
}

/// The paths of a projection, in their order: answers name them by number.
///
/// # Errors
/// It is malformed.
pub(crate) fn projection(bytes: &Bytes) -> Result<Vec<Path>, Malformed> {
    let mut reader = Reader::new(bytes);
    reader.array_of(2)?;
    check_version(&mut reader)?;
    reader.array(|reader| {
        let length = reader.array_length()?;
        match reader.int()? {
            code::PATH => path(reader, length),
            _ => Err(Malformed::expected("a document path")),
        }
    })
}

fn check_version(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    match reader.int()? {
        VERSION => Ok(()),
        _ => Err(Malformed::expected("an expression of version 1")),
    }
}

/// Reads an expression with the values behind it.
fn with_values(
    bytes: &Bytes,
    placeholders: &mut Placeholders,
    read: impl FnOnce(&mut Decoder<'_>, &mut Reader<'_>) -> Result<String, Malformed>,
) -> Result<String, Malformed> {
    let mut reader = Reader::new(bytes);
    reader.array_of(3)?;
    check_version(&mut reader)?;
    let first_value = placeholders.values.len();
    let mut decoder = Decoder { placeholders, first_value, values: 0 };
    let text = read(&mut decoder, &mut reader)?;
    let wanted = decoder.values;
    let values = reader.array(Reader::attribute)?;
    if values.len() < wanted {
        return Err(Malformed::expected("a value for each placeholder"));
    }
    placeholders.values.extend(values);
    Ok(text)
}

struct Decoder<'p> {
    placeholders: &'p mut Placeholders,
    /// How many values the expressions before this one have.
    first_value: usize,
    /// How many values this expression refers to.
    values: usize,
}

impl Decoder<'_> {
    fn condition(&mut self, reader: &mut Reader<'_>, depth: usize) -> Result<(String, Binding), Malformed> {
        let length = enter(reader, depth)?;
        let own = reader.int()?;
        let within = |decoder: &mut Self, reader: &mut Reader<'_>, least: Binding| {
            let (text, binding) = decoder.condition(reader, depth + 1)?;
            Ok::<_, Malformed>(if binding < least { format!("({text})") } else { text })
        };
        let (text, binding) = match (own, length) {
            (code::AND, 3) => {
                let one = within(self, reader, Binding::And)?;
                (format!("{one} AND {}", within(self, reader, Binding::And)?), Binding::And)
            }
            (code::OR, 3) => {
                let one = within(self, reader, Binding::Or)?;
                (format!("{one} OR {}", within(self, reader, Binding::Or)?), Binding::Or)
            }
            (code::NOT, 2) => (format!("NOT {}", within(self, reader, Binding::Not)?), Binding::Not),
            (code::BETWEEN, 4) => {
                let [value, low, high] = self.operands(reader, depth)?;
                (format!("{value} BETWEEN {low} AND {high}"), Binding::Whole)
            }
            (code::IN, 3) => {
                let value = self.operand(reader, depth + 1)?;
                let choices = reader.array(|reader| self.operand(reader, depth + 1))?;
                (format!("{value} IN ({})", choices.join(", ")), Binding::Whole)
            }
            (own, length) => (self.comparison(reader, own, length, depth)?, Binding::Whole),
        };
        Ok((bounded(text)?, binding))
    }

    fn comparison(
        &mut self,
        reader: &mut Reader<'_>,
        own: i64,
        length: u64,
        depth: usize,
    ) -> Result<String, Malformed> {
        let comparator = code::COMPARATORS.iter().find(|(code, _)| *code == own).filter(|_| length == 3);
        if let Some((_, sign)) = comparator {
            let [one, other] = self.operands(reader, depth)?;
            return Ok(format!("{one} {sign} {other}"));
        }
        self.call(reader, own, length, depth)
    }

    fn call(
        &mut self,
        reader: &mut Reader<'_>,
        own: i64,
        length: u64,
        depth: usize,
    ) -> Result<String, Malformed> {
        let function = code::FUNCTIONS.iter().find(|(code, _)| *code == own);
        let (_, name) =
            function.ok_or_else(|| Malformed::Shape(format!("no expression has the code {own}")))?;
        let arguments: Result<Vec<_>, _> =
            (1..length.min(4)).map(|_| self.operand(reader, depth + 1)).collect();
        match length {
            2.. => Ok(format!("{name}({})", arguments?.join(", "))),
            _ => Err(Malformed::expected("arguments")),
        }
    }

    fn operands<const N: usize>(
        &mut self,
        reader: &mut Reader<'_>,
        depth: usize,
    ) -> Result<[String; N], Malformed> {
        let operands: Result<Vec<_>, _> = (0..N).map(|_| self.operand(reader, depth + 1)).collect();
        operands?.try_into().map_err(|_| Malformed::expected("operands"))
    }

    fn operand(&mut self, reader: &mut Reader<'_>, depth: usize) -> Result<String, Malformed> {
        let length = enter(reader, depth)?;
        let text = match (reader.int()?, length) {
            (code::VALUE, 2) => {
                let place = usize::try_from(reader.int()?).map_err(|_| Malformed::expected("a value"))?;
                self.values = self.values.max(place.saturating_add(1));
                format!(":{}", self.first_value.saturating_add(place))
            }
            (code::PATH, 2..) => {
                let path = path(reader, length)?;
                self.placeholders.path(&path)
            }
            (own @ (code::PLUS | code::MINUS), 3) => {
                let [one, other] = self.operands(reader, depth)?;
                format!("{one} {} {other}", if own == code::PLUS { '+' } else { '-' })
            }
            (own, length) => self.call(reader, own, length, depth)?,
        };
        bounded(text)
    }

    /// An action of an update: its clause, and its text within that.
    fn action(&mut self, reader: &mut Reader<'_>) -> Result<(&'static str, String), Malformed> {
        let length = reader.array_length()?;
        let own = reader.int()?;
        let known = code::ACTIONS.iter().find(|(code, ..)| *code == own);
        let (_, word, between) = known.ok_or_else(|| Malformed::expected("an action"))?;
        let path = self.operand(reader, 1)?;
        match (between.is_empty(), length) {
            (true, 2) => Ok((word, path)),
            (false, 3) => Ok((word, format!("{path}{between}{}", self.operand(reader, 1)?))),
            _ => Err(Malformed::expected("a path and a value")),
        }
    }
}

fn enter(reader: &mut Reader<'_>, depth: usize) -> Result<u64, Malformed> {
    if depth > DEEPEST {
        return Err(Malformed::Shape("the expression is nested too deeply".to_owned()));
    }
    reader.array_length()
}

fn bounded(text: String) -> Result<String, Malformed> {
    match text.len() {
        0..=LONGEST => Ok(text),
        _ => Err(Malformed::Shape("the expression is too long".to_owned())),
    }
}

/// The path of an array of this length, whose code has been read.
fn path(reader: &mut Reader<'_>, length: u64) -> Result<Path, Malformed> {
    let attribute = reader.text()?;
    let steps: Result<Vec<_>, _> = (2..length).map(|_| step(reader)).collect();
    Ok(Path { attribute, steps: steps? })
}

fn step(reader: &mut Reader<'_>) -> Result<Step, Malformed> {
    if reader.next()? != Type::Tag {
        return Ok(Step::Name(reader.text()?));
    }
    match reader.tag()? {
        tag::PATH_INDEX => {
            let index = usize::try_from(reader.int()?).map_err(|_| Malformed::expected("an index"))?;
            Ok(Step::Index(index))
        }
        _ => Err(Malformed::expected("an index")),
    }
}

#[cfg(test)]
mod tests {
    use crate::cbor::Writer;

    use super::*;

    /// Writes trees as clients do: `(and (= p:a v:0) …)`.
    fn encode(tree: &str) -> Vec<u8> {
        let mut writer = Writer::default();
        let mut rest = tree;
        write_tree(&mut writer, &mut rest);
        writer.into_bytes()
    }

    fn write_tree(writer: &mut Writer, rest: &mut &str) {
        *rest = rest.trim_start();
        let Some(inner) = rest.strip_prefix('(') else {
            let end = rest.find([' ', ')']).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            *rest = after;
            match (word.parse::<i64>(), word.strip_prefix('@')) {
                (Ok(number), _) => writer.int(number),
                (_, Some(index)) => writer.tag(tag::PATH_INDEX).int(index.parse().unwrap()),
                _ => writer.text(word),
            };
            return;
        };
        *rest = inner;
        let (mut count, mut elements) = (0, Writer::default());
        loop {
            *rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix(')') {
                *rest = after;
                break;
            }
            write_tree(&mut elements, rest);
            count += 1;
        }
        writer.array(count).raw(&elements.into_bytes());
    }

    fn check_condition(tree: &str, expected: &str) {
        let bytes = Bytes::from(encode(&format!("(1 {tree} (7 8 9))")));
        let mut placeholders = Placeholders::default();
        assert_eq!(condition(&bytes, &mut placeholders).as_deref(), Ok(expected), "{tree}");
    }

    #[test]
    fn conditions_become_text_with_as_few_parentheses_as_can_be() {
        check_condition("(0 (18 a) (17 0))", "#0 = :0");
        check_condition("(3 (18 a b @2 c) (17 1))", "#0.#1[2].#2 >= :1");
        check_condition(
            "(6 (6 (11 (18 a)) (12 (18 b))) (11 (18 a)))",
            "attribute_exists(#0) AND attribute_not_exists(#1) AND attribute_exists(#0)",
        );
        check_condition(
            "(6 (7 (11 (18 a)) (11 (18 b))) (8 (7 (11 (18 a)) (11 (18 b)))))",
            "(attribute_exists(#0) OR attribute_exists(#1)) AND NOT (attribute_exists(#0) OR attribute_exists(#1))",
        );
        check_condition(
            "(7 (6 (11 (18 a)) (11 (18 b))) (8 (11 (18 a))))",
            "attribute_exists(#0) AND attribute_exists(#1) OR NOT attribute_exists(#0)",
        );
        check_condition("(9 (16 (18 a)) (17 0) (17 1))", "size(#0) BETWEEN :0 AND :1");
        check_condition("(10 (18 a) ((17 0) (17 1) (17 2)))", "#0 IN (:0, :1, :2)");
        check_condition("(14 (18 a) (17 0))", "begins_with(#0, :0)");
    }

    #[test]
    fn updates_become_clauses() {
        let tree = "(1 ((19 (18 a) (25 (18 a) (17 0))) (22 (18 b)) (19 (18 c) (23 (18 c) (17 1))) (20 (18 d) (17 0)) (21 (18 e) (17 2)) (22 (18 f @0))) (7 8 9))";
        let mut placeholders = Placeholders { values: vec![AttributeValue::Null], ..Placeholders::default() };
        let text = update(&Bytes::from(encode(tree)), &mut placeholders).unwrap();
        assert_eq!(
            text,
            "SET #0 = #0 + :1, #2 = if_not_exists(#2, :2) ADD #3 :1 DELETE #4 :3 REMOVE #1, #5[0]"
        );
        assert_eq!(placeholders.values.len(), 4);
        assert_eq!(
            placeholders.names.iter().map(|name| &**name).collect::<Vec<_>>(),
            ["a", "b", "c", "d", "e", "f"]
        );
    }

    #[test]
    fn projections_are_paths() {
        let paths = projection(&Bytes::from(encode("(1 ((18 a) (18 b @1 c)))"))).unwrap();
        let mut placeholders = Placeholders::default();
        assert_eq!(paths.iter().map(|path| placeholders.path(path)).collect::<Vec<_>>(), ["#0", "#1[1].#2"]);
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for tree in [
            "(2 (0 (18 a) (17 0)) (1))",
            "(1 (0 (18 a) (17 3)) (1))",
            "(1 (99 (18 a)) (1))",
            "(1 (6 (18 a)) (1))",
            "(1)",
            "1",
        ] {
            let bytes = Bytes::from(encode(tree));
            assert!(condition(&bytes, &mut Placeholders::default()).is_err(), "{tree}");
        }
        let deep = format!("{}(11 (18 a)){}", "(8 ".repeat(DEEPEST + 1), ")".repeat(DEEPEST + 1));
        let bytes = Bytes::from(encode(&format!("(1 {deep} ())")));
        assert!(condition(&bytes, &mut Placeholders::default()).is_err());
    }
}
