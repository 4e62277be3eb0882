//! Random sequences of operations on several handles, against a model that is obviously right: a
//! lock around the bytes, or nothing once they are closed.
#![cfg(not(any(target_family = "wasm", strongroom_loom)))]

use std::sync::Mutex;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use strongroom_core::{CloseOutcome, Error};
use strongroom_tests::conformance::Lends;
use strongroom_tests::heap::{Heap, WAYS};
use strongroom_tests::hosts::Core;
#[cfg(all(target_os = "linux", not(miri)))]
use strongroom_tests::{hosts::Native, linux::builders};

/// What is done, and through which of the handles (counted around).
#[derive(Clone, Debug)]
enum Op {
    Share(usize),
    /// Drops the handle, unless it is the last.
    Leave(usize),
    Close(usize),
    Replace(usize, Vec<u8>),
    /// Copies into a buffer of this length.
    Copy(usize, usize),
    /// Reads in pieces of at most this length.
    Read(usize, usize),
    Compare(usize, Vec<u8>),
    /// Does other things while it reads.
    Within(usize, Vec<Op>),
}

fn op() -> impl Strategy<Value = Op> {
    let content = || vec(any::<u8>(), 0..20);
    let leaf = prop_oneof![
        1 => any::<usize>().prop_map(Op::Share),
        1 => any::<usize>().prop_map(Op::Leave),
        1 => any::<usize>().prop_map(Op::Close),
        4 => (any::<usize>(), content()).prop_map(|(handle, bytes)| Op::Replace(handle, bytes)),
        2 => (any::<usize>(), 0..25_usize).prop_map(|(handle, room)| Op::Copy(handle, room)),
        1 => (any::<usize>(), 1..9_usize).prop_map(|(handle, piece)| Op::Read(handle, piece)),
        1 => (any::<usize>(), content()).prop_map(|(handle, bytes)| Op::Compare(handle, bytes)),
    ];
    leaf.prop_recursive(3, 30, 6, |inner| {
        (any::<usize>(), vec(inner, 0..6)).prop_map(|(handle, ops)| Op::Within(handle, ops))
    })
}

/// The model, and the handles that should behave like it.
struct Play<'a, H: Lends> {
    host: &'a H,
    handles: Vec<H::Secret>,
    model: Mutex<Option<Vec<u8>>>,
    /// How many contents there have been before the current one.
    replaced: usize,
    /// Which contents the accesses that are under way show.
    shown: Vec<usize>,
}

impl<H: Lends> Play<'_, H> {
    fn handle(&self, which: usize) -> &H::Secret {
        &self.handles[which % self.handles.len()]
    }

    fn content(&self) -> Result<Vec<u8>, Error> {
        self.model.lock().unwrap().clone().ok_or(Error::Closed)
    }

    fn play(&mut self, ops: Vec<Op>) {
        for op in ops {
            match op {
                Op::Share(which) => self.handles.push(self.host.share(self.handle(which))),
                Op::Leave(which) if self.handles.len() > 1 => {
                    self.handles.swap_remove(which % self.handles.len());
                }
                Op::Leave(_) => {}
                Op::Close(which) => self.close(which),
                Op::Replace(which, source) => self.replace(which, source),
                Op::Copy(which, room) => self.copy(which, room),
                Op::Read(which, piece) => self.read(which, piece),
                Op::Compare(which, other) => {
                    let equal = self.content().map(|content| content == other);
                    assert_eq!(self.host.ct_eq(self.handle(which), &other), equal);
                }
                Op::Within(which, ops) => self.within(which, ops),
            }
            self.check();
        }
    }

    /// What all handles have to say at any time.
    fn check(&self) {
        let content = self.content();
        for handle in &self.handles {
            assert_eq!(self.host.is_closed(handle), content.is_err());
            assert_eq!(
                self.host.len(handle),
                content.as_ref().map(Vec::len).map_err(|error| *error)
            );
            assert_eq!(self.host.reveal(handle), content);
        }
    }

    fn close(&self, which: usize) {
        let expected = match self.model.lock().unwrap().take() {
            None => CloseOutcome::Already,
            Some(_) if !self.shown.is_empty() => CloseOutcome::Deferred,
            Some(_) => CloseOutcome::Wiped,
        };
        assert_eq!(self.host.close(self.handle(which)), expected);
    }

    fn replace(&mut self, which: usize, mut source: Vec<u8>) {
        let content = source.clone();
        let expected = match self.content() {
            Err(closed) => Err(closed),
            Ok(_) if source.is_empty() => Err(Error::Empty),
            Ok(_) if self.shown.iter().any(|shown| *shown != self.replaced) => Err(Error::Busy),
            Ok(_) => Ok(()),
        };
        assert_eq!(self.host.replace(self.handle(which), &mut source), expected);
        if expected.is_ok() {
            assert_eq!(source, vec![0; content.len()], "the source is wiped");
            *self.model.lock().unwrap() = Some(content);
            self.replaced += 1;
        } else {
            assert_eq!(source, content, "the refused source is untouched");
        }
    }

    fn copy(&self, which: usize, room: usize) {
        let expected = self.content().and_then(|content| match content.len() {
            needed if needed > room => Err(Error::BufferTooSmall { needed, given: room }),
            _ => Ok(content),
        });
        let mut out = vec![0xEE; room];
        let copied = self.host.copy_into(self.handle(which), &mut out);
        assert_eq!(copied.map(|len| out[..len].to_vec()), expected);
    }

    fn read(&self, which: usize, piece: usize) {
        let mut reader = self.host.reader(self.handle(which));
        let mut whole = Vec::new();
        let outcome = loop {
            let mut out = vec![0; piece];
            match self.host.read(&mut reader, &mut out) {
                Ok(0) => break Ok(whole),
                Ok(len) => whole.extend_from_slice(&out[..len]),
                Err(error) => break Err(error),
            }
        };
        assert_eq!(outcome, self.content());
    }

    fn within(&mut self, which: usize, ops: Vec<Op>) {
        let host = self.host;
        let handle = host.share(self.handle(which));
        let content = self.content();
        let outcome = host.with_bytes(&handle, |bytes| {
            self.shown.push(self.replaced);
            self.play(ops);
            self.shown.pop();
            bytes.to_vec()
        });
        assert_eq!(outcome, content, "an access shows one content from beginning to end");
    }
}

/// Plays random sequences on `host`, each followed by `check`.
fn plays_like_the_model<H: Lends>(host: &H, check: impl Fn()) {
    let config = Config {
        cases: if cfg!(miri) { 5 } else { 100 },
        failure_persistence: None,
        ..Config::default()
    };
    let content = vec(any::<u8>(), 1..20);
    let outcome = TestRunner::new(config).run(&(content, vec(op(), 1..30)), |(content, ops)| {
        let secret = host.create(&mut content.clone()).expect("a secret can be created");
        let model = Mutex::new(Some(content));
        Play { host, handles: vec![secret], model, replaced: 0, shown: Vec::new() }.play(ops);
        check();
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn on_the_heap() {
    for at_rest in WAYS {
        let host = Core(Heap::new(at_rest));
        plays_like_the_model(&host, || {
            let (allocated, released) = host.0.counts();
            assert_eq!(released, allocated, "one release for each content");
        });
    }
}

#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn natively() {
    for (_, name, builder) in builders() {
        println!("{name}");
        plays_like_the_model(&Native::new(builder), || {});
    }
}
