//! Declaring an operation once, for the core's secret, for its restricted handles, and for those that wrap
//! either.

use crate::storage::Storage;
use crate::{Restricted, Secret, Uses};

/// Declares operations of [`Secret`] in storages `S`, and the same of [`Restricted`], where each
/// secret that takes part needs the use that `where` names for it; and a macro `$list`. Called in an `impl` for a
/// host's own type, a tuple of either, it declares them there, with the same documentation and types, and
/// forwards them.
///
/// So links and types must mean something there, too, and the host has `From` between its types and the
/// core's, and from a reference to its own to one to the core's. What takes more than a few lines is a
/// function of its own, as rustfmt doesn't look into macros.
macro_rules! operations {
    (
        $list:ident; S: $storage:ident $(+ $clone:ident)?;
        $(
            $(#[$documentation:meta])*
            pub fn $name:ident(&$this:ident $(, $argument:ident: $type:ty)* $(,)?) -> $result:ty
            where $($party:ident: $use:ident),+
            $body:block
        )*
    ) => {
        impl<S: $storage $(+ $clone)?> Secret<S> {
            $(
                $(#[$documentation])*
                pub fn $name(&$this $(, $argument: $type)*) -> $result $body
            )*
        }

        impl<S: $storage $(+ $clone)?> $crate::Restricted<S> {
            $(
                $(#[$documentation])*
                pub fn $name(&$this $(, $argument: $type)*) -> $result {
                    let mut uses = $crate::Uses::all();
                    $(
                        $party.check($crate::Uses::$use)?;
                        uses &= $party.uses();
                    )+
                    let made = $this.unrestricted().$name($($crate::ops::operations::Argument::passed($argument)),*)?;
                    Ok($crate::ops::operations::Made::inheriting(made, uses))
                }
            )*
        }

        #[doc(hidden)]
        #[macro_export]
        macro_rules! $list {
            () => {
                $(
                    $(#[$documentation])*
                    pub fn $name(&$this $(, $argument: $type)*) -> $result {
                        $this.0.$name($($argument.into()),*).map(::core::convert::Into::into)
                    }
                )*
            };
        }
    };
}

pub(super) use operations;

/// An argument of a restricted handle's operation, which the secret's own takes as a `T`.
pub(super) trait Argument<T> {
    fn passed(self) -> T;
}

impl<T> Argument<T> for T {
    fn passed(self) -> T {
        self
    }
}

impl<'s, S: Storage> Argument<&'s Secret<S>> for &'s Restricted<S> {
    fn passed(self) -> &'s Secret<S> {
        self.unrestricted()
    }
}

/// What the secret's own operation has made, which a restricted handle's gives as a `T`.
pub(super) trait Made<T> {
    /// It, made by handles that all have these uses.
    fn inheriting(self, uses: Uses) -> T;
}

impl<T> Made<T> for T {
    fn inheriting(self, _: Uses) -> T {
        self
    }
}

impl<S: Storage> Made<Restricted<S>> for Secret<S> {
    fn inheriting(self, uses: Uses) -> Restricted<S> {
        self.into_restricted(uses.inherited())
    }
}
