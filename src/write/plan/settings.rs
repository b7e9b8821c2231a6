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
        let settled = match self.settle(file, old.as_deref()) {
            Ok(settled) => settled,
            Err(problem) => return self.refuse_sides(file, old.as_deref(), problem),
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
            match self.rule_setting(&file.path, there, &content, edits) {
                Ok(is_forced) => forced = is_forced,
                Err(reason) => {
                    return self.refuse(&file.path, reason, old.as_deref(), Some(&content));
                }
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

    /// What both sides of a merge come to, if git left them in conflict.
    fn settle(&self, file: &File, old: Option<&[u8]>) -> Result<Option<Vec<u8>>, Problem> {
        let base = self.before.bases.get(&file.path).map(String::as_str);
        let text = old.and_then(|old| str::from_utf8(old).ok());
        let settled = text.and_then(|text| stack_settings::reconcile(&file.content, text, base));
        Ok(settled.transpose()?.map(String::into_bytes))
    }

    fn refuse_sides(&mut self, file: &File, old: Option<&[u8]>, problem: Problem) {
        let Problem::TwoValues { key, line } = problem else {
            return self.refuse_settings(file, old);
        };
        // Neither value belongs on a terminal.
        self.refuse(&file.path, Reason::TwoValues, None, None);
        if let Some(refusal) = self.refusals.last_mut() {
            refusal.place = Some(Place { line, key });
        }
    }

    /// Whether a value that somebody changed is given up or set aside, or why not.
    fn rule_setting(
        &mut self,
        path: &str,
        there: &[u8],
        content: &[u8],
        edits: Edits,
    ) -> Result<bool, Reason> {
        match (self.rule(path, there, Some(content), edits), edits) {
            (Ruling::Own, _) => Ok(false),
            (Ruling::Forced(_), _) => Ok(true),
            (Ruling::Refused(Reason::NotPatchable), _) => Err(Reason::NotPatchable),
            (Ruling::Foreign | Ruling::Refused(_), Edits::Refuse) => Err(Reason::SettingChanged),
            (Ruling::Foreign | Ruling::Refused(_), Edits::SetAside | Edits::GiveUp) => Ok(true),
        }
    }

    fn refuse_settings(&mut self, file: &File, old: Option<&[u8]>) {
        self.refuse(&file.path, Reason::NotMergeable, old, Some(&file.content));
    }
}
