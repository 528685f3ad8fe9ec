//! Headless Chromium against the running binary. The stories are the scripts of this folder, the
//! pictures of every page go to `artifacts/screenshots`.
