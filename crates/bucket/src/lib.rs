//! What Amazon S3 stores: its [`records`] and the [`keys`] they are under. What is done with them is with the service, what
//! needs no store in [`virga_object`].

pub mod configured;
pub mod keys;
pub mod records;
