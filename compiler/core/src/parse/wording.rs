//! Takes a difference between a value and its shape; gives the diagnostic that says so.
//!
//! One function a problem, so that the walk stays short. Must not decide anything.

use headwater_crds::object::{GROUP, Kind};

use super::format::Format;
use super::node::Value;
use super::shape::{Form, MemberShape};
use crate::code::syntax;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::near::near;

/// As many names as a message lists before it stops.
const NAMES_MAX: usize = 12;

/// A kind that the group does not have.
pub(super) fn unknown_kind(place: Anchor, kind: &str) -> Diagnostic {
    let message = format!("the group `{GROUP}` has no kind `{}`", shortened(kind));
    let problem = Diagnostic::error(&syntax::UNKNOWN_KIND, place.clone(), message);
    match near(kind, Kind::ALL.map(Kind::name)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")).fix(place, near),
        None => problem.note(format!("its kinds are {}", names(Kind::ALL.map(Kind::name).into_iter()))),
    }
}

/// An object without a kind.
pub(super) fn missing_kind(place: Anchor) -> Diagnostic {
    Diagnostic::error(&syntax::MISSING_MEMBER, place, "the object lacks its member `kind`")
        .label("`kind` is missing")
        .note(format!("kinds are {}", names(Kind::ALL.map(Kind::name).into_iter())))
}

/// A member that its mapping does not have.
pub(super) fn unknown_member(
    place: Anchor,
    owner: &str,
    key: &str,
    near: Option<&str>,
    members: &[MemberShape],
) -> Diagnostic {
    let message = format!("{owner} has no member `{}`", shortened(key));
    let problem = Diagnostic::error(&syntax::UNKNOWN_MEMBER, place.clone(), message);
    match near {
        Some(near) => problem.help(format!("did you mean `{near}`?")).fix(place, near),
        None if members.is_empty() => problem.note(format!("{owner} has no members: it is written `{{}}`")),
        None => problem.note(format!("its members are {}", names(members.iter().map(|m| m.key.as_str())))),
    }
}

/// A member that must be there.
pub(super) fn missing_member(place: Anchor, owner: &str, key: &str) -> Diagnostic {
    Diagnostic::error(&syntax::MISSING_MEMBER, place, format!("{owner} lacks its member `{key}`"))
        .label(format!("`{key}` is missing"))
}

/// A value of another type.
pub(super) fn wrong_type(place: Anchor, name: &str, found: &Value<'_>, wanted: &Form) -> Diagnostic {
    let expected = match wanted {
        Form::Any => "anything",
        Form::Text(_) => "text",
        Form::Integer { .. } => "a whole number",
        Form::Number => "a number",
        Form::Bool => "`true` or `false`",
        Form::List(_) => "a list",
        Form::Map(_) => "a mapping",
    };
    let message = format!("{name} must be {expected}, and this is {}", found.type_name());
    let problem = Diagnostic::error(&syntax::WRONG_TYPE, place, message);
    match mended(found, wanted) {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// How a value of the wrong type is probably meant.
fn mended(found: &Value<'_>, wanted: &Form) -> Option<String> {
    let scalar = match found {
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(text) => shortened(text),
        Value::Null => {
            return Some("leave the member out, or write its value".to_owned());
        }
        Value::List(_) | Value::Map(_) | Value::Poison => return None,
    };
    match (found, wanted) {
        (Value::Text(text), Form::Bool) if matches!(text.as_ref(), "true" | "false") => {
            Some(format!("write `{text}` without quotes"))
        }
        (Value::Text(text), Form::Integer { .. } | Form::Number) if text.parse::<f64>().is_ok() => {
            Some(format!("write `{text}` without quotes"))
        }
        (Value::Text(text), Form::Map(map))
            if map.members.iter().any(|m| m.alternative && m.key == *text) =>
        {
            Some(format!("write `{{ {text}: {{}} }}`"))
        }
        (Value::Text(_), Form::List(_)) => Some(format!("write `[{scalar}]`")),
        (Value::Bool(_) | Value::Integer(_) | Value::Float(_), Form::Text(_)) => {
            Some(format!("quote it: `\"{scalar}\"`"))
        }
        _ => None,
    }
}

/// A word that is none of those allowed.
pub(super) fn unknown_value(place: Anchor, name: &str, found: &str, words: &[String]) -> Diagnostic {
    let message = format!("{name} can't be `{}`", shortened(found));
    let problem = Diagnostic::error(&syntax::UNKNOWN_VALUE, place.clone(), message);
    match near(found, words.iter().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")).fix(place, near),
        None => problem.note(format!("it is one of {}", names(words.iter().map(String::as_str)))),
    }
}

/// Text that is not written as its member asks.
pub(super) fn invalid_format(place: Anchor, name: &str, found: &str, format: &Format) -> Diagnostic {
    let shown = if found.trim().is_empty() { "blank".to_owned() } else { format!("`{}`", shortened(found)) };
    let message = format!("{name} must be {}, and this is {shown}", format.words());
    Diagnostic::error(&syntax::INVALID_FORMAT, place, message)
}

/// A number beyond its bounds.
pub(super) fn number_out_of_range(
    place: Anchor,
    name: &str,
    found: i128,
    min: i128,
    max: i128,
) -> Diagnostic {
    let bounds = match (found < min, max >= i128::from(i64::MAX)) {
        (true, true) => format!("at least {min}"),
        (false, _) if min <= i128::from(i64::MIN) => format!("at most {max}"),
        (true | false, _) => format!("from {min} to {max}"),
    };
    Diagnostic::error(&syntax::OUT_OF_RANGE, place, format!("{name} must be {bounds}, and this is {found}"))
}

/// A text that is too short or too long.
pub(super) fn text_out_of_range(place: Anchor, name: &str, min: usize, max: usize, long: bool) -> Diagnostic {
    let bound = if long { format!("at most {max}") } else { format!("at least {min}") };
    Diagnostic::error(&syntax::OUT_OF_RANGE, place, format!("{name} must have {bound} characters"))
}

/// A list or mapping with too few or too many items.
pub(super) fn count_out_of_range(
    place: Anchor,
    name: &str,
    found: usize,
    min: usize,
    max: usize,
) -> Diagnostic {
    let bound = if found < min { format!("at least {min}") } else { format!("at most {max}") };
    let items = if (found < min && min == 1) || (found > max && max == 1) { "item" } else { "items" };
    Diagnostic::error(
        &syntax::OUT_OF_RANGE,
        place,
        format!("{name} must have {bound} {items}, and has {found}"),
    )
}

/// Two items of one name.
pub(super) fn duplicate_name(first: Anchor, second: Anchor, list: &str, name: &str) -> Diagnostic {
    Diagnostic::error(
        &syntax::DUPLICATE_NAME,
        second,
        format!("two items of {list} are called `{}`", shortened(name)),
    )
    .label("again here")
    .also(first, "first here")
    .help("rename one of them")
}

/// None of the members of which exactly one is needed.
pub(super) fn none_of(place: Anchor, name: &str, keys: &[&str]) -> Diagnostic {
    let message = format!("{name} needs exactly one of {}", names(keys.iter().copied()));
    Diagnostic::error(&syntax::NOT_EXACTLY_ONE, place, message).label("none is here")
}

/// A second member where exactly one is needed.
pub(super) fn more_than_one(
    first: Anchor,
    second: Anchor,
    name: &str,
    kept: &str,
    extra: &str,
) -> Diagnostic {
    Diagnostic::error(
        &syntax::NOT_EXACTLY_ONE,
        second,
        format!("{name} can't have both `{kept}` and `{extra}`"),
    )
    .label("the other")
    .also(first, "one")
    .help("keep one of them")
}

/// Names in backticks, not too many.
fn names<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let count = names.len();
    let mut listed: Vec<String> = names.take(NAMES_MAX).map(|name| format!("`{name}`")).collect();
    if count > NAMES_MAX {
        listed.push(format!("{} more", count - NAMES_MAX));
    }
    listed.join(", ")
}

/// Text from the document, cut to a length that fits into a message.
fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(CHARS_MAX).collect();
    if cut.len() < text.len() { format!("{cut}...") } else { cut }
}
