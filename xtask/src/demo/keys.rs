//! The demo's two keys: files that only their owner can read, gone when the demo ends.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tempfile::TempDir;
use zeroize::Zeroizing;

/// Residue is searched for in windows of this many bytes, so no key may be shorter.
const WINDOW: usize = 8;

/// The key, which may be the user's own, and a random one to replace it.
pub struct Keys {
    folder: TempDir,
    key: PathBuf,
    replacement: PathBuf,
}

impl Keys {
    /// Makes the files that are missing: the replacement, and the key where the user gives none.
    pub fn new(key: Option<&Path>) -> Result<Self> {
        let folder = private_folder().context("no private folder for the demo's keys")?;
        let key = match key {
            Some(file) => usable(file)?,
            None => random(folder.path().join("key"))?,
        };
        let replacement = random(folder.path().join("replacement"))?;
        Ok(Self { folder, key, replacement })
    }

    /// The file with the key that the secret is created from.
    pub fn key(&self) -> &Path {
        &self.key
    }

    /// The file with the key that replaces it.
    pub fn replacement(&self) -> &Path {
        &self.replacement
    }

    /// The tags of a message that every host must arrive at.
    pub fn tags(&self, message: &Path) -> Result<[String; 2]> {
        let message =
            fs::read(message).with_context(|| format!("reading {}", message.display()))?;
        Ok([
            hmac_sha256(&read(&self.key)?, &message),
            hmac_sha256(&read(&self.replacement)?, &message),
        ])
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        for file in [&self.key, &self.replacement] {
            // A key outside the folder is the user's.
            if file.starts_with(self.folder.path())
                && let Err(error) = overwrite(file)
            {
                eprintln!("warning: {} could not be overwritten: {error}", file.display());
            }
        }
    }
}

fn private_folder() -> io::Result<TempDir> {
    let mut folder = tempfile::Builder::new();
    folder.prefix("strongroom-demo-");
    #[cfg(unix)]
    folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    // In memory where the system has such a folder, so that no disk ever holds a key.
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { folder.tempdir_in(memory) } else { folder.tempdir() }
}

fn usable(file: &Path) -> Result<PathBuf> {
    let len = read(file)?.len();
    ensure!(
        len >= WINDOW,
        "the key {} has {len} bytes; residue is searched for in windows of {WINDOW}, \
         so give a longer one",
        file.display()
    );
    Ok(file.canonicalize()?)
}

fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    Ok(Zeroizing::new(bytes))
}

fn random(file: PathBuf) -> Result<PathBuf> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *key).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
    File::create_new(&file)
        .and_then(|mut out| out.write_all(&*key))
        .with_context(|| format!("writing {}", file.display()))?;
    Ok(file)
}

fn overwrite(file: &Path) -> io::Result<()> {
    let mut out = OpenOptions::new().write(true).open(file)?;
    let len = out.metadata()?.len();
    io::copy(&mut io::repeat(0).take(len), &mut out)?;
    out.sync_all()
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    let tag = mac.chain_update(message).finalize().into_bytes();
    tag.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_rfc_4231s() {
        let tag = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(tag, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn files_are_private_and_gone_afterwards() {
        let keys = Keys::new(None).unwrap();
        let folder = keys.folder.path().to_owned();
        assert_ne!(read(keys.key()).unwrap(), read(keys.replacement()).unwrap());
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::MetadataExt::mode(&folder.metadata().unwrap()) & 0o777,
            0o700
        );
        drop(keys);
        assert!(!folder.exists());
    }

    #[test]
    fn a_key_of_the_users_stays_as_it_is() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[7; WINDOW]).unwrap();
        drop(Keys::new(Some(file.path())).unwrap());
        assert_eq!(fs::read(file.path()).unwrap(), [7; WINDOW]);
    }

    #[test]
    fn a_key_shorter_than_a_window_is_refused() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[7; WINDOW - 1]).unwrap();
        assert!(Keys::new(Some(file.path())).is_err());
    }

    #[test]
    fn overwriting_leaves_zeros_of_the_same_length() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"a key of some length").unwrap();
        overwrite(file.path()).unwrap();
        assert_eq!(fs::read(file.path()).unwrap(), [0; 20]);
    }
}
