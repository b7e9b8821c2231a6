//! A zone that does not exist, or that takes no functions.

use crate::catalogue;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::spec::nearest;

pub const RULE: Rule = Rule {
    code: Code::UnknownZone,
    severities: &[Severity::Error],
    what: "The zone id does not exist in us-east-1, or Lambda does not support that zone.",
    why: "\
        Zones are given by id, because the name `us-east-1a` means a different zone in each account. Lambda \
        does not support subnets in use1-az3.",
    wrong: "zones = [\"us-east-1a\", \"use1-az2\", \"use1-az3\"]",
    right: "zones = [\"use1-az1\", \"use1-az2\", \"use1-az4\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for zone in &context.environment.network.zones {
        let Some((_, span)) = written(&zone.id) else {
            continue;
        };
        let id = zone.id.as_str();
        let usable = || {
            catalogue::zones()
                .iter()
                .filter(|zone| zone.lambda)
                .map(|zone| zone.id)
        };
        let list = || usable().collect::<Vec<_>>().join(", ");
        let error = |message: String| Diagnostic::error(Code::UnknownZone, span.clone(), message);
        match catalogue::zone(id) {
            Some(known) if known.lambda => {}
            Some(_) => found.push(
                error(format!("functions cannot run in the zone `{id}`"))
                    .label("Lambda does not support this zone")
                    .help(format!("take three of {}", list())),
            ),
            None if id.starts_with("us-east-1") => found.push(
                error(format!("`{id}` is the name of a zone, not its id"))
                    .label("means a different zone in each account")
                    .help(format!(
                        "take three of {}; `aws ec2 describe-availability-zones` has both",
                        list()
                    )),
            ),
            None => {
                let diagnostic =
                    error(format!("unknown zone `{id}`")).label("not a zone id of us-east-1");
                // Ids differ in one digit, so that the nearest is a guess only where little else differs.
                let guess = nearest(id, usable()).filter(|_| !id.starts_with("use1-az"));
                found.push(match guess {
                    Some(best) => diagnostic.did_you_mean(best),
                    None => diagnostic.help(format!("take three of {}", list())),
                });
            }
        }
    }
}
