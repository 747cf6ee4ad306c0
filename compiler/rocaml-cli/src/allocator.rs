//! The programs' memory allocator: small blocks come from lists by size, of which each thread has its own.
//!
//! A compiler makes millions of small blocks, most of which live until a unit is compiled. Blocks up
//! to [`LARGEST`] bytes are cut from big chunks and return to a list of their size class; a class is
//! never split or merged, and chunks are never given back. Larger blocks are the system's. A block
//! freed by another thread than its maker's simply joins the list of the former. A thread that ends
//! leaves its lists to one that comes later.
//!
//! A chunk is a huge page where the system has them: page by page, the faults would take as long as
//! parsing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

/// Greatest size that the lists serve.
const LARGEST: usize = 64 << 10;
/// Sizes up to this are rounded to multiples of [`GRAIN`], greater ones to quarters of a power of two.
const FINE: usize = 512;
const GRAIN: usize = 16;
/// Number of classes: the fine ones, and four for each doubling from [`FINE`] to [`LARGEST`].
const CLASSES: usize = FINE / GRAIN + 1 + 4 * (LARGEST / FINE).ilog2() as usize;
/// Chunks are taken from the system in this size and with this alignment.
const CHUNK: usize = 2 << 20;

/// A free block holds the next one of its list.
struct Free {
    next: Option<NonNull<Free>>,
}

/// A thread's lists and the rest of its last chunk. Zero is a valid start: nothing to give.
struct Pool {
    free: UnsafeCell<[Option<NonNull<Free>>; CLASSES]>,
    rest: Cell<*mut u8>,
    end: Cell<*mut u8>,
    /// The next pool without a thread, while this one has none.
    next: Cell<*mut Pool>,
}

/// Pools of threads that ended.
static LEFT: AtomicPtr<Pool> = AtomicPtr::new(ptr::null_mut());

thread_local! {
    /// This thread's pool, once it has one.
    static POOL: Cell<*mut Pool> = const { Cell::new(ptr::null_mut()) };
    static LEAVE: Leave = const { Leave };
}

/// Leaves the thread's pool to others when the thread ends.
struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        if let Some(pool) = NonNull::new(POOL.replace(ptr::null_mut())) {
            leave(pool);
        }
    }
}

fn leave(pool: NonNull<Pool>) {
    let mut first = LEFT.load(Ordering::Relaxed);
    loop {
        // SAFETY: pools are never freed, and this one is nobody else's.
        unsafe { pool.as_ref() }.next.set(first);
        match LEFT.compare_exchange_weak(first, pool.as_ptr(), Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return,
            Err(other) => first = other,
        }
    }
}

/// Gives the thread a pool: one that was left, or a new one.
#[cold]
fn adopt() -> Option<&'static Pool> {
    // All that were left are taken and all but one left again: nobody else sees them in between.
    let left = LEFT.swap(ptr::null_mut(), Ordering::Acquire);
    let pool = match NonNull::new(left) {
        Some(pool) => {
            // SAFETY: the list is ours alone, as is the pool from now on.
            let mut rest = unsafe { pool.as_ref() }.next.replace(ptr::null_mut());
            while let Some(other) = NonNull::new(rest) {
                // SAFETY: as above.
                rest = unsafe { other.as_ref() }.next.get();
                leave(other);
            }
            pool
        }
        // SAFETY: the layout is not empty, and zero is a valid pool.
        None => NonNull::new(unsafe { System.alloc_zeroed(Layout::new::<Pool>()) }.cast::<Pool>())?,
    };
    POOL.set(pool.as_ptr());
    // A thread that allocates even while it ends keeps what it gets.
    let _ = LEAVE.try_with(|_| ());
    // SAFETY: pools are never freed.
    Some(unsafe { pool.as_ref() })
}

fn pool() -> Option<&'static Pool> {
    // SAFETY: it is null or a pool of this thread; pools are never freed.
    unsafe { POOL.get().as_ref() }.or_else(adopt)
}

/// The next block of a list will be wanted soon, and may lie anywhere.
#[cfg(target_arch = "x86_64")]
fn prefetch(block: Option<NonNull<Free>>) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    if let Some(block) = block {
        // SAFETY: a hint, which reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(block.as_ptr().cast()) };
    }
}
#[cfg(not(target_arch = "x86_64"))]
fn prefetch(_block: Option<NonNull<Free>>) {}

/// The class of a size that the lists serve, and the size of its blocks.
fn class_of(size: usize) -> (usize, usize) {
    if size <= FINE {
        let class = size.div_ceil(GRAIN);
        return (class, class * GRAIN);
    }
    // Within `doubling` the classes are quarters of `base`.
    let doubling = ((size - 1) / FINE).ilog2() as usize;
    let base = FINE << doubling;
    let quarter = (size - base).div_ceil(base / 4);
    (FINE / GRAIN + 4 * doubling + quarter, base + quarter * (base / 4))
}

fn is_served(layout: Layout) -> bool {
    layout.size() <= LARGEST && layout.align() <= GRAIN
}

impl Pool {
    fn take(&self, size: usize) -> *mut u8 {
        let (class, size) = class_of(size);
        // SAFETY: the pool is its thread's alone, and no reference outlives this function.
        let list = unsafe { &mut (*self.free.get())[class] };
        if let Some(block) = *list {
            // SAFETY: blocks in a list were freed and hold a `Free`.
            *list = unsafe { block.as_ref().next };
            prefetch(*list);
            return block.as_ptr().cast();
        }
        self.cut(size)
    }

    /// A block from the chunk, or from a new one; what is left of the old chunk is lost.
    fn cut(&self, size: usize) -> *mut u8 {
        let rest = self.rest.get();
        if (self.end.get() as usize) - (rest as usize) >= size {
            // SAFETY: there are at least `size` bytes from `rest` to the end of the chunk.
            self.rest.set(unsafe { rest.add(size) });
            return rest;
        }
        let layout = Layout::from_size_align(CHUNK, CHUNK).expect("the size of a chunk is a layout's");
        // SAFETY: the layout is not empty.
        let chunk = unsafe { System.alloc(layout) };
        if chunk.is_null() {
            return chunk;
        }
        advise_huge(chunk);
        // SAFETY: `size` is at most `LARGEST`, less than a chunk.
        self.rest.set(unsafe { chunk.add(size) });
        self.end.set(chunk.wrapping_add(CHUNK));
        chunk
    }

    fn give(&self, block: NonNull<Free>, size: usize) {
        let (class, _) = class_of(size);
        // SAFETY: as in `take`; the block is free, of at least `GRAIN` bytes and aligned to them.
        unsafe {
            let list = &mut (*self.free.get())[class];
            block.as_ptr().write(Free { next: *list });
            *list = Some(block);
        }
    }
}

/// Asks for a huge page at a chunk. Nothing depends on the answer.
#[cfg(target_os = "linux")]
fn advise_huge(chunk: *mut u8) {
    // SAFETY: the range is ours, and the advice does not change its contents.
    unsafe { libc::madvise(chunk.cast(), CHUNK, libc::MADV_HUGEPAGE) };
}
#[cfg(not(target_os = "linux"))]
fn advise_huge(_chunk: *mut u8) {}

/// The allocator.
pub struct SizeLists;

// SAFETY: a block comes from the list of its class or from fresh memory, so it is disjoint from all
// others, and is at least as large and aligned as asked. Which of the two allocators owns a block
// depends on its layout alone.
unsafe impl GlobalAlloc for SizeLists {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !is_served(layout) {
            // SAFETY: the caller's promise.
            return unsafe { System.alloc(layout) };
        }
        pool().map_or(ptr::null_mut(), |pool| pool.take(layout.size()))
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !is_served(layout) {
            // SAFETY: the caller's promise; a layout that is not served came from the system.
            return unsafe { System.dealloc(block, layout) };
        }
        if let (Some(block), Some(pool)) = (NonNull::new(block.cast()), pool()) {
            pool.give(block, layout.size());
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size is valid with this alignment.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        match (is_served(layout), is_served(new_layout)) {
            // SAFETY: the caller's promise.
            (false, false) => unsafe { System.realloc(block, layout, new_size) },
            (true, true) if class_of(layout.size()) == class_of(new_size) => block,
            // SAFETY: the caller's promise; both blocks hold the bytes that are copied.
            _ => unsafe {
                let copy = self.alloc(new_layout);
                if !copy.is_null() {
                    ptr::copy_nonoverlapping(block, copy, layout.size().min(new_size));
                    self.dealloc(block, layout);
                }
                copy
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_holds_its_sizes() {
        let mut last = 0;
        for size in 1..=LARGEST {
            let (class, block) = class_of(size);
            assert!(class < CLASSES && block >= size && block % GRAIN == 0, "{size}");
            assert!(class == last || class == last + 1, "{size}");
            last = class;
        }
        assert_eq!(last, CLASSES - 1);
    }

    #[test]
    fn threads_leave_their_lists() {
        let layout = Layout::from_size_align(40_000, 8).unwrap();
        let place = move || {
            // SAFETY: the block is freed with its layout.
            unsafe {
                let block = SizeLists.alloc(layout);
                block.write_bytes(1, layout.size());
                SizeLists.dealloc(block, layout);
                block as usize
            }
        };
        let places: Vec<usize> =
            (0..50).map(|_| std::thread::spawn(place).join().expect("it only allocates")).collect();
        // Other tests may take a pool now and then.
        assert!(places.windows(2).filter(|pair| pair[0] == pair[1]).count() > 25);
        std::thread::scope(|scope| {
            (0..8).for_each(|_| drop(scope.spawn(|| (0..1000).for_each(|_| drop(std::thread::spawn(place).join())))));
        });
    }

    #[test]
    fn blocks_keep_their_bytes() {
        let layout = |size| Layout::from_size_align(size, 8).unwrap();
        let sizes = [1, 16, 17, 500, 513, 4000, LARGEST, LARGEST + 1, 100_000];
        for (i, from) in sizes.iter().enumerate() {
            for to in sizes {
                // SAFETY: every block is freed with its layout.
                unsafe {
                    let block = SizeLists.alloc(layout(*from));
                    block.write_bytes(i as u8 + 1, *from);
                    let block = SizeLists.realloc(block, layout(*from), to);
                    for at in 0..to.min(*from) {
                        assert_eq!(block.add(at).read(), i as u8 + 1);
                    }
                    SizeLists.dealloc(block, layout(to));
                }
            }
        }
    }
}
