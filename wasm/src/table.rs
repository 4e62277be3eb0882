//! Things by number, so that JavaScript holds no address.

use alloc::vec::Vec;

use strongroom_core::Error;

/// Things by their numbers, from 1. The number of what was removed is given to the next.
pub(crate) struct Table<T> {
    places: Vec<Place<T>>,
    /// The first vacant place; its number, or 0.
    vacant: u32,
}

enum Place<T> {
    Occupied(T),
    /// With the number of the next vacant place, or 0.
    Vacant(u32),
}

impl<T> Table<T> {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self { places: Vec::new(), vacant: 0 }
    }

    /// What has this number.
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        match self.places.get(index(number)?)? {
            Place::Occupied(thing) => Some(thing),
            Place::Vacant(_) => None,
        }
    }

    /// Gives `thing` a number.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`].
    pub(crate) fn insert(&mut self, thing: T) -> Result<u32, Error> {
        let Some(place) = index(self.vacant).and_then(|first| self.places.get_mut(first)) else {
            return self.push(Place::Occupied(thing));
        };
        let number = self.vacant;
        if let Place::Vacant(next) = *place {
            self.vacant = next;
        }
        *place = Place::Occupied(thing);
        Ok(number)
    }

    /// Gives `thing` this number, which is above [`highest`](Self::highest).
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`].
    pub(crate) fn insert_above(&mut self, number: u32, thing: T) -> Result<u32, Error> {
        while self.highest() + 1 < number {
            self.vacant = self.push(Place::Vacant(self.vacant))?;
        }
        self.push(Place::Occupied(thing))
    }

    /// Takes out what has this number.
    pub(crate) fn remove(&mut self, number: u32) -> Option<T> {
        self.get(number)?;
        let place = self.places.get_mut(index(number)?)?;
        let removed = core::mem::replace(place, Place::Vacant(self.vacant));
        self.vacant = number;
        match removed {
            Place::Occupied(thing) => Some(thing),
            Place::Vacant(_) => None,
        }
    }

    /// The highest number that was given so far.
    pub(crate) fn highest(&self) -> u32 {
        self.places.len() as u32
    }

    fn push(&mut self, place: Place<T>) -> Result<u32, Error> {
        let asked = size_of::<Place<T>>();
        self.places.try_reserve(1).map_err(|_| Error::OutOfMemory { asked })?;
        self.places.push(place);
        Ok(self.highest())
    }
}

fn index(number: u32) -> Option<usize> {
    (number as usize).checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_begin_at_one_and_are_given_again() {
        let mut table = Table::new();
        assert_eq!(
            [table.insert('a'), table.insert('b'), table.insert('c')],
            [Ok(1), Ok(2), Ok(3)]
        );
        assert_eq!(table.get(0), None);
        assert_eq!(table.get(2), Some(&'b'));
        assert_eq!(table.get(4), None);
        assert_eq!([table.remove(2), table.remove(2), table.remove(0)], [Some('b'), None, None]);
        assert_eq!(table.get(2), None);
        assert_eq!(table.remove(1), Some('a'));
        assert_eq!(
            [table.insert('d'), table.insert('e'), table.insert('f')],
            [Ok(1), Ok(2), Ok(4)]
        );
        assert_eq!(
            [table.get(1), table.get(2), table.get(3)],
            [Some(&'d'), Some(&'e'), Some(&'c')]
        );
        assert_eq!(table.highest(), 4);
    }

    #[test]
    fn what_is_put_above_keeps_its_number_and_leaves_vacant_places() {
        let mut table = Table::new();
        assert_eq!([table.insert_above(2, 'b'), table.insert_above(5, 'e')], [Ok(2), Ok(5)]);
        assert_eq!((1..=5).filter_map(|number| table.get(number)).count(), 2);
        let mut given: Vec<_> = (0..4).map(|_| table.insert('x').unwrap()).collect();
        given.sort_unstable();
        assert_eq!(given, [1, 3, 4, 6]);
        assert_eq!([table.get(2), table.get(5)], [Some(&'b'), Some(&'e')]);
    }
}
