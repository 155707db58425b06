//! Writes snapshots with insta, for review with `cargo insta review`.

use std::path::Path;

use cases::id::CaseId;

use crate::Document;

/// Records the document of a case. Where it differs from the committed one, insta writes a pending
/// snapshot, or what `INSTA_UPDATE` says.
///
/// # Panics
/// When the snapshot differs, unless `INSTA_FORCE_PASS` is set.
pub fn record(contract: &str, case: &CaseId, document: &Document) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(contract).join(case.as_str());
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut settings = insta::Settings::new();
    // insta makes `__` of a slash in a name, so the path contains the folders.
    settings.set_snapshot_path(path.parent().unwrap_or(&path));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, document.to_string()));
}
