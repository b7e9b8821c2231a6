//! `[api]`: throttles, routes with their bodies, and plans.

use serde_json::Value as Json;

use super::environment::{Api, Body, Plan, Route, Throttle};
use super::resolver::{Resolver, Unusable, place, reason};
use super::schema;
use crate::diagnostic::{Code, Diagnostic, Edit};
use crate::format::{Fill as _, Header, Named, Quota, RawApi, RawPlan, RawQuota, RawRoute};
use crate::origin::{Origin, Value};

/// More than any schema that API Gateway takes: no more of a file is looked at.
const LARGEST_FILE: usize = 1 << 20;

impl Resolver<'_> {
    pub fn api(&mut self, mut raw: RawApi) -> Api {
        let settings = raw.settings(self);
        let throttle = raw.throttle.settings(self);
        let routes = raw.routes.into_iter();
        let plans = raw.plans.into_iter();
        Api {
            routes: routes.filter_map(|raw| self.route(raw)).collect(),
            plans: plans.map(|raw| self.plan(raw, &throttle)).collect(),
            throttle,
            settings,
        }
    }

    fn route(&mut self, raw: Named<RawRoute>) -> Option<Route> {
        let Named {
            name: key,
            table: mut raw,
        } = raw;
        let settings = raw.settings(self);
        let function = &RawRoute::function;
        let function = self.required(raw.function, &raw.header, function, String::new());
        let body = raw.body.and_then(|path| self.body(path));
        // The form of both parts is a rule's business; here they are only told apart.
        let (method, path) = match key.value.split_once(' ') {
            Some((method, path)) => (method.to_owned(), path.to_owned()),
            None => (String::new(), key.value.clone()),
        };
        let written = matches!(function.origin, Origin::Spec { .. });
        written.then(|| Route {
            key,
            method,
            path,
            function,
            body,
            renamed_from: raw.renamed_from,
            settings,
        })
    }

    fn body(&mut self, written: Value<String>) -> Option<Value<Body>> {
        let path = written.value.clone();
        match self.schema(&path) {
            Ok(schema) => {
                let name = stem(&path).to_owned();
                Some(written.map(|path| Body { name, path, schema }))
            }
            Err(faults) => {
                let (key, span) = place(&written.origin);
                let message = format!("`{key}` is not a usable body schema");
                self.problems.mark_unusable(&key);
                for Unusable { label, help } in faults {
                    self.problems.push(
                        Diagnostic::error(Code::BodySchema, span.clone(), &message)
                            .label(label)
                            .help(help),
                    );
                }
                None
            }
        }
    }

    /// The schema in a file.
    fn schema(&self, path: &str) -> Result<Json, Vec<Unusable>> {
        let one = |label: String, help: &str| vec![Unusable::new(label, help)];
        let relative = "paths are relative to the spec's folder";
        if path.is_empty() || path.starts_with('/') {
            return Err(one("not a relative path".to_owned(), relative));
        }
        self.no_link(path).map_err(|link| vec![link])?;
        let file = self.beside_spec(path);
        let bytes = self
            .loader
            .read(path)
            .map_err(|error| one(format!("`{file}` {}", reason(&error)), relative))?;
        if bytes.len() > LARGEST_FILE {
            let label = format!("larger than {} MiB", LARGEST_FILE >> 20);
            return Err(one(label, "shorten the schema"));
        }
        schema::read(&bytes).map_err(|faults| {
            let told = faults.into_iter().map(|fault| {
                let label = match fault.place {
                    Some((line, column)) => format!("{file}:{line}:{column}: {}", fault.label),
                    None => fault.label,
                };
                Unusable::new(label, fault.help)
            });
            told.collect()
        })
    }

    fn plan(&mut self, raw: Named<RawPlan>, stage: &Throttle) -> Plan {
        let Named {
            name: key,
            table: mut raw,
        } = raw;
        let settings = raw.settings(self);
        let Quota { requests, period } = self.quota(raw.quota, &raw.header);
        let throttle = raw.throttle.settings(self);
        let from_stage = |value: &Value<u64>, key: &str| {
            Value::new(value.value, Origin::Derived(vec![key.to_owned()]))
        };
        let api_keys = match raw.api_keys {
            Some(list) => list.value,
            None => {
                let derived = Origin::Derived(vec![raw.header.path]);
                vec![Value::new(key.value.clone(), derived)]
            }
        };
        Plan {
            key,
            quota_requests: requests,
            quota_period: period.map(|period| period.to_uppercase()),
            throttle: Throttle {
                rate_per_second: throttle.rate_per_second.unwrap_or_else(|| {
                    from_stage(&stage.rate_per_second, "api.throttle.rate_per_second")
                }),
                burst: throttle
                    .burst
                    .unwrap_or_else(|| from_stage(&stage.burst, "api.throttle.burst")),
            },
            api_keys,
            settings,
            renamed_from: raw.renamed_from,
        }
    }

    fn quota(&mut self, mut raw: RawQuota, plan: &Header) -> Quota {
        let header = &raw.header;
        if !header.present && !self.problems.is_unusable(&header.path) {
            let message = format!("`[{}]` has no quota", plan.path);
            self.problems.push(
                Diagnostic::error(Code::IncompletePlan, plan.span.clone(), message)
                    .label("API-4: usage plans have a quota and a throttle")
                    .help("add `quota = { requests = 100_000, period = \"month\" }`")
                    .suggest(Edit::AddTo(
                        plan.span.clone(),
                        "quota = { requests = 100_000, period = \"month\" }".to_owned(),
                    )),
            );
        }
        raw.settings(self)
    }
}

/// `payment` of `schemas/payment.json`.
fn stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.split_once('.').map_or(file, |(stem, _)| stem)
}
