//! Secrets that the host has, by the name that a component asks for.

use std::sync::Arc;

use strongroom::{Builder, Secret};
use strongroom_core::guest;
use wasmtime::component::{Resource, WasmStr};
use wasmtime::{Result, StoreContextMut};

use crate::audit::{Auditor, told};
use crate::call::as_told;
use crate::ctx::SecretCtx;
use crate::error::Refused;
use crate::provider::{Found, Provider};
use crate::{Error, Handle, SecretView, Uses};

/// A function that gets them.
#[derive(Clone, Copy)]
pub(crate) struct Lookup {
    /// How events name it.
    pub operation: &'static str,
    /// What has to be granted; any grant will do where that is nothing.
    pub needs: Uses,
    /// What the component gets of the secret that was found.
    pub take: fn(Secret, &SecretCtx) -> Result<Secret, Refused>,
}

/// What a component gets. [`Error::NotPermitted`] stands for what isn't granted and for what isn't
/// there: it isn't told which. The outer error is a trap: the name was no text.
type Got = Result<Result<Resource<Handle>, Error>>;

/// Whom to ask for a secret that is granted.
struct Source {
    provider: Arc<dyn Provider>,
    memory: Builder,
    /// The secret's name.
    name: Box<str>,
    uses: Uses,
}

impl Lookup {
    /// Blocks while the provider looks.
    pub(crate) fn get<T: SecretView>(
        self,
        mut store: StoreContextMut<'_, T>,
        name: &WasmStr,
    ) -> Got {
        let (attempt, source) = self.attempt(&mut store, name)?;
        let found = source.map(|source| (source.provider.get(&source.name, source.memory), source));
        Ok(self.answer(store, attempt, found))
    }

    /// Awaits the provider.
    pub(crate) async fn get_async<T: SecretView + Send>(
        self,
        mut store: StoreContextMut<'_, T>,
        name: WasmStr,
    ) -> Got {
        let (attempt, source) = self.attempt(&mut store, &name)?;
        let found = match source {
            Ok(source) => {
                Ok((source.provider.get_async(&source.name, source.memory).await, source))
            }
            Err(error) => Err(error),
        };
        Ok(self.answer(store, attempt, found))
    }

    fn attempt<T: SecretView>(
        self,
        store: &mut StoreContextMut<'_, T>,
        name: &WasmStr,
    ) -> Result<(Attempt, Result<Source, Error>)> {
        let asked = name.to_str(&*store)?;
        let name = told(&asked).into();
        let asked = guest::length(asked.len() as u64).map(|_| asked.into_owned());
        let ctx = store.data_mut().secrets().ctx;
        let source = match asked {
            Ok(asked) => self.source(ctx, &asked).ok_or(Error::NotPermitted),
            Err(too_large) => Err(too_large.into()),
        };
        let auditor = Arc::clone(&ctx.auditor);
        Ok((Attempt { auditor, operation: self.operation, name, answered: false }, source))
    }

    /// Whom to ask for the secret of this name, if it is granted for what is needed.
    fn source(self, ctx: &SecretCtx, name: &str) -> Option<Source> {
        let (name, uses) = ctx.granted(name).filter(|(_, uses)| uses.contains(self.needs))?;
        let provider = ctx.provider.clone()?;
        Some(Source { provider, memory: ctx.memory, name: name.into(), uses })
    }

    fn answer<T: SecretView>(
        self,
        mut store: StoreContextMut<'_, T>,
        attempt: Attempt,
        found: Result<(Found, Source), Error>,
    ) -> Result<Resource<Handle>, Error> {
        let mut view = store.data_mut().secrets();
        let result = match found {
            Ok((Ok(Some(secret)), Source { name, uses, .. })) => {
                (self.take)(secret, view.ctx).and_then(|secret| view.lend(&name, secret, uses))
            }
            Ok((Ok(None), _)) => Err(Error::NotPermitted.into()),
            // Paths and addresses are not the component's business; the event has them.
            Ok((Err(cause), _)) => {
                let error = Error::Other("the host could not get this secret".into());
                Err(Refused { error, cause: Some(cause) })
            }
            Err(error) => Err(error.into()),
        };
        attempt.ends(&result);
        as_told(result)
    }
}

/// An attempt to get a secret, of which the host is told even if nobody waits for the answer: the
/// provider has been asked.
struct Attempt {
    auditor: Arc<Auditor>,
    operation: &'static str,
    name: Box<str>,
    answered: bool,
}

impl Attempt {
    fn ends<R>(mut self, result: &Result<R, Refused>) {
        self.answered = true;
        self.tell(result);
    }

    fn tell<R>(&self, result: &Result<R, Refused>) {
        self.auditor.tell(self.operation, Uses::empty(), Some(&self.name), result);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.answered {
            let error = Error::Other("the call was ended before there was an answer".into());
            self.tell::<()>(&Err(error.into()));
        }
    }
}
