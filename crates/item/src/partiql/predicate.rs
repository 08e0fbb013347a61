//! What stands behind `WHERE`.

use crate::expression::{Call, Fault, Faults, OF_A_SINGLE_CONDITION, Term, function};
use crate::expression::{Comparator, Condition, Operand};
use crate::partiql::parser::{Parser, unexpected};
use crate::partiql::token::Kind;
use crate::{AttributeType, Invalid, Text};

impl Parser<'_> {
    /// Takes a condition: `OR` binds less than `AND`, that less than `NOT`.
    pub(super) fn condition(&mut self) -> Result<Condition, Invalid> {
        let mut condition = self.conjunction()?;
        while self.take_word("OR") {
            condition = condition.or(self.conjunction()?);
        }
        Ok(condition)
    }

    fn conjunction(&mut self) -> Result<Condition, Invalid> {
        let mut condition = self.negation()?;
        while self.take_word("AND") {
            condition = condition.and(self.negation()?);
        }
        Ok(condition)
    }

    fn negation(&mut self) -> Result<Condition, Invalid> {
        let mut negated = false;
        while self.take_word("NOT") {
            negated = !negated;
        }
        let condition = self.predicate()?;
        Ok(if negated { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn predicate(&mut self) -> Result<Condition, Invalid> {
        if self.take_sign("(") {
            self.enter()?;
            let condition = self.condition()?;
            self.leave();
            self.expect_sign(")")?;
            return Ok(condition);
        }
        let one = self.operand()?;
        if let Kind::Sign(sign) = self.next()
            && let Some(comparator) = comparator(sign)
        {
            self.advance();
            let other = self.operand()?;
            return compared(one, comparator, other);
        }
        if self.take_word("BETWEEN") {
            return self.between(one);
        } else if self.take_word("IS") {
            return self.is(one);
        } else if self.take_word("IN") {
            return self.within(one);
        } else if self.at_word("NOT")
            && matches!(self.second(), Kind::Word(word) if word.eq_ignore_ascii_case("IN"))
        {
            self.advance();
            self.advance();
            return Ok(Condition::Not(Box::new(self.within(one)?)));
        }
        match one {
            Term::Function(call) if call.name != "size" => {
                checked(|faults| function::condition(call, faults))
            }
            _ => Err(unexpected()),
        }
    }

    fn between(&mut self, operand: Term) -> Result<Condition, Invalid> {
        let lower = self.operand()?;
        self.expect_word("AND")?;
        let upper = self.operand()?;
        checked(|faults| {
            check_ordered("BETWEEN", [&operand, &lower, &upper], faults);
            Condition::Between {
                operand: operand.into_operand(),
                lower: lower.into_operand(),
                upper: upper.into_operand(),
            }
        })
    }

    /// `IS [NOT] MISSING` and `IS [NOT] NULL`.
    fn is(&mut self, operand: Term) -> Result<Condition, Invalid> {
        let negated = self.take_word("NOT");
        let condition = match (operand, self.take_word("MISSING")) {
            (Term::Path(path), true) => Condition::NotExists(path),
            (Term::Path(path), false) => {
                self.expect_word("NULL")?;
                Condition::Type(Operand::Path(path), AttributeType::Null)
            }
            _ => return Err(unexpected()),
        };
        Ok(if negated { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn within(&mut self, operand: Term) -> Result<Condition, Invalid> {
        let end = if self.take_sign("[") {
            "]"
        } else {
            self.expect_sign("(")?;
            ")"
        };
        let mut choices = vec![self.operand()?.into_operand()];
        while self.take_sign(",") {
            choices.push(self.operand()?.into_operand());
        }
        self.expect_sign(end)?;
        Ok(Condition::In(operand.into_operand(), choices))
    }

    /// A value, path or function, perhaps in parentheses.
    fn operand(&mut self) -> Result<Term, Invalid> {
        if self.take_sign("(") {
            self.enter()?;
            let inner = self.operand()?;
            self.leave();
            self.expect_sign(")")?;
            return Ok(inner);
        }
        if self.at_value() {
            return self.value().map(Term::Value);
        }
        if self.at_function() {
            return self.function().map(Term::Function);
        }
        self.path().map(Term::Path)
    }

    fn function(&mut self) -> Result<Call, Invalid> {
        let Kind::Word(name) = self.next() else { return Err(unexpected()) };
        let name = Text::from(name.to_ascii_lowercase());
        let place = self.place();
        self.advance();
        self.expect_sign("(")?;
        self.enter()?;
        let mut arguments = Vec::new();
        while !self.take_sign(")") {
            if !arguments.is_empty() {
                self.expect_sign(",")?;
            }
            arguments.push(self.operand()?);
        }
        self.leave();
        let call = Call { name, arguments };
        let mut faults = Faults::default();
        function::check(&call, &mut faults);
        if faults.has(Fault::UnknownFunction) {
            return Err(Invalid::new(format!("Unrecognized function: {} at {place}", call.name)));
        }
        told(&faults)?;
        Ok(call)
    }
}

fn comparator(sign: &str) -> Option<Comparator> {
    Comparator::from_sign(if sign == "!=" { "<>" } else { sign })
}

fn compared(one: Term, comparator: Comparator, other: Term) -> Result<Condition, Invalid> {
    checked(|faults| {
        function::check_operands([&one, &other], faults);
        if !matches!(comparator, Comparator::Equal | Comparator::NotEqual) {
            check_ordered(comparator.sign(), [&one, &other], faults);
        }
        Condition::Compare(comparator, one.into_operand(), other.into_operand())
    })
}

/// Notes operands that have no order.
fn check_ordered<const N: usize>(name: &str, terms: [&Term; N], faults: &mut Faults) {
    let ordered = [AttributeType::S, AttributeType::N, AttributeType::B];
    let mut types = terms.into_iter().filter_map(Term::known_type);
    if let Some(kind) = types.find(|kind| !ordered.contains(kind)) {
        function::note_type(name, kind, faults);
    }
}

/// What `make` makes, unless it notes a mistake.
fn checked(make: impl FnOnce(&mut Faults) -> Condition) -> Result<Condition, Invalid> {
    let mut faults = Faults::default();
    let condition = make(&mut faults);
    told(&faults)?;
    Ok(condition)
}

fn told(faults: &Faults) -> Result<(), Invalid> {
    let message = faults.first(&[Fault::MisusedFunction]).or_else(|| faults.first(OF_A_SINGLE_CONDITION));
    message.map_or(Ok(()), |message| Err(Invalid::new(message.to_owned())))
}
