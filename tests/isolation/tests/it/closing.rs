//! What a platform leaves behind in its process.

use std::{fs, path::Path, time::Duration};

use grantor_testkit::World;

/// Files of a folder that this process has open.
fn open_files(folder: &Path) -> Vec<String> {
    let links = fs::read_dir("/proc/self/fd").expect("the process' files");
    let targets = links.flatten().filter_map(|link| fs::read_link(link.path()).ok());
    targets.filter(|target| target.starts_with(folder)).map(|target| target.display().to_string()).collect()
}

#[tokio::test]
async fn a_platform_that_is_closed_has_no_file_open() {
    let world = World::start().await;
    let folder = fs::canonicalize(world.folder()).expect("a folder");
    assert!(!open_files(&folder).is_empty(), "the test would find one");
    let _kept = world.stop().await;
    let closed = async {
        while !open_files(&folder).is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), closed).await;
    assert!(in_time.is_ok(), "still open: {:?}", open_files(&folder));
}
