//! What a job of S3 Batch Operations does to an object: calls of S3, as the role of the job. Which objects those are,
//! and what becomes of the job, is with the service.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-operations.html>

mod task;

pub use task::{Doer, name, refused};
