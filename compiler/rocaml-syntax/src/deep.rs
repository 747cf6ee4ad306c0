//! Deep stacks: trees are as deep as programs are nested, and so is the recursion over them.

use std::cell::Cell;

/// Stack reserved for work on trees. Only the part that is used takes memory.
#[cfg(target_pointer_width = "64")]
const STACK_SIZE: usize = 4 << 30;
#[cfg(not(target_pointer_width = "64"))]
const STACK_SIZE: usize = 256 << 20;

/// What the parser leaves for the rest: dropping a tree takes less stack than building it.
const RESERVE: usize = STACK_SIZE / 8;

thread_local! {
    /// Lowest address that recursion may reach on a deep stack.
    static LIMIT: Cell<usize> = const { Cell::new(0) };
}

fn stack_address() -> usize {
    let here = 0u8;
    std::ptr::from_ref(&here) as usize
}

/// Whether recursion should stop. False outside of [`on_deep_stack`].
pub fn is_exhausted() -> bool {
    stack_address() < LIMIT.get()
}

/// Runs `work` with a stack for the deepest programs; on such a stack already, simply runs it.
///
/// The driver runs all of a compilation in here. A deep tree that leaves it overflows the stack of
/// whoever drops it.
pub fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if LIMIT.get() != 0 {
        return work();
    }
    let deep = move || {
        LIMIT.set(stack_address().saturating_sub(STACK_SIZE - RESERVE));
        work()
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_SIZE).spawn_scoped(scope, deep);
        let thread = thread.expect("the system lets us start a thread");
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
