//! Takes JSON texts apart without reading them, also such that are none.

/// Bytes of the string literal that `text` begins with.
pub(super) fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text[1..].find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

/// Calls `see` with each part of `text`, and whether it is a string literal.
pub(super) fn for_each_part(text: &str, mut see: impl FnMut(&str, bool)) {
    let mut rest = text;
    while let Some(quote) = rest.find('"') {
        let end = quote + string_length(&rest[quote..]);
        see(&rest[..quote], false);
        see(&rest[quote..end], true);
        rest = &rest[end..];
    }
    see(rest, false);
}

/// Applies `edit` to each part of `text` that is not a string literal.
pub(super) fn outside_strings(text: &str, edit: fn(&str) -> String) -> String {
    let mut edited = String::new();
    for_each_part(text, |part, is_string| {
        if is_string {
            edited.push_str(part);
        } else {
            edited.push_str(&edit(part));
        }
    });
    edited
}

/// The names of the members of the outermost object, decoded, in the order in which they stand
/// there. Names that no decoder takes are left out.
pub(super) fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut literal) = (0_usize, None);
    for_each_part(text, |part, is_string| {
        if is_string {
            literal = Some(part.to_owned());
            return;
        }
        if let Some(literal) = literal.take()
            && depth == 1
            && part.trim_start().starts_with(':')
        {
            names.extend(serde_json::from_str::<String>(&literal).ok());
        }
        depth = part.chars().fold(depth, nested);
    });
    names
}

/// The text with `edit` applied to each string literal that is the name of a member.
pub(super) fn with_names(text: &str, edit: fn(&str) -> String) -> String {
    let mut edited = String::new();
    let mut literal = String::new();
    for_each_part(text, |part, is_string| {
        if is_string {
            literal.push_str(part);
            return;
        }
        let is_name = part.trim_start().starts_with(':');
        edited.push_str(&if is_name { edit(&literal) } else { literal.clone() });
        literal.clear();
        edited.push_str(part);
    });
    edited + &literal
}

/// How many arrays and objects are open at once at the deepest place.
pub(super) fn deepest(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for_each_part(text, |part, is_string| {
        if !is_string {
            for c in part.chars() {
                depth = nested(depth, c);
                deepest = deepest.max(depth);
            }
        }
    });
    deepest
}

/// The depth behind a character outside of strings.
fn nested(depth: usize, c: char) -> usize {
    match c {
        '[' | '{' => depth + 1,
        ']' | '}' => depth.saturating_sub(1),
        _ => depth,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_outermost_object() {
        let text = r#" {"a":"x: y","b\u0063" : {"d":[{"e":1}]},"a":["f:"], "g":"""#;
        assert_eq!(names(text), ["a", "bc", "a", "g"]);
        assert_eq!(names("[{\"a\":1}]"), [""; 0]);
        assert_eq!(names("\"a\""), [""; 0]);
    }

    #[test]
    fn depth_counts_arrays_and_objects_outside_of_strings() {
        for (text, depth) in [("1", 0), ("{}", 1), ("[[],[[]]]", 3), (r#"{"[[[":[{"a":"\"{{"}]}"#, 3)] {
            assert_eq!(deepest(text), depth, "{text}");
        }
    }

    #[test]
    fn names_are_edited_and_values_spared() {
        let shout = |literal: &str| literal.to_uppercase();
        assert_eq!(with_names(r#"{"a" : "b:","c":{"d":["e"]}}"#, shout), r#"{"A" : "b:","C":{"D":["e"]}}"#);
        assert_eq!(with_names(r#"{"a":"b"#, shout), r#"{"A":"b"#);
    }
}
