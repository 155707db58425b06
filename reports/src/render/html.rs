//! Pages for people: each is one file that needs no network, and says the same without its script.

mod anchor;
mod finding;
pub(crate) mod frame;
mod grid;
mod page;
pub(crate) mod plot;

pub use page::render;
