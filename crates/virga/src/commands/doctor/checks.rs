//! The checks, one function each.

use std::ffi::OsString;
use std::net::{TcpListener, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use virga_gateway::cloud::VERSION;

use super::finding::Finding;
use crate::client::{Address, Client, Target};

/// Where variables come from.
type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Free disk space below which a start fails soon, and below which it may, in bytes.
const LITTLE_SPACE: u64 = 100 << 20;
const SOME_SPACE: u64 = 1 << 30;

/// The first second of the year 2026: this version of virga is not older.
const NOT_BEFORE: u64 = 1_767_225_600;

/// A virga that answers, or a port that is free for one.
pub(super) fn server(target: &Target) -> Finding {
    const SUBJECT: &str = "server";
    let address = match target.address() {
        Ok(address) => address,
        Err(error) => return Finding::fail(SUBJECT, error.to_string()),
    };
    let health = Client::new(target).and_then(|client| client.get("health")?.json());
    let version = health.as_ref().ok().and_then(|health| health["version"].as_str());
    match version {
        Some(VERSION) => Finding::ok(SUBJECT, format!("virga {VERSION} runs at {}", target.endpoint)),
        Some(other) => Finding::warn(
            SUBJECT,
            format!("virga {other} runs at {}, but this is {VERSION}: restart it", target.endpoint),
        ),
        None if TcpListener::bind((address.host.as_str(), address.port)).is_ok() => Finding::ok(
            SUBJECT,
            format!("nothing runs at {} yet, the port is free: virga start", target.endpoint),
        ),
        None => Finding::fail(
            SUBJECT,
            format!(
                "what listens at {} is no virga. Stop it, or choose another port: virga start --port …",
                target.endpoint
            ),
        ),
    }
}

/// A data folder that can be written, or made.
pub(super) fn data_folder(data: &Path) -> Finding {
    const SUBJECT: &str = "data folder";
    let place = existing(data);
    match tempfile::tempfile_in(&place) {
        Ok(_) => Finding::ok(SUBJECT, format!("{} can be written", data.display())),
        Err(error) => Finding::fail(
            SUBJECT,
            format!("{} cannot be written ({error}). Choose another: virga start --data …", place.display()),
        ),
    }
}

/// Room on the disk of the data folder.
pub(super) fn disk_space(data: &Path) -> Finding {
    const SUBJECT: &str = "disk space";
    let free = match rustix::fs::statvfs(existing(data)) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => return Finding::warn(SUBJECT, format!("unknown: {error}")),
    };
    let text = format!("{} MiB are free", free >> 20);
    match free {
        0..LITTLE_SPACE => {
            Finding::fail(SUBJECT, format!("{text}: make room, or choose another disk with --data"))
        }
        LITTLE_SPACE..SOME_SPACE => Finding::warn(SUBJECT, format!("{text}: that may soon be too little")),
        _ => Finding::ok(SUBJECT, text),
    }
}

/// A clock that is not far off: clients sign with the time.
pub(super) fn clock() -> Finding {
    const SUBJECT: &str = "clock";
    #[expect(clippy::disallowed_methods, reason = "it is the machine's own clock that is checked")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    if now < NOT_BEFORE {
        return Finding::warn(
            SUBJECT,
            "the clock of this machine is years behind: set it, or signatures will fail",
        );
    }
    Finding::ok(SUBJECT, "the time of this machine is plausible")
}

/// Names below localhost, by which worlds and services are addressed.
pub(super) fn names() -> Finding {
    const SUBJECT: &str = "names";
    const NAME: &str = "doctor.world.localhost";
    let local =
        (NAME, 0).to_socket_addrs().map(|mut addresses| addresses.all(|found| found.ip().is_loopback()));
    match local {
        Ok(true) => Finding::ok(SUBJECT, "names below localhost lead to this machine"),
        Ok(false) => Finding::warn(
            SUBJECT,
            format!(
                "{NAME} leads to another machine: put the names that you use in /etc/hosts, with 127.0.0.1"
            ),
        ),
        Err(_) => Finding::warn(
            SUBJECT,
            format!(
                "{NAME} is not known here: make virga the proxy (virga env --proxy), choose worlds by the header \
                 x-virga-world, or put the names that you use in /etc/hosts, with 127.0.0.1"
            ),
        ),
    }
}

/// No proxy between clients and this machine.
pub(super) fn proxies(environment: Environment<'_>) -> Finding {
    const SUBJECT: &str = "proxies";
    let set =
        |names: &[&str]| names.iter().find_map(|name| environment(name).filter(|value| !value.is_empty()));
    if set(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]).is_none() {
        return Finding::ok(SUBJECT, "none is set");
    }
    let exempt = set(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
    let exempt = exempt.to_string_lossy();
    let missing = ["localhost", "127.0.0.1"].into_iter().find(|host| {
        !exempt.split(',').any(|name| name.trim() == "*" || name.trim().trim_start_matches('.') == *host)
    });
    match missing {
        None => Finding::ok(SUBJECT, "one is set, and not used for localhost"),
        Some(_) => Finding::warn(
            SUBJECT,
            "one is set, and clients may use it for localhost too: export NO_PROXY=localhost,127.0.0.1",
        ),
    }
}

/// The AWS CLI.
pub(super) fn aws_cli(path: Option<OsString>) -> Finding {
    const SUBJECT: &str = "AWS CLI";
    let path = path.unwrap_or_default();
    match std::env::split_paths(&path).map(|folder| folder.join("aws")).find(|file| file.is_file()) {
        Some(file) => Finding::ok(SUBJECT, file.display().to_string()),
        None => Finding::warn(
            SUBJECT,
            "not found. Not needed, but good to try things: \
             https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
        ),
    }
}

/// Variables that point AWS's clients here.
pub(super) fn clients(target: &Target, environment: Environment<'_>) -> Finding {
    const SUBJECT: &str = "clients";
    let text = |name: &str| environment(name).map(|value| value.to_string_lossy().into_owned());
    let proxy = text("HTTPS_PROXY").and_then(|proxy| proxy_address(&proxy));
    match text("AWS_ENDPOINT_URL") {
        None if proxy.is_some() && proxy == target.address().ok() => {
            Finding::ok(SUBJECT, "HTTPS_PROXY leads here")
        }
        None => Finding::warn(
            SUBJECT,
            "AWS_ENDPOINT_URL is not set: clients without --endpoint-url call the real AWS. Run: eval \"$(virga env)\"",
        ),
        Some(url) if url.trim_end_matches('/') == target.endpoint.trim_end_matches('/') => {
            Finding::ok(SUBJECT, format!("AWS_ENDPOINT_URL is {url}"))
        }
        Some(url) => Finding::warn(SUBJECT, format!("AWS_ENDPOINT_URL is {url}, not {}", target.endpoint)),
    }
}

/// Host and port of a proxy, whoever its user is.
fn proxy_address(proxy: &str) -> Option<Address> {
    let (_, rest) = proxy.split_once("://")?;
    let (_, host) = rest.rsplit_once('@').unwrap_or(("", rest));
    Target { endpoint: format!("http://{host}"), world: None }.address().ok()
}

/// The folder itself, or the nearest one above it that exists.
fn existing(data: &Path) -> PathBuf {
    let whole = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    whole.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::finding::Grade;

    fn grade_of_proxies(variables: &[(&str, &str)]) -> Grade {
        let environment = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        };
        proxies(&environment).grade
    }

    #[test]
    fn a_proxy_is_fine_when_localhost_is_exempt() {
        assert_eq!(grade_of_proxies(&[]), Grade::Ok);
        let proxy = ("HTTP_PROXY", "http://proxy:3128");
        assert_eq!(grade_of_proxies(&[proxy]), Grade::Warn);
        assert_eq!(grade_of_proxies(&[proxy, ("NO_PROXY", "localhost")]), Grade::Warn);
        assert_eq!(grade_of_proxies(&[proxy, ("NO_PROXY", "x, localhost,127.0.0.1")]), Grade::Ok);
        assert_eq!(grade_of_proxies(&[proxy, ("no_proxy", "*")]), Grade::Ok);
    }

    #[test]
    fn a_port_in_use_by_something_else_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        std::thread::scope(|scope| {
            scope.spawn(|| drop(listener.accept()));
            let finding = server(&Target { endpoint, world: None });
            assert_eq!(finding.grade, Grade::Fail, "{finding}");
        });
    }

    #[test]
    fn a_folder_that_can_be_made_is_fine() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(data_folder(&folder.path().join("a/b")).grade, Grade::Ok);
        assert!(!folder.path().join("a").exists());
        assert_ne!(disk_space(folder.path()).grade, Grade::Fail);
    }

    #[test]
    fn clients_are_pointed_here() {
        let target = Target { endpoint: "http://localhost:4566".to_owned(), world: None };
        let grade = |url: Option<&'static str>| clients(&target, &|_| url.map(OsString::from)).grade;
        assert_eq!(grade(Some("http://localhost:4566/")), Grade::Ok);
        assert_eq!(grade(Some("http://localhost:1")), Grade::Warn);
        assert_eq!(grade(None), Grade::Warn);
        let by_proxy = |proxy: &'static str| {
            clients(&target, &|name| (name == "HTTPS_PROXY").then(|| proxy.into())).grade
        };
        assert_eq!(by_proxy("http://localhost:4566"), Grade::Ok);
        assert_eq!(by_proxy("http://world@localhost:4566/"), Grade::Ok);
        assert_eq!(by_proxy("http://proxy:3128"), Grade::Warn);
    }
}
