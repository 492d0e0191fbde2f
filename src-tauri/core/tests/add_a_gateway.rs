//! `docs/add-a-gateway.md`, followed literally: its blocks go into a copy of the sources, and the conformance suite runs there.
//! The app around it is the same for every gateway: nothing in it names one.

#![allow(clippy::expect_used, clippy::panic, reason = "tests say what they expect")]

use std::path::{Path, PathBuf};
use std::process::Command;
use till_core::gateway::REGISTRY;

/// One block of the page: the file that it is about, its language and its text.
struct Block {
    file: String,
    language: String,
    text: String,
}

fn root() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", ".."].iter().collect()
}

/// A block belongs to the file that the last line of code marks before it names.
fn blocks(page: &str) -> Vec<Block> {
    let (mut blocks, mut file) = (vec![], String::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block { file: file.clone(), language: language.to_owned(), text: text.join("\n") + "\n" });
        } else if let Some(named) = line.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
            named.clone_into(&mut file);
        }
    }
    blocks
}

/// Lines with ` ` and `-` must stand in the text as they are, one after another; those with ` ` and `+` take their place.
fn changed(text: &str, change: &str, file: &str) -> String {
    let lines = |marks: [char; 2]| -> Vec<&str> {
        change.lines().filter(|line| line.starts_with(marks)).filter_map(|line| line.get(1..)).collect()
    };
    let (before, after) = (lines([' ', '-']).join("\n"), lines([' ', '+']).join("\n"));
    assert_eq!(text.matches(&before).count(), 1, "{file} holds these lines once:\n{before}");
    text.replacen(&before, &after, 1)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder of the copy");
    for entry in std::fs::read_dir(from).expect("a folder of the sources") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("a kind").is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("a file can be copied");
        }
    }
}

/// The sources of the workspace: with all of its members the packages that core depends on are those that are built already.
fn copied() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("add-a-gateway");
    if place.exists() {
        std::fs::remove_dir_all(&place).expect("the copy of an earlier run can go");
    }
    for folder in ["src-tauri", "tests"] {
        copy(&root().join(folder), &place.join(folder));
    }
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the workspace's manifest");
    let line = manifest.lines().find(|line| line.starts_with("version = ")).expect("its version");
    // With a version of its own, what is built of the copy never takes the place of what is built of the sources.
    std::fs::write(place.join("Cargo.toml"), manifest.replacen(line, "version = \"0.0.0-copy\"", 1))
        .expect("the copy's manifest");
    std::fs::copy(root().join("Cargo.lock"), place.join("Cargo.lock")).expect("the locked versions");
    place
}

/// Every source below `folder` that is shipped: neither tests nor the host that screens are tried with.
fn shipped(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the sources") {
        let path = entry.expect("an entry").path();
        if ["tests", "tests.rs", "fake"].iter().any(|other| path.ends_with(other)) {
            continue;
        }
        if path.is_dir() {
            shipped(&path, found);
        } else if path.extension().is_some_and(|kind| ["rs", "ts", "svelte"].iter().any(|known| kind == *known)) {
            found.push(path);
        }
    }
}

/// Where a gateway's name stood, the next gateway would need more than its file and the line.
#[test]
fn nothing_that_is_shipped_besides_a_gateway_s_own_files_names_it() {
    let (root, mut files, mut named) = (root(), vec![], vec![]);
    for folder in ["src-tauri/src", "src-tauri/engine/src", "src-tauri/core/src", "ui/src"] {
        shipped(&root.join(folder), &mut files);
    }
    for file in &files {
        let place = file.strip_prefix(&root).expect("a file of the sources").to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(file).expect("source is text");
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for gateway in REGISTRY {
            let name = gateway.descriptor().name;
            let own = [".rs", "/"].map(|end| format!("src-tauri/core/src/gateway/{name}{end}"));
            let quoted = ['"', '\'', '`'].map(|quote| format!("{quote}{name}{quote}"));
            let is_own = own.iter().any(|own| place.starts_with(own.as_str()));
            if !is_own && quoted.iter().any(|quoted| text.contains(quoted.as_str())) {
                named.push(format!("{place}: {name}"));
            }
        }
    }
    // A partner's calls come in at Dingdang's own paths, as the page says.
    assert_eq!(named, ["src-tauri/engine/src/receiver/partner.rs: dingdang"]);
}

#[test]
fn the_page_adds_a_gateway_with_its_file_a_line_and_its_recorded_exchanges() {
    let page = std::fs::read_to_string(root().join("docs/add-a-gateway.md")).expect("the page");
    let blocks = blocks(&page);
    let place = copied();
    for Block { file, language, text } in &blocks {
        let path = place.join(file);
        if language == "diff" {
            let before = std::fs::read_to_string(&path).expect(file);
            std::fs::write(&path, changed(&before, text, file)).expect(file);
        } else {
            assert!(!path.exists(), "{file} is new");
            std::fs::create_dir_all(path.parent().expect("a folder")).expect(file);
            std::fs::write(&path, text).expect(file);
        }
    }
    // Of what is shipped, only its own file and the registry.
    let mut shipped: Vec<&str> = blocks.iter().map(|block| block.file.as_str()).collect();
    shipped.retain(|file| !file.starts_with("src-tauri/core/tests/conformance/"));
    shipped.dedup();
    assert_eq!(shipped, ["src-tauri/core/src/gateway/tiny.rs", "src-tauri/core/src/gateway.rs"]);

    // Built beside the real one, so that what both need is built once; core itself unoptimised, as it runs but once. Of the workspace
    // nothing else is built: no other member has a test of that name.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
    let run = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--workspace", "--test", "conformance"])
        .args(["--config", "profile.dev.package.till-core.opt-level=0"])
        .current_dir(&place)
        .env("CARGO_TARGET_DIR", target)
        .env("TILL_CASES", "200")
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    let rule = "test offers::every_gateway_has_a_kit_with_every_kind_of_exchange ... ok";
    assert!(said.contains(rule), "{said}");
    std::fs::remove_dir_all(&place).expect("the copy can go");
}
