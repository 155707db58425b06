//! The lengths that a pattern allows.

use regex_syntax::hir::{Hir, HirKind};

use crate::contract::{Member, Pattern};

/// The greatest length that the pattern of a member allows, if it is one repeated class.
pub(super) fn max_length(member: &Member) -> Option<usize> {
    repetition(member.constraints.pattern.as_ref()?)?.1
}

/// The least and the greatest number of repetitions, if the pattern is one repeated class.
pub(super) fn repetition(pattern: &Pattern) -> Option<(usize, Option<usize>)> {
    repetition_of(&regex_syntax::parse(pattern.as_str()).ok()?)
}

fn repetition_of(hir: &Hir) -> Option<(usize, Option<usize>)> {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            let bound = |n: u32| usize::try_from(n).ok();
            Some((bound(repetition.min)?, repetition.max.and_then(bound)))
        }
        HirKind::Capture(capture) => repetition_of(&capture.sub),
        HirKind::Concat(parts) => {
            let mut parts = parts.iter().filter(|part| !matches!(part.kind(), HirKind::Look(_)));
            match (parts.next(), parts.next()) {
                (Some(part), None) => repetition_of(part),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_class_has_bounds() {
        let bounds = |pattern: &str| repetition_of(&regex_syntax::parse(pattern).unwrap());
        assert_eq!(bounds(r"^\S{1,8192}$"), Some((1, Some(8192))));
        assert_eq!(bounds(r"^([a-z0-9]{4,7})$"), Some((4, Some(7))));
        assert_eq!(bounds(r"^[a-z]+$"), Some((1, None)));
        assert_eq!(bounds(r"^a-[a-z]+$"), None);
    }
}
