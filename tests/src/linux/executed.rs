//! What a closure executes: the processor takes one step at a time (ptrace), and each instruction is
//! disassembled.

use std::collections::HashMap;
use std::fmt;
use std::hint::black_box;
use std::mem;
use std::ptr;

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register};
use libc::user_regs_struct;
use nix::sys::ptrace;
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use super::child;

/// How far below the stack pointer one looks for what was left.
const DEPTH: u64 = 16 * 1024;

/// What a closure has executed, from its first instruction to its return.
pub struct Executed {
    /// Instructions that lock the bus or a cache line: atomic read-modify-writes.
    pub locked: usize,
    /// Calls, of functions and of the system.
    pub calls: usize,
    instructions: Vec<Step>,
    /// The stack below the closure's frame, the deepest first.
    stack: Vec<u8>,
}

/// One instruction that was executed, and where in memory its operands were.
#[derive(PartialEq)]
struct Step {
    instruction: Instruction,
    addresses: Vec<u64>,
}

impl Executed {
    /// Where this and `other` part: the first instruction that only one of them has, or whose operands are
    /// elsewhere. What an observer of caches and of time could tell them apart by comes after that.
    #[must_use]
    pub fn parts_from(&self, other: &Self) -> Option<String> {
        let both = self.instructions.iter().zip(&other.instructions);
        let alike = both.take_while(|(one, other)| one == other).count();
        let next = |it: &Self| it.instructions.get(alike).map_or("the end".to_owned(), told);
        let parted = self.instructions.len() > alike || other.instructions.len() > alike;
        parted.then(|| format!("after {alike} instructions: {}, or {}", next(self), next(other)))
    }

    /// Whether these bytes are on the stack, below the closure's frame.
    #[must_use]
    pub fn leaves(&self, bytes: &[u8]) -> bool {
        self.stack.windows(bytes.len()).any(|window| window == bytes)
    }
}

/// The disassembly, for who wants to know why a test fails.
impl fmt::Display for Executed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.instructions.iter().try_for_each(|step| writeln!(f, "{}", told(step)))
    }
}

fn told(Step { instruction, addresses }: &Step) -> String {
    format!("{:#x} {instruction} {addresses:x?}", instruction.ip())
}

/// What the closure that `make` makes executes. It is called once before, so that what only a first call
/// does isn't in it.
///
/// # Panics
///
/// If this process may not trace a child, or the closure says that it failed.
#[must_use]
pub fn executed<F: FnMut() -> bool>(make: impl Fn() -> F) -> Executed {
    executed_with(&[()], |()| make()).remove(0)
}

/// The same for each of the `values`, in processes that have the same at the same addresses.
///
/// # Panics
///
/// As [`executed`].
#[must_use]
pub fn executed_with<T, F: FnMut() -> bool>(values: &[T], make: impl Fn(&T) -> F) -> Vec<Executed> {
    // By its address, so that nothing of the caller is compiled into it.
    let probe: fn(&mut F) -> bool = black_box(probe::<F>);
    let stop_at_probe = |value| {
        child::forked(|| {
            let mut closure = make(value);
            assert!(probe(&mut closure), "the closure fails before it is traced");
            ptrace::traceme().expect("nobody else traces the child");
            raise(Signal::SIGSTOP).expect("it stops itself");
            assert!(probe(&mut closure), "the closure fails");
        })
    };
    // All of them before any is traced, for that changes what this process has.
    let children: Vec<_> = values.iter().map(stop_at_probe).collect();
    let trace = |child: child::Forked| {
        let executed = trace(child.pid(), probe as usize as u64);
        ptrace::cont(child.pid(), None).expect("the child is stopped");
        child.finishes();
        executed
    };
    children.into_iter().map(trace).collect()
}

#[inline(never)]
fn probe<F: FnMut() -> bool>(closure: &mut F) -> bool {
    closure()
}

/// Takes `child`, which stops, step by step to the function at this address, and through it.
fn trace(child: Pid, function: u64) -> Executed {
    let mut executed =
        Executed { locked: 0, calls: 0, instructions: Vec::new(), stack: Vec::new() };
    let mut disassembled = HashMap::new();
    let mut frame = None;
    loop {
        let stopped = waitpid(child, None).expect("the child is ours");
        assert!(matches!(stopped, WaitStatus::Stopped(..)), "{stopped:?}");
        let registers = ptrace::getregs(child).expect("the child is stopped");
        if registers.rip == function && frame.is_none() {
            frame = Some((registers.rsp, peek(child, registers.rsp)));
        }
        if let Some((stack, back)) = frame {
            if registers.rip == back && registers.rsp > stack {
                let words = (stack - DEPTH..stack).step_by(8);
                executed.stack = words.flat_map(|word| peek(child, word).to_ne_bytes()).collect();
                return executed;
            }
            let instruction = *disassembled.entry(registers.rip).or_insert_with(|| {
                let code = [0, 8].map(|at| peek(child, registers.rip + at).to_ne_bytes());
                let options = DecoderOptions::NONE;
                Decoder::with_ip(64, code.as_flattened(), registers.rip, options).decode()
            });
            executed.add(instruction, &registers);
        }
        ptrace::step(child, None).expect("the child is stopped");
    }
}

impl Executed {
    fn add(&mut self, instruction: Instruction, registers: &user_regs_struct) {
        let in_memory = instruction.op_kinds().any(|kind| kind == OpKind::Memory);
        // An exchange with memory locks without a prefix.
        let exchanges = instruction.mnemonic() == Mnemonic::Xchg && in_memory;
        self.locked += usize::from(instruction.has_lock_prefix() || exchanges);
        let calls = [FlowControl::Call, FlowControl::IndirectCall];
        self.calls += usize::from(calls.contains(&instruction.flow_control()));
        // These reach no memory, though they have operands that look so.
        let reaches = ![Mnemonic::Lea, Mnemonic::Nop].contains(&instruction.mnemonic());
        let operands = if reaches { 0..instruction.op_count() } else { 0..0 };
        let value = |register, _, _| value(registers, register);
        let addresses = operands.filter_map(|at| instruction.virtual_address(at, 0, value));
        self.instructions.push(Step { instruction, addresses: addresses.collect() });
    }
}

/// What is in a register that addresses are made of.
fn value(registers: &user_regs_struct, register: Register) -> Option<u64> {
    if register.is_segment_register() {
        return Some(match register {
            Register::FS => registers.fs_base,
            Register::GS => registers.gs_base,
            _ => 0,
        });
    }
    let whole = match register.full_register() {
        Register::RAX => registers.rax,
        Register::RBX => registers.rbx,
        Register::RCX => registers.rcx,
        Register::RDX => registers.rdx,
        Register::RSI => registers.rsi,
        Register::RDI => registers.rdi,
        Register::RBP => registers.rbp,
        Register::RSP => registers.rsp,
        Register::R8 => registers.r8,
        Register::R9 => registers.r9,
        Register::R10 => registers.r10,
        Register::R11 => registers.r11,
        Register::R12 => registers.r12,
        Register::R13 => registers.r13,
        Register::R14 => registers.r14,
        Register::R15 => registers.r15,
        _ => return None,
    };
    Some(if register.size() == 4 { whole & 0xFFFF_FFFF } else { whole })
}

/// A word of the child's memory.
fn peek(child: Pid, address: u64) -> u64 {
    const { assert!(mem::size_of::<usize>() == mem::size_of::<u64>()) };
    let place = ptr::without_provenance_mut(address as usize);
    ptrace::read(child, place).expect("the child has this memory") as u64
}
