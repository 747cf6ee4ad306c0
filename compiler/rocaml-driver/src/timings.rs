//! `-dtimings`: how long each pass took.

use std::cell::RefCell;
use std::time::{Duration, Instant};

/// Passes and the time spent in them, in the order of their first run.
#[derive(Default)]
pub struct Timings {
    passes: RefCell<Vec<(&'static str, Duration)>>,
}

impl Timings {
    /// Runs a pass.
    pub fn time<T>(&self, pass: &'static str, run: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = run();
        let spent = start.elapsed();
        let mut passes = self.passes.borrow_mut();
        match passes.iter_mut().find(|(name, _)| *name == pass) {
            Some((_, total)) => *total += spent,
            None => passes.push((pass, spent)),
        }
        result
    }

    /// The table, for a person.
    pub fn table(&self) -> String {
        self.passes.borrow().iter().map(|(pass, spent)| format!("{:8.3} s  {pass}\n", spent.as_secs_f64())).collect()
    }
}
