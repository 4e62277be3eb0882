//! How much ordinary memory secrets take, as the allocator of the process counts it.

use anyhow::Result;

use crate::Peer;
use crate::workload::secret;

/// Bytes of ordinary memory that each of so many secrets takes: all that the allocator has taken of the system for
/// them, what it needs for itself included.
///
/// # Errors
///
/// Where the allocator doesn't tell.
pub fn ordinary_memory_of_each<P: Peer>(count: usize) -> Result<f64> {
    // What is made once for all, and room for the handles.
    let first: P = secret();
    let mut secrets: Vec<P> = Vec::with_capacity(count);
    let before = allocated()?;
    secrets.extend((0..count).map(|_| secret()));
    let after = allocated()?;
    drop((first, secrets));
    Ok((after - before) as f64 / count as f64)
}

/// Bytes that the allocator has in use, or free between others, as it can't give those back.
#[cfg(target_env = "gnu")]
fn allocated() -> Result<usize> {
    // SAFETY: the call takes nothing and gives figures.
    let told = unsafe { libc::mallinfo2() };
    // What is free at the end of the heap is the next secrets'.
    Ok(told.arena + told.hblkhd - told.keepcost)
}

#[cfg(not(target_env = "gnu"))]
fn allocated() -> Result<usize> {
    anyhow::bail!("this allocator doesn't tell what it has taken: glibc's does")
}
