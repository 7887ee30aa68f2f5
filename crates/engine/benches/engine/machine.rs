//! What the system says of a process.

use std::fs;

/// Resident memory of this process, KiB.
pub(crate) fn resident_kib() -> i64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    number(&status, "VmRSS:").unwrap_or(0)
}

/// User and system time of this process, milliseconds. See proc(5), `stat`: fields 14 and 15, in
/// hundredths of a second.
pub(crate) fn cpu_ms() -> i64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<i64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .map(|f| f.parse().unwrap_or(0))
        .collect();
    let field = |n: usize| fields.get(n - 3).copied().unwrap_or(0);
    (field(14) + field(15)) * 10
}

/// How often the threads of a process have gone to sleep of themselves.
pub(crate) fn sleeps(pid: u32) -> i64 {
    fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|t| fs::read_to_string(t.path().join("status")).ok())
        .filter_map(|s| number(&s, "voluntary_ctxt_switches:"))
        .sum()
}

fn number(status: &str, name: &str) -> Option<i64> {
    let rest = status.lines().find_map(|l| l.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Bytes of a SQLite database on the disk, its log included.
#[expect(clippy::cast_precision_loss, reason = "a figure")]
pub(crate) fn disk_bytes(db: &db::Db) -> f64 {
    let Some(path) = db.path() else { return 0.0 };
    ["", "-wal"]
        .iter()
        .filter_map(|end| fs::metadata(format!("{}{end}", path.display())).ok())
        .map(|m| m.len() as f64)
        .sum()
}
