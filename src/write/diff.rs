//! Unified diffs, in the form that `patch` and code hosts read.

use similar::TextDiff;

/// Diff between two states of one path; `None` is a file that is not there.
pub fn unified(path: &str, old: Option<&[u8]>, new: Option<&[u8]>) -> String {
    let (Ok(old_text), Ok(new_text)) = (
        str::from_utf8(old.unwrap_or_default()),
        str::from_utf8(new.unwrap_or_default()),
    ) else {
        return format!("Binary files a/{path} and b/{path} differ\n");
    };
    // A tab says where a name with blanks ends: `patch` takes what stands behind a blank for a date.
    let end = if path.contains(char::is_whitespace) {
        "\t"
    } else {
        ""
    };
    let name = |side: &str, there: bool| {
        if there {
            format!("{side}/{path}{end}")
        } else {
            "/dev/null".to_owned()
        }
    };
    let (before, after) = (name("a", old.is_some()), name("b", new.is_some()));
    let body = TextDiff::from_lines(old_text, new_text)
        .unified_diff()
        .context_radius(3)
        .to_string();
    // An empty file that comes or goes has no lines to show.
    format!("--- {before}\n+++ {after}\n{body}")
}

/// Whether a patch can hold this content. A lone carriage return ends a line for some readers of patches and not for others.
pub fn fits_a_patch(content: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(content) else {
        return false;
    };
    !text.contains('\0') && !text.replace("\r\n", "").contains('\r')
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn a_changed_line_is_shown_with_both_names() {
        let diff = unified("a.py", Some(b"one\ntwo\n"), Some(b"one\n2\n"));
        assert_eq!(
            diff,
            "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n"
        );
    }

    #[test]
    fn a_missing_side_is_dev_null() {
        assert_eq!(
            unified("a", None, Some(b"x\n")),
            "--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+x\n"
        );
        assert_eq!(unified("a", Some(b""), None), "--- a/a\n+++ /dev/null\n");
    }

    #[test]
    fn a_name_with_blanks_ends_with_a_tab() {
        let diff = unified("a b/c.py", Some(b"1\n"), None);
        assert!(diff.starts_with("--- a/a b/c.py\t\n+++ /dev/null\n"));
    }

    #[test]
    fn what_is_not_text_is_only_named() {
        assert_eq!(
            unified("a", Some(b"\xff"), Some(b"x")),
            "Binary files a/a and b/a differ\n"
        );
    }
}
