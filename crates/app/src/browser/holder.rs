//! Which program listens on a port.

/// The name and process id of the program that listens on a port of the loopback address, where
/// the system lets us know (Linux: `/proc`, and only programs of the same user).
pub(super) fn of(port: u16) -> Option<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let inode = tables
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .find_map(|table| table.lines().find_map(|line| listening(line, port)))?;
    let wanted = format!("socket:[{inode}]");
    let processes = std::fs::read_dir("/proc").ok()?;
    processes.flatten().find_map(|process| {
        let folder = process.path();
        let id: u32 = folder.file_name()?.to_str()?.parse().ok()?;
        let holds = std::fs::read_dir(folder.join("fd"))
            .ok()?
            .flatten()
            .filter_map(|fd| std::fs::read_link(fd.path()).ok())
            .any(|target| target.to_str() == Some(wanted.as_str()));
        let name = std::fs::read_to_string(folder.join("comm")).ok()?;
        holds.then(|| format!("“{}” (process {id})", name.trim()))
    })
}

/// The inode of a socket that listens on `port`, from a line of proc_pid_net(5): the local address
/// in hexadecimal is the second column, the state (0A: listening) the fourth, the inode the tenth.
fn listening(line: &str, port: u16) -> Option<u64> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let (_, local) = columns.get(1)?.rsplit_once(':')?;
    let is_port = u16::from_str_radix(local, 16).is_ok_and(|p| p == port);
    if !is_port || columns.get(3) != Some(&"0A") {
        return None;
    }
    columns.get(9)?.parse().ok()
}
