//! What is measured: one authorization of a user with ten attached policies of 2 KB. `cargo bench` in this folder.

mod attached;

pub use attached::{Keys, QUEUE, of_many_services, of_one_service, user};
