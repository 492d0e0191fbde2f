//! Memory of a program and all that it started: proportional set size, so that shared pages are counted once among those who share.

use std::path::Path;

/// What a process holds, in megabytes of 1,000,000 bytes.
#[derive(Debug, Clone)]
pub struct Held {
    /// The program's name.
    pub name: String,
    /// All of it.
    pub total: f64,
    /// Its own: heaps and stacks.
    pub own: f64,
    /// Its share of files: programs, libraries, fonts.
    pub files: f64,
}

/// What each process holds, the program itself first.
pub fn of_tree(root: u32) -> Vec<Held> {
    let mut tree = vec![root];
    let parents = parents();
    let mut next = 0;
    while let Some(parent) = tree.get(next).copied() {
        tree.extend(parents.iter().filter(|(_, its)| *its == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    tree.into_iter().filter_map(held).collect()
}

fn held(pid: u32) -> Option<Held> {
    let megabytes = |name| Some(f64::from(field(&format!("/proc/{pid}/smaps_rollup"), name)?) * 1_024.0 / 1e6);
    Some(Held {
        name: name(pid)?,
        total: megabytes("Pss:")?,
        own: megabytes("Pss_Anon:")?,
        files: megabytes("Pss_File:")?,
    })
}

/// Every process with its parent.
fn parents() -> Vec<(u32, u32)> {
    let processes = std::fs::read_dir("/proc").expect("a Linux system").flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    // A process may end while it is looked at.
    pids.filter_map(|pid| Some((pid, field(&format!("/proc/{pid}/status"), "PPid:")?))).collect()
}

fn name(pid: u32) -> Option<String> {
    let program = std::fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    Some(Path::file_name(&program)?.to_string_lossy().into_owned())
}

fn field(file: &str, name: &str) -> Option<u32> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_children_is_counted() {
        let alone = of_tree(std::process::id());
        assert_eq!(alone.len(), 1);
        assert!(alone[0].total > 0.5 && alone[0].own > 0.0 && alone[0].files > 0.0, "{alone:?}");
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let both = of_tree(std::process::id());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(both.len() > alone.len(), "{both:?}");
    }
}
