//! What a module's source uses of other modules and of its own constructor. The printer records it when it prints the name, because
//! texts of the spec stand in the source too: the words "kept in the archives." import nothing.

use std::cell::RefCell;
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    Archives,
    Asdict,
    Aws,
    /// `child`, the options that resources share.
    Child,
    Dataclass,
    Fingerprint,
    Json,
    /// `named`, those of resources with a physical name of their own.
    Named,
    /// `naming`, which makes physical names and tags.
    Naming,
    Tls,
    Wheels,
}

/// The names that were printed so far.
#[derive(Debug, Default)]
pub struct Used(RefCell<BTreeSet<Name>>);

impl Used {
    pub fn add(&self, name: Name) {
        self.0.borrow_mut().insert(name);
    }

    /// The text of a name, for whoever prints it.
    pub fn name(&self, name: Name, text: &'static str) -> &'static str {
        self.add(name);
        text
    }

    /// The package of a class of the SDK, as in `aws.ec2.Vpc`.
    pub fn add_kind(&self, kind: &str) {
        match kind.split_once('.') {
            Some(("tls", _)) => self.add(Name::Tls),
            _ => self.add(Name::Aws),
        }
    }

    pub fn has(&self, name: Name) -> bool {
        self.0.borrow().contains(&name)
    }

    /// The imports, in the order of `ruff`'s isort. `ours` is a line among those of our own modules.
    pub fn imports(&self, ours: &str) -> String {
        let mut standard = String::new();
        if self.has(Name::Json) {
            standard.push_str("import json\n");
        }
        match (self.has(Name::Asdict), self.has(Name::Dataclass)) {
            (true, _) => standard.push_str("from dataclasses import asdict, dataclass\n"),
            (false, true) => standard.push_str("from dataclasses import dataclass\n"),
            (false, false) => {}
        }
        if !standard.is_empty() {
            standard.push('\n');
        }
        let mut third = "import pulumi\n".to_owned();
        if self.has(Name::Aws) {
            third.push_str("import pulumi_aws as aws\n");
        }
        if self.has(Name::Tls) {
            third.push_str("import pulumi_tls as tls\n");
        }
        let mut first = String::new();
        if self.has(Name::Archives) {
            first.push_str("import archives\n");
        }
        if self.has(Name::Wheels) {
            first.push_str("import wheels\n");
        }
        let mut from = vec![ours];
        if self.has(Name::Fingerprint) {
            from.push("from fingerprint import fingerprint\n");
        }
        from.sort_unstable();
        first.extend(from);
        format!("{standard}{third}\n{first}")
    }
}
