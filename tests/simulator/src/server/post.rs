//! Posts webhooks: every event that happens goes out, and again, on the simulator's clock.

use super::Shared;
use crate::http::{Answer, Request};
use crate::page;
use crate::payjunction::EventKind;
use crate::webhooks::{Delivery, Outbox, Sender, Subscription};
use serde::Serialize;
use serde_json::json;
use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// How often the clouds are asked for news.
const LOOK: Duration = Duration::from_millis(20);

/// What became of one post.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Posted {
    pub sender: Sender,
    pub at_ms: u64,
    pub event_id: String,
    pub kind: String,
    pub attempt: u32,
    /// The HTTP status. `None`: no connection, or no answer in time.
    pub status: Option<u16>,
}

/// `POST /_simulator/webhook` says where PayJunction's events go, `/_simulator/ebizcharge/webhook` and
/// `/_simulator/justifi/webhook` where theirs do. `GET /_simulator/webhook` tells what became of them all.
pub(super) fn ask(shared: &Shared, request: &Request) -> Option<Answer> {
    let sender = match request.path.as_str() {
        "/_simulator/webhook" | "/_simulator/payjunction/webhook" => Sender::Payjunction,
        "/_simulator/ebizcharge/webhook" => Sender::Ebizcharge,
        "/_simulator/justifi/webhook" => Sender::Justifi,
        _ => return None,
    };
    if request.method == "GET" {
        let posted = shared.posted.lock().unwrap_or_else(PoisonError::into_inner);
        return Some(Answer::json(200, &json!({"posted": *posted})));
    }
    Some(page::refusal(request).unwrap_or_else(|| match serde_json::from_slice::<Subscription>(&request.body) {
        Ok(to) if to.url.starts_with("http://") => {
            shared.subscribe(sender, to);
            page::say(200, "done")
        }
        Ok(_) => page::say(400, "url: must begin with http://"),
        Err(error) => page::say(400, &error.to_string()),
    }))
}

impl Shared {
    pub(super) fn subscribe(&self, sender: Sender, to: Subscription) {
        let mut boxes = self.outboxes.lock().unwrap_or_else(PoisonError::into_inner);
        boxes.retain(|outbox| outbox.sender != sender);
        let outbox = Outbox::new(sender, to);
        match sender {
            Sender::Payjunction => {
                let mut cloud = self.lock();
                cloud.advance(self.now_ms());
                cloud.subscribe(EventKind::PRESENT);
            }
            Sender::Ebizcharge => {
                let mut cloud = self.lock_ebizcharge();
                cloud.advance(self.now_ms());
                cloud.subscribe();
            }
            Sender::Justifi => {
                let mut cloud = self.lock_justifi();
                cloud.advance(self.now_ms());
                cloud.subscribe();
            }
        }
        boxes.push(outbox);
    }
}

/// Runs as long as the server.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        sleep(LOOK).await;
        for delivery in due(&shared) {
            tokio::spawn(post(Arc::clone(&shared), delivery));
        }
    }
}

/// A post that is to be made now.
struct Due {
    sender: Sender,
    url: String,
    headers: Vec<(&'static str, String)>,
    delivery: Delivery,
}

fn due(shared: &Shared) -> Vec<Due> {
    let now = shared.now_ms();
    let mut boxes = shared.outboxes.lock().unwrap_or_else(PoisonError::into_inner);
    let mut found = Vec::new();
    for outbox in boxes.iter_mut() {
        collect(shared, outbox, now);
        let (sender, to) = (outbox.sender, outbox.subscription.clone());
        found.extend(outbox.take_due(now).into_iter().map(|delivery| {
            let headers = sender.headers(&to.secret, &delivery.event.body, shared.epoch_ms + now);
            Due { sender, url: to.url.clone(), headers, delivery }
        }));
    }
    found
}

/// What has happened in the vendor's cloud meanwhile.
fn collect(shared: &Shared, outbox: &mut Outbox, now: u64) {
    let events = match outbox.sender {
        Sender::Payjunction => {
            let mut cloud = shared.lock();
            cloud.advance(now);
            cloud.take_events()
        }
        Sender::Ebizcharge => {
            let mut cloud = shared.lock_ebizcharge();
            cloud.advance(now);
            cloud.take_events()
        }
        Sender::Justifi => {
            let mut cloud = shared.lock_justifi();
            cloud.advance(now);
            cloud.take_events()
        }
    };
    events.into_iter().for_each(|event| outbox.push(now, event));
}

async fn post(shared: Arc<Shared>, due: Due) {
    let (connect, answer) = due.sender.patience_ms();
    let status = speak(&due, Duration::from_millis(connect), Duration::from_millis(answer)).await.ok();
    let now = shared.now_ms();
    let mut boxes = shared.outboxes.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(outbox) = boxes.iter_mut().find(|outbox| outbox.sender == due.sender) {
        outbox.answered(now, &due.delivery, status);
    }
    drop(boxes);
    let Delivery { event, attempt, .. } = due.delivery;
    let posted = Posted { sender: due.sender, at_ms: now, event_id: event.id, kind: event.kind, attempt, status };
    shared.posted.lock().unwrap_or_else(PoisonError::into_inner).push(posted);
}

async fn speak(due: &Due, connect: Duration, answer: Duration) -> io::Result<u16> {
    let rest = due.url.strip_prefix("http://").ok_or(io::ErrorKind::InvalidInput)?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = timeout(connect, TcpStream::connect(host)).await??;
    let mut message = format!("POST /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n").into_bytes();
    for (name, value) in &due.headers {
        message.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    message.extend(format!("Content-Length: {}\r\n\r\n", due.delivery.event.body.len()).into_bytes());
    message.extend(&due.delivery.event.body);
    timeout(answer, async {
        stream.write_all(&message).await?;
        let mut head = Vec::new();
        while !head.contains(&b'\n') && head.len() < 4096 {
            if stream.read_buf(&mut head).await? == 0 {
                break;
            }
        }
        let line = String::from_utf8_lossy(&head);
        let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1)?.parse().ok());
        status.ok_or(io::Error::from(io::ErrorKind::InvalidData))
    })
    .await?
}
