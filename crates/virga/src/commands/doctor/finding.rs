//! What a check has found.

use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grade {
    Ok,
    Warn,
    Fail,
}

/// One line of the report.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) grade: Grade,
    subject: &'static str,
    text: String,
}

impl Finding {
    pub(super) fn ok(subject: &'static str, text: impl Into<String>) -> Self {
        Finding { grade: Grade::Ok, subject, text: text.into() }
    }

    pub(super) fn warn(subject: &'static str, text: impl Into<String>) -> Self {
        Finding { grade: Grade::Warn, subject, text: text.into() }
    }

    pub(super) fn fail(subject: &'static str, text: impl Into<String>) -> Self {
        Finding { grade: Grade::Fail, subject, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grade = match self.grade {
            Grade::Ok => "OK  ",
            Grade::Warn => "WARN",
            Grade::Fail => "FAIL",
        };
        write!(f, "{grade} {}: {}", self.subject, self.text)
    }
}
