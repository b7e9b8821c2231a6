//! `[api]`: the stage, its routes and its usage plans.

use super::database::PERCENT;
use super::forms::{KEBAB, RELATIVE};
use super::prelude::*;
use super::services::LONGEST_LOGS;

pub const RATE: Range = Range::new(1, 10_000, "an account's quota for all its APIs");
pub const BURST: Range = Range::new(1, 5_000, "an account's quota for all its APIs");
/// A 32-bit integer with a sign: botocore's `QuotaSettings`.
pub const QUOTA: Range = Range::new(1, 2_147_483_647, "what API Gateway counts");

/// What a route begins with.
pub const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// A route, as far as one form tells it.
const ROUTE: &str = "^(DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /[A-Za-z0-9._:{}+/-]+$";

const PARAMETER: &str = "^[A-Za-z0-9_.-]+$";

/// Policies for regional APIs that refuse TLS 1.1 and older.
const TLS_POLICIES: &[&str] = &[
    "SecurityPolicy_TLS13_1_3_2025_09",
    "SecurityPolicy_TLS13_1_3_FIPS_2025_09",
    "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_2021_06",
];

table! {
    "api", "API", "The regional REST API, with logs, tracing, validation and keys.", RawApi => ApiSettings;

    own throttle: table(RawThrottle);

    own routes: entries(RawRoute),
        "Routes of the API", "By method and path: `\"POST /payments/validate\"`.", at_least_one(), names(route_names);

    own plans: entries(RawPlan),
        "Usage plans", "By name: who may send how much. A route that requires a key needs one.", names(|| KEBAB.to_owned());

    key tls_policy: text default("SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09", "TLS 1.3, or 1.2 with forward secrecy and authenticated encryption only"),
        "TLS policy", "What clients may speak.", choices(TLS_POLICIES), serves("API-1");

    key manage_account_role: flag default(true, "without the account's role API Gateway writes no logs; false where another stack sets it"),
        "Manage the account's role", "Whether this stack sets the role with which API Gateway writes logs; one for a whole account.", serves("API-6");

    key log_retention_days: number optional,
        "Retention of the API's logs", "How long access and execution logs are kept, where they are needed for longer than other logs. Left out, `monitoring.log_retention_days`.",
        unit("days"), at_most_within(1, LONGEST_LOGS), examples(&["365"]), serves("MON-1");

    key alarm_4xx_percent: number default(10, "clients err now and then; every tenth request is a pattern"),
        "Alarm: client errors", "Tells people when more requests than this are refused.", unit("percent"), within(PERCENT), serves("MON-4");

    key alarm_5xx_percent: number default(1, "our own errors are never normal"),
        "Alarm: own errors", "Tells people when more requests than this fail.", unit("percent"), within(PERCENT), serves("MON-4");
}

table! {
    "api.throttle", "Throttle of the stage", "How many requests all clients together may send.", RawThrottle => Throttle;

    key rate_per_second: number default(50, "well over a staging load and under what the database's connections carry"),
        "Rate", "Requests that are taken, sustained.", unit("requests per second"), within(RATE), serves("API-3");

    key burst: number default(100, "two seconds of the default rate"),
        "Burst", "Requests that are taken at once.", unit("requests"), within(BURST), serves("API-3");
}

table! {
    "api.routes.*", "A route of the API", "A method in capitals, a space and a path; parameters of the path stand in braces.", RawRoute => RouteSettings;

    own function: text,
        "Function", "The function that answers, by name.", required(), examples(&["validate-payment"]);

    own body: text,
        "Schema of the body", "A JSON Schema (draft-04) relative to the spec; other bodies are refused before a function runs.",
        form(RELATIVE), examples(&["schemas/payment.json"]);

    own renamed_from: text,
        "Former route", "Method and path that the route had. Path, method and integration are updated in place.",
        form(ROUTE), examples(&["POST /payments/check"]);

    key required_headers: texts optional,
        "Required headers", "A request without one is refused.", form(PARAMETER), distinct(), examples(&["Content-Type"]);

    key required_query: texts optional,
        "Required query parameters", "A request without one is refused.", form(PARAMETER), distinct(), examples(&["payment_id"]);

    key api_key_required: flag default(true, "usage plans act only on requests with a key"),
        "API key required", "Whether a request needs a key of a plan.", serves("API-4");

    key authorization: text default("NONE", "partners hold API keys, not AWS credentials"),
        "Authorization", "`AWS_IAM` takes requests signed with AWS credentials only.", choices(&["NONE", "AWS_IAM"]);
}

table! {
    "api.plans.*", "A usage plan", "Has a quota, a throttle and keys.", RawPlan => PlanSettings;

    own quota: table(RawQuota);
    own throttle: table(RawPlanThrottle);

    own renamed_from: text,
        "Former name", "What the plan was called. The usage plan is updated in place, and so is the API key with the name of the plan: it keeps its value.",
        form(KEBAB), examples(&["shops"]);

    own api_keys: texts,
        "API keys", "Names of the plan's keys. Left out, one with the name of the plan.", form(KEBAB), distinct(), examples(&["partner-one"]);
}

table! {
    "api.plans.*.quota", "Quota", "How many requests its keys may send in a period: `{ requests = 100_000, period = \"month\" }`.", RawQuota => Quota;

    key requests: number required(100_000),
        "Requests", "The most in a period.", unit("requests"), within(QUOTA);

    key period: text required("month"),
        "Period", "After it, counting begins anew.", choices(&["day", "week", "month"]);
}

table! {
    "api.plans.*.throttle", "Throttle of the plan", "At most that of the stage, which it is when left out.", RawPlanThrottle => PlanThrottle;

    key rate_per_second: number optional,
        "Rate", "Requests of a key that are taken, sustained. Left out, that of the stage.", unit("requests per second"), within(RATE), examples(&["20"]);

    key burst: number optional,
        "Burst", "Requests of a key that are taken at once. Left out, that of the stage.", unit("requests"), within(BURST), examples(&["40"]);
}

fn route_names() -> String {
    format!("^({}) /[A-Za-z0-9._:{{}}+/-]+$", METHODS.join("|"))
}
