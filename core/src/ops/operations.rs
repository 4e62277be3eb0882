//! Declaring an operation once, for the core's secret and for those that wrap it.

/// Declares operations of [`Secret`](crate::Secret) in storages `S`, and a macro `$list`. Called in an
/// `impl` for a host's own type, a tuple of one [`Secret`](crate::Secret), it declares them there, with
/// the same documentation and types, and forwards them.
///
/// So links and types must mean something there, too, and the host has `From` between both types, and
/// from a reference to its own to one to the core's. What takes more than a few lines is a function of
/// its own, as rustfmt doesn't look into macros.
macro_rules! operations {
    (
        $list:ident; S: $storage:ident $(+ $clone:ident)?;
        $(
            $(#[$documentation:meta])*
            pub fn $name:ident(&$this:ident $(, $argument:ident: $type:ty)* $(,)?) -> $result:ty
            $body:block
        )*
    ) => {
        impl<S: $storage $(+ $clone)?> Secret<S> {
            $(
                $(#[$documentation])*
                pub fn $name(&$this $(, $argument: $type)*) -> $result $body
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
