//! Loading: each case's fragment of a model becomes a service of one operation.

use std::path::Path;

use serde_json::{Map, Value, json};
use virga_model::{Operation, Protocol, Service};
use virga_model_compiler::{definition, flat};

pub(super) struct Case {
    pub(super) id: String,
    pub(super) protocol: Protocol,
    pub(super) operation: Operation,
    pub(super) data: Value,
}

pub(super) fn load(kind: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/protocol-tests").join(kind);
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.iter().flat_map(|file| cases(file)).collect()
}

fn cases(file: &Path) -> Vec<Case> {
    let suites: Vec<Value> =
        serde_json::from_slice(&std::fs::read(file).expect("a file")).expect("a list of suites");
    let mut cases = Vec::new();
    for suite in suites {
        for case in suite["cases"].as_array().expect("cases") {
            cases.push(compile(&suite, case));
        }
    }
    cases
}

fn compile(suite: &Value, case: &Value) -> Case {
    let name = case["given"]["name"].as_str().expect("a name");
    let mut operations = Map::new();
    operations.insert(name.to_owned(), case["given"].clone());
    let model = json!({"metadata": suite["metadata"], "shapes": suite["shapes"], "operations": operations});
    let definition = definition::Service::parse("vectors", model.to_string().as_bytes()).expect("a model");
    let service = Service::leak(flat::compile(&definition)).expect("a flat model");
    Case {
        id: case["id"].as_str().expect("an id").to_owned(),
        protocol: service.default_protocol(),
        operation: service.operation(name).expect("the operation"),
        data: case.clone(),
    }
}
