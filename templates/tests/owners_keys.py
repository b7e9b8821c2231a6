"""Keys of KMS that somebody else owns, by the kind of data that they encrypt: their policies are not ours to test."""

from __future__ import annotations
{% if keys.is_empty() %}
OWNERS_KEYS: dict[str, str] = {}
{%- else %}
OWNERS_KEYS: dict[str, str] = {
{%- for (role, arn) in keys %}
    {{ role }}: {{ arn }},
{%- endfor %}
}
{%- endif %}
