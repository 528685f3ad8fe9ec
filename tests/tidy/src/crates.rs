use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::root;

/// One crate of the workspace.
pub struct Crate {
    /// Its name.
    pub name: String,
    /// Its folder, from the repository's root.
    pub folder: String,
    /// What it depends on.
    pub uses: Vec<Edge>,
}

/// A dependency.
pub struct Edge {
    /// The name of the crate depended on.
    pub name: String,
    /// Whether only the crate's own tests need it.
    pub dev: bool,
}

/// Every crate of the workspace, with the dependencies that it declares.
///
/// # Panics
/// When `cargo metadata` fails.
pub fn crates() -> Vec<Crate> {
    let metadata =
        MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().expect("cargo metadata");
    metadata
        .packages
        .iter()
        .map(|package| Crate {
            name: package.name.to_string(),
            folder: folder(&metadata.workspace_root, &package.manifest_path),
            uses: package
                .dependencies
                .iter()
                .map(|edge| Edge { name: edge.name.clone(), dev: edge.kind == DependencyKind::Development })
                .collect(),
        })
        .collect()
}

fn folder(root: &cargo_metadata::camino::Utf8Path, manifest: &cargo_metadata::camino::Utf8Path) -> String {
    let inside = manifest.strip_prefix(root).expect("a member is below the root");
    inside.parent().expect("a manifest is in a folder").to_string()
}

impl Crate {
    /// Whether it is made of tests only.
    pub fn is_test(&self) -> bool {
        self.folder.starts_with("tests/")
    }
}
