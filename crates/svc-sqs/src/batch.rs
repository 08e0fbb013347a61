//! Batches: entries succeed or fail each for itself, within one transaction.

use virga_api::sqs::BatchResultErrorEntry;

use crate::error::Error;

/// The entries of a batch's answer.
#[derive(Debug)]
pub(crate) struct Outcome<S> {
    /// Entries that succeeded.
    successful: Vec<S>,
    /// Entries that failed.
    failed: Vec<BatchResultErrorEntry>,
}

impl<S> Default for Outcome<S> {
    fn default() -> Self {
        Outcome { successful: Vec::new(), failed: Vec::new() }
    }
}

impl<S> Outcome<S> {
    /// The two lists of the answer: AWS leaves an empty one out, although the model requires both.
    pub(crate) fn into_lists(self) -> (Option<Vec<S>>, Option<Vec<BatchResultErrorEntry>>) {
        let successful = (!self.successful.is_empty()).then_some(self.successful);
        (successful, (!self.failed.is_empty()).then_some(self.failed))
    }

    /// Adds the result of an entry. A fault fails the whole batch.
    ///
    /// The entry's checks come before its first write, so that a failed entry leaves nothing behind.
    pub(crate) fn add<T>(
        &mut self,
        id: &str,
        result: Result<T, Error>,
        entry: impl FnOnce(&str, T) -> S,
    ) -> Result<(), Error> {
        match result {
            Ok(value) => self.successful.push(entry(id, value)),
            Err(error) => {
                let error = error.into_api()?;
                let modelled = error.record.as_ref().and_then(|record| record.shape());
                let code = error.query_code.or_else(|| modelled?.error_code()).unwrap_or(&error.code);
                let failed = BatchResultErrorEntry::new().with_id(id).with_code(code);
                self.failed
                    .push(failed.with_message(error.message.clone()).with_sender_fault(!error.is_fault()));
            }
        }
        Ok(())
    }
}
