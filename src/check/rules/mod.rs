//! The rules, a file each. To add one: write the file, add its code to `diagnostic::Code`, list it here, add a case of
//! the same name to `tests/diagnostics/`, and print `docs/rules.md` anew (`make generate`).

use super::Rule;
use crate::diagnostic::Code;

mod authority_expiry;
mod backup_copy;
mod body_schema;
mod builtin_uses;
mod burst_below_rate;
mod cidr_not_canonical;
mod cidr_not_private;
mod cidr_overlap;
mod cidr_size;
mod closed_argument;
mod conflicting_routes;
mod database_connections;
mod default_quotas;
mod duplicate_name;
mod duplicate_priority;
mod duplicate_zone;
mod elastic_ips;
mod engine_end_of_support;
mod everybody_allowed;
mod expired_override;
mod expired_waiver;
mod files_left_out;
mod function_concurrency;
mod function_entry;
mod function_library;
mod function_packages;
mod function_source;
mod function_syntax;
mod function_timeout;
mod id_in_path;
mod incomplete_plan;
mod invalid_authority;
mod invalid_base;
mod invalid_caller;
mod invalid_certificate;
mod invalid_choice;
mod invalid_cidr;
mod invalid_consumer;
mod invalid_currency;
mod invalid_domain;
mod invalid_extension;
mod invalid_key;
mod invalid_merchant;
pub mod invalid_method;
mod invalid_name;
mod invalid_override;
mod invalid_parameter;
mod invalid_path;
mod invalid_removal;
mod invalid_rename;
mod invalid_schedule;
mod invalid_snapshot;
mod invalid_subscriber;
mod invalid_tag;
mod invalid_variable;
mod invalid_waiver;
mod invalid_window;
mod misnamed_environment;
mod missing_key;
mod name_too_long;
mod needless_override;
mod newer_engine_version;
mod no_caller;
mod no_function;
mod no_merchant;
mod no_migration;
mod no_route;
mod nobody_allowed;
mod nobody_to_tell;
mod not_of_class;
mod one_way_to_tell;
mod open_route;
pub mod out_of_range;
mod over_budget;
mod plan_above_stage;
mod queue_timeout;
mod real_card_data;
mod refused_by_aws;
mod repeated_value;
pub mod requirement_switched_off;
mod runtime_end_of_support;
mod secret_in_source;
mod secret_in_variable;
mod several_authorities;
mod shadowed_route;
mod short_support;
mod stale_override;
mod state_backend;
mod storage_ceiling;
mod toml_syntax;
mod too_large;
mod too_many_networks;
mod unauthenticated_route;
mod undeclared_use;
mod unknown_argument;
mod unknown_builtin;
mod unknown_engine_version;
mod unknown_function;
mod unknown_instance_class;
mod unknown_key;
mod unknown_module;
mod unknown_resource;
mod unknown_runtime;
mod unknown_zone;
mod unportable_path;
mod unreachable_limit;
mod unreachable_range;
mod unstated_loss;
mod unsupported_version;
mod unused_declaration;
mod unused_function;
mod unused_waiver;
mod unvalidated_body;
mod unwatched_secret;
mod wrong_type;
mod zone_count;

/// Every rule, in the order of the documentation: that of `Code::ALL`.
pub const RULES: &[&Rule] = &[
    &toml_syntax::RULE,
    &too_large::RULE,
    &unknown_key::RULE,
    &missing_key::RULE,
    &wrong_type::RULE,
    &unsupported_version::RULE,
    &invalid_base::RULE,
    &repeated_value::RULE,
    &requirement_switched_off::RULE,
    &not_of_class::RULE,
    &real_card_data::RULE,
    &invalid_choice::RULE,
    &invalid_name::RULE,
    &misnamed_environment::RULE,
    &invalid_tag::RULE,
    &invalid_key::RULE,
    &duplicate_name::RULE,
    &invalid_rename::RULE,
    &invalid_removal::RULE,
    &unstated_loss::RULE,
    &name_too_long::RULE,
    &unportable_path::RULE,
    &out_of_range::RULE,
    &refused_by_aws::RULE,
    &over_budget::RULE,
    &invalid_cidr::RULE,
    &invalid_currency::RULE,
    &invalid_merchant::RULE,
    &cidr_not_canonical::RULE,
    &cidr_size::RULE,
    &cidr_not_private::RULE,
    &cidr_overlap::RULE,
    &zone_count::RULE,
    &unknown_zone::RULE,
    &duplicate_zone::RULE,
    &elastic_ips::RULE,
    &default_quotas::RULE,
    &unknown_engine_version::RULE,
    &newer_engine_version::RULE,
    &engine_end_of_support::RULE,
    &short_support::RULE,
    &unknown_instance_class::RULE,
    &database_connections::RULE,
    &storage_ceiling::RULE,
    &invalid_window::RULE,
    &backup_copy::RULE,
    &function_source::RULE,
    &function_syntax::RULE,
    &function_entry::RULE,
    &function_library::RULE,
    &function_packages::RULE,
    &unknown_module::RULE,
    &files_left_out::RULE,
    &secret_in_source::RULE,
    &invalid_variable::RULE,
    &secret_in_variable::RULE,
    &unknown_builtin::RULE,
    &unknown_runtime::RULE,
    &runtime_end_of_support::RULE,
    &unused_function::RULE,
    &function_timeout::RULE,
    &function_concurrency::RULE,
    &unknown_function::RULE,
    &undeclared_use::RULE,
    &unused_declaration::RULE,
    &unwatched_secret::RULE,
    &queue_timeout::RULE,
    &invalid_consumer::RULE,
    &no_function::RULE,
    &no_merchant::RULE,
    &invalid_caller::RULE,
    &no_caller::RULE,
    &no_migration::RULE,
    &no_route::RULE,
    &invalid_method::RULE,
    &invalid_path::RULE,
    &invalid_schedule::RULE,
    &invalid_snapshot::RULE,
    &conflicting_routes::RULE,
    &open_route::RULE,
    &id_in_path::RULE,
    &body_schema::RULE,
    &unvalidated_body::RULE,
    &builtin_uses::RULE,
    &invalid_parameter::RULE,
    &incomplete_plan::RULE,
    &burst_below_rate::RULE,
    &plan_above_stage::RULE,
    &unreachable_limit::RULE,
    &invalid_certificate::RULE,
    &invalid_domain::RULE,
    &invalid_authority::RULE,
    &authority_expiry::RULE,
    &several_authorities::RULE,
    &unauthenticated_route::RULE,
    &nobody_allowed::RULE,
    &too_many_networks::RULE,
    &everybody_allowed::RULE,
    &unreachable_range::RULE,
    &duplicate_priority::RULE,
    &shadowed_route::RULE,
    &nobody_to_tell::RULE,
    &one_way_to_tell::RULE,
    &invalid_subscriber::RULE,
    &state_backend::RULE,
    &invalid_waiver::RULE,
    &expired_waiver::RULE,
    &unused_waiver::RULE,
    &invalid_override::RULE,
    &unknown_resource::RULE,
    &unknown_argument::RULE,
    &closed_argument::RULE,
    &stale_override::RULE,
    &needless_override::RULE,
    &expired_override::RULE,
    &invalid_extension::RULE,
];

/// The rules that no function here applies, with the file below `src/` that does.
pub const ELSEWHERE: &[(Code, &str)] = &[
    (Code::TomlSyntax, "spec/syntax/mender.rs"),
    (Code::UnknownKey, "spec/reader.rs"),
    (Code::MissingKey, "resolve/resolver.rs"),
    (Code::WrongType, "spec/reader.rs"),
    (Code::UnsupportedVersion, "resolve/tables.rs"),
    (Code::InvalidBase, "spec/based.rs"),
    (Code::RepeatedValue, "spec/based.rs"),
    (Code::InvalidChoice, "resolve/resolver.rs"),
    (Code::UnstatedLoss, "compare/unstated.rs"),
    (Code::NameTooLong, "judge/names.rs"),
    (Code::RefusedByAws, "judge/models.rs"),
    (Code::OverBudget, "judge/budget.rs"),
    (Code::InvalidCidr, "resolve/resolver.rs"),
    (Code::DefaultQuotas, "judge/quotas.rs"),
    (Code::FunctionSource, "resolve/functions.rs"),
    (Code::InvalidAuthority, "resolve/load_balancer.rs"),
    (Code::InvalidWaiver, "check/waivers.rs"),
    (Code::ExpiredWaiver, "check/waivers.rs"),
    (Code::UnusedWaiver, "check/waivers.rs"),
    (Code::UnknownResource, "judge/overrides/place.rs"),
    (Code::UnknownArgument, "judge/overrides/argument.rs"),
    (Code::ClosedArgument, "judge/overrides/argument.rs"),
    (Code::StaleOverride, "judge/overrides/argument.rs"),
    (Code::NeedlessOverride, "judge/overrides/argument.rs"),
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{ELSEWHERE, RULES};
    use crate::diagnostic::Code;

    #[test]
    fn the_logic_of_each_rule_is_where_it_is_said_to_be() {
        let without: Vec<Code> = RULES
            .iter()
            .filter(|rule| rule.check.is_none())
            .map(|rule| rule.code)
            .collect();
        let listed: Vec<Code> = ELSEWHERE.iter().map(|(code, _)| *code).collect();
        assert_eq!(listed, without);
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for (code, file) in ELSEWHERE {
            let text = fs::read_to_string(source.join(file)).unwrap();
            assert!(
                text.contains(&format!("Code::{code:?}")),
                "{file}: {code:?}"
            );
        }
    }
}
