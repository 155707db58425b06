//! Splits JSON texts without parsing them. It also works for texts that are not well-formed.

/// The bytes of the string literal that `text` begins with.
pub(crate) fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text[1..].find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

/// Calls `visit` with each part of `text`, and whether it is a string literal.
pub(crate) fn for_each_part(text: &str, mut visit: impl FnMut(&str, bool)) {
    let mut rest = text;
    while let Some(quote) = rest.find('"') {
        let end = quote + string_length(&rest[quote..]);
        visit(&rest[..quote], false);
        visit(&rest[quote..end], true);
        rest = &rest[end..];
    }
    visit(rest, false);
}

/// Applies `edit` to each part of `text` that is not a string literal.
pub(crate) fn edit_outside_strings(text: &str, edit: fn(&str) -> String) -> String {
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

/// Applies `edit` to each string literal in `text` that is the name of a member.
pub(crate) fn edit_member_names(text: &str, edit: fn(&str) -> String) -> String {
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

/// The names of the members of the outermost object, decoded, in their order and with duplicates. Names that
/// cannot be decoded are left out.
pub(crate) fn member_names(text: &str) -> Vec<String> {
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
        depth = part.chars().fold(depth, depth_after);
    });
    names
}

/// How deeply arrays and objects are nested.
pub(crate) fn max_depth(text: &str) -> usize {
    let (mut depth, mut max_depth) = (0_usize, 0);
    for_each_part(text, |part, is_string| {
        if !is_string {
            for c in part.chars() {
                depth = depth_after(depth, c);
                max_depth = max_depth.max(depth);
            }
        }
    });
    max_depth
}

/// The depth after a character outside of strings.
fn depth_after(depth: usize, c: char) -> usize {
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
    fn member_names_are_those_of_the_outermost_object() {
        let text = r#" {"a":"x: y","b\u0063" : {"d":[{"e":1}]},"a":["f:"], "g":"""#;
        assert_eq!(member_names(text), ["a", "bc", "a", "g"]);
        assert_eq!(member_names("[{\"a\":1}]"), [""; 0]);
        assert_eq!(member_names("\"a\""), [""; 0]);
    }

    #[test]
    fn depth_ignores_strings() {
        for (text, depth) in [("1", 0), ("{}", 1), ("[[],[[]]]", 3), (r#"{"[[[":[{"a":"\"{{"}]}"#, 3)] {
            assert_eq!(max_depth(text), depth, "{text}");
        }
    }

    #[test]
    fn edits_apply_to_member_names_only() {
        let upper = |literal: &str| literal.to_uppercase();
        assert_eq!(
            edit_member_names(r#"{"a" : "b:","c":{"d":["e"]}}"#, upper),
            r#"{"A" : "b:","C":{"D":["e"]}}"#
        );
        assert_eq!(edit_member_names(r#"{"a":"b"#, upper), r#"{"A":"b"#);
    }
}
