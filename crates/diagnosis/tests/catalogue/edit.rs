//! How is one thing in a recorded object changed?

use serde_json::{Map, Value, json};

/// Sets the field at a path, making what is missing above it. In a list, a part of the path is a number, `*` (each element), or
/// the name (of conditions: the type) of an element; a name that is not there yet is added.
pub fn set(object: &mut Value, path: &str, value: &Value) {
    set_in(object, &parts(path), value);
}

/// Removes the field or element at a path, where it is there.
pub fn remove(object: &mut Value, path: &str) {
    remove_in(object, &parts(path));
}

/// Parts of a JSON pointer: `~1` stands for a slash.
fn parts(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(|part| part.replace("~1", "/")).collect()
}

fn set_in(place: &mut Value, path: &[String], value: &Value) {
    let Some((part, rest)) = path.split_first() else {
        *place = value.clone();
        return;
    };
    if let Value::Array(list) = place {
        for index in elements(list, part, true) {
            set_in(&mut list[index], rest, value);
        }
        return;
    }
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    let field = &mut place[part.as_str()];
    if field.is_null() && is_named_list(part) && !rest.is_empty() {
        *field = json!([]);
    }
    set_in(field, rest, value);
}

fn remove_in(place: &mut Value, path: &[String]) {
    let Some((part, rest)) = path.split_first() else { return };
    match place {
        Value::Array(list) => {
            for index in elements(list, part, false).into_iter().rev() {
                if rest.is_empty() {
                    list.remove(index);
                } else {
                    remove_in(&mut list[index], rest);
                }
            }
        }
        Value::Object(fields) if rest.is_empty() => {
            fields.remove(part.as_str());
        }
        Value::Object(fields) => {
            if let Some(field) = fields.get_mut(part.as_str()) {
                remove_in(field, rest);
            }
        }
        _ => {}
    }
}

/// Lists of Kubernetes whose elements have names.
fn is_named_list(field: &str) -> bool {
    ["containers", "initContainers", "volumes", "env", "containerStatuses", "initContainerStatuses"]
        .contains(&field)
}

fn elements(list: &mut Vec<Value>, part: &str, add: bool) -> Vec<usize> {
    if part == "*" {
        return (0..list.len()).collect();
    }
    if let Ok(index) = part.parse::<usize>() {
        assert!(index < list.len(), "the list has {} elements, no [{index}]", list.len());
        return vec![index];
    }
    let is_it = |element: &Value| element["name"] == part || element["type"] == part;
    let known: Vec<usize> = (0..list.len()).filter(|index| is_it(&list[*index])).collect();
    if !known.is_empty() || !add {
        return known;
    }
    list.push(json!({ "name": part }));
    vec![list.len() - 1]
}
