//! AWS's protocol test vectors, both directions. `../protocol-tests/README.md` says where they come from.

mod exceptions;
mod input;
mod output;
mod plain;
mod suite;
mod xml;

use exceptions::Test;
use suite::Case;

/// Runs every case of a kind and compares the failures with the list of exceptions.
fn run(kind: &str, test: Test, check: fn(&Case) -> Result<(), String>) {
    let mut wrong = Vec::new();
    let mut passed = 0;
    let cases = suite::load(kind);
    for case in &cases {
        let reason = exceptions::reason(test, &case.id);
        match (check(case), reason) {
            (Ok(()), None) => passed += 1,
            (Err(_), Some(_)) => {}
            (Ok(()), Some(reason)) => wrong.push(format!("{} passes, but is listed: {reason}", case.id)),
            (Err(failure), None) => {
                let failure: String = failure.chars().take(1_500).collect();
                wrong.push(format!("{} ({:?}): {failure}", case.id, case.protocol));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(passed > 300, "{passed}");
}

#[test]
fn requests_are_read_as_the_parameters() {
    run("input", Test::ReadRequest, input::decode);
}

#[test]
fn parameters_become_equivalent_requests() {
    run("input", Test::WriteRequest, input::encode);
}

#[test]
fn responses_are_read_as_the_result() {
    run("output", Test::ReadResponse, output::decode);
}

#[test]
fn results_become_responses_that_mean_the_same() {
    run("output", Test::WriteResponse, output::encode);
}
