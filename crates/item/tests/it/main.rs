//! DynamoDB's item language, held against naive references and against what AWS answers.

mod binary;
mod condition;
mod condition_property;
mod interchange;
mod key_condition;
mod legacy;
mod number;
mod partiql;
mod sample;
mod several_attributes;
mod strategy;
mod update;
