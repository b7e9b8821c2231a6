//! Whether the argument of an override is open, the value fits, and what is replaced is still there.

use super::place::Found;
use crate::catalogue::{ArgumentType, arguments};
use crate::check::{FIXED_KEYS, written};
use crate::diagnostic::{Code, Diagnostic, Edit};
use crate::format::Literal;
use crate::number::grouped;
use crate::origin::{Origin, Override as Decided, default_name};
use crate::overridable::{Allowed, Bound, Needs, Standing, open, standing};
use crate::requirements::{Class, Requirement};
use crate::resolve::environment::Override;
use crate::spec::nearest;
use crate::stack::expr::Expr;
use crate::stack::graph::Stack;
use crate::stack::overrides::Setting;
use crate::stack::resource::{Argument, Block, Component, Family, Resource};

type Refused = Box<Diagnostic>;

/// Everything that is asked about one override.
struct Question<'a> {
    class: Class,
    stack: &'a Stack,
    set: &'a Override,
    component: &'a Component,
    resource: &'a Resource,
    family: Option<&'a Family>,
}

/// What the override sets in the graph.
pub fn setting(
    class: Class,
    stack: &Stack,
    found: Found,
    set: &Override,
) -> Result<Setting, Refused> {
    let (number, place) = found;
    let question = ask(class, stack, found, set).ok_or_else(|| {
        let message = format!("no resource `{}`", set.resource.value);
        Box::new(Diagnostic::error(
            Code::UnknownResource,
            set.place.clone(),
            message,
        ))
    })?;
    let (argument, kind) = question.argument()?;
    let existing = question.resource.argument(argument);
    let replaced = match existing {
        Some(existing) => Some(question.replaceable(existing)?),
        None => None,
    };
    if !kind.is_plain() {
        let told = question.closed(format!("takes {}", kind.words()));
        return Err(Box::new(told.help(question.way_out())));
    }
    let value = question.typed(kind)?;
    question.allowed(argument, existing)?;
    question.still_replaces(replaced.as_ref())?;
    if let Some(there) = replaced
        .as_ref()
        .filter(|there| same(there, &set.value.value))
    {
        return Err(question.needless(format!("the compiler already sets {there}")));
    }
    let (key, span) = written(&set.value).unwrap_or(("", set.place.clone()));
    let replaces = existing.map(|existing| {
        let value = stack.expr_json(&existing.value, None);
        (value, existing.origin.clone())
    });
    Ok(Setting {
        component: number,
        place,
        argument,
        value,
        origin: Decided {
            key: key.to_owned(),
            span,
            replaces,
            reason: set.reason.value.trim().to_owned(),
            owner: set.owner.value.trim().to_owned(),
            expires: set.expires.value,
        },
    })
}

fn ask<'a>(
    class: Class,
    stack: &'a Stack,
    (number, place): Found,
    set: &'a Override,
) -> Option<Question<'a>> {
    let component = stack.components.get(number)?;
    let block = component.blocks.get(place.block)?;
    Some(Question {
        class,
        stack,
        set,
        component,
        resource: block.resources().get(place.resource)?,
        family: match block {
            Block::Family(family) => Some(family),
            Block::Resource(_) | Block::Guarded(..) => None,
        },
    })
}

impl Question<'_> {
    /// The argument as the SDK has it.
    fn argument(&self) -> Result<(&'static str, ArgumentType), Refused> {
        let (name, class) = (self.set.argument.value.as_str(), self.resource.kind);
        let known = arguments(class);
        if let Some((name, kind)) = known.and_then(|known| known.entry(name)) {
            return Ok((name, *kind));
        }
        let (_, span) = written(&self.set.argument).unwrap_or(("", self.set.place.clone()));
        let told = Diagnostic::error(
            Code::UnknownArgument,
            span,
            format!("{class} has no argument `{name}`"),
        );
        let names = known.into_iter().flat_map(|known| known.keys());
        Err(Box::new(if name.contains(['.', '[']) {
            told.label("an argument is set as a whole, not a part of it")
                .help("write the name of an argument that takes a plain value")
        } else {
            let told = told.label(format!("not an argument of `{}`", self.set.resource.value));
            match nearest(name, names) {
                Some(best) => told.did_you_mean(best),
                None => told.help(self.way_out()),
            }
        }))
    }

    /// The literal that stands there now, unless something decided it that no override may undo.
    fn replaceable(&self, existing: &Argument) -> Result<Literal, Refused> {
        if let (Expr::Column(column), Some(family)) = (&existing.value, self.family) {
            let because = format!(
                "each member has its own: the column `{column}` of `{}`",
                family.table
            );
            let mut rows = family.rows.iter();
            let key = rows.find_map(|row| row.origin(column).and_then(|origin| self.key(origin)));
            return Err(self.by_key(because, key));
        }
        if let Origin::Spec { .. } | Origin::Default(_) = &existing.origin {
            let key = self.key(&existing.origin).unwrap_or_default();
            return Err(self.by_key(format!("set by the key `{key}` of the spec"), Some(key)));
        }
        let Some(value) = literal(&existing.value) else {
            let because = "not a plain value: a name, tags, a document or a reference";
            return Err(Box::new(
                self.closed(because.to_owned()).help(self.way_out()),
            ));
        };
        if let Origin::Fixed(because) = &existing.origin {
            let is_open = matches!(
                standing(self.resource.kind, existing.name),
                Some(Standing::Open | Standing::Bounded(_))
            );
            return match requirement_of(self.class, because) {
                Some(requirement) => {
                    let because = format!("fixed by {}: {}", requirement.id, requirement.text);
                    let help = "remove the override: a requirement has no switch";
                    Err(Box::new(self.closed(because).help(help)))
                }
                None if is_open => Ok(value),
                None => {
                    let because = format!("fixed by {because}");
                    Err(Box::new(self.closed(because).help(self.way_out())))
                }
            };
        }
        let key = self.key(&existing.origin);
        let because = match &key {
            Some(key) => format!("computed from the key `{key}` of the spec"),
            None => "computed by the compiler".to_owned(),
        };
        Err(self.by_key(because, key))
    }

    /// The key of the spec behind an origin.
    fn key(&self, origin: &Origin) -> Option<String> {
        let id = match origin {
            Origin::Spec { key, .. } => return Some(key.clone()),
            Origin::Default(key) => default_name(key),
            Origin::Derived(from) => {
                let mut sources = from.iter();
                sources
                    .find(|source| source.contains('.') && !self.is_output(source))?
                    .clone()
            }
            Origin::Fixed(_) | Origin::Override(_) => return None,
        };
        let id = id.replace('-', "_");
        let function = self.component.path.strip_prefix("functions/");
        Some(match (function, id.strip_prefix("functions.")) {
            (Some(function), Some(last)) if !last.contains('.') => {
                format!("functions.{function}.{last}")
            }
            _ => id,
        })
    }

    /// An output of a resource: `database.instance.address`.
    fn is_output(&self, source: &str) -> bool {
        self.stack.components.iter().any(|component| {
            let inside = source.strip_prefix(&component.path);
            let variable = inside.and_then(|rest| rest.strip_prefix('.')?.split('.').next());
            let mut resources = component.resources();
            resources.any(|(resource, _)| Some(resource.variable.as_str()) == variable)
        })
    }

    /// Whether the argument is open, and the value within its bounds.
    fn allowed(&self, argument: &str, existing: Option<&Argument>) -> Result<(), Refused> {
        match standing(self.resource.kind, argument) {
            Some(Standing::Open) => Ok(()),
            Some(Standing::Bounded(bound)) => self.within(bound),
            Some(Standing::Key(key)) => {
                let function = self.component.key();
                let key = format!("functions.{function}.{key}");
                let because = format!("set by the key `{key}` of the spec");
                Err(self.by_key(because, Some(key)))
            }
            Some(Standing::Closed(because)) => {
                Err(Box::new(self.closed(because).help(self.way_out())))
            }
            // What stands there was found replaceable.
            None if existing.is_some() => Ok(()),
            None => Err(Box::new(
                self.closed("not known to be safe for every requirement".to_owned())
                    .help(self.way_out()),
            )),
        }
    }

    fn within(&self, bound: &Bound) -> Result<(), Refused> {
        if let Some(needs) = &bound.needs {
            self.has(needs, bound.because)?;
        }
        let value = &self.set.value.value;
        let fits = if bound.one_of.is_empty() {
            let number = match value {
                Literal::Integer(number) => *number,
                _ => return Ok(()),
            };
            bound.min.is_none_or(|min| min <= number) && bound.max.is_none_or(|max| number <= max)
        } else {
            bound.one_of.iter().any(|allowed| match (allowed, value) {
                (Allowed::Number(allowed), Literal::Integer(number)) => allowed == number,
                (Allowed::Word(allowed), Literal::Text(text)) => allowed == text,
                _ => false,
            })
        };
        if fits {
            return Ok(());
        }
        let words: Vec<String> = bound.one_of.iter().map(ToString::to_string).collect();
        let help = match (bound.min, bound.max) {
            (Some(min), Some(max)) if words.is_empty() => {
                format!("write a number from {} to {}", grouped(min), grouped(max))
            }
            _ => format!("write one of {}", words.join(", ")),
        };
        let (_, span) = written(&self.set.value).unwrap_or(("", self.set.place.clone()));
        let message = format!("{} cannot be {value}", self.set.subject());
        Err(Box::new(
            Diagnostic::error(Code::OutOfRange, span, message)
                .label(format!("out of bounds: {}", bound.because))
                .help(help),
        ))
    }

    /// Another argument of the resource is large enough.
    fn has(&self, needs: &Needs, because: &str) -> Result<(), Refused> {
        let Some(other) = self.resource.argument(needs.argument) else {
            return Ok(());
        };
        if !matches!(other.value, Expr::Integer(number) if number < needs.min) {
            return Ok(());
        }
        let (_, span) = written(&self.set.argument).unwrap_or(("", self.set.place.clone()));
        let message = format!("{} cannot be set yet", self.set.subject());
        let told = Diagnostic::error(Code::OutOfRange, span, message).label(format!(
            "{because}: `{}` must be at least {}",
            needs.argument,
            grouped(needs.min)
        ));
        Err(Box::new(match self.key(&other.origin) {
            Some(key) => told.help(format!("raise `{key}`, or remove the override")),
            None => told.help("remove the override"),
        }))
    }

    /// The value as the argument takes it.
    fn typed(&self, kind: ArgumentType) -> Result<Expr, Refused> {
        let value = &self.set.value.value;
        match (kind, value) {
            (ArgumentType::Bool, Literal::Bool(flag)) => Ok(Expr::Bool(*flag)),
            (ArgumentType::Integer, Literal::Integer(number)) => Ok(Expr::Integer(*number)),
            (ArgumentType::Float, Literal::Float(number)) => Ok(Expr::Float(*number)),
            (ArgumentType::Float, Literal::Integer(number)) => Ok(Expr::Integer(*number)),
            (ArgumentType::Text, Literal::Text(text)) => Ok(Expr::text(text)),
            (ArgumentType::Texts, Literal::Texts(texts)) => {
                Ok(Expr::list(texts.iter().map(String::as_str)))
            }
            _ => {
                let (_, span) = written(&self.set.value).unwrap_or(("", self.set.place.clone()));
                let message = format!("{} must be {}", self.set.subject(), kind.words());
                Err(Box::new(
                    Diagnostic::error(Code::WrongType, span, message)
                        .label(format!("found {}", value.article()))
                        .help(format!(
                            "write {}, the type that {} declares",
                            kind.words(),
                            self.resource.kind
                        )),
                ))
            }
        }
    }

    /// `replaces` says what is there.
    fn still_replaces(&self, there: Option<&Literal>) -> Result<(), Refused> {
        let told = |span, label: String, help: String, edit: Edit| {
            let message = format!(
                "the override of {} was decided against another default",
                self.set.subject()
            );
            let told = Diagnostic::error(Code::StaleOverride, span, message);
            Err(Box::new(told.label(label).help(help).suggest(edit)))
        };
        let (_, argument) = written(&self.set.argument).unwrap_or(("", self.set.place.clone()));
        match (&self.set.replaces, there) {
            (None, None) => Ok(()),
            (Some(replaces), Some(there)) if same(&replaces.value, there) => Ok(()),
            (Some(replaces), there) => {
                let (_, span) = written(replaces).unwrap_or(("", argument));
                match there {
                    Some(there) => told(
                        span.clone(),
                        format!("the compiler sets {there} now"),
                        format!("write `replaces = {there}`, or remove the override"),
                        Edit::Replace(span, there.to_string()),
                    ),
                    None => told(
                        span.clone(),
                        "the compiler does not set the argument".to_owned(),
                        "remove the line, or the override".to_owned(),
                        Edit::Remove(span),
                    ),
                }
            }
            (None, Some(there)) => told(
                argument.clone(),
                format!("the compiler sets it to {there}"),
                format!("if the override is meant to replace that value, add `replaces = {there}`"),
                Edit::AddTo(self.set.place.clone(), format!("replaces = {there}")),
            ),
        }
    }

    fn needless(&self, label: String) -> Refused {
        let (_, span) = written(&self.set.value).unwrap_or(("", self.set.place.clone()));
        let message = format!("the override of {} has no effect", self.set.subject());
        Box::new(
            Diagnostic::error(Code::NeedlessOverride, span, message)
                .label(label)
                .help("remove it"),
        )
    }

    fn by_key(&self, because: String, key: Option<String>) -> Refused {
        let told = self.closed(because);
        let fixed = key.as_deref().and_then(fixed_key);
        if let Some(requirement) = fixed {
            let help = format!("remove the override: {requirement} fixes the key too");
            return Box::new(told.help(help));
        }
        Box::new(match key {
            Some(key) => told.help(format!("use the key `{key}` instead")),
            None => told.help(self.way_out()),
        })
    }

    fn closed(&self, because: String) -> Diagnostic {
        let (_, span) = written(&self.set.argument).unwrap_or(("", self.set.place.clone()));
        let message = format!("{} cannot be overridden", self.set.subject());
        Diagnostic::error(Code::ClosedArgument, span, message).label(because)
    }

    fn way_out(&self) -> String {
        let open = open(self.resource.kind);
        if open.is_empty() {
            format!(
                "remove the override: no argument of {} can be overridden",
                self.resource.kind
            )
        } else {
            format!(
                "arguments of {} that can be overridden: {}",
                self.resource.kind,
                open.join(", ")
            )
        }
    }
}

/// The requirement that gives a key the one value which it may have.
fn fixed_key(key: &str) -> Option<&'static str> {
    FIXED_KEYS
        .iter()
        .find(|(fixed, _)| *fixed == key)
        .map(|(_, requirement)| *requirement)
}

/// The first requirement among the ids that fix an argument.
fn requirement_of(class: Class, because: &str) -> Option<&'static Requirement> {
    let mut ids = because.split(' ');
    ids.find_map(|id| class.requirement(id))
}

/// A plain value of the graph.
fn literal(value: &Expr) -> Option<Literal> {
    Some(match value {
        Expr::Bool(flag) => Literal::Bool(*flag),
        Expr::Integer(number) => Literal::Integer(*number),
        Expr::Float(number) => Literal::Float(*number),
        Expr::Text(text) => Literal::Text(text.clone()),
        Expr::Noted(_, value) => literal(value)?,
        Expr::List(items) => {
            let texts = items.iter().map(|item| match item {
                Expr::Text(text) => Some(text.clone()),
                _ => None,
            });
            Literal::Texts(texts.collect::<Option<Vec<String>>>()?)
        }
        _ => return None,
    })
}

/// Equal in the generated program: 5 and 5.0 are.
fn same(one: &Literal, other: &Literal) -> bool {
    let number = |literal: &Literal| match literal {
        Literal::Integer(number) => number.to_string().parse::<f64>().ok(),
        Literal::Float(number) => Some(*number),
        Literal::Bool(_) | Literal::Text(_) | Literal::Texts(_) => None,
    };
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
        _ => one == other,
    }
}
