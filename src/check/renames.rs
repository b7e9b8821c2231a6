//! What may say `renamed_from`: the named things of a spec, family by family, each with the key that it had.

use crate::format::{
    Key, RawFunction, RawLoadBalancerRoute, RawMerchant, RawPlan, RawRoute, RawZoneSettings,
};
use crate::origin::Value;
use crate::resolve::environment::Environment;

/// Things of one kind, whose keys may not meet.
pub struct Family<'a> {
    /// As a diagnostic calls one of them.
    pub word: &'static str,
    /// Path of their table, or of the list that they stand in.
    pub table: &'static str,
    /// The declaration of `renamed_from`.
    pub declared: &'static Key,
    pub things: Vec<Thing<'a>>,
}

/// One of them.
pub struct Thing<'a> {
    pub key: &'a Value<String>,
    pub renamed_from: Option<&'a Value<String>>,
}

impl<'a> Family<'a> {
    fn new(
        word: &'static str,
        table: &'static str,
        declared: &'static Key,
        things: impl Iterator<Item = (&'a Value<String>, &'a Option<Value<String>>)>,
    ) -> Self {
        let things = things.map(|(key, renamed_from)| Thing {
            key,
            renamed_from: renamed_from.as_ref(),
        });
        Self {
            word,
            table,
            declared,
            things: things.collect(),
        }
    }

    /// The thing of this key, whatever the parameters of a route are called.
    pub fn find(&self, key: &str) -> Option<&Thing<'a>> {
        let wanted = identity(key);
        let mut things = self.things.iter();
        things.find(|thing| identity(&thing.key.value) == wanted)
    }
}

/// All families of an environment.
pub fn families(env: &Environment) -> [Family<'_>; 6] {
    [
        Family::new(
            "zone",
            "network.zones",
            &RawZoneSettings::renamed_from,
            env.network
                .zones
                .iter()
                .map(|zone| (&zone.id, &zone.renamed_from)),
        ),
        Family::new(
            "function",
            "functions",
            &RawFunction::renamed_from,
            env.functions
                .iter()
                .map(|one| (&one.key, &one.renamed_from)),
        ),
        Family::new(
            "route of the API",
            "api.routes",
            &RawRoute::renamed_from,
            env.api
                .routes
                .iter()
                .map(|one| (&one.key, &one.renamed_from)),
        ),
        Family::new(
            "plan",
            "api.plans",
            &RawPlan::renamed_from,
            env.api
                .plans
                .iter()
                .map(|one| (&one.key, &one.renamed_from)),
        ),
        Family::new(
            "route of the load balancer",
            "load_balancer.routes",
            &RawLoadBalancerRoute::renamed_from,
            env.load_balancer
                .routes
                .iter()
                .map(|one| (&one.pattern, &one.renamed_from)),
        ),
        Family::new(
            "merchant",
            "payments.merchants",
            &RawMerchant::renamed_from,
            env.payments
                .merchants
                .iter()
                .map(|one| (&one.id, &one.renamed_from)),
        ),
    ]
}

/// `GET /payments/{}`, of `GET /payments/{payment_id}`; of anything else, itself.
pub fn identity(key: &str) -> String {
    if !key.contains(" /") {
        return key.to_owned();
    }
    let segments = key
        .split('/')
        .map(|segment| match segment.starts_with('{') {
            true => "{}",
            false => segment,
        });
    segments.collect::<Vec<_>>().join("/")
}
