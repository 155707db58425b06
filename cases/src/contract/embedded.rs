//! The contract files that come with boundstone.

/// The API Reference page, taken literally.
pub const PAGE: &str = include_str!("../../contracts/page.json");
/// The published service model.
pub const MODEL: &str = include_str!("../../contracts/model.json");
/// The rules that apply to both, and to a file of the user.
pub const RULES: &str = include_str!("../../contracts/rules.json");
