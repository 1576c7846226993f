//! A relay that only passes bytes on: what it costs to be in between, whatever is done there.

use std::{io::Result, sync::mpsc};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

/// Starts one on a thread of its own, in front of this port, and returns its port.
pub fn start(to: u16) -> Result<u16> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            if sender.send(listener.local_addr()?.port()).is_err() {
                return Ok(());
            }
            loop {
                let (near, _) = listener.accept().await?;
                tokio::spawn(pass_on(near, to));
            }
        })
    });
    receiver.recv().map_err(std::io::Error::other)
}

async fn pass_on(mut near: TcpStream, to: u16) -> Result<()> {
    let mut far = TcpStream::connect(("127.0.0.1", to)).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    copy_bidirectional(&mut near, &mut far).await?;
    Ok(())
}
