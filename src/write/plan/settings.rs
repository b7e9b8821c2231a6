//! Decides about stack settings, which have two authors.

use super::super::manifest::hash;
use super::super::stack_settings::{self, Merged, Problem};
use super::super::tree::Entry;
use super::super::{Edits, File, Place, Reason};
use super::{Plan, Ruling, Write};

impl Plan<'_> {
    /// Stack settings belong to the compiler and to the user, key by key: only the compiler's keys are set.
    pub(super) fn merge(&mut self, file: &File, found: Entry, edits: Edits) {
        let old = match found {
            Entry::Missing => None,
            Entry::File(content) => Some(content),
            Entry::InTheWay(reason) => return self.refuse(&file.path, reason, None, None),
        };
        let base = self.before.bases.get(&file.path).map(String::as_str);
        let text = old.as_deref().and_then(|old| str::from_utf8(old).ok());
        let settled = text.and_then(|text| stack_settings::reconcile(&file.content, text, base));
        let settled = match settled.transpose() {
            Ok(settled) => settled.map(String::into_bytes),
            Err(Problem::NotPlain) => return self.refuse_settings(file, old.as_deref()),
            Err(Problem::TwoValues { key, line }) => {
                self.refuse(&file.path, Reason::TwoValues, None, None);
                if let Some(refusal) = self.refusals.last_mut() {
                    refusal.place = Some(Place { line, key });
                }
                return;
            }
        };
        let there = settled.as_deref().or(old.as_deref());
        let known = self.before.known.get(&file.path);
        let merged = stack_settings::merge(&file.content, there, |owned| {
            known.is_some_and(|hashes| hashes.contains(&hash(owned.as_bytes())))
        });
        let Some(Merged {
            content,
            owned,
            overrides_user,
        }) = merged
        else {
            return self.refuse_settings(file, old.as_deref());
        };
        self.manifest
            .insert(file.path.clone(), hash(owned.as_bytes()));
        if old.as_ref() == Some(&content) {
            return self.unchanged.push(file.path.clone());
        }
        let mut forced = false;
        if let Some(there) = there.filter(|_| overrides_user) {
            match self.rule(&file.path, there, Some(&content), edits) {
                Ruling::Own => {}
                Ruling::Forced(_) => forced = true,
                Ruling::Refused(Reason::NotPatchable) => {
                    return self.refuse(
                        &file.path,
                        Reason::NotPatchable,
                        old.as_deref(),
                        Some(&content),
                    );
                }
                Ruling::Foreign | Ruling::Refused(_) => match edits {
                    Edits::Refuse => {
                        let (found, wanted) = (old.as_deref(), Some(&*content));
                        return self.refuse(&file.path, Reason::SettingChanged, found, wanted);
                    }
                    Edits::SetAside | Edits::GiveUp => forced = true,
                },
            }
        }
        self.writes.push(Write {
            path: file.path.clone(),
            aside: settled,
            content: content.into(),
            old,
            forced,
            line_ends: false,
        });
    }

    fn refuse_settings(&mut self, file: &File, old: Option<&[u8]>) {
        self.refuse(&file.path, Reason::NotMergeable, old, Some(&file.content));
    }
}
