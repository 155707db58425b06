//! Makes untrusted text safe at the place where it is shown.
//!
//! Every rendering passes the texts of the target, the contract and the user through here. A text stays
//! readable: a character that cannot be shown is written like a Rust escape, `\u{1b}`.

mod html;
mod markdown;
mod visible;

pub use html::Html;
pub use markdown::{
    markdown, markdown_block, markdown_cell, markdown_code, markdown_code_cell, markdown_html, markdown_link,
    markdown_start,
};
pub use visible::{is_address, line, visible};
