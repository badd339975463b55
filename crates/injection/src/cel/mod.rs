//! Is a webhook's match condition true for this Pod?
//!
//! The part of the Common Expression Language that match conditions of webhooks use: fields, indexes, comparison, `in`,
//! logic, `has`, `size`, string functions and the macros `all`, `exists` and `exists_one`. What is beyond it is not
//! guessed: [`evaluate`] says that it cannot tell.

mod eval;
mod parse;

use serde_json::Value;

/// Outcome of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is true or false.
    Is(bool),
    /// It fails at run time, for example for a field that is not there.
    Fails,
    /// It uses something that is not modelled.
    Unknown,
}

/// Evaluates an expression with these variables. What uses another field than the known ones cannot be told: the object at
/// hand may just lack it.
pub(crate) fn evaluate(
    expression: &str,
    variables: &[(&str, Value)],
    is_known: impl Fn(&str) -> bool,
) -> Verdict {
    let Some(expression) = parse::parse(expression) else { return Verdict::Unknown };
    if !expression.fields().into_iter().all(is_known) {
        return Verdict::Unknown;
    }
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    match eval::eval(&expression, &eval::Scope { variables }) {
        Ok(Value::Bool(is)) => Verdict::Is(is),
        Ok(_) | Err(eval::Failure::Error) => Verdict::Fails,
        Err(eval::Failure::Unknown) => Verdict::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn verdict(expression: &str) -> Verdict {
        let object = json!({
            "metadata": {"namespace": "shop", "annotations": {"a/b": "true"}, "labels": {"team": "x"}},
            "spec": {"containers": [{"name": "app", "image": "registry/app:1"}], "hostNetwork": false},
        });
        evaluate(
            expression,
            &[("object", object), ("request", json!({"namespace": "shop", "operation": "CREATE"}))],
            |field| field != "schedulerName",
        )
    }

    #[test]
    fn conditions_as_users_write_them() {
        for (expression, want) in [
            ("has(object.metadata.annotations) && 'a/b' in object.metadata.annotations", Verdict::Is(true)),
            ("!has(object.metadata.ownerReferences)", Verdict::Is(true)),
            ("object.metadata.annotations['a/b'] == \"true\"", Verdict::Is(true)),
            ("object.metadata.annotations[\"nope\"] == 'x'", Verdict::Fails),
            ("request.namespace in ['kube-system', 'shop']", Verdict::Is(true)),
            (
                "!(request.namespace.startsWith('kube-')) && object.metadata.labels.team != 'y'",
                Verdict::Is(true),
            ),
            ("object.spec.containers.exists(c, c.image.contains('app'))", Verdict::Is(true)),
            ("object.spec.containers.all(c, c.name.matches('^a.*') || size(c.name) > 10)", Verdict::Is(true)),
            ("object.metadata.labels.missing == 'x' || true", Verdict::Is(true)),
            ("false && object.nope.nope", Verdict::Is(false)),
            ("size(object.spec.containers) >= 2 ? true : object.spec.hostNetwork", Verdict::Is(false)),
            ("authorizer.group('').resource('pods').check('create').allowed()", Verdict::Unknown),
            ("object.?metadata.orValue(1) == 1", Verdict::Unknown),
            ("object.spec.containers.all(c, true || object.spec.schedulerName == 'x')", Verdict::Unknown),
            ("'text'", Verdict::Fails),
        ] {
            assert_eq!(verdict(expression), want, "{expression}");
        }
    }
}
