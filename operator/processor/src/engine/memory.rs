//! How operators share the memory of a run.
//!
//! Takes requests, grants or refuses them. Three quarters go to whoever comes first, so that a single large state does not
//! spill while memory lies idle; the last quarter is for those that hold little.
//! An equal part of it is each operator's own, and the first batch of each is granted whatever is in use:
//! with nothing at all it could not even spill.
//! Merges of what was spilled can't spill again, so each has an eighth whatever is in use: without it the run would stop.

use std::sync::{Mutex, MutexGuard, PoisonError};

use datafusion::common::resources_datafusion_err;
use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};

/// What an operator may still hold that has spilled all it had: its empty tables.
const EMPTY_BYTES: usize = 16 << 10;

/// The memory of one run.
#[derive(Debug)]
pub(crate) struct RunMemory {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    used: usize,
    /// Operators that can spill.
    spillers: usize,
}

impl RunMemory {
    /// So many bytes for everything.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Two numbers are whole whatever happened to the thread that held them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryPool for RunMemory {
    fn register(&self, consumer: &MemoryConsumer) {
        self.state().spillers += usize::from(consumer.can_spill());
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.state().spillers -= usize::from(consumer.can_spill());
    }

    fn grow(&self, _: &MemoryReservation, additional: usize) {
        self.state().used += additional;
    }

    fn shrink(&self, _: &MemoryReservation, shrink: usize) {
        self.state().used -= shrink;
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let mut state = self.state();
        let (after, held) = (state.used + additional, reservation.size());
        let granted = if reservation.consumer().can_spill() {
            let own = self.limit / 4 / state.spillers.max(1);
            after <= self.limit / 4 * 3
                || held <= EMPTY_BYTES
                || held + additional <= own
                || held + additional <= self.limit / 8 && after <= self.limit
        } else {
            after <= self.limit || held + additional <= self.limit / 8
        };
        if !granted {
            let name = reservation.consumer().name();
            return Err(resources_datafusion_err!(
                "`{name}` holds {held} bytes and wants {additional} more, but of {} bytes {} are in use",
                self.limit,
                state.used
            ));
        }
        state.used = after;
        Ok(())
    }

    fn reserved(&self) -> usize {
        self.state().used
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool};

    use super::RunMemory;

    #[test]
    fn the_first_takes_most_and_nobody_is_left_with_nothing() {
        let memory: Arc<dyn MemoryPool> = Arc::new(RunMemory::new(4_000_000));
        let spiller = |name: &str| MemoryConsumer::new(name).with_can_spill(true).register(&memory);
        let (first, second) = (spiller("first"), spiller("second"));
        let fixed = MemoryConsumer::new("fixed").register(&memory);
        let granted = [
            first.try_grow(3_000_000).is_ok(),
            first.try_grow(1000).is_ok(),
            second.try_grow(400_000).is_ok(),
            second.try_grow(100_000).is_ok(),
            second.try_grow(1000).is_ok(),
            fixed.try_grow(500_001).is_ok(),
            fixed.try_grow(499_000).is_ok(),
        ];
        assert_eq!(granted, [true, false, true, true, false, false, true]);
        let merge = MemoryConsumer::new("merge").register(&memory);
        assert!(merge.try_grow(500_000).is_ok(), "a merge has its eighth");
        assert!(merge.try_grow(1000).is_err(), "and no more");
        merge.free();
        first.free();
        assert!(second.try_grow(2_000_000).is_ok());
        assert_eq!(memory.reserved(), 2_999_000);
        let third = spiller("third");
        assert!(third.try_grow(5_000_000).is_ok(), "the first batch is always granted");
    }
}
