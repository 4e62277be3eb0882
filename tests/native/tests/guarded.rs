//! Guarded secrets: nobody can access their pages while nobody reads.
#![cfg(target_os = "linux")]

use std::hint;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::signal::Signal::{self, SIGSEGV};
use nix::unistd::Pid;
use procfs::process::{Process, Task};
use strongroom::{Builder, CloseOutcome, Protection, Reprotect, Secret};
use strongroom_tests::linux::{
    AGES, GUARDED, GUARDED_AFTER_AGES, GUARDED_BRIEFLY, brief_builders, builders, builders_of,
    child, material, memory,
};

const LENGTHS: [usize; 2] = [32, 20_000];

fn secret(builder: Builder, len: usize) -> Secret {
    builder.build(&mut material(1, len)).expect("there is memory")
}

fn address(secret: &Secret) -> *const u8 {
    secret.with_bytes(<[u8]>::as_ptr).expect("it is open")
}

fn wait_until_unreadable(address: *const u8) {
    while memory::can_read(address) {
        thread::yield_now();
    }
}

/// Builders of guarded secrets, both those that the last reader makes unreadable and those that rest a while
/// later.
fn guarded() -> impl Iterator<Item = (String, Builder)> {
    let brief = brief_builders().into_iter().map(|(_, name, builder)| (name, builder));
    builders_of(GUARDED).into_iter().chain(brief)
}

#[test]
fn an_access_to_resting_memory_faults() {
    for (kind, builder) in guarded() {
        for len in LENGTHS {
            let part = |what: &str| format!("{what}, {len} bytes, {kind}");
            let read = |address: *const u8| {
                // SAFETY: none; whether this faults is the question.
                unsafe { address.read_volatile() };
            };
            let write = |address: *const u8| {
                // SAFETY: none; whether this faults is the question.
                unsafe { address.cast_mut().write_volatile(0) };
            };
            child::run(&part("read while it is read"), || {
                secret(builder, len).with_bytes(|bytes| read(bytes.as_ptr())).unwrap();
            })
            .finishes();
            child::run(&part("write while it is read"), || {
                secret(builder, len).with_bytes(|bytes| write(bytes.as_ptr())).unwrap();
            })
            .dies_of(SIGSEGV);
            for (name, access) in [("read at rest", &read as &dyn Fn(_)), ("write at rest", &write)]
            {
                child::run(&part(name), || {
                    let secret = secret(builder, len);
                    let address = address(&secret);
                    wait_until_unreadable(address);
                    access(address);
                })
                .dies_of(SIGSEGV);
            }
        }
    }
}

#[test]
fn a_new_secret_rests() {
    for (_, builder) in guarded() {
        for len in LENGTHS {
            let mut at = ptr::null();
            let secret = builder
                .init(len, |bytes| bytes.copy_from_slice(&material(1, len)))
                .expect("there is memory");
            let mut replaced = material(2, len);
            for _ in 0..2 {
                secret.replace(&mut replaced).expect("nobody reads");
                at = address(&secret);
                wait_until_unreadable(at);
                replaced = material(2, len);
            }
            assert!(!memory::can_read(at));
        }
    }
}

#[test]
fn eager_memory_is_made_unreadable_by_the_last_of_several_readers() {
    for (kind, builder) in builders_of(GUARDED) {
        let secret = secret(builder, 32);
        let first = secret.expose().expect("it is open");
        let second = secret.expose().expect("it is open");
        let at = first.as_ptr();
        drop(first);
        assert!(memory::can_read(at), "{kind}");
        assert_eq!(*second, material(1, 32));
        drop(second);
        assert!(!memory::can_read(at), "{kind}");
    }
}

#[test]
fn a_panic_in_a_callback_leaves_the_secret_unpinned_unreadable_and_usable() {
    for (level, kind, builder) in builders().into_iter().chain(brief_builders()) {
        for len in LENGTHS {
            let secret = secret(builder, len);
            let mut at = ptr::null();
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                secret.with_bytes(|bytes| {
                    at = bytes.as_ptr();
                    panic!("on purpose");
                })
            }));
            assert!(panicked.is_err());
            if level == GUARDED {
                assert!(!memory::can_read(at), "{kind}");
            }
            if level == GUARDED_BRIEFLY {
                wait_until_unreadable(at);
            }
            assert_eq!(secret.ct_eq(&material(1, len)), Ok(true), "{kind}");
            // Waits for the library's thread, should it have come just now; a pin would stay for ever.
            assert_eq!(secret.close_and_wait(AGES), Ok(CloseOutcome::Wiped), "{kind}");
        }
    }
}

#[test]
fn within_its_window_a_secret_stays_readable() {
    for (kind, builder) in builders_of(GUARDED_AFTER_AGES) {
        let secret = secret(builder, 32);
        assert!(memory::can_read(address(&secret)), "{kind}");
        assert_eq!(secret.close(), CloseOutcome::Wiped, "{kind}");
    }
}

/// The threads of this process that make unreadable what is idle.
fn reprotecting_threads() -> Vec<Task> {
    let tasks = Process::myself().and_then(|this| this.tasks()).expect("/proc is there");
    let tasks = tasks.map(|task| task.expect("no thread ends here"));
    // The kernel keeps 15 bytes of a name.
    tasks.filter(|task| task.stat().expect("it lives").comm == "strongroom-repr").collect()
}

#[test]
fn one_thread_works_for_all_and_sleeps_while_nothing_is_readable() {
    child::run("thread", || {
        let without: Vec<_> =
            builders().into_iter().filter(|(level, ..)| *level != GUARDED_AFTER_AGES).collect();
        let without: Vec<_> = without.iter().map(|(.., builder)| secret(*builder, 32)).collect();
        without.iter().for_each(|secret| drop(secret.expose().expect("it is open")));
        assert_eq!(reprotecting_threads().len(), 0, "nobody needs one");

        let secrets: Vec<_> =
            brief_builders().iter().cycle().take(50).map(|(.., b)| secret(*b, 32)).collect();
        let addresses: Vec<_> = secrets.iter().map(address).collect();
        addresses.into_iter().for_each(wait_until_unreadable);
        assert_eq!(reprotecting_threads().len(), 1);

        // Did it look now and then, it would do so each millisecond, and this would never end.
        let wakings =
            || reprotecting_threads()[0].status().expect("it lives").voluntary_ctxt_switches;
        loop {
            let before = wakings();
            thread::sleep(Duration::from_millis(30));
            if wakings() == before {
                break;
            }
        }
    })
    .finishes();
}

/// A signal's handler may do what this thread must not: use a secret that it holds.
#[test]
fn that_thread_is_disturbed_by_no_signal() {
    child::run("signals", || {
        let secret = secret(brief_builders().remove(0).2, 32);
        wait_until_unreadable(address(&secret));
        let blocked = |task: &Task| task.status().expect("it lives").sigblk;
        let blocks = |blocked: u64, signal: Signal| blocked & (1 << (signal as i32 - 1)) != 0;
        let own = Process::myself().and_then(|this| this.status()).expect("/proc is there").sigblk;
        for signal in Signal::iterator() {
            // Nothing blocks these two (signal(7)).
            if matches!(signal, Signal::SIGKILL | Signal::SIGSTOP) {
                continue;
            }
            assert!(blocks(blocked(&reprotecting_threads()[0]), signal), "{signal}");
            assert!(
                !blocks(own, signal),
                "the control: this thread has the masks it had, {signal}"
            );
        }
    })
    .finishes();
}

#[test]
fn a_window_of_a_nanosecond_is_a_millisecond_and_takes_no_processor() {
    let asked = Protection::Guarded { reprotect: Reprotect::After(Duration::from_nanos(1)) };
    child::run("held open", || {
        let secret = secret(Secret::builder().protection(asked), 32);
        let told = secret.protections().expect("it is open").level;
        assert_eq!(told, Protection::Guarded { reprotect: Reprotect::After(Reprotect::SHORTEST) });
        let open = secret.expose().expect("it is open");
        while reprotecting_threads().is_empty() {
            thread::yield_now();
        }
        let wakings =
            || reprotecting_threads()[0].status().expect("it lives").voluntary_ctxt_switches;
        let ran_for = || reprotecting_threads()[0].schedstat().expect("it lives").sum_exec_runtime;
        let (woken, ran) = (wakings(), ran_for());
        // It sleeps after each look. One that doesn't runs for longer than a hundred looks take.
        const LOOKS: u32 = 100;
        while wakings() < woken.map(|woken| woken + u64::from(LOOKS)) {
            let ran = Duration::from_nanos(ran_for() - ran);
            assert!(ran < LOOKS * Duration::from_millis(1), "{ran:?}");
            thread::sleep(Duration::from_millis(1));
        }
        drop(open);
        wait_until_unreadable(address(&secret));
    })
    .finishes();
}

#[test]
fn an_exit_waits_for_no_thread() {
    for (_, kind, builder) in brief_builders() {
        child::run(&kind, || {
            let secrets: Vec<_> = (0..50).map(|_| secret(builder, 32)).collect();
            secrets.iter().for_each(|secret| drop(secret.expose().expect("it is open")));
            std::process::exit(73);
        })
        .finishes();
    }
}

/// Lets no two threads of this process, as far as they are started from now on, run at once.
fn keep_to_one_processor() {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this).expect("one may ask");
    let is_allowed = |cpu: &usize| allowed.is_set(*cpu) == Ok(true);
    let mut one = CpuSet::new();
    one.set((0..CpuSet::count()).find(is_allowed).expect("it runs somewhere")).expect("it exists");
    sched_setaffinity(this, &one).expect("one may do with less");
}

/// An access wakes the thread that makes pages unreadable; on a busy processor that thread may have
/// looked before the access is done.
#[test]
fn what_is_read_on_a_busy_processor_is_made_unreadable_again() {
    for (_, kind, builder) in brief_builders() {
        child::run(&kind, || {
            keep_to_one_processor();
            let done = AtomicBool::new(false);
            thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        while !done.load(Ordering::Relaxed) {
                            hint::spin_loop();
                        }
                    });
                }
                let secret = secret(builder, 32);
                (0..200).for_each(|_| wait_until_unreadable(address(&secret)));
                done.store(true, Ordering::Relaxed);
            });
        })
        .finishes();
    }
}

#[test]
fn a_window_may_be_longer_than_any_clock() {
    let reprotect = Reprotect::After(Duration::MAX);
    let secret = secret(Secret::builder().protection(Protection::Guarded { reprotect }), 32);
    assert_eq!(secret.ct_eq(&material(1, 32)), Ok(true));
    assert!(memory::can_read(address(&secret)));
    assert_eq!(secret.close(), CloseOutcome::Wiped);
}

#[test]
fn a_secret_in_steady_use_is_never_made_unreadable_under_its_reader() {
    for (_, _, builder) in brief_builders() {
        let secret = secret(builder, 32);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for round in 0..500 {
                        assert_eq!(secret.with_bytes(|bytes| bytes == material(1, 32)), Ok(true));
                        if round % 50 == 0 {
                            wait_for_the_window();
                        }
                    }
                });
            }
        });
    }
}

/// Lets a millisecond's window pass, or not quite: the race is what this is for.
fn wait_for_the_window() {
    thread::sleep(Duration::from_millis(1));
}
