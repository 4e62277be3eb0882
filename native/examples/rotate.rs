//! Replaces a key while threads sign with it: each signature is of the old key or of the new one, and
//! the old one is wiped with its last reader: `cargo run -p strongroom --example rotate`.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use strongroom::{Error, Secret};

const OLD: &[u8; 32] = b"the key of yesterday, 32 bytes..";
const NEW: &[u8; 32] = b"the key of tomorrow, 32 bytes...";
const MESSAGE: &[u8] = b"a message";

fn main() -> ExitCode {
    match rotate() {
        Ok([old, new]) => {
            println!("{old} signatures with the old key, {new} with the new one");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How many signatures were made with either key.
fn rotate() -> Result<[usize; 2], Error> {
    let tags = [tag_of(OLD)?, tag_of(NEW)?];
    let key = Secret::new(&mut { *OLD })?;
    let rotated = AtomicBool::new(false);
    // Until this many of each kind have been seen.
    const ENOUGH: usize = 100;
    let sign = || -> Result<[usize; 2], Error> {
        let mut made = [0; 2];
        while made[1] < ENOUGH {
            let tag = key.hmac_sha256(MESSAGE)?;
            let which = tags.iter().position(|known| *known == tag);
            made[which.expect("it is a tag of either key")] += 1;
            if made[0] >= ENOUGH {
                rotated.store(true, Ordering::Relaxed);
            }
        }
        Ok(made)
    };
    thread::scope(|scope| {
        let signers = [scope.spawn(sign), scope.spawn(sign)];
        while !rotated.load(Ordering::Relaxed) {
            thread::yield_now();
        }
        key.replace(&mut { *NEW })?;
        let mut all = [0; 2];
        for signer in signers {
            let made = signer.join().expect("a signer doesn't panic")?;
            all = [all[0] + made[0], all[1] + made[1]];
        }
        Ok(all)
    })
}

fn tag_of(key: &[u8; 32]) -> Result<[u8; 32], Error> {
    Secret::new(&mut { *key })?.hmac_sha256(MESSAGE)
}
