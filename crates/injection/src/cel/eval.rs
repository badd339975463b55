//! What is an expression worth?

use std::cmp::Ordering;

use serde_json::Value;

use super::parse::{Expr, Operator};

/// Why an expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It fails at run time.
    Error,
    /// It uses something that is not modelled.
    Unknown,
}

/// The variables in sight.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) variables: Vec<(String, Value)>,
}

impl Scope {
    fn with(&self, name: &str, value: Value) -> Self {
        let mut inner = self.clone();
        inner.variables.push((name.to_owned(), value));
        inner
    }
}

type Outcome = Result<Value, Failure>;

pub(super) fn eval(expression: &Expr, scope: &Scope) -> Outcome {
    match expression {
        Expr::Literal(value) => Ok(value.clone()),
        Expr::List(items) => {
            items.iter().map(|item| eval(item, scope)).collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Expr::Name(name) => {
            let known = scope.variables.iter().rev().find(|(known, _)| known == name);
            known.map(|(_, value)| value.clone()).ok_or(Failure::Unknown)
        }
        Expr::Field(target, name) => eval(target, scope)?.get(name).cloned().ok_or(Failure::Error),
        Expr::Index(target, index) => match (eval(target, scope)?, eval(index, scope)?) {
            (Value::Object(map), Value::String(key)) => map.get(&key).cloned().ok_or(Failure::Error),
            (Value::Array(items), index) => {
                let index =
                    index.as_u64().and_then(|index| usize::try_from(index).ok()).ok_or(Failure::Error)?;
                items.get(index).cloned().ok_or(Failure::Error)
            }
            _ => Err(Failure::Error),
        },
        Expr::Not(inner) => truth(eval(inner, scope)).map(|is| (!is).into()),
        Expr::Negative(inner) => {
            eval(inner, scope)?.as_i64().map(|number| (-number).into()).ok_or(Failure::Error)
        }
        Expr::Choice(condition, yes, no) => {
            if truth(eval(condition, scope))? {
                eval(yes, scope)
            } else {
                eval(no, scope)
            }
        }
        Expr::Binary(left, operator, right) => binary(left, *operator, right, scope),
        Expr::Call { target: None, name, args } => function(name, args, scope),
        Expr::Call { target: Some(target), name, args } => method(target, name, args, scope),
    }
}

fn truth(outcome: Outcome) -> Result<bool, Failure> {
    outcome?.as_bool().ok_or(Failure::Error)
}

fn binary(left: &Expr, operator: Operator, right: &Expr, scope: &Scope) -> Outcome {
    if let Operator::Or | Operator::And = operator {
        // One side that decides outweighs an error on the other, on whichever side it stands.
        let decisive = operator == Operator::Or;
        let (left, right) = (truth(eval(left, scope)), truth(eval(right, scope)));
        return match (left, right) {
            (Ok(is), _) | (_, Ok(is)) if is == decisive => Ok(decisive.into()),
            (Err(Failure::Unknown), _) | (_, Err(Failure::Unknown)) => Err(Failure::Unknown),
            (Err(failure), _) | (_, Err(failure)) => Err(failure),
            (Ok(_), Ok(_)) => Ok((!decisive).into()),
        };
    }
    let (left, right) = (eval(left, scope)?, eval(right, scope)?);
    Ok(match operator {
        Operator::Equal => (left == right).into(),
        Operator::Unequal => (left != right).into(),
        Operator::In => match &right {
            Value::Array(items) => items.contains(&left).into(),
            Value::Object(map) => left.as_str().is_some_and(|key| map.contains_key(key)).into(),
            _ => return Err(Failure::Error),
        },
        Operator::Plus => match (&left, &right) {
            (Value::String(a), Value::String(b)) => format!("{a}{b}").into(),
            (Value::Array(a), Value::Array(b)) => a.iter().chain(b).cloned().collect(),
            _ => left
                .as_i64()
                .zip(right.as_i64())
                .and_then(|(a, b)| a.checked_add(b))
                .ok_or(Failure::Error)?
                .into(),
        },
        Operator::Less => (order(&left, &right)? == Ordering::Less).into(),
        Operator::LessOrEqual => (order(&left, &right)? != Ordering::Greater).into(),
        Operator::Greater => (order(&left, &right)? == Ordering::Greater).into(),
        Operator::GreaterOrEqual => (order(&left, &right)? != Ordering::Less).into(),
        Operator::Or | Operator::And => return Err(Failure::Unknown),
    })
}

fn order(left: &Value, right: &Value) -> Result<Ordering, Failure> {
    match (left, right) {
        (Value::Number(_), Value::Number(_)) => {
            left.as_f64().zip(right.as_f64()).and_then(|(a, b)| a.partial_cmp(&b)).ok_or(Failure::Error)
        }
        (Value::String(a), Value::String(b)) => Ok(a.cmp(b)),
        _ => Err(Failure::Error),
    }
}

fn function(name: &str, args: &[Expr], scope: &Scope) -> Outcome {
    match (name, args) {
        ("has", [Expr::Field(target, field)]) => Ok(eval(target, scope)?.get(field).is_some().into()),
        ("size", [value]) => size(&eval(value, scope)?),
        ("string", [value]) => match eval(value, scope)? {
            Value::String(text) => Ok(text.into()),
            Value::Object(_) | Value::Array(_) | Value::Null => Err(Failure::Error),
            other => Ok(other.to_string().into()),
        },
        _ => Err(Failure::Unknown),
    }
}

fn size(value: &Value) -> Outcome {
    Ok(match value {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        _ => return Err(Failure::Error),
    }
    .into())
}

fn method(target: &Expr, name: &str, args: &[Expr], scope: &Scope) -> Outcome {
    let target = eval(target, scope)?;
    if let ("all" | "exists" | "exists_one", [Expr::Name(item), condition]) = (name, args) {
        return macro_over(&target, name, item, condition, scope);
    }
    let args = args.iter().map(|arg| eval(arg, scope)).collect::<Result<Vec<_>, _>>()?;
    match (name, &target, args.as_slice()) {
        ("size", value, []) => size(value),
        ("startsWith", Value::String(text), [Value::String(part)]) => {
            Ok(text.starts_with(part.as_str()).into())
        }
        ("endsWith", Value::String(text), [Value::String(part)]) => Ok(text.ends_with(part.as_str()).into()),
        ("contains", Value::String(text), [Value::String(part)]) => Ok(text.contains(part.as_str()).into()),
        ("lowerAscii", Value::String(text), []) => Ok(text.to_ascii_lowercase().into()),
        ("matches", Value::String(text), [Value::String(pattern)]) => {
            let pattern = regex::Regex::new(pattern).map_err(|_| Failure::Unknown)?;
            Ok(pattern.is_match(text).into())
        }
        ("startsWith" | "endsWith" | "contains" | "matches", ..) => Err(Failure::Error),
        _ => Err(Failure::Unknown),
    }
}

fn macro_over(target: &Value, name: &str, item: &str, condition: &Expr, scope: &Scope) -> Outcome {
    let items: Vec<Value> = match target {
        Value::Array(items) => items.clone(),
        Value::Object(map) => map.keys().map(|key| key.clone().into()).collect(),
        _ => return Err(Failure::Error),
    };
    let verdicts: Vec<Result<bool, Failure>> =
        items.into_iter().map(|value| truth(eval(condition, &scope.with(item, value)))).collect();
    if name == "exists_one" {
        let verdicts = verdicts.into_iter().collect::<Result<Vec<_>, _>>()?;
        return Ok((verdicts.into_iter().filter(|is| *is).count() == 1).into());
    }
    let decisive = name == "exists";
    if verdicts.contains(&Ok(decisive)) {
        return Ok(decisive.into());
    }
    verdicts.into_iter().collect::<Result<Vec<_>, _>>().map(|_| (!decisive).into())
}
