//! What the functions that come with the compiler use of the environment, as one types it.

/// The `uses` that a built-in function needs; nothing for one that touches nothing.
pub fn uses(builtin: &str) -> Option<&'static str> {
    match builtin {
        "validate-payment" | "audit-relay" => Some("{ database = \"write\", audit = \"write\" }"),
        "payment-status" => Some("{ database = \"read\" }"),
        "migrate" => Some("{ database = \"owner\" }"),
        _ => None,
    }
}
