//! `[overrides."<component>.<resource>"]`: which argument, what value, why, by whom and until when. Whether it may be is for the
//! graph to say.

use super::environment::Override;
use super::resolver::{Resolver, STAND_IN};
use crate::date::Date;
use crate::format::{Fill as _, Literal, Named, RawOverride};

impl Resolver<'_> {
    /// Those that are whole; of the others it is told what they lack.
    pub fn overrides(&mut self, raw: Vec<Named<RawOverride>>) -> Vec<Override> {
        let raw = raw.into_iter();
        raw.filter_map(|raw| self.override_of(raw)).collect()
    }

    fn override_of(&mut self, raw: Named<RawOverride>) -> Option<Override> {
        let Named {
            name: resource,
            table,
        } = raw;
        let RawOverride {
            header,
            argument,
            value,
            replaces,
            reason,
            owner,
            expires,
        } = table;
        let text = String::new;
        let argument = self.required(argument, &header, &RawOverride::argument, text());
        let value = self.required(value, &header, &RawOverride::value, Literal::Bool(false));
        let reason = self.required(reason, &header, &RawOverride::reason, text());
        let owner = self.required(owner, &header, &RawOverride::owner, text());
        let day = "2027-01-31".to_owned();
        let expires = self.required(expires, &header, &RawOverride::expires, day);
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
