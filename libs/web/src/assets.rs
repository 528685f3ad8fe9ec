//! What pages load. A path carries a digest of its content, so a file is everybody's, and kept
//! for ever.

use grantor_pages::asset;

use crate::Answer;

/// The file at this path, below no tenant's prefix.
pub fn asset_file(path: &str) -> Option<Answer> {
    let found = asset(path)?;
    let answer = Answer::bytes(200, found.content_type, found.bytes);
    Some(answer.header("cache-control", "public, max-age=31536000, immutable"))
}
