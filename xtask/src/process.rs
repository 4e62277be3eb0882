//! Running commands: each one announced on stderr, each one in the repository's root.

use std::{
    env,
    ffi::OsStr,
    fs::File,
    io::stderr,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use anyhow::{Context, Result, ensure};

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ lies in the root")
}

/// Cargo's target directory: `target/`, or where the caller's `CARGO_TARGET_DIR` says.
pub fn target_dir() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// A command that will run in the repository's root.
pub fn command<S: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    args: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// The same cargo that runs this task.
pub fn cargo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), args)
}

/// Runs a command to its end, with its output shown; an unsuccessful end is an error.
pub fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    ensure!(status.success(), "`{}` ended with {status}", shown(command));
    Ok(())
}

/// Runs a command whose standard output is only progress: it is shown on stderr.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    run(command.stdout(stderr()))
}

/// Runs a command to its end and returns what it wrote to its standard output; the rest is shown.
pub fn read(command: &mut Command) -> Result<(ExitStatus, String)> {
    announce(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    let text = String::from_utf8(output.stdout).context("the output is not text")?;
    Ok((output.status, text))
}

/// Runs a command to its end, with its standard output written to `file` as it comes; the rest is shown.
pub fn read_into(command: &mut Command, file: File) -> Result<ExitStatus> {
    announce(command);
    command.stdout(file).status().with_context(|| format!("cannot start {}", shown(command)))
}

/// What a command prints, with nothing shown; `None` where it cannot start or fails.
pub fn printed(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The program of this name that a shell would find.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn announce(command: &Command) {
    eprintln!("$ {}", shown(command));
}

/// The command as one would type it: the variables it sets, its program, its arguments.
fn shown(command: &Command) -> String {
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}='{}'", name.display(), value?.display())));
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let arguments = command.get_args().map(|argument| argument.display().to_string());
    variables.chain([program.display().to_string()]).chain(arguments).collect::<Vec<_>>().join(" ")
}
