//! `virga env`: the variables that point AWS's clients at a virga, in the words of a shell.

use std::ffi::OsString;
use std::fs;
use std::io::{Read as _, Write};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::client::{Client, Target};

/// Hosts that are spoken to directly all the same.
const NOT_BY_PROXY: &str = "localhost,127.0.0.1,::1,169.254.169.254,169.254.170.2";

#[derive(Debug, Args)]
pub(crate) struct Command {
    #[command(flatten)]
    target: Target,
    /// Shell to write for; by default the one that $SHELL names.
    #[arg(long, value_enum)]
    shell: Option<Shell>,
    /// ARN of a role to assume: the variables are those of a session of it. The role has to trust its account.
    #[arg(long, value_name = "ARN")]
    role: Option<String>,
    /// Make virga the proxy instead of the endpoint: clients then use AWS's own host names, over HTTPS. For shells
    /// and programs that need nothing else from the network.
    #[arg(long)]
    proxy: bool,
}

/// What clients sign with.
struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// Also sh, zsh and the like.
    #[value(alias = "sh", alias = "zsh")]
    Bash,
    Fish,
    Powershell,
}

impl Command {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<()> {
        let shell = self.shell.unwrap_or_else(|| Shell::of(std::env::var_os("SHELL")));
        let credentials = self.credentials()?;
        if self.proxy {
            self.proxy(shell, out)?;
        } else {
            self.endpoint(shell, out)?;
        }
        for (name, value) in [
            ("AWS_ACCESS_KEY_ID", credentials.access_key_id.as_str()),
            ("AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key),
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ] {
            writeln!(out, "{}", shell.assignment(name, value))?;
        }
        match &credentials.session_token {
            Some(token) => writeln!(out, "{}", shell.assignment("AWS_SESSION_TOKEN", token))?,
            // An old token of the real AWS would be sent along with the new key.
            None => writeln!(out, "{}", shell.removal("AWS_SESSION_TOKEN"))?,
        }
        writeln!(out, "{}", shell.removal("AWS_PROFILE"))?;
        Ok(())
    }

    /// Clients send their requests here instead of to AWS.
    fn endpoint(&self, shell: Shell, out: &mut dyn Write) -> Result<()> {
        let endpoint = match &self.target.world {
            Some(world) => format!("http://{world}.world.localhost:{}", self.target.address()?.port),
            None => self.target.endpoint.trim_end_matches('/').to_owned(),
        };
        writeln!(out, "{}", shell.assignment("AWS_ENDPOINT_URL", &endpoint))?;
        Ok(())
    }

    /// Clients send their requests to AWS, by way of here.
    fn proxy(&self, shell: Shell, out: &mut dyn Write) -> Result<()> {
        let address = self.target.address()?;
        // botocore sends a user only with a password, whatever it is.
        let user = self.target.world.as_ref().map(|world| format!("{world}:world@")).unwrap_or_default();
        let proxy = format!("http://{user}{}:{}", address.host, address.port);
        let bundle = self.keep_authority(address.port)?;
        // Some clients know the one spelling, some the other.
        for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] {
            writeln!(out, "{}", shell.assignment(name, &proxy))?;
        }
        for name in ["NO_PROXY", "no_proxy"] {
            writeln!(out, "{}", shell.assignment(name, NOT_BY_PROXY))?;
        }
        for name in ["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
            writeln!(out, "{}", shell.assignment(name, &bundle.to_string_lossy()))?;
        }
        writeln!(out, "{}", shell.removal("AWS_ENDPOINT_URL"))?;
        Ok(())
    }

    /// Writes the authority's certificate to a file that clients can be told to trust. Its path.
    fn keep_authority(&self, port: u16) -> Result<PathBuf> {
        let mut pem = Vec::new();
        // All worlds have the same authority.
        let server = Target { world: None, ..self.target.clone() };
        Client::new(&server)?.get("ca.pem")?.body().read_to_end(&mut pem)?;
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
        let folder = cache.context("neither XDG_CACHE_HOME nor HOME is set")?.join("virga");
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let path = folder.join(format!("ca-{port}.pem"));
        fs::write(&path, pem).with_context(|| path.display().to_string())?;
        Ok(path)
    }

    /// Those of a key that stands for the root user, or of a session of the role.
    fn credentials(&self) -> Result<Credentials> {
        let Some(role) = &self.role else {
            let test = || "test".to_owned();
            return Ok(Credentials { access_key_id: test(), secret_access_key: test(), session_token: None });
        };
        let answer =
            Client::new(&self.target)?.send("POST", "role-sessions", &json!({ "role": role }))?.json()?;
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Ok(Credentials {
            access_key_id: text("access_key_id"),
            secret_access_key: text("secret_access_key"),
            session_token: Some(text("session_token")),
        })
    }
}

impl Shell {
    fn of(shell: Option<OsString>) -> Self {
        let path = shell.unwrap_or_default();
        match path.to_string_lossy().rsplit('/').next() {
            Some("fish") => Shell::Fish,
            Some("pwsh" | "powershell") => Shell::Powershell,
            _ => Shell::Bash,
        }
    }

    /// Endpoints hold none of the characters that end a quoted word: they were parsed.
    fn assignment(self, name: &str, value: &str) -> String {
        match self {
            Shell::Bash => format!("export {name}='{}'", value.replace('\'', "")),
            Shell::Fish => format!("set -gx {name} '{}'", value.replace('\'', "")),
            Shell::Powershell => format!("$env:{name} = '{}'", value.replace('\'', "")),
        }
    }

    fn removal(self, name: &str) -> String {
        match self {
            Shell::Bash => format!("unset {name}"),
            Shell::Fish => format!("set -e {name}"),
            Shell::Powershell => format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_in_the_words_of_each_shell() {
        assert_eq!(Shell::Bash.assignment("A", "b"), "export A='b'");
        assert_eq!(Shell::Fish.assignment("A", "b"), "set -gx A 'b'");
        assert_eq!(Shell::Powershell.assignment("A", "b"), "$env:A = 'b'");
    }

    #[test]
    fn the_shell_is_known_by_its_path() {
        assert_eq!(Shell::of(Some("/usr/bin/fish".into())), Shell::Fish);
        assert_eq!(Shell::of(Some("/bin/zsh".into())), Shell::Bash);
        assert_eq!(Shell::of(None), Shell::Bash);
    }
}
