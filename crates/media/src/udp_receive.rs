//! Receiving datagrams, many at a time.

use std::{
    io::{self, IoSliceMut},
    net::{IpAddr, SocketAddr},
};

use quinn_udp::{BATCH_SIZE, RecvMeta};

use crate::udp_socket::UdpPort;

/// What one buffer may take: the most that the kernel joins of one sender's datagrams (UDP GRO), which is one IP packet.
const BUFFER_BYTES: usize = 65_536;

/// Where datagrams are received into. One serves all sockets of a shard.
pub(crate) struct ReceiveBuffers {
    bytes: Vec<u8>,
    meta: Vec<RecvMeta>,
}

impl ReceiveBuffers {
    pub(crate) fn new() -> Self {
        // Pages that are never written cost nothing, and most buffers are never filled.
        Self { bytes: vec![0; BUFFER_BYTES * BATCH_SIZE], meta: vec![RecvMeta::default(); BATCH_SIZE] }
    }

    /// Receives what is there, up to a batch, and gives each datagram to `each` with its source and the local address that it
    /// came to. How many there were; 0: there is nothing to read.
    pub(crate) fn receive(
        &mut self,
        port: &UdpPort,
        mut each: impl FnMut(SocketAddr, Option<IpAddr>, &[u8]),
    ) -> io::Result<u64> {
        let mut slices: Vec<IoSliceMut<'_>> = self.bytes.chunks_exact_mut(BUFFER_BYTES).map(IoSliceMut::new).collect();
        let received = match port.state.recv(port.socket(), &mut slices, &mut self.meta) {
            Ok(received) => received,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                return Ok(0);
            }
            Err(error) => return Err(error),
        };
        let mut datagrams = 0;
        for (meta, buffer) in self.meta[..received].iter().zip(slices.iter()) {
            // An empty datagram has no stride; nothing is to be done with it.
            let stride = meta.stride.max(1);
            for datagram in buffer[..meta.len].chunks(stride) {
                datagrams += 1;
                each(meta.addr, meta.dst_ip, datagram);
            }
        }
        // A batch of only empty datagrams is still a batch.
        Ok(datagrams.max(received as u64))
    }
}
