//! What all tables need while they are resolved: required keys, choices, addresses, and where to report.

use std::ops::Range;

use ipnet::Ipv4Net;

use crate::diagnostic::{Code, Diagnostic, Edit};
use crate::format::{Fill, Header, Key, List, Table};
use crate::load::Loader;
use crate::origin::{Origin, Value};
use crate::requirements::Class;
use crate::spec::{Problems, nearest, path_of};

/// Origin of what fills a place that has an error. Never seen by a later stage.
pub const STAND_IN: Origin = Origin::Default("stand-in");

/// Why a file or folder that the spec names is of no use.
pub struct Unusable {
    /// Said at the path.
    pub label: String,
    /// What to do about it.
    pub help: String,
}

impl Unusable {
    pub fn new(label: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            help: help.into(),
        }
    }
}

/// Why a file cannot be read, in the same words on every system.
pub fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "is a folder".to_owned(),
        std::io::ErrorKind::NotADirectory => "is no folder".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

/// State of one resolution.
pub struct Resolver<'a> {
    file_name: &'a str,
    class: Class,
    pub loader: &'a dyn Loader,
    pub problems: &'a mut Problems,
}

impl<'a> Resolver<'a> {
    pub fn new(
        file_name: &'a str,
        class: Class,
        loader: &'a dyn Loader,
        problems: &'a mut Problems,
    ) -> Self {
        Self {
            file_name,
            class,
            loader,
            problems,
        }
    }

    /// A path of the spec's as the author sees it from where the spec was named.
    pub fn beside_spec(&self, path: &str) -> String {
        match self.file_name.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{path}"),
            None => path.to_owned(),
        }
    }

    /// Refuses a path that a symbolic link is a part of: what it leads to may be anywhere, and change unseen.
    pub fn no_link(&self, path: &str) -> Result<(), Unusable> {
        let Some(link) = self.loader.link_in(path) else {
            return Ok(());
        };
        let label = format!("`{}` is a symbolic link", self.beside_spec(&link));
        let help = "write the path of the target: a link can change without a change of the spec";
        Err(Unusable::new(label, help))
    }

    /// Reports a required table that was left out. Its keys are then not reported one by one.
    pub fn require_table(&mut self, header: &Header, table: &Table) {
        if header.present || self.problems.is_unusable(&header.path) {
            return;
        }
        let message = format!("missing table `[{}]`", header.path);
        self.problems.push(
            Diagnostic::error(Code::MissingKey, header.span.clone(), message)
                .label("not found in the file")
                .help(format!(
                    "add `[{}]` with {}",
                    header.path,
                    required_of(table)
                )),
        );
    }

    /// An IPv4 range. Anything else is reported and counts as left out.
    pub fn cidr(&mut self, written: Value<String>) -> Option<Value<Ipv4Net>> {
        match written.value.parse::<Ipv4Net>() {
            // The parser reads `010` as ten, other programs as eight.
            Ok(range) if has_leading_zero(&written.value) => {
                let (key, span) = place(&written.origin);
                let message = format!("`{key}` has a number with a leading zero");
                self.problems.mark_unusable(&key);
                self.problems.push(
                    Diagnostic::error(Code::InvalidCidr, span, message)
                        .label("some programs read such a number as octal")
                        .write_text(&range.trunc().to_string()),
                );
                None
            }
            Ok(range) => Some(Value::new(range, written.origin)),
            Err(_) => {
                let (key, span) = place(&written.origin);
                let right = right_range(&written.value, key == "network.cidr");
                let message = format!("`{key}` is not an IPv4 range");
                self.problems.mark_unusable(&key);
                let told = Diagnostic::error(Code::InvalidCidr, span, message)
                    .label("needs four numbers up to 255, and a prefix length up to 32");
                self.problems.push(match right {
                    Some(right) => told.write_text(&right),
                    None => told.help("one address has the prefix length 32"),
                });
                None
            }
        }
    }
}

impl Fill for Resolver<'_> {
    fn class(&self) -> Class {
        self.class
    }

    fn chosen(
        &mut self,
        written: Option<Value<String>>,
        key: &'static Key,
    ) -> Option<Value<String>> {
        let written = written?;
        let choices = key.choices;
        if choices.is_empty() || choices.contains(&written.value.as_str()) {
            return Some(written);
        }
        let Origin::Spec { key, span } = &written.origin else {
            return None;
        };
        let quoted: Vec<String> = choices
            .iter()
            .map(|choice| format!("\"{choice}\""))
            .collect();
        let diagnostic = Diagnostic::error(
            Code::InvalidChoice,
            span.clone(),
            format!("`{key}` cannot be \"{}\"", written.value),
        )
        .label(format!("must be {}", quoted.join(" or ")));
        self.problems.mark_unusable(key);
        self.problems
            .push(match nearest(&written.value, choices.iter().copied()) {
                Some(best) => diagnostic.did_you_mean(best),
                None => diagnostic,
            });
        None
    }

    fn required<T>(
        &mut self,
        written: Option<Value<T>>,
        header: &Header,
        key: &'static Key,
        stand_in: T,
    ) -> Value<T> {
        if let Some(value) = written {
            return value;
        }
        let path = path_of(&header.path, key.name);
        if header.present && !self.problems.is_unusable(&path) {
            let place = if header.path.is_empty() {
                "the file".to_owned()
            } else {
                format!("`{}`", header.brackets())
            };
            let line = format!("{} = {}", key.name, key.example().unwrap_or_default());
            self.problems.push(
                Diagnostic::error(
                    Code::MissingKey,
                    header.span.clone(),
                    format!("missing key `{path}`"),
                )
                .label(format!("{place} needs `{}`", key.name))
                .help(format!("add `{line}`"))
                .suggest(Edit::AddTo(header.span.clone(), line)),
            );
        }
        Value::new(stand_in, STAND_IN)
    }
}

/// The keys without which a table is no use: "`cidr` and `zones`".
fn required_of(table: &Table) -> String {
    let required = table.keys.iter().filter(|key| key.is_required);
    let names: Vec<String> = required.map(|key| format!("`{}`", key.name)).collect();
    match names.as_slice() {
        [one, other] => format!("{one} and {other}"),
        _ => names.join(", "),
    }
}

/// Whether one of the numbers in an address or a range is written as `010`.
fn has_leading_zero(range: &str) -> bool {
    let mut numbers = range.split(['.', '/']);
    numbers.any(|number| number.len() > 1 && number.starts_with('0'))
}

fn without_leading_zeros(address: &str) -> String {
    let numbers = address
        .split('.')
        .map(|number| match number.trim_start_matches('0') {
            "" if !number.is_empty() => "0",
            rest => rest,
        });
    numbers.collect::<Vec<_>>().join(".")
}

/// The range that was meant by a text that begins with an address; for a VPC, one of a size that it may have.
fn right_range(text: &str, is_vpc: bool) -> Option<String> {
    let address = without_leading_zeros(text.split('/').next()?.trim());
    let Ok(address) = address.parse::<std::net::Ipv4Addr>() else {
        return is_vpc.then(|| "10.40.0.0/16".to_owned());
    };
    let length = match address.octets() {
        _ if is_vpc => 16,
        [.., 0] => 24,
        _ => 32,
    };
    let range = Ipv4Net::new(address, length).ok()?.trunc();
    if is_vpc && !address.is_private() {
        return Some("10.40.0.0/16".to_owned());
    }
    Some(range.to_string())
}

/// The members of a list, or none.
pub fn members(list: Option<List>) -> Vec<Value<String>> {
    list.map(|list| list.value).unwrap_or_default()
}

/// The key and the bytes of a written value.
pub fn place(origin: &Origin) -> (String, Range<usize>) {
    match origin {
        Origin::Spec { key, span } => (key.clone(), span.clone()),
        Origin::Default(_) | Origin::Derived(_) | Origin::Fixed(_) | Origin::Override(_) => {
            (String::new(), 0..0)
        }
    }
}
