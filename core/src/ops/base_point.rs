//! Multiples of Ed25519's base point.

use curve25519_dalek::{EdwardsPoint, Scalar};

/// `scalar` times the base point, by the table of multiples that is part of the program.
#[cfg(not(target_family = "wasm"))]
pub(super) fn times(scalar: &Scalar) -> EdwardsPoint {
    EdwardsPoint::mul_base(scalar)
}

#[cfg(target_family = "wasm")]
pub(super) use downloaded::times;

/// Where programs are downloaded: the table, 31 kB that compress to as many, is no part of them. It is made when
/// as much time has gone without it as making it takes; so nobody waits more than twice as long as would
/// have been best, however few signatures there are.
#[cfg(any(test, target_family = "wasm"))]
mod downloaded {
    use alloc::vec::Vec;
    use core::sync::atomic::{AtomicU32, Ordering};

    use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
    use curve25519_dalek::edwards::EdwardsBasepointTable;
    use curve25519_dalek::traits::BasepointTable;
    use spin::Once;

    use super::{EdwardsPoint, Scalar};

    /// How many multiples take as much longer without the table as making it takes.
    const WORTH: u32 = 32;

    /// Public numbers; empty until they are there.
    static TABLE: Once<Vec<EdwardsBasepointTable>> = Once::new();
    static WITHOUT: AtomicU32 = AtomicU32::new(0);

    /// `scalar` times the base point.
    pub(in super::super) fn times(scalar: &Scalar) -> EdwardsPoint {
        match table() {
            Some(table) => table * scalar,
            None => ED25519_BASEPOINT_POINT * scalar,
        }
    }

    /// The table, if it is worth its time and there is room for it.
    fn table() -> Option<&'static EdwardsBasepointTable> {
        if let Some(made) = TABLE.get() {
            return made.first();
        }
        // ORDERING: Relaxed; a count that nothing hangs on. `TABLE` publishes itself.
        if WITHOUT.fetch_add(1, Ordering::Relaxed) < WORTH {
            return None;
        }
        TABLE.try_call_once(made).ok()?.first()
    }

    #[cold]
    fn made() -> Result<Vec<EdwardsBasepointTable>, alloc::collections::TryReserveError> {
        let mut table = Vec::new();
        table.try_reserve_exact(1)?;
        table.push(EdwardsBasepointTable::create(&ED25519_BASEPOINT_POINT));
        Ok(table)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn multiples_are_the_same_with_the_table_and_without() {
            let numbers = (1..=2 * WORTH).map(Scalar::from);
            for scalar in numbers.map(|number| number.invert()) {
                assert_eq!(times(&scalar), EdwardsPoint::mul_base(&scalar));
            }
            assert!(table().is_some());
        }
    }
}
