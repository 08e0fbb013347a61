//! What was attempted, what was acknowledged, and which findings after a crash contradict it.

use std::collections::{BTreeMap, BTreeSet};

/// The books of one round. Messages are known by their bodies, which are unique.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Sends to the standard queue, and whether each was acknowledged.
    sends: BTreeMap<String, bool>,
    /// Sends to the FIFO queue, and whether each was acknowledged. Within a group they sort by time.
    fifo: BTreeMap<String, bool>,
    received: BTreeSet<String>,
    deletes: BTreeMap<String, bool>,
    /// Messages that one request sends: all or none of them.
    send_batches: Vec<Vec<String>>,
    /// Messages that one request deletes: all or none of them.
    delete_batches: Vec<Vec<String>>,
}

impl Ledger {
    pub(crate) fn attempt_send(&mut self, bodies: &[String]) {
        self.sends.extend(bodies.iter().map(|body| (body.clone(), false)));
        self.send_batches.push(bodies.to_vec());
    }

    pub(crate) fn acknowledge_send(&mut self, bodies: &[String]) {
        self.sends.extend(bodies.iter().map(|body| (body.clone(), true)));
    }

    pub(crate) fn attempt_fifo(&mut self, body: &str) {
        self.fifo.insert(body.to_owned(), false);
    }

    pub(crate) fn acknowledge_fifo(&mut self, body: &str) {
        self.fifo.insert(body.to_owned(), true);
    }

    pub(crate) fn receive(&mut self, bodies: &[String]) {
        self.received.extend(bodies.iter().cloned());
    }

    pub(crate) fn attempt_delete(&mut self, bodies: &[String]) {
        self.deletes.extend(bodies.iter().map(|body| (body.clone(), false)));
        self.delete_batches.push(bodies.to_vec());
    }

    pub(crate) fn acknowledge_delete(&mut self, bodies: &[String]) {
        self.deletes.extend(bodies.iter().map(|body| (body.clone(), true)));
    }

    pub(crate) fn acknowledged_sends(&self) -> usize {
        self.sends.values().chain(self.fifo.values()).filter(|acknowledged| **acknowledged).count()
    }

    pub(crate) fn acknowledged_deletes(&self) -> usize {
        self.deletes.values().filter(|acknowledged| **acknowledged).count()
    }

    /// Adds the books of another worker. Bodies name their worker, so nothing is overwritten.
    pub(crate) fn merge(&mut self, other: Self) {
        self.sends.extend(other.sends);
        self.fifo.extend(other.fifo);
        self.received.extend(other.received);
        self.deletes.extend(other.deletes);
        self.send_batches.extend(other.send_batches);
        self.delete_batches.extend(other.delete_batches);
    }

    /// What contradicts the books in the messages that were found after the crash, in the order of the receives.
    pub(crate) fn violations(&self, kept: &[String], kept_fifo: &[String]) -> Vec<String> {
        let mut violations = Vec::new();
        let found: BTreeSet<&str> = kept.iter().map(String::as_str).collect();
        let found_fifo: BTreeSet<&str> = kept_fifo.iter().map(String::as_str).collect();
        if found.len() != kept.len() || found_fifo.len() != kept_fifo.len() {
            violations.push("messages were received twice".to_owned());
        }
        let lost = self.sends.iter().filter(|(body, acknowledged)| {
            **acknowledged && !found.contains(body.as_str()) && !self.deletes.contains_key(*body)
        });
        violations.extend(lost.map(|(body, _)| format!("{body} was acknowledged and is lost")));
        let lost = self
            .fifo
            .iter()
            .filter(|(body, acknowledged)| **acknowledged && !found_fifo.contains(body.as_str()));
        violations.extend(lost.map(|(body, _)| format!("{body} was acknowledged and is lost")));
        let back = self
            .deletes
            .iter()
            .filter(|(body, acknowledged)| **acknowledged && found.contains(body.as_str()));
        violations.extend(back.map(|(body, _)| format!("{body} was deleted and is back")));
        let invented = found.iter().filter(|body| !self.sends.contains_key(**body));
        violations.extend(invented.map(|body| format!("{body} was never sent")));
        let invented = found_fifo.iter().filter(|body| !self.fifo.contains_key(**body));
        violations.extend(invented.map(|body| format!("{body} was never sent")));

        let was_written = |body: &String| found.contains(body.as_str()) || self.received.contains(body);
        let is_gone = |body: &String| !found.contains(body.as_str());
        let halves = self.send_batches.iter().filter(|batch| is_half(batch, was_written));
        violations
            .extend(halves.map(|batch| format!("of one send only a part is there: {}", batch.join(" "))));
        let halves = self.delete_batches.iter().filter(|batch| is_half(batch, is_gone));
        violations
            .extend(halves.map(|batch| format!("of one delete only a part is gone: {}", batch.join(" "))));
        violations.extend(out_of_order(kept_fifo));
        violations
    }
}

fn is_half(batch: &[String], holds: impl Fn(&String) -> bool) -> bool {
    let count = batch.iter().filter(|body| holds(body)).count();
    count != 0 && count != batch.len()
}

/// FIFO messages that came before an earlier one of their group. A body is `fifo-GROUP-SEQUENCE`.
fn out_of_order(kept_fifo: &[String]) -> Vec<String> {
    let mut latest = BTreeMap::<&str, &str>::new();
    let mut violations = Vec::new();
    for body in kept_fifo {
        let Some((group, sequence)) = body.rsplit_once('-') else { continue };
        if latest.insert(group, sequence).is_some_and(|before| before >= sequence) {
            violations.push(format!("{body} came after a later message of its group"));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(list: &str) -> Vec<String> {
        list.split_whitespace().map(ToOwned::to_owned).collect()
    }

    /// A round that sent `a` and the batch `b1 b2`, deleted `c1 c2`, and sent two FIFO messages; the last send,
    /// delete and FIFO message were not acknowledged.
    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        for batch in ["a", "c1 c2", "d"] {
            ledger.attempt_send(&bodies(batch));
            ledger.acknowledge_send(&bodies(batch));
        }
        ledger.attempt_send(&bodies("b1 b2"));
        ledger.receive(&bodies("c1 c2 d"));
        ledger.attempt_delete(&bodies("d"));
        ledger.acknowledge_delete(&bodies("d"));
        ledger.attempt_delete(&bodies("c1 c2"));
        ledger.attempt_fifo("f-1-1");
        ledger.acknowledge_fifo("f-1-1");
        ledger.attempt_fifo("f-1-2");
        ledger
    }

    #[test]
    fn a_crash_may_keep_or_lose_only_what_was_not_acknowledged() {
        let cases = [
            ("a", "f-1-1", 0),
            ("a b1 b2 c1 c2", "f-1-1 f-1-2", 0),
            ("b1 b2", "f-1-1", 1),
            ("a", "", 1),
            ("a d", "f-1-1", 1),
            ("a x", "f-1-1", 1),
            ("a a", "f-1-1", 1),
            ("a b1", "f-1-1", 1),
            ("a c2", "f-1-1", 1),
            ("a", "f-1-2 f-1-1", 1),
        ];
        for (kept, kept_fifo, expected) in cases {
            let violations = ledger().violations(&bodies(kept), &bodies(kept_fifo));
            assert_eq!(violations.len(), expected, "{kept} / {kept_fifo}: {violations:?}");
        }
    }
}
