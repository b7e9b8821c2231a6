//! Words that later drafts of JSON Schema have, and OpenAPI: what draft-04 has instead.

/// What to write instead of a word.
pub fn instead(word: &str) -> Option<&'static str> {
    Some(match word {
        "$id" | "$anchor" => "write \"id\", or remove it",
        "$defs" => "write \"definitions\"",
        "$comment" => "move it to \"description\"",
        "const" => "write \"enum\" with a list of the one value",
        "example" | "examples" => "remove it, or move it to \"description\"",
        "if" | "then" | "else" => "list both cases under \"anyOf\"",
        "contains" | "minContains" | "maxContains" => "write \"items\", or let the function ask",
        "propertyNames" => {
            "write the names under \"patternProperties\", with \"additionalProperties\": false"
        }
        "dependentRequired" | "dependentSchemas" => "write \"dependencies\"",
        "prefixItems" => "write \"items\" with a list of schemas",
        "unevaluatedItems" => "write \"additionalItems\"",
        "unevaluatedProperties" => "write \"additionalProperties\"",
        "nullable" => "add \"null\" to a list under \"type\"",
        "$dynamicRef" | "$recursiveRef" => "write \"$ref\"",
        "readOnly" | "writeOnly" | "deprecated" | "contentEncoding" | "contentMediaType"
        | "contentSchema" | "discriminator" | "xml" | "externalDocs" | "$vocabulary"
        | "$dynamicAnchor" | "$recursiveAnchor" => "remove it",
        _ => return None,
    })
}
