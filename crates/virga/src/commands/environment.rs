//! `virga env`: the variables that point AWS's clients at a virga, in the words of a shell.

use std::ffi::OsString;
use std::io::Write;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::client::{Client, Target};

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
        let address = self.target.address()?;
        let endpoint = match &self.target.world {
            Some(world) => format!("http://{world}.world.localhost:{}", address.port),
            None => self.target.endpoint.trim_end_matches('/').to_owned(),
        };
        let shell = self.shell.unwrap_or_else(|| Shell::of(std::env::var_os("SHELL")));
        let credentials = self.credentials()?;
        for (name, value) in [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", &credentials.access_key_id),
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
