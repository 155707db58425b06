//! Credentials that a command prints.

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use tokio::process::Command;

use crate::client::sign::credentials::keys::Keys;

/// The version of the format that commands print.
const VERSION: u32 = 1;

/// Runs a command in the shell, and parses the credentials that it prints.
///
/// # Errors
/// The command fails or prints something else. The error shows neither the command nor its output.
pub(crate) async fn credentials(command: &str) -> Result<Credentials, CredentialsError> {
    let failed = |problem: &str| CredentialsError::provider_error(problem);
    let output = shell(command).output().await;
    let output = output.map_err(|_| failed("credential_process: the command cannot be run"))?;
    if !output.status.success() {
        return Err(failed("credential_process: the command failed"));
    }
    let keys: Keys = serde_json::from_slice(&output.stdout)
        .map_err(|_| failed("credential_process: the output of the command cannot be parsed"))?;
    if keys.version != Some(VERSION) {
        return Err(failed("credential_process: the output of the command has an unknown version"));
    }
    Ok(keys.into_credentials("credential_process"))
}

#[cfg(not(windows))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd.exe");
    shell.arg("/C").raw_arg(format!("\"{command}\""));
    shell
}
