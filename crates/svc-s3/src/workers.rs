//! What happens later.

use virga_kit::TimerKind;

/// The timers of S3.
pub(crate) static TIMERS: &[TimerKind] = &[];
