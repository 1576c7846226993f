//! Waiting for sockets and the bell.

use std::{os::fd::AsFd, time::Duration};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, ppoll},
    sys::time::TimeSpec,
};

use crate::{mailbox::Bell, udp_socket::UdpPort};

/// The longest wait, so that a shard without work looks after its house from time to time.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(1);

/// Waits until a socket can be read, the bell rings, or `timeout` is over. For which of the sockets there is something to read.
pub(crate) fn wait(ports: &[UdpPort], bell: &Bell, timeout: Duration, readable: &mut Vec<bool>) -> Result<(), Errno> {
    // `ppoll`, because its timeout is finer than a millisecond: the engine paces packets.
    let mut interests: Vec<PollFd<'_>> =
        ports.iter().map(|port| PollFd::new(port.as_fd(), PollFlags::POLLIN)).collect();
    interests.push(PollFd::new(bell.as_fd(), PollFlags::POLLIN));
    let result = ppoll(&mut interests, Some(TimeSpec::from_duration(timeout.min(WAIT_MAX))), None);
    readable.clear();
    match result {
        Ok(_) => readable.extend(interests[..ports.len()].iter().map(|interest| interest.any().unwrap_or(true))),
        // A signal was handled; whatever there is will be seen by the next wait.
        Err(Errno::EINTR) => readable.resize(ports.len(), false),
        Err(error) => return Err(error),
    }
    Ok(())
}
