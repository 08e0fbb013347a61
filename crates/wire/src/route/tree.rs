//! The tree of path segments.

use smallvec::SmallVec;

use super::candidate::Candidate;

/// What may follow a path so far.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Operations whose path ends here.
    ends: Vec<Candidate>,
    /// Literal segments, sorted.
    literals: Vec<(&'static str, Node)>,
    /// After a label.
    label: Option<Box<Node>>,
    /// Greedy labels, with the literal path behind them (with its slash, or empty), longest first.
    greedy: Vec<(&'static str, Vec<Candidate>)>,
}

impl Node {
    /// Adds an operation under its path template.
    pub(super) fn insert(&mut self, template: &'static str, candidate: Candidate) {
        let mut node = self;
        let mut rest = template.trim_matches('/');
        while !rest.is_empty() {
            let (segment, behind) = rest.split_once('/').unwrap_or((rest, ""));
            if let Some(greedy) = segment.strip_prefix('{').filter(|_| segment.ends_with("+}")) {
                let suffix = &rest[greedy.len() + 1..];
                return node.insert_greedy(suffix, candidate);
            }
            node = if segment.starts_with('{') {
                node.label.get_or_insert_default()
            } else {
                node.literal(segment)
            };
            rest = behind;
        }
        node.ends.push(candidate);
    }

    fn insert_greedy(&mut self, suffix: &'static str, candidate: Candidate) {
        match self.greedy.iter_mut().find(|(known, _)| *known == suffix) {
            Some((_, candidates)) => candidates.push(candidate),
            None => self.greedy.push((suffix, vec![candidate])),
        }
        self.greedy.sort_by_key(|(suffix, _)| std::cmp::Reverse(suffix.len()));
    }

    fn literal(&mut self, segment: &'static str) -> &mut Node {
        let place = match self.literals.binary_search_by_key(&segment, |(known, _)| known) {
            Ok(place) => place,
            Err(place) => {
                self.literals.insert(place, (segment, Node::default()));
                place
            }
        };
        &mut self.literals[place].1
    }

    /// Finds the most specific operation for the rest of a path. `choose` picks among those of one path, or refuses
    /// them all; `captured` gets the labels as they are spelled.
    pub(super) fn find<'t, 'p>(
        &'t self,
        rest: &'p str,
        captured: &mut SmallVec<[&'p str; 4]>,
        choose: &mut impl FnMut(&'t [Candidate]) -> Option<&'t Candidate>,
    ) -> Option<&'t Candidate> {
        if rest.is_empty() {
            return choose(&self.ends);
        }
        let (segment, behind) = rest.split_once('/').unwrap_or((rest, ""));
        if let Ok(place) = self.literals.binary_search_by_key(&segment, |(known, _)| known)
            && let Some(found) = self.literals[place].1.find(behind, captured, choose)
        {
            return Some(found);
        }
        let depth = captured.len();
        if let Some(label) = self.label.as_deref().filter(|_| !segment.is_empty()) {
            captured.push(segment);
            if let Some(found) = label.find(behind, captured, choose) {
                return Some(found);
            }
            captured.truncate(depth);
        }
        for (suffix, candidates) in &self.greedy {
            let Some(value) = rest.strip_suffix(suffix).filter(|value| !value.is_empty()) else { continue };
            if let Some(found) = choose(candidates) {
                captured.push(value);
                return Some(found);
            }
        }
        None
    }
}
