//! Whose program is at the other end of a connection over loopback.

use std::net::{IpAddr, SocketAddr};

/// Whether a connection to a port of ours is another user's, as far as the system tells. Root, who can do anything, counts
/// as this user: a relay of the system's own stands between where this is a guest in another system.
pub(crate) async fn is_anothers(client: SocketAddr, port: u16) -> bool {
    let ours = rustix::process::geteuid().as_raw();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        // Only Linux has these tables. They list every open connection with the user whose it is.
        let Ok(table) = tokio::fs::read_to_string(table).await else { continue };
        if let Some(user) = user_of(&table, client, port) {
            return user != ours && user != 0;
        }
    }
    false
}

/// The user of the end of a connection that has the address `client`, with a port of ours at the other end.
fn user_of(table: &str, client: SocketAddr, port: u16) -> Option<u32> {
    let client = [written(client.ip(), client.port()), mapped(client.ip(), client.port())];
    let port = format!(":{port:04X}");
    table.lines().find_map(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let (local, remote) = (columns.next()?, columns.next()?);
        // State, queues, timer and retransmissions stand between.
        let user = columns.nth(4)?;
        (client.iter().any(|client| client == local) && remote.ends_with(&port)).then(|| user.parse().ok())?
    })
}

/// An address as the table writes it: words of 32 bits in this machine's order of bytes.
fn written(address: IpAddr, port: u16) -> String {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let words = octets.as_chunks::<4>().0.iter().map(|word| format!("{:08X}", u32::from_ne_bytes(*word)));
    format!("{}:{port:04X}", words.collect::<String>())
}

/// The same for a program that speaks IPv4 through a socket of IPv6.
fn mapped(address: IpAddr, port: u16) -> String {
    match address {
        IpAddr::V4(address) => written(IpAddr::V6(address.to_ipv6_mapped()), port),
        IpAddr::V6(_) => written(address, port),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    /// As a machine with the least significant byte first writes it.
    #[cfg(target_endian = "little")]
    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:12C1 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 101 1 0 100 0 0 10 0
   1: 0100007F:12C1 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 102 1 0 20 4 30 10 -1
   2: 0100007F:9C40 0100007F:12C1 01 00000000:00000000 00:00000000 00000000 65534        0 103 1 0 20 4 30 10 -1
   3: 0100007F:9C41 0100007F:0050 01 00000000:00000000 00:00000000 00000000  1001        0 104 1 0 20 4 30 10 -1
   4: 0000000000000000FFFF00000100007F:9C42 0000000000000000FFFF00000100007F:12C1 01 00000000:00000000 00:00000000 00000000  1002 0 105
   5: 00000000000000000000000001000000:9C43 00000000000000000000000001000000:12C1 01 00000000:00000000 00:00000000 00000000  1003 0 106
";

    #[test]
    #[cfg(target_endian = "little")]
    fn the_user_stands_beside_the_clients_end() {
        let user = |client: &str| user_of(TABLE, client.parse().unwrap(), 4801);
        assert_eq!(user("127.0.0.1:40000"), Some(65534));
        assert_eq!(user("127.0.0.1:40001"), None, "that is a connection to another port");
        assert_eq!(user("127.0.0.1:40002"), Some(1002), "IPv4 by way of IPv6");
        assert_eq!(user("[::1]:40003"), Some(1003));
        assert_eq!(user("127.0.0.2:40000"), None);
    }

    #[tokio::test]
    async fn what_this_program_opened_is_not_anothers() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let _client = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let (_server, client) = listener.accept().await.unwrap();
        assert!(!is_anothers(client, port).await);
        #[cfg(target_os = "linux")]
        {
            let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
            let ours = rustix::process::geteuid().as_raw();
            assert_eq!(user_of(&table, client, port), Some(ours), "the connection is in the table: {table}");
        }
    }
}
