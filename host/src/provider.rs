//! Where the host's secrets come from, by name.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::fs::File;
use std::future::{Future, ready};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use strongroom::{Builder, Secret};
use strongroom_core::guest::MAX_INPUT;
use zeroize::Zeroizing;

/// Why a provider could not tell whether there is such a secret. The component isn't told.
pub type Failure = Box<dyn Error + Send + Sync>;

/// What a provider finds: a secret, or that there is none of that name.
pub type Found = Result<Option<Secret>, Failure>;

/// A source of named secrets. It is asked only for names that are granted.
pub trait Provider: Send + Sync + 'static {
    /// The secret of this name. One that has yet to be made is to be made with `memory`.
    ///
    /// # Errors
    ///
    /// When it isn't known whether there is one.
    fn get(&self, name: &str, memory: Builder) -> Found;

    /// The same, for what is linked asynchronously: without blocking.
    fn get_async<'a>(
        &'a self,
        name: &'a str,
        memory: Builder,
    ) -> Pin<Box<dyn Future<Output = Found> + Send + 'a>> {
        Box::pin(ready(self.get(name, memory)))
    }
}

impl<P: Provider + ?Sized> Provider for Arc<P> {
    fn get(&self, name: &str, memory: Builder) -> Found {
        (**self).get(name, memory)
    }

    fn get_async<'a>(
        &'a self,
        name: &'a str,
        memory: Builder,
    ) -> Pin<Box<dyn Future<Output = Found> + Send + 'a>> {
        (**self).get_async(name, memory)
    }
}

/// Secrets that the host has made itself. All components share them.
#[derive(Clone, Debug, Default)]
pub struct Named(HashMap<Box<str>, Secret>);

impl Named {
    /// No secrets yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    #[must_use]
    pub fn with(mut self, name: impl Into<Box<str>>, secret: Secret) -> Self {
        self.0.insert(name.into(), secret);
        self
    }
}

impl Provider for Named {
    fn get(&self, name: &str, _: Builder) -> Found {
        Ok(self.0.get(name).cloned())
    }
}

/// Environment variables whose names begin with a prefix: with the prefix `APP_SECRET_`, the secret
/// `KEY` is the variable `APP_SECRET_KEY`.
///
/// What this makes is protected; the environment isn't, and all of the process can read it.
#[derive(Clone, Debug)]
pub struct Environment {
    prefix: Box<str>,
}

impl Environment {
    /// The variables with this prefix.
    pub fn new(prefix: impl Into<Box<str>>) -> Self {
        Self { prefix: prefix.into() }
    }
}

impl Provider for Environment {
    fn get(&self, name: &str, memory: Builder) -> Found {
        // `var_os` panics on these, and no variable has them.
        if name.contains(['=', '\0']) {
            return Ok(None);
        }
        let Some(value) = env::var_os(format!("{}{name}", self.prefix)) else { return Ok(None) };
        let mut value = Zeroizing::new(value.into_encoded_bytes());
        Ok(Some(memory.build(&mut value)?))
    }
}

/// The files of a folder, each a secret of the file's name, read anew each time: as container
/// platforms mount them. They are taken as they are, a newline at the end included.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// The files of this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// What systemd gives the service by `LoadCredential=` and `SetCredential=`; `None` if this
    /// process has no `$CREDENTIALS_DIRECTORY`.
    #[must_use]
    pub fn systemd_credentials() -> Option<Self> {
        env::var_os("CREDENTIALS_DIRECTORY").map(Self::new)
    }
}

impl Provider for Files {
    fn get(&self, name: &str, memory: Builder) -> Found {
        let mut parts = Path::new(name).components();
        let (Some(Component::Normal(file)), None) = (parts.next(), parts.next()) else {
            return Ok(None);
        };
        match File::open(self.folder.join(file)) {
            Ok(file) => load(file, memory).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// All that a file has to give as a secret, read into locked memory at once. What it says about its
/// size doesn't matter: a pipe is read until nobody writes to it any more, a file that grows to its
/// end.
///
/// # Errors
///
/// When the file can't be read, is empty or has more than [`MAX_INPUT`] bytes, or there is no memory
/// that may be locked.
pub fn load(file: File, memory: Builder) -> Result<Secret, Failure> {
    let expected = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    Ok(memory.read(file, expected, MAX_INPUT)?)
}
