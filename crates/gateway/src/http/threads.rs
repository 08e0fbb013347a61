//! The threads that serve connections. Each has a runtime and a poll of its own, and a connection stays with its thread:
//! requests do not change processors between their first byte and their last, and no thread has to wake another
//! to get one served, which on a busy machine costs more than the request itself.

use std::io;
use std::thread::JoinHandle;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// Threads by number; without any, the one place is the runtime of whoever has started them.
pub(super) struct ConnectionThreads {
    threads: Vec<ConnectionThread>,
    around: Handle,
}

struct ConnectionThread {
    runtime: Handle,
    /// Dropped to end it.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ConnectionThreads {
    /// Starts so many threads. Needs a tokio runtime around it.
    pub(super) fn start(count: usize) -> io::Result<Self> {
        let threads = (0..count).map(ConnectionThread::start).collect::<io::Result<_>>()?;
        Ok(ConnectionThreads { threads, around: Handle::current() })
    }

    /// In how many places connections can be served.
    pub(super) fn count(&self) -> usize {
        self.threads.len().max(1)
    }

    /// Begins a task on a thread.
    pub(super) fn spawn(
        &self,
        thread: usize,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> tokio::task::JoinHandle<()> {
        self.threads.get(thread).map_or(&self.around, |thread| &thread.runtime).spawn(task)
    }
}

impl ConnectionThread {
    fn start(number: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name(format!("connections-{number}")).spawn(move || {
            // It resolves when the sender is dropped.
            let _ended = runtime.block_on(stopped);
        })?;
        Ok(ConnectionThread { runtime: handle, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for ConnectionThread {
    fn drop(&mut self) {
        drop(self.stop.take());
        // Whoever drops the last connection from within a thread can't wait for that thread.
        if let Some(thread) =
            self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id())
        {
            // A thread that panicked has nothing left to say.
            drop(thread.join());
        }
    }
}
