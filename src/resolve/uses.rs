//! What functions use: `uses`, `consumes` and `batch` of a function, `[secrets.*]` and `[queues.*]`.

use super::environment::{Access, Batch, Flow, Function, Queue, Secret, Uses};
use super::resolver::{Resolver, members};
use crate::format::{
    Fill as _, Key, Named, RawBatch, RawQueue, RawSecret, RawUses, VISIBILITY_FACTOR,
    VISIBILITY_SECONDS,
};
use crate::origin::{Origin, Value};

impl Resolver<'_> {
    pub fn secrets(&mut self, raw: Vec<Named<RawSecret>>) -> Vec<Secret> {
        let secrets = raw.into_iter().map(|Named { name, mut table }| Secret {
            key: name,
            settings: table.settings(self),
        });
        secrets.collect()
    }

    pub fn queues(&mut self, raw: Vec<Named<RawQueue>>, functions: &[Function]) -> Vec<Queue> {
        let queues = raw.into_iter().map(|Named { name, mut table }| {
            let settings = table.settings(self);
            let visibility = table.visibility_timeout_seconds.take();
            let visibility = visibility.unwrap_or_else(|| visibility_of(&name.value, functions));
            Queue {
                key: name,
                topic: table.topic.take(),
                visibility_timeout_seconds: visibility,
                settings,
            }
        });
        queues.collect()
    }

    pub fn uses(&mut self, raw: RawUses) -> Uses {
        let RawUses {
            header: _,
            database,
            audit,
            secrets,
            topics,
            queues,
        } = raw;
        let queues = queues.into_iter().filter_map(|queue| {
            let flow = self.chosen(Some(queue.text), &RawUses::queues)?;
            let flow = flow.map(|word| match word.as_str() {
                "receive" => Flow::Receive,
                _ => Flow::Send,
            });
            Some((queue.name, flow))
        });
        Uses {
            queues: queues.collect(),
            database: self.access(database, &RawUses::database),
            audit: self.access(audit, &RawUses::audit),
            secrets: members(secrets),
            topics: members(topics),
        }
    }

    pub fn batch(&mut self, mut raw: RawBatch) -> Batch {
        Batch {
            written: raw.header.present.then(|| raw.header.span.clone()),
            settings: raw.settings(self),
        }
    }
    fn access(
        &mut self,
        written: Option<Value<String>>,
        key: &'static Key,
    ) -> Option<Value<Access>> {
        let word = self.chosen(written, key)?;
        Some(word.map(|word| match word.as_str() {
            "read" => Access::Read,
            "owner" => Access::Owner,
            _ => Access::Write,
        }))
    }
}

/// The longest of those who consume it; two of them are another rule's.
fn visibility_of(queue: &str, functions: &[Function]) -> Value<u64> {
    let consumes = |function: &&Function| {
        let consumed = function.consumes.as_ref();
        consumed.is_some_and(|consumed| consumed.value == queue)
    };
    let consumers = functions.iter().filter(consumes);
    let slowest = consumers.max_by_key(|function| function.timeout_seconds.value);
    match slowest {
        Some(function) => Value::new(
            VISIBILITY_FACTOR * function.timeout_seconds.value
                + function.batch.window_seconds.value,
            Origin::derived_from([
                &function.timeout_seconds.origin,
                &function.batch.window_seconds.origin,
            ]),
        ),
        None => Value::new(
            VISIBILITY_SECONDS,
            Origin::Default(RawQueue::visibility_timeout_seconds.path),
        ),
    }
}
