//! What a component may take: of its quotas, and of what the process may have.

use std::fmt;

use strongroom::Cost;

use crate::error::{Error, Refused};

/// How many handles a component may have, unless the host says otherwise: fewer than wasmtime allows
/// a store, since one too many would be a trap there.
const MAX_HANDLES: usize = 1 << 16;
/// How many bytes its secrets may have, unless the host says otherwise.
const MAX_BYTES: usize = 64 << 20;
/// How many bytes of locked memory they may take: this, or a quarter of what the process may lock.
const MAX_LOCKED_BYTES: usize = 64 << 20;
/// How many mappings they may take.
const MAX_MAPPINGS: usize = 4096;

/// What a secret takes of the quotas.
#[derive(Clone, Copy, Default)]
pub(crate) struct Charge {
    bytes: usize,
    cost: Cost,
}

impl Charge {
    /// That of a content of `bytes`, which costs that much.
    pub(crate) fn new(bytes: usize, cost: Cost) -> Self {
        Self { bytes, cost }
    }
}

/// How much of one thing is taken, and how much may be.
#[derive(Clone, Copy)]
struct Part {
    taken: usize,
    limit: usize,
}

impl Part {
    const fn of(limit: usize) -> Self {
        Self { taken: 0, limit }
    }

    /// Whether there is room for as much as is `asked` for.
    #[inline]
    fn room(self, asked: usize, what: &'static str, remedy: &'static str) -> Result<(), Exceeded> {
        let Self { taken, limit } = self;
        match taken.checked_add(asked) {
            Some(sum) if sum <= limit => Ok(()),
            _ => Err(Exceeded { what, asked, taken, limit, remedy }),
        }
    }
}

/// What a component may take, and has taken.
#[derive(Clone, Copy)]
pub(crate) struct Quota {
    handles: Part,
    bytes: Part,
    locked_bytes: Part,
    mappings: Part,
    /// What the secrets of the whole process may take, if a component makes one more.
    all_locked_bytes: usize,
    all_mappings: usize,
}

impl Quota {
    #[inline]
    pub(crate) fn take_handle(&mut self) -> Result<(), Exceeded> {
        self.handles.room(1, "handles", "drop some, or raise SecretCtxBuilder::max_handles")?;
        self.handles.taken += 1;
        Ok(())
    }

    #[inline]
    pub(crate) fn give_back_handle(&mut self) {
        self.handles.taken -= 1;
    }

    /// Takes what a secret costs that exists.
    #[inline]
    pub(crate) fn take(&mut self, charge: Charge) -> Result<(), Exceeded> {
        self.own_room(charge)?;
        self.bytes.taken += charge.bytes;
        self.locked_bytes.taken += charge.cost.locked_bytes;
        self.mappings.taken += charge.cost.mappings;
        Ok(())
    }

    #[inline]
    pub(crate) fn give_back(&mut self, charge: Charge) {
        self.bytes.taken -= charge.bytes;
        self.locked_bytes.taken -= charge.cost.locked_bytes;
        self.mappings.taken -= charge.cost.mappings;
    }

    /// Whether there is room for a secret that has yet to be made, and for making it.
    #[inline]
    pub(crate) fn room(&self, charge: Charge) -> Result<(), Exceeded> {
        self.own_room(charge)?;
        self.process_room(charge.cost)
    }

    /// Whether the secrets of the process, that just made among them, have left the host its share.
    #[inline]
    pub(crate) fn process_room(&self, cost: Cost) -> Result<(), Exceeded> {
        if self.shares(cost).is_err() {
            // What is kept for the next secret is nobody's.
            strongroom::trim();
            return self.shares(cost);
        }
        Ok(())
    }

    #[inline]
    fn own_room(&self, Charge { bytes, cost }: Charge) -> Result<(), Exceeded> {
        const LOCKED: &str = "bytes of locked memory";
        const MAX_LOCKED: &str = "close secrets, or raise SecretCtxBuilder::max_locked_bytes";
        self.bytes.room(bytes, "bytes", "close secrets, or raise SecretCtxBuilder::max_bytes")?;
        self.locked_bytes.room(cost.locked_bytes, LOCKED, MAX_LOCKED)?;
        // An encrypted one takes them while it is read, and is not charged for it.
        Part::of(self.locked_bytes.limit).room(cost.scratch_bytes, LOCKED, MAX_LOCKED)?;
        let remedy = "close secrets, or raise SecretCtxBuilder::max_mappings";
        self.mappings.room(cost.mappings, "mappings", remedy)
    }

    #[inline]
    fn shares(&self, cost: Cost) -> Result<(), Exceeded> {
        let used = strongroom::usage();
        let locked = Part { taken: used.locked_bytes, limit: self.all_locked_bytes };
        let remedy = "raise the limit (ulimit -l, LimitMEMLOCK= in systemd, --ulimit memlock= in \
                      containers), or keep less for the host (SecretCtxBuilder::keep_for_host)";
        let asked = cost.locked_bytes.saturating_add(cost.scratch_bytes);
        locked.room(asked, "bytes of locked memory in this process", remedy)?;
        let mappings = Part { taken: used.mappings, limit: self.all_mappings };
        let remedy = "raise vm.max_map_count, or keep less for the host \
                      (SecretCtxBuilder::keep_for_host)";
        mappings.room(cost.mappings, "mappings in this process", remedy)
    }
}

/// The quotas, as the host has chosen them so far.
#[derive(Default)]
pub(crate) struct Limits {
    pub(crate) handles: Option<usize>,
    pub(crate) bytes: Option<usize>,
    pub(crate) locked_bytes: Option<usize>,
    pub(crate) mappings: Option<usize>,
    /// Locked bytes and mappings.
    pub(crate) kept: Option<(usize, usize)>,
}

impl Limits {
    /// With the defaults for the rest, by what this process may have.
    pub(crate) fn quota(&self) -> Quota {
        let process = strongroom::limits();
        let all = |limit: Option<usize>, kept: Option<usize>| match (limit, kept) {
            (None, _) | (_, Some(0)) => usize::MAX,
            (Some(limit), kept) => limit.saturating_sub(kept.unwrap_or(limit / 4)),
        };
        let quarter = process.locked_bytes.map_or(usize::MAX, |limit| limit / 4);
        let locked_bytes = self.locked_bytes.unwrap_or(MAX_LOCKED_BYTES.min(quarter));
        Quota {
            handles: Part::of(self.handles.unwrap_or(MAX_HANDLES)),
            bytes: Part::of(self.bytes.unwrap_or(MAX_BYTES)),
            locked_bytes: Part::of(locked_bytes),
            mappings: Part::of(self.mappings.unwrap_or(MAX_MAPPINGS)),
            all_locked_bytes: all(process.locked_bytes, self.kept.map(|(locked, _)| locked)),
            all_mappings: all(process.mappings, self.kept.map(|(_, mappings)| mappings)),
        }
    }
}

/// More than a component may take. The component is told so, and the host is told the figures.
#[derive(Debug)]
pub(crate) struct Exceeded {
    what: &'static str,
    asked: usize,
    taken: usize,
    limit: usize,
    remedy: &'static str,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, asked, taken, limit, remedy } = self;
        write!(f, "{asked} {what} more are not allowed: {taken} are taken of {limit}; {remedy}")
    }
}

impl std::error::Error for Exceeded {}

impl From<Exceeded> for Refused {
    fn from(exceeded: Exceeded) -> Self {
        Self { error: Error::QuotaExceeded, cause: Some(exceeded.into()) }
    }
}
