//! A TCP listener with a bound on the connections open at once, and on how long one may be silent.
//!
//! Over the bound, new ones wait in the system's backlog; a machine that opens thousands cannot
//! exhaust the files the journal and the serial lines need. Silent ones are closed, so that those
//! who opened them and went away do not keep the places.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// A listener that has at most so many connections open.
pub(super) struct Limited {
    listener: TcpListener,
    places: Arc<Semaphore>,
    silent_max: Duration,
}

impl Limited {
    /// At most `connections_max` connections, none of them silent for `silent_max` in both
    /// directions; streams of events are kept alive by their comments.
    pub(super) fn new(listener: TcpListener, connections_max: usize, silent_max: Duration) -> Self {
        Self { listener, places: Arc::new(Semaphore::new(connections_max)), silent_max }
    }
}

impl Listener for Limited {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // The semaphore is never closed; if it were, the bound would be gone but the pages not.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        // The listener of axum waits out a process that has too many files open.
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // A call must not wait for the screen's acknowledgement of the last one.
        let _ = stream.set_nodelay(true);
        let silence = Box::pin(sleep(self.silent_max));
        (Connection { stream, silence, silent_max: self.silent_max, _place: place }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that frees its place when it ends.
pub(super) struct Connection {
    stream: TcpStream,
    /// Ends when nothing was read or written for `silent_max`.
    silence: Pin<Box<Sleep>>,
    silent_max: Duration,
    _place: Option<OwnedSemaphorePermit>,
}

impl Connection {
    /// Let bytes that moved begin a new silence, and a silence too long end the connection.
    fn heed<T>(&mut self, context: &mut Context<'_>, moved: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if moved.is_ready() {
            self.silence.as_mut().reset(Instant::now() + self.silent_max);
            return moved;
        }
        self.silence.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let moved = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.heed(context, moved)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.heed(context, moved)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.heed(context, moved)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn over_the_bound_a_connection_waits_for_a_place() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut limited = Limited::new(listener, 1, Duration::from_secs(60));
        let _clients =
            [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
        let (first, _) = limited.accept().await;
        assert_eq!(limited.places.available_permits(), 0);
        tokio::select! {
            biased;
            _ = limited.accept() => panic!("there was no place"),
            () = std::future::ready(()) => {}
        }
        drop(first);
        limited.accept().await;
    }

    #[tokio::test]
    async fn a_silent_connection_is_closed() {
        use tokio::io::AsyncReadExt;

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut limited = Limited::new(listener, 1, Duration::from_millis(1));
        let (mut silent, _) = limited.accept().await;
        let ended = tokio::time::timeout(Duration::from_secs(20), silent.read_u8()).await.unwrap();
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
