//! Where a wheel can be imported, by its file's name: <https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/>.

use crate::catalogue::runtime;

/// What a function runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// 13 of Python 3.13.
    pub minor: u32,
    /// 34 of glibc 2.34.
    pub glibc: u32,
    /// As Linux calls the processor.
    pub machine: &'static str,
}

impl Target {
    /// Nothing for a runtime that nobody knows.
    pub fn of(name: &str, architecture: &str) -> Option<Self> {
        let minor = name.strip_prefix("python3.")?.parse().ok()?;
        let glibc = runtime(name)?.glibc_minor;
        let machine = match architecture {
            "arm64" => "aarch64",
            "x86_64" => "x86_64",
            _ => return None,
        };
        Some(Self {
            minor,
            glibc,
            machine,
        })
    }

    pub fn python(&self) -> String {
        format!("3.{}", self.minor)
    }

    /// The newest that its wheels may ask for.
    pub fn platform(&self) -> String {
        format!("manylinux_2_{}_{}", self.glibc, self.machine)
    }

    /// Whether the file is a wheel that can be imported there.
    pub fn takes(&self, file: &str) -> bool {
        let Some(name) = file.strip_suffix(".whl") else {
            return false;
        };
        let mut parts = name.rsplit('-');
        let (Some(platforms), Some(abis), Some(pythons)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let is_there = platforms.split('.').any(|one| self.has_platform(one));
        is_there
            && pythons
                .split('.')
                .any(|python| abis.split('.').any(|abi| self.runs(python, abi)))
    }

    fn has_platform(&self, platform: &str) -> bool {
        let Some(rest) = platform.strip_prefix("manylinux") else {
            return platform == "any";
        };
        let Some((glibc, machine)) = rest.trim_start_matches('_').split_once('_') else {
            return false;
        };
        let (glibc, machine) = match glibc {
            // The names from before the version stood there.
            "1" => (5, machine),
            "2010" => (12, machine),
            "2014" => (17, machine),
            "2" => match machine.split_once('_') {
                Some((minor, machine)) => (minor.parse().unwrap_or(u32::MAX), machine),
                None => return false,
            },
            _ => return false,
        };
        glibc <= self.glibc && machine == self.machine
    }

    fn runs(&self, python: &str, abi: &str) -> bool {
        let minor = |prefix: &str| python.strip_prefix(prefix)?.parse::<u32>().ok();
        let is_own = minor("cp3") == Some(self.minor);
        match abi {
            "none" => {
                let earlier = minor("py3").is_some_and(|minor| minor <= self.minor);
                python == "py3" || earlier || is_own
            }
            "abi3" => minor("cp3").is_some_and(|minor| minor <= self.minor),
            abi => is_own && abi == python,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn wheels_fit_by_their_tags() {
        let arm = Target::of("python3.13", "arm64").unwrap();
        let old = Target::of("python3.11", "x86_64").unwrap();
        for (file, on_arm, on_old) in [
            ("requests-2.32.3-py3-none-any.whl", true, true),
            ("six-1.17.0-py2.py3-none-any.whl", true, true),
            ("old-1.0-py2-none-any.whl", false, false),
            ("new-1.0-py312-none-any.whl", true, false),
            ("own-1.0-cp313-none-any.whl", true, false),
            (
                "x-1-cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
                true,
                false,
            ),
            ("x-1-cp313-cp313-manylinux_2_34_aarch64.whl", true, false),
            ("x-1-cp313-cp313-manylinux_2_35_aarch64.whl", false, false),
            ("x-1-cp313-cp313t-manylinux_2_17_aarch64.whl", false, false),
            ("x-1-cp314-cp314-manylinux_2_17_aarch64.whl", false, false),
            ("x-1-cp38-abi3-manylinux2014_aarch64.whl", true, false),
            ("x-1-cp314-abi3-manylinux2014_aarch64.whl", false, false),
            (
                "x-1-py3-none-manylinux_2_5_x86_64.manylinux1_x86_64.whl",
                false,
                true,
            ),
            ("x-1-cp311-cp311-manylinux2010_x86_64.whl", false, true),
            ("x-1-cp311-cp311-manylinux_2_26_x86_64.whl", false, true),
            ("x-1-cp311-cp311-manylinux_2_28_x86_64.whl", false, false),
            ("x-1-cp313-cp313-musllinux_1_2_aarch64.whl", false, false),
            ("x-1-cp313-cp313-macosx_11_0_arm64.whl", false, false),
            (
                "x-1-1build-cp313-cp313-manylinux_2_17_aarch64.whl",
                true,
                false,
            ),
            ("docopt-0.6.2.tar.gz", false, false),
            ("x.whl", false, false),
        ] {
            assert_eq!(arm.takes(file), on_arm, "{file} on Python 3.13, arm64");
            assert_eq!(old.takes(file), on_old, "{file} on Python 3.11, x86_64");
        }
        assert_eq!(Target::of("python2.7", "arm64"), None);
        assert_eq!(Target::of("python3.13", "riscv64"), None);
    }
}
