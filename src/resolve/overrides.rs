//! `[overrides."<component>.<resource>"]`: which argument, what value, why, by whom and until when. Whether it may be is for the
//! graph to say.

use super::environment::Override;
use super::resolver::{Resolver, STAND_IN};
use crate::date::Date;
use crate::spec::{Literal, RawOverride};

impl Resolver<'_> {
    /// Those that are whole; of the others it is told what they lack.
    pub fn overrides(&mut self, raw: Vec<RawOverride>) -> Vec<Override> {
        let raw = raw.into_iter();
        raw.filter_map(|raw| self.override_of(raw)).collect()
    }

    fn override_of(&mut self, raw: RawOverride) -> Option<Override> {
        let RawOverride {
            header,
            resource,
            argument,
            value,
            replaces,
            reason,
            owner,
            expires,
        } = raw;
        let text = String::new;
        let example = "\"monitoring_interval\"";
        let argument = self.required(argument, &header, "argument", example, text());
        let stand_in = Literal::Bool(false);
        let value = self.required(value, &header, "value", "30", stand_in);
        let example = "\"why it has to differ\"";
        let reason = self.required(reason, &header, "reason", example, text());
        let example = "\"payments-platform\"";
        let owner = self.required(owner, &header, "owner", example, text());
        let example = "2027-01-31";
        let expires = self.required(expires, &header, "expires", example, example.to_owned());
        let date: Date = expires.value.parse().ok()?;
        let origins = [
            &argument.origin,
            &value.origin,
            &reason.origin,
            &owner.origin,
            &expires.origin,
        ];
        let replaced = format!("{}.replaces", header.path);
        let is_whole = origins.iter().all(|origin| **origin != STAND_IN)
            && !self.problems.is_unusable(&replaced);
        is_whole.then(|| Override {
            place: header.span,
            resource,
            argument,
            value,
            replaces,
            reason,
            owner,
            expires: expires.map(|_| date),
        })
    }
}
