//! The one error of the store: something failed that no caller can mend.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A failure of the store itself: an I/O error, damaged data, or a bug. It carries a message for the log
/// and the error that caused it; callers pass it on and do not look inside.
#[derive(Clone)]
pub struct Fault {
    message: Arc<str>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A fault without a deeper cause.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into().into(), source: None }
    }

    /// A fault caused by another error.
    pub fn with_source(message: impl Into<String>, source: impl Error + Send + Sync + 'static) -> Self {
        Self { message: message.into().into(), source: Some(Arc::new(source)) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({self})")
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
