//! Tables that come with the compiler: TOML in the repository, statics in the binary (`build.rs`).

/// The table of this name, an expression of the type that `build.rs` has for it.
macro_rules! compiled_in {
    ($name:literal) => {
        include!(concat!(env!("OUT_DIR"), "/", $name, ".rs"))
    };
}
pub(crate) use compiled_in;

/// What a table says of names. Sorted by them.
#[derive(Debug, Clone, Copy)]
pub struct Map<T: 'static>(pub &'static [(&'static str, T)]);

impl<T> Map<T> {
    pub fn get(&self, name: &str) -> Option<&'static T> {
        self.entry(name).map(|(_, value)| value)
    }

    /// The name as it stands in the table, with its value.
    pub fn entry(&self, name: &str) -> Option<(&'static str, &'static T)> {
        let (known, value) = self.0.get(
            self.0
                .binary_search_by(|(known, _)| (*known).cmp(name))
                .ok()?,
        )?;
        Some((known, value))
    }

    /// What comes after a name.
    pub fn after(&self, name: &str) -> impl Iterator<Item = (&'static str, &'static T)> + use<T> {
        let start = self.0.partition_point(|(known, _)| *known <= name);
        self.0
            .iter()
            .skip(start)
            .map(|(name, value)| (*name, value))
    }

    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn iter(
        &self,
    ) -> impl DoubleEndedIterator<Item = (&'static str, &'static T)> + Clone + use<T> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &'static str> + Clone + use<T> {
        self.iter().map(|(name, _)| name)
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &'static T> + Clone + use<T> {
        self.iter().map(|(_, value)| value)
    }
}
