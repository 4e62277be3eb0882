//! The main job on one host, as `cargo xtask demo` shows it: one line of JSON.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::conformance::Host;
use crate::residue::{Needle, WINDOW, search_process};

/// What the job is to be done with.
pub struct Options {
    key: PathBuf,
    message: PathBuf,
    replacement: PathBuf,
    /// The component, for the host that runs it.
    pub component: Option<PathBuf>,
}

impl Options {
    /// Reads the command line.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn from_args() -> Result<Self, lexopt::Error> {
        use lexopt::prelude::*;

        let (mut key, mut message, mut replacement, mut component) = Default::default();
        let mut args = lexopt::Parser::from_env();
        while let Some(arg) = args.next()? {
            let option = match arg {
                Long("key") => &mut key,
                Long("message") => &mut message,
                Long("replacement") => &mut replacement,
                Long("component") => &mut component,
                _ => return Err(arg.unexpected()),
            };
            *option = Some(PathBuf::from(args.value()?));
        }
        let given = |file: Option<_>, name| file.ok_or(format!("--{name} FILE is missing"));
        Ok(Self {
            key: given(key, "key")?,
            message: given(message, "message")?,
            replacement: given(replacement, "replacement")?,
            component,
        })
    }
}

/// What differs between hosts.
pub struct Job<'a, H: Host> {
    /// The host's name.
    pub name: &'static str,
    /// The host.
    pub host: &'a H,
    /// What protects a secret there, really.
    pub protections: fn(&H, &H::Secret) -> String,
    /// One access.
    pub access: fn(&H, &H::Secret),
}

impl<H: Host<Error: Send + Sync + std::error::Error + 'static>> Job<'_, H> {
    /// Signs with the key and with its replacement, ends the secret, searches for what is left, and
    /// tells all that in JSON.
    ///
    /// # Errors
    ///
    /// Files that can't be read, keys that are too short to be searched for, and those of the host.
    pub fn run(&self, options: &Options) -> Result<Value, Box<dyn std::error::Error>> {
        let host = self.host;
        let mut key = read_key(&options.key)?;
        let mut replacement = read_key(&options.replacement)?;
        let message = std::fs::read(&options.message).map_err(naming(&options.message))?;
        let needles = [Needle::new(&key), Needle::new(&replacement)];
        let needles = needles.each_ref();

        let secret = host.create(&mut key)?;
        drop(key);
        if search_process(&needles[..1])?.windows == 0 {
            return Err("the search doesn't see the key that is there".into());
        }
        let first = host.hmac(&secret, &message)?;
        host.replace(&secret, &mut replacement)?;
        drop(replacement);
        let second = host.hmac(&secret, &message)?;

        let protections = (self.protections)(host, &secret);
        let ns = least_ns(|| (self.access)(host, &secret));
        host.close(&secret);
        let refused = host.hmac(&secret, &message).is_err_and(|error| H::code(&error) == "closed");
        let found = search_process(&needles)?;
        Ok(json!({
            "host": self.name,
            "tags": [hex(&first), hex(&second)],
            "protections": protections,
            "ns_per_access": (ns * 10.0).round() / 10.0,
            "refused_after_close": refused,
            "residue": found.windows,
            "scanned": format!("own memory, {:.1} MiB", found.searched as f64 / f64::from(1 << 20)),
        }))
    }
}

/// The line of a host that isn't here, and how to get it.
#[must_use]
pub fn unavailable(name: &str, why: &str) -> Value {
    json!({ "host": name, "unavailable": why })
}

/// Reads a key into one buffer, which is wiped when it goes. No copy is left elsewhere.
fn read_key(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let read = || {
        let mut file = File::open(path)?;
        let len = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        if len < WINDOW {
            let why = format!("{len} bytes are too few to search for; take {WINDOW} or more");
            return Err(io::Error::other(why));
        }
        let mut bytes = Zeroizing::new(vec![0; len]);
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(naming(path))
}

fn naming(path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// What one call takes, in the fastest of many batches.
fn least_ns(call: impl Fn()) -> f64 {
    const CALLS: u32 = 10_000;
    let batch = || {
        let start = Instant::now();
        (0..CALLS).for_each(|_| call());
        start.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
    };
    (0..50).map(|_| batch()).fold(f64::INFINITY, f64::min)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
