//! The kinds of memory that are kept apart.

use crate::protection::Backing;

/// What some memory is, and who may look at it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Kind {
    pub(crate) backing: Backing,
    pub(crate) locked: bool,
    /// Never looked at without a pin, so it may be written with ordinary stores.
    pub(crate) exclusive: bool,
}

impl Kind {
    const COUNT: usize = 12;

    /// All kinds, each at its [`index`](Self::index).
    pub(super) const fn all() -> [Self; Self::COUNT] {
        let mut kinds =
            [Self { backing: Backing::Auto, locked: false, exclusive: false }; Self::COUNT];
        let mut i = 0;
        while i < Self::COUNT {
            kinds[i] = Self {
                backing: match i / 4 {
                    0 => Backing::Auto,
                    1 => Backing::MemfdSecret,
                    _ => Backing::Anonymous,
                },
                locked: i & 2 != 0,
                exclusive: i & 1 != 0,
            };
            i += 1;
        }
        kinds
    }

    /// Its place among [`all`](Self::all).
    pub(super) const fn index(self) -> usize {
        let backing = match self.backing {
            Backing::Auto => 0,
            Backing::MemfdSecret => 1,
            Backing::Anonymous => 2,
        };
        backing * 4 + (self.locked as usize) * 2 + self.exclusive as usize
    }
}
