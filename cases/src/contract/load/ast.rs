//! Smithy's JSON AST as a file has it, before anything is resolved.
//!
//! <https://smithy.io/2.0/spec/json-ast.html>. Unknown keys and traits are ignored: a published model has many that do
//! not affect the messages.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

/// The traits of a shape or member, by absolute id.
pub(super) type Traits = IndexMap<String, Value>;

/// A whole file.
#[derive(Debug, Deserialize)]
pub(super) struct Ast {
    pub(super) smithy: String,
    #[serde(default)]
    pub(super) shapes: IndexMap<String, AstShape>,
}

/// One entry of `shapes`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AstShape {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) traits: Traits,
    pub(super) members: IndexMap<String, AstMember>,
    pub(super) mixins: Vec<Reference>,
    pub(super) member: Option<AstMember>,
    pub(super) key: Option<AstMember>,
    pub(super) value: Option<AstMember>,
    pub(super) input: Option<Reference>,
    pub(super) output: Option<Reference>,
    pub(super) errors: Vec<Reference>,
    pub(super) operations: Vec<Reference>,
    pub(super) collection_operations: Vec<Reference>,
    pub(super) resources: Vec<Reference>,
    pub(super) create: Option<Reference>,
    pub(super) put: Option<Reference>,
    pub(super) read: Option<Reference>,
    pub(super) update: Option<Reference>,
    pub(super) delete: Option<Reference>,
    pub(super) list: Option<Reference>,
}

/// A member of a structure, union, list, map or enum.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct AstMember {
    pub(super) target: String,
    #[serde(default)]
    pub(super) traits: Traits,
}

/// A reference to a shape.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Reference {
    pub(super) target: String,
}

impl AstShape {
    /// The operations bound to a service or resource itself, lifecycle operations included.
    pub(super) fn bound_operations(&self) -> impl Iterator<Item = &Reference> {
        self.operations
            .iter()
            .chain(&self.collection_operations)
            .chain(&self.create)
            .chain(&self.put)
            .chain(&self.read)
            .chain(&self.update)
            .chain(&self.delete)
            .chain(&self.list)
    }
}
