//! The commands besides `start`: what each says to a running virga, and how it shows the answer.

pub(crate) mod clock;
pub(crate) mod coverage;
pub(crate) mod doctor;
pub(crate) mod environment;
pub(crate) mod explain;
pub(crate) mod faults;
pub(crate) mod iam;
pub(crate) mod keys;
pub(crate) mod requests;
pub(crate) mod snapshot;
pub(crate) mod tls;
pub(crate) mod world;
