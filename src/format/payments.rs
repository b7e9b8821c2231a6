//! `[payments]`, `[migration]` and `[state]`.

use super::database::PERCENT;
use super::forms::{KEBAB, SUFFIX};
use super::prelude::*;

/// Of the currency with the smallest unit; the rule `invalid-currency` knows the limit of each.
const AMOUNT: Range = Range::new(
    1,
    99_999_999_999_999,
    "ten digits before the decimal point, and four behind it",
);

const MERCHANT: &str = "^mer_[A-Za-z0-9]{6,32}$";

/// A subject by RFC 2253, without the blanks after commas that other tools print: it is compared as text. So is an issuer's.
const SUBJECT: &str = "^[A-Za-z0-9.-]+=([^ ,+\\\\]|\\\\.)([^,+\\\\]|\\\\.)*([,+][A-Za-z0-9.-]+=([^ ,+\\\\]|\\\\.)([^,+\\\\]|\\\\.)*)*$";

const SNAPSHOT: &str = "^arn:aws:rds:us-east-1:[0-9]{12}:snapshot:[A-Za-z][A-Za-z0-9:-]*$";

table! {
    "payments", "Payments", "What the built-in functions accept, and their reference data.", RawPayments => PaymentsSettings;

    own velocity: table(RawVelocity);

    key idempotency_hours: number default(24, "clients give up repeating a request within a day"),
        "Idempotency", "How long the answer to an `Idempotency-Key` is repeated.",
        unit("hours"), range(1, 168, "an hour to repeat a request, and a week at most"), serves("FN-1");

    key expected_per_month: number optional,
        "Expected payments", "How many payments a month `environment.monthly_budget_usd` must bear; left out, only what is due without traffic is held against it.",
        unit("payments"), range(1, 1_000_000_000, "a thousand million a month, about 400 a second"), examples(&["1000000"]);

    key alarm_rejection_percent: number default(25, "a shop's customers err now and then; every fourth payment is a pattern"),
        "Alarm: rejections", "Tells people when more payments than this are rejected.", unit("percent"), within(PERCENT), serves("MON-5");

    key alarm_outbox_age_seconds: number default(600, "ten runs of a relay that runs each minute"),
        "Alarm: outbox", "Tells people when an audit record waits for its delivery for longer.",
        unit("seconds"), range(60, 86_400, "a run of the relay at least, and a day at most"), serves("MON-5");

    own currencies: entries(RawCurrency),
        "Currencies", "By code of ISO 4217; left out, thirteen of them with limits near 10,000 US dollars.", names(|| "^[A-Z]{3}$".to_owned());

    own merchants: entries(RawMerchant),
        "Merchants", "Reference data, by id: migrations bring it into the database. A merchant that leaves the spec is suspended there, never deleted.", names(|| MERCHANT.to_owned());
}

table! {
    "payments.velocity", "Velocity", "How many payments of one merchant are accepted in any span of so many seconds.", RawVelocity => Velocity;

    key payments: number default(600, "ten a second of one merchant, sustained, is more than a shop sells"),
        "Payments", "The most of one merchant in the span.", unit("payments"), range(1, 1_000_000, "a limit of nothing accepts no payment"), serves("FN-1");

    key seconds: number default(60, "short enough that a burst is over soon"),
        "Span", "In which they are counted.", unit("seconds"), range(1, 3_600, "longer spans make every payment slow"), serves("FN-1");
}

table! {
    "payments.currencies.*", "A currency", "And what one payment in it may be.", RawCurrency => CurrencySettings;

    key minimum: number default(1, "nothing is too small unless the spec says so"),
        "Least amount", "Of one payment.", unit("minor units"), within(AMOUNT), examples(&["50"]), serves("FN-1");

    key maximum: number required(1_000_000),
        "Greatest amount", "Of one payment.", unit("minor units"), within(AMOUNT);
}

table! {
    "payments.merchants.*", "A merchant", "Payments of one that is not active are rejected.", RawMerchant => MerchantSettings;

    own renamed_from: text,
        "Former id", "The id that the merchant had. Migrations close that id: it keeps its payments and accepts no new ones. The merchant's callers can still read them.",
        form(MERCHANT), examples(&["mer_acme0000"]);

    own plan: text,
        "Usage plan", "The plan whose API keys are the merchant's: requests with them are its requests, and no others through the API. A merchant that is the only one, but for closed ones, has all keys that no other names, if it names none.",
        form(KEBAB), examples(&["partner"]), serves("API-4");

    own keys: texts,
        "API keys", "Names of API keys that are the merchant's, where those of a plan belong to several.",
        form(KEBAB), distinct(), examples(&["partner-one"]), serves("API-4");

    own subject: text,
        "Certificate's subject", "Of the client certificate with which the merchant comes through the load balancer, by RFC 2253. It counts where `load_balancer.clients` verifies certificates.",
        form(SUBJECT), examples(&["CN=acme,O=Acme"]), serves("LB-2");

    own issuers: texts,
        "Issuers", "Authorities of `load_balancer.clients` whose certificates with this subject are the merchant's, by their own subjects as RFC 2253 writes them; left out, those of every authority of the file. What counts is who signed the client's certificate itself: where that is an intermediate authority, it stands in the file and here.",
        form(SUBJECT), distinct(), examples(&["CN=payments clients,O=Example Payments"]), serves("LB-2");

    key status: text default("active", "one names a merchant to let it sell"),
        "Status", "Whether the merchant may sell. Of one that may not, payments are answered as rejected (`merchant_not_active`), and earlier ones can still be read. A status that is set by hand in the database stays until the spec says something else of the merchant than before.", choices(&["active", "suspended", "closed"]);
}

table! {
    "migration", "Migration", "How the database comes from development.", RawMigration => Migration;

    key snapshot: text optional,
        "Snapshot", "ARN of the snapshot that the database is made from, copied under the environment's own key first. It counts when the database is made, and never after. Left out, the database begins empty.",
        form(SNAPSHOT), examples(&["arn:aws:rds:us-east-1:123456789012:snapshot:payments-dev"]);
}

table! {
    "output", "Output", "Where the generated project is written.", RawOutput => Output;

    key folder: text default("generated", "where the committed project of staging lies"),
        "Folder", "Beside the folder of the spec: `spec/production.toml` with `folder = \"production\"` is written to `production/`. A folder holds one environment, and refuses another; `--out` names another one for once.",
        form(FOLDER), examples(&["production"]);
}

/// The form of a folder's name.
const FOLDER: &str = "^[a-z0-9]+([-_.][a-z0-9]+)*$";

table! {
    "state", "State", "Where Pulumi keeps what it knows of the deployed resources.", RawState => StateSettings;

    own backend: text,
        "Backend", "`local`, `s3` with `bucket` and `kms_key`, or `pulumi-cloud` with `organization`.",
        default(Plain::text("local"), "needs no account; a team should choose a shared one"), choices(&["local", "s3", "pulumi-cloud"]);

    own bucket: text,
        "Bucket", "Of the backend `s3`.", form("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"), examples(&["our-pulumi-state"]);

    own kms_key: text,
        "KMS key", "Of the backend `s3`: encrypts the secrets in the state.", form("^(alias/|arn:aws:kms:).+$"),
        examples(&["alias/pulumi-state"]), model("arn:aws:kms:us-east-1:123456789012:alias/pulumi-state");

    own organization: text,
        "Organization", "Of the backend `pulumi-cloud`.", form(SUFFIX), examples(&["our-organization"]);
}
