//! Starting, stopping, and what a start refuses.

use crate::process::{Running, virga};

#[test]
fn the_line_tells_address_data_and_what_to_try() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(&[], folder.path());
    let (endpoint, data) = (running.endpoint(), folder.path().display());
    assert_eq!(
        running.line,
        format!(
            "virga is ready on {endpoint} (data in {data}) - try: aws --endpoint-url {endpoint} sqs list-queues\n"
        )
    );
}

#[test]
fn a_terminated_virga_exits_with_success_and_keeps_its_state() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // What follows, how far that is from real time, passes with it.
    let time = |text: String| text.split_once(" (").map(|(time, _)| time.to_owned());
    let first = Running::start(&[], &data);
    first.text("clock freeze");
    let frozen = time(first.text("clock set 2030-01-01"));
    assert_eq!(frozen.as_deref(), Some("2030-01-01T00:00:00Z frozen"));
    assert!(first.terminate().success());
    let second = Running::start(&["--durability", "strict"], &data);
    assert_eq!(time(second.text("clock")), frozen);
    second.kill();
    let third = Running::start(&[], &data);
    assert_eq!(time(third.text("clock")), frozen);
    assert_eq!(std::fs::read_to_string(data.join(".gitignore")).unwrap(), "*\n");
}

#[test]
fn an_ephemeral_virga_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let running = Running::start(&["--ephemeral"], &data);
    assert!(running.line.contains("(in memory only)"));
    running.text("clock freeze");
    assert!(running.terminate().success());
    assert!(!data.exists());
}

#[test]
fn a_data_folder_belongs_to_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let _running = Running::start(&[], folder.path());
    let second = virga().args(["start", "--port", "0", "--data"]).arg(folder.path()).output().unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("another process uses it"));
}

#[test]
fn a_port_belongs_to_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(&["--ephemeral"], folder.path());
    let port = running.endpoint().rsplit(':').next().unwrap();
    let second = virga().args(["start", "--ephemeral", "--port", port]).output().unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("choose another port with --port"));
}

#[test]
fn a_network_is_served_only_after_a_decision() {
    let refused =
        virga().args(["start", "--ephemeral", "--port", "0", "--host", "0.0.0.0"]).output().unwrap();
    assert!(!refused.status.success());
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(text.contains("--auth strict") && text.contains("--allow-unknown-keys-from-network"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    for decision in [&["--auth", "strict"][..], &["--allow-unknown-keys-from-network"]] {
        let arguments = [&["--ephemeral", "--host", "0.0.0.0"], decision].concat();
        assert!(Running::start(&arguments, folder.path()).terminate().success());
    }
}

#[test]
fn a_filter_of_the_log_that_is_none_is_refused() {
    let refused =
        virga().args(["start", "--ephemeral", "--port", "0", "--log", "virga=loud"]).output().unwrap();
    assert!(!refused.status.success());
}
