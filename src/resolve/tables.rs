//! The tables without names of the author's: environment, network, database and the small ones.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::addresses;
use super::choices;
use super::defaults as default;
use super::environment::{
    Audit, Database, Firewall, Keys, Monitoring, Network, State, Subscriber, Tracing, Zone,
};
use super::resolver::{Resolver, STAND_IN, members, place};
use crate::catalogue::instance_class;
use crate::diagnostic::{Code, Diagnostic};
use crate::origin::{Origin, Value};
use crate::spec::{
    Header, RawAudit, RawDatabase, RawEnvironment, RawFirewall, RawKeys, RawMonitoring, RawNetwork,
    RawState, RawTracing,
};

/// The only version of the format.
pub const VERSION: u32 = 1;

/// Share of the database's connections at which people are told, percent.
const CONNECTIONS_ALARM_PERCENT: u32 = 80;

/// `[environment]`, whose keys stand at the top of `Environment`.
pub struct Identity {
    pub name: Value<String>,
    pub region: Value<String>,
    pub suffix: Value<String>,
    pub migration_date: Value<String>,
    pub owner: Value<String>,
    pub real_card_data: Value<bool>,
    pub monthly_budget_usd: Option<Value<u32>>,
    pub allowed_account_ids: Vec<Value<String>>,
}

impl Resolver<'_> {
    pub fn version(&mut self, written: Option<Value<u32>>, header: &Header) {
        let version = self.required(written, header, "version", "1", VERSION);
        if version.value != VERSION {
            let (_, span) = place(&version.origin);
            let message = format!("version {} of the format is unknown", version.value);
            self.problems.push(
                Diagnostic::error(Code::UnsupportedVersion, span, message)
                    .label(format!("this compiler reads version {VERSION}"))
                    .help(format!(
                        "write `version = {VERSION}`, or use a newer compiler"
                    ))
                    .replace_with(VERSION.to_string()),
            );
        }
    }

    pub fn environment(&mut self, raw: RawEnvironment) -> Identity {
        let RawEnvironment {
            header,
            name,
            region,
            suffix,
            migration_date,
            owner,
            real_card_data,
            monthly_budget_usd,
            allowed_account_ids,
        } = raw;
        self.require_table(
            &header,
            "`name`, `migration_date`, `owner`, `real_card_data`",
        );
        let text = |text: &str| text.to_owned();
        Identity {
            name: self.required(name, &header, "name", "\"staging\"", text("staging")),
            region: default::ENVIRONMENT_REGION.unless_text(region),
            suffix: default::ENVIRONMENT_SUFFIX.unless_text(suffix),
            migration_date: self.required(
                migration_date,
                &header,
                "migration_date",
                "2026-12-01",
                text("2026-12-01"),
            ),
            owner: self.required(
                owner,
                &header,
                "owner",
                "\"payments-platform\"",
                text("owner"),
            ),
            real_card_data: self.required(
                real_card_data,
                &header,
                "real_card_data",
                "false",
                false,
            ),
            monthly_budget_usd,
            allowed_account_ids: members(allowed_account_ids),
        }
    }

    pub fn network(&mut self, raw: RawNetwork) -> Network {
        let RawNetwork {
            header,
            cidr,
            zones,
        } = raw;
        self.require_table(&header, "`cidr` and `zones`");
        let stand_in = ["use1-az1", "use1-az2", "use1-az4"]
            .map(|id| Value::new(id.to_owned(), STAND_IN))
            .to_vec();
        let zones = self.required(
            zones,
            &header,
            "zones",
            "[\"use1-az1\", \"use1-az2\", \"use1-az4\"]",
            stand_in,
        );
        let text = self.required(cidr, &header, "cidr", "\"10.40.0.0/16\"", String::new());
        let harmless = || Value::new(harmless_range(), STAND_IN);
        let cidr = if text.origin == STAND_IN {
            harmless()
        } else {
            self.cidr(text).unwrap_or_else(harmless)
        };
        let zones = zones.value.into_iter().map(|id| zone(&cidr, id)).collect();
        Network { cidr, zones }
    }

    pub fn database(&mut self, raw: RawDatabase) -> Database {
        let RawDatabase {
            header,
            version,
            extended_support,
            instance_class,
            storage_gib,
            max_storage_gib,
            backup_retention_days,
            backup_window,
            maintenance_window,
            name,
            master_username,
            application_username,
            alarm_free_storage_gib,
            alarm_cpu_percent,
            alarm_connections,
        } = raw;
        self.require_table(&header, "`instance_class` and `storage_gib`");
        let class = "db.t4g.medium";
        let instance_class = self.required(
            instance_class,
            &header,
            "instance_class",
            "\"db.t4g.medium\"",
            class.to_owned(),
        );
        let alarm_connections =
            alarm_connections.unwrap_or_else(|| connections_alarm(&instance_class));
        Database {
            version: default::DATABASE_VERSION.unless_text(version),
            extended_support: default::DATABASE_EXTENDED_SUPPORT.unless(extended_support),
            instance_class,
            storage_gib: self.required(storage_gib, &header, "storage_gib", "20", 20),
            max_storage_gib: default::DATABASE_MAX_STORAGE_GIB.unless(max_storage_gib),
            backup_retention_days: default::DATABASE_BACKUP_RETENTION_DAYS
                .unless(backup_retention_days),
            backup_window: default::DATABASE_BACKUP_WINDOW.unless_text(backup_window),
            maintenance_window: default::DATABASE_MAINTENANCE_WINDOW
                .unless_text(maintenance_window),
            name: default::DATABASE_NAME.unless_text(name),
            master_username: default::DATABASE_MASTER_USERNAME.unless_text(master_username),
            application_username: default::DATABASE_APPLICATION_USERNAME
                .unless_text(application_username),
            alarm_free_storage_gib: default::DATABASE_ALARM_FREE_STORAGE_GIB
                .unless(alarm_free_storage_gib),
            alarm_cpu_percent: default::DATABASE_ALARM_CPU_PERCENT.unless(alarm_cpu_percent),
            alarm_connections,
        }
    }

    pub fn audit(&mut self, raw: RawAudit) -> Audit {
        let RawAudit { retention_days } = raw;
        Audit {
            retention_days: default::AUDIT_RETENTION_DAYS.unless(retention_days),
        }
    }

    pub fn monitoring(&mut self, raw: RawMonitoring) -> Monitoring {
        let RawMonitoring {
            header: _,
            log_retention_days,
            notify,
        } = raw;
        let notify = members(notify)
            .into_iter()
            .filter_map(|text| self.subscriber(text))
            .collect();
        Monitoring {
            log_retention_days: default::MONITORING_LOG_RETENTION_DAYS.unless(log_retention_days),
            notify,
        }
    }

    fn subscriber(&mut self, written: Value<String>) -> Option<Value<Subscriber>> {
        let text = &written.value;
        let (protocol, endpoint) = if text.starts_with("https://") {
            ("https", text.as_str())
        } else if let Some(address) = text.strip_prefix("email:") {
            ("email", address)
        } else {
            let (key, span) = place(&written.origin);
            let address = text.rsplit(':').next().unwrap_or(text).trim();
            let right = address.contains('@').then(|| format!("email:{address}"));
            self.problems.mark_unusable("monitoring.notify");
            let told = Diagnostic::error(
                Code::InvalidSubscriber,
                span,
                format!("`{key}` is no subscriber"),
            )
            .label("begins with neither `email:` nor `https://`");
            self.problems.push(match right {
                Some(right) => told.write_text(&right),
                None => told.help("an address behind `email:`, or the address of a web hook"),
            });
            return None;
        };
        let subscriber = Subscriber {
            protocol: protocol.to_owned(),
            endpoint: endpoint.to_owned(),
        };
        Some(Value::new(subscriber, written.origin))
    }

    pub fn keys(&mut self, raw: RawKeys) -> Keys {
        let RawKeys {
            deletion_window_days,
            rotation_days,
        } = raw;
        Keys {
            deletion_window_days: default::KEYS_DELETION_WINDOW_DAYS.unless(deletion_window_days),
            rotation_days: default::KEYS_ROTATION_DAYS.unless(rotation_days),
        }
    }

    pub fn tracing(&mut self, raw: RawTracing) -> Tracing {
        let RawTracing { sampling_percent } = raw;
        Tracing {
            sampling_percent: default::TRACING_SAMPLING_PERCENT.unless(sampling_percent),
        }
    }

    pub fn firewall(&mut self, raw: RawFirewall) -> Firewall {
        let RawFirewall {
            enabled,
            requests_per_five_minutes,
        } = raw;
        Firewall {
            enabled: default::FIREWALL_ENABLED.unless(enabled),
            requests_per_five_minutes: default::FIREWALL_REQUESTS_PER_FIVE_MINUTES
                .unless(requests_per_five_minutes),
        }
    }

    pub fn state(&mut self, raw: RawState) -> State {
        let RawState {
            header,
            backend,
            bucket,
            kms_key,
            organization,
        } = raw;
        let backend = self.choice(backend, choices::BACKENDS);
        if self.problems.is_unusable("state.backend") {
            return State::Local;
        }
        let backend = default::STATE_BACKEND.unless_text(backend);
        let text = String::new;
        match backend.value.as_str() {
            "s3" => {
                self.not_for(&backend.value, "organization", organization);
                let key = "\"arn:aws:kms:us-east-1:123456789012:alias/pulumi-state\"";
                State::S3 {
                    bucket: self.required(
                        bucket,
                        &header,
                        "bucket",
                        "\"our-pulumi-state\"",
                        text(),
                    ),
                    kms_key: self.required(kms_key, &header, "kms_key", key, text()),
                }
            }
            "pulumi-cloud" => {
                self.not_for(&backend.value, "bucket", bucket);
                self.not_for(&backend.value, "kms_key", kms_key);
                let example = "\"our-organization\"";
                State::PulumiCloud {
                    organization: self.required(
                        organization,
                        &header,
                        "organization",
                        example,
                        text(),
                    ),
                }
            }
            _ => {
                self.not_for(&backend.value, "bucket", bucket);
                self.not_for(&backend.value, "kms_key", kms_key);
                self.not_for(&backend.value, "organization", organization);
                State::Local
            }
        }
    }

    /// Reports a key of `[state]` that has no meaning for the chosen backend.
    fn not_for(&mut self, backend: &str, key: &str, written: Option<Value<String>>) {
        let Some(written) = written else { return };
        let (path, span) = place(&written.origin);
        let owner = if key == "organization" {
            "pulumi-cloud"
        } else {
            "s3"
        };
        self.problems.push(
            Diagnostic::error(
                Code::StateBackend,
                span,
                format!("`{path}` has no meaning for the backend \"{backend}\""),
            )
            .label(format!("only \"{owner}\" has it"))
            .help(format!("remove it, or write `backend = \"{owner}\"`")),
        );
    }
}

/// What the VPC's range is taken for while the one that was written has an error.
fn harmless_range() -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 16)
}

/// Slot and addresses follow from the zone's id. An id or a range that gives none is reported by a rule.
fn zone(vpc: &Value<Ipv4Net>, id: Value<String>) -> Zone {
    let slot = addresses::slot(&id.value).unwrap_or(1);
    let (public, private) = addresses::subnets(vpc.value, slot)
        .or_else(|| addresses::subnets(harmless_range(), 1))
        .unwrap_or((harmless_range(), harmless_range()));
    let zone_key = match &id.origin {
        Origin::Spec { key, .. } => key.clone(),
        _ => "network.zones".to_owned(),
    };
    let derived = |cidr| {
        let from = vec!["network.cidr".to_owned(), zone_key.clone()];
        Value::new(cidr, Origin::Derived(from))
    };
    Zone {
        public_cidr: derived(public),
        private_cidr: derived(private),
        id,
    }
}

/// RDS sets `max_connections` for PostgreSQL to `LEAST(DBInstanceClassMemory/9531392, 5000)` (the default parameter group);
/// people are told well before connections are refused.
fn connections_alarm(class: &Value<String>) -> Value<u32> {
    let most = instance_class(&class.value).map_or(100, |class| class.max_connections());
    let derived = Origin::Derived(vec!["database.instance_class".to_owned()]);
    Value::new((most * CONNECTIONS_ALARM_PERCENT / 100).max(1), derived)
}
