//! The commands against a running virga.

use crate::process::{Running, virga};

#[test]
fn the_clock_is_shown_and_moved() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(&["--ephemeral"], folder.path());
    running.text("clock freeze");
    assert!(running.text("clock set 2030-01-01").starts_with("2030-01-01T00:00:00Z frozen"));
    assert!(running.text("clock advance 1h30m").starts_with("2030-01-01T01:30:00Z frozen"));
    let refused = running.run("clock advance tomorrow");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("tomorrow is no duration"));
}

#[test]
fn worlds_are_forked_listed_addressed_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(&["--ephemeral"], folder.path());
    let port = running.endpoint().rsplit(':').next().unwrap();
    let line = format!("side\thttp://side.world.localhost:{port}\n");
    assert_eq!(running.text("world fork --id side"), line);
    assert!(running.text("world").ends_with(&line));
    running.text("clock freeze --world side");
    assert!(running.text("clock").ends_with("running\n"));
    assert_eq!(running.text("reset --world side"), "side is empty\n");
    assert!(running.text("clock --world side").ends_with("running\n"));
    running.text("world delete side");
    assert!(!running.run("clock --world side").status.success());
}

#[test]
fn a_snapshot_goes_to_a_file_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(&[], &folder.path().join("data"));
    running.text("clock freeze");
    // How far that is from real time changes every second.
    let time = |text: String| text.split(" (").next().unwrap().to_owned();
    let then = time(running.text("clock set 2030-01-01"));
    assert_eq!(then, "2030-01-01T00:00:00Z frozen");
    let file = folder.path().join("state.virga");
    let file = file.to_str().unwrap();
    running.text(&format!("snapshot save {file}"));
    running.text("snapshot save --name kept");
    for back in [format!("snapshot load {file}"), "snapshot load --name kept".to_owned()] {
        running.text("reset");
        assert!(running.text("clock").ends_with("running\n"));
        running.text(&back);
        assert_eq!(time(running.text("clock")), then);
    }
    assert!(running.text("snapshot list").starts_with("kept\t"));
    assert!(!running.run("snapshot load /nowhere").status.success());
}

#[test]
fn credentials_of_a_role_are_refused_when_there_is_no_such_role() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(&["--ephemeral"], folder.path());
    let refused = running.run("env --shell bash --role arn:aws:iam::000000000000:role/none");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not authorized to perform: sts:AssumeRole"));
}

#[test]
fn coverage_needs_no_running_virga() {
    let output = virga().args(["coverage", "--service", "sqs"]).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("SendMessage "));
    assert!(!virga().args(["coverage", "--service", "nothing"]).output().unwrap().status.success());
}

#[test]
fn without_a_virga_a_command_says_how_to_start_one() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let output = virga().args(["clock", "--endpoint", &endpoint]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("virga start"));
}

#[test]
fn the_authority_is_made_when_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let print = || virga().args(["tls", "ca-path", "--data"]).arg(folder.path()).output().unwrap().stdout;
    let path = String::from_utf8(print()).unwrap();
    let certificate = std::fs::read_to_string(path.trim_end()).unwrap();
    assert!(certificate.starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(String::from_utf8(print()).unwrap(), path);
    assert_eq!(std::fs::read_to_string(path.trim_end()).unwrap(), certificate);
}

#[test]
fn the_environment_points_at_the_endpoint_or_a_world_of_it() {
    let environment = |line: &str| {
        let output = virga().args(line.split(' ')).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = environment("env --shell bash --endpoint http://localhost:1234");
    assert!(plain.starts_with("export AWS_ENDPOINT_URL='http://localhost:1234'\n"), "{plain}");
    let world = environment("env --shell fish --endpoint http://localhost:1234 --world w");
    assert!(world.starts_with("set -gx AWS_ENDPOINT_URL 'http://w.world.localhost:1234'\n"), "{world}");
}

#[test]
fn the_environment_may_name_a_proxy_and_the_authority_to_trust() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(&["--ephemeral"], folder.path());
    let line = format!("env --proxy --shell bash --world w --endpoint {}", running.endpoint());
    let output =
        virga().args(line.split(' ')).env("XDG_CACHE_HOME", folder.path().join("cache")).output().unwrap();
    let variables = String::from_utf8(output.stdout).unwrap();
    let address = running.endpoint().trim_start_matches("http://");
    assert!(variables.contains(&format!("export HTTPS_PROXY='http://w:world@{address}'\n")), "{variables}");
    assert!(
        variables.contains("unset AWS_ENDPOINT_URL\n") && variables.contains("export NO_PROXY='localhost,")
    );
    let bundle = variables.lines().find_map(|line| line.strip_prefix("export AWS_CA_BUNDLE=")).unwrap();
    let pem = std::fs::read_to_string(bundle.trim_matches('\'')).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
}

#[test]
fn the_variables_of_a_role_are_those_of_a_session_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(&["--ephemeral"], folder.path());
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}}"#;
    let created = running.query(
        "iam",
        &[("Action", "CreateRole"), ("RoleName", "worker"), ("AssumeRolePolicyDocument", trust)],
    );
    assert!(created.contains(" 200 "), "{created}");
    let variables = running.text("env --shell bash --role arn:aws:iam::000000000000:role/worker");
    let value = |name: &str| {
        let line = variables.lines().find_map(|line| line.strip_prefix(&format!("export {name}=")));
        line.unwrap().trim_matches('\'').to_owned()
    };
    assert!(value("AWS_ACCESS_KEY_ID").starts_with("ASIA"), "{variables}");
    assert_eq!(value("AWS_ENDPOINT_URL"), running.endpoint());
    assert!(!value("AWS_SECRET_ACCESS_KEY").is_empty() && !value("AWS_SESSION_TOKEN").is_empty());
    assert!(!variables.contains("unset AWS_SESSION_TOKEN"));
}
