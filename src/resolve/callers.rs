//! Whose requests are whose: merchants, and the API keys and certificates that stand for them.

use std::collections::BTreeMap;

use super::environment::{Environment, Merchant};
use crate::origin::{Origin, Value};

impl Environment {
    /// Names of the API keys with which a merchant's requests come.
    pub fn api_keys_of(&self, merchant: &Merchant) -> Vec<&Value<String>> {
        let keys = self.merchants_of_keys().into_iter();
        let own =
            keys.filter(|(_, merchants)| merchants.iter().any(|one| std::ptr::eq(*one, merchant)));
        own.map(|(key, _)| key).collect()
    }

    /// Every API key by its name, with its merchants by their ids.
    pub fn merchants_of_keys(&self) -> Vec<(&Value<String>, Vec<&Merchant>)> {
        let mut of_plans: BTreeMap<&str, Vec<&Merchant>> = BTreeMap::new();
        let mut of_keys: BTreeMap<&str, Vec<&Merchant>> = BTreeMap::new();
        for merchant in &self.payments.merchants {
            if let Some(plan) = &merchant.plan {
                of_plans.entry(plan.as_str()).or_default().push(merchant);
            }
            for key in &merchant.keys {
                of_keys.entry(key.as_str()).or_default().push(merchant);
            }
        }
        let only = self.only_merchant();
        let keys = self.api.keys().into_iter();
        keys.map(|(plan, key)| {
            let named = [of_plans.get(plan.key.as_str()), of_keys.get(key.as_str())];
            let mut merchants: Vec<&Merchant> = Vec::new();
            for merchant in named.into_iter().flatten().flatten() {
                if !merchants.iter().any(|one| std::ptr::eq(*one, *merchant)) {
                    merchants.push(merchant);
                }
            }
            if merchants.is_empty() {
                merchants.extend(only);
            }
            merchants.sort_by(|a, b| a.id.value.cmp(&b.id.value));
            (key, merchants)
        })
        .collect()
    }

    /// The merchant that is the only one that is not closed, and says nothing of keys: it has all keys that no other one names.
    pub fn only_merchant(&self) -> Option<&Merchant> {
        let merchants = self.payments.merchants.iter();
        let mut open = merchants.filter(|one| one.status.value != "closed");
        let (only, other) = (open.next()?, open.next());
        let names_none = only.plan.is_none() && only.keys.is_empty();
        (other.is_none() && names_none).then_some(only)
    }

    /// What the load balancer calls a merchant's client, where it verifies certificates. Where it does not, any client can write the
    /// header in which a subject comes, and none proves anything.
    pub fn subject_of<'m>(&self, merchant: &'m Merchant) -> Option<&'m Value<String>> {
        let subject = merchant.subject.as_ref();
        subject.filter(|_| self.load_balancer.clients.is_some())
    }

    /// Authorities that may issue a merchant's certificates, where not all of the file may.
    pub fn issuers_of<'m>(&self, merchant: &'m Merchant) -> &'m [Value<String>] {
        match self.subject_of(merchant) {
            Some(_) => &merchant.issuers,
            None => &[],
        }
    }

    /// What decides who is whose: of merchants, plans and keys.
    pub fn caller_origins(&self) -> Vec<&Origin> {
        let merchants = self.payments.merchants.iter().flat_map(|merchant| {
            let named = [&merchant.renamed_from, &merchant.plan, &merchant.subject];
            let named = named.into_iter().flatten().chain(&merchant.keys);
            let named = named.chain(&merchant.issuers);
            let own = [&merchant.id.origin, &merchant.status.origin];
            named.map(|value| &value.origin).chain(own)
        });
        let plans = self.api.plans.iter();
        let keys = plans.flat_map(|plan| plan.api_keys.iter().map(|key| &key.origin));
        let verifies = self.load_balancer.clients.iter();
        merchants
            .chain(keys)
            .chain(verifies.map(|clients| &clients.origin))
            .collect()
    }
}

impl Merchant {
    /// Its id, and the one that it had: it may read what it was paid under that.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let former = self.renamed_from.iter().map(|old| old.value.as_str());
        [self.id.value.as_str()].into_iter().chain(former)
    }
}
