//! A comparison in words, for every form that people read.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::back::folded;
use crate::catalogue::Outage;
use crate::cli::terminal::number;
use crate::compare::{Because, ChangedKey, Comparison, Estimate, Refusal, Right, Step, WayBack};

/// Something that is said about a change, with what there is to say.
#[derive(Debug, PartialEq, Eq)]
pub struct Section {
    pub title: &'static str,
    /// Whether people should stop at it.
    pub is_bad: bool,
    pub lines: Vec<String>,
}

/// `2 updates, 1 replacement; 210 resources stay`.
pub fn sum(comparison: &Comparison) -> String {
    let count = |op: &str| {
        let steps = comparison.steps.iter();
        steps.filter(|step| step.op == op).count()
    };
    let counted = [
        (count("create"), "creation"),
        (count("update"), "update"),
        (count("replace"), "replacement"),
        (count("delete"), "deletion"),
    ];
    let parts = counted.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, what)| number(*count, what)).collect();
    if parts.is_empty() {
        return "nothing changes".to_owned();
    }
    parts.join(", ")
}

/// What a change means in a few words: `nothing is lost`, or what is.
pub fn meaning(comparison: &Comparison) -> String {
    let mut parts = Vec::new();
    if !comparison.refusals.is_empty() {
        parts.push("AWS refuses it".to_owned());
    }
    if !comparison.data.is_empty() {
        parts.push("data is lost".to_owned());
    }
    if let Some(worst) = comparison.outage.first() {
        parts.push(format!("interrupted {}", when(worst.when)));
    }
    if !comparison.clients.is_empty() {
        parts.push("clients notice".to_owned());
    }
    if !comparison.rights.gained.is_empty() {
        parts.push("rights are gained".to_owned());
    }
    if parts.is_empty() {
        return "nothing is lost".to_owned();
    }
    parts.join(", ")
}

/// The sections that apply, the worst first.
pub fn sections(comparison: &Comparison) -> Vec<Section> {
    let refused = refusals(&comparison.refusals);
    let data = comparison.data.iter().map(|loss| {
        let what = resource(&loss.resource);
        format!("{what}: {} ({})", loss.what, loss.why)
    });
    let outage = comparison.outage.iter().map(|outage| {
        let what = resource(&outage.resource);
        format!("{}: {what}, {}", when(outage.when), outage.why)
    });
    let clients = comparison
        .clients
        .iter()
        .map(|client| format!("{}: {}", client.who, client.what));
    let gained = comparison.rights.gained.iter();
    let lost = comparison.rights.lost.iter();
    let rights = gained
        .map(|right| format!("+ {}", right_words(right)))
        .chain(lost.map(|right| format!("- {}", right_words(right))));
    let mut found = vec![
        Section {
            title: "refused",
            is_bad: true,
            lines: refused,
        },
        Section {
            title: "data lost",
            is_bad: true,
            lines: data.collect(),
        },
        Section {
            title: "outage",
            is_bad: true,
            lines: outage.collect(),
        },
        Section {
            title: "clients",
            is_bad: true,
            lines: clients.collect(),
        },
        Section {
            title: "rights",
            is_bad: !comparison.rights.gained.is_empty(),
            lines: rights.collect(),
        },
    ];
    found.retain(|section| !section.lines.is_empty());
    found.extend(cost(comparison));
    if !comparison.steps.is_empty() {
        found.push(Section {
            title: "time",
            is_bad: false,
            lines: vec![time(comparison)],
        });
        found.push(way_back(&comparison.way_back));
    }
    if !comparison.spent_renames.is_empty() {
        let spent = comparison.spent_renames.iter();
        let spent = spent
            .map(|key| format!("`{key}` is not needed any more; remove it when no stack needs it"));
        found.push(Section {
            title: "renames",
            is_bad: false,
            lines: spent.collect(),
        });
    }
    if !comparison.not_compared.is_empty() {
        found.push(Section {
            title: "not seen",
            is_bad: false,
            lines: comparison.not_compared.clone(),
        });
    }
    found
}

/// What AWS refuses, why, and what to do instead: those of one cause and one way together.
fn refusals(refusals: &[Refusal]) -> Vec<String> {
    let of_one = |one: &Refusal, other: &Refusal| {
        let of = |refusal: &Refusal| (refusal.op, refusal.token.clone(), refusal.error.clone());
        of(one) == of(other) && one.way == other.way
    };
    let mut lines = Vec::new();
    for together in refusals.chunk_by(of_one) {
        let Some((first, others)) = together.split_first() else {
            continue;
        };
        let error = first.error.as_deref();
        let error = error.unwrap_or("no error, but something is lost");
        let what = match others.len() {
            0 => resource(&first.resource),
            more => format!("{} and {more} more like it", resource(&first.resource)),
        };
        lines.push(format!("{} {what}: {error}", first.op));
        lines.push(format!("  {}", first.why));
        lines.push(format!("  {}", first.way));
    }
    lines
}

pub const fn when(outage: Outage) -> &'static str {
    match outage {
        Outage::Reboot => "at the next reboot",
        Outage::Window => "in the maintenance window",
        Outage::FailOver => "for a failover of one or two minutes",
        Outage::AtOnce => "immediately, for minutes",
        Outage::UntilNew => "until the replacement answers",
    }
}

fn right_words(right: &Right) -> String {
    let may = match right.may.as_slice() {
        few if few.len() <= 6 => few.join(", "),
        many => {
            let first = many.get(..5).unwrap_or(many).join(", ");
            format!("{first} and {} more", many.len() - 5)
        }
    };
    let condition = match right.only_if.as_str() {
        "" => String::new(),
        condition => format!(", if {condition}"),
    };
    plain(&format!(
        "{} may {may}: {}{condition}",
        right.holder, right.on
    ))
}

fn cost(comparison: &Comparison) -> Option<Section> {
    let cost = &comparison.cost;
    let after = cost.after.usd;
    let line = match &cost.before {
        Some(before)
            if (before.usd - after).abs() < 0.005
                && before.payments_usd == cost.after.payments_usd
                && before.extended_support == cost.after.extended_support =>
        {
            return None;
        }
        Some(before) => format!(
            "{:.2} → {after:.2} USD a month ({:+.2}), before there is any traffic",
            before.usd,
            after - before.usd
        ),
        None => format!("{after:.2} USD a month afterwards, before there is any traffic"),
    };
    let of_payments = |estimate: &Estimate| {
        let usd = estimate.payments_usd;
        usd.map_or("nothing that is stated".to_owned(), |usd| {
            format!("{usd:.2} USD")
        })
    };
    let payments = match &cost.before {
        Some(before) if before.payments_usd != cost.after.payments_usd => Some(format!(
            "the payments that the spec expects add {}; before, {}",
            of_payments(&cost.after),
            of_payments(before)
        )),
        None if cost.after.payments_usd.is_some() => Some(format!(
            "the payments that the spec expects add {}",
            of_payments(&cost.after)
        )),
        _ => None,
    };
    let without = &cost.after.without;
    let without =
        (!without.is_empty()).then(|| format!("no price is known of {}", without.join(", ")));
    Some(Section {
        title: "cost",
        is_bad: false,
        lines: [
            Some(line),
            payments,
            without,
            cost.after.extended_support.clone(),
        ]
        .into_iter()
        .flatten()
        .collect(),
    })
}

fn time(comparison: &Comparison) -> String {
    let seconds = comparison.time.seconds;
    let lasts = if seconds < 90 {
        format!("about {} seconds", seconds.div_ceil(10) * 10)
    } else {
        format!("about {}", number(seconds.div_ceil(60) as usize, "minute"))
    };
    let chain: Vec<&str> = comparison
        .time
        .chain
        .iter()
        .map(|urn| urn.rsplit("::").next().unwrap_or(urn))
        .collect();
    if chain.len() < 2 {
        return lasts;
    }
    format!("{lasts}: {}", chain.join(" → "))
}

fn way_back(way_back: &WayBack) -> Section {
    let lines = if way_back.restores_all {
        vec!["building the old spec again and `pulumi up` restore everything".to_owned()]
    } else {
        let lines = folded(&way_back.not_restored, MOST_NAMED, resource).into_iter();
        lines.map(|line| format!("not restored: {line}")).collect()
    };
    Section {
        title: "way back",
        is_bad: !way_back.restores_all,
        lines,
    }
}

/// `rds.Instance database` for the end of a URN; any other text as it is.
pub fn resource(urn: &str) -> String {
    let (urn, rest) = match urn.split_once(": ") {
        Some((urn, rest)) => (urn, format!(": {rest}")),
        None => (urn, String::new()),
    };
    let Some((types, name)) = urn.rsplit_once("::") else {
        return format!("{urn}{rest}");
    };
    let token = types.rsplit('$').next().unwrap_or(types);
    format!("{} {name}{rest}", class(token))
}

/// Outputs in the place of values that AWS chooses (`<aws:ec2/vpc:Vpc::vpc.id>`), as people would call them: `<ec2.Vpc vpc.id>`.
fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        shown.push_str(before);
        shown.push('<');
        let output = after.split_once('>');
        match output.and_then(|(inside, tail)| Some((inside.split_once("::")?, tail))) {
            Some(((token, name), tail)) if !token.contains(' ') => {
                shown.push_str(&format!("{} {name}>", class(token)));
                rest = tail;
            }
            _ => rest = after,
        }
    }
    shown.push_str(rest);
    shown
}

/// `rds.Instance` for `aws:rds/instance:Instance`.
pub fn class(token: &str) -> String {
    let mut parts = token.split(':');
    let (_, module, name) = (parts.next(), parts.next(), parts.next());
    let module = module.unwrap_or_default();
    let module = module.split('/').next().unwrap_or(module);
    match name {
        Some(name) if module == "index" => name.to_owned(),
        Some(name) => format!("{module}.{name}"),
        None => token.to_owned(),
    }
}

/// A step, or several that say the same of different resources.
#[derive(Debug)]
pub struct Line {
    /// `+`, `~`, `±` (the new one first), `∓` (the old one first) or `-`.
    pub mark: char,
    pub what: String,
    pub why: Vec<String>,
}

/// More resources than this for one reason are counted.
const MOST_NAMED: usize = 4;

/// A line a step; steps of many resources for the very same reason together.
pub fn lines(steps: &[Step]) -> Vec<Line> {
    let defaults = Defaults::of(steps);
    let mut by_reason: BTreeMap<(char, Vec<String>), Vec<&Step>> = BTreeMap::new();
    for step in steps {
        by_reason
            .entry((mark(step), reasons(step, &defaults)))
            .or_default()
            .push(step);
    }
    let mut lines = Vec::new();
    let mut told: Vec<(char, Vec<String>)> = Vec::new();
    for step in steps {
        let key = (mark(step), reasons(step, &defaults));
        let together = by_reason.get(&key).map_or(1, Vec::len);
        let is_many = together > MOST_NAMED && !key.1.is_empty();
        if !is_many {
            lines.push(Line {
                mark: key.0,
                what: format!("{} {}", class(&step.token), step.name),
                why: key.1,
            });
        } else if !told.contains(&key) {
            told.push(key.clone());
            lines.push(Line {
                mark: key.0,
                what: number(together, "resource"),
                why: key.1,
            });
        }
    }
    lines
}

fn mark(step: &Step) -> char {
    match (step.op, step.order) {
        ("create", _) => '+',
        ("update", _) => '~',
        ("delete", _) => '-',
        (_, Some("create-before-delete")) => '±',
        _ => '∓',
    }
}

/// The default tags that change, which is one fact however many resources have them.
struct Defaults<'a>(Vec<(&'a str, &'a Json, &'a Json)>);

impl<'a> Defaults<'a> {
    fn of(steps: &'a [Step]) -> Self {
        let all = steps.iter().flat_map(|step| &step.because);
        let changed = all.filter(|because| because.argument == "default_tags");
        let changed = changed.filter_map(|because| {
            let tag = because.path.strip_prefix(".tags")?;
            Some((tag, &because.old, &because.new))
        });
        Self(changed.collect())
    }

    /// Whether a tag of a resource changes as the default one does.
    fn have(&self, because: &Because) -> bool {
        let tag = (because.path.as_str(), &because.old, &because.new);
        self.0.contains(&tag)
    }

    /// How to call what differs; none if it is said already: every tag that changes stands in `tags_all` once more.
    fn name(&self, because: &Because, step: &Step) -> Option<String> {
        let stands_in = |argument: &str| {
            let mut others = step.because.iter();
            others.any(|other| {
                other.argument == argument
                    && (&other.path, &other.old, &other.new)
                        == (&because.path, &because.old, &because.new)
            })
        };
        let path = &because.path;
        match because.argument.as_str() {
            "default_tags" => {
                let tag = path.strip_prefix(".tags").unwrap_or(path);
                Some(format!("default_tags{tag}"))
            }
            "tags_all" if self.have(because) => Some(format!("default_tags{path}")),
            "tags" if self.have(because) && stands_in("tags_all") => None,
            "tags_all" if stands_in("tags") => None,
            argument => Some(format!("{argument}{path}")),
        }
    }
}

fn reasons(step: &Step, defaults: &Defaults<'_>) -> Vec<String> {
    let told = step.because.iter();
    let mut found: Vec<String> = told
        .filter_map(|because| Some(reason(&defaults.name(because, step)?, because)))
        .collect();
    found.dedup();
    if let Some(cause) = &step.caused_by {
        found.push(format!("with {}", resource(cause)));
    }
    found
}

fn reason(name: &str, because: &Because) -> String {
    let values = match (&because.old, &because.new) {
        (Json::Null, new) => format!("{} is added", short(new)),
        (old, Json::Null) => format!("{} is removed", short(old)),
        (old, new) => format!("{} → {}", short(old), short(new)),
    };
    let reads = because.reads.iter().map(|urn| resource(urn));
    let reads: Vec<String> = reads.collect();
    let values = if reads.is_empty() {
        values
    } else {
        format!("that of {}", reads.join(", "))
    };
    let keys = outermost(&because.keys).map(|key| {
        let file = key.base.as_ref().map(|base| format!("{base}, "));
        let file = file.unwrap_or_default();
        match (key.new_line, key.old_line) {
            (Some(line), _) => format!("{} ({file}line {line})", key.key),
            (None, Some(line)) => format!("{} ({file}line {line} before)", key.key),
            (None, None) => key.key.clone(),
        }
    });
    let keys: Vec<String> = keys.collect();
    let keys = if keys.is_empty() {
        String::new()
    } else {
        format!(", by {}", keys.join(", "))
    };
    format!("{name}: {values}{keys}")
}

/// Without what stands in another one of them: a table that is renamed says enough.
fn outermost(keys: &[ChangedKey]) -> impl Iterator<Item = &ChangedKey> {
    let is_in = |key: &ChangedKey, table: &ChangedKey| {
        let rest = key.key.strip_prefix(table.key.as_str());
        let same = key.new_line.is_some() == table.new_line.is_some();
        same && rest.is_some_and(|rest| rest.starts_with('.'))
    };
    let stands_alone = move |key: &&ChangedKey| !keys.iter().any(|table| is_in(key, table));
    keys.iter().filter(stands_alone)
}

/// Longer values are cut.
const LONGEST: usize = 60;

pub(super) fn short(value: &Json) -> String {
    match value {
        Json::Object(entries) if entries.contains_key("known") => "a new value".to_owned(),
        Json::Object(entries) if entries.contains_key("content") => "content".to_owned(),
        other => {
            let text = plain(&other.to_string());
            if text.chars().count() <= LONGEST {
                return text;
            }
            let start: String = text.chars().take(LONGEST).collect();
            format!("{start}…")
        }
    }
}
