//! `[api]`: throttles, routes with their bodies, and plans.

use serde_json::Value as Json;

use super::choices;
use super::defaults as default;
use super::environment::{Api, Body, Plan, Route, Throttle};
use super::resolver::{Resolver, Unusable, members, place, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::origin::{Origin, Value};
use crate::spec::{Header, RawApi, RawPlan, RawQuota, RawRoute, RawThrottle};

/// More than API Gateway takes of a model, and more than a reader does.
const LARGEST_SCHEMA: usize = 1 << 20;
/// Words of a schema that some body would fail; the tests of the generated project ask for one of them too.
const RESTRICTING: [&str; 11] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "enum",
    "items",
    "not",
    "oneOf",
    "properties",
    "required",
    "type",
];

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
            Err(Unusable { label, help }) => {
                let (key, span) = place(&written.origin);
                let message = format!("`{key}` is not a usable body schema");
                self.problems.push(
                    Diagnostic::error(Code::BodySchema, span, message)
                        .label(label)
                        .help(help),
                );
                None
            }
        }
    }

    /// The schema in a file.
    fn schema(&self, path: &str) -> Result<Json, Unusable> {
        let relative = "paths are relative to the spec's folder";
        if path.is_empty() || path.starts_with('/') {
            return Err(Unusable::new("not a relative path", relative));
        }
        let bytes = self.loader.read(path).map_err(|error| {
            let file = self.beside_spec(path);
            Unusable::new(format!("`{file}` {}", reason(&error)), relative)
        })?;
        if bytes.len() > LARGEST_SCHEMA {
            let label = format!("larger than {} MiB", LARGEST_SCHEMA >> 20);
            return Err(Unusable::new(label, "describe the body in fewer words"));
        }
        let schema: Json = serde_json::from_slice(&bytes).map_err(|error| {
            let help = "a body schema is a JSON file";
            Unusable::new(format!("not valid JSON: {error}"), help)
        })?;
        let Some(object) = schema.as_object() else {
            let help = "the file must hold one JSON object, such as {\"type\": \"object\"}";
            return Err(Unusable::new("not a JSON object", help));
        };
        if let Some(dialect) = object.get("$schema").and_then(Json::as_str)
            && !dialect.contains("draft-04")
        {
            let label = format!("API Gateway reads draft-04, this is {dialect}");
            let help = "write \"$schema\": \"http://json-schema.org/draft-04/schema#\"";
            return Err(Unusable::new(label, help));
        }
        if !RESTRICTING.iter().any(|word| object.contains_key(*word)) {
            let help = "say what a body must hold: \"type\", \"required\", \"properties\"";
            return Err(Unusable::new("any body would pass it", help));
        }
        Ok(schema)
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
                    .help("add `quota = { requests = 100_000, period = \"month\" }`"),
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
