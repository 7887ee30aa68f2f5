//! What the system says of a process.

use std::fs;

use db::{Db, Dialect, Error, args};

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

/// Bytes of a database without its log, which is as long as its last peak.
pub(crate) async fn disk_bytes(db: &Db) -> f64 {
    let bytes: Result<i64, Error> = db
        .read(|tx| {
            Box::pin(async move {
                let sql = match tx.dialect() {
                    Dialect::Sqlite => {
                        "SELECT page_count * page_size AS bytes
                           FROM pragma_page_count, pragma_page_size"
                    }
                    Dialect::Postgres => "SELECT pg_database_size(current_database()) AS bytes",
                };
                let row = tx.row(sql, args![]).await?;
                row.map_or(Ok(0), |r| r.get("bytes"))
            })
        })
        .await;
    #[expect(clippy::cast_precision_loss, reason = "a figure")]
    let bytes = bytes.expect("ask the database") as f64;
    bytes
}
