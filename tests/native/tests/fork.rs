//! A forked child has none of its parent's secrets, is told so, and can do them no harm.
#![cfg(target_os = "linux")]

use std::error::Error as _;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::process::Command;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::Signal::SIGSEGV;
use procfs::process::{MMPermissions, Process};
use strongroom::{
    Backing, Builder, CloseOutcome, Error, ForkDetection, LocalSecret, Protection, Reprotect,
    Secret, capabilities, rekey,
};
use strongroom_tests::linux::calls::{Call, Supervisor, supervise};
use strongroom_tests::linux::child::{self, Forked, cloned, forked};
use strongroom_tests::linux::lacking::not_shown;
use strongroom_tests::linux::{
    AGES, NEEDLE, brief_builders, builders, builders_of, limit, material, memory, repeated,
};
use strongroom_tests::residue::{Needle, search_process};

/// A content in a slot, and one with pages of its own.
const LENGTHS: [usize; 2] = [32, 20_000];

/// Builders for every level of protection, with the thread that makes pages unreadable at work in
/// some: but not past the handlers, one of which sees to the allocator, whose locks that thread may
/// hold.
fn builders_for(way: &str) -> impl Iterator<Item = (Protection, String, Builder)> {
    let brief = if way == FORK { brief_builders() } else { Vec::new() };
    builders().into_iter().chain(brief)
}

fn secret(builder: Builder, seed: u64, len: usize) -> Secret {
    builder.build(&mut material(seed, len)).expect("there is memory")
}

fn assert_holds(secret: &Secret, seed: u64, len: usize) {
    assert_eq!(secret.with_bytes(|bytes| bytes == material(seed, len)), Ok(true));
    let mut out = vec![0; len];
    assert_eq!(secret.copy_into(&mut out), Ok(len));
    assert_eq!(out, material(seed, len));
}

/// Every operation but the closing ones refuses, and none calls back, writes out or takes in.
fn assert_forked(secret: &Secret) {
    assert_eq!(secret.with_bytes(|_| unreachable!()), Err::<(), _>(Error::Forked));
    assert_eq!(secret.expose().err(), Some(Error::Forked));
    let mut out = [0xEE; 64];
    assert_eq!(secret.copy_into(&mut out), Err(Error::Forked));
    assert_eq!(out, [0; 64], "the buffer is wiped");
    let error = secret.reader().read(&mut [0; 8]).expect_err("nothing to read");
    let cause = error.get_ref().and_then(|error| error.downcast_ref::<Error>());
    assert_eq!(cause, Some(&Error::Forked), "{:?}", error.source());
    let mut source = *b"replacement";
    assert_eq!(secret.replace(&mut source), Err(Error::Forked));
    assert_eq!(source, *b"replacement");
    assert_eq!(secret.len(), Err(Error::Forked));
    assert_eq!(secret.ct_eq(&[0; 32]), Err(Error::Forked));
    assert_eq!(secret.hmac_sha256(b"message"), Err(Error::Forked));
    assert_eq!(secret.verify_hmac_sha256(b"message", &[0; 32]), Err(Error::Forked));
    assert_eq!(secret.protections().err(), Some(Error::Forked));
    assert_forked_locally(&secret.local());
    assert!(format!("{secret:?}").contains("redacted"));
}

/// So does every operation by a local handle.
fn assert_forked_locally(local: &LocalSecret) {
    assert_eq!(local.with_bytes(|_| unreachable!()), Err::<(), _>(Error::Forked));
    assert_eq!(local.expose().err(), Some(Error::Forked));
    assert!(format!("{local:?}").contains("redacted"));
}

type Way = fn(Box<dyn FnOnce()>) -> Forked;

const FORK: &str = "fork";

/// The two ways to fork: with the handlers of `pthread_atfork`, and past them.
const WAYS: [(&str, Way); 2] = [(FORK, |body| forked(body)), ("clone", |body| cloned(body))];

/// Plays `part` in a child process for each way to fork, kind of memory and length.
macro_rules! for_each_way {
    ($part:expr) => {
        for (way, fork) in WAYS {
            for (_, kind, builder) in builders_for(way) {
                for len in LENGTHS {
                    child::run(&format!("{way}, {len} bytes, {kind}"), || {
                        $part(fork, builder, len)
                    })
                    .finishes();
                }
            }
        }
    };
}

#[test]
fn every_operation_on_an_inherited_secret_is_refused() {
    for_each_way!(|fork: Way, builder, len| {
        let secret = secret(builder, 1, len);
        let ordinary = material(2, len);
        let inherited = (secret.clone(), ordinary.clone());
        fork(Box::new(move || {
            let (secret, ordinary) = inherited;
            assert_eq!(ordinary, material(2, len), "ordinary memory is inherited");
            assert_forked(&secret);
            assert_forked(&secret.clone());
        }))
        .finishes();
        assert_holds(&secret, 1, len);
    });
}

/// What a child does with a secret that it has inherited.
type Deed = fn(Secret);

#[test]
fn what_a_child_does_leaves_the_parent_alone() {
    let deeds: [(&str, Deed); 5] = [
        ("drops", drop),
        ("closes", |secret| {
            secret.close();
            assert!(secret.is_closed());
            assert_eq!(secret.close(), CloseOutcome::Already);
        }),
        ("closes and waits", |secret| {
            let _ = secret.close_and_wait(Duration::ZERO);
        }),
        ("exits", |_secret| std::process::exit(73)),
        ("creates", |_secret| {
            for seed in 0..1000 {
                let own = self::secret(Secret::builder(), seed, 32);
                assert_holds(&own, seed, 32);
            }
        }),
    ];
    for (deed, act) in deeds {
        for (way, fork) in WAYS {
            for (_, kind, builder) in builders_for(way) {
                for len in LENGTHS {
                    child::run(&format!("{deed}, {way}, {len} bytes, {kind}"), || {
                        let secret = secret(builder, 1, len);
                        let reading = secret.expose().expect("it is open");
                        let inherited = secret.clone();
                        fork(Box::new(move || act(inherited))).finishes();
                        assert_eq!(*reading, material(1, len));
                        drop(reading);
                        assert_holds(&secret, 1, len);
                        assert_eq!(secret.close_and_wait(AGES), Ok(CloseOutcome::Wiped));
                    })
                    .finishes();
                }
            }
        }
    }
}

#[test]
fn local_handles_are_refused_in_a_child_and_read_on_in_the_parent() {
    for_each_way!(|fork: Way, builder, len| {
        let secret = secret(builder, 1, len);
        let [used, read] = [(); 2].map(|()| secret.local());
        used.with_bytes(|bytes| assert_eq!(bytes, material(1, len))).expect("it is open");
        // For the child to have what others still use, it has to be there for ever.
        let kept: &LocalSecret = Box::leak(Box::new(secret.local()));
        let bytes = kept.expose().expect("it is open");
        let inherited = (secret.clone(), kept.expose().expect("it is open"));
        fork(Box::new(move || {
            let (secret, guard) = inherited;
            assert_forked_locally(&used);
            secret.close();
            assert_forked_locally(kept);
            drop((guard, used));
            let own = self::secret(builder, 2, len);
            let local = own.local();
            own.replace(&mut material(3, len)).expect("there is memory");
            local.with_bytes(|bytes| assert_eq!(bytes, material(3, len))).expect("it is open");
        }))
        .finishes();
        assert_eq!(*bytes, material(1, len));
        assert_eq!(secret.close(), CloseOutcome::Deferred);
        assert_eq!(*bytes, material(1, len));
        drop(bytes);
        assert_eq!(read.with_bytes(|_| ()), Err(Error::Closed));
        assert_eq!(secret.close_and_wait(AGES), Ok(CloseOutcome::Already));
    });
}

#[test]
fn a_child_and_its_children_have_secrets_of_their_own() {
    for_each_way!(|fork: Way, builder, len| {
        let first = secret(builder, 1, len);
        let inherited = first.clone();
        fork(Box::new(move || {
            let second = secret(builder, 2, len);
            assert_holds(&second, 2, len);
            let both = (inherited.clone(), second.clone());
            fork(Box::new(move || {
                assert_forked(&both.0);
                assert_forked(&both.1);
                let third = secret(builder, 3, len);
                assert_holds(&third, 3, len);
            }))
            .finishes();
            assert_forked(&inherited);
            assert_holds(&second, 2, len);
        }))
        .finishes();
        assert_holds(&first, 1, len);
        assert_holds(&secret(builder, 4, len), 4, len);
    });
}

#[test]
fn nothing_of_the_parents_pages_is_in_a_child() {
    for_each_way!(|fork: Way, builder: Builder, len| {
        let [needle, control] = [(); 2].map(|()| Needle::random(NEEDLE));
        let secret = builder.build(&mut repeated(&needle, len)).expect("there is memory");
        let ordinary = repeated(&control, len);
        let search = move || {
            let found = |needle| search_process(&[needle]).expect("/proc is there").windows;
            (found(&needle), found(&control))
        };
        let open = secret.expose().expect("it is open");
        let (in_secret, elsewhere) = search();
        assert!(in_secret > 0 && elsewhere > 0, "the search sees both");
        let address = open.as_ptr();
        fork(Box::new(move || {
            assert!(!memory::can_read(address));
            assert_eq!(search(), (0, elsewhere));
        }))
        .finishes();
        drop(ordinary);
    });
}

#[test]
fn a_guard_held_across_a_fork_shows_the_child_nothing() {
    for_each_way!(|fork: Way, builder, len| {
        let secret = secret(builder, 1, len);
        let bytes = secret.expose().expect("it is open");
        let address = bytes.as_ptr().expose_provenance();
        let read = move || {
            let byte = ptr::with_exposed_provenance::<u8>(address);
            // SAFETY: none; whether this faults is the question.
            unsafe { byte.read_volatile() };
        };
        read();
        fork(Box::new(read)).dies_of(SIGSEGV);
        assert_eq!(*bytes, material(1, len));
    });
}

#[test]
fn a_fork_inside_an_access_or_an_initialiser_is_survived_by_both() {
    for_each_way!(|fork: Way, builder, len| {
        let secret = secret(builder, 1, len);
        let inherited = secret.clone();
        let child = secret.with_bytes(|_| {
            fork(Box::new(move || {
                assert_forked(&inherited);
                drop(inherited);
            }))
        });
        child.expect("it is open").finishes();
        assert_holds(&secret, 1, len);

        let filled = builder.init(len, |bytes: &mut [u8]| {
            fork(Box::new(move || assert_holds(&self::secret(builder, 2, len), 2, len))).finishes();
            bytes.copy_from_slice(&material(3, len));
        });
        assert_holds(&filled.expect("there is memory"), 3, len);
    });
}

#[test]
fn starting_a_program_changes_nothing() {
    let secret = secret(Secret::builder(), 1, 32);
    assert!(Command::new("true").status().expect("there is a `true`").success());
    assert_holds(&secret, 1, 32);
}

/// Forks 50 times while other threads run `work`, and lets `check` look in each child.
fn fork_amid(work: impl Fn() + Sync, check: impl Fn() + Sync) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    work();
                }
            });
        }
        let forks = scope.spawn(|| (0..50).for_each(|_| forked(&check).finishes()));
        let outcome = forks.join();
        done.store(true, Ordering::Relaxed);
        outcome.expect("all children finish");
    });
}

#[test]
fn forks_amid_threads_that_do_everything() {
    for (_, kind, builder) in builders_for(FORK) {
        child::run(&kind, || {
            let shared = secret(builder, 1, 32);
            fork_amid(
                || {
                    for len in [32, 20_000] {
                        let own = secret(builder, 2, len);
                        assert_holds(&own, 2, len);
                    }
                    let local = shared.local();
                    let _busy = shared.replace(&mut material(1, 32));
                    local.with_bytes(|bytes| assert_eq!(bytes, material(1, 32))).unwrap();
                    let closing = secret(builder, 3, 100);
                    closing
                        .with_bytes(|_| assert_eq!(closing.close(), CloseOutcome::Deferred))
                        .unwrap();
                    assert_holds(&shared, 1, 32);
                },
                || {
                    assert_forked(&shared);
                    shared.close();
                    drop(shared.clone());
                    for len in LENGTHS {
                        assert_holds(&secret(builder, 4, len), 4, len);
                    }
                },
            );
            assert_holds(&shared, 1, 32);
        })
        .finishes();
    }
}

#[test]
fn forks_amid_rekeying() {
    for (kind, builder) in builders_of(Protection::Encrypted) {
        child::run(&kind, || {
            let shared: Vec<_> = (0..20).map(|seed| secret(builder, seed, 32)).collect();
            fork_amid(
                || {
                    let rekeyed = rekey().expect("there is memory for a key");
                    assert_eq!((rekeyed.moved, rekeyed.unmoved), (20, 0));
                },
                || {
                    shared.iter().for_each(assert_forked);
                    let own = secret(builder, 4, 32);
                    assert_eq!(rekey().map(|rekeyed| rekeyed.moved), Ok(1), "its own alone");
                    assert_holds(&own, 4, 32);
                },
            );
            for (secret, seed) in shared.iter().zip(0..) {
                assert_holds(secret, seed, 32);
            }
        })
        .finishes();
    }
}

#[test]
fn forks_while_slabs_are_made_share_nothing() {
    for (_, kind, builder) in builders_for(FORK) {
        child::run(&kind, || {
            fork_amid(
                || drop(secret(builder, 1, 20_000)),
                || {
                    let shared = |mapping: &_| {
                        memory::is_memfd_secret(mapping)
                            && memory::can_read(ptr::without_provenance(
                                memory::range(mapping).start,
                            ))
                    };
                    let found: Vec<_> = memory::mappings().into_iter().filter(shared).collect();
                    assert!(found.is_empty(), "{found:?}");
                },
            );
        })
        .finishes();
    }
}

/// Whether `needle` is anywhere in those mappings of this process that a fork might have left it: shared ones, and
/// what can't be accessed, which the kernel reads all the same.
fn is_in_what_is_left(needle: &[u8]) -> bool {
    let mut memory = File::open("/proc/self/mem").expect("/proc is there");
    let this = Process::myself().expect("/proc is there");
    this.maps().expect("maps can be read").iter().any(|mapping| {
        let range = memory::range(mapping);
        let shared = mapping.perms.contains(MMPermissions::SHARED);
        if range.len() > 1 << 20
            || !(shared || mapping.perms.intersection(MMPermissions::READ).is_empty())
        {
            return false;
        }
        let mut bytes = vec![0; range.len()];
        let read = memory.seek(SeekFrom::Start(range.start as u64));
        let read = read.and_then(|_| memory.read_exact(&mut bytes));
        read.is_ok() && bytes.windows(needle.len()).any(|window| window == needle)
    })
}

/// Forks while another thread makes pages and writes a needle to them, and says how many of the children, which
/// look a little later, find it in what they were left.
fn children_that_find(needle: &Needle, write: impl Fn() + Sync) -> usize {
    const FORKS: usize = 300;
    const FOUND: i32 = 2;
    let needle = repeated(needle, NEEDLE);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                write();
            }
        });
        let look = || {
            thread::sleep(Duration::from_micros(1500));
            if is_in_what_is_left(&needle) {
                std::process::exit(FOUND);
            }
        };
        let finds = |_: &usize| match forked(look).ends() {
            status if status.code() == Some(FOUND) => true,
            status => {
                assert!(child::has_played(status), "the forked child: {status}");
                false
            }
        };
        let found = (0..FORKS).filter(finds).count();
        done.store(true, Ordering::Relaxed);
        found
    })
}

/// Between making pages and keeping them out of forks there is a moment, in which a child may be made.
#[test]
fn a_child_forked_while_pages_are_made_never_finds_a_later_secret_in_them() {
    const LEN: usize = 282 * NEEDLE;
    child::run("shared pages", || {
        let needle = Needle::random(NEEDLE);
        let content = repeated(&needle, LEN);
        let found = children_that_find(&needle, || {
            let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
            // SAFETY: no address is given.
            let at = unsafe { libc::mmap(ptr::null_mut(), LEN, libc::PROT_NONE, flags, -1, 0) };
            // SAFETY: these are the pages just mapped, in nobody's use.
            unsafe { libc::madvise(at, LEN, libc::MADV_DONTFORK) };
            // SAFETY: as above.
            unsafe { libc::mprotect(at, LEN, libc::PROT_READ | libc::PROT_WRITE) };
            // SAFETY: as above, and writable.
            unsafe { ptr::copy_nonoverlapping(content.as_ptr(), at.cast(), LEN) };
            thread::sleep(Duration::from_micros(50));
            // SAFETY: as above; nobody uses them any more.
            unsafe { libc::munmap(at, LEN) };
        });
        assert!(found > 0, "without care some are left what is written later");
    })
    .finishes();
    for (kind, builder) in builders_of(Protection::Guarded { reprotect: Reprotect::Eager }) {
        child::run(&kind, || {
            let needle = Needle::random(NEEDLE);
            let found = children_that_find(&needle, || {
                let secrets: Vec<_> = (0..100)
                    .filter_map(|_| builder.build(&mut repeated(&needle, LEN)).ok())
                    .collect();
                // For children to look at.
                thread::sleep(Duration::from_millis(2));
                drop(secrets);
                strongroom::trim();
            });
            assert_eq!(found, 0);
        })
        .finishes();
    }
}

#[test]
fn a_child_counts_its_own_locks_alone() {
    for (kind, builder) in builders_of(Protection::Locked) {
        child::run(&kind, || {
            limit::locking(64 * 1024);
            let secrets: Vec<_> = (0..10).map(|seed| secret(builder, seed, 4000)).collect();
            let mapping = secrets[0].with_bytes(|bytes| memory::mapping_at(bytes.as_ptr()));
            if !memory::is_counted(&mapping.expect("it is open").expect("it is mapped")) {
                let why = "this kernel counts secret memory of a parent and its child together";
                return not_shown("a child's own locks", why, "Linux before 6.5 doesn't");
            }
            forked(|| {
                let own: Vec<_> =
                    (0..).map_while(|seed| builder.build(&mut material(seed, 4000)).ok()).collect();
                assert!(own.len() >= 10, "{}", own.len());
                let error =
                    builder.build(&mut material(0, 4000)).expect_err("the limit is reached");
                let Error::LockLimit { locked, .. } = error else { panic!("{error:?}") };
                assert_eq!(locked, memory::locked_bytes());
            })
            .finishes();
        })
        .finishes();
    }
}

/// A system that accepts every advice about memory and takes none, as QEMU's user mode does.
struct TakesNoAdvice;

impl Supervisor for TakesNoAdvice {
    fn decide(&mut self, call: &'static Call) -> Option<i32> {
        // No error is an answer, too.
        (call.name == "madvise").then_some(0)
    }

    fn decide_beside(&mut self, call: &'static Call) -> Option<i32> {
        self.decide(call)
    }
}

/// A system that knows of no pages which a child finds zeroed, as gVisor is: the second advice that the
/// library gives, after one that doesn't exist, is about such a page.
#[derive(Default)]
struct HasNoWipedPages {
    advice: usize,
}

impl Supervisor for HasNoWipedPages {
    fn decide(&mut self, call: &'static Call) -> Option<i32> {
        self.advice += usize::from(call.name == "madvise");
        (call.name == "madvise" && self.advice == 2).then_some(libc::EINVAL)
    }
}

const SYSTEMS: [(&str, fn()); 2] = [
    ("advice is not taken", || supervise(TakesNoAdvice)),
    ("pages are not wiped", || supervise(HasNoWipedPages::default())),
];

#[test]
fn without_wiped_pages_children_are_told_by_their_number_and_protections_say_what_holds() {
    child::run("the control", || {
        assert_eq!(capabilities().fork_detection, Some(ForkDetection::WipedPage));
    })
    .finishes();
    for (system, begin) in SYSTEMS {
        for (way, fork) in WAYS {
            for (_, kind, builder) in builders() {
                child::run(&format!("{system}, {way}, {kind}"), || {
                    begin();
                    let first = secret(builder, 1, 32);
                    let detection = capabilities().fork_detection;
                    assert_eq!(detection, Some(ForkDetection::ProcessNumber));
                    assert_tells_what_holds(&first);
                    let inherited = first.clone();
                    fork(Box::new(move || {
                        assert_forked(&inherited);
                        let second = secret(builder, 2, 32);
                        assert_holds(&second, 2, 32);
                        let both = (inherited.clone(), second.clone());
                        fork(Box::new(move || {
                            assert_forked(&both.0);
                            assert_forked(&both.1);
                            assert_holds(&secret(builder, 3, 32), 3, 32);
                        }))
                        .finishes();
                        drop(inherited);
                        assert_holds(&second, 2, 32);
                    }))
                    .finishes();
                    assert_holds(&first, 1, 32);
                    assert_eq!(first.close(), CloseOutcome::Wiped);
                })
                .finishes();
            }
        }
    }
}

/// The library writes to nothing in a child; other code there may.
#[test]
fn where_no_advice_is_taken_a_childs_stray_write_stays_its_own() {
    child::run("a stray write", || {
        supervise(TakesNoAdvice);
        let secret = secret(Secret::builder().backing(Backing::Anonymous), 1, 32);
        let address = secret.with_bytes(|bytes| bytes.as_ptr().cast_mut()).expect("it is open");
        forked(|| {
            // SAFETY: nothing else in this process uses the byte; that it is mapped and writable is
            // what the test relies on.
            let before = unsafe { address.read_volatile() };
            // SAFETY: as for the read.
            unsafe { address.write_volatile(!before) };
        })
        .finishes();
        assert_holds(&secret, 1, 32);
    })
    .finishes();
}

fn assert_tells_what_holds(secret: &Secret) {
    let open = secret.expose().expect("it is open");
    let told = secret.protections().expect("it is open");
    let mapping = memory::mapping_at(open.as_ptr()).expect("it is mapped");
    let flags = mapping.extension.vm_flags;
    assert_eq!(told.excluded_from_forks, flags.contains(memory::NOT_FORKED), "{told}");
    assert_eq!(told.excluded_from_dumps, flags.contains(memory::NOT_DUMPED), "{told}");
}

/// The first process of each namespace has the number 1.
#[test]
fn a_child_that_has_its_parents_number_is_told_by_the_handler() {
    child::run("the same number", || {
        if let Err(error) = unshare(CloneFlags::CLONE_NEWPID) {
            let what = "children with their parent's number";
            return not_shown(what, &format!("no namespace: {error}"), "run the test as root");
        }
        forked(|| {
            supervise(HasNoWipedPages::default());
            let secret = secret(Secret::builder(), 1, 32);
            assert_eq!(capabilities().fork_detection, Some(ForkDetection::ProcessNumber));
            let here = std::process::id();
            unshare(CloneFlags::CLONE_NEWPID).expect("a namespace was just made");
            let inherited = secret.clone();
            forked(move || {
                assert_eq!(std::process::id(), here);
                assert_forked(&inherited);
            })
            .finishes();
            assert_holds(&secret, 1, 32);
        })
        .finishes();
    })
    .finishes();
}
