//! Whether overrides fit together: AWS bounds some arguments by others of the same resource, which may be overridden too.

use crate::check::written;
use crate::diagnostic::{Code, Diagnostic};
use crate::number::grouped;
use crate::overridable::{Ratio, Standing, standing};
use crate::resolve::environment::Override;
use crate::stack::expr::Expr;
use crate::stack::graph::Stack;
use crate::stack::overrides::Setting;
use crate::stack::resource::Resource;

type Settled<'a> = (Setting, &'a Override);

/// What is too large for what another argument is, or becomes.
pub fn judge(stack: &Stack, settings: &[Settled<'_>]) -> Vec<Diagnostic> {
    let found = settings.iter().filter_map(|settled| {
        let resource = resource(stack, &settled.0)?;
        let Some(Standing::Bounded(bound)) = standing(resource.kind, settled.0.argument) else {
            return None;
        };
        too_large(settled, bound.ratio.as_ref()?, resource, settings)
    });
    found.collect()
}

fn too_large(
    (setting, set): &Settled<'_>,
    ratio: &Ratio,
    resource: &Resource,
    settings: &[Settled<'_>],
) -> Option<Diagnostic> {
    let number = integer(&setting.value)?;
    let same = |(other, _): &&Settled<'_>| {
        other.argument == ratio.argument
            && (other.component, other.place) == (setting.component, setting.place)
    };
    let beside = settings.iter().find(same);
    let there = match beside {
        Some((other, _)) => integer(&other.value),
        None => resource
            .argument(ratio.argument)
            .and_then(|argument| integer(&argument.value)),
    };
    let other = there.unwrap_or(ratio.unset);
    let most = other.saturating_mul(ratio.most_percent) / 100;
    if number <= most {
        return None;
    }
    let (_, span) = written(&set.value).unwrap_or(("", set.place.clone()));
    let message = format!("{} is too large for `{}`", set.subject(), ratio.argument);
    let most = grouped(most);
    let other = grouped(other);
    let share = format!(
        "at most {most}: {} percent of `{}`",
        ratio.most_percent, ratio.argument
    );
    let label = match there {
        Some(_) => format!("{share}, which is {other}"),
        None => format!("{share} (default: {other})"),
    };
    let share_of = ratio.most_percent.max(1);
    let needed = (number.saturating_mul(100).saturating_add(share_of - 1)) / share_of;
    let needed = grouped(needed);
    let told = Diagnostic::error(Code::OutOfRange, span, message)
        .label(label)
        .help(format!(
            "write {most} or less, or override `{}` with {needed} or more",
            ratio.argument
        ));
    Some(match beside.and_then(|(_, set)| written(&set.value)) {
        Some((_, place)) => told.secondary(place, "set here"),
        None => told,
    })
}

fn integer(value: &Expr) -> Option<i64> {
    match value {
        Expr::Integer(number) => Some(*number),
        _ => None,
    }
}

fn resource<'a>(stack: &'a Stack, setting: &Setting) -> Option<&'a Resource> {
    let component = stack.components.get(setting.component)?;
    let block = component.blocks.get(setting.place.block)?;
    block.resources().get(setting.place.resource)
}
