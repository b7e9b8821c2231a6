//! Work on several things at once, where that is so much that threads pay.

use std::num::NonZero;
use std::thread::{self, Builder};

/// Fewer take less time than the threads would.
const WORTH_IT: usize = 64;

/// Does two things at a time where there are two processors.
pub fn both<A: Send, B>(one: impl Fn() -> A + Send + Sync, other: impl FnOnce() -> B) -> (A, B) {
    if processors() == 1 {
        return (one(), other());
    }
    thread::scope(|scope| {
        let begun = Builder::new().spawn_scoped(scope, &one);
        let made = other();
        let one = match begun.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(one)) => one,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => one(),
        };
        (one, made)
    })
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// What `work` makes of each item, in the order of the items.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = if items.len() < WORTH_IT {
        1
    } else {
        processors()
    };
    map_on(items, threads, Builder::new, &work)
}

/// The same, with the calling thread among that many. It takes over the share of each that the system refuses to start: a
/// limit on processes or memory makes a build slower, nothing else.
fn map_on<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    builder: fn() -> Builder,
    work: &(impl Fn(&T) -> R + Sync),
) -> Vec<R> {
    let all = |items: &[T]| items.iter().map(work).collect::<Vec<R>>();
    let mut shares = items.chunks(items.len().div_ceil(threads).max(1));
    let own = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = shares
            .map(|share| {
                let started = builder()
                    .spawn_scoped(scope, move || share.iter().map(work).collect::<Vec<R>>());
                (share, started)
            })
            .collect();
        let mut made = all(own);
        for (share, started) in others {
            made.extend(match started.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(made)) => made,
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(_) => all(share),
            });
        }
        made
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::thread::{self, Builder};

    use super::{WORTH_IT, both, map, map_on};

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        for length in [0, 1, WORTH_IT, 10 * WORTH_IT + 1] {
            let items: Vec<usize> = (0..length).collect();
            let expected: Vec<usize> = (1..=length).collect();
            assert_eq!(map(&items, |item| item + 1), expected);
            for threads in [1, 2, 3, 8] {
                assert_eq!(
                    map_on(&items, threads, Builder::new, &|item| item + 1),
                    expected
                );
            }
        }
    }

    #[test]
    fn both_are_done() {
        let text = String::from("a");
        assert_eq!(both(|| text.len(), || text.as_str()), (1, "a"));
    }

    #[test]
    fn without_a_thread_the_caller_does_it_all() {
        // No address space holds such a stack, so that the system itself refuses.
        let refused = || Builder::new().stack_size(1 << 60);
        assert!(refused().spawn(|| ()).is_err());
        let items: Vec<usize> = (0..100).collect();
        let workers = Mutex::new(Vec::new());
        let made = map_on(&items, 4, refused, &|item| {
            workers.lock().unwrap().push(thread::current().id());
            item * 2
        });
        assert_eq!(made, (0..100).map(|item| item * 2).collect::<Vec<usize>>());
        let mut workers = workers.into_inner().unwrap();
        assert_eq!(workers.len(), 100);
        workers.dedup();
        assert_eq!(workers, [thread::current().id()]);
    }

    #[test]
    #[should_panic(expected = "item 100")]
    fn a_panic_reaches_the_caller() {
        let items: Vec<usize> = (0..2 * WORTH_IT).collect();
        map(&items, |item| assert_ne!(*item, 100, "item {item}"));
    }
}
