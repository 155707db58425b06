//! Reads the layers from ARCHITECTURE.md.
//!
//! Under the heading `Layers`, each fenced block with the info string `layers FOLDER` lists the modules of a
//! folder, from the bottom to the top: one layer a line, names divided by spaces, `#` before a comment.

use std::collections::BTreeMap;

pub(super) const PATH: &str = "ARCHITECTURE.md";

/// The layers of one folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The folder, such as `cases/src`.
    pub(super) folder: String,
    /// The line of the document where the block begins, counted from 1.
    pub(super) line: usize,
    /// The names from the bottom to the top.
    pub(super) names: Vec<Entry>,
}

/// The name of a module in a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    /// Counted from the bottom.
    pub(super) layer: usize,
    /// The line of the document.
    pub(super) line: usize,
}

impl Block {
    /// The layer of each module.
    pub(super) fn layers(&self) -> BTreeMap<&str, usize> {
        self.names.iter().map(|entry| (entry.name.as_str(), entry.layer)).collect()
    }
}

/// The blocks under the heading `Layers`, or nothing if there is no such heading.
pub(super) fn blocks(document: &str) -> Option<Vec<Block>> {
    let lines: Vec<(usize, &str)> = (1..).zip(document.lines()).collect();
    let start = lines.iter().position(|(_, line)| is_layers_heading(line))?;
    let level = heading_level(lines[start].1)?;
    let mut blocks: Vec<Block> = Vec::new();
    let mut fence = Fence::None;
    for &(number, line) in &lines[start + 1..] {
        match fence {
            Fence::None if heading_level(line).is_some_and(|it| it <= level) => break,
            Fence::None if line.starts_with("```") => {
                fence = Fence::Other;
                if let Some(folder) = line.trim_start_matches('`').strip_prefix("layers ") {
                    let folder = folder.trim().to_owned();
                    blocks.push(Block { folder, line: number, names: Vec::new() });
                    fence = Fence::Layers;
                }
            }
            Fence::Layers | Fence::Other if line.starts_with("```") => fence = Fence::None,
            Fence::Layers => {
                if let Some(block) = blocks.last_mut() {
                    add_layer(block, number, line);
                }
            }
            Fence::None | Fence::Other => {}
        }
    }
    Some(blocks)
}

/// Which kind of fenced block a line is in.
#[derive(Clone, Copy)]
enum Fence {
    None,
    Layers,
    Other,
}

fn is_layers_heading(line: &str) -> bool {
    heading_level(line).is_some() && line.trim_start_matches('#').trim() == "Layers"
}

fn heading_level(line: &str) -> Option<usize> {
    let level = line.len() - line.trim_start_matches('#').len();
    (level > 0 && line[level..].starts_with(' ')).then_some(level)
}

/// Adds the names of a line, unless it is blank, as a layer on top of the others.
fn add_layer(block: &mut Block, line: usize, text: &str) {
    let layer = block.names.last().map_or(0, |entry| entry.layer + 1);
    let names = text.split('#').next().unwrap_or_default().split_whitespace();
    block.names.extend(names.map(|name| Entry { name: name.to_owned(), layer, line }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_section_are_read() {
        let text = "# A\n```layers x\nno\n```\n## Layers\nProse.\n```text\n# no\n```\n\
                    ```layers a/src\nb c   # below\n\nd\n```\n### More\n```layers e\nf\n```\n## End\n```layers x\n```\n";
        let entry = |name: &str, layer, line| Entry { name: name.to_owned(), layer, line };
        assert_eq!(
            blocks(text).unwrap(),
            [
                Block {
                    folder: "a/src".to_owned(),
                    line: 10,
                    names: vec![entry("b", 0, 11), entry("c", 0, 11), entry("d", 1, 13)]
                },
                Block { folder: "e".to_owned(), line: 16, names: vec![entry("f", 0, 17)] },
            ]
        );
    }

    #[test]
    fn document_without_heading_has_no_blocks() {
        assert_eq!(blocks("# Architecture\n```layers a\nb\n```\n"), None);
    }
}
