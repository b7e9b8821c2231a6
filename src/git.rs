//! Git, asked by its own command: it reads repositories of any form, and takes no locks.

use std::io::{self, Seek as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// What git prints, or why there is nothing.
pub fn run(folder: &Path, arguments: &[&str], input: Option<&str>) -> io::Result<Vec<u8>> {
    let stdin = match input {
        None => Stdio::null(),
        // A file and no pipe: nobody has to write while another reads.
        Some(input) => {
            let mut file = tempfile::tempfile()?;
            file.write_all(input.as_bytes())?;
            file.rewind()?;
            file.into()
        }
    };
    let output = Command::new("git")
        .args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_LITERAL_PATHSPECS", "1")
        .env("LC_ALL", "C")
        .stdin(stdin)
        .output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().next().unwrap_or("git failed");
    let text = first.strip_prefix("fatal: ").unwrap_or(first);
    Err(io::Error::other(text.to_owned()))
}
