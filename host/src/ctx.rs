//! What a store holds for its component.

use std::collections::HashMap;
use std::sync::Arc;

use strongroom::{Builder, Restricted, Secret};
use wasmtime::component::{Resource, ResourceTable};

use crate::audit::{Auditor, Event, told};
use crate::error::Refused;
use crate::provider::Provider;
use crate::quota::{Limits, Quota};
use crate::{CloseOutcome, Error, Handle, Uses};

/// What one component gets. By default none of the host's secrets, and quotas of 65,536 handles,
/// 64 MiB, as much locked memory or a quarter of what the process may lock, and 4,096 mappings.
#[must_use = "nothing happens before `build`"]
pub struct SecretCtxBuilder {
    auditor: Auditor,
    memory: Builder,
    provider: Option<Arc<dyn Provider>>,
    grants: HashMap<Box<str>, Uses>,
    limits: Limits,
    argon2_limit: strongroom::Argon2Cost,
}

impl SecretCtxBuilder {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            auditor: Auditor { component: "component".into(), audit: None },
            memory: Secret::builder(),
            provider: None,
            grants: HashMap::new(),
            limits: Limits::default(),
            argon2_limit: strongroom::Argon2Cost::LIMIT,
        }
    }

    /// What the component is called where [events](Event) are read.
    pub fn component(mut self, name: impl Into<Box<str>>) -> Self {
        self.auditor.component = told(&name.into()).into();
        self
    }

    /// How the component's own secrets are protected.
    pub fn memory(mut self, builder: Builder) -> Self {
        self.memory = builder;
        self
    }

    /// Where the secrets come from that the component asks for by name. It gets only what it is
    /// [granted](Self::grant). Components may share one provider, in an [`Arc`].
    pub fn provider(mut self, provider: impl Provider) -> Self {
        self.provider = Some(Arc::new(provider));
        self
    }

    /// Lets the component use the host's secret of this name in these ways. Whatever they are, it may
    /// also learn how long the secret is; where there are none, nothing is granted.
    pub fn grant(mut self, name: impl Into<Box<str>>, uses: Uses) -> Self {
        self.grants.insert(name.into(), uses);
        self
    }

    /// How many handles the component may have at a time. They count among those of all resources,
    /// of which wasmtime allows a store
    /// [`max_component_handles`](wasmtime::Store::set_max_component_handles), 100,000 unless set. One
    /// too many of those is a trap, so the limit here should be the lower one.
    pub fn max_handles(mut self, handles: usize) -> Self {
        self.limits.handles = Some(handles);
        self
    }

    /// How many bytes the secrets that it has handles to may have together, until they are closed.
    /// The default is 64 MiB.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = Some(bytes);
        self
    }

    /// How many bytes of locked memory they may take, which depends on their level: what
    /// [`Secret::cost`] says for each. No secret may take more while it is made, or read, either.
    /// The default is 64 MiB, or, where that is less, a quarter of what the process may lock.
    pub fn max_locked_bytes(mut self, bytes: usize) -> Self {
        self.limits.locked_bytes = Some(bytes);
        self
    }

    /// How many mappings they may take, by [`Secret::cost`]. The default is 4,096.
    pub fn max_mappings(mut self, mappings: usize) -> Self {
        self.limits.mappings = Some(mappings);
        self
    }

    /// What no component may take, however many there are: the component makes no secret that would
    /// leave the process less than so many bytes to lock, and mappings, as counted by
    /// [`strongroom::usage`] and against [`strongroom::limits`]. The default is a quarter of either
    /// limit. What others than this library have locked, or mapped, comes out of the host's part.
    ///
    /// A process with `CAP_IPC_LOCK` may lock more than its limit, and is held to it here all the
    /// same, unless nothing is kept.
    pub fn keep_for_host(mut self, locked_bytes: usize, mappings: usize) -> Self {
        self.limits.kept = Some((locked_bytes, mappings));
        self
    }

    /// The most that one Argon2id may cost, in each of the three figures. The default is 128 MiB,
    /// 8 passes and 16 lanes.
    pub fn argon2_limit(mut self, limit: strongroom::Argon2Cost) -> Self {
        self.argon2_limit = limit;
        self
    }

    /// Calls `audit` after each use of a secret and each attempt at one, on the component's thread.
    /// It must not panic: it may be called because something has.
    pub fn audit(mut self, audit: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.auditor.audit = Some(Box::new(audit));
        self
    }

    /// What goes into the store.
    pub fn build(self) -> SecretCtx {
        let Self { auditor, memory, provider, grants, limits, argon2_limit } = self;
        let (auditor, quota) = (Arc::new(auditor), limits.quota());
        SecretCtx { auditor, memory, provider, grants, quota, argon2_limit }
    }
}

impl Default for SecretCtxBuilder {
    fn default() -> Self {
        Self::new()
    }
}

/// What a store holds for its component; made by a [`SecretCtxBuilder`].
pub struct SecretCtx {
    pub(crate) auditor: Arc<Auditor>,
    pub(crate) memory: Builder,
    pub(crate) provider: Option<Arc<dyn Provider>>,
    grants: HashMap<Box<str>, Uses>,
    pub(crate) quota: Quota,
    pub(crate) argon2_limit: strongroom::Argon2Cost,
}

impl SecretCtx {
    /// The host's secret of this name, as the host spells it, and what the component may do with it,
    /// if anything.
    pub(crate) fn granted(&self, name: &str) -> Option<(&str, Uses)> {
        let (name, uses) = self.grants.get_key_value(name)?;
        (!uses.is_empty()).then_some((name, *uses))
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
    /// [`Error::QuotaExceeded`](crate::Error::QuotaExceeded), with the figures as its cause, and those
    /// of [`Secret::len`].
    pub fn lend(
        &mut self,
        name: &str,
        secret: Secret,
        uses: Uses,
    ) -> Result<Resource<Handle>, Refused> {
        let len = secret.len()?;
        self.push_secret(Handle::new(secret.restrict(uses), len, Some(name)))
    }

    /// Hands the component a secret of its own, which has just been made.
    #[inline]
    pub(crate) fn own(&mut self, secret: Restricted) -> Result<Resource<Handle>, Refused> {
        if let Err(exceeded) = self.ctx.quota.process_room(strongroom::Cost::default()) {
            // Pages may have been made for it, that would be kept for the next one.
            drop(secret);
            strongroom::trim();
            return Err(exceeded.into());
        }
        let len = secret.len()?;
        self.push_secret(Handle::new(secret, len, None))
    }

    /// The first handle to a secret.
    #[inline]
    fn push_secret(&mut self, handle: Handle) -> Result<Resource<Handle>, Refused> {
        let charge = handle.charged();
        self.ctx.quota.take(charge)?;
        let pushed = self.push(handle);
        if pushed.is_err() {
            self.ctx.quota.give_back(charge);
        }
        pushed
    }

    /// One more handle.
    #[inline]
    pub(crate) fn push(&mut self, handle: Handle) -> Result<Resource<Handle>, Refused> {
        self.ctx.quota.take_handle()?;
        self.table.push(handle).map_err(|full| {
            self.ctx.quota.give_back_handle();
            Refused { error: Error::QuotaExceeded, cause: Some(full.into()) }
        })
    }

    /// What stands behind a handle.
    #[inline]
    pub(crate) fn find(&self, resource: &Resource<Handle>) -> wasmtime::Result<Handle> {
        Ok(self.table.get(resource)?.share())
    }

    /// The end of a secret, or of the component's hold on it.
    pub(crate) fn close(&mut self, handle: &Handle) -> CloseOutcome {
        let (closed, charge) = handle.close();
        self.ctx.quota.give_back(charge);
        closed
    }

    /// The end of a handle.
    #[inline]
    pub(crate) fn drop(&mut self, rep: u32) -> wasmtime::Result<()> {
        let handle = self.table.delete(Resource::<Handle>::new_own(rep))?;
        self.ctx.quota.give_back_handle();
        self.ctx.quota.give_back(handle.end());
        Ok(())
    }
}
