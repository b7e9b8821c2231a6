//! Twins: resources of which two programs say the same. What is known of one holds for the other, so that a comparison evaluates
//! once what no edit touches.

use std::collections::HashMap;

use super::evaluate::Contents;
use super::registered::{Goal, Program};
use crate::stack::expr::{Expr, Row};
use crate::stack::graph::Member;

/// For each goal of a program, the number of its twin: the resource of another program that has the same URN, and the same
/// inputs and outputs if both are deployed as they are.
#[derive(Debug, Default)]
pub struct Twins(Vec<Option<usize>>);

impl Twins {
    /// The twins of the new goals among the old ones.
    pub fn between(
        (old, old_files): (&Program<'_>, &dyn Contents),
        (new, new_files): (&Program<'_>, &dyn Contents),
    ) -> Self {
        if old.deployment != new.deployment {
            // Names and tags of everything differ.
            return Self::default();
        }
        let numbers = old.goals.iter().enumerate();
        let pair = Pair {
            old,
            new,
            old_files,
            new_files,
            by_urn: numbers
                .map(|(number, goal)| (goal.urn.as_str(), number))
                .collect(),
            has_same_functions: old.places.functions() == new.places.functions(),
        };
        let mut twins = Self(Vec::with_capacity(new.goals.len()));
        for goal in &new.goals {
            let twin = pair.twin(goal, &twins);
            twins.0.push(twin);
        }
        twins
    }

    /// The same, seen from the other program, which has so many goals.
    pub fn reversed(&self, goals: usize) -> Self {
        let mut reversed = vec![None; goals];
        for (number, twin) in self.0.iter().enumerate() {
            if let Some(place) = twin.and_then(|twin| reversed.get_mut(twin)) {
                *place = Some(number);
            }
        }
        Self(reversed)
    }

    pub fn of(&self, goal: usize) -> Option<usize> {
        self.0.get(goal).copied().flatten()
    }
}

struct Pair<'a> {
    old: &'a Program<'a>,
    new: &'a Program<'a>,
    old_files: &'a dyn Contents,
    new_files: &'a dyn Contents,
    /// Numbers of the old goals.
    by_urn: HashMap<&'a str, usize>,
    has_same_functions: bool,
}

impl Pair<'_> {
    /// The twin of a new goal; `twins` has those of all before it, which it may read.
    fn twin(&self, goal: &Goal<'_>, twins: &Twins) -> Option<usize> {
        let number = *self.by_urn.get(goal.urn.as_str())?;
        let other = self.old.goals.get(number)?;
        let is_same = match (&goal.member, &other.member) {
            (Some(new), Some(old)) => self.says_the_same(old, new),
            (None, None) => true,
            _ => false,
        };
        (is_same && reads_the_same(goal, other, twins)).then_some(number)
    }

    fn says_the_same(&self, old: &Member<'_>, new: &Member<'_>) -> bool {
        let rows = match (old.row, new.row) {
            (Some(old), Some(new)) => has_same_cells(old, new),
            (None, None) => true,
            _ => false,
        };
        let (before, after) = (&old.resource.arguments, &new.resource.arguments);
        rows && old.resource.kind == new.resource.kind
            && old.resource.ignore_changes == new.resource.ignore_changes
            && before.len() == after.len()
            && before
                .iter()
                .zip(after)
                .all(|(old, new)| old.name == new.name && old.value == new.value)
            && after
                .iter()
                .all(|argument| self.means_the_same(&argument.value, new.row))
    }

    /// Whether an expression that both have reads the same of what stands outside of it, apart from outputs.
    fn means_the_same(&self, expr: &Expr, row: Option<&Row>) -> bool {
        let mut is_same = true;
        expr.walk(&mut |expr| {
            is_same &= match expr {
                Expr::Rows(table) => {
                    let (old, new) = (rows(self.old, table), rows(self.new, table));
                    let mut pairs = old.iter().zip(new);
                    old.len() == new.len() && pairs.all(|(old, new)| has_same_cells(old, new))
                }
                Expr::Archive {
                    folder,
                    packages,
                    wheels,
                } => {
                    let hash =
                        |files: &dyn Contents| files.archive(folder, packages, wheels.as_ref());
                    hash(self.old_files) == hash(self.new_files)
                }
                Expr::Digest(folder) => {
                    self.old_files.digest(folder) == self.new_files.digest(folder)
                }
                Expr::FileText(path) => self.old_files.text(path) == self.new_files.text(path),
                // Outside of a family: of all functions.
                Expr::ByFunction { .. } => row.is_some() || self.has_same_functions,
                Expr::LibrariesLayer => self.old_files.libraries() == self.new_files.libraries(),
                _ => true,
            };
        });
        is_same
    }
}

/// The rows of a table.
fn rows<'a>(program: &Program<'a>, table: &str) -> &'a [Row] {
    let family = program.places.family(table);
    family.map_or(&[], |family| family.rows.as_slice())
}

fn has_same_cells(old: &Row, new: &Row) -> bool {
    let mut pairs = old.cells.iter().zip(&new.cells);
    old.cells.len() == new.cells.len()
        && pairs.all(|((old, before, _), (new, after, _))| old == new && before == after)
}

/// Whether the twins of all that a goal reads are what the other one reads, in the same order.
fn reads_the_same(goal: &Goal<'_>, other: &Goal<'_>, twins: &Twins) -> bool {
    goal.reads.len() == other.reads.len()
        && goal.reads.iter().all(|(argument, read)| {
            let Some(before) = other.reads.get(argument) else {
                return false;
            };
            let now = read.iter().map(|number| twins.of(*number));
            now.eq(before.iter().copied().map(Some))
        })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Twins;
    use crate::compare::engine::{Known, Op, Run, course};
    use crate::compare::evaluate::Deployment;
    use crate::compare::project::Project;
    use crate::compare::registered::{ALL_TAGS, Before, Program};
    use crate::compile_environment;
    use crate::emit::assets::packaged_files;
    use crate::load::Disk;
    use crate::resolve::environment::Environment;
    use crate::stack::graph::Stack;

    fn committed(edits: &[(&str, &str)]) -> (Environment, Stack) {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/spec/staging.toml"));
        let mut text = std::fs::read_to_string(path).unwrap();
        for (old, new) in edits {
            assert!(text.contains(old), "{old}");
            text = text.replacen(old, new, 1);
        }
        let today = "2026-06-01".parse().unwrap();
        let (environment, found) = compile_environment(&text, "spec", &Disk::beside(path), today);
        let environment = environment.unwrap_or_else(|| panic!("{found:?}"));
        let stack = Stack::build(&environment).unwrap();
        (environment, stack)
    }

    fn known<'a>(twins: &'a Twins, alone: &'a Before) -> Known<'a> {
        Known {
            twins,
            alone: Some(alone),
        }
    }

    /// So that everything is evaluated.
    fn nothing() -> Known<'static> {
        static NONE: Twins = Twins(Vec::new());
        Known {
            twins: &NONE,
            alone: None,
        }
    }

    /// How many twins there are, after everything came out as it does without them.
    fn twins_of(edits: &[(&str, &str)]) -> usize {
        let (old, new) = (committed(&[]), committed(edits));
        let deployments = (Deployment::of(&old.0), Deployment::of(&new.0));
        let packaged = (packaged_files(&old.0), packaged_files(&new.0));
        let files = (Project::of(&packaged.0), Project::of(&packaged.1));
        let was = Program::of(&old.1, &deployments.0);
        let will_be = Program::of(&new.1, &deployments.1);
        let twins = Twins::between((&was, &files.0), (&will_be, &files.1));
        let before = Before::imagined(&was, &files.0);
        let after = Before::imagined_like(&before, &twins, &will_be, &files.1);
        let evaluated = Before::imagined(&will_be, &files.1);
        assert_eq!(format!("{after:#?}"), format!("{evaluated:#?}"));
        for run in [Run::Up, Run::Preview] {
            let known = known(&twins, &after);
            let found = course(&before, known, &will_be, &files.1, run);
            let evaluated = course(&before, nothing(), &will_be, &files.1, run);
            assert_eq!(format!("{found:#?}"), format!("{evaluated:#?}"));
        }
        let back = twins.reversed(was.goals.len());
        let found = course(&after, known(&back, &before), &was, &files.0, Run::Up);
        let evaluated = course(&after, nothing(), &was, &files.0, Run::Up);
        assert_eq!(format!("{found:#?}"), format!("{evaluated:#?}"));
        let is_same = |number: &usize| found.decisions[*number].op == Op::Same;
        assert!(found.decisions.len() > 200);
        let all = (0..found.decisions.len()).filter(|number| back.of(*number).is_some());
        all.filter(is_same).count()
    }

    #[test]
    fn what_no_edit_touches_is_not_evaluated_and_comes_out_the_same() {
        let all = twins_of(&[]);
        let but_one = twins_of(&[("storage_gib = 20", "storage_gib = 40")]);
        // The database, and what reads its outputs.
        assert!(but_one < all && all - but_one < 40, "{but_one} of {all}");
    }

    #[test]
    fn what_reads_something_else_is_no_twin() {
        let route = "[api.routes.\"GET /health\"]";
        let added =
            format!("[api.routes.\"GET /status\"]\nfunction = \"payment-status\"\n\n{route}");
        let zones = "\"use1-az1\", \"use1-az2\", \"use1-az4\"";
        for (old, new) in [
            ("memory_mib = 512", "memory_mib = 256"),
            (zones, "\"use1-az4\", \"use1-az1\", \"use1-az2\""),
            ("\"203.0.113.0/24\"", "\"198.51.100.0/24\""),
            (route, added.as_str()),
            ("\"GET /payments/status\"", "\"GET /payments/{id}\""),
        ] {
            assert!(twins_of(&[(old, new)]) > 20, "{old}");
        }
        // Tags of everything.
        assert_eq!(twins_of(&[("payments-platform", "payments-core")]), 0);
    }

    /// The words are those of the graph, `text("certificates/clients.pem")`, and what they read is another.
    #[test]
    fn the_same_words_of_a_file_with_another_text_are_no_twins() {
        let (environment, stack) = committed(&[]);
        let deployment = Deployment::of(&environment);
        let packaged = packaged_files(&environment);
        let mut other = packaged.clone();
        let bundle = other
            .iter_mut()
            .find(|file| file.path.ends_with("clients.pem"));
        bundle.unwrap().content = b"another bundle".as_slice().to_vec().into();
        let (files, others) = (Project::of(&packaged), Project::of(&other));
        let program = Program::of(&stack, &deployment);
        let missing = |one: &Project<'_>| {
            let twins = Twins::between((&program, &files), (&program, one));
            let all = 0..program.goals.len();
            let alone = all.filter(|goal| twins.of(*goal).is_none());
            alone
                .map(|goal| super::super::registered::name_of(&program.goals[goal].urn))
                .collect::<Vec<_>>()
        };
        assert_eq!(missing(&files), [""; 0]);
        assert!(
            missing(&others).contains(&"client-authorities"),
            "{:?}",
            missing(&others)
        );
    }

    #[test]
    fn the_same_words_under_other_default_tags_are_no_twins() {
        let (environment, stack) = committed(&[]);
        let deployment = Deployment::of(&environment);
        let mut other = deployment.clone();
        let owner = other.tags.insert("Owner".to_owned(), "core".to_owned());
        assert_ne!(owner.unwrap(), "core");
        let packaged = packaged_files(&environment);
        let files = Project::of(&packaged);
        let was = Program::of(&stack, &deployment);
        let will_be = Program::of(&stack, &other);
        let twins = Twins::between((&was, &files), (&will_be, &files));
        let before = Before::imagined(&was, &files);
        let after = Before::imagined_like(&before, &twins, &will_be, &files);
        let found = course(&before, known(&twins, &after), &will_be, &files, Run::Up);
        let evaluated = course(&before, nothing(), &will_be, &files, Run::Up);
        assert_eq!(format!("{found:#?}"), format!("{evaluated:#?}"));
        let mut tagged = 0;
        for (goal, decision) in will_be.goals.iter().zip(&found.decisions) {
            if goal.kind.is_some_and(|kind| kind.taggable) {
                let changed = &decision.difference.changed;
                assert!(changed.iter().any(|name| name == ALL_TAGS), "{}", goal.urn);
                assert_eq!(decision.op, Op::Update, "{}", goal.urn);
                tagged += 1;
            }
        }
        assert!(tagged > 100, "{tagged}");
    }
}
