//! What a reading process writes, message by message, with a limit on all of it.

use crate::knowledge::parsing::isolated::exchange::Message;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::process::ChildStdout;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

/// Messages that wait for whoever takes them; then the process waits.
const MESSAGES_AHEAD: usize = 16;
/// A document of a million letters with all that JSON needs around them.
const MAX_LINE_BYTES: u64 = 32 * 1024 * 1024;

pub struct Output {
    messages: Receiver<Received>,
}

pub enum Received {
    Message(Box<Message>),
    /// It wrote nothing in time.
    Nothing,
    /// More than the limit.
    TooMuch,
    /// It wrote nothing more, or something else than messages.
    End,
}

impl Output {
    /// Reads on a thread of its own, which ends with the output.
    pub fn of(output: Option<ChildStdout>, max_bytes: u64) -> Output {
        let (sender, messages) = sync_channel(MESSAGES_AHEAD);
        if let Some(output) = output {
            std::thread::spawn(move || send_messages(output, max_bytes, &sender));
        }
        Output { messages }
    }

    pub fn next(&self, patience: Duration) -> Received {
        match self.messages.recv_timeout(patience) {
            Ok(received) => received,
            Err(RecvTimeoutError::Timeout) => Received::Nothing,
            Err(RecvTimeoutError::Disconnected) => Received::End,
        }
    }
}

fn send_messages(output: ChildStdout, max_bytes: u64, sender: &SyncSender<Received>) {
    let mut output = BufReader::new(output);
    let mut left = max_bytes;
    let mut line = Vec::new();
    loop {
        line.clear();
        let limit = left.min(MAX_LINE_BYTES);
        let count = output.by_ref().take(limit).read_until(b'\n', &mut line);
        let received = match (count, serde_json::from_slice(&line)) {
            (Ok(1..), Ok(message)) => Received::Message(Box::new(message)),
            (Ok(count), Err(_)) if count as u64 == limit => Received::TooMuch,
            _ => Received::End,
        };
        left = left.saturating_sub(line.len() as u64);
        let is_last = !matches!(received, Received::Message(_));
        if sender.send(received).is_err() || is_last {
            return;
        }
    }
}
