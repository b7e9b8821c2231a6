//! Work on many things at once, where there are so many of them that threads pay.

use std::num::NonZero;
use std::thread;

/// Fewer take less time than the threads would.
const WORTH_IT: usize = 64;

/// What `work` makes of each item, in the order of the items.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() < WORTH_IT {
        return items.iter().map(work).collect();
    }
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = items.len().div_ceil(threads);
    let work = &work;
    thread::scope(|scope| {
        let started: Vec<_> = items
            .chunks(share)
            .map(|items| scope.spawn(move || items.iter().map(work).collect::<Vec<R>>()))
            .collect();
        let finished = started.into_iter().flat_map(|thread| match thread.join() {
            Ok(made) => made,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        finished.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::{WORTH_IT, map};

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        for length in [0, 1, WORTH_IT, 10 * WORTH_IT + 1] {
            let items: Vec<usize> = (0..length).collect();
            let expected: Vec<usize> = (1..=length).collect();
            assert_eq!(map(&items, |item| item + 1), expected);
        }
    }

    #[test]
    #[should_panic(expected = "item 100")]
    fn a_panic_reaches_the_caller() {
        let items: Vec<usize> = (0..2 * WORTH_IT).collect();
        map(&items, |item| assert_ne!(*item, 100, "item {item}"));
    }
}
