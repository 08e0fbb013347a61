//! Tables of S3 Tables that AWS's own services write for their customers, as S3 does with its metadata: their files
//! go into the table's warehouse bucket, and a new file of metadata becomes the table by compare and set. All of it
//! through operations, within the cloud's walls; what the files are is in `virga-iceberg`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-tables.html>

mod commit;
mod error;
mod expiry;
mod making;
mod rows;
mod table;

pub use commit::{Retention, Update, commit, create, has_snapshot, snapshot_id};
pub use error::Error;
pub use making::{NewTable, make};
pub use rows::Rows;
pub use table::Table;
