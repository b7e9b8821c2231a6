//! When a right is needed.

/// What a deployment does with the account, each with policies of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Reads; the others need it too.
    Preview,
    /// Makes and changes.
    Up,
    /// Removes.
    Destroy,
}

impl Phase {
    pub const ALL: [Phase; 3] = [Phase::Preview, Phase::Up, Phase::Destroy];

    /// The name of its policies.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Preview => "preview",
            Phase::Up => "up",
            Phase::Destroy => "destroy",
        }
    }
}
