//! `[api]`: throttles, routes with their bodies, and plans.

use serde_json::Value as Json;

use super::choices;
use super::defaults as default;
use super::environment::{Api, Body, Plan, Route, Throttle};
use super::resolver::{Resolver, Unusable, members, place, reason};
use super::schema;
use crate::diagnostic::{Code, Diagnostic, Edit};
use crate::origin::{Origin, Value};
use crate::spec::{Header, RawApi, RawPlan, RawQuota, RawRoute, RawThrottle};

/// More than any schema that API Gateway takes: no more of a file is looked at.
const LARGEST_FILE: usize = 1 << 20;

impl Resolver<'_> {
    pub fn api(&mut self, raw: RawApi) -> Api {
        let RawApi {
            header: _,
            throttle,
            routes,
            plans,
            tls_policy,
            manage_account_role,
            alarm_4xx_percent,
            alarm_5xx_percent,
        } = raw;
        let RawThrottle {
            rate_per_second,
            burst,
        } = throttle;
        let throttle = Throttle {
            rate_per_second: default::API_RATE_PER_SECOND.unless(rate_per_second),
            burst: default::API_BURST.unless(burst),
        };
        let tls_policy = self.choice(tls_policy, choices::TLS_POLICIES);
        Api {
            routes: routes
                .into_iter()
                .filter_map(|raw| self.route(raw))
                .collect(),
            plans: plans
                .into_iter()
                .map(|raw| self.plan(raw, &throttle))
                .collect(),
            throttle,
            tls_policy: default::API_TLS_POLICY.unless_text(tls_policy),
            manage_account_role: default::API_MANAGE_ACCOUNT_ROLE.unless(manage_account_role),
            alarm_4xx_percent: default::API_ALARM_4XX_PERCENT.unless(alarm_4xx_percent),
            alarm_5xx_percent: default::API_ALARM_5XX_PERCENT.unless(alarm_5xx_percent),
        }
    }

    fn route(&mut self, raw: RawRoute) -> Option<Route> {
        let RawRoute {
            header,
            key,
            function,
            body,
            required_headers,
            required_query,
            api_key_required,
            authorization,
        } = raw;
        let example = "\"validate-payment\"";
        let function = self.required(function, &header, "function", example, String::new());
        let authorization = self.choice(authorization, choices::AUTHORIZATIONS);
        let body = body.and_then(|path| self.body(path));
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
            required_headers: members(required_headers),
            required_query: members(required_query),
            api_key_required: default::ROUTE_API_KEY_REQUIRED.unless(api_key_required),
            authorization: default::ROUTE_AUTHORIZATION.unless_text(authorization),
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
            return Err(one(label, "describe the body in fewer words"));
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

    fn plan(&mut self, raw: RawPlan, stage: &Throttle) -> Plan {
        let RawPlan {
            header,
            key,
            quota,
            throttle,
            api_keys,
        } = raw;
        let RawThrottle {
            rate_per_second,
            burst,
        } = throttle;
        let (quota_requests, quota_period) = self.quota(quota, &header);
        let from_stage = |value: &Value<u32>, key: &str| {
            Value::new(value.value, Origin::Derived(vec![key.to_owned()]))
        };
        let api_keys = match api_keys {
            Some(list) => list.value,
            None => {
                let derived = Origin::Derived(vec![header.path.clone()]);
                vec![Value::new(key.value.clone(), derived)]
            }
        };
        Plan {
            key,
            quota_requests,
            quota_period,
            throttle: Throttle {
                rate_per_second: rate_per_second.unwrap_or_else(|| {
                    from_stage(&stage.rate_per_second, "api.throttle.rate_per_second")
                }),
                burst: burst.unwrap_or_else(|| from_stage(&stage.burst, "api.throttle.burst")),
            },
            api_keys,
        }
    }

    fn quota(&mut self, raw: RawQuota, plan: &Header) -> (Value<u32>, Value<String>) {
        let RawQuota {
            header,
            requests,
            period,
        } = raw;
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
        let requests = self.required(requests, &header, "requests", "100_000", 1);
        if let Some(period) = &period {
            let (key, _) = place(&period.origin);
            if self
                .choice(Some(period.clone()), choices::PERIODS)
                .is_none()
            {
                self.problems.mark_unusable(&key);
            }
        }
        let period = self.required(period, &header, "period", "\"month\"", "month".to_owned());
        (requests, period.map(|period| period.to_uppercase()))
    }
}

/// `payment` of `schemas/payment.json`.
fn stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.split_once('.').map_or(file, |(stem, _)| stem)
}
