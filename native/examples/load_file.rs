//! Loads a key from a file, or from a pipe, straight into locked memory, and signs a message with it:
//! `cargo run -p strongroom --example load_file -- FILE`.

use std::fs::File;
use std::io;
use std::process::ExitCode;

use strongroom::Secret;

/// The most bytes that a key may have.
const MAX: usize = 4096;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("error: which file has the key?");
        return ExitCode::FAILURE;
    };
    match load(&path).and_then(|key| Ok((key.len()?, key.hmac_sha256(b"a message")?))) {
        Ok((len, tag)) => {
            let digits: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
            println!("a key of {len} bytes makes the tag {digits}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {path}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn load(path: &str) -> io::Result<Secret> {
    let file = File::open(path)?;
    // What it says; what it gives counts.
    let expected = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    Secret::builder().read(file, expected, MAX)
}
