//! An authority whose certificate has ended, will end soon, or has not begun.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::date::{Date, counted};
use crate::diagnostic::{Code, Diagnostic, Severity};

/// What it takes to bring another authority to all callers, and certificates from it.
const NOTICE_DAYS: i64 = 90;

pub const RULE: Rule = Rule {
    code: Code::AuthorityExpiry,
    severities: &[Severity::Error, Severity::Warning],
    what: "\
        The certificate of an authority in `load_balancer.clients` has expired, expires within 90 days, or is not \
        valid yet.",
    why: "\
        The load balancer refuses everybody whose certificate comes from an authority that has expired (LB-2). \
        Callers need time to get certificates from another one, and a bundle may contain both meanwhile.",
    wrong: "clients = \"certificates/ca-2024.pem\"",
    right: "clients = \"certificates/ca-2024-and-2026.pem\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some(clients) = &context.environment.load_balancer.clients else {
        return;
    };
    let Some((_, span)) = written(clients) else {
        return;
    };
    for authority in &clients.authorities {
        let subject = &authority.subject;
        let left = context.today.days_until(authority.ends);
        let another = "add the certificate of another authority to the file, issue callers' certificates from it, then remove this one";
        let diagnostic = if left < 0 {
            let message = format!("the authority `{subject}` has expired");
            Diagnostic::error(Code::AuthorityExpiry, span.clone(), message)
                .label(format!("valid until {}", authority.ends))
                .help("replace its certificate: nobody gets in with one that it issued")
        } else if left < NOTICE_DAYS {
            let message = format!("the authority `{subject}` expires in {}", counted(left));
            Diagnostic::warning(Code::AuthorityExpiry, span.clone(), message)
                .label(format!("valid until {}", authority.ends))
                .help(another)
        } else if context.today < authority.begins && context.today != Date::LONG_AGO {
            let message = format!("the authority `{subject}` is not valid yet");
            Diagnostic::warning(Code::AuthorityExpiry, span.clone(), message)
                .label(format!("valid from {} on", authority.begins))
                .help("keep the one before it in the file until then")
        } else {
            continue;
        };
        found.push(diagnostic);
    }
}
