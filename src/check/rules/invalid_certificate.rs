//! A certificate that is neither self-signed nor an ARN of the region.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Certificate;

pub const RULE: Rule = Rule {
    code: Code::InvalidCertificate,
    severities: &[Severity::Error],
    what: "The certificate is neither `self-signed` nor the ARN of an ACM certificate in us-east-1.",
    why: "A load balancer uses certificates from its own region only.",
    wrong: "certificate = \"staging.example.com\"",
    right: "certificate = \"self-signed\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let certificate = &context.environment.load_balancer.certificate;
    let Certificate::Arn(arn) = &certificate.value else {
        return;
    };
    let Some((_, span)) = written(certificate).filter(|_| !is_certificate(arn)) else {
        return;
    };
    let label = if arn.starts_with("arn:aws:acm:") && !arn.starts_with("arn:aws:acm:us-east-1:") {
        "a certificate in another region"
    } else {
        "neither `self-signed` nor the ARN of an ACM certificate"
    };
    found.push(
        Diagnostic::error(
            Code::InvalidCertificate,
            span,
            "the load balancer cannot use this certificate",
        )
        .label(label)
        .help("write \"self-signed\" or \"arn:aws:acm:us-east-1:<account>:certificate/<id>\""),
    );
}

fn is_certificate(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    let [_, _, _, _, account, resource] = parts.as_slice() else {
        return false;
    };
    let id = resource.strip_prefix("certificate/").unwrap_or_default();
    arn.starts_with("arn:aws:acm:us-east-1:")
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
        && id.len() == 36
        && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::is_certificate;

    #[test]
    fn only_whole_arns_of_the_region() {
        let id = "11111111-2222-3333-4444-555555555555";
        assert!(is_certificate(&format!(
            "arn:aws:acm:us-east-1:123456789012:certificate/{id}"
        )));
        assert!(!is_certificate(&format!(
            "arn:aws:acm:eu-west-1:123456789012:certificate/{id}"
        )));
        assert!(!is_certificate(
            "arn:aws:acm:us-east-1:123456789012:certificate/"
        ));
    }
}
