//! What a store holds for its component.

use std::collections::HashMap;
use std::sync::Arc;

use strongroom::{Builder, Secret};
use wasmtime::component::{Resource, ResourceTable};

use crate::audit::{Audit, Event};
use crate::provider::Provider;
use crate::{Closed, Error, Handle, Uses};

/// How many handles a component may have, unless the host says otherwise: fewer than wasmtime allows
/// a store, since one too many would be a trap there.
const MAX_HANDLES: usize = 1 << 16;
/// How many bytes its secrets may have, unless the host says otherwise.
const MAX_BYTES: usize = 64 << 20;

/// What one component gets. By default none of the host's secrets, and quotas of 65,536 handles
/// and 64 MiB.
#[must_use = "nothing happens before `build`"]
pub struct SecretCtxBuilder(SecretCtx);

impl SecretCtxBuilder {
    /// The defaults.
    pub fn new() -> Self {
        Self(SecretCtx {
            component: "component".into(),
            memory: Secret::builder(),
            provider: None,
            grants: HashMap::new(),
            handles_left: MAX_HANDLES,
            bytes_left: MAX_BYTES,
            argon2_limit: strongroom::Argon2Cost { memory_kib: 128 << 10, passes: 8, lanes: 16 },
            audit: None,
        })
    }

    /// What the component is called where [events](Event) are read.
    pub fn component(mut self, name: impl Into<Box<str>>) -> Self {
        self.0.component = name.into();
        self
    }

    /// How the component's own secrets are protected.
    pub fn memory(mut self, builder: Builder) -> Self {
        self.0.memory = builder;
        self
    }

    /// Where the secrets come from that the component asks for by name. It gets only what it is
    /// [granted](Self::grant). Components may share one provider, in an [`Arc`].
    pub fn provider(mut self, provider: impl Provider) -> Self {
        self.0.provider = Some(Arc::new(provider));
        self
    }

    /// Lets the component use the host's secret of this name in these ways.
    pub fn grant(mut self, name: impl Into<Box<str>>, uses: Uses) -> Self {
        self.0.grants.insert(name.into(), uses);
        self
    }

    /// How many handles the component may have at a time. They count among those of all resources,
    /// of which wasmtime allows a store
    /// [`max_component_handles`](wasmtime::Store::set_max_component_handles), 100,000 unless set. One
    /// too many of those is a trap, so the limit here should be the lower one.
    pub fn max_handles(mut self, handles: usize) -> Self {
        self.0.handles_left = handles;
        self
    }

    /// How many bytes the secrets that it has handles to may have together, until they are closed.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.0.bytes_left = bytes;
        self
    }

    /// The most that one Argon2id may cost, in each of the three figures. The default is 128 MiB,
    /// 8 passes and 16 lanes.
    pub fn argon2_limit(mut self, limit: strongroom::Argon2Cost) -> Self {
        self.0.argon2_limit = limit;
        self
    }

    /// Calls `audit` after each use of a secret and each attempt at one, on the component's thread.
    pub fn audit(mut self, audit: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.0.audit = Some(Box::new(audit));
        self
    }

    /// What goes into the store.
    pub fn build(self) -> SecretCtx {
        self.0
    }
}

impl Default for SecretCtxBuilder {
    fn default() -> Self {
        Self::new()
    }
}

/// What a store holds for its component; made by a [`SecretCtxBuilder`].
pub struct SecretCtx {
    component: Box<str>,
    pub(crate) memory: Builder,
    pub(crate) provider: Option<Arc<dyn Provider>>,
    grants: HashMap<Box<str>, Uses>,
    handles_left: usize,
    pub(crate) bytes_left: usize,
    pub(crate) argon2_limit: strongroom::Argon2Cost,
    audit: Option<Audit>,
}

impl SecretCtx {
    /// What the component may do with the host's secret of this name.
    pub(crate) fn granted(&self, name: &str) -> Option<Uses> {
        self.grants.get(name).copied()
    }

    /// Tells the host.
    #[inline]
    pub(crate) fn audit<R>(
        &self,
        operation: &'static str,
        secret: Option<&str>,
        result: &Result<R, Error>,
    ) {
        self.audit_failure(operation, secret, result, None);
    }

    /// Tells the host, with what the component isn't told.
    pub(crate) fn audit_failure<R>(
        &self,
        operation: &'static str,
        secret: Option<&str>,
        result: &Result<R, Error>,
        cause: Option<&(dyn std::error::Error + Send + Sync + 'static)>,
    ) {
        if let Some(audit) = &self.audit {
            let outcome = result.as_ref().map(drop);
            audit(&Event { component: &self.component, operation, secret, outcome, cause });
        }
    }
}

/// The part of a store's data that this crate works on.
pub struct SecretCtxView<'a> {
    /// The component's.
    pub ctx: &'a mut SecretCtx,
    /// The store's, which other crates may use, too.
    pub table: &'a mut ResourceTable,
}

/// A store's data that has a [`SecretCtx`].
pub trait SecretView: 'static {
    /// It, and the table of resources.
    fn secrets(&mut self) -> SecretCtxView<'_>;
}

impl SecretCtxView<'_> {
    /// Hands the component a secret of the host's, as [`store`](crate::store) would, to be passed to
    /// one of its functions. `name` is what events call it.
    ///
    /// # Errors
    ///
    /// [`Error::QuotaExceeded`], and those of [`Secret::len`].
    pub fn lend(
        &mut self,
        name: &str,
        secret: Secret,
        uses: Uses,
    ) -> Result<Resource<Handle>, Error> {
        self.push_secret(Handle::new(secret, Some(name), uses)?)
    }

    /// Hands the component a secret of its own.
    #[inline]
    pub(crate) fn own(&mut self, secret: Secret, uses: Uses) -> Result<Resource<Handle>, Error> {
        self.push_secret(Handle::new(secret, None, uses)?)
    }

    /// The first handle to a secret.
    #[inline]
    fn push_secret(&mut self, handle: Handle) -> Result<Resource<Handle>, Error> {
        let left = self.ctx.bytes_left.checked_sub(handle.charged());
        let left = left.ok_or(Error::QuotaExceeded)?;
        let resource = self.push(handle)?;
        self.ctx.bytes_left = left;
        Ok(resource)
    }

    /// One more handle.
    #[inline]
    pub(crate) fn push(&mut self, handle: Handle) -> Result<Resource<Handle>, Error> {
        let left = self.ctx.handles_left.checked_sub(1).ok_or(Error::QuotaExceeded)?;
        let resource = self.table.push(handle).map_err(|_| Error::QuotaExceeded)?;
        self.ctx.handles_left = left;
        Ok(resource)
    }

    /// What stands behind a handle.
    #[inline]
    pub(crate) fn find(&self, resource: &Resource<Handle>) -> wasmtime::Result<Handle> {
        Ok(self.table.get(resource)?.share())
    }

    /// The end of a secret, or of the component's hold on it.
    pub(crate) fn close(&mut self, handle: &Handle) -> Closed {
        let closed = handle.close();
        self.ctx.bytes_left += handle.charge(0);
        closed
    }

    /// The end of a handle.
    #[inline]
    pub(crate) fn drop(&mut self, rep: u32) -> wasmtime::Result<()> {
        let handle = self.table.delete(Resource::<Handle>::new_own(rep))?;
        self.ctx.handles_left += 1;
        self.ctx.bytes_left += handle.end();
        Ok(())
    }
}
