//! The tables without names of the author's: environment, network, database and the small ones.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::addresses;
use super::environment::{Backend, Database, Monitoring, Network, State, Subscriber, Zone};
use super::resolver::{Resolver, STAND_IN, members, place};
use crate::catalogue::instance_class;
use crate::diagnostic::{Code, Diagnostic};
use crate::format::{
    Fill as _, Header, Identity, RawDatabase, RawEnvironment, RawMonitoring, RawNetwork, RawSpec,
    RawState, VERSION, Written as _,
};
use crate::origin::{Origin, Value};

/// Share of the database's connections at which people are told, percent.
const CONNECTIONS_ALARM_PERCENT: u64 = 80;

impl Resolver<'_> {
    pub fn version(&mut self, written: Option<Value<u64>>, header: &Header) {
        let version = self.required(written, header, &RawSpec::version, VERSION);
        if version.value != VERSION {
            let (_, span) = place(&version.origin);
            let message = format!("unknown version {} of the format", version.value);
            self.problems.push(
                Diagnostic::error(Code::UnsupportedVersion, span, message)
                    .label(format!("this compiler supports version {VERSION}"))
                    .help(format!(
                        "write `version = {VERSION}`, or use a newer compiler"
                    ))
                    .replace_with(VERSION.to_string()),
            );
        }
    }

    pub fn environment(&mut self, mut raw: RawEnvironment) -> Identity {
        self.require_table(&raw.header, &RawEnvironment::TABLE);
        raw.settings(self)
    }

    pub fn network(&mut self, mut raw: RawNetwork) -> Network {
        self.require_table(&raw.header, &RawNetwork::TABLE);
        let settings = raw.settings(self);
        let stand_in = RawNetwork::zones.examples;
        let stand_in = stand_in
            .iter()
            .map(|&id| Value::new(id.to_owned(), STAND_IN));
        let stand_in = stand_in.collect();
        let zones = self.required(raw.zones, &raw.header, &RawNetwork::zones, stand_in);
        let text = self.required(raw.cidr, &raw.header, &RawNetwork::cidr, String::new());
        let harmless = || Value::new(harmless_range(), STAND_IN);
        let cidr = if text.origin == STAND_IN {
            harmless()
        } else {
            self.cidr(text).unwrap_or_else(harmless)
        };
        let zone_settings = raw.zone_settings;
        let former = |id: &Value<String>| {
            let mut set = zone_settings.iter();
            let set = set.find(|set| set.name.value == id.value)?;
            set.table.renamed_from.clone()
        };
        let zones = zones.value.into_iter();
        let zones = zones.map(|id| Zone {
            renamed_from: former(&id),
            ..zone(&cidr, id)
        });
        Network {
            zones: zones.collect(),
            cidr,
            set_zones: zone_settings.into_iter().map(|set| set.name).collect(),
            settings,
        }
    }

    pub fn database(&mut self, mut raw: RawDatabase) -> Database {
        self.require_table(&raw.header, &RawDatabase::TABLE);
        let settings = raw.settings(self);
        let alarm_connections = raw
            .alarm_connections
            .unwrap_or_else(|| connections_alarm(&settings.instance_class));
        let mut vault = raw.backup_vault;
        let backup_vault = vault.header.present.then(|| vault.settings(self));
        Database {
            settings,
            alarm_connections,
            backup_vault,
        }
    }

    pub fn monitoring(&mut self, mut raw: RawMonitoring) -> Monitoring {
        let settings = raw.settings(self);
        let notify = members(raw.notify)
            .into_iter()
            .filter_map(|text| self.subscriber(text))
            .collect();
        Monitoring { settings, notify }
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
                format!("`{key}` is not a subscriber"),
            )
            .label("begins with neither `email:` nor `https://`");
            self.problems.push(match right {
                Some(right) => told.write_text(&right),
                None => told.help("write an address after `email:`, or an https URL"),
            });
            return None;
        };
        let subscriber = Subscriber {
            protocol: protocol.to_owned(),
            endpoint: endpoint.to_owned(),
        };
        Some(Value::new(subscriber, written.origin))
    }

    pub fn state(&mut self, mut raw: RawState) -> State {
        State {
            settings: raw.settings(self),
            backend: self.backend(raw),
        }
    }

    fn backend(&mut self, raw: RawState) -> Backend {
        let backend = self.chosen(raw.backend, &RawState::backend);
        if self.problems.is_unusable("state.backend") {
            return Backend::Local;
        }
        let backend = RawState::backend.or_default_text(backend);
        let (header, text) = (&raw.header, String::new);
        match backend.value.as_str() {
            "s3" => {
                self.not_for(&backend.value, "organization", raw.organization);
                Backend::S3 {
                    bucket: self.required(raw.bucket, header, &RawState::bucket, text()),
                    kms_key: self.required(raw.kms_key, header, &RawState::kms_key, text()),
                }
            }
            "pulumi-cloud" => {
                self.not_for(&backend.value, "bucket", raw.bucket);
                self.not_for(&backend.value, "kms_key", raw.kms_key);
                let key = &RawState::organization;
                Backend::PulumiCloud {
                    organization: self.required(raw.organization, header, key, text()),
                }
            }
            _ => {
                self.not_for(&backend.value, "bucket", raw.bucket);
                self.not_for(&backend.value, "kms_key", raw.kms_key);
                self.not_for(&backend.value, "organization", raw.organization);
                Backend::Local
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
                format!("`{path}` does not apply to the backend \"{backend}\""),
            )
            .label(format!("a key of the backend \"{owner}\""))
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
        renamed_from: None,
        id,
    }
}

/// RDS sets `max_connections` for PostgreSQL to `LEAST(DBInstanceClassMemory/9531392, 5000)` (the default parameter group);
/// people are told well before connections are refused.
fn connections_alarm(class: &Value<String>) -> Value<u64> {
    let most = instance_class(&class.value).map_or(100, |class| class.max_connections());
    let derived = Origin::Derived(vec!["database.instance_class".to_owned()]);
    Value::new((most * CONNECTIONS_ALARM_PERCENT / 100).max(1), derived)
}
