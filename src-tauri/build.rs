//! Makes a permission of every command, and checks that the screens were built.

use std::path::Path;
use std::process::ExitCode;

include!("src/window/names.rs");

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=../ui/dist");
    println!("cargo::rerun-if-changed=src/window/names.rs");
    if !Path::new("../ui/dist/index.html").exists() {
        println!(
            "cargo::error=The screens are not built yet (ui/dist is missing). Run: cd ui && npm ci && npm run build"
        );
        return ExitCode::FAILURE;
    }
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    match tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={}", format!("{error:#}").replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}
