//! `paystagec plan`: the resources of a spec, as a table or as JSON.

use clap::Args;

use super::exit::Exit;
use super::source::{SpecArgument, judge_file, today_or_now};
use super::terminal::{Terminal, number};
use crate::compile::Model;
use crate::date::Date;
use crate::stack::cost::Payments;
use crate::stack::graph::{Member, Stack};

pub const EXAMPLES: &str = "\
Examples:
  paystagec plan spec/staging.toml
  paystagec plan spec/staging.toml --json | jq -r '.resources[].class' | sort | uniq -c";

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    spec: SpecArgument,

    /// Print the whole graph, with arguments and where each comes from.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let judged = judge_file(&arguments.spec, terminal)?;
    let Some(model) = judged.and_then(|judged| judged.model) else {
        return Ok(Exit::Wrong);
    };
    if arguments.json {
        terminal.json(&serde_json::to_string_pretty(&model.stack)?)?;
    } else {
        print_table(&model.stack, terminal)?;
        print_cost(&model, today_or_now(arguments.spec.today), terminal)?;
        for extension in &model.environment.extensions {
            let path = &extension.path.value;
            terminal.line(&format!("not counted: what {path} adds"))?;
        }
    }
    // The process is about to end: see `check`.
    std::mem::forget(model);
    Ok(Exit::Fine)
}

fn print_table(stack: &Stack, terminal: &mut Terminal) -> anyhow::Result<()> {
    let layers = stack.layers();
    let longest = |length: fn(&Member<'_>) -> usize| {
        let lengths = stack.members().map(|member| length(&member));
        lengths.max().unwrap_or_default()
    };
    let kinds = longest(|member| member.resource.kind.len());
    let names = longest(|member| member.logical().chars().count());
    let mut total = 0;
    for (layer, members) in &layers {
        terminal.line(&format!("{layer} ({})", members.len()))?;
        for member in members {
            terminal.line(&format!(
                "  {:<kinds$}  {:<names$}  {}.{}",
                member.resource.kind,
                member.logical(),
                member.component.path,
                member.resource.variable
            ))?;
        }
        total += members.len();
    }
    let sum = number(total, "resource");
    terminal.line(&format!("{sum} in {}", number(layers.len(), "layer")))?;

    Ok(())
}

fn print_cost(model: &Model, today: Date, terminal: &mut Terminal) -> anyhow::Result<()> {
    let cost = model.stack.monthly_cost(&model.environment, today);
    terminal.line(&format!(
        "{} a month at list prices of {}, before there is any traffic",
        cost.sum(),
        cost.read
    ))?;
    let layers = cost.dearest_first();
    let longest = layers.iter().map(|layer| layer.name.len()).max();
    let longest = longest.unwrap_or_default();
    for layer in layers {
        let (name, usd) = (&layer.name, layer.usd());
        terminal.line(&format!(
            "  {name:<longest$}  {usd:>9.2}  {}",
            layer.drivers()
        ))?;
    }
    for more in [
        cost.payments.as_ref().map(Payments::sum),
        cost.without(),
        cost.of_extended_support(),
    ]
    .into_iter()
    .flatten()
    {
        terminal.line(&more)?;
    }
    Ok(())
}
