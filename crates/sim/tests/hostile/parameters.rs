//! Parameter sets with one number at an edge, found through their JSON form so that none can be forgotten.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The set with one field changed; nothing if its type cannot hold the number.
fn with<T: Serialize + DeserializeOwned>(set: &T, field: &str, value: i64) -> Option<T> {
    let mut json = serde_json::to_value(set).ok()?;
    *json.as_object_mut()?.get_mut(field)? = Value::from(value);
    serde_json::from_value(json).ok()
}

fn fields<T: Serialize>(set: &T) -> Vec<(String, i64)> {
    let json = serde_json::to_value(set).expect("parameters are a JSON object");
    let object = json.as_object().expect("parameters are a JSON object");
    object.iter().map(|(name, value)| (name.clone(), value.as_i64().expect("a number"))).collect()
}

/// Sets with one field at an extreme of its type.
pub fn edges<T: Serialize + DeserializeOwned>(set: &T) -> Vec<T> {
    let values = [i64::MIN, -1, 0, 1, i64::from(u32::MAX), 315_360_000_000_000, i64::MAX];
    let fields = fields(set);
    fields.iter().flat_map(|(name, _)| values.iter().filter_map(|value| with(set, name, *value))).collect()
}

/// Sets with one field at its least or greatest accepted value, by name.
pub fn bounds<T: Serialize + DeserializeOwned>(set: &T, accepts: &dyn Fn(&T) -> bool) -> Vec<(String, T)> {
    let mut found = Vec::new();
    for (name, default) in fields(set) {
        for outside in [i64::MIN / 4, i64::MAX / 4] {
            // Bounds are intervals around the default: halve the distance between what is accepted and what is not.
            let (mut inside, mut outside) = (default, outside);
            while inside.abs_diff(outside) > 1 {
                let middle = inside + (outside - inside) / 2;
                if with(set, &name, middle).as_ref().is_some_and(accepts) {
                    inside = middle;
                } else {
                    outside = middle;
                }
            }
            let at = with(set, &name, inside).expect("an accepted value");
            found.push((format!("{name} = {inside}"), at));
        }
    }
    found
}
