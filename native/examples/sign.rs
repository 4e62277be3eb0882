//! Signs and verifies a message with a key that nobody sees:
//! `cargo run -p strongroom --example sign -- "a message"`.

use std::process::ExitCode;

use strongroom::{Error, Secret};

fn main() -> ExitCode {
    let message = std::env::args().nth(1).unwrap_or_else(|| "a message".into());
    match sign(message.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn sign(message: &[u8]) -> Result<(), Error> {
    let key = Secret::random(32)?;
    println!("the key is in {}", key.protections()?);

    let tag = key.hmac_sha256(message)?;
    let digits: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    println!("{digits}");

    assert!(key.verify_hmac_sha256(message, &tag)?);
    assert!(!key.verify_hmac_sha256(b"another message", &tag)?);
    key.close();
    assert_eq!(key.hmac_sha256(message), Err(Error::Closed));
    Ok(())
}
