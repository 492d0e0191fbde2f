//! Memory of a program and all that it started: proportional set size, so that shared pages are counted once among those who share.

use std::path::Path;

/// Megabytes (of 1,000,000 bytes) of each process, by its name, the program itself first.
pub fn of_tree(root: u32) -> Vec<(String, f64)> {
    let mut tree = vec![root];
    let parents = parents();
    let mut next = 0;
    while let Some(parent) = tree.get(next).copied() {
        tree.extend(parents.iter().filter(|(_, its)| *its == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    tree.into_iter().filter_map(|pid| Some((name(pid)?, pss(pid)?))).collect()
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

fn pss(pid: u32) -> Option<f64> {
    let kibibytes = field(&format!("/proc/{pid}/smaps_rollup"), "Pss:")?;
    Some(f64::from(kibibytes) * 1_024.0 / 1e6)
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
        assert!(alone[0].1 > 0.5, "{alone:?}");
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let both = of_tree(std::process::id());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(both.len() > alone.len(), "{both:?}");
    }
}
