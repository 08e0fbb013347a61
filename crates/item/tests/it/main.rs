//! Properties of DynamoDB's item language, held against naive references.

mod binary;
mod number;
mod strategy;
