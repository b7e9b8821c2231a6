"""{{ module_doc|safe }}"""

from __future__ import annotations

{{ imports|safe }}{% if !constants.is_empty() %}
{{ constants|safe }}{% endif %}

def {{ name|safe }}(
    args: FunctionsArgs,
    opts: pulumi.ResourceOptions,
{{ parameters|safe }}) -> {{ returns|safe }}:
    """{{ doc|safe }}"""
    naming = args.naming
    {% if has_rest %}function ={% else %}return{% endif %} LambdaFunction(
        {{ key }},
        LambdaFunctionArgs(
            shared=args,
{{ given|safe }}        ),
        opts,
    )
{% if has_rest %}{{ rest|safe }}    return function{{ handed|safe }}
{% endif %}
