//! What the core asks of its storage: memory for contents, elsewhere for what is put together, and each given back.
#![cfg(not(any(target_family = "wasm", strongroom_loom)))]

use strongroom_core::{AtRest, Error, Secret, Storage};
use strongroom_tests::heap::{Heap, WAYS};

/// The heap, and another one for scratch.
#[derive(Clone)]
struct Apart {
    contents: Heap,
    scratch: Heap,
}

// SAFETY: all regions are a heap's; those of scratch are of one where none is `Readable`.
unsafe impl Storage for Apart {
    type Region = <Heap as Storage>::Region;

    fn allocate(&self, len: usize) -> Result<Self::Region, Error> {
        self.contents.allocate(len)
    }

    fn scratch(&self, len: usize) -> Result<Self::Region, Error> {
        self.scratch.allocate(len)
    }

    fn relax(&self, attempt: u32) -> Result<(), Error> {
        self.contents.relax(attempt)
    }
}

fn apart(at_rest: AtRest) -> Apart {
    Apart { contents: Heap::new(at_rest), scratch: Heap::new(AtRest::PinOnly) }
}

/// A content that may be looked at without a pin is put together elsewhere; any other where it will be.
#[test]
fn scratch_is_for_contents_that_others_may_see() {
    for at_rest in WAYS {
        let heaps = apart(at_rest);
        let secret = Secret::init_in(heaps.clone(), 40, |bytes| {
            bytes.fill(7);
            Ok::<(), Error>(())
        });
        let scratch = usize::from(at_rest == AtRest::Readable);
        assert_eq!(heaps.scratch.counts(), (scratch, scratch), "{at_rest:?}");
        assert_eq!(heaps.contents.counts(), (1, 0), "{at_rest:?}");
        drop(secret);
        assert_eq!(heaps.contents.counts(), (1, 1), "{at_rest:?}");
    }
}

#[test]
fn what_could_not_be_put_together_is_given_back() {
    for at_rest in WAYS {
        let heaps = apart(at_rest);
        let failed = Secret::init_in(heaps.clone(), 40, |_| Err(Error::Random));
        assert_eq!(failed.expect_err("it failed"), Error::Random);
        assert_eq!(heaps.contents.counts(), (1, 1), "{at_rest:?}");
        let (made, released) = heaps.scratch.counts();
        assert_eq!(made, released, "{at_rest:?}");
    }
}
