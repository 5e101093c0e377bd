//! How operators share the memory of a run.
//!
//! Takes requests, grants or refuses them. Three quarters go to whoever comes first, so that a single large state does not
//! spill while memory lies idle; of the last quarter every operator that can spill has an equal part for itself,
//! and the first batch of each is granted whatever is in use: with nothing at all it could not even spill.

use std::sync::{Mutex, MutexGuard, PoisonError};

use datafusion::common::resources_datafusion_err;
use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};

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
        let after = state.used + additional;
        let granted = if reservation.consumer().can_spill() {
            let own = self.limit / 4 / state.spillers.max(1);
            after <= self.limit / 4 * 3 || reservation.size() == 0 || reservation.size() + additional <= own
        } else {
            // What can't spill would stop the run.
            after <= self.limit
        };
        if !granted {
            let (name, held) = (reservation.consumer().name(), reservation.size());
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
        let memory: Arc<dyn MemoryPool> = Arc::new(RunMemory::new(4000));
        let spiller = |name: &str| MemoryConsumer::new(name).with_can_spill(true).register(&memory);
        let (first, second) = (spiller("first"), spiller("second"));
        let fixed = MemoryConsumer::new("fixed").register(&memory);
        let granted = [
            first.try_grow(3000).is_ok(),
            first.try_grow(1).is_ok(),
            second.try_grow(400).is_ok(),
            second.try_grow(100).is_ok(),
            second.try_grow(1).is_ok(),
            fixed.try_grow(501).is_ok(),
            fixed.try_grow(500).is_ok(),
        ];
        assert_eq!(granted, [true, false, true, true, false, false, true]);
        first.free();
        assert!(second.try_grow(2000).is_ok());
        assert_eq!(memory.reserved(), 3000);
        let third = spiller("third");
        assert!(third.try_grow(5000).is_ok(), "the first batch is always granted");
    }
}
