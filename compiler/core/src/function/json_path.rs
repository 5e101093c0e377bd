//! Takes a path into JSON text; gives its steps.
//!
//! The subset of SQL/JSON paths: `$`, then any of `.name`, `['name']` and `[index]` from 0.
//! Wildcards, filters, slices, `..` and `lax` or `strict` are refused.

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The member of an object with this name; of equal names the last.
    Member(String),
    /// The element of an array with this index, from 0.
    Element(usize),
}

/// The steps of a path.
///
/// # Errors
/// What is wrong, to follow the name of the argument.
pub fn parse(path: &str) -> Result<Vec<Step>, String> {
    const FORM: &str = "must be a path such as `$.items[0].sku` or `$['a name']`";
    let mut rest = path.strip_prefix('$').ok_or(FORM)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, after) = step(rest).ok_or(FORM)?;
        steps.push(step);
        rest = after;
    }
    Ok(steps)
}

fn step(text: &str) -> Option<(Step, &str)> {
    if let Some(name) = text.strip_prefix('.') {
        let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
        let (name, rest) = name.split_at(end);
        let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        return is_name.then(|| (Step::Member(name.to_owned()), rest));
    }
    let inside = text.strip_prefix('[')?;
    for quote in ['\'', '"'] {
        if let Some(name) = inside.strip_prefix(quote) {
            let (name, rest) = name.split_once(quote)?;
            return Some((Step::Member(name.to_owned()), rest.strip_prefix(']')?));
        }
    }
    let (index, rest) = inside.split_once(']')?;
    let is_number = !index.is_empty() && index.len() <= 9 && index.bytes().all(|byte| byte.is_ascii_digit());
    Some((Step::Element(is_number.then(|| index.parse().ok())??), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Option<&str>) {
        let found = parse(path).ok().map(|steps| {
            let words = steps.iter().map(|step| match step {
                Step::Member(name) => name.clone(),
                Step::Element(index) => index.to_string(),
            });
            words.collect::<Vec<_>>().join("/")
        });
        assert_eq!(found.as_deref(), expected, "{path}");
    }

    #[test]
    fn only_members_and_elements_are_steps() {
        check("$", Some(""));
        check("$.a.b_1", Some("a/b_1"));
        check("$.items[0].sku", Some("items/0/sku"));
        check("$['a name'][\"b'c\"]", Some("a name/b'c"));
        check("a", None);
        check("$.", None);
        check("$.*", None);
        check("$..a", None);
        check("$[*]", None);
        check("$[-1]", None);
        check("$[1", None);
        check("$.1a", None);
        check("lax $.a", None);
    }
}
