//! The grammar of conditions.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html>: `OR` binds
//! less than `AND`, that less than `NOT`; a comparison, `BETWEEN`, `IN` or a function is a condition by itself. What
//! stands in parentheses may be a condition or an operand, which shows only behind them.

use crate::expression::condition::{Comparator, Condition};
use crate::expression::evaluation::order;
use crate::expression::fault::{Fault, OF_A_SINGLE_CONDITION, OF_CONDITIONS};
use crate::expression::function::{self, Call, Term};
use crate::expression::parser::Parser;
use crate::expression::token::TokenKind;
use crate::{AttributeType, AttributeValue, ExpressionKind, Invalid, Placeholders};

/// Words that are no names here.
const KEYWORDS: &[&str] = &["AND", "OR", "NOT", "BETWEEN", "IN"];
/// Most operands behind `IN`.
const MAX_CHOICES: usize = 100;
/// Most functions, and parentheses around operands, within one another: no correct expression has more than a few.
const MAX_DEPTH: usize = 20;

/// Parses a condition, filter or key condition.
pub(super) fn parse(
    kind: ExpressionKind,
    text: &str,
    placeholders: &mut Placeholders,
) -> Result<Condition, Invalid> {
    let mut parser = ConditionParser { parser: Parser::new(kind, text, placeholders)?, depth: 0 };
    let condition = parser.parse()?;
    parser.parser.finish(OF_CONDITIONS)?;
    Ok(condition)
}

struct ConditionParser<'a> {
    parser: Parser<'a>,
    depth: usize,
}

/// What was read, and whether parentheses stand around it.
struct Node {
    content: Content,
    in_parentheses: bool,
}

enum Content {
    Condition(Condition),
    /// An operand that is none of a comparison yet.
    Term(Term),
}

/// What was read of the inside of parentheses.
#[derive(Default)]
struct Group {
    /// Conditions before the last `OR`.
    either: Option<Condition>,
    /// Conditions between that and the last `AND`.
    both: Option<Condition>,
    /// Whether `NOT` stands before the next condition.
    negated: bool,
}

impl Group {
    fn is_empty(&self) -> bool {
        self.either.is_none() && self.both.is_none() && !self.negated
    }

    /// Adds the condition before an `AND`.
    fn and(&mut self, condition: Condition) {
        let negated = std::mem::take(&mut self.negated);
        let condition = if negated { Condition::Not(Box::new(condition)) } else { condition };
        self.both = Some(match self.both.take() {
            Some(both) => both.and(condition),
            None => condition,
        });
    }

    /// Adds the condition before an `OR`.
    fn or(&mut self, condition: Condition) {
        self.and(condition);
        self.either = match (self.either.take(), self.both.take()) {
            (Some(either), Some(both)) => Some(either.or(both)),
            (either, both) => either.or(both),
        };
    }

    /// Adds the last condition.
    fn finish(&mut self, condition: Condition) -> Condition {
        self.or(condition);
        std::mem::take(self).either.expect("a condition was added")
    }
}

impl From<Condition> for Node {
    fn from(condition: Condition) -> Self {
        Node { content: Content::Condition(condition), in_parentheses: false }
    }
}

impl ConditionParser<'_> {
    /// Reads the expression. Parentheses nest as deep as builders of expressions like, so what is open is kept in a
    /// list, not on the stack of the thread.
    fn parse(&mut self) -> Result<Condition, Invalid> {
        let mut outer = Vec::new();
        let mut group = Group::default();
        loop {
            if !group.negated && self.parser.at_word("NOT") {
                self.operator();
                group.negated = true;
                continue;
            } else if self.parser.take_sign("(") {
                outer.push(std::mem::take(&mut group));
                continue;
            }
            let mut node = Node { content: Content::Term(self.term()?), in_parentheses: false };
            loop {
                node = self.compared(node)?;
                if self.parser.at_word("AND") {
                    let condition = self.condition(node)?;
                    group.and(condition);
                } else if self.parser.at_word("OR") {
                    let condition = self.condition(node)?;
                    group.or(condition);
                } else {
                    if !group.is_empty() {
                        let condition = self.condition(node)?;
                        node = Node::from(group.finish(condition));
                    }
                    let Some(around) = outer.pop() else { return self.condition(node) };
                    self.parser.expect_sign(")")?;
                    self.check_parentheses(node.in_parentheses);
                    node.in_parentheses = true;
                    group = around;
                    continue;
                }
                self.operator();
                break;
            }
        }
    }

    /// Takes the token of an operator and counts it.
    fn operator(&mut self) {
        self.parser.advance();
        self.parser.count_operator();
    }

    /// The condition that was read. An operand by itself is one only if it is a function.
    fn condition(&mut self, node: Node) -> Result<Condition, Invalid> {
        match node.content {
            Content::Condition(condition) => Ok(condition),
            Content::Term(Term::Function(call)) => {
                let condition = function::condition(call, &mut self.parser.faults);
                self.settle();
                Ok(condition)
            }
            Content::Term(_) => Err(self.parser.syntax_error()),
        }
    }

    /// Keeps the first mistake of the first comparison or function that has one.
    fn settle(&mut self) {
        let faults = &mut self.parser.faults;
        if let Some(message) = faults.first(OF_A_SINGLE_CONDITION).map(str::to_owned) {
            faults.note(Fault::SingleCondition, || message);
        }
    }

    /// What was read, with the comparison that follows an operand.
    fn compared(&mut self, mut node: Node) -> Result<Node, Invalid> {
        let Content::Term(term) = &mut node.content else { return Ok(node) };
        if let (Term::Path(path), true) = (&mut *term, node.in_parentheses) {
            self.parser.path_steps(path, KEYWORDS)?;
        }
        let sign = Comparator::from_sign(self.parser.next_text());
        let Some(condition) = (if let Some(comparator) = sign {
            Some(self.comparison(term.clone(), comparator)?)
        } else if self.parser.at_word("BETWEEN") {
            Some(self.between(term.clone())?)
        } else if self.parser.at_word("IN") {
            Some(self.within(term.clone())?)
        } else {
            None
        }) else {
            return Ok(node);
        };
        self.settle();
        Ok(Node::from(condition))
    }

    /// Notes parentheses around parentheses.
    fn check_parentheses(&mut self, inner: bool) {
        if inner {
            let message = || "The expression has redundant parentheses;".to_owned();
            self.parser.faults.note(Fault::RedundantParentheses, message);
        }
    }

    fn enter(&mut self) -> Result<(), Invalid> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.parser.kind.invalid("The expression has redundant parentheses;"));
        }
        Ok(())
    }

    fn leave(&mut self) -> Result<(), Invalid> {
        self.depth -= 1;
        self.parser.expect_sign(")")
    }

    fn comparison(&mut self, one: Term, comparator: Comparator) -> Result<Condition, Invalid> {
        self.operator();
        let other = self.operand()?;
        let faults = &mut self.parser.faults;
        function::check_operands([&one, &other], faults);
        function::check_distinct(comparator.sign(), &one, &other, faults);
        if !matches!(comparator, Comparator::Equal | Comparator::NotEqual) {
            self.check_ordered(comparator.sign(), [&one, &other]);
        }
        Ok(Condition::Compare(comparator, one.into_operand(), other.into_operand()))
    }

    /// Notes operands that have no order.
    fn check_ordered<const N: usize>(&mut self, name: &str, terms: [&Term; N]) {
        let ordered = [AttributeType::S, AttributeType::N, AttributeType::B];
        let mut types = terms.into_iter().filter_map(Term::known_type);
        if let Some(kind) = types.find(|kind| !ordered.contains(kind)) {
            function::note_type(name, kind, &mut self.parser.faults);
        }
    }

    fn between(&mut self, operand: Term) -> Result<Condition, Invalid> {
        self.operator();
        let lower = self.operand()?;
        if !self.parser.take_word("AND") {
            return Err(self.parser.syntax_error());
        }
        let upper = self.operand()?;
        function::check_operands([&operand, &lower, &upper], &mut self.parser.faults);
        self.check_bounds(&lower, &upper);
        self.check_ordered("BETWEEN", [&operand, &lower, &upper]);
        Ok(Condition::Between {
            operand: operand.into_operand(),
            lower: lower.into_operand(),
            upper: upper.into_operand(),
        })
    }

    fn check_bounds(&mut self, lower: &Term, upper: &Term) {
        let (Term::Value(lower), Term::Value(upper)) = (lower, upper) else { return };
        let requirement = if lower.kind() != upper.kind() {
            "same data type for lower and upper bounds"
        } else if order(lower, upper).is_some_and(std::cmp::Ordering::is_gt) {
            "upper bound to be greater than or equal to lower bound"
        } else {
            return;
        };
        self.parser.faults.note(Fault::OperandType, || {
            format!(
                "The BETWEEN operator requires {requirement}; lower bound operand: AttributeValue: {}, \
                 upper bound operand: AttributeValue: {}",
                shown(lower),
                shown(upper)
            )
        });
    }

    fn within(&mut self, operand: Term) -> Result<Condition, Invalid> {
        self.operator();
        self.parser.expect_sign("(")?;
        let choices = self.operands()?;
        function::check_operands(choices.iter().chain([&operand]), &mut self.parser.faults);
        if choices.len() > MAX_CHOICES {
            let message = "The IN operator is provided with too many operands; number of operands: ";
            self.parser.faults.note(Fault::OperandCount, || format!("{message}{}", choices.len()));
        }
        let choices = choices.into_iter().map(Term::into_operand).collect();
        Ok(Condition::In(operand.into_operand(), choices))
    }

    /// Operands with commas between them, and the parenthesis behind them.
    fn operands(&mut self) -> Result<Vec<Term>, Invalid> {
        let mut terms = vec![self.operand()?];
        while self.parser.take_sign(",") {
            terms.push(self.operand()?);
        }
        self.parser.expect_sign(")")?;
        Ok(terms)
    }

    /// An operand, perhaps in parentheses.
    fn operand(&mut self) -> Result<Term, Invalid> {
        if !self.parser.take_sign("(") {
            return self.term();
        }
        self.enter()?;
        let again = self.parser.at_sign("(");
        let mut term = self.operand()?;
        self.leave()?;
        self.check_parentheses(again);
        if let Term::Path(path) = &mut term {
            self.parser.path_steps(path, KEYWORDS)?;
        }
        Ok(term)
    }

    /// A value, function or path.
    fn term(&mut self) -> Result<Term, Invalid> {
        let keyword = KEYWORDS.iter().any(|word| self.parser.at_word(word));
        if self.parser.at_function() && !keyword {
            self.enter()?;
            let name = self.parser.function_name();
            self.parser.count_operator();
            let call = Call { name, arguments: self.operands()? };
            self.depth -= 1;
            function::check(&call, &mut self.parser.faults);
            return Ok(Term::Function(call));
        }
        Ok(match self.parser.kind_of_next() {
            TokenKind::ValuePlaceholder => Term::Value(self.parser.value()),
            _ => Term::Path(self.parser.path(KEYWORDS)?),
        })
    }
}

/// A value as AWS shows it: `{S:text}`.
fn shown(value: &AttributeValue) -> String {
    let content = match value {
        AttributeValue::S(text) => text.to_string(),
        AttributeValue::N(number) => number.to_string(),
        AttributeValue::B(bytes) => crate::attribute::base64(bytes),
        AttributeValue::Bool(value) => value.to_string(),
        AttributeValue::Null => true.to_string(),
        other => other.kind().long_name().to_owned(),
    };
    format!("{{{}:{content}}}", value.kind())
}
