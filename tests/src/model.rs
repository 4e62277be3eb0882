//! A model of a secret that is obviously right: a lock around the bytes, or nothing once they are closed. What
//! is done to a secret of some host is done to it, too, and both have to say the same.

use std::sync::Mutex;

use arbitrary::Arbitrary;
use strongroom_core::{CloseOutcome, Error};

use crate::conformance::Lends;

/// What is done, and through which of the handles (counted around).
#[derive(Arbitrary, Clone, Debug)]
pub enum Op {
    /// Makes another handle.
    Share(usize),
    /// Drops the handle, unless it is the last.
    Leave(usize),
    /// Closes the secret.
    Close(usize),
    /// Gives it these bytes.
    Replace(usize, Vec<u8>),
    /// Copies into a buffer of this length.
    Copy(usize, u8),
    /// Reads in pieces of at most this length, and one.
    Read(usize, u8),
    /// Compares it with these bytes.
    Compare(usize, Vec<u8>),
    /// Does other things while it reads.
    Within(usize, Vec<Op>),
}

/// Makes a secret of `content` on `host` and does `ops` to it and to the model.
///
/// # Panics
///
/// If it doesn't behave like the model.
pub fn play<H: Lends>(host: &H, content: Vec<u8>, ops: Vec<Op>) {
    let secret = host.create(&mut content.clone()).expect("a secret can be created");
    let model = Mutex::new(Some(content));
    Play { host, handles: vec![secret], model, replaced: 0, shown: Vec::new() }.play(ops);
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
        self.model.lock().expect("no panic is caught").clone().ok_or(Error::Closed)
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
                Op::Copy(which, room) => self.copy(which, usize::from(room)),
                Op::Read(which, piece) => self.read(which, usize::from(piece) + 1),
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
        let expected = match self.model.lock().expect("no panic is caught").take() {
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
            *self.model.lock().expect("no panic is caught") = Some(content);
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
