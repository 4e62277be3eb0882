//! Memory protection keys: on a machine that has them, a guarded secret is open for the threads that
//! are inside an access and for no other. On one that hasn't, `mprotect` stands in, and says so.
#![cfg(all(target_os = "linux", not(strongroom_loom), not(miri)))]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use nix::sys::signal::Signal;
use nix::unistd::alarm;
use strongroom::{Backing, Secret, capabilities};
use strongroom_tests::linux::GUARDED;
use strongroom_tests::linux::calls::{Call, Supervisor, supervise};
use strongroom_tests::linux::child::{self, forked};
use strongroom_tests::linux::lacking::not_shown;

const CONTENT: [u8; 40] = [7; 40];

fn guarded() -> Secret {
    Secret::builder().protection(GUARDED).build(&mut CONTENT.clone()).expect("there is memory")
}

/// Waits for an address.
fn received(from: &AtomicPtr<u8>) -> *const u8 {
    loop {
        let address = from.load(Ordering::Acquire);
        if !address.is_null() {
            return address;
        }
        thread::yield_now();
    }
}

/// Reads a byte, or faults.
fn read(address: *const u8) -> u8 {
    // SAFETY: the pages are mapped as long as the secret lives; that reading them faults is what the
    // tests are about.
    unsafe { ptr::read_volatile(address) }
}

#[test]
fn what_is_in_force_is_told() {
    let told = guarded().protections().expect("open").protection_key;
    assert_eq!(told, capabilities().protection_keys);
}

#[test]
fn accesses_nest_and_replace() {
    let secret = guarded();
    let inner = secret.with_bytes(|outer| {
        assert_eq!(outer, CONTENT);
        secret.with_bytes(|inner| assert_eq!(inner, CONTENT)).expect("open");
        assert_eq!(outer, CONTENT, "still inside");
        secret.replace(&mut [8; 5000])
    });
    inner.expect("open").expect("one content more is possible");
    let mut copy = [0; 5000];
    assert_eq!(secret.copy_into(&mut copy), Ok(5000));
    assert_eq!(copy, [8; 5000]);
}

#[test]
fn a_stray_read_at_rest_faults() {
    child::run("outside", || {
        let secret = guarded();
        let address = secret.with_bytes(|bytes| bytes.as_ptr()).expect("open");
        read(address);
    })
    .dies_of(Signal::SIGSEGV);
    child::run("inside, the control", || {
        let byte = guarded().with_bytes(|bytes| read(bytes.as_ptr())).expect("open");
        assert_eq!(byte, CONTENT[0]);
    })
    .finishes();
}

#[test]
fn a_panic_inside_leaves() {
    child::run("after a panic", || {
        let secret = guarded();
        let panicked = catch_unwind(AssertUnwindSafe(|| secret.with_bytes(|_| panic!("inside"))));
        assert!(panicked.is_err());
        let address = secret.with_bytes(|bytes| bytes.as_ptr()).expect("still usable");
        read(address);
    })
    .dies_of(Signal::SIGSEGV);
}

/// Has one thread inside an access, and calls `other` on a second one, started before, with the
/// address of the bytes.
fn beside_an_access(other: impl FnOnce(&Secret, *const u8) + Send) {
    let secret = guarded();
    let address = AtomicPtr::new(ptr::null_mut());
    thread::scope(|scope| {
        let second = scope.spawn(|| other(&secret, received(&address)));
        secret
            .with_bytes(|bytes| {
                address.store(bytes.as_ptr().cast_mut(), Ordering::Release);
                second.join().expect("the second thread succeeds");
                assert_eq!(bytes, CONTENT);
            })
            .expect("open");
    });
}

#[test]
fn a_thread_that_is_not_inside_faults_beside_one_that_is() {
    let strays = child::run("stray", || {
        beside_an_access(|_, address| {
            assert_eq!(read(address), CONTENT[0]);
        });
    });
    if capabilities().protection_keys {
        strays.dies_of(Signal::SIGSEGV);
    } else {
        // With `mprotect` an open secret is open for all.
        strays.finishes();
    }
    child::run("enters itself, the control", || {
        beside_an_access(|secret, _| {
            secret.with_bytes(|bytes| assert_eq!(bytes, CONTENT)).expect("open");
        });
    })
    .finishes();
    if !capabilities().protection_keys {
        let why = "this machine has no protection keys";
        not_shown("threads that aren't inside", why, "QEMU emulates some (-cpu max)");
    }
}

/// Says when the key is being allocated, and lets that take until it is told to go on. It begins with a look
/// whether calls are filtered, as one may kill for asking; they are here, so that no key is asked for.
/// Nothing but this opens a file for a secret in anonymous memory.
struct SlowAllocation {
    begun: Option<Sender<()>>,
    go_on: Receiver<()>,
}

impl Supervisor for SlowAllocation {
    fn decide(&mut self, call: &'static Call) -> Option<i32> {
        if call.name == "openat"
            && let Some(begun) = self.begun.take()
        {
            begun.send(()).expect("the test waits for it");
            self.go_on.recv().expect("the test says so");
        }
        None
    }
}

/// Seconds that a child may take for a few secrets before it counts as hanging.
const HANGING: u32 = 60;

#[test]
fn a_child_forked_while_the_key_is_allocated_has_guarded_secrets_of_its_own() {
    child::run("in the middle", || {
        let (begun, has_begun) = channel();
        let (go_on, may_go_on) = channel();
        thread::scope(|scope| {
            // That thread alone is under supervision: forking isn't.
            scope.spawn(|| {
                supervise(SlowAllocation { begun: Some(begun), go_on: may_go_on });
                let builder = Secret::builder().protection(GUARDED).backing(Backing::Anonymous);
                let secret = builder.build(&mut CONTENT.clone()).expect("there is memory");
                secret.with_bytes(|bytes| assert_eq!(bytes, CONTENT)).expect("open");
            });
            has_begun.recv().expect("a key is asked for");
            let child = forked(|| {
                alarm::set(HANGING);
                guarded().with_bytes(|bytes| assert_eq!(bytes, CONTENT)).expect("open");
            });
            let ended = child.ends();
            go_on.send(()).expect("the supervisor waits for it");
            assert!(child::has_played(ended), "the forked child: {ended}");
        });
        guarded().with_bytes(|bytes| assert_eq!(bytes, CONTENT)).expect("open");
    })
    .finishes();
}
