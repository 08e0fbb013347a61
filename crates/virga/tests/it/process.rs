//! A running `virga start`, and one-off commands.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// The binary, without the variables of whoever runs the tests.
#[expect(clippy::disallowed_methods, reason = "the test is of the process")]
pub(crate) fn virga() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_virga"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("VIRGA_") {
            command.env_remove(name);
        }
    }
    command
}

/// A running virga. Dropping it kills it.
pub(crate) struct Running {
    child: Child,
    /// The line that it printed.
    pub(crate) line: String,
}

impl Running {
    /// Starts one on a free port and waits until it is ready.
    pub(crate) fn start(arguments: &[&str], data: &Path) -> Self {
        let mut child = virga()
            .args(["start", "--port", "0", "--data"])
            .arg(data)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Running { child, line }
    }

    /// Its address, as its line tells.
    pub(crate) fn endpoint(&self) -> &str {
        self.line.split(' ').find(|word| word.starts_with("http://")).unwrap()
    }

    /// What a command that speaks to it prints, and how it ends.
    pub(crate) fn run(&self, line: &str) -> Output {
        virga().args(line.split(' ')).args(["--endpoint", self.endpoint()]).output().unwrap()
    }

    /// What a command that speaks to it prints.
    pub(crate) fn text(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The answer to a call of the query protocol by a key that it did not issue, whose signature nobody can check.
    pub(crate) fn query(&self, service: &str, parameters: &[(&str, &str)]) -> String {
        let encoded = |byte: u8| match byte.is_ascii_alphanumeric() {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        };
        let encoded = |text: &str| text.bytes().map(encoded).collect::<String>();
        let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let date = "20300101";
        let head = format!(
            "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-amz-date: {date}T000000Z\r\n\
             authorization: AWS4-HMAC-SHA256 Credential=test/{date}/us-east-1/{service}/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature={}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
            "0".repeat(64),
            body.len()
        );
        let address = self.endpoint().trim_start_matches("http://");
        let mut connection = TcpStream::connect(address).unwrap();
        connection.write_all((head + &body).as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to end, as a service manager does.
    #[expect(clippy::disallowed_methods, reason = "the standard library sends no signal but SIGKILL")]
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap()
    }

    /// Ends it as a crash does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
