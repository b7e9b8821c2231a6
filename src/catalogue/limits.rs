//! How long a physical name may be, by its first word.

use super::Sure;
use crate::tables::compiled_in;

/// Longest name of one resource class.
#[derive(Debug)]
pub struct NameLimit {
    /// First word of the name: `alb` in `alb-staging-main`.
    pub prefix: &'static str,
    /// `aws.lb.LoadBalancer`.
    pub class: &'static str,
    /// Argument that carries the name; `tags.Name` where the resource has no name of its own.
    pub property: &'static str,
    /// In characters.
    pub max: usize,
    pub sure: Sure,
    pub source: &'static str,
}

struct LimitFile {
    limit: &'static [NameLimit],
}

/// Every limit, in the order of the file.
pub fn name_limits() -> &'static [NameLimit] {
    static FILE: LimitFile = compiled_in!("name-limits");
    FILE.limit
}

/// Longest name that begins with this word; the strictest where several classes share it.
pub fn longest_name(prefix: &str) -> Option<usize> {
    name_limits()
        .iter()
        .filter(|limit| limit.prefix == prefix)
        .map(|limit| limit.max)
        .min()
}

#[cfg(test)]
mod tests {
    use super::{longest_name, name_limits};
    use crate::catalogue::kind;

    #[test]
    fn limits_agree_with_the_name_rules_of_the_kinds() {
        for limit in name_limits() {
            assert!(!limit.source.is_empty(), "{}", limit.class);
            let kind = kind(limit.class).unwrap();
            if limit.property == "tags.Name" {
                assert!(kind.taggable, "{}", limit.class);
                continue;
            }
            let Some(rule) = &kind.name else { continue };
            assert_eq!(rule.property, limit.property, "{}", limit.class);
            // An alias is named `alias/…`; the limit is about the part after it.
            let taken = if limit.class == "aws.kms.Alias" {
                "alias/".len()
            } else {
                0
            };
            assert_eq!(rule.max, Some(limit.max + taken), "{}", limit.class);
        }
    }

    #[test]
    fn the_strictest_limit_counts() {
        assert_eq!(longest_name("tg"), Some(32));
        assert_eq!(longest_name("delivery"), Some(60));
        assert_eq!(longest_name("teapot"), None);
    }
}
