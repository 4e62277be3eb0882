//! Keeps more secrets than the process may lock memory for, encrypted while nobody reads them:
//! `cargo run -p strongroom --example many_encrypted`.

use std::process::ExitCode;

use strongroom::{Builder, Error, Protection, Secret, limits, rekey, usage};

/// How this program keeps its customers' tokens.
const TOKENS: Builder = Secret::builder().protection(Protection::Encrypted);

/// How many there are.
const MANY: usize = 10_000;

fn main() -> ExitCode {
    match keep() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn keep() -> Result<(), Error> {
    let tokens: Vec<_> = (0..MANY).map(|_| TOKENS.random(1024)).collect::<Result<_, _>>()?;
    let (limit, locked) = (limits().locked_bytes, usage().locked_bytes);
    let limit = limit.map_or("no limit".into(), |limit| format!("a limit of {limit}"));
    println!("{MANY} tokens of 1,024 bytes take {locked} bytes of locked memory, with {limit}");

    // Each is decrypted for as long as it is read.
    let first = tokens[0].with_bytes(|bytes| bytes[0])?;
    assert_eq!(tokens[0].with_bytes(|bytes| bytes[0])?, first);

    // All of them under a new key, now and then.
    let rekeyed = rekey()?;
    println!("{} tokens are under a new key", rekeyed.moved);
    Ok(())
}
