//! Pairs of branches, each put together by every way that git has.

use crate::edits::{self, Edit, Hand, edit};
use crate::repository::Repository;

const NAMING: Hand = Hand {
    path: "naming.py",
    after: "",
    line: "# by hand: names",
};
const OTHER_NAMING: Hand = Hand {
    path: "naming.py",
    after: "import",
    line: "# by hand: imports",
};
const DATABASE: Hand = Hand {
    path: "components/database.py",
    after: "class ",
    line: "    # by hand: database",
};
const STORAGE: Hand = Hand {
    path: "components/database.py",
    after: "allocated_storage=",
    line: "            # by hand: storage",
};
const DEEP: Hand = Hand {
    path: "components/functions/deep_health.py",
    after: ") -> LambdaFunction:",
    line: "    # by hand: deep",
};
const RUNBOOK: Hand = Hand {
    path: "docs/runbook.md",
    after: "",
    line: "By hand: call somebody.",
};

/// Two edits of the spec, and what was edited by hand in what each was built to.
type Pair = (Edit, Vec<Hand>, Edit, Vec<Hand>);

/// Pairs that have been trouble, or might be.
fn chosen() -> Vec<Pair> {
    let plain = [
        ("refund", "other-refund"),
        ("refund", "ledger"),
        ("refund", "refund"),
        ("without-deep", "deep-time-out"),
        ("renamed-deep", "deep-time-out"),
        ("renamed-deep", "without-deep"),
        ("without-deep", "refund"),
        ("storage", "more-storage"),
        ("storage", "class"),
        ("override", "other-override"),
        ("override", "waiver"),
        ("extension", "memory"),
        ("extension", "extension"),
        ("zones", "other-zones"),
        ("zones", "refund"),
        ("route", "other-route"),
        ("route", "balancer-route"),
        ("owner", "backups"),
    ];
    let by_hand = [
        ("storage", vec![NAMING], "refund", vec![]),
        ("storage", vec![DATABASE], "class", vec![]),
        ("storage", vec![], "class", vec![DATABASE, RUNBOOK]),
        ("class", vec![STORAGE], "storage", vec![]),
        ("storage", vec![STORAGE], "more-storage", vec![NAMING]),
        ("memory", vec![DEEP], "without-deep", vec![]),
        ("memory", vec![NAMING], "backups", vec![OTHER_NAMING]),
        ("notify", vec![NAMING, DEEP], "deep-time-out", vec![]),
    ];
    let pair = |one: &str, hands: Vec<Hand>, other: &str, others: Vec<Hand>| {
        (edit(one), hands, edit(other), others)
    };
    let plain = plain.map(|(one, other)| pair(one, vec![], other, vec![]));
    let by_hand = by_hand.map(|(one, hands, other, others)| pair(one, hands, other, others));
    plain.into_iter().chain(by_hand).collect()
}

/// Pairs that a seed picks, the same ones each time.
fn picked(mut seed: u64, count: usize) -> Vec<Pair> {
    let all = edits::all();
    let mut pick = |most: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % most
    };
    let mut pairs = Vec::new();
    for _ in 0..count {
        let (one, other) = (pick(all.len()), pick(all.len()));
        let hands = [vec![], vec![], vec![NAMING], vec![RUNBOOK]];
        let hand = hands[pick(hands.len())].clone();
        pairs.push((all[one].clone(), hand, all[other].clone(), vec![]));
    }
    pairs
}

fn together(repository: &Repository, one: &Edit, other: &Edit) -> String {
    repository.git(&["checkout", "--quiet", "--force", "base"]);
    one.apply(&other.apply(&repository.spec()))
}

fn holds(pairs: &[Pair], ways: &[fn(&mut Repository, &Pair)]) {
    let mut repository = Repository::new();
    for (number, pair) in pairs.iter().enumerate() {
        merged(&mut repository, pair);
        if let Some(way) = ways.get(number % (ways.len() + 1)) {
            way(&mut repository, pair);
        }
    }
}

fn case(way: &str, (one, hands, other, others): &Pair) -> String {
    format!(
        "{way} of {} {hands:?} and {} {others:?}",
        one.name, other.name
    )
}

/// Those edits that are not the same twice.
fn all_hands((_, hands, _, others): &Pair) -> Vec<Hand> {
    let more = others.iter().filter(|hand| !hands.contains(hand));
    hands.iter().chain(more).copied().collect()
}

fn branches(repository: &mut Repository, (one, hands, other, others): &Pair) -> [String; 2] {
    [
        repository.branch("base", one, hands),
        repository.branch("base", other, others),
    ]
}

/// In both directions.
fn merged(repository: &mut Repository, pair: &Pair) {
    let [one, other] = branches(repository, pair);
    let spec = together(repository, &pair.0, &pair.2);
    for (into, from) in [(&one, &other), (&other, &one)] {
        repository.go(into);
        let _ = repository.try_git(&["merge", "--quiet", "--no-edit", from]);
        repository.heals(&case("merge", pair), &spec, &all_hands(pair));
    }
}

fn rebased(repository: &mut Repository, pair: &Pair) {
    let [one, other] = branches(repository, pair);
    let spec = together(repository, &pair.0, &pair.2);
    repository.go(&one);
    let rebase = repository.try_git(&["rebase", &other]);
    repository.heals(&case("rebase", pair), &spec, &all_hands(pair));
    repository.git(&["add", "--all"]);
    if !rebase.status.success() {
        let _ = repository.try_git(&["rebase", "--continue"]);
    }
    repository.is_fresh(&case("rebase --continue", pair), &spec);
}

fn cherry_picked(repository: &mut Repository, pair: &Pair) {
    let [one, other] = branches(repository, pair);
    let spec = together(repository, &pair.0, &pair.2);
    repository.go(&other);
    let _ = repository.try_git(&["cherry-pick", &one]);
    repository.heals(&case("cherry-pick", pair), &spec, &all_hands(pair));
}

/// One after the other, and then the first is taken back.
fn reverted(repository: &mut Repository, pair: &Pair) {
    let (one, _, other, others) = pair;
    let first = repository.branch("base", one, &[]);
    let then = repository.branch(&first, other, others);
    repository.go("base");
    let spec = other.apply(&repository.spec());
    repository.go(&then);
    let _ = repository.try_git(&["revert", "--no-edit", &first]);
    repository.heals(&case("revert", pair), &spec, others);
}

/// What one branch did was never committed: it is put aside, and put back on the other branch.
fn stashed(repository: &mut Repository, pair: &Pair) {
    let [one, other] = branches(repository, pair);
    let spec = together(repository, &pair.0, &pair.2);
    repository.go("base");
    let _ = repository.try_git(&["cherry-pick", "--no-commit", &one]);
    repository.git(&["stash", "--quiet"]);
    repository.go(&other);
    let pop = repository.try_git(&["stash", "pop"]);
    let hands = if pop.status.success() {
        vec![]
    } else {
        all_hands(pair)
    };
    // Put back without a conflict, an edit by hand is like any that is not committed, and stops the build.
    if hands == all_hands(pair) {
        repository.heals(&case("stash", pair), &spec, &hands);
    } else {
        repository.write(crate::repository::SPEC, &spec);
        assert!(repository.build(&spec).is_err(), "{}", case("stash", pair));
    }
    let _ = repository.try_git(&["stash", "drop"]);
}

#[test]
fn chosen_pairs_with_rebase_and_revert() {
    holds(&chosen(), &[rebased, reverted]);
}

#[test]
fn chosen_pairs_with_cherry_pick_and_stash() {
    let pairs: Vec<Pair> = chosen().into_iter().rev().collect();
    let mut repository = Repository::new();
    for pair in &pairs[..8] {
        cherry_picked(&mut repository, pair);
        stashed(&mut repository, pair);
    }
}

#[test]
fn picked_pairs() {
    holds(&picked(1, 12), &[cherry_picked, stashed, rebased, reverted]);
}
