//! What others see of a secret's memory: the kernel's books, other processes, core dumps.
#![cfg(target_os = "linux")]

use std::ffi::{CStr, CString};
use std::fs::{self, File};
use std::io::{self, IoSliceMut, Read, Write};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::ptr;

use nix::sched::{CloneFlags, unshare};
use nix::sys::ptrace;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::Signal::{SIGABRT, SIGKILL, SIGSTOP};
use nix::sys::signal::{kill, raise};
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use strongroom::{Backing, Builder, Error, Protection, Secret, harden};
use strongroom_tests::linux::child::{self, forked};
use strongroom_tests::linux::lacking::not_shown;
use strongroom_tests::linux::{
    GUARDED, NEEDLE, backings, builders, builders_of, limit, material, memory, repeated,
};
use strongroom_tests::residue::Needle;

const LENGTHS: [usize; 3] = [32, 4096, 20_000];

fn secret(builder: Builder, len: usize) -> Secret {
    builder.build(&mut material(1, len)).expect("there is memory")
}

#[test]
fn the_kernels_books_agree_with_what_the_library_tells() {
    let ordinary = material(1, 20_000);
    let flags = memory::mapping_at(ordinary.as_ptr()).expect("it is mapped").extension.vm_flags;
    assert!(!flags.intersects(memory::LOCKED | memory::NOT_DUMPED | memory::NOT_FORKED));
    for (level, kind, builder) in builders() {
        for len in LENGTHS {
            let secret = secret(builder, len);
            let protections = secret.protections().expect("it is open");
            assert_eq!(protections.level, level);
            let mapping = secret.with_bytes(|bytes| memory::mapping_at(bytes.as_ptr()));
            let mapping = mapping.expect("it is open").expect("it is mapped");
            let flags = mapping.extension.vm_flags;
            for (told, seen, what) in [
                (protections.memfd_secret, memory::is_memfd_secret(&mapping), "memfd_secret"),
                (protections.locked, memory::is_locked(&mapping), "locked"),
                (protections.excluded_from_dumps, flags.contains(memory::NOT_DUMPED), "dumps"),
                (protections.excluded_from_forks, flags.contains(memory::NOT_FORKED), "forks"),
            ] {
                assert_eq!(told, seen, "{what}, {len} bytes, {kind}");
                assert!(told || what == "memfd_secret" && kind.ends_with("anonymous"), "{what}");
            }
        }
    }
}

#[test]
fn the_machines_capabilities_are_told_as_they_are() {
    let capabilities = strongroom::capabilities();
    assert_eq!(capabilities.memfd_secret, memory::kernel_has_memfd_secret());
    let (soft, _) = getrlimit(Resource::RLIMIT_MEMLOCK).expect("the resource exists");
    let limit = (soft != libc::RLIM_INFINITY).then_some(soft);
    assert_eq!(capabilities.lock_limit.map(|limit| limit as u64), limit);
    let automatic = secret(Secret::builder(), 32).protections().expect("it is open");
    assert_eq!(automatic.memfd_secret, capabilities.memfd_secret, "the best there is");
}

/// Where a service asks for its pages to be merged with equal ones, secrets stay apart; what is ordinary doesn't.
#[test]
fn no_page_of_a_secret_is_merged_with_an_equal_one() {
    child::run("", || {
        // SAFETY: the call has no pointers, and concerns this process alone.
        let asked = unsafe { libc::prctl(libc::PR_SET_MEMORY_MERGE, 1, 0, 0, 0) };
        if asked != 0 {
            return not_shown(
                "that pages of secrets aren't merged",
                "this kernel doesn't merge those of a whole process",
                "Linux 6.4 or later, with CONFIG_KSM, does",
            );
        }
        let is_mergeable = |at: *const u8| {
            let mapping = memory::mapping_at(at).expect("it is mapped");
            mapping.extension.vm_flags.contains(memory::MERGEABLE)
        };
        // So large that it is mapped now.
        assert!(is_mergeable(material(1, 1 << 20).as_ptr()), "the control");
        for (_, kind, builder) in builders() {
            for len in LENGTHS {
                let secret = secret(builder, len);
                let mergeable = secret.with_bytes(|bytes| is_mergeable(bytes.as_ptr()));
                assert_eq!(mergeable, Ok(false), "{len} bytes, {kind}");
            }
        }
    })
    .finishes();
}

#[test]
fn closing_one_secret_unlocks_no_page_of_another() {
    for level in [Protection::Locked, GUARDED] {
        for (kind, builder) in builders_of(level) {
            child::run(&kind, || {
                for len in LENGTHS {
                    let mut secrets: Vec<_> = (0..50).map(|_| secret(builder, len)).collect();
                    while let Some(closed) = secrets.pop() {
                        closed.close();
                        let mappings = memory::mappings();
                        for secret in &secrets {
                            let at = secret.with_bytes(<[u8]>::as_ptr).expect("it is open").addr();
                            let mapping = mappings.iter().find(|m| memory::range(m).contains(&at));
                            assert!(
                                memory::is_locked(mapping.expect("it is mapped")),
                                "{len} bytes"
                            );
                        }
                    }
                }
            })
            .finishes();
        }
    }
}

type Peek = fn(Pid, usize, &mut [u8]) -> io::Result<()>;

/// The ways in which one process reads another's memory.
const PEEKS: [(&str, Peek); 3] = [
    ("process_vm_readv", |process, address, out| {
        let wanted = out.len();
        let remote = RemoteIoVec { base: address, len: wanted };
        let read = process_vm_readv(process, &mut [IoSliceMut::new(out)], &[remote])?;
        if read == wanted { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }),
    ("/proc/PID/mem", |process, address, out| {
        File::open(format!("/proc/{process}/mem"))?.read_exact_at(out, address as u64)
    }),
    ("ptrace", |process, address, out| {
        for (word, offset) in out.chunks_exact_mut(size_of::<libc::c_long>()).zip((0..).step_by(8))
        {
            let peeked = ptrace::read(process, ptr::without_provenance_mut(address + offset))?;
            word.copy_from_slice(&peeked.to_ne_bytes());
        }
        Ok(())
    }),
];

/// Has a child make a secret, tell its address, and stop while it reads it; then peeks.
fn peek(builder: Builder, len: usize, peek: Peek) -> io::Result<Vec<u8>> {
    let (mut here, mut there) = io::pipe()?;
    let child = forked(move || {
        ptrace::traceme().expect("nobody else traces the child");
        let secret = secret(builder, len);
        let bytes = secret.expose().expect("it is open");
        there.write_all(&bytes.as_ptr().addr().to_ne_bytes()).expect("the parent reads");
        raise(SIGSTOP).expect("one may stop oneself");
    });
    let mut address = [0; size_of::<usize>()];
    here.read_exact(&mut address)?;
    waitpid(child.pid(), None)?;
    let mut out = vec![0; len];
    let peeked = peek(child.pid(), usize::from_ne_bytes(address), &mut out);
    kill(child.pid(), SIGKILL)?;
    child.dies_of(SIGKILL);
    peeked.map(|()| out)
}

#[test]
fn other_processes_cannot_read_secret_memory() {
    for (level, kind, builder) in builders() {
        for (name, how) in PEEKS {
            for len in LENGTHS {
                child::run(&format!("{name}, {len} bytes, {kind}"), || {
                    let peeked = peek(builder, len, how);
                    if kind.ends_with("memfd_secret") {
                        let error = peeked.expect_err("the kernel itself has no access");
                        let code = error.raw_os_error();
                        assert!(matches!(code, Some(libc::EFAULT | libc::EIO)), "{error}");
                    } else {
                        let peeked = peeked.expect("ordinary memory is readable, locked or not");
                        assert_eq!(peeked, material(1, len), "{level:?}");
                    }
                })
                .finishes();
            }
        }
    }
}

/// The core file of the process that has just died in `folder`.
fn core_in(folder: &Path) -> Option<Vec<u8>> {
    let core = fs::read_dir(folder).ok()?.next()?.ok()?;
    fs::read(core.path()).ok()
}

#[test]
fn a_core_dump_has_everything_but_the_secrets() {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").expect("/proc is there");
    let (_, most) = getrlimit(Resource::RLIMIT_CORE).expect("the resource exists");
    if pattern.starts_with('|') || pattern.contains('/') || most == 0 {
        let why = format!("cores go to {pattern:?}, at most {most} bytes");
        let remedy = "sysctl kernel.core_pattern=core, and ulimit -c unlimited";
        return not_shown("a core file itself, but the kernel's books", &why, remedy);
    }
    for (_, kind, builder) in builders() {
        child::run(&kind, || {
            let name = format!("core of {}", std::process::id());
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
            fs::create_dir(&folder).expect("the folder for tests can be written");
            let needles @ [ordinary, resting, read] = &[(); 3].map(|()| Needle::random(NEEDLE));
            forked(|| {
                std::env::set_current_dir(&folder).expect("it was just made");
                limit::set(Resource::RLIMIT_CORE, most);
                let [_ordinary, mut resting, mut read] =
                    needles.each_ref().map(|needle| repeated(needle, 20_000));
                let _resting = builder.build(&mut resting).expect("there is memory");
                let read = builder.build(&mut read).expect("there is memory");
                let _open = read.expose().expect("it is open");
                std::process::abort();
            })
            .dies_of(SIGABRT);
            let core = core_in(&folder);
            fs::remove_dir_all(&folder).expect("it was just made");
            let core = core.expect("there is a core");
            let Range { start, end } = core.as_ptr_range();
            let count = |needle: &Needle| {
                // SAFETY: this is the core, which nobody changes.
                unsafe { needle.count_in(start.expose_provenance()..end.expose_provenance()) }
            };
            assert!(count(ordinary) > 0, "the dump has ordinary memory");
            assert_eq!((count(resting), count(read)), (0, 0));
        })
        .finishes();
    }
}

#[test]
fn hardening_is_asked_for_and_leaves_the_hard_limit() {
    child::run("core files", || {
        let (_, most) = getrlimit(Resource::RLIMIT_CORE).expect("the resource exists");
        limit::set(Resource::RLIMIT_CORE, most);
        let _secret = secret(Secret::builder(), 32);
        assert_eq!(getrlimit(Resource::RLIMIT_CORE), Ok((most, most)), "nothing happens unasked");
        assert_eq!(harden::disable_core_files(), Ok(()));
        assert_eq!(getrlimit(Resource::RLIMIT_CORE), Ok((0, most)));
    })
    .finishes();
    child::run("inspection", || {
        let _secret = secret(Secret::builder(), 32);
        assert_eq!(nix::sys::prctl::get_dumpable(), Ok(true), "nothing happens unasked");
        assert_eq!(harden::deny_inspection(), Ok(()));
        assert_eq!(nix::sys::prctl::get_dumpable(), Ok(false));
    })
    .finishes();
}

/// Shows this process, and none but it, a core pattern that isn't the system's.
fn show_core_pattern(pattern: &str) -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWNS)?;
    let name = format!("core pattern of {}", std::process::id());
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, pattern)?;
    let source = CString::new(file.as_os_str().as_bytes())?;
    let mount = |source: *const libc::c_char, target: &CStr, flags| {
        // SAFETY: the strings outlive the call; what is mounted changes no memory.
        let mounted =
            unsafe { libc::mount(source, target.as_ptr(), ptr::null(), flags, ptr::null()) };
        if mounted == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    };
    mount(ptr::null(), c"/", libc::MS_REC | libc::MS_PRIVATE)?;
    mount(source.as_ptr(), c"/proc/sys/kernel/core_pattern", libc::MS_BIND)?;
    fs::remove_file(file)
}

/// The kernel asks no limit before it hands a dump to a program.
#[test]
fn no_dump_is_handed_to_a_program_either() {
    for (pattern, dumpable) in
        [("core\n", true), ("|/usr/bin/taker %p\n", false), ("@/run/taker\n", false), ("", false)]
    {
        child::run(&format!("{pattern:?}"), || {
            if let Err(error) = show_core_pattern(pattern) {
                let why = format!("no other core pattern can be shown: {error}");
                return not_shown("dumps handed to a program", &why, "run the test as root");
            }
            assert_eq!(harden::disable_core_files(), Ok(()));
            assert_eq!(nix::sys::prctl::get_dumpable(), Ok(dumpable), "{pattern:?}");
            assert_eq!(getrlimit(Resource::RLIMIT_CORE).map(|(soft, _)| soft), Ok(0));
        })
        .finishes();
    }
}

#[test]
fn a_backing_that_is_asked_for_is_had_or_refused() {
    for (_, backing) in backings() {
        let protections = secret(Secret::builder().backing(backing), 32).protections();
        let expected = backing == Backing::MemfdSecret;
        assert_eq!(protections.map(|p| p.memfd_secret), Ok(expected));
    }
    if !memory::kernel_has_memfd_secret() {
        let refused = Secret::builder().backing(Backing::MemfdSecret).random(32);
        assert!(matches!(refused.err(), Some(Error::Unsupported { .. })));
    }
}
