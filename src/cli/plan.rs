//! `paystagec plan`: the resources of a spec, as a table or as JSON.

use clap::Args;

use super::terminal::Terminal;
use super::{Exit, SpecArgument, compile_file, number};
use crate::compile::Output;
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
    let compilation = compile_file(&arguments.spec, terminal)?;
    let Some(output) = compilation.and_then(|compilation| compilation.output) else {
        return Ok(Exit::Wrong);
    };
    if arguments.json {
        terminal.json(&serde_json::to_string_pretty(&output.stack.to_json())?)?;
    } else {
        print_table(&output.stack, terminal)?;
        print_cost(&output, terminal)?;
        for extension in &output.environment.extensions {
            let path = &extension.path.value;
            terminal.line(&format!("not counted: what {path} adds"))?;
        }
    }
    Ok(Exit::Fine)
}

/// Resources by layer, in the order in which the program makes them. A layer is a component at the top, with all below it.
pub fn layers(stack: &Stack) -> Vec<(&str, Vec<Member<'_>>)> {
    let mut layers: Vec<(&str, Vec<Member<'_>>)> = Vec::new();
    for member in stack.members() {
        let layer = member.component.path.split('/').next().unwrap_or_default();
        match layers.iter_mut().find(|(name, _)| *name == layer) {
            Some((_, members)) => members.push(member),
            None => layers.push((layer, vec![member])),
        }
    }
    layers
}

fn print_table(stack: &Stack, terminal: &mut Terminal) -> anyhow::Result<()> {
    let layers = layers(stack);
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

fn print_cost(output: &Output, terminal: &mut Terminal) -> anyhow::Result<()> {
    let cost = output.stack.monthly_cost(&output.environment);
    terminal.line(&format!(
        "{} a month at list prices of {}, before there is any traffic: {}",
        cost.sum(),
        cost.read,
        cost.by_layer()
    ))?;
    for more in [cost.without(), cost.later()].into_iter().flatten() {
        terminal.line(&more)?;
    }
    Ok(())
}
